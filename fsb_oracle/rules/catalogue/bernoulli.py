"""Rules of the Bernoulli law; catalogue letter p."""

from fsb_oracle.rules.rule import Cost, Rule

RULES = (
    Rule(
        id="BER-p",
        family="bernoulli",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z: f(0 * z + 1) - f(0 * z),
        requires="F0",
        cost=Cost(f=2),
        formula="f(1) - f(0)",
        source="symbol of p: exp(i w) - 1, alone",
        remarks="exact, variance 0",
    ),
)

RECOMMENDED = {"probs": ("BER-p",)}
