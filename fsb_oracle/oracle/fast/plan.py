"""What the fast oracle prepares once for a law, f and a parameter: compiled functions of nodes and parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import sympy
from scipy.special import expit
from sympy import exp, log

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.fast.grids import Nodes
from fsb_oracle.oracle.fast.rules import Coordinate
from fsb_oracle.oracle.fast.sums import Weights, weights

MATH = NumpyMath()
# the standard coordinate, expm1(y), the logs of z - low and high - z (up to constants), and (z - low)/(high - low)
u, growth, log_low, log_high, unit = sympy.symbols("u growth log_low log_high unit", real=True)
NODE_SYMBOLS = (u, growth, log_low, log_high, unit)
_log_z, _log_rest = sympy.symbols("log_z log_rest", real=True)

Function = Callable[..., Any]
Rows = tuple[Any, ...]  # for each parameter a column of shape (rows, 1); or a float, for a single row


@dataclass(frozen=True)
class Smooth:
    """f on one of its pieces, and f', which says how the rounding of z counts; functions of z, log z, log(1 - z)."""

    value: Function
    slope: Function


class Frame(NamedTuple):
    """Where a coordinate lies at given parameters: numbers, or columns of shape (rows, 1).

    Attributes:
        centre, width, low, high: of the map from u to z (see `rules`).
        lower, upper: range of t that has the law's mass.
        single: whether the parameters are plain numbers.
    """

    centre: Any
    width: Any
    low: Any
    high: Any
    lower: Any
    upper: Any
    single: bool


