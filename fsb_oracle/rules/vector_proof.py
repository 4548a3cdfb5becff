"""The proof of a vector rule: its multiplier, from the kernel that the back ends run, equals the gradient of phi.

The kernel is called with f = exp(i w.z) on object arrays. Normal noise, and z itself where the rule shifts it, enter as
carried variables: a term is amplitude x PROD x^power x exp(i point), and E x^n exp(i s x) = (-i)^n phi^(n)(s). Other
noise is integrated in high precision, finite laws are enumerated.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from flint import acb, acb_mat

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.backends.noise import Noise, w
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.vector_recipe import Draws, frequencies
from fsb_oracle.rules.nodes import ball_nodes
from fsb_oracle.rules.proof.transforms import oracle_derivative
from fsb_oracle.rules.vector import VectorRule

GUARDS = (20, 90)  # digits beyond those asked for, the second where a kernel subtracts what is nearly equal
LEVELS = range(3, 10)


class NotCarried(Exception):
    """A carried variable occurs in a way that has no closed expectation."""


@dataclass(frozen=True)
class Point:
    """constant + SUM slope x carried variable."""

    constant: Any
    slopes: Mapping[str, Any]

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Wave):
            return NotImplemented
        if not isinstance(other, Point):
            return Point(self.constant + other, self.slopes)
        names = dict.fromkeys((*self.slopes, *other.slopes))
        slopes = {name: self.slopes.get(name, 0) + other.slopes.get(name, 0) for name in names}
        return Point(self.constant + other.constant, slopes)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Wave):
            moved = [other.raised(name) * slope for name, slope in self.slopes.items()]
            return sum(moved, other * self.constant)
        if isinstance(other, Point):
            raise NotCarried
        return Point(self.constant * other, {name: slope * other for name, slope in self.slopes.items()})

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, (Point, Wave)):
            raise NotCarried
        return self * (1 / acb(other))

    def __rtruediv__(self, other: Any) -> Any:
        raise NotCarried

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + other * -1

    def __rsub__(self, other: Any) -> Any:
        return self * -1 + other

    __radd__, __rmul__ = __add__, __mul__


@dataclass(frozen=True)
class Wave:
    """Sum of terms (amplitude, powers of carried variables, point): amplitude x PROD x^power x exp(i point)."""

    terms: tuple[tuple[Any, tuple[tuple[str, int], ...], Point], ...]

    def raised(self, name: str) -> Wave:
        """This wave times the carried variable `name`."""
        changed = []
        for amplitude, powers, point in self.terms:
            counts = dict(powers)
            counts[name] = counts.get(name, 0) + 1
            changed.append((amplitude, tuple(counts.items()), point))
        return Wave(tuple(changed))

    def __add__(self, other: Any) -> Wave:
        if isinstance(other, Wave):
            return Wave(self.terms + other.terms)
        if isinstance(other, Point):
            raise NotCarried
        return self if other == 0 else Wave((*self.terms, (acb(other), (), Point(acb(0), {}))))

    def __mul__(self, other: Any) -> Wave:
        if isinstance(other, Wave):
            raise NotCarried
        if isinstance(other, Point):
            return other * self
        return Wave(tuple((amplitude * other, powers, point) for amplitude, powers, point in self.terms))

    def __truediv__(self, other: Any) -> Wave:
        if isinstance(other, (Point, Wave)):
            raise NotCarried
        return self * (1 / acb(other))

    def __neg__(self) -> Wave:
        return self * -1

    def __sub__(self, other: Any) -> Wave:
        return self + other * -1

    def __rsub__(self, other: Any) -> Wave:
        return self * -1 + other

    __radd__, __rmul__ = __add__, __mul__


def as_array(value: Any) -> np.ndarray:
    """A value as an object array of shape (1,): numpy turns arrays without axes into plain objects."""
    array = np.empty(1, object)
    array[0] = value
    return array


class ObjectMath:
    """A math namespace for object arrays of balls, points and waves."""

    def __init__(self) -> None:
        self._balls = FlintMath()
        self.pi = self._balls.pi

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._balls, name)

        def guarded(*values: Any) -> Any:
            if any(isinstance(value, (Point, Wave)) for value in values):
                raise NotCarried
            return function(*values)

        def apply(*values: Any) -> Any:
            if not any(isinstance(value, np.ndarray) for value in values):
                return guarded(*values)
            return np.frompyfunc(guarded, len(values), 1)(*values)

        return apply

    @staticmethod
    def stack(parts: Sequence[np.ndarray]) -> np.ndarray:
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        joined = np.empty((*shape, len(parts)), object)
        for i, part in enumerate(parts):
            joined[..., i] = part
        return joined

    @staticmethod
    def identity(size: int, like: Any) -> np.ndarray:
        return np.eye(size, dtype=int).astype(object)

    @staticmethod
    def tril(matrix: np.ndarray) -> np.ndarray:
        return matrix * np.tril(np.ones(matrix.shape[-2:], int)).astype(object)

    @staticmethod
    def one_hot(k: np.ndarray, size: int) -> np.ndarray:
        hits = np.frompyfunc(lambda a, b: int(a == b), 2, 1)(k[..., None], np.arange(size).astype(object))
        return np.asarray(hits, object)

    @staticmethod
    def largest(x: np.ndarray) -> int:
        return 0  # balls do not overflow

    def cholesky(self, matrix: np.ndarray) -> np.ndarray:
        root = np.zeros(matrix.shape, object)
        for i, j in itertools.product(range(matrix.shape[-1]), repeat=2):
            if j > i:
                continue
            rest = matrix[..., i, j] - (root[..., i, :j] * root[..., j, :j]).sum(-1)
            root[..., i, j] = self.sqrt(rest) if i == j else rest / root[..., j, j]
        return root

    @staticmethod
    def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
        size = matrix.shape[-1]
        inverse = acb_mat([[acb(entry) for entry in row] for row in matrix.reshape(-1, size, size)[0]]).inv()
        return np.array([[inverse[i, j] for j in range(size)] for i in range(size)], object) @ right


@dataclass(frozen=True)
class PlaneWave:
    """f(z) = exp(i w.z) with `frequency` in the order of the law's samples."""

    frequency: tuple[Any, ...]
    law: Family

    def __call__(self, z: np.ndarray) -> np.ndarray:
        axes = () if str(self.law.samples[0]) == "z" else (-1,)
        shape = z.shape[:-1] if axes else z.shape
        waves = np.empty(shape, object)
        for index in np.ndindex(*shape):
            parts = z[index] if axes else [z[index]]
            point = sum((part * w_k for part, w_k in zip(parts, self.frequency, strict=True)), Point(acb(0), {}))
            waves[index] = Wave(((acb(1), (), point),))
        return waves

    def gradient(self, z: np.ndarray) -> np.ndarray:
        return self(z)[..., None] * np.array([acb(0, 1) * w_k for w_k in self.frequency], object)

    def hessian(self, z: np.ndarray) -> np.ndarray:
        slopes = np.array([acb(0, 1) * w_k for w_k in self.frequency], object)
        return self(z)[..., None, None] * (slopes[:, None] * slopes[None, :])


