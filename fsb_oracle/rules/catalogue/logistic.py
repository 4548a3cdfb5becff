"""Rules of the logistic law; catalogue letters mu, s (scale)."""

from fsb_oracle.backends.noise import (
    LaplaceOverZeta,
    LogisticKhinchine,
    LogisticLayer,
    Rademacher,
    SizeBiasedLogistic,
    Uniform,
)
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _log_2(c):
    return c.math.log(c.math.rational(2, 1))


RULES = (
    Rule(
        id="LOG-mu-D",
        family="logistic",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "0.8"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="LOG-mu-L",
        family="logistic",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, x: (f(c.mu + c.s * x) - f(c.mu - c.s * x)) / (4 * c.s),
        noise={"x": LogisticLayer()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + s x) - f(mu - s x)] / (4 s), P(x > t) = 1/cosh(t/2)^2",
        source="layer rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "z**2"),),
        loses=(Comparison("pathwise", {"loc": "0", "scale": "1"}, "z"),),
    ),
    Rule(
        id="LOG-s-D2",
        family="logistic",
        parameter="scale",
        letter="s",
        kernel=lambda f, c, z, x: c.math.pi**2 * c.s / 3 * f.derivative(z + c.s * x, 2),
        noise={"x": LaplaceOverZeta()},
        requires="F2",
        cost=Cost(second=1),
        formula="(pi^2 s/3) f''(z + (s/N) xi), xi ~ Laplace(0, 1), P(N = n) = 6/(pi n)^2",
        source="the logistic law is a sum of Laplace variables of scale s/n",
        remarks="variance 0 for quadratic f; loses for rough f, second moment ~ frequency^4",
        lower_variance_than=(
            Claim("LOG-s-path", "quadratic f", "constant weight of f'': variance 0"),
            Claim("score", "quadratic f", "constant weight of f'': variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "z"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="LOG-s-U",
        family="logistic",
        parameter="scale",
        letter="s",
        kernel=lambda f, c, r, x: 2 * _log_2(c) * r * f.derivative(c.mu + c.s * r * x),
        noise={"r": Rademacher(), "x": SizeBiasedLogistic()},
        formula="2 log(2) r f'(mu + s r x), r = +-1, x of density x p(x)/log 2 on x > 0, p standard logistic",
        source="velocity theorem with sign",
        remarks="phase-averaged second moment 0.584 of pathwise",
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
    ),
    Rule(
        id="LOG-s-Ua",
        family="logistic",
        parameter="scale",
        letter="s",
        kernel=lambda f, c, x: _log_2(c) * (f.derivative(c.mu + c.s * x) - f.derivative(c.mu - c.s * x)),
        noise={"x": SizeBiasedLogistic()},
        cost=Cost(first=2),
        formula="log(2) [f'(mu + s x) - f'(mu - s x)], x of density x p(x)/log 2 on x > 0, p standard logistic",
        source="LOG-s-U with its sign integrated out",
        remarks="variance 0 for linear f",
        lower_variance_than=(
            Claim("LOG-s-U", "any f", "Rao-Blackwell over the sign"),
            Claim("LOG-s-path", "linear f", "odd in the noise: variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "0.8"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="LOG-s-K",
        family="logistic",
        parameter="scale",
        letter="s",
        kernel=lambda f, c, x, u: (f(c.mu + c.s * x) - f(c.mu + c.s * u * x)) / c.s,
        noise={"u": Uniform(), "x": LogisticKhinchine()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + s x) - f(mu + s u x)] / s, x of density -x p'(x), p standard logistic",
        source="Khinchine rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0.2", "scale": "0.8"}, "cos(3*z)"),),
    ),
    Rule(
        id="LOG-s-path",
        family="logistic",
        parameter="scale",
        letter="s",
        kernel=lambda f, c, z: (z - c.mu) / c.s * f.derivative(z),
        formula="((z - mu)/s) f'(z)",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
    ),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scale: the antithetic rule has at most half the variance of the signed one at twice its cost, and 0 for linear f.
RECOMMENDED = {
    "loc": ("LOG-mu-D", "LOG-mu-L"),
    "scale": ("LOG-s-Ua", "LOG-s-K"),
}
