"""Double-exponential quadrature over a noise primitive, from its declared log-density.

One set of formulas serves float64 (exact variances) and ball arithmetic (proofs). The maps are x = 1/(1 + exp(-2 s))
with
s = (pi/2) sinh t on the unit interval, x = exp(t - exp(-t)) on the half-line and x = t (Gaussian decay) on the line
(Takahasi and Mori 1974). Weights are formed from log-densities, so mass below the smallest float is not lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import numpy as np
import sympy
from flint import acb, acb_mat, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball
from fsb_oracle.backends.noise import Noise, Uniform, log_complement, log_x, x
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.errors import UsageError
from fsb_oracle.rules.masses import relevant_integers

FLOAT_CUT = 40.0  # exp(-40) ~ 4e-18: nodes with less relative weight are dropped
INTEGER_CUT = 60.0  # tails of masses fall like exp(-n): what a contribution grows by is not yet lost at 40
LOG_10 = 2.302585092994046
BLOCK = 1 << 19  # grid points at a time
WIDEST = 6000.0  # log x up to which the tails of heavy laws are followed

Nodes = tuple[Any, Any]


@dataclass(frozen=True)
class Piece:
    """A part of a law's support as the image of the line, x = sign (start + factor y(t)).

    `kind` is "unit" for y from (0, 1), "half-line" for y from (0, oo), "line" for y = t; `factor` is a length, or +-i
    for a path that leaves the real axis. `decay` is the rate in y of what the density is multiplied by.
    """

    kind: str
    sign: int = 1
    start: int = 0
    factor: complex = 1
    decay: float = 0.0


def float_nodes(noise: Noise, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights in float64, 2^(level + 3) steps; integers are enumerated whatever the level. Not to be
    written to: they are kept."""
    parameters = tuple(vars(noise).items())
    if all(isinstance(value, (int, float)) for _, value in parameters):
        return _kept_nodes(type(noise), parameters, level)
    return _float_nodes(noise, level)


@lru_cache(maxsize=512)  # asked for with each f, each frequency and each rule
def _kept_nodes(
    kind: type[Noise], parameters: tuple[tuple[str, float], ...], level: int
) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = _float_nodes(kind(**dict(parameters)), level)
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights


def _float_nodes(noise: Noise, level: int) -> tuple[np.ndarray, np.ndarray]:
    if noise.support == "integers":
        return _integer_nodes(noise)
    m = NumpyMath()
    log_density = _lowered_density(noise)
    values, weights = [], []
    for piece in _halves(noise):
        t = _relevant_steps(partial(_log_weight, m, log_density, piece), level, FLOAT_CUT)
        node, log_weight = _log_weight(m, log_density, piece, t)
        values.append(node)
        weights.append(np.exp(log_weight) * (t[1] - t[0]))
    return np.concatenate(values), np.concatenate(weights)


def ball_nodes(
    noise: Noise, digits: int, level: int, region: str = "all", direction: int = 0, decay: float = 0.0
) -> tuple[list[Any], list[Any]]:
    """Nodes and weights as balls at the precision in force, for about `digits` digits with 2^(level + 3) steps.

    Args:
        region: "all", or one of `regions(noise)`.
        direction: for the tail, +1 (-1) turns it at its start by a right angle into the upper (lower) half-plane: for
            integrands exp(i k x) x (what grows slower than any exponential) with k > 0 (k < 0). 0 stays on the axis.
        decay: a lower bound of |k|.
    """
    m = FlintMath()
    atoms = noise.atoms
    if atoms is not None:
        return [arb(v) for v, _ in atoms], [_number(m, p) for _, p in atoms]
    coarse = NumpyMath()
    log_density = _lowered_density(noise)
    if noise.support == "integers":
        heights = partial(log_density, coarse, log_node=0, log_rest=0, convert=_float_parameters)
        numbers = [arb(int(n)) for n in relevant_integers(heights, digits * LOG_10 + 5.0)]
        return numbers, [m.exp(log_density(m, acb(n), 0, 0)) for n in numbers]
    values, weights = [], []
    for piece in _pieces(noise, region, direction, decay):
        heights = partial(_log_weight, coarse, log_density, piece, convert=_float_parameters)
        t = _relevant_steps(heights, level, digits * LOG_10 + 5.0)
        step = Fraction(t[-1] - t[0]) / (len(t) - 1)
        for i in range(len(t)):
            node, log_weight = _log_weight(m, log_density, piece, acb(ball(Fraction(t[0]) + i * step)))
            values.append(node.real if node.imag.is_zero() else node)
            weights.append(m.exp(log_weight) * acb(ball(step)))
    return values, weights


