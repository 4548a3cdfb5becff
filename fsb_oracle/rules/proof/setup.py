"""Which variables of a rule are carried, and what its kernel then does to f: a list of summands with known means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import sympy
from flint import acb, arb

from fsb_oracle.backends.noise import Noise, Uniform
from fsb_oracle.rules.nodes import has_gauss_rule
from fsb_oracle.rules.proof.forms import CarryMath, Evaluation, Floor, Form, NotCarried, Response, Term, TestFunction
from fsb_oracle.rules.proof.transforms import Transforms
from fsb_oracle.rules.rule import Rule

RECIPE = "recipe "  # before the names of the noise that z is made of
Nodes = Mapping[str, Any]


class Summand(NamedTuple):
    """coefficient x PROD v^power exp(rate v) x f^(order)(point), taken apart for f = exp(s z) or f = z^s.

    On the line the point is base + SUM point_rate v; in log space it is
    exp(base + SUM point_rate v) PROD v^point_power (start + (end - start) u), the last factor with u ~ U(0, 1) only
    where `segment` = (start, end) is given.
    """

    coefficient: Any
    order: int
    base: Any
    powers: Mapping[Any, Any]
    rates: Mapping[Any, Any]
    point_powers: Mapping[Any, Any]
    point_rates: Mapping[Any, Any]
    segment: tuple[Any, Any] | None = None

    @property
    def variables(self) -> set[Any]:
        return {*self.powers, *self.rates, *self.point_powers, *self.point_rates}

    def mean(self, s: acb, space: str, expectation: Callable[[Any, Any, Any, Any], acb], use: Any = None) -> acb:
        """Its mean for f = exp(s z) (space "line") or z^s ("log"), given E v^power exp(rate v) for some `use`."""
        shift = s if space == "line" else s - self.order
        value = self.coefficient * (shift * self.base).exp()
        if self.order:
            value = value * (s**self.order if space == "line" else falling(s, self.order))
        for v in self.variables:
            power = self.powers.get(v, 0)
            if v in self.point_powers:
                power = power + shift * self.point_powers[v]
            rate = self.rates.get(v, 0)
            if v in self.point_rates:
                rate = rate + shift * self.point_rates[v]
            value = value * expectation(v, power, rate, use)
        if self.segment is not None:
            start, end = self.segment
            top = acb(end).pow(shift + 1) - acb(start).pow(shift + 1)
            value = value * top / ((end - start) * (shift + 1))
        return value


def falling(s: acb, order: int) -> acb:
    """s (s - 1) ... (s - order + 1)."""
    product = acb(1)
    for i in range(order):
        product *= s - i
    return product


@dataclass(frozen=True)
class Setup:
    """A rule at one parameter point, with the variables that are carried; all others are put on nodes."""

    rule: Rule
    values: Mapping[str, acb]
    primitives: Mapping[str, Noise]  # the rule's noise, and under prefixed names that of the law's recipe
    carried: frozenset[str]
    strict: bool = False  # whether uniform variables in products are left alone

    @staticmethod
    def of(rule: Rule, values: Mapping[str, acb]) -> Setup:
        """The setup with the fewest variables on nodes; of several, that with the most smooth ones."""
        bare = Setup.with_carried(rule, values, frozenset())
        primitives = bare.primitives
        names = [name for name, primitive in primitives.items() if _carriable(primitive)]
        names = (["z"] if rule.uses_z else []) + names
        chosen = (frozenset(c) for size in range(len(names), -1, -1) for c in combinations(names, size))
        setups = [
            replace(bare, carried=carried)
            for carried in chosen
            if not ("z" in carried and any(name.startswith(RECIPE) for name in carried))
        ]
        setups = [setup for setup in setups if all(p.generic().has_density for p in setup.continuous.values())]
        setups.sort(key=lambda setup: len(setup.continuous))
        best: Setup | None = None
        for setup in setups:
            if best is not None and len(setup.continuous) > len(best.continuous):
                break
            if setup.works and (best is None or len(setup.smooth) > len(best.smooth)):
                best = setup
        assert best is not None, "with nothing carried every kernel runs"
        return best

    @staticmethod
    def with_carried(rule: Rule, values: Mapping[str, acb], carried: frozenset[str]) -> Setup:
        m = CarryMath()
        recipe = {RECIPE + name: primitive for name, primitive in rule.recipe_at(m, values).items()}
        return Setup(rule, values, {**recipe, **rule.noise_at(m, values)}, carried)

    @cached_property
    def integrated(self) -> dict[str, Noise]:
        """Primitives that are put on nodes; none of the recipe's where z is carried."""
        return {
            name: primitive
            for name, primitive in self.primitives.items()
            if name not in self.carried and not ("z" in self.carried and name.startswith(RECIPE))
        }

    @cached_property
    def continuous(self) -> dict[str, Noise]:
        """The integrated primitives that have more than finitely many values."""
        return {name: primitive for name, primitive in self.integrated.items() if primitive.atoms is None}

    @cached_property
    def smooth(self) -> dict[str, float]:
        """Integrated variables on (0, 1) in which the integrand is entire, so that Gauss rules converge fast, and the
        largest slope of a point in them."""
        found = {}
        for name, primitive in self.continuous.items() if self.rule.space == "line" else ():
            if has_gauss_rule(primitive):
                slopes = (setup.slope(name) for setup in self._carrying(name))
                slope = next((slope for slope in slopes if slope is not None), None)
                found |= {} if slope is None else {name: slope}
        return found

    def _carrying(self, name: str) -> Iterator[Setup]:
        """Setups whose algebra closes in one more variable only if the integrand is entire in it."""
        yield replace(self, carried=self.carried | {name}, strict=True)
        if all(self._has_entire_transform(carried) for carried in self.carried):
            yield replace(self, carried=frozenset({name}), strict=True)

    def _has_entire_transform(self, name: str) -> bool:
        if name == "z":
            return self.rule.law.strip == (-sympy.oo, sympy.oo)
        return self.primitives[name].support == "unit"

    def slope(self, name: str) -> float | None:
        """The largest slope of a point in a carried variable; None if the kernel is no polynomial times waves in it."""
        try:
            summands = self.summands(self.trial())
        except NotCarried:
            return None
        powers = (summand.powers.get(name, 0) for summand in summands)
        if not all(isinstance(power, int) and power >= 0 for power in powers):
            return None
        return max(float(abs(acb(summand.point_rates.get(name, 0))).mid()) for summand in summands)

    @cached_property
    def works(self) -> bool:
        """Try the kernel once at arbitrary nodes."""
        transforms = self.transforms()
        try:
            for summand in self.summands(self.trial()):
                roots = [v.variable if isinstance(v, Floor) else v for v in summand.variables]
                if len(set(roots)) < len(roots):
                    return False
                summand.mean(acb(0, 1) / 3, self.rule.space, transforms.check)
        except NotCarried:
            return False
        return True

    def transforms(self) -> Transforms:
        return Transforms(self.rule.law, self.values, self.primitives)

    @cached_property
    def context(self) -> Any:
        return self.rule.context(CarryMath(), self.reals)

    @cached_property
    def reals(self) -> dict[str, Any]:
        return {name: _real(value) for name, value in self.values.items()}

    def trial(self, *changed: str) -> dict[str, Any]:
        """Arbitrary nodes inside the supports; those of the variables in `changed` are others."""
        return {
            name: _inside(primitive, 3 + i + 2 * changed.count(name))
            for i, (name, primitive) in enumerate(self.integrated.items())
        }

    def response(self, nodes: Nodes) -> Response:
        """The kernel's response with the integrated variables at `nodes`."""

        def variable(name: str) -> Any:
            return Form.variable(name) if name in self.carried else nodes[name]

        noise = {name: variable(name) for name in self.rule.noise}
        z = None
        if "z" in self.carried:
            z = Form.variable("z")
        elif self.rule.uses_z:
            recipe = {name: variable(RECIPE + name) for name in self.rule.law.recipe.noise}
            z = self.rule.sample_at(CarryMath(), self.reals, recipe)
        return Response.of(self.rule.apply_in(self.context, TestFunction(), z, noise))

    def summands(self, nodes: Nodes) -> list[Summand]:
        """What the kernel does to f at `nodes`, term by term, in a fixed order."""
        return list(self._summands(self.response(nodes)))

    def _summands(self, response: Response) -> Iterator[Summand]:
        for evaluation in self._without_uniform_products(response):
            base, point_powers, point_rates, segment = self._point(evaluation.point)
            for term in evaluation.amplitude.terms:
                yield Summand(
                    term.coefficient,
                    evaluation.order,
                    base,
                    term.powers,
                    term.rates,
                    point_powers,
                    point_rates,
                    segment,
                )

    def _without_uniform_products(self, response: Response) -> Iterator[Evaluation]:
        """Where q holds variables: E amplitude f'(p + q u) = (amplitude/q) [f(p + q) - f(p)], u ~ U(0, 1)."""
        for evaluation in response.evaluations:
            name = self._uniform_in_products(evaluation)
            if name is None:
                yield evaluation
                continue
            assert evaluation.point is not None
            terms = evaluation.point.terms
            start = Form(tuple(term for term in terms if name not in term.powers))
            slope = Form(tuple(term.without(name) for term in terms if name in term.powers))
            amplitude, order = evaluation.amplitude.over(slope), evaluation.order - 1
            yield Evaluation(amplitude, order, start + slope)
            yield Evaluation(amplitude * -1, order, start)

    def _uniform_in_products(self, evaluation: Evaluation) -> str | None:
        """The carried uniform variable that enters through products with others in the point alone."""
        if self.strict or self.rule.space != "line" or evaluation.order == 0 or evaluation.point is None:
            return None
        for name in self.carried:
            if isinstance(self.primitives.get(name), Uniform):
                powers = [term.powers for term in evaluation.point.terms if name in term.powers]
                alone = not any(name in term.powers or name in term.rates for term in evaluation.amplitude.terms)
                if alone and any(len(p) > 1 for p in powers) and all(p[name] == 1 for p in powers):
                    return name
        return None

    def _point(self, point: Form | None) -> tuple[Any, Any, Any, Any]:
        if point is None:
            return acb(0), {}, {}, None
        if self.rule.space == "line":
            constant, slopes = point.affine()
            return constant, {}, slopes, None
        term, segment = self._factors(point)
        return acb(term.coefficient).log(), term.powers, term.rates, segment

    def _factors(self, point: Form) -> tuple[Term, tuple[Any, Any] | None]:
        """A point of log space as a monomial, times start + (end - start) u where a uniform variable is in it so."""
        terms = point.merged()
        for name in self.carried if len(terms) == 2 else ():
            if not isinstance(self.primitives.get(name), Uniform):
                continue
            terms.sort(key=lambda term: name in term.powers)
            low, high = terms
            rest = {v: p for v, p in high.powers.items() if v != name}
            if not (low.rates or high.rates) and high.powers.get(name) == 1 and low.powers == rest:
                return Term(arb(1), rest, {}), (low.coefficient, low.coefficient + high.coefficient)
        return point.monomial(), None


def _carriable(primitive: Noise) -> bool:
    """Whether a transform is declared (laws of finitely many values are simply enumerated)."""
    generic = primitive.generic()
    return primitive.atoms is None and (generic.characteristic_function is not None or generic.mellin is not None)


def _inside(primitive: Noise, i: int) -> Any:
    if primitive.atoms is not None:
        return arb(primitive.atoms[0][0])
    if primitive.support == "integers":
        return arb(i - 2)
    if primitive.support == "half-line":
        return primitive.left_end + arb(i) / 7
    return arb(i) / (7 if i < 7 else 2 * i)


def _real(value: acb) -> Any:
    return value.real if value.imag.is_zero() else value
