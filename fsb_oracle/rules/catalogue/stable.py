"""Rules of the stable law (Nolan's S1 form); catalogue letters alpha, beta, delta = loc, c = scale.

Its Levy measure is A c^alpha (1 +- beta)/2 |x|^(-1 - alpha) dx. Jumps within c and beyond it are drawn by independent
noise: an outer jump c x is met by the difference of f, an inner one c y by f'' (for the compensated measure), or where
alpha < 1 by f'. With S the mass of y^2, A = (2 - alpha) S, that leaves bounded weights and no cancellation, and
nothing happens at alpha = 1 or 2: the parameters may cross 1 where beta = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Symbol

from fsb_oracle.backends.noise import Bernoulli, Pareto, ParetoProduct, TaylorPart, Uniform, UniformRoot
from fsb_oracle.families.stable import alpha as _alpha_of_law
from fsb_oracle.rules.rule import Cost, Rule

_alpha, _beta = Symbol("alpha"), Symbol("beta")
LEAST = 1e-30  # u**(1/LEAST) is 0
_outer, _upwards = Pareto(_alpha), Bernoulli((1 + _beta) / 2)
_inner, _inner_first = UniformRoot(2 - _alpha), UniformRoot(1 - _alpha)


@dataclass(frozen=True)
class _Masses:
    """Constants of the Levy measure and their derivatives in alpha.

    Attributes:
        square, square_slope: S = INT_0^1 y^2 A y^(-1 - alpha) dy.
        density, density_slope: A = -1 / (Gamma(-alpha) cos(pi alpha/2)).
        first, first_slope: INT_1^oo x A x^(-1 - alpha) dx for alpha > 1, continued to alpha < 1. It has a pole at 1;
            there it is the constant of the compensation within c.
    """

    square: Any
    square_slope: Any
    density: Any
    density_slope: Any
    first: Any
    first_slope: Any


def _masses(c: Any) -> _Masses:
    m, t = c.math, 1 - c.alpha
    at_one = t == 0
    gap = m.where(at_one, 1 + 0 * t, t)
    sine, cosine = m.sin(m.pi * gap / 2), m.cos(m.pi * gap / 2)
    ratio = m.where(at_one, 2 / m.pi + 0 * t, gap / sine)
    ratio_slope = m.where(at_one, 0 * t, m.pi / 2 * cosine / sine - 1 / gap)  # of its logarithm
    square = c.alpha * ratio / m.exp(m.loggamma(3 - c.alpha))
    square_slope = square * (1 / c.alpha + ratio_slope + m.digamma(3 - c.alpha))
    density, density_slope = (1 + t) * square, (1 + t) * square_slope - square
    centre = m.where(at_one, 1 - m.euler_gamma - m.log(c.c) + 0 * t, -1 / gap)
    return _Masses(
        square, square_slope, density, density_slope, density * centre, -density_slope / gap - density / gap**2
    )


def _scale(f, c, z, x, y, v, b):
    k, step = _masses(c), (2 * b - 1) * c.c
    outer = k.density / c.alpha * (f(z + step * x) - f(z))
    inner = k.square * c.c**2 / 2 * f.derivative(z + step * v * y, 2)
    return c.alpha / c.c * (outer + inner - c.beta * k.first * c.c * f.derivative(z))


def _skewness(f, c, z, x, y, v):
    k = _masses(c)
    outer = k.density / c.alpha / 2 * (f(z + c.c * x) - f(z - c.c * x))
    inner = k.square * c.c**2 / 4 * (f.derivative(z + c.c * v * y, 2) - f.derivative(z - c.c * v * y, 2))
    return outer + inner - k.first * c.c * f.derivative(z)


def _index(f, c, z, x, xx, u, v, b):
    """The logarithm in d/d(alpha) |x|^(-1 - alpha) makes xx of x; within c its mean is taken off first."""
    m, k, step, a = c.math, _masses(c), (2 * b - 1) * c.c, 2 - c.alpha
    outer = (k.density_slope * (f(z + step * x) - f(z)) - k.density / c.alpha * (f(z + step * xx) - f(z))) / c.alpha
    y, yy = m.power(u, 1 / m.maximum(a, LEAST)), u**2  # Beta(a, 1) and Beta(1/2, 1)
    weight = 2 * m.power(u, 2 * a - 1) * (1 + 2 * a * m.log(u))
    change = f.derivative(z + step * v * yy, 2) - f.derivative(z, 2)
    inner = c.c**2 / 2 * (k.square_slope * f.derivative(z + step * v * y, 2) - k.square * weight * change)
    return outer + inner - c.beta * k.first_slope * c.c * f.derivative(z)


def _scale_first(f, c, z, x, y, u, b):
    k, sign = _masses(c), 2 * b - 1
    outer = k.density / c.alpha * (f(z + sign * c.c * x) - f(z))
    inner = k.density / (1 - c.alpha) * c.c * sign * f.derivative(z + sign * c.c * u * y)
    return c.alpha / c.c * (outer + inner)


def _skewness_first(f, c, z, x, y, u):
    k, part = _masses(c), c.c * u * y
    outer = k.density / c.alpha / 2 * (f(z + c.c * x) - f(z - c.c * x))
    return outer + k.density / (1 - c.alpha) * c.c / 2 * (f.derivative(z + part) + f.derivative(z - part))


def _index_first(f, c, z, x, xx, y, yy, u, b):
    k, step = _masses(c), (2 * b - 1) * c.c
    outer = (k.density_slope * (f(z + step * x) - f(z)) - k.density / c.alpha * (f(z + step * xx) - f(z))) / c.alpha
    slope, slope_nearer = f.derivative(z + step * u * y), f.derivative(z + step * u * y * yy)
    a = 1 - c.alpha
    return outer + step / a * (k.density_slope * slope + k.density / a * slope_nearer)


_BELOW_1 = _alpha_of_law < 1
_SOURCE = "Levy measure of the stable law, inner and outer jumps apart (Nolan 2020 for the S1 form)"
_JUMPS = "x ~ Pareto(alpha), y ~ Beta(2 - alpha, 1), v ~ Beta(1, 2), s = +-1 with mean beta, x' a product of two x"
_FIRST = "x ~ Pareto(alpha), y, y' ~ Beta(1 - alpha, 1), u ~ U(0, 1), s = +-1 with mean beta, x' a product of two x"
_NO_TABLE = "too many noise variables for an exact variance, hence no declared wins and losses"

RULES = (
    Rule(
        id="STA-delta",
        family="stable",
        parameter="loc",
        letter="delta",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="STA-c",
        family="stable",
        parameter="scale",
        letter="c",
        kernel=_scale,
        noise={"x": _outer, "y": _inner, "v": TaylorPart(), "b": _upwards},
        requires="F2",
        cost=Cost(f=2, first=1, second=1),
        formula="(alpha/c) { (A/alpha) [f(z + s c x) - f(z)] + (S c^2/2) f''(z + s c v y) "
        f"- beta c A/(alpha - 1) f'(z) }}, {_JUMPS}",
        source=_SOURCE,
        remarks=f"finite variance for bounded f, where pathwise has none; {_NO_TABLE}",
    ),
    Rule(
        id="STA-c-A",
        family="stable",
        parameter="scale",
        letter="c",
        kernel=_scale_first,
        noise={"x": _outer, "y": _inner_first, "u": Uniform(), "b": _upwards},
        cost=Cost(f=2, first=1),
        formula=f"(alpha/c) {{ (A/alpha) [f(z + s c x) - f(z)] + s c A/(1 - alpha) f'(z + s c u y) }}, {_FIRST}",
        where=_BELOW_1,
        source=_SOURCE,
        remarks=f"for alpha < 1; {_NO_TABLE}",
    ),
    Rule(
        id="STA-beta",
        family="stable",
        parameter="beta",
        letter="beta",
        kernel=_skewness,
        noise={"x": _outer, "y": _inner, "v": TaylorPart()},
        requires="F2",
        cost=Cost(f=2, first=1, second=2),
        formula="(A/(2 alpha)) [f(z + c x) - f(z - c x)] + (S c^2/4) [f''(z + c v y) - f''(z - c v y)] "
        f"- c A/(alpha - 1) f'(z), {_JUMPS}",
        source=_SOURCE,
        remarks=f"at alpha = 1 (where beta = 0) the last factor is 1 - gamma - log c; {_NO_TABLE}",
    ),
    Rule(
        id="STA-beta-A",
        family="stable",
        parameter="beta",
        letter="beta",
        kernel=_skewness_first,
        noise={"x": _outer, "y": _inner_first, "u": Uniform()},
        cost=Cost(f=2, first=2),
        formula="(A/(2 alpha)) [f(z + c x) - f(z - c x)] + (c A/(2 - 2 alpha)) [f'(z + c u y) + f'(z - c u y)], "
        f"{_FIRST}",
        where=_BELOW_1,
        source=_SOURCE,
        remarks=f"for alpha < 1; {_NO_TABLE}",
    ),
    Rule(
        id="STA-alpha",
        family="stable",
        parameter="alpha",
        letter="alpha",
        kernel=_index,
        noise={
            "x": _outer,
            "xx": ParetoProduct(_alpha),
            "v": TaylorPart(),
            "u": Uniform(),
            "b": _upwards,
        },
        requires="F2",
        cost=Cost(f=3, first=1, second=3),
        formula="(1/alpha) { A' [f(z + s c x) - f(z)] - (A/alpha) [f(z + s c x') - f(z)] } + (c^2/2) "
        "{ S' f''(z + s c v y) - 2 S u^(3 - 2 alpha) (1 + 2 (2 - alpha) log u) [f''(z + s c v u^2) - f''(z)] }"
        f" - beta c (A/(alpha - 1))' f'(z), y = u^(1/(2 - alpha)), {_JUMPS}",
        source=_SOURCE,
        remarks=f"the dashes are derivatives in alpha; bounded weights, also as alpha -> 2; {_NO_TABLE}",
    ),
)

RECOMMENDED = {
    "alpha": ("STA-alpha",),
    "beta": ("STA-beta", "STA-beta-A"),
    "loc": ("STA-delta",),
    "scale": ("STA-c", "STA-c-A"),
}
