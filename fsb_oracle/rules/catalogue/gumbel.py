"""Rules of the Gumbel law (of maxima); catalogue letters mu, beta (scale)."""

from fsb_oracle.backends.noise import ExponentialOverZeta, GumbelKhinchine, GumbelLayerAbove, GumbelLayerBelow, Uniform
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _layer(f, c, above, below):
    density_at_mode = c.math.exp(c.math.rational(-1, 1)) / c.beta
    return density_at_mode * (f(c.mu + c.beta * above) - f(c.mu - c.beta * below))


def _zeta(f, c, z, x):
    second = f.derivative(z + c.beta * x, 2)
    return c.math.euler_gamma * f.derivative(z) + c.math.pi**2 * c.beta / 6 * second


RULES = (
    Rule(
        id="GUM-mu-D",
        family="gumbel",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "0.6"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="GUM-mu-L",
        family="gumbel",
        parameter="loc",
        letter="mu",
        kernel=_layer,
        noise={"above": GumbelLayerAbove(), "below": GumbelLayerBelow()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + beta x) - f(mu - beta y)] / (e beta), P(x > t) = e p(t), P(y > t) = e p(-t), p at 0 and 1",
        source="layer rule, split at the mode",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="GUM-be-D2",
        family="gumbel",
        parameter="scale",
        letter="beta",
        kernel=_zeta,
        noise={"x": ExponentialOverZeta()},
        requires="F2",
        cost=Cost(first=1, second=1),
        formula="g f'(z) + (pi^2 beta/6) f''(z + (beta/N) e), g = 0.5772... (Euler), P(N = n) = 6/(pi n)^2, e ~ Exp(1)",
        source="the Gumbel law is a centred sum of exponential variables of scale beta/n",
        remarks="variance 0 for linear f; loses for rough f, second moment ~ frequency^4",
        lower_variance_than=(
            Claim("GUM-be-path", "linear f", "constant weights: variance 0"),
            Claim("score", "linear f", "constant weights: variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "0.2", "scale": "0.6"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
    ),
    Rule(
        id="GUM-be-K",
        family="gumbel",
        parameter="scale",
        letter="beta",
        kernel=lambda f, c, x, u: (f(c.mu + c.beta * x) - f(c.mu + c.beta * u * x)) / c.beta,
        noise={"u": Uniform(), "x": GumbelKhinchine()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + beta x) - f(mu + beta u x)] / beta, x of density -x p'(x), p standard Gumbel",
        source="Khinchine rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
    ),
    Rule(
        id="GUM-be-path",
        family="gumbel",
        parameter="scale",
        letter="beta",
        kernel=lambda f, c, z: (z - c.mu) / c.beta * f.derivative(z),
        formula="((z - mu)/beta) f'(z)",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
    ),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scale: one f' serves every parameter, and f'' would lose for all but nearly quadratic f; for jumps (and for f that
# oscillates within the scale) the Khinchine rule.
RECOMMENDED = {
    "loc": ("GUM-mu-D", "GUM-mu-L"),
    "scale": ("GUM-be-path", "GUM-be-K"),
}
