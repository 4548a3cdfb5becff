"""Rules of the binomial law; catalogue letters n (trials), p. They never ask for a derivative of f."""

from sympy import Symbol

from fsb_oracle.backends.noise import Binomial
from fsb_oracle.rules.rule import Cost, Rule

_n, _p = Symbol("n"), Symbol("p")

RULES = (
    Rule(
        id="BIN-p-A",
        family="binomial",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, x: c.n * (f(x + 1) - f(x)),
        noise={"x": Binomial(_n - 1, _p)},
        requires="F0",
        cost=Cost(f=2),
        formula="n [f(x + 1) - f(x)], x ~ Bin(n - 1, p)",
        source="symbol n (exp(i w) - 1) phi_(n-1)(w): one trial apart, the others as they are",
        remarks="constant weight; x takes the place of z",
    ),
    Rule(
        id="BIN-p-GO",
        family="binomial",
        parameter="probs",
        letter="p",
        kernel=lambda f, c, z: (c.n - z) / (1 - c.p) * (f(z + 1) - f(z)),
        requires="F0",
        cost=Cost(f=2),
        formula="(n - z) / (1 - p) [f(z + 1) - f(z)]",
        source="GO gradient (Cong et al. 2019): the velocity of the distribution function at z",
        remarks="serves several parameters from one z; the weight grows without bound as p -> 1",
    ),
)

RECOMMENDED = {"probs": ("BIN-p-A",)}
