"""The proof of a vector rule by moments: with f a monomial, E of the kernel equals the gradient of a known moment.

For laws without a characteristic function in closed form (the simplex) and for kernels in which no variable enters
linearly (the Wishart law). The kernel that the back ends run is called on object arrays, with all monomials of f at
once along a first axis; on the simplex it computes with powers of the variables, else on the nodes of Gauss rules.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy
from flint import acb, fmpq

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.noise import Beta, Exponential, Gamma, Noise, Simplex, Uniform, w
from fsb_oracle.backends.noise.simplex import rising
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws, frequencies
from fsb_oracle.rules.gauss import gauss_mesh
from fsb_oracle.rules.power_polynomials import Monomial, Polynomial, PolynomialMath
from fsb_oracle.rules.vector import VectorRule
from fsb_oracle.rules.vector_proof import ObjectMath, as_array

GUARD = 25  # digits beyond those asked for

Powers = tuple[int, ...]


@dataclass(frozen=True)
class MomentProof:
    """The identity of every component of a rule at every monomial.

    Attributes:
        worst: the least -log10 of the relative difference.
    """

    rule: str
    digits: int
    worst: float

    @property
    def holds(self) -> bool:
        return self.worst >= self.digits


@dataclass(frozen=True)
class Monomials:
    """f = PROD z_i^m_i for several m at once, along a new first axis of all results.

    Attributes:
        powers: the multidegrees m.
        indices: where each variable of the law stands in an array of samples: (i,), or (i, j) with i <= j.
    """

    powers: tuple[Powers, ...]
    indices: tuple[tuple[int, ...], ...]

    def __call__(self, z: np.ndarray) -> np.ndarray:
        value = self._values(z)
        return np.stack([value(m) for m in self.powers])

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """In the shape of z; of a matrix the symmetric G with df = SUM G_ij dz_ij."""
        value = self._values(z)
        slopes = np.zeros((len(self.powers), *z.shape), object)
        for (row, m), (i, index) in itertools.product(enumerate(self.powers), enumerate(self.indices)):
            if m[i] == 0:
                continue
            slope = value(_less(m, i)) * fmpq(m[i], len(set(index)))  # half of it in each of two triangles
            slopes[(row, ..., *index)] = slopes[(row, ..., *index[::-1])] = slope
        return slopes

    def _values(self, z: np.ndarray) -> Callable[[Powers], np.ndarray]:
        """z^m from z^(m - e_i), each product computed once."""
        one = np.full(z.shape[: z.ndim - len(self.indices[0])], fmpq(1), object)

        @cache
        def value(m: Powers) -> np.ndarray:
            last = max((i for i, power in enumerate(m) if power), default=None)
            return one if last is None else value(_less(m, last)) * z[(..., *self.indices[last])]

        return value


def prove_moments(rule: VectorRule, values: Mapping[str, Fraction], degree: int, digits: int = 30) -> MomentProof:
    """Compare E of the rule's kernel with the gradient of E f, for every monomial f up to a total degree.

    Args:
        rule: a rule of a Dirichlet law, or of a law with a transform in closed form whose kernel is a polynomial in
            its noise up to odd powers that vanish.
        values: exact values of the law's scalar components.
        degree: the largest total degree of f.
        digits: the digits to which both sides must agree.
    """
    law = rule.law
    powers = tuple(m for m in itertools.product(range(degree + 1), repeat=len(law.samples)) if 0 < sum(m) <= degree)
    f = Monomials(powers, tuple(tuple(map(int, str(symbol)[1:])) for symbol in law.samples))
    on_simplex = law.joint_transform is None
    exact = _simplex_gradient if on_simplex else _transform_gradient
    with precision(digits + GUARD):
        computed = (_by_powers if on_simplex else partial(_by_nodes, degree))(rule, values, f)
        pairs = [
            (computed[(row, *index)], wanted)
            for name, index in rule.components.items()
            for row, wanted in enumerate(exact(law, values, name, powers))
        ]
        return MomentProof(rule.id, digits, min(itertools.starmap(_agreement, pairs)))


def _less(m: Powers, i: int) -> Powers:
    return (*m[:i], m[i] - 1, *m[i + 1 :])


def _agreement(computed: Any, exact: fmpq) -> float:
    """-log10 of the relative difference; of the difference itself where the gradient is 0."""
    difference = float(abs(acb(computed) - exact).upper()) / (abs(float(exact.p) / float(exact.q)) or 1.0)
    if not math.isfinite(difference):
        return -math.inf
    return math.inf if difference == 0 else -math.log10(difference)


def _context(rule: VectorRule, m: Any, values: Mapping[str, Fraction]) -> Any:
    """Exact rational parameters, with one batch axis."""
    exact = {name: as_array(fmpq(value.numerator, value.denominator)) for name, value in values.items()}
    return rule.context(m, exact)


# --- the simplex: E of powers of every variable in closed form


def _by_powers(rule: VectorRule, values: Mapping[str, Fraction], f: Monomials) -> np.ndarray:
    """E of the kernel, shape (monomials, *shape of the parameter)."""
    c = _context(rule, PolynomialMath(), values)
    recipe, noise = rule.recipe(c), rule.noise(c)
    z = rule.sample(c, _variables(recipe, "own "))
    result = rule.apply(c, f, z, _variables(noise, ""))
    moment = _moments(_primitives(recipe, "own ") | _primitives(noise, ""))
    expectation = np.frompyfunc(lambda entry: Polynomial.of(entry).expectation(moment), 1, 1)
    return np.asarray(expectation(result))[:, 0]


def _variables(draws: Draws, prefix: str) -> dict[str, np.ndarray]:
    """Every copy as a variable, in arrays of shape (1, *copies), with one more axis on the simplex."""
    arrays = {}
    for name, (primitive, copies) in draws.items():
        categories = (primitive.concentration.shape[-1],) if isinstance(primitive, Simplex) else ()
        arrays[name] = np.empty((1, *copies, *categories), object)
        for index in np.ndindex(*copies, *categories):
            arrays[name][(0, *index)] = Polynomial.variable(f"{prefix}{name}{list(index)}")
    return arrays


def _primitives(draws: Draws, prefix: str) -> dict[tuple[str, ...], Noise]:
    """The primitive of every variable; the weights of one simplex belong together."""
    found: dict[tuple[str, ...], Noise] = {}
    for name, (primitive, copies) in draws.items():
        for index in np.ndindex(*copies):
            one = primitive.copy((0, *index), (1, *copies))
            ends = range(len(one.concentration)) if isinstance(one, Simplex) else [None]
            found[tuple(f"{prefix}{name}{[*index, *([] if k is None else [k])]}" for k in ends)] = one
    return found


def _moments(primitives: Mapping[tuple[str, ...], Noise]) -> Callable[[Monomial], Any]:
    """E of a product of powers: the variables of different primitives are independent."""
    owner = {name: names for names in primitives for name in names}

    @cache
    def of_one(names: tuple[str, ...], powers: tuple[Any, ...], exponential: bool) -> Any:
        primitive = primitives[names]
        if isinstance(primitive, Simplex):
            return primitive.moment(FlintMath(), powers)
        return (_exponential_moment if exponential else _power_moment)(primitive, powers[0])

    @cache
    def moment(monomial: Monomial) -> Any:
        powers = dict(monomial)
        used = dict.fromkeys((owner[name.removeprefix("exp ")], name.startswith("exp ")) for name in powers)
        factors = (
            of_one(names, tuple(powers.get("exp " * exponential + name, 0) for name in names), exponential)
            for names, exponential in used
        )
        return math.prod(factors)

    return moment


def _power_moment(primitive: Noise, power: Any) -> Any:
    """E x^power."""
    m = FlintMath()
    match primitive:
        case Uniform():
            return 1 / fmpq(1 + power)
        case Exponential():
            return rising(m, fmpq(1), power)
        case Gamma(concentration=a):
            return rising(m, a, power)
        case Beta(concentration1=a, concentration0=b):
            return rising(m, a, power) / rising(m, a + b, power)
    raise AssertionError(f"no moments of {type(primitive).__name__}")


def _exponential_moment(primitive: Noise, power: Any) -> Any:
    """E exp(power x): the characteristic function at -i power."""
    generic = primitive.generic()
    expression = generic.characteristic_function
    assert expression is not None
    function = compile_expression(expression, (w, *vars(generic).values()))
    return function(FlintMath(), acb(0, -1) * power, *map(acb, vars(primitive).values()))


def _simplex_gradient(law: Family, values: Mapping[str, Fraction], name: str, powers: Sequence[Powers]) -> list[fmpq]:
    """d/d a_j of v = PROD (a_i)_(m_i) / (a_0)_|m|: v (SUM_(l < m_j) 1/(a_j + l) - SUM_(l < |m|) 1/(a_0 + l))."""
    a = [fmpq(values[other].numerator, values[other].denominator) for other in law.names]
    total, j, one = sum(a, fmpq(0)), law.names.index(name), fmpq(1)

    def slope(m: Powers) -> fmpq:
        value = math.prod((rising(None, a_i, m_i) for a_i, m_i in zip(a, m, strict=True)), start=one)
        value = value / rising(None, total, sum(m))
        gain = sum((1 / (a[j] + k) for k in range(m[j])), fmpq(0))
        return value * (gain - sum((1 / (total + k) for k in range(sum(m))), fmpq(0)))

    return [slope(m) for m in powers]


# --- other laws: Gauss rules, which are exact for polynomials


def _by_nodes(degree: int, rule: VectorRule, values: Mapping[str, Fraction], f: Monomials) -> np.ndarray:
    """E of the kernel, shape (monomials, *shape of the parameter)."""
    c = _context(rule, ObjectMath(), values)
    weight, (own, noise) = gauss_mesh((rule.recipe(c), rule.noise(c)), degree)
    result = rule.apply(c, f, rule.sample(c, own), noise)
    along = weight.reshape(-1, *[1] * (result.ndim - 2))
    return (result * along).sum(1)


def _transform_gradient(law: Family, values: Mapping[str, Fraction], name: str, powers: Sequence[Powers]) -> list[fmpq]:
    """d/d parameter of E PROD z_i^m_i = (-i)^|m| times the m-th derivative of the transform at 0."""
    waves = frequencies(law.samples)
    numbers = {law.symbol(n): sympy.Rational(v.numerator, v.denominator) for n, v in values.items()}
    assert law.joint_transform is not None
    slope = sympy.diff(law.joint_transform, law.symbol(name)).xreplace(numbers)

    @cache
    def derivative(m: Powers) -> Any:
        last = max((i for i, power in enumerate(m) if power), default=None)
        return slope if last is None else sympy.diff(derivative(_less(m, last)), waves[last])

    at_origin = dict.fromkeys(waves, sympy.S.Zero)
    moments = [sympy.nsimplify(sympy.expand((-sympy.I) ** sum(m) * derivative(m).xreplace(at_origin))) for m in powers]
    return [fmpq(int(moment.p), int(moment.q)) for moment in moments]


__all__ = ["MomentProof", "Monomials", "prove_moments"]