@dataclass(frozen=True)
class VectorProof:
    """The multiplier identity of every component of a rule at random directions."""

    rule: str
    digits: int
    agreement: float  # the least -log10 of the relative difference

    @property
    def holds(self) -> bool:
        return self.agreement >= self.digits


def prove_vector(
    rule: VectorRule, parameters: Parameters, directions: Sequence[Sequence[Fraction]], digits: int = 30
) -> VectorProof:
    """Compare the rule's multiplier with d phi / d parameter, for each component at each frequency vector.

    Args:
        parameters: exact values of the law's scalar components.
        directions: frequency vectors, one number for each of the law's samples.
        digits: the digits to which both sides must agree, relative to the largest component.
    """
    return VectorProof(rule.id, digits, min(_guarded(rule, parameters, d, digits) for d in directions))


def _guarded(rule: VectorRule, parameters: Parameters, direction: Sequence[Fraction], digits: int) -> float:
    agreement = -math.inf
    for guard in GUARDS:
        with precision(digits + guard):
            agreement, radius = _agreement(rule, parameters, direction, digits)
        if radius < 10.0 ** -(digits + 2):
            break
    return agreement


def _agreement(
    rule: VectorRule, parameters: Parameters, direction: Sequence[Fraction], digits: int
) -> tuple[float, float]:
    """-log10 of the relative difference, and the relative radius of the balls compared."""
    frequency = tuple(acb(ball(number)) for number in direction)
    values = {name: acb(ball(value)) for name, value in parameters.items()}
    if transform_of(rule.law) is None:
        wanted = [oracle_derivative(rule.law, parameters, name, direction, digits + 8) for name in rule.components]
    else:
        wanted = [acb(_transform_at(rule.law, name, frequency, values)) for name in rule.components]
    scale = max(max(float(abs(number).mid()) for number in wanted), 1e-300)
    worst, radius = -math.inf, math.inf
    carried = _carried(rule, values, frequency)
    previous: list[Any] | None = None
    for level in LEVELS:
        found, exact = _multiplier(rule, values, frequency, digits, level, carried)
        worst = max(float(abs(a - b).upper()) for a, b in zip(found, wanted, strict=True)) / scale
        radius = max(float(a.rad()) for a in found) / scale
        settled = previous is not None and max(
            float(abs(a - b).upper()) for a, b in zip(found, previous, strict=True)
        ) < scale * 10.0 ** -(digits + 3)
        if exact or settled or worst < 10.0 ** -(digits + 1) or radius > 10.0 ** -(digits + 2):
            break
        previous = found
    return (math.inf if worst == 0 else -math.log10(worst)), radius


