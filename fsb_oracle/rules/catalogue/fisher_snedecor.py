"""Rules of the Fisher-Snedecor law: z m/n is beta prime(m/2, n/2); catalogue letters m = df1, n = df2."""

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Cost, Rule


def _numerator_difference(f, c, z, e):
    lost = drop(c.math, 2 * e / c.m)
    return difference(f, z, z * (1 - lost), -z * lost, -1 / (c.m * lost), z / c.m) - z / c.m * f.derivative(z)


def _denominator_difference(f, c, z, e):
    lost = drop(c.math, 2 * e / c.n)
    # not z / (1 - lost), which rounds to infinity where exp(-2 e/n) is below the precision
    far = z * c.math.exp(2 * e / c.n)
    return difference(f, z, far, far * lost, -1 / (c.n * lost), -far / c.n) + z / c.n * f.derivative(z)


RULES = (
    Rule(
        id="FIS-m-SM",
        family="fisher_snedecor",
        parameter="df1",
        letter="m",
        space="log",
        kernel=_numerator_difference,
        noise={"e": Exponential()},
        cost=Cost(f=2, first=1),
        formula="(1/m) {[f(z) - f(z V)]/(1 - V) - z f'(z)}, V = exp(-2 e/m), e ~ Exp(1)",
        source="BPR-a-SM and the scale n/m",
    ),
    Rule(
        id="FIS-n-SM",
        family="fisher_snedecor",
        parameter="df2",
        letter="n",
        space="log",
        kernel=_denominator_difference,
        noise={"e": Exponential()},
        cost=Cost(f=2, first=1),
        formula="(1/n) {[f(z) - f(z/V)]/(1 - V) + z f'(z)}, V = exp(-2 e/n), e ~ Exp(1)",
        source="BPR-b-SM and the scale n/m",
        remarks="for bounded f",
    ),
)

RECOMMENDED = {"df1": ("FIS-m-SM",), "df2": ("FIS-n-SM",)}
