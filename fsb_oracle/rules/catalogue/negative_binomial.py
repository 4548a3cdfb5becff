"""Rules of the negative binomial law; catalogue letters r (total_count), p = 1 - probs.

Its Levy measure is r probs^n / n on n = 1, 2, ... They never ask for a derivative of f.
"""

from sympy import Symbol

from fsb_oracle.backends.noise import BelowGeometric, Geometric, Logarithmic
from fsb_oracle.rules.rule import Claim, Cost, Rule

_p, _probs = Symbol("p"), Symbol("probs")

RULES = (
    Rule(
        id="NB-r-S",
        family="negative_binomial",
        parameter="total_count",
        letter="r",
        kernel=lambda f, c, z, n: -c.math.log(c.p) * (f(z + n) - f(z)),
        noise={"n": Logarithmic(_probs)},
        requires="F0",
        cost=Cost(f=2),
        formula="-log(p) [f(z + n) - f(z)], n ~ Logarithmic(1 - p)",
        source="shift rule of the Levy kernel (1 - p)^n / n",
        remarks="bounded as r -> 0, where GO and the score grow like 1/r",
    ),
    Rule(
        id="NB-r-U",
        family="negative_binomial",
        parameter="total_count",
        letter="r",
        kernel=lambda f, c, z, j: c.probs / c.p * (f(z + j + 1) - f(z + j)),
        noise={"j": BelowGeometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="((1-p)/p) [f(z + j + 1) - f(z + j)], j uniform below n, n = 1, 2, ... geometric",
        source="the same kernel, lattice velocity theorem: the jump n is size-biased, j uniform on 0..n-1",
        remarks="constant weight; variance 0 for linear f",
    ),
    Rule(
        id="NB-r-SB",
        family="negative_binomial",
        parameter="total_count",
        letter="r",
        kernel=lambda f, c, z, n: c.probs / c.p * (f(z + n + 1) - f(z)) / (n + 1),
        noise={"n": Geometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="((1-p)/p) [f(z + n) - f(z)] / n, n = 1, 2, ... geometric",
        source="Rao-Blackwellization of NB-r-U over j",
        lower_variance_than=(Claim("NB-r-U", "any f", "Rao-Blackwell"),),
    ),
    Rule(
        id="NB-p-A",
        family="negative_binomial",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z, x: c.r / c.p**2 * (f(z + x) - f(z + x + 1)),
        noise={"x": Geometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="-(r/p^2) [f(z + x + 1) - f(z + x)], x ~ Geometric(p)",
        source="lattice velocity theorem: z + x is negative binomial with r + 1",
        remarks="constant weight; variance 0 for linear f",
    ),
    Rule(
        id="NB-p-S",
        family="negative_binomial",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z, x: c.r / c.p * (f(z) - f(z + x + 1)),
        noise={"x": Geometric(_p)},
        requires="F0",
        cost=Cost(f=2),
        formula="-(r/p) [f(z + x + 1) - f(z)], x ~ Geometric(p)",
        source="shift rule of the Levy kernel r (1 - p)^(n-1), n = 1, 2, ...",
        remarks="smaller weight than NB-p-A where p is small and f rough",
    ),
)

RECOMMENDED = {"total_count": ("NB-r-SB",), "probs": ("NB-p-S", "NB-p-A")}
