"""The velocity of quantiles -(dF/d parameter)/p against closed forms and independent software."""

from fractions import Fraction

import mpmath
import pytest

from fsb_oracle.oracle import velocity

NORMAL = {"loc": "0.3", "scale": "0.8"}
POINTS = ["-5", "0", "0.5", "4"]


def inside(value, truth) -> bool:
    with mpmath.workdps(40):
        distance = abs(mpmath.mpf(value.value) - truth)
        return bool(distance <= mpmath.mpf(value.radius) + abs(truth) * mpmath.mpf(10) ** -30)


def test_location_and_scale():
    for value in velocity("normal", NORMAL, "loc", POINTS):
        assert value.contains(1)
    for point, value in zip(POINTS, velocity("normal", NORMAL, "scale", POINTS), strict=True):
        assert value.contains((Fraction(point) - Fraction("0.3")) / Fraction("0.8"))
        assert value.digits >= 16
    for point, value in zip(POINTS, velocity("laplace", {"loc": 0, "scale": 2}, "scale", POINTS), strict=True):
        assert value.contains(Fraction(point) / 2)


@pytest.mark.parametrize("point", ["1e-30", "1e-5", "0.4", "3", "80"])
def test_rates_scale_the_quantiles(point):
    (value,) = velocity("gamma", {"concentration": "0.3", "rate": 2}, "rate", [point])
    assert value.contains(-Fraction(point) / 2)
    assert value.digits >= 16
    (value,) = velocity("exponential", {"rate": 2}, "rate", [point])
    assert value.contains(-Fraction(point) / 2)


def test_uniform_ends():
    law = {"low": -1, "high": 3}
    for point, low, high in zip(
        ["0", "2.5"],
        velocity("uniform", law, "low", ["0", "2.5"]),
        velocity("uniform", law, "high", ["0", "2.5"]),
        strict=True,
    ):
        assert high.contains((Fraction(point) + 1) / 4)
        assert low.contains((3 - Fraction(point)) / 4)


@pytest.mark.parametrize(("concentration", "point"), [("2.5", "1.3"), ("0.1", "1e-3"), ("0.1", "2"), ("30", "25")])
def test_gamma_concentration_against_mpmath(concentration, point):
    (value,) = velocity("gamma", {"concentration": concentration, "rate": 1}, "concentration", [point])
    with mpmath.workdps(50):
        z, k = mpmath.mpf(point), mpmath.mpf(concentration)
        slope = mpmath.diff(lambda a: mpmath.gammainc(a, 0, z, regularized=True), k)
        truth = -slope / (z ** (k - 1) * mpmath.exp(-z) / mpmath.gamma(k))
    assert inside(value, truth)
    assert value.digits >= 16


@pytest.mark.parametrize("point", ["1e-4", "0.5", "0.999"])
def test_beta_against_mpmath(point):
    (value,) = velocity("beta", {"concentration1": "0.3", "concentration0": "0.4"}, "concentration1", [point])
    with mpmath.workdps(50):
        z, a, b = mpmath.mpf(point), mpmath.mpf("0.3"), mpmath.mpf("0.4")
        slope = mpmath.diff(lambda x: mpmath.betainc(x, b, 0, z, regularized=True), a)
        truth = -slope / (z ** (a - 1) * (1 - z) ** (b - 1) / mpmath.beta(a, b))
    assert inside(value, truth)


def test_floats_are_their_binary_values():
    (binary,) = velocity("normal", {"loc": 0, "scale": 1}, "scale", [0.1], digits=25)
    assert binary.contains(Fraction(0.1))
    assert not binary.contains(Fraction(1, 10))
