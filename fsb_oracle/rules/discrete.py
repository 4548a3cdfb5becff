"""Rules of laws on the integers. They never ask for a derivative of f; the class of f does not matter."""

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
    Rule(
        id="POI",
        family="poisson",
        parameter="rate",
        letter="lam",
        kernel=lambda f, c, z: f(z + 1) - f(z),
        requires="F0",
        cost=Cost(f=2),
        formula="f(z + 1) - f(z)",
        source="symbol exp(i w) - 1",
    ),
)