def regions(noise: Noise) -> tuple[str, ...]:
    """The regions of a law whose tail may be turned: "core" (unless it is empty) and "tail"; else "all" alone."""
    if noise.turn is None:
        return ("all",)
    return ("tail",) if noise.support == "half-line" and noise.turn == noise.left_end else ("core", "tail")


def has_gauss_rule(noise: Noise) -> bool:
    """Whether `gauss_nodes` serves: a density on (0, 1) that is a product of powers of x and 1 - x."""
    generic = noise.generic()
    weight = sympy.sympify(generic.log_density) if noise.support == "unit" and generic.has_density else x
    rest = weight - weight.coeff(log_x) * log_x - weight.coeff(log_complement) * log_complement
    return not sympy.expand(rest).has(x, log_x, log_complement)


def gauss_nodes(noise: Noise, count: int) -> tuple[list[Any], list[Any]]:
    """Gauss rule of a law on (0, 1) with polynomial-times-power density: U(0,1) or Beta (Golub and Welsch 1969).

    Exact for polynomials of degree 2 count - 1; converges faster than geometrically for entire integrands.
    """
    generic = noise.generic()
    weight = sympy.sympify(generic.log_density)  # Jacobi weight (1-t)^alpha (1+t)^beta on (-1, 1)
    alpha, beta = (
        acb(compile_expression(weight.coeff(log), tuple(vars(generic).values()))(FlintMath(), *vars(noise).values()))
        for log in (log_complement, log_x)
    )
    matrix = acb_mat(count, count)
    for n in range(count):
        total = 2 * n + alpha + beta
        # (b^2 - a^2) / (total (total + 2)), whose removable zero at n = 0 is (b - a) / (a + b + 2)
        matrix[n, n] = (beta - alpha) / (total + 2) * ((alpha + beta) / total if n else 1)
        if n:
            numerator = 4 * n * (n + alpha) * (n + beta) * (n + alpha + beta)
            square = (
                numerator / (total**2 * (total + 1) * (total - 1))
                if n > 1
                else (4 * (1 + alpha) * (1 + beta) / ((2 + alpha + beta) ** 2 * (3 + alpha + beta)))
            )
            matrix[n, n - 1] = matrix[n - 1, n] = square.sqrt()
    roots, vectors = matrix.eig(right=True, algorithm="approx")
    values, weights = [], []
    for j, root in enumerate(roots):
        column = [acb(vectors[i, j].real.mid()) for i in range(count)]
        norm = sum((entry * entry for entry in column), acb(0))
        values.append((root.real.mid() + 1) / 2)
        weights.append(column[0] * column[0] / norm)
    return values, weights


