"""The estimators that the rules are measured against: score function, score with the best constant baseline,
pathwise."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from fsb_oracle.backends.noise import evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.rule import Cost, Rule

FAR, FLAT = 1e6, 1e-2  # a slope above FLAT beyond FAR is one that does not die out


@lru_cache(maxsize=4096)  # a rule is known by its kernel, which is made here
def score(family: Family, parameter: str, baseline: float = 0.0, id: str = "score") -> Rule | None:
    """(f(z) - baseline) d log p / d theta; None where the support moves with the parameter or there is no density."""
    if family.log_density is None or _moves(family, parameter):
        return None
    derivative = family.score(parameter)
    expression = family.scores.get(parameter, derivative)  # the same function

    def kernel(f: Any, c: Any, z: Any) -> Any:
        value = f(z) - baseline if baseline else f(z)
        return value * evaluate(expression, c.math, {**vars(c), "z": z})

    return Rule(
        id=id,
        family=family.name,
        parameter=parameter,
        letter=parameter,
        kernel=kernel,
        requires="F0",
        cost=Cost(f=1),
        formula=f"(f(z) - b) * ({sympy.sstr(derivative)})" if id != "score" else f"f(z) * ({sympy.sstr(derivative)})",
        source="likelihood-ratio (REINFORCE)",
        remarks="b is the best constant E f s^2 / E s^2, exact" if id != "score" else "",
        baseline=True,
        built=family if family.shape else None,
    )


def _moves(family: Family, parameter: str) -> bool:
    """Whether an end of the support depends on the parameter: what flows through it is missed. A circle has no ends."""
    symbol, support = family.symbol(parameter), family.support
    return support.period is None and any(sympy.diff(end, symbol) != 0 for end in (support.lower, support.upper))


@lru_cache(maxsize=4096)
def pathwise(family: Family, parameter: str) -> Rule | None:
    """f'(z) dz/dtheta through the law's recipe; None where the recipe's noise depends on the parameter
    (implicit), or decides by it between branches."""
    symbol = family.symbol(parameter)
    recipe = family.recipe
    depends = any(symbol in primitive.symbols for primitive in recipe.noise.values())
    if depends or family.discrete or recipe.expression is sympy.nan or _branches(recipe.expression, symbol):
        return None
    velocity = recipe.velocity(symbol)

    def kernel(f: Any, c: Any, **noise: Any) -> Any:
        values = {**vars(c), **noise}
        return f.derivative(evaluate(recipe.expression, c.math, values)) * evaluate(velocity, c.math, values)

    return Rule(
        id="pathwise",
        family=family.name,
        parameter=parameter,
        letter=parameter,
        kernel=kernel,
        noise=recipe.noise,
        formula=f"f'(z) * ({sympy.sstr(sympy.diff(recipe.expression, symbol))})",
        source="reparameterization",
        baseline=True,
        built=family if family.shape else None,
        where=recipe.smooth_where.get(parameter),
    )


def without_mean(family: Family, parameter: str, at: Parameters, f: Integrand) -> str | None:
    """Why the pathwise estimator has no mean: samples without one, a velocity that grows with them, and a slope of f
    that does not die out; else None. The gradient of E f exists all the same."""
    velocity = family.recipe.velocity(family.symbol(parameter))
    index = family.at(family.tail_index, at)
    if index > 1 or not {str(symbol) for symbol in velocity.free_symbols} & set(family.recipe.noise):
        return None
    ends = (float(family.at(end, at)) for end in (family.support.lower, family.support.upper))
    signs = [sign for sign, end in zip((-1, 1), ends, strict=True) if math.isinf(end)]
    far = np.outer(signs, FAR + np.linspace(0, 10, 64))
    if np.max(np.abs(f.lowered(1)(NumpyMath(), far))) < FLAT:
        return None
    return f"f'(z) dz/d{parameter} has no mean: samples have tail index {float(index):g}, and f' does not die out"


def _branches(expression: sympy.Expr, symbol: sympy.Symbol) -> bool:
    """Whether the parameter decides between branches of a recipe: its derivative would miss the jump between them."""
    conditions = (condition for node in expression.atoms(sympy.Piecewise) for _, condition in node.args)  # pyright: ignore[reportGeneralTypeIssues]
    return any(symbol in condition.free_symbols for condition in conditions)


__all__ = ["pathwise", "score", "without_mean"]
