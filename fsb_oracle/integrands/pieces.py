"""Kinks and jumps: where Abs, Max, Min, sign and Heaviside switch, and the smooth expression between two switches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sympy

from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z

SWITCHES = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min)


def breakpoints(expression: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """All points at which a switch of `expression` may change branch, sorted; exact numbers.

    Raises:
        UsageError: a switch has an argument whose zeros are not known exactly (only polynomials in z are solved).
    """
    found: set[sympy.Expr] = set()
    for switching in _switching_arguments(expression):
        found.update(_real_zeros(switching))
    return tuple(sorted(found, key=lambda point: point.evalf(40)))


def _switching_arguments(expression: sympy.Expr) -> Iterator[sympy.Expr]:
    for node in sympy.preorder_traversal(expression):
        if isinstance(node, (sympy.Max, sympy.Min)):
            args = node.args
            for i, first in enumerate(args):
                for second in args[i + 1 :]:
                    yield from _branches(first - second)  # pyright: ignore[reportOperatorIssue]
        elif isinstance(node, SWITCHES):
            yield from _branches(node.args[0])  # pyright: ignore[reportArgumentType]


def _branches(argument: sympy.Expr) -> Iterator[sympy.Expr]:
    """The smooth forms that an argument takes: a nested switch is replaced by each of its branches."""
    inner = next((n for n in sympy.postorder_traversal(argument) if isinstance(n, SWITCHES)), None)
    if inner is None:
        if argument.free_symbols:
            yield argument
        return
    if isinstance(inner, (sympy.Max, sympy.Min)):
        options: tuple[sympy.Expr, ...] = inner.args  # pyright: ignore[reportAssignmentType]
    elif isinstance(inner, sympy.Abs):
        options = (inner.args[0], -inner.args[0])
    else:
        options = (sympy.S.One, sympy.S.Zero, sympy.S.NegativeOne)
    for option in options:
        yield from _branches(argument.xreplace({inner: option}))  # pyright: ignore[reportArgumentType]


def _real_zeros(argument: sympy.Expr) -> list[sympy.Expr]:
    numerator, _ = sympy.fraction(sympy.together(argument))
    try:
        polynomial = sympy.Poly(numerator, z, domain="QQ")
    except sympy.PolynomialError:
        raise UsageError(
            f"cannot locate the kinks or jumps of f: the zeros of {argument} are not those of a polynomial in z"
        ) from None
    except sympy.polys.polyerrors.CoercionFailed:
        polynomial = sympy.Poly(numerator, z)
        if polynomial.degree() > 2:
            raise UsageError(
                f"cannot locate the kinks or jumps of f: the zeros of {argument} are not known exactly"
            ) from None
        return [root for root in sympy.roots(polynomial) if root.is_real]
    roots = sympy.real_roots(polynomial, multiple=False)
    for root, _ in roots:
        if root.has(sympy.CRootOf):
            raise UsageError(f"cannot locate the kinks or jumps of f: the zeros of {argument} are not radicals")
    return [root for root, _ in roots]


def smooth_piece(expression: sympy.Expr, inside: sympy.Expr) -> sympy.Expr:
    """The switch-free expression that equals `expression` on the open interval around `inside` between breakpoints."""
    if not expression.has(*SWITCHES):
        return expression
    args = [smooth_piece(argument, inside) for argument in expression.args]  # pyright: ignore[reportArgumentType]
    if isinstance(expression, (sympy.Max, sympy.Min)):
        pick = max if isinstance(expression, sympy.Max) else min
        return pick(args, key=lambda argument: argument.subs(z, inside).evalf(40))
    if isinstance(expression, SWITCHES):
        positive = args[0].subs(z, inside).evalf(40) > 0
        if isinstance(expression, sympy.Abs):
            return args[0] if positive else -args[0]
        if isinstance(expression, sympy.sign):
            return sympy.S.One if positive else sympy.S.NegativeOne
        return sympy.S.One if positive else sympy.S.Zero
    return expression.func(*args)


def jump_order(expression: sympy.Expr, points: tuple[sympy.Expr, ...]) -> int:
    """The lowest order of derivative that is discontinuous at a breakpoint: 0 jump, 1 kink, 2 smoother."""
    order = 2
    edges = [None, *points, None]
    for left_end, point, right_end in zip(edges, points, edges[2:], strict=False):
        left = smooth_piece(expression, _between(left_end, point))
        right = smooth_piece(expression, _between(point, right_end))
        for k in range(order):
            gap = sympy.diff(left - right, z, k).subs(z, point)
            if sympy.simplify(gap) != 0:
                order = k
                break
    return order


def _between(lower: sympy.Expr | None, upper: sympy.Expr | None) -> sympy.Expr:
    """A point inside the interval; None is infinity."""
    if lower is None and upper is None:
        return sympy.S.Zero
    if lower is None:
        return upper - 1  # pyright: ignore[reportOptionalOperand]
    if upper is None:
        return lower + 1
    return (lower + upper) / 2


def pieces(expression: sympy.Expr) -> list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]]:
    """`(lower, upper, smooth expression)` for each interval between breakpoints, from -oo to oo."""
    points = breakpoints(expression)
    edges = [None, *points, None]
    return [
        (
            -sympy.oo if lower is None else lower,
            sympy.oo if upper is None else upper,
            smooth_piece(expression, _between(lower, upper)),
        )
        for lower, upper in pairwise(edges)
    ]
