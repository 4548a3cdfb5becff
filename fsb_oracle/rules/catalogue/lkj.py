"""Rules of the LKJ law of two variables; catalogue letter c = concentration.

(1 + z)/2 is beta(c, c): the sum of the rules of both concentrations of the beta law, with B ~ Be(1, 2 c).
"""

from sympy import Rational, Symbol

from fsb_oracle.backends.noise import Beta, Uniform
from fsb_oracle.rules.rule import Claim, Cost, Rule

_c = Symbol("c")


def _steps(z, part):
    """A part of the way from z to each end."""
    return z + part * (1 - z), z - part * (1 + z)


def _slopes(f, c, z, x, u):
    up, down = _steps(z, x * u)
    return ((1 - z) * f.derivative(up) - (1 + z) * f.derivative(down)) / (2 * c.c)


def _differences(f, z, x):
    up, down = _steps(z, x)
    return (f(up) - f(z)) + (f(down) - f(z))


def _half_power(f, c, z, x):
    return c.math.sqrt(c.math.pi) / c.math.gamma_half_step(2 * c.c) / c.math.sqrt(x) * _differences(f, z, x)


RULES = (
    Rule(
        id="LKJ-c-V",
        family="lkj",
        parameter="concentration",
        letter="c",
        kernel=_slopes,
        noise={"x": Beta(1, 2 * _c), "u": Uniform()},
        cost=Cost(first=2),
        formula="[(1 - z) f'(z + u B (1 - z)) - (1 + z) f'(z - u B (1 + z))] / (2 c), B ~ Be(1, 2 c)",
        source="BET-a-V and BET-b-V",
    ),
    Rule(
        id="LKJ-c-VSB",
        family="lkj",
        parameter="concentration",
        letter="c",
        kernel=lambda f, c, z, x: _differences(f, z, x) / (2 * c.c * x),
        noise={"x": Beta(1, 2 * _c)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=3),
        formula="[f(z + B (1 - z)) + f(z - B (1 + z)) - 2 f(z)] / (2 c B), B ~ Be(1, 2 c)",
        source="BET-a-VSB and BET-b-VSB",
        remarks="infinite variance for jumps",
        lower_variance_than=(Claim("LKJ-c-V", "continuous f", "Rao-Blackwell over the uniform"),),
    ),
    Rule(
        id="LKJ-c-VShalf",
        family="lkj",
        parameter="concentration",
        letter="c",
        kernel=_half_power,
        noise={"x": Beta(Rational(1, 2), 2 * _c)},
        requires="F0",
        cost=Cost(f=3),
        formula="Beta(1/2, 2 c) B^(-1/2) [f(z + B (1 - z)) + f(z - B (1 + z)) - 2 f(z)], B ~ Be(1/2, 2 c)",
        source="BET-a-VShalf and BET-b-VShalf",
        remarks="finite variance for jumps",
    ),
)

RECOMMENDED = {"concentration": ("LKJ-c-VSB", "LKJ-c-VShalf")}
