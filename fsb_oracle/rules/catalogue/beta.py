"""Rules of the beta law; catalogue letters a = concentration1, b = concentration0."""

from sympy import Integer, Rational, Symbol

from fsb_oracle.backends.noise import Beta, BetaJump, Uniform
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule
from fsb_oracle.rules.series import TERMS, series_rule

_a, _b = Symbol("a"), Symbol("b")


def _dilation(v, u):
    """R = V + (1 - V) u, uniform on (V, 1)."""
    return v + (1 - v) * u


def _beta_of_half(c):
    """B(1/2, a + b)."""
    return c.math.sqrt(c.math.pi) / c.math.gamma_half_step(c.a + c.b)


def _half_power(f, c, z, x, step):
    return _beta_of_half(c) / c.math.sqrt(x) * (f(z + x * step) - f(z))


def _jump_of_rest(f, c, z, t):
    kept = c.math.exp(-t)
    return c.math.digamma_step(c.b, c.a) * (f(z) - f(drop(c.math, t) + kept * z))


def _moments(c, in_a):
    """The derivative of E z^n/n! in a or in b: E z^n is the product of (a + j)/(a + b + j)."""
    found, moment, growth = [], 1, 0
    for j in range(TERMS):
        moment = moment * (c.a + j) / ((c.a + c.b + j) * (j + 1))
        growth = growth + (1 / (c.a + j) if in_a else 0) - 1 / (c.a + c.b + j)
        found.append(moment * growth)
    return lambda n: found[n - 1]


def _moment_rule(parameter, letter):
    return series_rule(
        lambda c: _moments(c, letter == "a"),
        at_zero=True,
        id=f"BET-{letter}-MOM",
        family="beta",
        parameter=parameter,
        letter=letter,
        disc=Integer(4),
        formula=f"SUM_n f^(n)(0)/n! d/d{letter} E z^n, n = 1, ..., 50",
        source="1F1(a; a+b; i w) as a power series",
        remarks="deterministic; exact for polynomials",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
        # nothing has less than its variance of 0: it loses by its cost alone
    )


_SYMMETRY = "the law of 1 - z has a and b exchanged; "

