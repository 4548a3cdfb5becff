"""Rules of the one-sided tempered stable law; catalogue letters al = alpha, C = intensity, l = rate.

Its Levy measure is C x^(-1 - al) exp(-l x) on x > 0. Where al > 1 it is compensated, and the mean
C Gamma(1 - al) l^(al - 1) is that of the formula continued from al < 1. So the rules with f'' serve every al.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Symbol, exp, loggamma

from fsb_oracle.backends.noise import Gamma, LogGamma, TaylorPart, Uniform
from fsb_oracle.families.tempered_stable import alpha as _alpha_of_law
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.levy import Jump, LevyKernel
from fsb_oracle.rules.rule import Cost, Rule

_al, _C, _l = Symbol("al"), Symbol("C"), Symbol("l")
_gamma = exp(loggamma(2 - _al))  # Gamma(2 - al); Gamma(1 - al) is that over 1 - al
_mean = _gamma / (1 - _al) * _l ** (_al - 1)
_first, _second = Gamma(1 - _al), Gamma(2 - _al)

_intensity = LevyKernel(
    "TS-C", "tempered_stable", "intensity", "C", {1: Jump(_mean, _first, 1 / _l)}, source="Levy measure over C"
)
_intensity_curved = LevyKernel(
    "TS-C",
    "tempered_stable",
    "intensity",
    "C",
    {2: Jump(_gamma * _l ** (_al - 2), _second, 1 / _l)},
    drift=_mean,
    compensated=True,
    source="Levy measure over C, compensated",
)
_rate = LevyKernel(
    "TS-l",
    "tempered_stable",
    "rate",
    "l",
    {0: Jump(-_C * _mean, _first, 1 / _l), 1: Jump(-_C * _gamma * _l ** (_al - 2), _second, 1 / _l)},
    source="Levy kernel -C x^(-al) exp(-l x)",
)


def _moment(c: Any, order: int) -> Any:
    """INT x^order x^(-1 - al) exp(-l x) dx, for order 1 continued to al > 1."""
    m = c.math
    gamma = m.exp(m.loggamma(2 - c.al)) * m.power(c.l, c.al - order)
    return gamma / (1 - c.al) if order == 1 else gamma


def _jump(c: Any, y: Any) -> tuple[Any, Any]:
    """X = exp(y)/l and its logarithm, which is exact where X is too small for a number."""
    log_jump = y - c.math.log(c.l)
    return c.math.exp(log_jump), log_jump


def _slope(f, c, z, y, u):
    x, log_x = _jump(c, y)
    return -c.C * _moment(c, 1) * log_x * f.derivative(z + u * x)


def _difference(f, c, z, y):
    x, log_x = _jump(c, y)
    slope = -c.C * _moment(c, 1) * log_x
    return difference(f, z, z + x, x, slope / x, slope)


def _curvature(f, c, z, y, v):
    x, log_x = _jump(c, y)
    mean_slope = c.math.log(c.l) - c.math.digamma(2 - c.al) + 1 / (1 - c.al)  # of the mean's logarithm
    drift = _moment(c, 1) * mean_slope * f.derivative(z)
    return c.C * (drift - _moment(c, 2) * log_x / 2 * f.derivative(z + v * x, 2))


_BELOW_1 = _alpha_of_law < 1
_SOURCE = "Levy kernel -C x^(-1 - al) log(x) exp(-l x)"
_JUMP = "X ~ Gamma(1 - al)/l"
_INDEX = (
    Rule(
        id="TS-al-A",
        family="tempered_stable",
        parameter="alpha",
        letter="al",
        kernel=_slope,
        noise={"u": Uniform(), "y": LogGamma(1 - _al)},
        formula=f"-C m log(X) f'(z + u X), m = Gamma(1 - al) l^(al - 1), {_JUMP}",
        where=_BELOW_1,
        source=_SOURCE,
        remarks="for al < 1",
    ),
    Rule(
        id="TS-al-SB",
        family="tempered_stable",
        parameter="alpha",
        letter="al",
        kernel=_difference,
        noise={"y": LogGamma(1 - _al)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula=f"-C m log(X)/X [f(z + X) - f(z)], m = Gamma(1 - al) l^(al - 1), {_JUMP}",
        where=_BELOW_1,
        source="Rao-Blackwellization of TS-al-A over u",
        remarks="for al < 1",
    ),
    Rule(
        id="TS-al-A2",
        family="tempered_stable",
        parameter="alpha",
        letter="al",
        kernel=_curvature,
        noise={"v": TaylorPart(), "y": LogGamma(2 - _al)},
        requires="F2",
        cost=Cost(first=1, second=1),
        formula="C { m' f'(z) - (m2/2) log(X) f''(z + v X) }, m = Gamma(1 - al) l^(al - 1), "
        "m2 = Gamma(2 - al) l^(al - 2), X ~ Gamma(2 - al)/l",
        source=f"{_SOURCE}, compensated",
        remarks="the dash is the derivative in al",
    ),
)

_SHIFT, *_DIFFERENCES = _rate.rules()
# E [f(z + X) - f(z)]^2 / X^2 is infinite at a jump of f where al >= 1
_SMOOTHED = [replace(rule, finite_variance="F1") for rule in _DIFFERENCES]
_ACTIVE = tuple(replace(rule, where=_BELOW_1) for rule in (*_intensity.rules(), _SHIFT))

RULES = (*_ACTIVE, *_intensity_curved.rules(), *_SMOOTHED, *_INDEX)

RECOMMENDED = {
    "alpha": ("TS-al-A2", "TS-al-A"),
    "intensity": ("TS-C-A2", "TS-C-A"),
    "rate": ("TS-l-A", "TS-l-SB"),
}
