"""Laws on a circle take functions on that circle alone."""

from __future__ import annotations

import sympy

from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand


def check_period(family: Family, f: Integrand) -> None:
    """Nothing, if the law lives on a line, or f is a function of sin, cos and tan of n z + b with whole n.

    Raises:
        UsageError: f does not have the period of the circle.
    """
    if family.support.period is None:
        return
    waves = (sympy.sin, sympy.cos, sympy.tan)
    rest = f.expression.replace(
        lambda node: isinstance(node, waves) and bool(sympy.diff(node.args[0], z).is_Integer),
        lambda node: sympy.Dummy(),
    )
    if z in rest.free_symbols:
        raise UsageError(
            f"{family.name} takes 2 pi-periodic f, in which z stands only inside sin, cos or tan of n*z + b with "
            f"a whole number n, but f = {f.text}"
        )
