"""Laws that libraries offer and that have no rules of their own: closed forms by mpmath, in value and gradient."""

import mpmath as mp
import pytest
from flint import arb
from scipy import stats

from fsb_oracle import exact
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.oracle.exact import routes_of
from fsb_oracle.oracle.law import entropy

from .conftest import cell


def _logit(p):
    return mp.log(p / (1 - p))


def _mean_between(loc, scale, low, high):
    a, b = (low - loc) / scale, (high - loc) / scale
    return loc + scale * (mp.npdf(a) - mp.npdf(b)) / (mp.ncdf(b) - mp.ncdf(a))


CASES = [
    ("half_cauchy", {"scale": "0.8"}, "1/(1 + z**2)", lambda scale: 1 / (1 + scale)),
    ("fisher_snedecor", {"df1": "3", "df2": "9"}, "z", lambda df1, df2: df2 / (df2 - 2) + 0 * df1),
    ("fisher_snedecor", {"df1": "0.2", "df2": "0.6"}, "log(z)",
     lambda m, n: mp.digamma(m / 2) - mp.digamma(n / 2) + mp.log(n / m)),
    ("continuous_bernoulli", {"probs": "0.3"}, "z", lambda p: p / (2 * p - 1) + 1 / (2 * mp.atanh(1 - 2 * p))),
    ("continuous_bernoulli", {"probs": "0.4999"}, "exp(z)",
     lambda p: _logit(p) / (2 * p - 1) * (mp.e * p - (1 - p)) / (1 + _logit(p))),
    ("truncated_normal", {"loc": "0.3", "scale": "0.8", "low": "-1", "high": "1.5"}, "z", _mean_between),
    ("truncated_normal", {"loc": "0", "scale": "1", "low": "-9", "high": "-8"}, "z", _mean_between),
    ("truncated_normal", {"loc": "0", "scale": "1", "low": "20", "high": "21"}, "z", _mean_between),
    ("truncated_normal", {"loc": "1", "scale": "0.5", "low": "-100", "high": "-9"}, "z", _mean_between),
    ("generalized_pareto", {"loc": "0.4", "scale": "0.8", "concentration": "0.2"}, "z",
     lambda loc, scale, c: loc + scale / (1 - c)),
    ("relaxed_bernoulli", {"temperature": "0.5", "probs": "0.6"}, "log(z) - log(1 - z)", lambda t, p: _logit(p) / t),
    ("logit_normal", {"loc": "0.3", "scale": "0.5"}, "log(z) - log(1 - z)", lambda loc, scale: loc + 0 * scale),
    ("logit_normal", {"loc": "-4", "scale": "3"}, "z/(1 - z)", lambda loc, scale: mp.exp(loc + scale**2 / 2)),
    ("lkj", {"concentration": "2.5"}, "z**2", lambda c: 1 / (2 * c + 1)),
    ("lkj", {"concentration": "0.3"}, "sin(9*z + 1)",
     lambda c: mp.sin(1) * mp.gamma(c + 0.5) * mp.mpf("4.5") ** (0.5 - c) * mp.besselj(c - 0.5, 9)),
    ("lkj", {"concentration": "2"}, "Max(z, 0)", lambda c: mp.gamma(c + 0.5) / (2 * c * mp.sqrt(mp.pi) * mp.gamma(c))),
    ("log_uniform", {"low": "0.4", "high": "1.7"}, "z", lambda a, b: (b - a) / mp.log(b / a)),
    ("log_uniform", {"low": "0.4", "high": "1.7"}, "log(z)", lambda a, b: (mp.log(a) + mp.log(b)) / 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "point", "f", "closed"), CASES, ids=[f"{c[0]}-{c[2]}-{i}" for i, c in enumerate(CASES)]
)
def test_the_ball_holds_the_closed_form(name, point, f, closed):
    found = exact(name, point, f, 25)
    with mp.workdps(260):  # 180 digits of the last truncated normal law's mass cancel
        at = [mp.mpf(value) for value in point.values()]
        truths = {"": closed(*at)} | {
            parameter: mp.diff(lambda x, i=i: closed(*(x if j == i else y for j, y in enumerate(at))), at[i])
            for i, parameter in enumerate(point)
        }
        for parameter, truth in truths.items():
            value = found.expectation if parameter == "" else found.gradient[parameter]
            allowed = mp.mpf(value.radius) + mp.mpf(10) ** -25 * max(abs(truth), 1)
            assert abs(mp.mpf(value.value) - truth) <= allowed, parameter or "E f"


