"""Rules of the relaxed Bernoulli law: tau logit(z) is logistic of location logit(p) and scale 1.

Catalogue letters tau (temperature), p (probs). Every rule of the logistic law serves y = logit(z), with f seen through
z = 1/(1 + exp(-y)): dz/dy = z (1 - z).
"""

from fsb_oracle.backends.noise import Logistic, LogisticKhinchine, LogisticLayer
from fsb_oracle.rules.rule import Comparison, Cost, Rule


def _logit(c):
    return c.math.log(c.p) - c.math.log(1 - c.p)


def _point(c, x):
    """z where tau logit(z) = logit(p) + x."""
    return 1 / (1 + c.math.exp(-(_logit(c) + x) / c.tau))


def _slope(f, c, x):
    """d f(z)/d logit(z)."""
    z, other = _point(c, x), 1 / (1 + c.math.exp((_logit(c) + x) / c.tau))
    return z * other * f.derivative(z)


def _layers(f, c, x):
    """The derivative in logit(p)."""
    return (f(_point(c, x)) - f(_point(c, -x))) / 4


def _both(f, c, x, y, t):
    return -(_logit(c) * _layers(f, c, x) + f(_point(c, y)) - f(_point(c, t))) / c.tau


RULES = (
    Rule(
        id="RBE-p-D",
        family="relaxed_bernoulli",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, x: _slope(f, c, x) / (c.tau * c.p * (1 - c.p)),
        noise={"x": Logistic()},
        formula="z (1 - z) f'(z)/(tau p (1 - p))",
        source="LOG-mu-D in logit z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="RBE-p-L",
        family="relaxed_bernoulli",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, x: _layers(f, c, x) / (c.p * (1 - c.p)),
        noise={"x": LogisticLayer()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z(x)) - f(z(-x))]/(4 p (1 - p)), tau logit z(x) = logit p + x, P(x > t) = 1/cosh(t/2)^2",
        source="LOG-mu-L in logit z",
        loses=(Comparison("RBE-p-D", {"temperature": "5", "probs": "0.3"}, "z"),),
    ),
    Rule(
        id="RBE-tau-D",
        family="relaxed_bernoulli",
        parameter="temperature",
        letter="tau",
        kernel=lambda f, c, x: -(_logit(c) + x) / c.tau**2 * _slope(f, c, x),
        noise={"x": Logistic()},
        formula="-(logit(z)/tau) z (1 - z) f'(z)",
        source="LOG-s-path in logit z",
        loses=(Comparison("score", {"temperature": "1", "probs": "0.3"}, "cos(30*z)"),),
        remarks="equals reparameterization",
    ),
    Rule(
        id="RBE-tau-P",
        family="relaxed_bernoulli",
        parameter="temperature",
        letter="tau",
        kernel=_both,
        noise={"x": LogisticLayer(), "y": LogisticKhinchine(), "t": Logistic()},
        requires="F0",
        cost=Cost(f=4),
        formula="-(logit p [f(z(x)) - f(z(-x))]/4 + f(z(y)) - f(z(t)))/tau, y of density t tanh(t/2) p(t), t of p",
        source="LOG-mu-L, and the weak derivative of the scale in logit z",
        remarks="p the standard logistic density; independent halves",
    ),
)

# temperature: for jumps the rule without a derivative; probs: less variance at two f than one f' has
RECOMMENDED = {"temperature": ("RBE-tau-D", "RBE-tau-P"), "probs": ("RBE-p-L",)}