RULES = (
    Rule(
        id="BET-a-U",
        family="beta",
        parameter="concentration1",
        space="log",
        letter="a",
        kernel=lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * _dilation(c.math.power(x, 1 / c.b), u)),
        noise={"y": Beta(_a + 1, _b), "x": Beta(_a / _b, 2), "u": Uniform()},
        formula="b/(a+b)^2 f'(Z R), Z ~ Be(a+1, b), V = Be(a/b, 2)^(1/b), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem",
        remarks="one sample, constant weight; bounded variance for bounded f' as a -> 0",
        lower_variance_than=(
            Claim("pathwise", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "sin(z)"),),
        loses=(Comparison("BET-a-VSB", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
    ),
    Rule(
        id="BET-a-V",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, z, x, u: (1 - z) / (c.a + c.b) * f.derivative(z + x * u * (1 - z)),
        noise={"x": Beta(1, _a + _b), "u": Uniform()},
        formula="((1 - z)/(a + b)) f'(z + u B (1 - z)), B ~ Be(1, a + b)",
        source="vertex mixing: Sethuraman 1994",
        remarks="z is the plain beta sample",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
        loses=(Comparison("pathwise", {"concentration1": "2", "concentration0": "3"}, "z"),),
    ),
    Rule(
        id="BET-a-Vc",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, t, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(t + x * u * (1 - t)),
        noise={"t": Beta(_a, _b + 1), "x": Beta(1, _a + _b), "u": Uniform()},
        formula="b/(a+b)^2 f'(t + u B (1 - t)), t ~ Be(a, b+1), B ~ Be(1, a + b)",
        source="BET-a-V size-biased by 1 - z",
        remarks="the same law as BET-a-U, sampled otherwise",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "sin(z)"),),
        loses=(Comparison("BET-a-VSB", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
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
        lower_variance_than=(Claim("BET-a-V", "continuous f", "Rao-Blackwell over the uniform"),),
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
        loses=(Comparison("pathwise", {"concentration1": "2", "concentration0": "3"}, "z"),),
    ),
    Rule(
        id="BET-a-VShalf",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, z, x: _half_power(f, c, z, x, 1 - z),
        noise={"x": Beta(Rational(1, 2), _a + _b)},
        requires="F0",
        cost=Cost(f=2),
        formula="Beta(1/2, a+b) B^(-1/2) [f(z + B (1 - z)) - f(z)], B ~ Be(1/2, a + b)",
        source="vertex mixing with a proposal between the kernel and its size-biased form",
        remarks="finite variance for jumps",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
        loses=(Comparison("score-best", {"concentration1": "0.3", "concentration0": "0.4"}, "tanh(z)"),),
    ),
    Rule(
        id="BET-a-Sfin",
        family="beta",
        parameter="concentration1",
        letter="a",
        kernel=lambda f, c, z, t: c.math.digamma_step(c.a, c.b) * (f(z) - f(z * c.math.exp(-t))),
        noise={"t": BetaJump(_a, _b)},
        requires="F0",
        cost=Cost(f=2),
        formula="(digamma(a+b) - digamma(a)) [f(z) - f(z V)], V of density ~ v^(a-1) (1 - v^b)/(1 - v)",
        source="derivative of the Levy measure of -log z, which is finite; a weak derivative",
        remarks="bounded weight, any f with E f^2 < infinity; the weight is ~ 1/a as a -> 0",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"concentration1": "0.3", "concentration0": "0.4"}, "cos(3*z)"),),
    ),
    Rule(
        id="BET-a-M",
        family="beta",
        parameter="concentration1",
        letter="a",
        space="log",
        kernel=lambda f, c, z, x, u: (
            c.b / (c.a * (c.a + c.b)) * z * f.derivative(z * _dilation(c.math.power(x, 1 / c.b), u))
        ),
        noise={"x": Beta(_a / _b, 2), "u": Uniform()},
        formula="b/(a (a+b)) z f'(z R), V = Be(a/b, 2)^(1/b), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem in log z",
        remarks="BET-a-U before size-biasing; second moment ~ 1/a as a -> 0",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"concentration1": "0.3", "concentration0": "0.4"}, "z**2"),),
    ),
    Rule(
        id="BET-b-U",
        family="beta",
        parameter="concentration0",
        space="log",
        letter="b",
        kernel=lambda f, c, y, v, u: (
            -c.a / (c.a + c.b) ** 2 * f.derivative(y * _dilation(c.math.power(v, 1 / (c.a + c.b)), u))
        ),
        noise={"y": Beta(_a + 1, _b), "v": Uniform(), "u": Uniform()},
        formula="-a/(a+b)^2 f'(Z R), Z ~ Be(a+1, b), V = v^(1/(a+b)), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem",
        remarks="one sample, constant weight",
        lower_variance_than=(
            Claim("pathwise", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "sin(z)"),),
        loses=(Comparison("score-best", {"concentration1": "1", "concentration0": "1"}, "cos(20*z)"),),
    ),
    Rule(
        id="BET-b-V",
        family="beta",
        parameter="concentration0",
        space="log",
        letter="b",
        kernel=lambda f, c, z, x, u: -z / (c.a + c.b) * f.derivative(z - x * u * z),
        noise={"x": Beta(1, _a + _b), "u": Uniform()},
        formula="-(z/(a + b)) f'(z - u B z), B ~ Be(1, a + b)",
        source=_SYMMETRY + "vertex mixing: Sethuraman 1994",
        remarks="z is the plain beta sample; the same law as BET-b-M",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"concentration1": "2", "concentration0": "3"}, "z"),),
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
        lower_variance_than=(Claim("BET-b-V", "continuous f", "Rao-Blackwell over the uniform"),),
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"concentration1": "2", "concentration0": "3"}, "z"),),
    ),
    Rule(
        id="BET-b-VShalf",
        family="beta",
        parameter="concentration0",
        letter="b",
        kernel=lambda f, c, z, x: _half_power(f, c, z, x, -z),
        noise={"x": Beta(Rational(1, 2), _a + _b)},
        requires="F0",
        cost=Cost(f=2),
        formula="Beta(1/2, a+b) B^(-1/2) [f(z - B z) - f(z)], B ~ Be(1/2, a + b)",
        source=_SYMMETRY + "vertex mixing with a proposal between the kernel and its size-biased form",
        remarks="finite variance for jumps",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"concentration1": "1", "concentration0": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="BET-b-Sfin",
        family="beta",
        parameter="concentration0",
        letter="b",
        kernel=_jump_of_rest,
        noise={"t": BetaJump(_b, _a)},
        requires="F0",
        cost=Cost(f=2),
        formula="(digamma(a+b) - digamma(b)) [f(z) - f(1 - (1 - z) V)], V of density ~ v^(b-1) (1 - v^a)/(1 - v)",
        source=_SYMMETRY + "derivative of the Levy measure of -log(1 - z), which is finite",
        remarks="bounded weight, any f with E f^2 < infinity; the weight is ~ 1/b as b -> 0",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "z**2"),),
        loses=(Comparison("score-best", {"concentration1": "1", "concentration0": "1"}, "Heaviside(z-1)"),),
    ),
    Rule(
        id="BET-b-M",
        family="beta",
        parameter="concentration0",
        letter="b",
        space="log",
        kernel=lambda f, c, z, v, u: (
            -z / (c.a + c.b) * f.derivative(z * _dilation(c.math.power(v, 1 / (c.a + c.b)), u))
        ),
        noise={"v": Uniform(), "u": Uniform()},
        formula="-(1/(a+b)) z f'(z R), V = v^(1/(a+b)), R = V + (1-V) u",
        source="Levy kernel of -log z, velocity theorem in log z",
        remarks="BET-b-U before size-biasing",
        wins=(Comparison("score-best", {"concentration1": "2", "concentration0": "3"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"concentration1": "2", "concentration0": "3"}, "z"),),
    ),
    _moment_rule("concentration1", "a"),
    _moment_rule("concentration0", "b"),
)

# constant weight and one f', bounded in every limit of the parameters; for jumps the finite jump measure: a half to a
# third of the half power's variance at moderate parameters, though ~ 1/a and ~ 1/b as they go to 0
RECOMMENDED = {
    "concentration1": ("BET-a-U", "BET-a-Sfin"),
    "concentration0": ("BET-b-U", "BET-b-Sfin"),
}