def _carried(rule: VectorRule, values: Mapping[str, Any], frequency: tuple[Any, ...]) -> frozenset[str]:
    """The noise that enters through characteristic functions: all that have one, as far as the kernel allows."""
    c = rule.context(ObjectMath(), {name: as_array(value) for name, value in values.items()})
    noise = _flat(rule.noise(c)) | ({} if transform_of(rule.law) is not None else _flat(rule.recipe(c)))
    candidates = [
        name for name, p in noise.items() if p.atoms is None and p.generic().characteristic_function is not None
    ]
    for size in range(len(candidates), -1, -1):
        for chosen in itertools.combinations(candidates, size):
            trial = {name: ([acb(3 + i) / 7], [acb(1)]) for i, name in enumerate(noise) if name not in chosen}
            try:
                _multiplier(rule, values, frequency, 1, LEVELS[0], frozenset(chosen), trial)
            except NotCarried:
                continue
            return frozenset(chosen)
    return frozenset()


def _multiplier(
    rule: VectorRule,
    values: Mapping[str, Any],
    frequency: tuple[Any, ...],
    digits: int,
    level: int,
    names: frozenset[str],
    grids: Mapping[str, Any] | None = None,
) -> tuple[list[Any], bool]:
    """E of the kernel at the plane wave, for each component, with the noise in `names` carried; and whether nothing
    was integrated."""
    c = rule.context(ObjectMath(), {name: as_array(value) for name, value in values.items()})
    total: list[Any] = [acb(0) for _ in rule.components]
    noise, own = _flat(rule.noise(c)), {}
    shifts_z = rule.uses_z and transform_of(rule.law) is not None
    if rule.uses_z and not shifts_z:
        own = _flat(rule.recipe(c))
    carried = {name: p for name, p in (noise | own).items() if name in names}
    integrated = {name: p for name, p in (noise | own).items() if name not in carried}
    if grids is None:
        grids = {name: ball_nodes(p, digits + 10, level) for name, p in integrated.items()}
    for weight, nodes in _mesh(grids):
        arrays = nodes | {name: Point(acb(0), {name: acb(1)}) for name in carried}
        shaped = _shaped(rule.noise(c), arrays)
        if shifts_z:
            parts = [as_array(Point(acb(0), {str(s): acb(1)})) for s in rule.law.samples]
            z = parts[0] if str(rule.law.samples[0]) == "z" else ObjectMath.stack(parts)
        else:
            z = rule.sample(c, _shaped(rule.recipe(c), arrays)) if rule.uses_z else None
        result = rule.apply(c, PlaneWave(frequency, rule.law), z, shaped)
        for i, index in enumerate(rule.components.values()):
            entry = result[(0, *index)]
            total[i] = total[i] + weight * (_expectation(rule.law, entry, carried, values) if entry != 0 else 0)
    return total, not any(p.atoms is None for p in integrated.values())


