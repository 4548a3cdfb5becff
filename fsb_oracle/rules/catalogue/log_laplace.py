"""Rules of the log-Laplace law: log(z/s) is Laplace of scale 1/alpha; letters s (scale), alpha (concentration)."""

from fsb_oracle.backends.noise import Exponential, Gamma, Laplace, Rademacher, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _moved(c, z, x):
    return z * c.math.exp(x / c.alpha)


def _slope(f, c, x):
    """The derivative of f(exp(y)) at y = log s + x/alpha."""
    z = _moved(c, c.s, x)
    return z * f.derivative(z)


def _second_difference(f, c, z, x):
    return f(_moved(c, z, x)) + f(_moved(c, z, -x)) - 2 * f(z)


RULES = (
    Rule(
        id="LLA-s-D",
        family="log_laplace",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, z: z / c.s * f.derivative(z),
        formula="(z/s) f'(z)",
        source="LAP-mu-D in log z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="LLA-s-L",
        family="log_laplace",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, e: c.alpha / (2 * c.s) * (f(_moved(c, c.s, e)) - f(_moved(c, c.s, -e))),
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="(alpha/(2 s)) [f(s exp(e/alpha)) - f(s exp(-e/alpha))], e ~ Exp(1)",
        source="LAP-mu-L in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="LLA-al-Ua",
        family="log_laplace",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, g: (_slope(f, c, -g) - _slope(f, c, g)) / (2 * c.alpha**2),
        noise={"g": Gamma(2)},
        cost=Cost(first=2),
        formula="(1/(2 alpha^2)) [F'(log s - g/alpha) - F'(log s + g/alpha)], F = f(exp(.)), g ~ Gamma(2)",
        source="LAP-b-U in log z, with its sign integrated out",
    ),
    Rule(
        id="LLA-al-K",
        family="log_laplace",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, r, g, u: (f(_moved(c, c.s, r * u * g)) - f(_moved(c, c.s, r * g))) / c.alpha,
        noise={"u": Uniform(), "r": Rademacher(), "g": Gamma(2)},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/alpha) [f(s exp(r u g/alpha)) - f(s exp(r g/alpha))], r = +-1, g ~ Gamma(2)",
        source="LAP-b-K in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="LLA-al-S",
        family="log_laplace",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, z, xi: (2 / c.alpha) * (f(z) - f(_moved(c, z, xi))),
        noise={"xi": Laplace()},
        requires="F0",
        cost=Cost(f=2),
        formula="(2/alpha) [f(z) - f(z exp(xi/alpha))], xi ~ Laplace(0, 1)",
        source="LAP-b-S in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="LLA-al-Ssym",
        family="log_laplace",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, z, x: -_second_difference(f, c, z, x) / (c.alpha * x),
        noise={"x": Gamma(2)},
        requires="F0",
        cost=Cost(f=3),
        formula="-(1/(alpha x)) [f(z exp(x/alpha)) + f(z exp(-x/alpha)) - 2 f(z)], x ~ Gamma(2)",
        source="LAP-b-Ssym in log z",
        remarks="finite variance for jumps",
    ),
)

# as for the Laplace law
RECOMMENDED = {"scale": ("LLA-s-D", "LLA-s-L"), "concentration": ("LLA-al-Ua", "LLA-al-K")}
