"""The rule of the point mass: classical backpropagation."""

from fsb_oracle.rules.rule import Rule

RULES = (
    Rule(
        id="DIRAC-x-D",
        family="dirac",
        parameter="loc",
        letter="x",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(x)",
        source="symbol i w of exp(i w x)",
        remarks="deterministic, variance 0",
    ),
)

RECOMMENDED = {"loc": ("DIRAC-x-D",)}
