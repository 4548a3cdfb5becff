"""Laws that libraries offer and that have no rules of their own: closed forms by mpmath, in value and gradient."""

import mpmath as mp
import pytest

from fsb_oracle import exact
from fsb_oracle.errors import UsageError


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
    ("generalized_pareto", {"loc": "0.4", "scale": "0.8", "concentration": "0.2"}, "z",
     lambda loc, scale, c: loc + scale / (1 - c)),
    ("relaxed_bernoulli", {"temperature": "0.5", "probs": "0.6"}, "log(z) - log(1 - z)", lambda t, p: _logit(p) / t),
    ("log_uniform", {"low": "0.4", "high": "1.7"}, "z", lambda a, b: (b - a) / mp.log(b / a)),
    ("log_uniform", {"low": "0.4", "high": "1.7"}, "log(z)", lambda a, b: (mp.log(a) + mp.log(b)) / 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "point", "f", "closed"), CASES, ids=[f"{c[0]}-{c[2]}-{i}" for i, c in enumerate(CASES)]
)
def test_the_ball_holds_the_closed_form(name, point, f, closed):
    found = exact(name, point, f, 25)
    with mp.workdps(60):
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
