"""Rules of the log-logistic law: log(z/s) is logistic of scale 1/alpha; letters s (scale), alpha (concentration)."""

from fsb_oracle.backends.noise import LogisticKhinchine, LogisticLayer, SizeBiasedLogistic, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _point(c, x):
    return c.s * c.math.exp(x / c.alpha)


def _slope(f, c, x):
    """The derivative of f(exp(y)) at y = log s + x/alpha."""
    z = _point(c, x)
    return z * f.derivative(z)


def _antithetic(f, c, x):
    return c.math.log(c.math.rational(2, 1)) / c.alpha**2 * (_slope(f, c, -x) - _slope(f, c, x))


RULES = (
    Rule(
        id="LLO-s-D",
        family="log_logistic",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, z: z / c.s * f.derivative(z),
        formula="(z/s) f'(z)",
        source="LOG-mu-D in log z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="LLO-s-L",
        family="log_logistic",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, x: c.alpha / (4 * c.s) * (f(_point(c, x)) - f(_point(c, -x))),
        noise={"x": LogisticLayer()},
        requires="F0",
        cost=Cost(f=2),
        formula="(alpha/(4 s)) [f(s exp(x/alpha)) - f(s exp(-x/alpha))], P(x > t) = 1/cosh(t/2)^2",
        source="LOG-mu-L in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="LLO-al-Ua",
        family="log_logistic",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=_antithetic,
        noise={"x": SizeBiasedLogistic()},
        cost=Cost(first=2),
        formula="(log(2)/alpha^2) [F'(log s - x/alpha) - F'(log s + x/alpha)], F = f(exp(.)), x ~ x p(x)/log 2",
        source="LOG-s-Ua in log z",
    ),
    Rule(
        id="LLO-al-K",
        family="log_logistic",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, x, u: (f(_point(c, u * x)) - f(_point(c, x))) / c.alpha,
        noise={"u": Uniform(), "x": LogisticKhinchine()},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/alpha) [f(s exp(u x/alpha)) - f(s exp(x/alpha))], x of the Khinchine law of the logistic density",
        source="LOG-s-K in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
)

# as for the logistic law
RECOMMENDED = {"scale": ("LLO-s-D", "LLO-s-L"), "concentration": ("LLO-al-Ua", "LLO-al-K")}
