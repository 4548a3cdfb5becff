"""Rules of the asymmetric Laplace law; catalogue letters mu, b1 (right scale), b2 (left scale)."""

from fsb_oracle.backends.noise import Exponential, Gamma
from fsb_oracle.rules.rule import Claim, Cost, Rule


def _scale_rules(letter, parameter, side):
    """f'(z + b e), its difference and its Rao-Blackwellization; side -1 for the left scale."""
    sign = "" if side == 1 else "-"
    to = "+" if side == 1 else "-"

    def step(c, y):
        return side * getattr(c, letter) * y

    common = {"family": "asymmetric_laplace", "parameter": parameter, "letter": letter}
    return (
        Rule(
            id=f"ALA-{letter}-U",
            kernel=lambda f, c, z, e: side * f.derivative(z + step(c, e)),
            noise={"e": Exponential()},
            formula=f"{sign}f'(z {to} {letter} e), e ~ Exp(1)",
            source="EXP-s-U of one of the two exponential variables",
            remarks="constant weight: variance 0 for linear f",
            lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
            **common,
        ),
        Rule(
            id=f"ALA-{letter}-S",
            kernel=lambda f, c, z, e: (f(z + step(c, e)) - f(z)) / getattr(c, letter),
            noise={"e": Exponential()},
            requires="F0",
            cost=Cost(f=2),
            formula=f"[f(z {to} {letter} e) - f(z)]/{letter}, e ~ Exp(1)",
            source="EXP-s-S of one of the two exponential variables",
            remarks="bounded variance for bounded f, jumps included",
            **common,
        ),
        Rule(
            id=f"ALA-{letter}-SB",
            kernel=lambda f, c, z, g: (f(z + step(c, g)) - f(z)) / (getattr(c, letter) * g),
            noise={"g": Gamma(2)},
            requires="F0",
            cost=Cost(f=2),
            formula=f"[f(z {to} {letter} g) - f(z)]/({letter} g), g ~ Gamma(2)",
            source="EXP-s-SB of one of the two exponential variables",
            remarks="finite variance for jumps",
            lower_variance_than=(
                Claim(f"ALA-{letter}-U", "continuous f", "Rao-Blackwell over the uniform"),
                Claim("score", "linear f", "constant slope: variance 0"),
            ),
            **common,
        ),
    )


RULES = (
    Rule(
        id="ALA-mu-D",
        family="asymmetric_laplace",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
    ),
    Rule(
        id="ALA-mu-L",
        family="asymmetric_laplace",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, e: (f(c.mu + c.b1 * e) - f(c.mu - c.b2 * e)) / (c.b1 + c.b2),
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + b1 e) - f(mu - b2 e)]/(b1 + b2), e ~ Exp(1)",
        source="layer rule, split at the mode",
        remarks="bounded variance for bounded f, jumps included",
    ),
    *_scale_rules("b1", "scale1", 1),
    *_scale_rules("b2", "scale0", -1),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scales: constant weight and one f'; for jumps the size-biased difference
RECOMMENDED = {
    "loc": ("ALA-mu-D", "ALA-mu-L"),
    "scale1": ("ALA-b1-U", "ALA-b1-SB"),
    "scale0": ("ALA-b2-U", "ALA-b2-SB"),
}
