"""Samplers that divide by a chi-square variable: E (dz/dtheta)^2, which bounds the variance of f'(z) dz/dtheta.

Student's t is loc + scale e (g/a)^(-1/2) with e normal, g ~ Gamma(a) and a = df/2; Fisher and Snedecor's z is
(x/a) / (y/b) with x ~ Gamma(a), y ~ Gamma(b). Libraries differentiate the gamma variables implicitly: dg/da is the
exact velocity v. So dz/dtheta is a function of two variables, and its moments are not those of the pathwise derivative.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from fsb_oracle.families import Family, get_family
from fsb_oracle.rules.variance import velocity_nodes

LEAST_POWER = 0.25  # a + power below: E g^power log(g)^2 is taken as infinite, for quadrature would cut some of it off


@lru_cache(maxsize=512)
def mean_square_slope(family: Family, parameters: tuple[tuple[str, Any], ...], parameter: str) -> float | None:
    """E (dz/d parameter)^2 of the usual sampler; None where the law has no such sampler, or it is infinite."""
    at = dict(parameters)
    if family.name == "student_t":
        a, scale = at["df"] / 2, float(at["scale"])
        if parameter == "loc":
            return 1.0
        found = [_relative(a, -1), scale**2 / 16] if parameter == "df" else [_power(a, -1)]
    elif family.name == "fisher_snedecor":
        a, b = at["df1"] / 2, at["df2"] / 2
        found = [_relative(a, 2), _power(b, -2)] if parameter == "df1" else [_power(a, 2), _relative(b, -2)]
        found.append(0.25)
    else:
        return None
    known = [factor for factor in found if factor is not None]
    return math.prod(known) if len(known) == len(found) else None


def _power(a: Fraction, power: int) -> float | None:
    """E (g/a)^power, g ~ Gamma(a)."""
    if a + power < LEAST_POWER:
        return None
    steps = range(power) if power > 0 else range(power, 0)
    product = math.prod(float((a + step) / a) for step in steps)
    return product if power > 0 else 1 / product


def _relative(a: Fraction, power: int) -> float | None:
    """E (g/a)^power (d log(g/a)/da)^2, g ~ Gamma(a), by quadrature; twice its error is added."""
    if a + power < LEAST_POWER:
        return None
    nodes = velocity_nodes(get_family("gamma"), (("concentration", a), ("rate", Fraction(1))), "concentration")
    g, weights, v = (array[nodes[0] > 0] for array in nodes)
    terms = weights * (g / float(a)) ** power * (v / g - 1 / float(a)) ** 2
    whole, half = float(np.sum(terms)), 2 * float(np.sum(terms[::2]))
    return whole + 2 * abs(whole - half)


__all__ = ["mean_square_slope"]
