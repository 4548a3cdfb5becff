"""Means of a rule's contribution as balls, where they collapse to one-dimensional integrals that the oracle certifies.

Three collapses are known. A contribution that depends on one continuous variable is integrated over it. One that is
a sum of products of functions of independent variables is a sum of products of such integrals. And where it is
c f^(m)(Y) with a constant c, that is c E h^(m)(Y) = d/d(parameter) E h(Z) for every h by unbiasedness, so that

    E [(c f^(m)(Y) - a)^p] = (1/c) d/d(parameter) E H(Z)    with    H^(m) = (c f^(m) - a)^p,

which is E [H'(Z) velocity(Z)]/c where m = 1 and the law has a reparameterisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle import oracle
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Parameters
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.existence import diverges
from fsb_oracle.oracle.value import OracleError, Value
from fsb_oracle.rules import baselines
from fsb_oracle.rules.antiderivative import antiderivative
from fsb_oracle.rules.proof import Proof, prove
from fsb_oracle.rules.rule import Rule
from fsb_oracle.rules.symbolic import Law, NoCollapse, Trace, trace

GUARD_DIGITS = 15
PROOF_FREQUENCIES, PROOF_DIGITS = (Fraction(1), Fraction(7, 3)), 12  # the frequencies in units of 1/spread
MOST_INTEGRALS = 80  # of different one-dimensional integrals in one moment


class InfiniteMoment(Exception):
    """An even moment is infinite, provably."""


@dataclass(frozen=True)
class Collapse:
    """The moments of one draw of a rule, about any exact number, by one-dimensional integrals."""

    rule: Rule
    parameters: Parameters
    f: Integrand
    trace: Trace

    @staticmethod
    def of(rule: Rule, parameters: Parameters, f: Integrand) -> Collapse:
        """Raises NoCollapse where the kernel cannot be run on symbols."""
        return Collapse(rule, parameters, f, trace(rule, parameters))

    @property
    def constant(self) -> sympy.Expr | None:
        """The contribution itself if it depends on no random variable, else None."""
        whole = sympy.expand(self.trace.of(self.f))
        return None if whole.free_symbols else whole

    def moment(self, power: int, about: Any, digits: int) -> arb:
        """E (contribution - about)^power with about `digits` relative digits.

        Raises:
            NoCollapse: no collapse is known.
            InfiniteMoment: it is infinite.
            UsageError: an integral does not exist or cannot be bounded.
        """
        constant_weight = constant_derivative(self.trace)
        with precision(digits + GUARD_DIGITS):
            if constant_weight is not None and len(self.trace.laws) > 1:
                return self._through_law(*constant_weight, power, about, digits)
            return sum(
                (number(probability) * self._over_noise(case, power, about, digits))
                for probability, case in self.trace.cases()
            )  # pyright: ignore[reportReturnType]

    def _over_noise(self, case: Trace, power: int, about: Any, digits: int) -> arb:
        whole = case.of(self.f)
        if len(whole.free_symbols) <= 1:
            return _mean_or_infinite(whole, power, about, case.laws, digits)
        values = {symbol: e.of(self.f) for symbol, e in case.evaluations.items()}
        terms = sympy.Add.make_args(sympy.expand((case.contribution - about) ** power))
        products: list[list[Any]] = [
            [factor.xreplace(values) for factor in sympy.Mul.make_args(term)] for term in terms
        ]
        if not all(_separate(factors) for factors in products):
            whole = sympy.expand(whole)
            terms = sympy.Add.make_args(sympy.expand((whole - about) ** power))
            products = [list(sympy.Mul.make_args(term)) for term in terms]
        if not all(_separate(factors) for factors in products):
            raise NoCollapse(f"{self.rule.id} mixes independent variables for f = {self.f.text}")
        return _sum_of_products(products, case.laws, digits)

    def _through_law(self, weight: sympy.Expr, order: int, power: int, about: Any, digits: int) -> arb:
        """E (weight f^(order)(Y) - about)^power, Y having the law that unbiasedness gives it."""
        self._check_unbiased()
        h = (weight * self.f.derivative(order) - about) ** power
        law = self.rule.law
        explicit = baselines.pathwise(law, self.rule.parameter) if order == 1 else None
        path = None if explicit is None else trace(explicit, self.parameters)
        if path is not None and len(path.laws) == 1 == len(path.evaluations):
            ((symbol, evaluation),) = path.evaluations.items()
            velocity = sympy.diff(path.contribution, symbol)
            by_path = h.xreplace({z: evaluation.point}) * velocity
            return mean_of(by_path, path.laws, digits) / number(weight)
        lifted = antiderivative(h, order)
        if lifted is None:
            raise NoCollapse(f"no closed form is known of the antiderivative of {h}")
        return gradient_of(law, self.parameters, lifted, self.rule.parameter, digits).ball / number(weight)

    @cached_property
    def _proof(self) -> Proof:
        """The rule's multiplier against d phi/d(parameter), at two frequencies on the scale of the law."""
        spread = Fraction(self.rule.law.spread(self.parameters)).limit_denominator(1000) or Fraction(1, 1000)
        frequencies = tuple(frequency / spread for frequency in PROOF_FREQUENCIES)
        return prove(self.rule, self.parameters, frequencies, PROOF_DIGITS)

    def _check_unbiased(self) -> None:
        """Raises OracleError if the rule is biased, so that what follows from unbiasedness would be wrong."""
        if not self._proof.holds:
            raise OracleError(f"{self.rule.id} is biased: its multiplier is not d phi/d {self.rule.parameter}")