def _flat(draws: Draws) -> dict[str, Noise]:
    """Each copy of each primitive by its own name."""
    return {
        f"{name}{list(index)}": primitive.copy((0, *index), (1, *copies))
        for name, (primitive, copies) in draws.items()
        for index in np.ndindex(*copies)
    }


def _shaped(draws: Draws, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The copies back in arrays of shape (1, *copies)."""
    shaped = {}
    for name, (_, copies) in draws.items():
        array = np.empty((1, *copies), object)
        for index in np.ndindex(*copies):
            array[(0, *index)] = values[f"{name}{list(index)}"]
        shaped[name] = array
    return shaped


def _mesh(grids: Mapping[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Weights and nodes of the product rule; values of probability 0 are left out."""
    axes = [[(node, factor) for node, factor in zip(*grid, strict=True) if factor != 0] for grid in grids.values()]
    for combination in itertools.product(*axes):
        weight = acb(1)
        for _, factor in combination:
            weight *= factor
        yield weight, dict(zip(grids, (node for node, _ in combination), strict=True))


def _expectation(law: Family, wave: Wave, carried: Mapping[str, Noise], values: Mapping[str, Any]) -> Any:
    total = acb(0)
    for amplitude, powers, point in wave.terms:
        counts = dict(powers)
        term = amplitude * (acb(0, 1) * point.constant).exp()
        for name, primitive in carried.items():
            term *= _noise_wave(primitive, point.slopes.get(name, 0), counts.pop(name, 0))
        if any(str(s) in point.slopes for s in law.samples):
            raised = [s for s in law.samples for _ in range(counts.pop(str(s), 0))]
            slopes = tuple(point.slopes.get(str(s), acb(0)) for s in law.samples)
            term *= acb(0, -1) ** len(raised) * _transform_at(law, None, slopes, values, tuple(raised))
        if counts:
            raise NotCarried
        total += term
    return total


def _noise_wave(primitive: Noise, slope: Any, power: int) -> Any:
    """E x^power exp(i slope x) = (-i)^power phi^(power)(slope)."""
    generic = primitive.generic()
    assert generic.characteristic_function is not None
    function = compile_expression(_derivative(generic.characteristic_function, power), (w, *vars(generic).values()))
    return acb(0, -1) ** power * function(FlintMath(), acb(slope), *vars(primitive).values())


@lru_cache
def _derivative(expression: sympy.Expr, order: int) -> sympy.Expr:
    return sympy.diff(expression, w, order)


def transform_of(law: Family) -> sympy.Expr | None:
    """E exp(i w.z) in the symbols `frequencies(law.samples)`."""
    return law.joint_transform if law.joint_transform is not None else law.characteristic_function


def _transform_at(
    law: Family,
    parameter: str | None,
    frequency: tuple[Any, ...],
    values: Mapping[str, Any],
    raised: tuple[sympy.Symbol, ...] = (),
) -> Any:
    """phi, or its derivative in a scalar component of a parameter, or in the frequencies of the components `raised`."""
    expression = _transform_derivative(law, parameter, raised)
    arguments = (*frequencies(law.samples), *law.symbols)
    return compile_expression(expression, arguments)(FlintMath(), *frequency, *(values[name] for name in law.names))


@lru_cache(maxsize=1024)
def _transform_derivative(law: Family, parameter: str | None, raised: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    expression = transform_of(law)
    assert expression is not None
    for symbol in frequencies(raised):
        expression = sympy.diff(expression, symbol)
    return expression if parameter is None else sympy.diff(expression, law.symbol(parameter))


__all__ = ["NotCarried", "VectorProof", "prove_vector", "transform_of"]
