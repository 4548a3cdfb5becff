"""Rules of the Levy law: c/(z - mu) is chi-squared with one degree of freedom; catalogue letters mu, c (scale)."""

from fsb_oracle.backends.noise import Exponential, ReciprocalGamma
from fsb_oracle.rules.rule import Comparison, Cost, Rule


def _reciprocal_difference(f, c, y, e):
    """y exp(2 e)/2 of the law's standard form: Gamma(3/2) V with V = exp(-2 e) is Gamma(1/2)."""
    near = c.c * y / 2
    return (f(c.mu + near * c.math.exp(2 * e)) - f(c.mu + near)) / (2 * c.c)


RULES = (
    Rule(
        id="LEV-mu-D",
        family="levy",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        wins=(Comparison("pathwise", {"loc": "0.3", "scale": "0.8"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"loc": "0.3", "scale": "0.8"}, "sin(z)"),),
    ),
    Rule(
        id="LEV-c-S",
        family="levy",
        parameter="scale",
        letter="c",
        kernel=_reciprocal_difference,
        noise={"y": ReciprocalGamma(), "e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/(2 c)) [f(mu + c y exp(2 e)/2) - f(mu + c y/2)], 1/y ~ Gamma(3/2), e ~ Exp(1)",
        source="GAM-s-S of 1/(z - mu), which is gamma of concentration 1/2 and scale 2/c",
        remarks="for bounded f, jumps included: variance at most (sup f - inf f)^2/(4 c^2)",
    ),
)

# loc: the plain derivative; scale: bounded whatever f does, where pathwise derivatives have no mean
RECOMMENDED = {"loc": ("LEV-mu-D",), "scale": ("LEV-c-S",)}
