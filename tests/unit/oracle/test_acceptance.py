"""Every law at three points, with a wave, a bump and a kink: a ball at 30 digits, or the reason.

The first point is ordinary, the others are extremes.

`python tests/unit/oracle/test_acceptance.py` prints the table: levels, routes and times.
"""

from __future__ import annotations

import os
import re
import sys
from fractions import Fraction
from time import perf_counter

import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle import exact
from fsb_oracle.oracle.single_routes import SINGLE_ROUTE

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
DIGITS = 30
WAVE, BUMP, KINK = "sin(2*z)", "exp(-z**2)", "Max(z - 1/2, 0)"
COVARIANCES = ("[[1, 0.3], [0.3, 2]]", "[[1e-6, 0], [0, 1e4]]", "[[1, 0.999], [0.999, 1]]")

POINTS: dict[str, list[dict[str, str]]] = {
    "normal": [{"loc": x, "scale": s} for x, s in (("0.3", "0.8"), ("0", "1e-6"), ("-2", "1e4"))],
    "laplace": [{"loc": x, "scale": s} for x, s in (("0.3", "1.2"), ("0", "1e-4"), ("1", "1e3"))],
    "gamma": [{"concentration": k, "rate": "1"} for k in ("2.5", "1e-6", "1e9")],
    "beta": [{"concentration1": a, "concentration0": b} for a, b in (("2", "3"), ("1e-4", "1e-4"), ("1e6", "2e6"))],
    "dirichlet": [{"concentration": c} for c in ("[1, 2, 3]", "[0.001, 0.01, 0.1]", "[1e5, 2e5, 3e5]")],
    "exponential": [{"rate": r} for r in ("1.3", "1e-4", "1e4")],
    "chi2": [{"df": df} for df in ("3", "0.01", "1e4")],
    "uniform": [{"low": a, "high": b} for a, b in (("-0.4", "1.7"), ("0", "1e-6"), ("-1000", "1000"))],
    "logistic": [{"loc": x, "scale": s} for x, s in (("0.3", "0.9"), ("0", "1e-3"), ("1", "100"))],
    "gumbel": [{"loc": x, "scale": s} for x, s in (("0.3", "0.9"), ("0", "1e-3"), ("1", "100"))],
    "cauchy": [{"loc": x, "scale": s} for x, s in (("0.3", "0.8"), ("0", "1e-3"), ("1", "100"))],
    "student_t": [{"df": df, "loc": "0.2", "scale": "1"} for df in ("4.5", "0.1", "1000")],
    "von_mises": [{"loc": "0.5", "concentration": k} for k in ("2", "1e-3", "1e4")],
    "inverse_gaussian": [{"loc": m, "concentration": k} for m, k in (("1.5", "2"), ("1", "1e-3"), ("2", "1e4"))],
    "inverse_gamma": [{"concentration": k, "rate": "2"} for k in ("3", "0.1", "1000")],
    "weibull": [{"scale": "1.2", "concentration": k} for k in ("1.5", "0.1", "20")],
    "lognormal": [{"loc": "0.2", "scale": s} for s in ("0.5", "3", "0.01")],
    "pareto": [{"scale": "1", "alpha": a} for a in ("2.5", "0.1", "50")],
    "bernoulli": [{"probs": p} for p in ("0.3", "1e-6", "0.999999")],
    "categorical": [{"logits": x} for x in ("[0.1, -0.4, 0.7]", "[30, -30]", "[0, 0, 0, 0, 100]")],
    "binomial": [{"total_count": n, "probs": p} for n, p in (("12", "0.3"), ("1000000", "1e-6"), ("1", "0.999"))],
    "poisson": [{"rate": r} for r in ("2.5", "1e-3", "1e6")],
    "geometric": [{"probs": p} for p in ("0.3", "0.999", "1e-3")],
    "negative_binomial": [
        {"total_count": n, "probs": p} for n, p in (("2.5", "0.4"), ("0.01", "1e-3"), ("2.5", "0.999"))
    ],
    "multinomial": [
        {"total_count": n, "logits": x} for n, x in (("4", "[0.1, -0.4, 0.7]"), ("1", "[20, -20]"), ("30", "[0, 1]"))
    ],
    "dirichlet_multinomial": [
        {"total_count": n, "concentration": a}
        for n, a in (("4", "[1.5, 2, 0.7]"), ("3", "[0.001, 0.01, 0.1]"), ("30", "[1e5, 2e5]"))
    ],
    "beta_binomial": [
        {"total_count": n, "concentration1": a, "concentration0": b}
        for n, a, b in (("4", "1.5", "0.7"), ("5", "0.001", "0.01"), ("30", "1e5", "2e5"))
    ],
    "skellam": [{"rate1": a, "rate2": b} for a, b in (("2", "1.5"), ("1e-3", "5"), ("1e3", "1e3"))],
    "multivariate_normal": [{"loc": "[0.1, -0.2]", "covariance_matrix": c} for c in COVARIANCES],
    "multivariate_student_t": [
        {"df": df, "loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.2]]"} for df in ("4.5", "0.5", "1000")
    ],
    "multivariate_laplace": [{"loc": "[0.1, -0.2]", "covariance_matrix": c} for c in COVARIANCES],
    "asymmetric_multivariate_laplace": [
        {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": c} for c in COVARIANCES
    ],
    "multivariate_poisson": [
        {"rates": r, "shared_rate": s} for r, s in (("[1.5, 2]", "0.7"), ("[0.001, 5]", "0.01"), ("[30, 1]", "4"))
    ],
    "wishart": [{"df": df, "covariance_matrix": "[[1, 0.3], [0.3, 2]]"} for df in ("4", "1.01", "1000")],
    "stable": [
        {"alpha": a, "beta": b, "loc": "0.2", "scale": "1"} for a, b in (("1.5", "0.5"), ("0.3", "1"), ("1.9", "-0.9"))
    ],
    "tempered_stable": [
        {"alpha": a, "intensity": "1", "rate": r} for a, r in (("0.5", "1"), ("0.1", "10"), ("1.9", "0.5"))
    ],
    "cgmy": [
        {"alpha": a, "intensity": "1", "rate1": m, "rate0": g}
        for a, m, g in (("0.5", "1", "2"), ("0.1", "10", "1"), ("1.9", "0.5", "3"))
    ],
    "variance_gamma": [
        {"loc": "0.2", "drift": d, "scale": "0.8", "variance_rate": n}
        for d, n in (("0.5", "0.6"), ("-3", "10"), ("0", "0.01"))
    ],
    "normal_inverse_gaussian": [
        {"loc": "0.2", "scale": s, "tailweight": t, "skewness": k}
        for s, t, k in (("0.8", "1.5", "0.6"), ("1", "10", "-9.99"), ("0.01", "0.1", "0"))
    ],
    "noncentral_chi2": [{"df": df, "noncentrality": n} for df, n in (("3", "2"), ("0.1", "0.01"), ("10", "100"))],
    "compound_poisson": [
        {"rate": r, "jump": j}
        for r, j in (
            ("1.5", "normal(loc=0, scale=1)"),
            ("0.001", "gamma(concentration=2.5, rate=1)"),
            ("40", "exponential(rate=3)"),
        )
    ],
    "mixture": [
        {"logits": x, "components": c}
        for x, c in (
            ("[0.3, -0.4]", "[normal(loc=-1, scale=1), normal(loc=1, scale=1)]"),
            ("[30, -30]", "[normal(loc=0, scale=0.01), laplace(loc=10, scale=5)]"),
            ("[0, 1]", "[student_t(df=2.5, loc=0, scale=1), gamma(concentration=0.01, rate=1)]"),
        )
    ],
    "half_cauchy": [{"scale": s} for s in ("0.8", "0.001", "1000")],
    "fisher_snedecor": [{"df1": m, "df2": n} for m, n in (("3", "9"), ("0.2", "0.6"), ("1000", "7"))],
    "continuous_bernoulli": [{"probs": p} for p in ("0.3", "0.499999", "1e-6")],
    "truncated_normal": [
        {"loc": "0.3", "scale": "0.8", "low": a, "high": b} for a, b in (("-1", "1.5"), ("8", "9"), ("-20", "20"))
    ],
    "generalized_pareto": [{"loc": "0.4", "scale": "0.8", "concentration": c} for c in ("0.2", "3", "0.001")],
    "relaxed_bernoulli": [{"temperature": t, "probs": p} for t, p in (("0.5", "0.6"), ("0.1", "0.3"), ("5", "0.999"))],
    "logit_normal": [{"loc": x, "scale": s} for x, s in (("0.3", "0.5"), ("-4", "3"), ("1", "0.01"))],
    "lkj": [{"concentration": c} for c in ("1.5", "0.05", "300")],
    "log_uniform": [{"low": a, "high": b} for a, b in (("0.4", "1.7"), ("1", "1.000001"), ("0.001", "1000"))],
    "maxwell": [{"scale": x} for x in ("0.8", "1e-3", "100")],
    "generalized_gamma": [
        {"scale": "0.8", "concentration": k, "power": p} for k, p in (("1.5", "0.7"), ("0.1", "1"), ("30", "3"))
    ],
    "levy": [{"loc": x, "scale": c} for x, c in (("0.3", "0.8"), ("-2", "0.01"), ("1", "50"))],
    "tweedie": [
        {"rate": r, "jump_concentration": k, "jump_rate": b}
        for r, k, b in (("1.5", "0.7", "2"), ("0.001", "5", "0.1"), ("40", "0.01", "3"))
    ],
    "dirac": [{"loc": x} for x in ("0.3", "-1e6", "1e-9")],
}

# what cannot be answered, and why: a pattern of the sentence
REFUSED: dict[tuple[str, str], str] = {
    ("von_mises", BUMP): "2 pi-periodic",
    ("von_mises", KINK): "2 pi-periodic",
    ("cauchy", KINK): "does not exist for cauchy",
    ("student_t df=0.1", KINK): "does not exist for student_t with df=0.1",
    ("inverse_gamma concentration=0.1", KINK): "does not exist for inverse_gamma with concentration=0.1",
    ("pareto scale=1,alpha=0.1", KINK): "does not exist for pareto with scale=1,alpha=0.1",
    ("stable alpha=0.3", KINK): "does not exist for stable with alpha=0.3",
    ("levy", KINK): "does not exist for levy",
    # neither the contour nor the mixture over a gamma law of concentration 0.1 converges
    ("variance_gamma loc=0.2,drift=-3", KINK): "cannot be computed for variance_gamma",
    ("half_cauchy", KINK): "does not exist for half_cauchy",
    ("fisher_snedecor df1=0.2", KINK): "does not exist for fisher_snedecor with df1=0.2",
    ("generalized_pareto loc=0.4,scale=0.8,concentration=3", KINK): "does not exist for generalized_pareto",
    ("multivariate_student_t df=0.5", KINK): "does not exist for multivariate_student_t with df=0.5",
}

CELLS = [(family, point, f) for family, points in POINTS.items() for point in points for f in (WAVE, BUMP, KINK)]


def text_of(point: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in point.items())


def integrand_of(family: str, f: str) -> str:
    """f itself; of the first coordinate where the sample has several."""
    first = {"dirichlet": "z0", "multinomial": "z0", "dirichlet_multinomial": "z0", "wishart": "z00"}.get(
        family, "z0" if "multivariate" in family else "z"
    )
    return re.sub(r"\bz\b", first, f)


def reason_for(family: str, point: dict[str, str], f: str) -> str | None:
    return next(
        (words for (law, g), words in REFUSED.items() if g == f and f"{family} {text_of(point)}".startswith(law)), None
    )


# by default every ordinary point, and a bump at the extremes; the deep profile takes all
CHOSEN = [cell for cell in CELLS if DEEP or cell[1] == POINTS[cell[0]][0] or cell[2] == BUMP]


@pytest.mark.parametrize(("family", "point", "f"), CHOSEN, ids=lambda x: text_of(x) if isinstance(x, dict) else x)
def test_a_ball_at_30_digits_or_the_reason(family, point, f):
    reason = reason_for(family, point, f)
    if reason is not None:
        with pytest.raises(UsageError, match=reason) as caught:
            exact(family, point, integrand_of(family, f), DIGITS)
        assert "\n" not in str(caught.value)
        return
    found = exact(family, point, integrand_of(family, f), DIGITS)
    for value in (found.expectation, *found.gradient.values()):
        assert value.reached
        size, radius = abs(Fraction(value.value)), Fraction(value.radius)
        # a value of 0 is 0 within a radius far below everything else
        assert radius <= size * Fraction(1, 10**DIGITS) or (size == 0 and radius < Fraction(1, 10**DIGITS))
        # what rests on a single route is said in words, by `explain`
        assert value.level > 1 or size == 0 or family in SINGLE_ROUTE


def _row(family: str, point: dict[str, str], f: str) -> str:
    g = integrand_of(family, f)
    started = perf_counter()
    try:
        found = exact(family, point, g, DIGITS)
    except UsageError as reason:
        return f"| {family} {text_of(point)} | `{g}` | {reason} | | |"
    seconds = perf_counter() - started
    values = {"E f": found.expectation, **found.gradient}
    levels = " ".join(str(value.level) for value in values.values())
    routes = sorted({route for value in values.values() for route in value.routes})
    short = [name for name, value in values.items() if not value.reached]
    remark = f" NOT REACHED: {', '.join(short)}" if short else ""
    return (
        f"| {family} {text_of(point)} | `{g}` | {found.expectation.value[:14]} | {levels}{remark} "
        f"| {', '.join(routes)} | {1e3 * seconds / len(values):.0f} |"
    )


if __name__ == "__main__":
    wanted = sys.argv[1:]
    print(
        "| law | f | E f, or the reason | levels | routes | ms a value, cold |\n| --- | --- | --- | --- | --- | --: |"
    )
    for cell in CELLS:
        if not wanted or cell[0] in wanted:
            print(_row(*cell), flush=True)
