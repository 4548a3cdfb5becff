"""Double-exponential quadrature over a noise primitive, from its declared log-density.

One set of formulas serves float64 (exact variances) and ball arithmetic (proofs). The maps are x = 1/(1 + exp(-2 s))
with
s = (pi/2) sinh t on the unit interval, x = exp(t - exp(-t)) on the half-line and x = t (Gaussian decay) on the line
(Takahasi and Mori 1974). Weights are formed from log-densities, so mass below the smallest float is not lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from flint import acb, acb_mat

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball
from fsb_oracle.backends.noise import Noise, log_complement, log_x, x
from fsb_oracle.backends.numpy_backend import NumpyMath

FLOAT_CUT = 40.0  # exp(-40) ~ 4e-18: nodes with less relative weight are dropped
LOG_10 = 2.302585092994046
BLOCK = 1 << 19  # grid points at a time

Nodes = tuple[Any, Any]


def float_nodes(noise: Noise, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights in float64, 2^(level + 3) steps; finitely many values are enumerated whatever the level."""
    m = NumpyMath()
    if noise.support == "integers":
        return _integer_nodes(noise)
    log_density = _lowered_density(noise)
    values, weights = [], []
    for sign, half in _halves(noise):
        t = _relevant_steps(partial(_log_weight, m, log_density, half, sign), level, FLOAT_CUT)
        node, log_weight = _log_weight(m, log_density, half, sign, t)
        values.append(sign * node)
        weights.append(np.exp(log_weight) * (t[1] - t[0]))
    return np.concatenate(values), np.concatenate(weights)


def ball_nodes(noise: Noise, digits: int, level: int) -> tuple[list[Any], list[Any]]:
    """Nodes and weights as balls at the precision in force, for about `digits` digits with 2^(level + 3) steps."""
    m = FlintMath()
    atoms = noise.atoms
    if atoms is not None:
        return [m.rational(v, 1) for v, _ in atoms], [_number(m, p) for _, p in atoms]
    coarse = NumpyMath()
    log_density = _lowered_density(noise)
    values, weights = [], []
    for sign, half in _halves(noise):
        heights = partial(_log_weight, coarse, log_density, half, sign, convert=_float_parameters)
        t = _relevant_steps(heights, level, digits * LOG_10 + 5.0)
        step = Fraction(t[-1] - t[0]) / (len(t) - 1)
        for i in range(len(t)):
            node, log_weight = _log_weight(m, log_density, half, sign, acb(ball(Fraction(t[0]) + i * step)))
            values.append(sign * node)
            weights.append(m.exp(log_weight) * acb(ball(step)))
    return values, weights


def gauss_nodes(noise: Noise, count: int) -> tuple[list[Any], list[Any]]:
    """Gauss rule of a law on (0, 1) with polynomial-times-power density: U(0,1) or Beta (Golub and Welsch 1969).

    Exact for polynomials of degree 2 count - 1; converges faster than geometrically for entire integrands.
    """
    concentrations = [v if isinstance(v, acb) else acb(v) for v in vars(noise).values()] or [acb(1), acb(1)]
    alpha, beta = (
        concentrations[1] - 1,
        concentrations[0] - 1,
    )  # Jacobi weight (1-t)^alpha (1+t)^beta on (-1, 1)
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
        values.append((acb(root.real.mid()) + 1) / 2)
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


def _halves(noise: Noise) -> list[tuple[int, str]]:
    """The pieces that are mapped: a density on the line with a kink at 0 is split there."""
    return [(1, "half-line"), (-1, "half-line")] if noise.breaks == (0,) else [(1, noise.support)]


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


def _log_weight(m: Any, log_density: Any, kind: str, sign: int, t: Any, convert: Any = lambda v: v) -> Nodes:
    """Node x(t) and log(density(x) dx/dt)."""
    if kind == "unit":
        twice_s = m.pi * m.sinh(t)
        log_node = -_softplus(m, -twice_s)
        log_rest = -_softplus(m, twice_s)
        log_jacobian = log_node + log_rest + m.log(m.pi * m.cosh(t))
    elif kind == "half-line":
        log_node = t - m.exp(-t)
        log_rest = 0
        log_jacobian = log_node + m.log(1 + m.exp(-t))
    else:
        return t, log_density(m, t, 0, 0, convert)
    node = m.exp(log_node)
    return node, log_density(m, sign * node, log_node, log_rest, convert) + log_jacobian


def _softplus(m: Any, y: Any) -> Any:
    """log(1 + exp(y)) without overflow in float64 and without loss in balls."""
    if isinstance(y, np.ndarray):
        return np.logaddexp(0.0, y)
    return m.log(1 + m.exp(y))


def _relevant_steps(weigh: Callable[[np.ndarray], Nodes], level: int, cut: float) -> np.ndarray:
    """2^(level + 3) equal steps over the range in which the weight is within exp(-cut) of its largest value."""
    lower, upper = -16.0, 48.0
    for _ in range(6):  # zoom in on narrow laws: a grid of 4096 points resolves one that fills 1/50 of it
        grid = np.linspace(lower, upper, 4097)
        with np.errstate(all="ignore"):
            heights = np.nan_to_num(weigh(grid)[1], nan=-np.inf)
        inside = grid[heights > heights.max() - cut]
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
    rate = _float_parameters(next(iter(vars(noise).values())))
    width = 12 * np.sqrt(rate) + 60
    values = np.arange(max(0, np.floor(rate - width)), np.ceil(rate + width) + 1)
    return values, np.exp(_lowered_density(noise)(m, values, 0, 0))
