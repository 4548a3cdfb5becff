"""Measure-valued (weak) derivatives: d p/d parameter = c (p+ - p-), estimated by c (f(z+) - f(z-)).

The two branches are independent here, as in the literature's general method (Pflug 1996; Heidergott and Vazquez-Abad
2000; Mohamed et al. 2020, table 1). Coupled branches are what several Fourier rules are. Where p+ and p- live on
disjoint sets the pair is the Hahn-Jordan decomposition, whose mass c is the smallest possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Rational, Symbol

from fsb_oracle.backends.noise import Exponential, Gamma, Laplace, Noise, Normal, Poisson, Rademacher, Rayleigh
from fsb_oracle.families import Family
from fsb_oracle.rules.rule import Cost, Rule

MEASURE_VALUED, HAHN_JORDAN = "measure-valued", "measure-valued-hahn-jordan"
_SOURCE = "weak derivative, independent branches"
_k, _lam = Symbol("k"), Symbol("lam")


def _rule(
    family: str,
    parameter: str,
    letter: str,
    kernel: Callable[..., Any],
    formula: str,
    noise: Mapping[str, Noise] | None = None,
    remarks: str = "",
    cost: int = 2,
) -> Rule:
    return Rule(
        id=MEASURE_VALUED,
        family=family,
        parameter=parameter,
        letter=letter,
        kernel=kernel,
        noise=noise or {},
        requires="F0",
        cost=Cost(f=cost),
        formula=formula,
        source=_SOURCE,
        remarks=remarks,
        baseline=True,
    )


_DISJOINT = (
    _rule(
        "normal",
        "loc",
        "mu",
        lambda f, c, y, x: (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * x)) / (c.sigma * c.math.sqrt(2 * c.math.pi)),
        "[f(mu + sigma y) - f(mu - sigma x)] / (sigma sqrt(2 pi)), y and x Rayleigh",
        {"y": Rayleigh(), "x": Rayleigh()},
    ),
    _rule(
        "laplace",
        "loc",
        "mu",
        lambda f, c, e, x: (f(c.mu + c.b * e) - f(c.mu - c.b * x)) / (2 * c.b),
        "[f(mu + b e) - f(mu - b x)] / (2 b), e and x ~ Exp(1)",
        {"e": Exponential(), "x": Exponential()},
    ),
    _rule(
        "uniform",
        "low",
        "a",
        lambda f, c, z: (f(z) - f(c.a)) / (c.b - c.a),
        "[f(z) - f(a)] / (b - a)",
        remarks="f continuous at a; the same as UNI-a-P",
    ),
    _rule(
        "uniform",
        "high",
        "b",
        lambda f, c, z: (f(c.b) - f(z)) / (c.b - c.a),
        "[f(b) - f(z)] / (b - a)",
        remarks="f continuous at b; the same as UNI-b-P",
    ),
    _rule(
        "bernoulli",
        "probs",
        "p",
        lambda f, c, z: f(0 * z + 1) - f(0 * z),
        "f(1) - f(0)",
        remarks="exact, variance 0; the same as BER-p",
    ),
)

_OVERLAPPING = (
    _rule(
        "normal",
        "scale",
        "sigma",
        lambda f, c, r, g, eps: (f(c.mu + c.sigma * r * c.math.sqrt(2 * g)) - f(c.mu + c.sigma * eps)) / c.sigma,
        "[f(mu + sigma M) - f(mu + sigma eps)] / sigma, M = r sqrt(2 g), g ~ Gamma(3/2) (double-sided Maxwell)",
        {"r": Rademacher(), "g": Gamma(Rational(3, 2)), "eps": Normal()},
    ),
    _rule(
        "laplace",
        "scale",
        "b",
        lambda f, c, r, g, x: (f(c.mu + c.b * r * g) - f(c.mu + c.b * x)) / c.b,
        "[f(mu + b r g) - f(mu + b x)] / b, r = +-1, g ~ Gamma(2), x ~ Laplace(0, 1)",
        {"r": Rademacher(), "g": Gamma(2), "x": Laplace()},
    ),
    _rule(
        "gamma",
        "rate",
        "s",
        lambda f, c, y, x: (c.k / c.s) * (f(c.s * y) - f(c.s * x)),
        "(k/s) [f(s y) - f(s x)], y ~ Gamma(k + 1), x ~ Gamma(k)",
        {"y": Gamma(_k + 1), "x": Gamma(_k)},
    ),
    _rule(
        "exponential",
        "rate",
        "s",
        lambda f, c, y, x: (f(c.s * y) - f(c.s * x)) / c.s,
        "[f(s y) - f(s x)] / s, y ~ Gamma(2), x ~ Exp(1)",
        {"y": Gamma(2), "x": Exponential()},
    ),
    _rule(
        "poisson",
        "rate",
        "lam",
        lambda f, c, n, m: f(n + 1) - f(m),
        "f(n + 1) - f(m), n and m ~ Poisson(lam)",
        {"n": Poisson(_lam), "m": Poisson(_lam)},
    ),
)

RULES = (*_DISJOINT, *_OVERLAPPING)


def measure_valued(family: Family, parameter: str) -> Rule | None:
    """The measure-valued derivative with independent branches; None where no pair has a ready sampler."""
    return next((rule for rule in RULES if (rule.family, rule.parameter) == (family.name, parameter)), None)


def is_hahn_jordan(rule: Rule) -> bool:
    """Whether the branches of a measure-valued rule live on disjoint sets, so that its mass is the smallest."""
    return rule in _DISJOINT


__all__ = ["HAHN_JORDAN", "MEASURE_VALUED", "RULES", "is_hahn_jordan", "measure_valued"]
