"""Rules of the beta law; catalogue letters a = concentration1, b = concentration0."""

from sympy import Symbol

from fsb_oracle.backends.noise import Beta, Uniform
from fsb_oracle.rules.rule import Cost, Rule

_a, _b = Symbol("a"), Symbol("b")


def _dilation(v, u):
    """R = V + (1 - V) u, uniform on (V, 1)."""
    return v + (1 - v) * u


RULES = (
    Rule(
        id="BET-a-U",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * _dilation(c.math.power(x, 1 / c.b), u)),
        noise={"y": Beta(_a + 1, _b), "x": Beta(_a / _b, 2), "u": Uniform()},
        formula="b/(a+b)^2 f'(Z R), Z ~ Be(a+1, b), V = Be(a/b, 2)^(1/b), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem",
        remarks="one sample, constant weight; bounded variance for bounded f' as a -> 0",
    ),
    Rule(
        id="BET-a-VSB",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, z, x: (f(z + x * (1 - z)) - f(z)) / (x * (c.a + c.b)),
        noise={"x": Beta(1, _a + _b)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="[f(z + B (1 - z)) - f(z)] / (B (a + b)), B ~ Be(1, a + b)",
        source="vertex mixing, Rao-Blackwellized",
        remarks="infinite variance for jumps",
    ),
    Rule(
        id="BET-b-U",
        family="beta",
        parameter="concentration0",
        letter="b",
        kernel=lambda f, c, y, v, u: (
            -c.a / (c.a + c.b) ** 2 * f.derivative(y * _dilation(c.math.power(v, 1 / (c.a + c.b)), u))
        ),
        noise={"y": Beta(_a + 1, _b), "v": Uniform(), "u": Uniform()},
        formula="-a/(a+b)^2 f'(Z R), Z ~ Be(a+1, b), V = v^(1/(a+b)), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem",
    ),
    Rule(
        id="BET-b-VSB",
        family="beta",
        parameter="concentration0",
        letter="b",
        kernel=lambda f, c, z, x: (f(z - x * z) - f(z)) / (x * (c.a + c.b)),
        noise={"x": Beta(1, _a + _b)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="[f(z - B z) - f(z)] / (B (a + b)), B ~ Be(1, a + b)",
        source="vertex mixing, Rao-Blackwellized",
        remarks="infinite variance for jumps",
    ),
)
