"""Rules of the geometric law of failures, catalogue letter p. They never ask for a derivative of f."""

from sympy import Symbol

from fsb_oracle.backends.noise import Geometric
from fsb_oracle.rules.rule import Cost, Rule

_p = Symbol("p")

RULES = (
    Rule(
        id="GEO-p-A",
        family="geometric",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z, x: (f(z + x) - f(z + x + 1)) / c.p**2,
        noise={"x": Geometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="-(1/p^2) [f(z + x + 1) - f(z + x)], x ~ Geometric(p)",
        source="symbol -(1/p^2) (exp(i w) - 1) phi(w): the difference at the sum of two geometric variables",
        remarks="constant weight; variance 0 for linear f",
    ),
    Rule(
        id="GEO-p-S",
        family="geometric",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z, x: (f(z) - f(z + x + 1)) / c.p,
        noise={"x": Geometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="-(1/p) [f(z + x + 1) - f(z)], x ~ Geometric(p)",
        source="shift rule of the Levy kernel q^(n-1), n = 1, 2, ...",
        remarks="variance of order 1/p^2 for bounded f, where GEO-p-A has 1/p^4 for rough f",
    ),
)

RECOMMENDED = {"probs": ("GEO-p-S", "GEO-p-A")}
