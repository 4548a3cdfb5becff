"""The exact score d log p(z) / d parameter at given points: what a library's differentiated log-density must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.families.numbers import exact_number
from fsb_oracle.oracle.certificate import Route, certify
from fsb_oracle.oracle.value import Value

GUARD_DIGITS = 10


def score(
    family: Family, parameters: Mapping[str, Any], parameter: str, points: Sequence[Any], digits: int = 16
) -> list[Value]:
    """d log p(z) / d parameter at each point z, from the law's log-density (on integers, from its log-mass).

    Args:
        points: numbers inside the support; a float is its exact binary value.

    Raises:
        UsageError: the law has several variables, or no density in closed form.
    """
    if family.log_density is None or len(family.samples) != 1:
        raise UsageError(f"{family.name} has no density of one variable in closed form: its score is not known")
    law, values = family.resolve(parameters)
    return [_score(law, values, parameter, exact_number(point, "point"), digits) for point in points]


def _score(family: Family, parameters: Parameters, parameter: str, point: Any, digits: int) -> Value:
    function = compile_expression(family.score(parameter), (z, *family.symbols))

    def evaluated(goal: int, scale: arb) -> arb:
        with precision(goal + GUARD_DIGITS + family.cancelled_digits(parameters)):
            values = (acb(ball(parameters[name])) for name in family.names)
            return (acb(0) + function(FlintMath(), acb(ball(point)), *values)).real

    return certify([Route("closed-form", evaluated)], digits, lambda: arb(1))
