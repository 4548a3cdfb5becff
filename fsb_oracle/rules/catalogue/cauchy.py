"""Rules of the Cauchy law; catalogue letters x0, gamma (scale)."""

from fsb_oracle.backends.noise import LogGamma, Pareto, Rademacher, Rayleigh, StudentKhinchine, TaylorPart, Uniform
from fsb_oracle.rules.rule import Comparison, Cost, Rule


def _layer(f, c, y, e):
    """y/sqrt(2 exp(e)) is sqrt(1/u - 1), u uniform: the layer of 1/(1 + x^2)."""
    shift = c.gamma * c.math.exp(-e / 2) / c.math.sqrt(c.math.rational(2, 1)) * y
    return (f(c.x0 + shift) - f(c.x0 - shift)) / (c.math.pi * c.gamma)


def _second_difference(f, z, shift):
    return f(z + shift) + f(z - shift) - 2 * f(z)


def _jumps(f, c, z, r, u, v, x):
    small = c.gamma**2 * f.derivative(z + r * c.gamma * u * v, 2)
    return (small + _second_difference(f, z, c.gamma * x)) / (c.math.pi * c.gamma)


RULES = (
    Rule(
        id="CAU-x0-D",
        family="cauchy",
        parameter="loc",
        letter="x0",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "0.01"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0.2", "scale": "1.3"}, "exp(-z**2)"),),
    ),
    Rule(
        id="CAU-x0-L",
        family="cauchy",
        parameter="loc",
        letter="x0",
        kernel=_layer,
        noise={"y": Rayleigh(), "e": LogGamma(1)},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(x0 + X) - f(x0 - X)] / (pi gamma), X = gamma y/sqrt(2 g), y Rayleigh, e = log g, g ~ Exp(1)",
        source="layer rule",
        remarks="for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "1.3"}, "1/(1+z**2)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "0.01"}, "Heaviside(z-1)"),),
    ),
    Rule(
        id="CAU-g-S",
        family="cauchy",
        parameter="scale",
        letter="gamma",
        kernel=_jumps,
        noise={"r": Rademacher(), "u": Uniform(), "v": TaylorPart(), "x": Pareto(1)},
        requires="F2",
        cost=Cost(f=3, second=1),
        formula="(1/(pi gamma)) [gamma^2 f''(z + r gamma u v) + f(z + gamma x) + f(z - gamma x) - 2 f(z)], r = +-1, "
        "u ~ U(0,1), v ~ Be(1, 2), x = 1/(a uniform)",
        source="Levy measure dx/(pi x^2), symbol -|w|; jumps below gamma by Taylor's remainder",
        remarks="for bounded f; never forms a second difference at small steps, where it would cancel",
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "0.3"}, "sin(z)"),),
        loses=(Comparison("score-best", {"loc": "0.2", "scale": "1.3"}, "sin(z)"),),
    ),
    Rule(
        id="CAU-g-K",
        family="cauchy",
        parameter="scale",
        letter="gamma",
        kernel=lambda f, c, u, x: (f(c.x0 + c.gamma * x) - f(c.x0 + c.gamma * u * x)) / c.gamma,
        noise={"x": StudentKhinchine(1), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(x0 + gamma x) - f(x0 + gamma u x)] / gamma, x of density 2 x^2/(pi (1 + x^2)^2)",
        source="Khinchine rule",
        remarks="for bounded f, jumps included: variance at most (sup f - inf f)^2/gamma^2",
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "1.3"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0.2", "scale": "1.3"}, "sin(z)"),),
    ),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scale: the Khinchine rule alone keeps its variance bounded for oscillating, kinked and jumping f, at two f.
RECOMMENDED = {"loc": ("CAU-x0-D", "CAU-x0-L"), "scale": ("CAU-g-K",)}
