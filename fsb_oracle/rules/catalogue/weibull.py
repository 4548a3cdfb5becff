"""Rules of the Weibull law: -log(z/lam) is Gumbel of scale 1/k; catalogue letters lam (scale), k (concentration)."""

from fsb_oracle.backends.noise import (
    Exponential,
    ExponentialOverZeta,
    GumbelKhinchine,
    GumbelLayerAbove,
    GumbelLayerBelow,
    Uniform,
)
from fsb_oracle.rules.rule import Comparison, Cost, Rule


def _point(c, x):
    return c.lam * c.math.exp(-x / c.k)


def _layer(f, c, above, below):
    density_at_mode = c.k * c.math.exp(c.math.rational(-1, 1)) / c.lam
    return density_at_mode * (f(_point(c, -below)) - f(_point(c, above)))


def _shape_path(f, c, e):
    log_e = c.math.log(e)
    z = _point(c, -log_e)
    return -z * log_e / c.k**2 * f.derivative(z)


def _zeta(f, c, z, x):
    shifted = z * c.math.exp(-x / c.k)
    second = shifted * f.derivative(shifted) + shifted**2 * f.derivative(shifted, 2)
    return (c.math.euler_gamma * z * f.derivative(z) - c.math.pi**2 / (6 * c.k) * second) / c.k**2


RULES = (
    Rule(
        id="WEI-lam-D",
        family="weibull",
        parameter="scale",
        letter="lam",
        space="log",
        kernel=lambda f, c, z: z / c.lam * f.derivative(z),
        formula="(z/lam) f'(z)",
        source="GUM-mu-D in -log z",
        remarks="equals reparameterization",
        wins=(Comparison("score-best", {"scale": "1", "concentration": "2"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"scale": "1.5", "concentration": "0.7"}, "cos(3*z)"),),
    ),
    Rule(
        id="WEI-lam-L",
        family="weibull",
        parameter="scale",
        letter="lam",
        space="log",
        kernel=_layer,
        noise={"above": GumbelLayerAbove(), "below": GumbelLayerBelow()},
        requires="F0",
        cost=Cost(f=2),
        formula="(k/(e lam)) [f(lam exp(y/k)) - f(lam exp(-x/k))], x, y the layers of the standard Gumbel density",
        source="GUM-mu-L in -log z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"scale": "1", "concentration": "1"}, "exp(-z**2)"),),
        loses=(Comparison("pathwise", {"scale": "1", "concentration": "2"}, "tanh(z)"),),
    ),
    Rule(
        id="WEI-k-D2",
        family="weibull",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_zeta,
        noise={"x": ExponentialOverZeta()},
        requires="F2",
        cost=Cost(first=2, second=1),
        formula="-(1/k^2) {-g F'(log z) + (pi^2/(6 k)) F''(log z - e/(k N))}, F = f(exp(.)), g = 0.5772... (Euler), "
        "P(N = n) = 6/(pi n)^2, e ~ Exp(1)",
        source="GUM-be-D2 in -log z",
        remarks="loses for rough f",
        wins=(Comparison("score-best", {"scale": "1", "concentration": "2"}, "z"),),
        loses=(Comparison("score-best", {"scale": "1.5", "concentration": "0.7"}, "sin(z)"),),
    ),
    Rule(
        id="WEI-k-K",
        family="weibull",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=lambda f, c, x, u: (f(_point(c, u * x)) - f(_point(c, x))) / c.k,
        noise={"x": GumbelKhinchine(), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/k) [f(lam exp(-u x/k)) - f(lam exp(-x/k))], x of the Khinchine law of the standard Gumbel density",
        source="GUM-be-K in -log z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"scale": "1.5", "concentration": "0.7"}, "z**2"),),
        loses=(Comparison("pathwise", {"scale": "1.5", "concentration": "0.7"}, "exp(-z**2)"),),
    ),
    Rule(
        id="WEI-k-path",
        family="weibull",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_shape_path,
        noise={"e": Exponential()},
        formula="-(z log(z/lam)/k) f'(z), z = lam e^(1/k)",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"scale": "1", "concentration": "1"}, "exp(-z**2)"),),
        loses=(Comparison("score-best", {"scale": "1.5", "concentration": "0.7"}, "cos(3*z)"),),
    ),
)

# as for the Gumbel law
RECOMMENDED = {"scale": ("WEI-lam-D", "WEI-lam-L"), "concentration": ("WEI-k-path", "WEI-k-K")}
