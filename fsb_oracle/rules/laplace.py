"""Rules of the Laplace law; catalogue letters mu, b (scale)."""

from fsb_oracle.backends.noise import Exponential, Gamma, Rademacher
from fsb_oracle.rules.rule import Cost, Rule


def _second_difference(f, c, z, x):
    """(2 b / X^2) [f(z + X) + f(z - X) - 2 f(z)] with X = b x."""
    shift = c.b * x
    return (2 * c.b / shift**2) * (f(z + shift) + f(z - shift) - 2 * f(z))


RULES = (
    Rule(
        id="LAP-mu-D",
        family="laplace",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="LAP-mu-L",
        family="laplace",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, e: (f(c.mu + c.b * e) - f(c.mu - c.b * e)) / (2 * c.b),
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + b e) - f(mu - b e)] / (2 b), e ~ Exp(1)",
        source="layer rule; partial fractions of i w / (1 + b^2 w^2)",
    ),
    Rule(
        id="LAP-b-U",
        family="laplace",
        parameter="scale",
        letter="b",
        kernel=lambda f, c, r, g: r * f.derivative(c.mu + r * c.b * g),
        noise={"r": Rademacher(), "g": Gamma(2)},
        formula="r f'(mu + r b g), r = +-1, g ~ Gamma(2)",
        source="velocity theorem with sign",
        remarks="minimal mass; phase-averaged second moment 1/2 of pathwise",
    ),
    Rule(
        id="LAP-b-SB2",
        family="laplace",
        parameter="scale",
        letter="b",
        kernel=_second_difference,
        noise={"x": Gamma(3)},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=3),
        formula="(2 b / X^2) [f(z + X) + f(z - X) - 2 f(z)], X = b x, x ~ Gamma(3)",
        source="symmetric second difference with x^2-biased proposal",
        remarks="variance 0 for quadratics; infinite variance for jumps (second moment ~ integral of 1/x near 0)",
    ),
)
