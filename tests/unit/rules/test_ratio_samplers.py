"""Mean squares of derivatives of samplers of two variables, against SciPy's distribution functions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaincinv

from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules.ratio_samplers import mean_square_slope


def slope(law, parameter, **values):
    return mean_square_slope(get_family(law), tuple((name, Fraction(str(v))) for name, v in values.items()), parameter)


def relative(a, power):
    """E (g/a)^power (d log(g/a)/da)^2 with g the quantile function of Gamma(a), differentiated numerically."""
    step = 1e-4 * a

    def integrand_at(t):
        u = 1 / (1 + math.exp(-t))
        g = gammaincinv(a, u)
        v = (gammaincinv(a + step, u) - gammaincinv(a - step, u)) / (2 * step)
        return (g / a) ** power * (v / g - 1 / a) ** 2 * u * (1 - u)

    return quad(integrand_at, -60, 30, limit=500)[0]


@pytest.mark.parametrize("df", [3, 5, 12])
def test_student_t(df):
    a = df / 2
    assert slope("student_t", "df", df=df, loc=1, scale=2) == pytest.approx(4 * relative(a, -1) / 16, rel=1e-4)
    assert slope("student_t", "scale", df=df, loc=1, scale=2) == pytest.approx(df / (df - 2))
    assert slope("student_t", "loc", df=df, loc=1, scale=2) == 1


@pytest.mark.parametrize(("df1", "df2"), [(1.5, 6), (3, 9), (30, 20)])
def test_fisher_snedecor(df1, df2):
    a, b = df1 / 2, df2 / 2
    inverse = b * b / ((b - 1) * (b - 2))
    assert slope("fisher_snedecor", "df1", df1=df1, df2=df2) == pytest.approx(relative(a, 2) * inverse / 4, rel=1e-4)
    assert slope("fisher_snedecor", "df2", df1=df1, df2=df2) == pytest.approx(
        (1 + 1 / a) * relative(b, -2) / 4, rel=1e-4
    )


def test_where_it_is_infinite_or_the_law_has_no_such_sampler_there_is_none():
    assert slope("student_t", "df", df=2, loc=0, scale=1) is None
    assert slope("student_t", "scale", df=1.5, loc=0, scale=1) is None
    assert slope("fisher_snedecor", "df1", df1=3, df2=4) is None
    assert slope("gamma", "concentration", concentration=2, rate=1) is None


@pytest.mark.parametrize(
    ("f", "bound"),
    [("sin(3*z)", 3), ("Max(z, 0)", 1), ("tanh(z)", 2), ("cos(5*z/2 + 1)", 2.5), ("z**2", None), ("exp(-z**2)", None)],
)
def test_the_steepest_slope_is_a_bound(f, bound):
    f = integrand(f)
    assert f.steepest == bound
    if bound is not None:
        z = np.linspace(-20, 20, 100_001)
        assert np.abs(np.diff(f.lowered()(_numpy(), z)) / np.diff(z)).max() <= bound


def _numpy():
    from fsb_oracle.backends import get_backend

    return get_backend("numpy").math