def constant_derivative(found: Trace) -> tuple[sympy.Expr, int] | None:
    """(c, m) of a contribution c f^(m)(Y) with a constant c, else None."""
    if len(found.evaluations) != 1:
        return None
    ((symbol, evaluation),) = found.evaluations.items()
    weight = sympy.expand(found.contribution / symbol)
    if evaluation.order == 0 or weight.free_symbols or weight == 0:
        return None
    return weight, evaluation.order


def mean_of(expression: sympy.Expr, laws: Mapping[sympy.Symbol, Law], digits: int) -> arb:
    """E of an expression in at most one of the variables, at the precision in force."""
    symbols: list[Any] = list(expression.free_symbols)
    if not symbols:
        return number(expression)
    if len(symbols) > 1:
        raise NoCollapse(f"{expression} depends on several variables")
    variable = symbols[0]
    factor, rest = expression.as_independent(variable, as_Add=False)
    law = laws[variable]
    inner = sympy.sympify(rest.xreplace({variable: z})) * law.weight
    return number(factor) * expectation_of(law, inner, digits).ball


def _mean_or_infinite(whole: sympy.Expr, power: int, about: Any, laws: Mapping[sympy.Symbol, Law], digits: int) -> arb:
    """E (whole - about)^power, which is infinite about every number if it is about 0."""
    try:
        return mean_of((whole - about) ** power, laws, digits)
    except UsageError:
        (variable,) = whole.free_symbols
        law = laws[variable]  # pyright: ignore[reportArgumentType]
        raw = Integrand(sympy.sympify((whole**power).xreplace({variable: z})) * law.weight)
        if power % 2 == 0 and diverges(Cell(law.family, law.parameters, raw)):
            raise InfiniteMoment from None
    return mean_of(sympy.expand((whole - about) ** power), laws, digits)  # so that exponents of its terms add up


def number(expression: Any) -> arb:
    """An exact real number as a ball at the precision in force."""
    return acb(compile_expression(sympy.sympify(expression), ())(FlintMath())).real


def expectation_of(law: Law, expression: sympy.Expr, digits: int) -> Value:
    return _expectation(law, expression, digits)


@lru_cache(maxsize=4096)
def _expectation(law: Law, expression: sympy.Expr, digits: int) -> Value:
    return oracle.expectation(law.family, law.parameters, Integrand(expression), digits)


def gradient_of(family: Any, parameters: Parameters, expression: sympy.Expr, parameter: str, digits: int) -> Value:
    return _gradient(family, tuple(parameters.items()), expression, parameter, digits)


@lru_cache(maxsize=1024)
def _gradient(family: Any, parameters: Any, expression: sympy.Expr, parameter: str, digits: int) -> Value:
    return oracle.gradient(family, dict(parameters), Integrand(expression), parameter, digits)


def _separate(factors: list[Any]) -> bool:
    return all(len(factor.free_symbols) <= 1 for factor in factors)


def _sum_of_products(products: list[list[Any]], laws: Mapping[sympy.Symbol, Law], digits: int) -> arb:
    """SUM over the products of PRODUCT over the variables of the mean of the factors in that variable."""
    grouped = []
    for factors in products:
        groups: dict[Any, sympy.Expr] = {}
        for factor in factors:
            key = next(iter(factor.free_symbols), None)
            groups[key] = groups.get(key, sympy.S.One) * factor
        grouped.append(groups)
    if len({group for groups in grouped for group in groups.values()}) > MOST_INTEGRALS:
        raise NoCollapse("too many different integrals")
    total = arb(0)
    for groups in grouped:
        term = arb(1)
        for group in groups.values():
            term *= mean_of(group, laws, digits)
        total += term
    return total