def test_the_uniform_limit_of_the_continuous_bernoulli_law_is_refused():
    with pytest.raises(UsageError, match="probs other than 1/2"):
        exact("continuous_bernoulli", {"probs": "1/2"}, "z")


@pytest.mark.parametrize("parameter", ["loc", "scale", "low", "high"])
@pytest.mark.parametrize(("low", "high"), [("20", "21"), ("-40", "-39.5")])
def test_the_mass_far_out_in_a_tail_does_not_depend_on_its_parameters(low, high, parameter):
    """f = 1, by each route, with coarse tolerances too, at which a wrong bound would show."""
    asked = cell("truncated_normal", {"loc": "0", "scale": "1", "low": low, "high": high}, "1", parameter)
    for route in routes_of(asked):
        for digits in (-2, 0, 1, 3, 16):
            found = route.ball(digits, arb(1))
            assert found.is_finite() and found.contains(0), route.name


def test_beyond_the_digits_that_may_cancel_there_is_one_sentence():
    with pytest.raises(UsageError, match="cannot be computed for truncated_normal"):
        exact("truncated_normal", {"loc": "0", "scale": "1", "low": "1000", "high": "1001"}, "sin(z)")


@pytest.mark.parametrize(
    ("name", "at", "reference"),
    [
        ("von_mises", {"loc": "0.5", "concentration": "2.5"}, stats.vonmises(2.5)),
        ("von_mises", {"loc": "-1", "concentration": "0.001"}, stats.vonmises(0.001)),
        ("gamma", {"concentration": "2.5", "rate": "4"}, stats.gamma(2.5, scale=0.25)),
        ("student_t", {"df": "3", "loc": "0.4", "scale": "2"}, stats.t(3, scale=2)),
        ("bernoulli", {"probs": "0.2"}, stats.bernoulli(0.2)),
    ],
)
def test_entropies_are_those_of_scipy(name, at, reference):
    law = get_family(name)
    assert entropy(law, law.parse(at)) == pytest.approx(float(reference.entropy()), rel=1e-9)


COUNTS = {
    "poisson": ({"rate": "2.5"}, lambda n: mp.exp(-2.5) * mp.mpf(2.5) ** n / mp.factorial(n)),
    "negative_binomial": (
        {"total_count": "2.5", "probs": "0.25"},
        lambda n: mp.rf(2.5, n) / mp.factorial(n) * mp.mpf(0.75) ** 2.5 * mp.mpf(0.25) ** n,
    ),
    "logarithmic": ({"probs": "0.25"}, lambda n: -(mp.mpf(0.25) ** n) / (n * mp.log(0.75)) if n else mp.mpf(0)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_entropies_of_counts_are_sums_of_masses(name):
    at, mass = COUNTS[name]
    with mp.workdps(30):
        truth = -sum(p * mp.log(p) for p in map(mass, range(200)) if p)
    law = get_family(name)
    assert entropy(law, law.parse(at)) == pytest.approx(float(truth), rel=1e-15)


def test_the_entropy_of_many_counts_keeps_its_digits_where_its_parts_cancel():
    """1/2 log(2 pi e rate) - 1/(12 rate) - 1/(24 rate^2) - ... (Knessl 1998)."""
    law, rate = get_family("poisson"), mp.mpf(10) ** 6
    truth = mp.log(2 * mp.pi * mp.e * rate) / 2 - 1 / (12 * rate) - 1 / (24 * rate**2)
    assert entropy(law, law.parse({"rate": "1000000"})) == pytest.approx(float(truth), rel=1e-14)
