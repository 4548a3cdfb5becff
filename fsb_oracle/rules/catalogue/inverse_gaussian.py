"""Rules of the inverse Gaussian law; catalogue letters mu (mean), lambda (concentration)."""

from sympy import Rational

from fsb_oracle.backends.noise import Exponential, Gamma, Uniform
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _scale(c):
    """1/scale is the decay of the Levy density x^(-3/2) exp(-x/scale)."""
    return 2 * c.mu**2 / c.concentration


def _coupled_pair(f, c, z, g, e, u):
    step, longer = _scale(c) * g, _scale(c) * (g + e)
    return c.mu / c.concentration * (f.derivative(z + step) - f.derivative(z + u * longer))


def _weak_derivative(f, c, z, g):
    """Both roots of the quadratic in Michael, Schucany and Haas 1976, by their probabilities."""
    r = c.mu * g / c.concentration
    root = 1 + r + c.math.sqrt(r * (r + 2))
    split = root / (1 + root)  # P(the smaller root mu/root)
    return (f(z) - split * f(c.mu / root) - (1 - split) * f(c.mu * root)) / (2 * c.concentration)


RULES = (
    Rule(
        id="IG-mu-U",
        family="inverse_gaussian",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z, u, g: f.derivative(z + u * _scale(c) * g),
        noise={"u": Uniform(), "g": Gamma(Rational(3, 2))},
        formula="f'(z + u X), X = (2 mu^2/lambda) g, g ~ Gamma(3/2)",
        source="derivative of the Levy density x^(-3/2) exp(-lambda x/(2 mu^2)) in mu, velocity theorem",
        remarks="constant weight 1: variance 0 for linear f",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
        wins=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "cos(3*z)"),),
    ),
    Rule(
        id="IG-mu-SB",
        family="inverse_gaussian",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z, g: (f(z + _scale(c) * g) - f(z)) / (_scale(c) * g),
        noise={"g": Gamma(Rational(3, 2))},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/X) [f(z + X) - f(z)], X = (2 mu^2/lambda) g, g ~ Gamma(3/2)",
        source="Rao-Blackwellization of IG-mu-U over u",
        remarks="finite variance for jumps",
        lower_variance_than=(
            Claim("IG-mu-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="IG-mu-S",
        family="inverse_gaussian",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z, g: c.concentration / c.mu**2 * (f(z + _scale(c) * g) - f(z)),
        noise={"g": Gamma(Rational(1, 2))},
        requires="F0",
        cost=Cost(f=2),
        formula="(lambda/mu^2) [f(z + X) - f(z)], X = (2 mu^2/lambda) g, g ~ Gamma(1/2)",
        source="finite-activity shift rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "0.7", "concentration": "3"}, "cos(3*z)"),),
    ),
    Rule(
        id="IG-lam-A2",
        family="inverse_gaussian",
        parameter="concentration",
        letter="lambda",
        kernel=_coupled_pair,
        noise={"g": Gamma(Rational(1, 2)), "e": Exponential(), "u": Uniform()},
        cost=Cost(first=2),
        formula="(mu/lambda) [f'(z + C g) - f'(z + u C (g + e))], C = 2 mu^2/lambda, g ~ Gamma(1/2), e ~ Exp(1)",
        source="compensated Levy kernel, two laws of equal mass, coupled",
        remarks="loses to implicit for most f; variance 0 for linear f",
        lower_variance_than=(Claim("score", "linear f", "equal masses: variance 0"),),
        wins=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "cos(3*z)"),),
    ),
    Rule(
        id="IG-lam-P",
        family="inverse_gaussian",
        parameter="concentration",
        letter="lambda",
        kernel=_weak_derivative,
        noise={"g": Gamma(Rational(3, 2))},
        requires="F0",
        cost=Cost(f=3),
        formula="[f(z) - q f(mu/x) - (1-q) f(mu x)]/(2 lambda), x = 1 + r + sqrt(r (r+2)), "
        "r = mu g/lambda, q = x/(1+x), g ~ Gamma(3/2)",
        source="weak derivative: lambda (z - mu)^2/(mu^2 z) is chi-squared (Shuster 1968), here biased by itself",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "2", "concentration": "0.5"}, "cos(3*z)"),),
    ),
)

# loc: constant weight and one f'; for jumps the smaller variance at wide laws.
# concentration: the pair costs two f' and keeps the order of the gradient; only the weak derivative admits jumps.
RECOMMENDED = {
    "loc": ("IG-mu-U", "IG-mu-S"),
    "concentration": ("IG-lam-A2", "IG-lam-P"),
}
