"""Rules of the exponential law; catalogue letter s (scale = 1/rate)."""

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.rules.rule import Cost, Rule

RULES = (
    Rule(
        id="EXP-s-U",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: f.derivative(z + c.s * e),
        noise={"e": Exponential()},
        formula="f'(z + s e), e ~ Exp(1)",
        source="velocity theorem: z + s e ~ Gamma(2, s)",
        remarks="variance 0 for linear f",
    ),
    Rule(
        id="EXP-s-S",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: (f(z + c.s * e) - f(z)) / c.s,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z + s e) - f(z)] / s, e ~ Exp(1)",
        source="measure-valued derivative, Erlang(2) minus Exp, coupled",
    ),
)