def product_grid(noise: Mapping[str, Noise], level: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """The product grid in blocks along its first axis: weights, and node arrays that broadcast to their shape."""
    if not noise:
        yield np.ones(()), {}
        return
    axes = [float_nodes(primitive, level) for primitive in noise.values()]
    shape = [len(nodes) for nodes, _ in axes]
    rows = max(1, BLOCK // max(1, math.prod(shape[1:])))
    for start in range(0, shape[0], rows):
        weight = np.ones([1] * len(axes))
        nodes = {}
        for axis, (name, (values, weights)) in enumerate(zip(noise, axes, strict=True)):
            part = slice(start, start + rows) if axis == 0 else slice(None)
            along = [1] * len(axes)
            along[axis] = -1
            nodes[name] = values[part].reshape(along)
            weight = weight * weights[part].reshape(along)
        yield weight, nodes


def _number(m: Any, p: Any) -> Any:
    """A probability given as an expression of numbers or an already evaluated ball."""
    return compile_expression(p, ())(m) if hasattr(p, "free_symbols") else p


def _halves(noise: Noise) -> list[Piece]:
    """The pieces that are mapped: a density on the line with a kink at 0 is split there."""
    if noise.breaks == (0,):
        return [Piece("half-line", sign) for sign in (1, -1)]
    return [Piece(noise.support, start=noise.left_end)]


def _pieces(noise: Noise, region: str, direction: int, decay: float) -> list[Piece]:
    """The pieces of one region, and which way the tails turn."""
    if region == "all":
        return _halves(noise)
    assert noise.turn is not None
    signs = (1,) if noise.support == "half-line" else (1, -1)
    if region == "core":
        return [Piece("unit", sign, noise.left_end, noise.turn - noise.left_end) for sign in signs]
    return [Piece("half-line", sign, noise.turn, 1j * direction * sign or 1, decay) for sign in signs]


def _lowered_density(noise: Noise) -> Callable[..., Any]:
    """`(m, x, log_x, log_complement) -> log density`; the primitive's numeric parameters are bound by name."""
    generic = noise.generic()
    function = compile_expression(generic.log_density, (x, log_x, log_complement, *vars(generic).values()))
    numbers = list(vars(noise).values())

    def log_density(
        m: Any, node: Any, log_node: Any, log_rest: Any, convert: Callable[[Any], Any] = lambda v: v
    ) -> Any:
        return function(m, node, log_node, log_rest, *(convert(number) for number in numbers))

    return log_density


def _float_parameters(value: Any) -> float:
    return float(value.real) if hasattr(value, "imag") and not isinstance(value, (int, float)) else float(value)


def _log_weight(m: Any, log_density: Any, piece: Piece, t: Any, convert: Any = lambda v: v) -> Nodes:
    """Node x(t) and log(density(x) dx/dt); in float64 also with the decay of what the density is multiplied by."""
    if piece.kind == "line":
        return t, log_density(m, t, 0, 0, convert)
    log_rest: Any = 0
    if piece.kind == "unit":
        twice_s = m.pi * m.sinh(t)
        log_y, log_rest = -_softplus(m, -twice_s), -_softplus(m, twice_s)
        log_jacobian = log_y + log_rest + m.log(m.pi * m.cosh(t))
    else:
        log_y = t - m.exp(-t)
        log_jacobian = log_y + m.log(1 + m.exp(-t))
    y = m.exp(log_y)
    if isinstance(t, np.ndarray):
        log_jacobian = log_jacobian - piece.decay * y
    if piece.start == 0 and piece.factor == 1:
        return piece.sign * y, log_density(m, piece.sign * y, log_y, log_rest, convert) + log_jacobian
    factor = piece.factor if isinstance(t, np.ndarray) else acb(piece.factor)
    node = piece.start + factor * y
    log_node = log_y + m.log(factor) if piece.start == 0 else m.log(node)
    log_weight = log_density(m, piece.sign * node, log_node, 0, convert) + log_jacobian + m.log(factor)
    return piece.sign * node, log_weight


def _softplus(m: Any, y: Any) -> Any:
    """log(1 + exp(y)) without overflow in float64 and without loss in balls."""
    if isinstance(y, np.ndarray):
        return np.logaddexp(0.0, y)
    return m.log(1 + m.exp(y))


def _relevant_steps(weigh: Callable[[np.ndarray], Nodes], level: int, cut: float) -> np.ndarray:
    """2^(level + 3) equal steps over the range in which the weight is within exp(-cut) of its largest value."""
    lower, upper = -16.0, 48.0
    for _ in range(12):  # zoom in on narrow laws: a grid of 4096 points resolves one that fills 1/50 of it
        grid = np.linspace(lower, upper, 4097)
        with np.errstate(all="ignore"):
            heights = np.nan_to_num(np.real(weigh(grid)[1]), nan=-np.inf)
        if heights[-1] > heights.max() - cut and upper < WIDEST:  # a heavy tail
            upper *= 2
            continue
        if heights[0] > heights.max() - cut and lower > -WIDEST:
            lower *= 2
            continue
        inside = grid[heights > heights.max() - cut]
        if not len(inside):
            raise UsageError("a density has no finite number in float64 at these parameters: nothing to integrate over")
        spacing = grid[1] - grid[0]
        narrow = inside[-1] - inside[0] < 0.02 * (upper - lower)
        lower, upper = inside[0] - spacing, inside[-1] + spacing
        if not narrow:
            break
    return np.linspace(lower, upper, 2 ** (level + 3) + 1)


def _integer_nodes(noise: Noise) -> tuple[np.ndarray, np.ndarray]:
    m = NumpyMath()
    if noise.atoms is not None:
        return np.array([float(v) for v, _ in noise.atoms]), np.array([float(_number(m, p)) for _, p in noise.atoms])
    log_mass = partial(_lowered_density(noise), m, log_node=0, log_rest=0)
    values = relevant_integers(log_mass, INTEGER_CUT)
    return values, np.exp(log_mass(values))


STRATA_LEVEL = 7  # 1024 cells: most weights within half a per cent of 1


def from_uniform(noise: Noise) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The map from uniforms in (0, 1) to `(values, weights)` of a primitive: E w h(x(u)) = E h(x) for every h.

    It takes the place of an inverse distribution function, which few primitives have in closed form: the line of the
    double-exponential map is cut into cells, a uniform chooses a cell in order of x and a place in it, and the weight,
    near 1, makes up for the density within the cell. On integers all weights are equal.
    """
    if isinstance(noise, Uniform):
        return lambda u: (u, np.ones_like(u))
    if noise.support == "integers":
        values, masses = _integer_nodes(noise)
        ends = np.cumsum(masses)
        place = _places(ends)
        return lambda u: (
            values[place(u * ends[-1])],
            np.full(np.shape(u), ends[-1]),
        )
    m, log_density = NumpyMath(), _lowered_density(noise)
    cells = [_cells(partial(_log_weight, m, log_density, piece)) for piece in _halves(noise)]
    ends = np.cumsum(np.concatenate([masses for _, _, masses in cells]))
    place = _places(ends)
    counts = np.cumsum([len(masses) for _, _, masses in cells])

    def mapped(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        flat = np.ravel(u) * ends[-1]
        cell = place(flat)
        value, weight = np.empty_like(flat), np.empty_like(flat)
        for piece, (start, step, masses), last in zip(_halves(noise), cells, counts, strict=True):
            first = last - len(masses)
            inside = (cell >= first) & (cell < last)
            index = cell[inside] - first
            below = ends[cell[inside]] - masses[index]
            t = start + step * (index + np.clip((flat[inside] - below) / masses[index], 0.0, 1.0))
            value[inside], log_weight = _log_weight(m, log_density, piece, t)
            weight[inside] = np.exp(log_weight) * step / masses[index]
        return value.reshape(np.shape(u)), ends[-1] * weight.reshape(np.shape(u))

    return mapped


def _places(ends: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """How many of the increasing `ends` are at most a number from [0, last end], but no more than all but one.

    By a table over equal parts of that interval: only in a part that holds an end is anything searched for.
    """
    parts = 16 * len(ends)

    def part_of(numbers: np.ndarray) -> np.ndarray:
        return (numbers * (parts / ends[-1])).astype(np.intp)  # rounding keeps the order

    first = np.searchsorted(part_of(ends), np.arange(parts + 2))
    empty = first[1:] == first[:-1]

    def place(numbers: np.ndarray) -> np.ndarray:
        part = part_of(numbers)
        found = first[part]
        open_parts = ~empty[part]
        found[open_parts] = np.searchsorted(ends, numbers[open_parts], side="right")
        return np.minimum(found, len(ends) - 1)

    return place


def _cells(weigh: Callable[[np.ndarray], Nodes]) -> tuple[float, float, np.ndarray]:
    """The start and the width of equal cells of t, and their masses by Simpson's rule."""
    t = _relevant_steps(weigh, STRATA_LEVEL, FLOAT_CUT)
    step = float(t[1] - t[0])
    ends, middles = (np.exp(np.maximum(np.real(weigh(points)[1]), -700.0)) for points in (t, t[:-1] + step / 2))
    return float(t[0]), step, (ends[:-1] + 4 * middles + ends[1:]) * step / 6
