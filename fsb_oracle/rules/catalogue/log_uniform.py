"""Rules of the log-uniform law; catalogue letters a (low), b (high)."""

from fsb_oracle.rules.rule import Cost, Rule


def _width(c):
    return c.math.log(c.b) - c.math.log(c.a)


RULES = (
    Rule(
        id="LUN-a-P",
        family="log_uniform",
        parameter="low",
        letter="a",
        space="log",
        kernel=lambda f, c, z: (f(z) - f(c.a)) / (c.a * _width(c)),
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z) - f(a)] / (a log(b/a))",
        source="UNI-a-P in log z",
        remarks="f(a) is the same for every draw",
    ),
    Rule(
        id="LUN-b-P",
        family="log_uniform",
        parameter="high",
        letter="b",
        space="log",
        kernel=lambda f, c, z: (f(c.b) - f(z)) / (c.b * _width(c)),
        requires="F0",
        cost=Cost(f=2),
        formula="[f(b) - f(z)] / (b log(b/a))",
        source="UNI-b-P in log z",
        remarks="f(b) is the same for every draw",
    ),
)

RECOMMENDED = {"low": ("LUN-a-P",), "high": ("LUN-b-P",)}
