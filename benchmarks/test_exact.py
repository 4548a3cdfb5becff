"""An exact gradient against what a user writes today: mpmath.diff of mpmath.quad, breakpoints given, at 30 digits."""

from fractions import Fraction

import mpmath
import pytest

from fsb_oracle import oracle
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand

DIGITS = 30


def _gamma(z, k):
    return mpmath.exp((k - 1) * mpmath.log(z) - z - mpmath.loggamma(k))


def _normal(z, mu):
    return mpmath.exp(-((z - mu) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi)


CELLS = {
    "normal-loc-tanh": ("normal", {"loc": "0.3", "scale": "1"}, "loc", "tanh", _normal, mpmath.tanh, [-40, 0.3, 40]),
    "gamma-concentration-tanh": (
        "gamma", {"concentration": "2.5", "rate": "1"}, "concentration", "tanh", _gamma, mpmath.tanh, [0, 2.5,
        mpmath.inf],
    ),
    "gamma-concentration-sin3": (
        "gamma", {"concentration": "2.5", "rate": "1"}, "concentration", "sin3", _gamma,
        lambda z: mpmath.sin(3 * z), [0, 2.5, mpmath.inf],
    ),
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", ["fsb_oracle", "mpmath diff of quad"])
def test_exact_gradient(benchmark, cell, side):
    family, given, parameter, f, density, function, breaks = CELLS[cell]
    law = get_family(family)
    at, probe = law.parse(given), integrand(f)
    benchmark.group = f"exact gradient, {DIGITS} digits: {cell}"
    benchmark.extra_info["side"] = "ours" if side == "fsb_oracle" else "peer"
    point = mpmath.mpf(Fraction(at[parameter]).numerator) / Fraction(at[parameter]).denominator

    def ours():
        return oracle.gradient(law, at, probe, parameter, digits=DIGITS)

    def peer():
        with mpmath.workdps(DIGITS):
            return mpmath.diff(lambda theta: mpmath.quad(lambda z: function(z) * density(z, theta), breaks), point)

    benchmark.pedantic(ours if side == "fsb_oracle" else peer, rounds=5, warmup_rounds=1)
