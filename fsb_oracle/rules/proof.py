"""The proof of a rule: its multiplier, computed from the kernel that the back ends run, equals d phi / d theta.

The kernel is called with f = exp(i w z). Variables in which every evaluation point is affine are *carried*: they enter
through their characteristic function (z through that of the law, noise through its own). The others are integrated in
high precision. No multiplier is written down anywhere; change a constant in a kernel and its proof fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.backends.noise import Noise, w
from fsb_oracle.families import Family, Parameters
from fsb_oracle.rules.carried import Affine, CarryMath, Exponential, NotCarried, Wave
from fsb_oracle.rules.nodes import ball_nodes, gauss_nodes
from fsb_oracle.rules.rule import Rule

GUARDS = (18, 45, 120)  # digits carried beyond those asked for, in turn
NODE_GUARD = 12  # digits beyond those asked for down to which quadrature weights are kept
FINEST_LEVEL = 12


@dataclass(frozen=True)
class Multiplier:
    """A rule's multiplier at one frequency and what it must equal, with the digits to which they agree."""

    frequency: Fraction
    computed: acb
    exact: acb
    agreement: float  # -log10 of the difference relative to max(|exact|, |sum of terms|)


@dataclass(frozen=True)
class Proof:
    """The multiplier identity of one rule at one parameter point."""

    rule: str
    parameters: Parameters
    digits: int
    carried: tuple[str, ...]
    multipliers: tuple[Multiplier, ...]

    @property
    def holds(self) -> bool:
        return all(multiplier.agreement >= self.digits for multiplier in self.multipliers)

    @property
    def worst(self) -> Multiplier:
        return min(self.multipliers, key=lambda multiplier: multiplier.agreement)


def prove(rule: Rule, parameters: Parameters, frequencies: tuple[Fraction, ...], digits: int = 30) -> Proof:
    """Compare the rule's multiplier with d phi / d parameter at each frequency (in radians per unit of z).

    Args:
        rule: any rule or baseline; its kernel is called with balls.
        parameters: exact values of the law's parameters.
        frequencies: nonzero rationals.
        digits: the digits to which both sides must agree.
    """
    with precision(digits + GUARDS[0]):
        carried = _Setup.of(rule, _balls(parameters)).carried
    multipliers = tuple(_guarded_multiplier(rule, parameters, frequency, digits) for frequency in frequencies)
    return Proof(rule.id, parameters, digits, tuple(sorted(carried)), multipliers)


def _balls(parameters: Parameters) -> dict[str, acb]:
    return {name: acb(ball(value)) for name, value in parameters.items()}


def _guarded_multiplier(rule: Rule, parameters: Parameters, frequency: Fraction, digits: int) -> Multiplier:
    """Raise the precision until rounding no longer decides (1F1 loses digits like exp(|w|))."""
    multiplier: Multiplier | None = None
    for guard in GUARDS:
        with precision(digits + guard):
            setup = _Setup.of(rule, _balls(parameters))
            multiplier, radius = _multiplier(setup, frequency, digits)
        if radius < 10.0 ** -(digits + 4):
            break
    assert multiplier is not None
    return multiplier


@dataclass(frozen=True)
class _Setup:
    """Which variables are carried and which are integrated."""

    rule: Rule
    values: Mapping[str, acb]
    noise: Mapping[str, Noise]
    recipe: Mapping[str, Noise]
    carried: frozenset[str]

    @staticmethod
    def of(rule: Rule, values: Mapping[str, acb]) -> _Setup:
        m = FlintMath()
        noise, recipe = rule.noise_at(m, values), rule.recipe_at(m, values)
        candidates = [name for name, primitive in noise.items() if _carriable(primitive)]
        candidates = (["z"] if rule.uses_z else []) + candidates
        for size in range(len(candidates), -1, -1):
            for chosen in combinations(candidates, size):
                setup = _Setup(rule, values, noise, recipe, frozenset(chosen))
                if setup.works():
                    return setup
        raise AssertionError("with nothing carried every kernel runs")

    @property
    def integrated(self) -> dict[str, Noise]:
        """Primitives that are put on nodes; the recipe's own noise stands for z where z is not carried."""
        rest = {name: primitive for name, primitive in self.noise.items() if name not in self.carried}
        return rest if "z" in self.carried else {f"recipe {name}": p for name, p in self.recipe.items()} | rest

    @cached_property
    def entire(self) -> frozenset[str]:
        """Integrated variables in which the integrand is entire: alone they could be carried, so Gauss rules
        converge."""
        return frozenset(name for name in self.noise if name not in self.carried and self.with_carried(name).works())

    def with_carried(self, name: str) -> _Setup:
        return replace(self, carried=frozenset({name}) | (self.carried & {"z"}))

    @cached_property
    def context(self) -> Any:
        return self.rule.context(CarryMath(), self.values)

    def works(self) -> bool:
        """Try the kernel once at arbitrary nodes."""
        trial = {name: acb(3 + i) / 7 for i, name in enumerate(self.integrated)}
        try:
            self.wave(acb(1), trial)
        except NotCarried:
            return False
        return True

    def wave(self, frequency: acb, nodes: Mapping[str, Any]) -> Wave:
        carried = {name: Affine(0, {name: acb(1)}) for name in self.carried}
        noise = {name: carried.get(name, nodes.get(name)) for name in self.noise}
        if "z" in self.carried:
            z = carried["z"]
        else:
            z = self.rule.sample_at(CarryMath(), self.values, {name: nodes[f"recipe {name}"] for name in self.recipe})
        result = self.rule.apply_in(self.context, Exponential(frequency), z, noise)
        return result if isinstance(result, Wave) else Wave(((acb(result), Affine(0, {})),))

    def expectation(self, frequency: acb, nodes: Mapping[str, Any]) -> tuple[acb, arb]:
        """E over the carried variables, and the sum of absolute terms (the scale of rounding)."""
        total, scale = acb(0), arb(0)
        for amplitude, point in self.wave(frequency, nodes).terms:
            term = amplitude * (acb(0, 1) * frequency * point.constant).exp()
            for name, slope in point.slopes.items():
                term *= self._characteristic(name, frequency * slope)
            total += term
            scale += abs(term)
        return total, scale

    def _characteristic(self, name: str, frequency: acb) -> acb:
        if frequency.is_zero():
            return acb(1)
        if name == "z":
            phi = self.rule.law.characteristic_function
            assert phi is not None
            return _law_function(self.rule.law, phi)(frequency, self.values)
        primitive = self.noise[name]
        expression, symbols = _generic_characteristic(primitive)
        assert expression is not None
        return compile_expression(expression, symbols)(FlintMath(), frequency, *vars(primitive).values())


