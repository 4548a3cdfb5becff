"""Rules of the Poisson law; catalogue letter lam. They never ask for a derivative of f."""

from fsb_oracle.rules.rule import Cost, Rule

RULES = (
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

RECOMMENDED = {"rate": ("POI",)}
