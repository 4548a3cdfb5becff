"""Rules of the CGMY law; catalogue letters Y = alpha, C = intensity, M = rate1 (up), G = rate0 (down).

It is the difference of two tempered stable variables, so that their rules hold with z the whole difference: f(z - .)
for the jumps down. Where Y > 1 both are compensated, as there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Symbol, exp, loggamma

from fsb_oracle.backends.noise import Gamma, LogGamma, TaylorPart, Uniform
from fsb_oracle.families.cgmy import alpha as _alpha_of_law
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.levy import Jump, LevyKernel
from fsb_oracle.rules.rule import Cost, Rule

_Y, _C = Symbol("Y"), Symbol("C")
_gamma = exp(loggamma(2 - _Y))  # Gamma(2 - Y); Gamma(1 - Y) is that over 1 - Y
_first, _second = Gamma(1 - _Y), Gamma(2 - _Y)
_SIDES = (("M", 1), ("G", -1))


def _rate(letter: str, parameter: str, side: int) -> LevyKernel:
    own: Any = Symbol(letter)
    mass, slope = -_C * _gamma / (1 - _Y) * own ** (_Y - 1), -_C * _gamma * own ** (_Y - 2)
    return LevyKernel(
        f"CGMY-{letter}",
        "cgmy",
        parameter,
        letter,
        {0: Jump(mass, _first, side / own), 1: Jump(side * slope, _second, side / own)},
        source=f"Levy kernel -C |x|^(-Y) exp(-{letter} |x|) on one side of 0",
    )


def _moment(c: Any, rate: Any, order: int) -> Any:
    """INT x^order x^(-1 - Y) exp(-rate x) dx, for order 1 continued to Y > 1."""
    m = c.math
    gamma = m.exp(m.loggamma(2 - c.Y)) * m.power(rate, c.Y - order)
    return gamma / (1 - c.Y) if order == 1 else gamma


def _both(contribution: Any, c: Any) -> Any:
    """The sum over the jumps up and down of `contribution(rate, side)`."""
    return sum(contribution(getattr(c, letter), side) for letter, side in _SIDES)


def _intensity_slope(f, c, z, y, u):
    return _both(lambda rate, side: side * _moment(c, rate, 1) * f.derivative(z + side * u * y / rate), c)


def _intensity_difference(f, c, z, y):
    def one(rate: Any, side: int) -> Any:
        x, slope = side * y / rate, side * _moment(c, rate, 1)
        return difference(f, z, z + x, x, slope / x, slope)

    return _both(one, c)


def _intensity_curvature(f, c, z, y, v):
    drift = _moment(c, c.M, 1) - _moment(c, c.G, 1)
    curvature = _both(lambda rate, side: _moment(c, rate, 2) / 2 * f.derivative(z + side * v * y / rate, 2), c)
    return drift * f.derivative(z) + curvature


def _index_difference(f, c, z, y):
    def one(rate: Any, side: int) -> Any:
        log_jump = y - c.math.log(rate)  # exact where the jump is too small for a number
        x, slope = side * c.math.exp(log_jump), -side * c.C * _moment(c, rate, 1) * log_jump
        return difference(f, z, z + x, x, slope / x, slope)

    return _both(one, c)


def _index_curvature(f, c, z, y, v):
    def one(rate: Any, side: int) -> Any:
        log_jump = y - c.math.log(rate)
        mean_slope = c.math.log(rate) - c.math.digamma(2 - c.Y) + 1 / (1 - c.Y)  # of the mean's logarithm
        drift = side * _moment(c, rate, 1) * mean_slope * f.derivative(z)
        curvature = f.derivative(z + side * v * c.math.exp(log_jump), 2)
        return c.C * (drift - _moment(c, rate, 2) * log_jump / 2 * curvature)

    return _both(one, c)


_BELOW_1 = _alpha_of_law < 1
_MASSES = "m = Gamma(1 - Y) M^(Y - 1), m' = Gamma(1 - Y) G^(Y - 1)"
_SECOND = "m2 = Gamma(2 - Y) M^(Y - 2), m2' = Gamma(2 - Y) G^(Y - 2), X = y/M, X' = y/G, y ~ Gamma(2 - Y)"
_JUMPS = "X = y/M, X' = y/G, y ~ Gamma(1 - Y)"
_BOTH = (
    Rule(
        id="CGMY-C-A",
        family="cgmy",
        parameter="intensity",
        letter="C",
        kernel=_intensity_slope,
        noise={"u": Uniform(), "y": _first},
        cost=Cost(first=2),
        formula=f"m f'(z + u X) - m' f'(z - u X'), {_MASSES}, {_JUMPS}",
        where=_BELOW_1,
        source="TS-C-A up and down, with one y",
        remarks="for Y < 1",
    ),
    Rule(
        id="CGMY-C-SB",
        family="cgmy",
        parameter="intensity",
        letter="C",
        kernel=_intensity_difference,
        noise={"y": _first},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=3),
        formula=f"(m/X) [f(z + X) - f(z)] + (m'/X') [f(z - X') - f(z)], {_MASSES}, {_JUMPS}",
        where=_BELOW_1,
        source="Rao-Blackwellization of CGMY-C-A over u",
        remarks="for Y < 1",
    ),
    Rule(
        id="CGMY-C-A2",
        family="cgmy",
        parameter="intensity",
        letter="C",
        kernel=_intensity_curvature,
        noise={"v": TaylorPart(), "y": _second},
        requires="F2",
        cost=Cost(first=1, second=2),
        formula=f"(m - m') f'(z) + (m2/2) f''(z + v X) + (m2'/2) f''(z - v X'), {_MASSES}, {_SECOND}",
        source="TS-C-A2 up and down, with one y",
    ),
    Rule(
        id="CGMY-Y-SB",
        family="cgmy",
        parameter="alpha",
        letter="Y",
        kernel=_index_difference,
        noise={"y": LogGamma(1 - _Y)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=3),
        formula=f"-C (m log(X)/X) [f(z + X) - f(z)] - C (m' log(X')/X') [f(z - X') - f(z)], {_MASSES}, {_JUMPS}",
        where=_BELOW_1,
        source="TS-al-SB up and down, with one y",
        remarks="for Y < 1",
    ),
    Rule(
        id="CGMY-Y-A2",
        family="cgmy",
        parameter="alpha",
        letter="Y",
        kernel=_index_curvature,
        noise={"v": TaylorPart(), "y": LogGamma(2 - _Y)},
        requires="F2",
        cost=Cost(first=1, second=2),
        formula="C { d(m - m')/dY f'(z) - (m2/2) log(X) f''(z + v X) - (m2'/2) log(X') f''(z - v X') }, "
        f"{_MASSES}, {_SECOND}",
        source="TS-al-A2 up and down, with one y",
    ),
)


def _of_rate(letter: str, parameter: str, side: int) -> tuple[Rule, ...]:
    shift, *others = _rate(letter, parameter, side).rules()
    # E [f(z + X) - f(z)]^2 / X^2 is infinite at a jump of f where Y >= 1
    return replace(shift, where=_BELOW_1), *(replace(rule, finite_variance="F1") for rule in others)


RULES = (*_BOTH, *_of_rate("M", "rate1", 1), *_of_rate("G", "rate0", -1))

# as for each side alone
RECOMMENDED = {
    "alpha": ("CGMY-Y-A2", "CGMY-Y-SB"),
    "intensity": ("CGMY-C-A2", "CGMY-C-A"),
    "rate1": ("CGMY-M-A", "CGMY-M-SB"),
    "rate0": ("CGMY-G-A", "CGMY-G-SB"),
}
