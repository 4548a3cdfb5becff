"""Kinks and jumps: where Abs, Max, Min, sign, Heaviside and Piecewise switch, and the smooth forms in between."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from sympy import oo
from sympy.core.relational import Relational

from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z
from fsb_oracle.integrands.zeros import InfinitelyMany, Unsolved, in_order, real_zeros

SWITCHES = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise)


def breakpoints(expression: sympy.Expr, low: sympy.Expr = -oo, high: sympy.Expr = oo) -> tuple[sympy.Expr, ...]:
    """All points in (low, high) at which a switch of `expression` may change branch, sorted; exact numbers.

    Raises:
        UsageError: a switch has an argument whose zeros are not known exactly, or infinitely many of them there.
    """
    found: set[sympy.Expr] = set()
    try:
        for switching in _switching_arguments(expression):
            found.update(real_zeros(switching, low, high))
    except InfinitelyMany as reason:
        raise UsageError(f"f has too many kinks or jumps: {reason}") from None
    except Unsolved as reason:
        raise UsageError(f"cannot locate the kinks or jumps of f: {reason}") from None
    return in_order(found)


def singular_points(expression: sympy.Expr, low: sympy.Expr = -oo, high: sympy.Expr = oo) -> tuple[sympy.Expr, ...]:
    """Points in (low, high), and perhaps others, at which a smooth piece may have a pole or a branch point, sorted;
    exact numbers.

    Raises:
        Unsolved: they are not all known.
    """
    points = _singular_anywhere(expression)
    return _zeros_of_any(branching(expression), low, high) if points is None else points


@lru_cache(maxsize=4096)
def _singular_anywhere(expression: sympy.Expr) -> tuple[sympy.Expr, ...] | None:
    """Those on the whole line; None if they are not all known."""
    try:
        return _zeros_of_any(branching(expression), -oo, oo)
    except Unsolved:
        return None


def _zeros_of_any(arguments: tuple[Any, ...], low: sympy.Expr, high: sympy.Expr) -> tuple[sympy.Expr, ...]:
    return in_order(point for argument in arguments for point in real_zeros(argument, low, high))


def regular(expression: sympy.Expr) -> bool:
    """Whether a smooth piece is known to have no singular point on the whole line."""
    return _singular_anywhere(expression) == ()


@lru_cache(maxsize=4096)
def branching(expression: Any) -> tuple[Any, ...]:
    """What must not be 0 for the expression to be analytic: logarithms' arguments, bases of powers that are not
    natural, and the cosine below a tangent.
    """
    return tuple(dict.fromkeys(_branching(expression)))


def _branching(expression: Any) -> Iterator[Any]:
    nodes: Iterator[Any] = iter(sympy.preorder_traversal(expression))
    for node in nodes:
        if not node.free_symbols:
            continue
        if isinstance(node, sympy.log) or (
            node.is_Pow and node.base is not sympy.E and not (node.exp.is_Integer and node.exp > 0)
        ):
            yield node.args[0]
        elif isinstance(node, sympy.tan):
            yield sympy.cos(node.args[0])


def _switching_arguments(expression: sympy.Expr) -> Iterator[sympy.Expr]:
    for node in sympy.preorder_traversal(expression):
        if isinstance(node, (sympy.Max, sympy.Min)):
            args = node.args
            arguments = [first - second for i, first in enumerate(args) for second in args[i + 1 :]]  # pyright: ignore[reportOperatorIssue]
        elif isinstance(node, Relational):
            arguments = [node.lhs - node.rhs]  # pyright: ignore[reportOperatorIssue]
        elif isinstance(node, SWITCHES) and not isinstance(node, sympy.Piecewise):
            arguments = [node.args[0]]
        else:
            continue
        for argument in arguments:
            for branch in _branches(argument):  # pyright: ignore[reportArgumentType]
                yield branch
                yield from _branching(branch)  # an argument is real on one side of these only


def _branches(argument: sympy.Expr) -> Iterator[sympy.Expr]:
    """The smooth forms that an argument takes: a nested switch is replaced by each of its branches."""
    inner = next((n for n in sympy.postorder_traversal(argument) if isinstance(n, SWITCHES)), None)
    if inner is None:
        if argument.free_symbols:
            yield argument
        return
    if isinstance(inner, (sympy.Max, sympy.Min)):
        options: tuple[Any, ...] = inner.args
    elif isinstance(inner, sympy.Piecewise):
        options = tuple(pair.expr for pair in inner.args)  # pyright: ignore[reportAttributeAccessIssue]
    elif isinstance(inner, sympy.Abs):
        options = (inner.args[0], -inner.args[0])
    else:
        options = (sympy.S.One, sympy.S.Zero, sympy.S.NegativeOne)
    for option in options:
        yield from _branches(argument.xreplace({inner: option}))  # pyright: ignore[reportArgumentType]


def smooth_piece(expression: Any, inside: sympy.Expr) -> Any:
    """The switch-free expression that equals `expression` on the open interval around `inside` between breakpoints."""
    if not expression.has(*SWITCHES):
        return expression
    if isinstance(expression, sympy.Piecewise):
        return next(smooth_piece(pair.expr, inside) for pair in expression.args if _holds(pair.cond, inside))  # pyright: ignore[reportAttributeAccessIssue]
    args = [smooth_piece(argument, inside) for argument in expression.args]
    if isinstance(expression, (sympy.Max, sympy.Min)):
        best = args[0]
        for argument in args[1:]:
            if (_sign(argument - best, inside) > 0) == isinstance(expression, sympy.Max):
                best = argument
        return best
    if isinstance(expression, SWITCHES):
        sign = _sign(args[0], inside)
        if isinstance(expression, sympy.Abs):
            return args[0] if sign > 0 else -args[0]
        if isinstance(expression, sympy.sign):
            return sympy.S.One if sign > 0 else sympy.S.NegativeOne
        return sympy.S.One if sign > 0 else sympy.S.Zero
    return expression.func(*args)


def _holds(condition: Any, inside: sympy.Expr) -> bool:
    """Whether a condition holds around a point that is no breakpoint."""
    if isinstance(condition, sympy.And):
        return all(_holds(part, inside) for part in condition.args)
    if isinstance(condition, sympy.Or):
        return any(_holds(part, inside) for part in condition.args)
    if isinstance(condition, Relational):
        sign = _sign(smooth_piece(condition.lhs - condition.rhs, inside), inside)  # pyright: ignore[reportOperatorIssue]
        return sign < 0 if isinstance(condition, (sympy.Lt, sympy.Le)) else sign > 0
    return bool(condition)


def _sign(expression: Any, inside: sympy.Expr) -> int:
    """The sign of an expression at a point where it is not 0; 0 where it is not a real number."""
    value = expression.subs(z, inside).evalf(40)
    return 0 if not value.is_real else 1 if value > 0 else -1


def jump_order(expression: sympy.Expr, points: tuple[sympy.Expr, ...]) -> int:
    """The lowest order of derivative that is discontinuous at a breakpoint: 0 jump, 1 kink, 2 smoother."""
    order = 2
    edges = [None, *points, None]
    for left_end, point, right_end in zip(edges, points, edges[2:], strict=False):
        left = smooth_piece(expression, between(left_end, point))
        right = smooth_piece(expression, between(point, right_end))
        for k in range(order):
            gap = sympy.diff(left - right, z, k).subs(z, point)
            if not _vanishes(gap):
                order = k
                break
    return order


def _vanishes(gap: Any) -> bool:
    """Whether an exact number is 0; one that differs from 0 in its first digits is not simplified."""
    value = gap.evalf(20)
    return not (value.is_finite and abs(value) > 1e-9) and sympy.simplify(gap) == 0


def between(lower: sympy.Expr | None, upper: sympy.Expr | None) -> Any:
    """A point inside the interval; None or an infinite number is infinity."""
    lower = None if lower == -oo else lower
    upper = None if upper == oo else upper
    if lower is None and upper is None:
        return sympy.S.Zero
    if lower is None:
        return upper - 1  # pyright: ignore[reportOptionalOperand]
    if upper is None:
        return lower + 1
    return (lower + upper) / 2


def pieces(
    expression: sympy.Expr, low: sympy.Expr = -oo, high: sympy.Expr = oo
) -> list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]]:
    """`(lower, upper, smooth expression)` for each interval between breakpoints, from -oo to oo.

    Only breakpoints in (low, high) are sought where there are infinitely many; there the pieces are valid.
    """
    return list(_pieces(expression, low, high))


@lru_cache(maxsize=1024)
def _pieces(
    expression: sympy.Expr, low: sympy.Expr, high: sympy.Expr
) -> tuple[tuple[sympy.Expr, sympy.Expr, sympy.Expr], ...]:
    edges = [-oo, *breakpoints(expression, low, high), oo]
    return tuple((lower, upper, smooth_piece(expression, between(lower, upper))) for lower, upper in pairwise(edges))