@dataclass(frozen=True, eq=False)
class Layout:
    """A coordinate, compiled: all functions take node arrays (where they need them) and parameters.

    Attributes:
        anchor, middle: point z whose f is subtracted, and the point u = 0, for an f that is infinite at the anchor.
        exponent: log of density times dz/dt, up to a constant.
        score: up to a constant and up to `factor` (None: 1); None if it does not vary.
        fixed: whether exponent and score are free of parameters.
    """

    coordinate: Coordinate
    names: tuple[str, ...]
    where: Function | None
    framed: Function
    anchor: Function
    middle: Function
    exponent: Function
    uses_growth: bool
    fixed: bool
    score: Function | None
    factor: Function | None

    def holds(self, parameters: Rows) -> Any:
        """For which rows the coordinate is declared."""
        holds = True if self.where is None else self.where(MATH, *parameters)
        return holds[:, 0] if isinstance(holds, np.ndarray) else holds

    def frame(self, parameters: Rows) -> Frame:
        return Frame._make((*self.framed(MATH, *parameters), isinstance(parameters[0], float)))

    def at(self, nodes: np.ndarray, frame: Frame) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Arrays for `NODE_SYMBOLS`, and z, log z, log(1 - z), at nodes u."""
        centre, width, low, high, *_ = frame
        kind = self.coordinate.kind
        if kind == "linear":
            return (nodes, None, None, None, None), (centre + width * nodes, None, None)
        y = width * nodes
        if kind == "exponential":
            grown = np.expm1(y) if self.uses_growth else None
            points = np.exp(centre) * (np.exp(y) if grown is None else 1 + grown)
            return (nodes, grown, None, None, None), (points, centre + y, None)
        if kind == "logistic":
            y = centre + y
            rest = np.log1p(np.exp(-np.abs(y)))  # as `logaddexp` twice, in half the time
            below, above = np.minimum(y, 0.0) - rest, np.minimum(-y, 0.0) - rest
            share, logs = np.exp(below), (below, above)
        else:
            right, left = expit(-centre), expit(centre)
            drift = right * np.expm1(-y)
            below = -np.log1p(drift)
            above = below - y
            share, logs = left / (1 + drift), (np.log(left) + below, np.log(right) + above)
        return (nodes, None, below, above, share), (low + (high - low) * share, *logs)

    def law(self, nodes: Nodes, arrays: tuple[Any, ...], parameters: Rows) -> Weights:
        """Density and score at the nodes."""
        if self.fixed and nodes.reused:
            return _fixed_law(self, nodes)
        return self._law(nodes, arrays, parameters)

    def _law(self, nodes: Nodes, arrays: tuple[Any, ...], parameters: Rows) -> Weights:
        exponent = self.exponent(MATH, *arrays, *parameters)
        exponent = exponent - exponent.max(axis=1, keepdims=True)
        density = np.exp(exponent)
        if nodes.scale is not None:
            density = density * nodes.scale
        depth = -exponent[:, nodes.sparse]
        return weights(nodes, density, self.score_at(arrays, parameters), depth, self.fixed and nodes.reused)

    def score_at(self, arrays: tuple[Any, ...], parameters: Rows) -> np.ndarray | None:
        return None if self.score is None else self.score(MATH, *arrays, *parameters)

    def inverse(self, points: Any, frame: Frame) -> Any:
        """u of points z; infinite beyond the ends of the support."""
        if frame.single:
            return self._inverse_number(points, frame)
        centre, width, low, high, *_ = frame
        if self.coordinate.kind == "linear":
            return (points - centre) / width
        if self.coordinate.kind == "exponential":
            return (np.log(np.maximum(points, 0.0)) - centre) / width
        share = np.clip((points - low) / (high - low), 0.0, 1.0)
        return (np.log(share) - np.log1p(-share) - centre) / width

    def _inverse_number(self, point: float, frame: Frame) -> Any:
        """The same of one number, in plain arithmetic."""
        centre, width, low, high, *_ = frame
        if self.coordinate.kind == "linear":
            return (point - centre) / width
        if self.coordinate.kind == "exponential":
            return (math.log(point) - centre) / width if point > 0 else -math.inf
        share = (point - low) / (high - low)
        if not 0 < share < 1:
            return -math.inf if share <= 0 else math.inf
        return (math.log(share) - math.log1p(-share) - centre) / width

    def slope(self, points: Any, frame: Frame) -> Any:
        """dz/du at points z."""
        _, width, low, high, *_ = frame
        if self.coordinate.kind == "linear":
            return width
        if self.coordinate.kind == "exponential":
            return width * points
        below, above = points - low, high - points
        if frame.single:
            return width * max(below, 0.0) * max(above, 0.0) / (high - low)
        return width * np.maximum(below, 0.0) * np.maximum(above, 0.0) / (high - low)


@lru_cache(maxsize=256)
def _fixed_law(chart: Layout, nodes: Nodes) -> Weights:
    """The law at nodes that do not depend on parameters, if the law in its coordinate does not either."""
    none = (np.nan,) * len(chart.names)
    return chart._law(nodes, chart.at(nodes.u, chart.frame(none))[0], none)


def layout(family: Family, coordinate: Coordinate, parameter: str | None) -> Layout:
    """Density and score of a law, written in a coordinate. What does not depend on the node drops out."""

    def of_parameters(expression: Any) -> Function:
        return compile_expression(sympy.sympify(expression).rewrite(log), family.symbols)

    def of_nodes(expression: Any) -> Function:
        return compile_expression(expression, (*NODE_SYMBOLS, *family.symbols))

    speed = {"linear": sympy.S.Zero, "exponential": coordinate.width * u}.get(coordinate.kind, log_low + log_high)
    exponent = _varying(_in_coordinate(family.log_density, coordinate) + speed)
    score = sympy.S.Zero if parameter is None else _varying(_in_coordinate(family.score(parameter), coordinate))
    factor, core = score.as_independent(*NODE_SYMBOLS, as_Add=False)
    used = exponent.free_symbols | core.free_symbols
    steady = not (sympy.sympify(coordinate.centre) + coordinate.width).free_symbols
    return Layout(
        coordinate=coordinate,
        names=family.names,
        where=None if coordinate.where in (None, sympy.true) else of_parameters(coordinate.where),
        framed=of_parameters(sympy.Tuple(coordinate.centre, coordinate.width, *coordinate.ends, *coordinate.reach)),
        anchor=of_parameters(_middle(coordinate) if coordinate.anchor is None else coordinate.anchor),
        middle=of_parameters(_middle(coordinate)),
        exponent=of_nodes(exponent),
        uses_growth=growth in used,
        fixed=not used - {u} or (coordinate.kind == "logistic" and not used - {u, log_low, log_high} and steady),
        score=of_nodes(core) if core.free_symbols & set(NODE_SYMBOLS) else None,
        factor=None if factor == 1 else of_parameters(factor),
    )


def _in_coordinate(expression: Any, coordinate: Coordinate) -> Any:
    """A formula in z, written in the node symbols."""
    centre, width = coordinate.centre, coordinate.width
    if coordinate.kind == "linear":
        return expression.xreplace({z: centre + width * u}).doit()
    expression = sympy.expand_log(sympy.expand_power_base(expression, force=True), force=True)
    if coordinate.kind == "exponential":
        powers = {p: exp(p.exp * (centre + width * u)) for p in expression.atoms(sympy.Pow) if p.base == z}
        return expression.xreplace({**powers, log(z): centre + width * u}).xreplace({z: exp(centre) * (1 + growth)})
    low, high = coordinate.ends
    return expression.xreplace({log(z): log_low, log(1 - z): log_high}).xreplace({z: low + (high - low) * unit})


def _middle(coordinate: Coordinate) -> Any:
    """The point u = 0."""
    if coordinate.kind == "linear":
        return coordinate.centre
    if coordinate.kind == "exponential":
        return exp(coordinate.centre)
    low, high = coordinate.ends
    return low + (high - low) / (1 + exp(-coordinate.centre))


def _varying(expression: Any) -> Any:
    """The terms of a sum that depend on the node."""
    terms = sympy.Add.make_args(sympy.expand(expression, power_exp=False))
    return sympy.Add(*(term for term in terms if term.free_symbols & set(NODE_SYMBOLS)))


def smooth(expression: sympy.Expr) -> Smooth:
    """A switch-free f, compiled. Logs and broken powers use log z, which is known where z itself underflows."""

    def compiled(formula: Any) -> Function:
        powers = {p: exp(p.exp * _log_z) for p in formula.atoms(sympy.Pow) if p.base == z and not p.exp.is_Integer}
        formula = formula.xreplace({**powers, log(z): _log_z, log(1 - z): _log_rest})
        return compile_expression(formula, (z, _log_z, _log_rest))

    return Smooth(compiled(expression), compiled(sympy.diff(expression, z)))


@dataclass(frozen=True)
class Finest:
    """Where a function is steepest, and the length over which it changes there: nodes must not be farther apart."""

    point: float
    length: float


def finest(f: Integrand, positive: bool) -> tuple[Finest, Finest]:
    """Of f and of f', from a sample on |z| <= 100: the range divided by the greatest slope."""
    points = np.linspace(-100.0, 100.0, 20_001)
    points = points[points > 0] if positive else points
    with np.errstate(all="ignore"):
        values = np.broadcast_to(f.lowered()(MATH, points), points.shape)
        slopes = np.diff(values)
    kinks = [float(point) for point in f.breakpoints]
    for kink in kinks:
        slopes[(points[:-1] <= kink) & (kink <= points[1:])] = 0.0
    return _steepest(points, values, kinks), _steepest(points[:-1], slopes, kinks)


