"""Rules of the beta prime law g/h of two gamma variables; letters a = concentration1, b = concentration0."""

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Cost, Rule


def _numerator_difference(f, c, z, e):
    lost = drop(c.math, e / c.a)
    return difference(f, z, z * (1 - lost), -z * lost, -1 / (c.a * lost), z / c.a)


def _denominator_difference(f, c, z, e):
    lost = drop(c.math, e / c.b)
    # not z / (1 - lost), which rounds to infinity where exp(-e/b) is below the precision
    far = z * c.math.exp(e / c.b)
    return difference(f, z, far, far * lost, -1 / (c.b * lost), -far / c.b)


RULES = (
    Rule(
        id="BPR-a-SM",
        family="beta_prime",
        parameter="concentration1",
        letter="a",
        space="log",
        kernel=_numerator_difference,
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(1/a) [f(z) - f(z V)]/(1 - V), V = exp(-e/a), e ~ Exp(1)",
        source="GAM-k-SM of the numerator",
        remarks="infinite variance for jumps",
    ),
    Rule(
        id="BPR-b-SM",
        family="beta_prime",
        parameter="concentration0",
        letter="b",
        space="log",
        kernel=_denominator_difference,
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(1/b) [f(z) - f(z/V)]/(1 - V), V = exp(-e/b), e ~ Exp(1)",
        source="GAM-k-SM of the denominator",
        remarks="for bounded f; infinite variance for jumps",
    ),
)

RECOMMENDED = {"concentration1": ("BPR-a-SM",), "concentration0": ("BPR-b-SM",)}
