"""Rules of the uniform law; catalogue letters a = low, b = high. The score estimator does not exist here."""

from fsb_oracle.rules.rule import Cost, Rule

RULES = (
    Rule(
        id="UNI-a-P",
        family="uniform",
        parameter="low",
        letter="a",
        kernel=lambda f, c, z: (f(z) - f(c.a)) / (c.b - c.a),
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z) - f(a)] / (b - a)",
        source="weak derivative: point mass at the moving end minus the law",
        remarks="f continuous at a",
    ),
    Rule(
        id="UNI-b-P",
        family="uniform",
        parameter="high",
        letter="b",
        kernel=lambda f, c, z: (f(c.b) - f(z)) / (c.b - c.a),
        requires="F0",
        cost=Cost(f=2),
        formula="[f(b) - f(z)] / (b - a)",
        source="weak derivative: point mass at the moving end minus the law",
        remarks="f continuous at b",
    ),
)
