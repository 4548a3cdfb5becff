"""Rules of the Skellam law; catalogue letters mu1 = rate1, mu2 = rate2. They never ask for a derivative of f."""

from fsb_oracle.rules.rule import Cost, Rule

RULES = (
    Rule(
        id="SKE-mu1",
        family="skellam",
        parameter="rate1",
        letter="mu1",
        kernel=lambda f, c, z: f(z + 1) - f(z),
        requires="F0",
        cost=Cost(f=2),
        formula="f(z + 1) - f(z)",
        source="symbol exp(i w) - 1",
    ),
    Rule(
        id="SKE-mu2",
        family="skellam",
        parameter="rate2",
        letter="mu2",
        kernel=lambda f, c, z: f(z - 1) - f(z),
        requires="F0",
        cost=Cost(f=2),
        formula="f(z - 1) - f(z)",
        source="symbol exp(-i w) - 1",
    ),
)

RECOMMENDED = {"rate1": ("SKE-mu1",), "rate2": ("SKE-mu2",)}