def _steepest(points: np.ndarray, values: np.ndarray, kinks: list[float]) -> Finest:
    with np.errstate(all="ignore"):
        slopes = np.abs(np.diff(values))
    slopes[~np.isfinite(slopes)] = 0.0
    for kink in kinks:
        slopes[(points[:-1] <= kink) & (kink <= points[1:])] = 0.0
    if slopes.max() == 0.0:
        return Finest(0.0, np.inf)
    # of equally steep places, the one next to 0
    steepest = np.flatnonzero(slopes > 0.999 * slopes.max())
    place = steepest[np.argmin(np.abs(points[steepest]))]
    finite = values[np.isfinite(values)]
    return Finest(float(points[place]), float((finite.max() - finite.min()) / slopes[place] * 0.01))


@dataclass(frozen=True)
class Boundary:
    """What an end of the support that moves with the parameter adds: (f(end) - E f) times the weight."""

    point: Function
    weight: Function


def boundaries(family: Family, parameter: str | None) -> tuple[Boundary, ...]:
    """density(end) d end/d parameter, with the sign of the end."""
    found = []
    for sign, end in ((-1, family.support.lower), (1, family.support.upper)):
        speed = sympy.S.Zero if parameter is None else sympy.diff(end, family.symbol(parameter))
        if speed != 0:
            weight = sympy.simplify(sign * speed * exp(family.log_density.subs(z, end)))  # pyright: ignore[reportOptionalMemberAccess]
            found.append(Boundary(compile_expression(end, family.symbols), compile_expression(weight, family.symbols)))
    return tuple(found)


def ratio(family: Family) -> Function:
    """p(n)/p(n - 1) of a law on integers, as a function of n and the parameters."""
    density: Any = family.log_density
    difference = sympy.expand(sympy.expand_log(density - density.xreplace({z: z - 1}), force=True))
    gammas, rest = sympy.S.One, sympy.S.Zero
    for term in sympy.Add.make_args(difference):
        coefficient, function = term.as_independent(sympy.loggamma, as_Add=False)
        if isinstance(function, sympy.loggamma):
            gammas *= sympy.gamma(function.args[0]) ** coefficient
        else:
            rest += term
    return compile_expression(sympy.gammasimp(gammas) * sympy.simplify(exp(rest)), (z, *family.symbols))