def _carriable(primitive: Noise) -> bool:
    """Whether a characteristic function is declared (two-point laws are simply enumerated)."""
    return primitive.atoms is None and _generic_characteristic(primitive)[0] is not None


def _generic_characteristic(primitive: Noise) -> tuple[sympy.Expr | None, tuple[sympy.Symbol, ...]]:
    """The characteristic function with symbols for the primitive's parameters, and the symbols in calling order."""
    generic = primitive.generic()
    return generic.characteristic_function, (w, *vars(generic).values())


def _law_function(law: Family, expression: sympy.Expr) -> Any:
    function = compile_expression(expression, (w, *law.symbols))
    return lambda frequency, values: function(FlintMath(), frequency, *(values[name] for name in law.names))


def _multiplier(setup: _Setup, frequency: Fraction, digits: int) -> tuple[Multiplier, float]:
    """The multiplier on grids refined until it settles, and the relative radius of the balls compared."""
    point = acb(ball(frequency))
    law = setup.rule.law
    exact = _law_function(law, law.characteristic_derivative(setup.rule.parameter))(point, setup.values)
    computed, scale = acb(0), arb(1)
    previous: acb | None = None
    for level in range(3, FINEST_LEVEL):
        computed, scale = _integrate(setup, point, digits, level)
        radius = (float(exact.rad()) + float(computed.rad())) / _reference(exact, scale)
        agreement = _agreement(computed, exact, scale)
        resolved = -math.inf if previous is None else _agreement(computed, previous, scale)
        # enough digits agree; or the grid resolves far more digits than agree; or rounding hides the rest
        if not setup.integrated or agreement > digits + 2 or resolved > agreement + 6 or radius > 10.0 ** -(digits + 4):
            break
        previous = computed
    return Multiplier(frequency, computed, exact, _agreement(computed, exact, scale)), radius


def _reference(exact: acb, scale: arb) -> float:
    return max(float(abs(exact).mid()), float(scale.mid()) * 1e-6, 1e-300)


def _integrate(setup: _Setup, frequency: acb, digits: int, level: int) -> tuple[acb, arb]:
    total, scale = acb(0), arb(0)
    for weight, nodes in _mesh(setup, digits, level):
        value, size = setup.expectation(frequency, nodes)
        total += weight * value
        scale += abs(weight) * size
    return total, scale


def _mesh(setup: _Setup, digits: int, level: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Weights and nodes of the product rule over the integrated variables."""
    rules = []
    for name, primitive in setup.integrated.items():
        if name in setup.entire and primitive.support == "unit":
            nodes = gauss_nodes(primitive, 16 * (level - 2))
        else:
            nodes = ball_nodes(primitive, digits + NODE_GUARD, level)
        rules.append(list(zip(*nodes, strict=True)))
    for combination in product(*rules):
        weight = acb(1)
        for _, factor in combination:
            weight *= factor
        yield weight, dict(zip(setup.integrated, (node for node, _ in combination), strict=True))


def _agreement(computed: acb, exact: acb, scale: arb) -> float:
    """-log10(|difference| / scale of the quantities); balls' radii count as difference."""
    difference = float(abs(computed - exact).upper())
    if not math.isfinite(difference):
        return -math.inf
    return math.inf if difference == 0 else -math.log10(difference / _reference(exact, scale))
