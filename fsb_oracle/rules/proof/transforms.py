"""E v^power exp(rate v) of one variable, from what its law declares: characteristic function or Mellin transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import acb

from fsb_oracle import oracle
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath
from fsb_oracle.backends.noise import Noise, Uniform, w
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import order, z
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.proof.forms import Floor, NotCarried

MATH = FlintMath()
HIGHEST_POWER = 4  # derivatives of a characteristic function are taken up to this order


class Transforms:
    """The transforms of the carried variables; the last value of each use is kept, as most do not change from node
    to node."""

    def __init__(self, law: Family, values: Mapping[str, acb], noise: Mapping[str, Noise]) -> None:
        self.law, self.values, self.noise = law, values, noise
        self.kept: dict[Any, tuple[acb, acb, acb]] = {}
        self.functions: dict[Any, Callable[..., Any]] = {}

    def expectation(self, name: Any, power: Any, rate: Any, use: Any) -> acb:
        """E v^power exp(rate v), `use` being any key for the place in which it is needed."""
        power, rate = acb(power), acb(rate)
        kept = self.kept.get((name, use))
        if kept is not None and _same(kept[0], power) and _same(kept[1], rate):
            return kept[2]
        value = self._compute(name, power, rate)
        self.kept[name, use] = (power, rate, value)
        return value

    def check(self, name: Any, power: Any, rate: Any, use: Any = None) -> acb:
        """Raises NotCarried where the expectation is not known, or does not exist."""
        power, rate = acb(power), acb(rate)
        if rate.is_zero() and not power.is_zero():
            lower, upper = self._strip(name)
            real = float(power.real)
            if not (lower < real < upper or real == 0):
                raise NotCarried
        value = self._compute(name, power, rate)
        if not value.is_finite():
            raise NotCarried
        return value

    def _compute(self, name: Any, power: acb, rate: acb) -> acb:
        if rate.is_zero():
            return acb(1) if power.is_zero() else self._mellin(name, power)
        if isinstance(name, Floor):
            if not power.is_zero() or not isinstance(self.noise.get(name.variable), Uniform):
                raise NotCarried
            return (acb(name.count) * rate).expm1() / (name.count * rate.expm1())
        number = _whole(power)
        if number is None:
            raise NotCarried
        frequency = acb(0, -1) * rate
        if name == "z":
            return law_transform(self.law, frequency, self.values, number)
        return self._noise_transform(self.noise[name], frequency, number)

    def _noise_transform(self, primitive: Noise, frequency: acb, number: int) -> acb:
        function = self._function(primitive, "characteristic_function", number)
        value = function(MATH, frequency, *vars(primitive).values())
        return value * acb(0, -1) ** number if number else value

    def _function(self, primitive: Noise, field: str, number: int) -> Callable[..., Any]:
        key = (id(primitive), field, number)
        if key not in self.functions:
            function = _noise_function(primitive.generic(), field, number)
            if function is None:
                raise NotCarried
            self.functions[key] = function
        return self.functions[key]

    def _mellin(self, name: Any, power: acb) -> acb:
        if isinstance(name, Floor):
            raise NotCarried
        if name != "z":
            primitive = self.noise[name]
            return self._function(primitive, "mellin", 0)(MATH, power, *vars(primitive).values())
        function = law_mellin(self.law)
        if function is not None:
            return function(MATH, power, *(self.values[n] for n in self.law.names))
        number = _whole(power)  # a moment is a derivative of the characteristic function at 0
        if number is None:
            raise NotCarried
        return law_transform(self.law, acb(0), self.values, number)

    def _strip(self, name: Any) -> tuple[float, float]:
        """The open interval of real orders in which the Mellin transform converges."""
        if name == "z":
            numbers = {s: float(self.values[str(s)].real) for s in self.law.symbols}
            return 0.0, float(sympy.sympify(self.law.tail_index).subs(list(numbers.items())))
        if isinstance(name, Floor):
            return 0.0, 0.0
        primitive = self.noise[name]
        numbers = {
            sympy.Symbol(f"parameter_{n}", positive=True): float(acb(v).real) for n, v in vars(primitive).items()
        }
        lower, upper = (float(sympy.sympify(end).subs(numbers)) for end in primitive.generic().mellin_strip)
        return lower, upper


def law_transform(law: Family, frequency: acb, values: Mapping[str, acb], number: int = 0) -> acb:
    """E z^number exp(i w z). Where phi holds for Re w > 0 alone, that of -w is its conjugate."""
    function = _law_function(law, number)
    if function is None:
        raise NotCarried
    if law.holds_on_half_plane and frequency.real < 0:
        value = function(MATH, -frequency.conjugate(), *(values[n] for n in law.names)).conjugate()
        return value * acb(0, 1) ** number
    return function(MATH, frequency, *(values[n] for n in law.names)) * acb(0, -1) ** number


@lru_cache(maxsize=1024)
def _law_function(law: Family, number: int) -> Callable[..., Any] | None:
    transform = line_transform(law)
    if transform is None or number > HIGHEST_POWER:
        return None
    return _compiled(sympy.diff(transform, w, number), (w, *law.symbols))


def line_transform(law: Family) -> sympy.Expr | None:
    """E exp(i w z) of a law of one variable; a mixture declares it as its joint transform."""
    if law.characteristic_function is None and law.samples == (z,):
        return law.joint_transform
    return law.characteristic_function


@lru_cache(maxsize=1024)
def _noise_function(generic: Noise, field: str, number: int) -> Callable[..., Any] | None:
    expression = getattr(generic, field)
    if expression is None or number > HIGHEST_POWER:
        return None
    variable = w if field == "characteristic_function" else order
    return _compiled(sympy.diff(expression, variable, number), (variable, *vars(generic).values()))


@lru_cache(maxsize=256)
def law_mellin(law: Family) -> Callable[..., Any] | None:
    """E z^order as a function of a complex order and the parameters; None where it is not declared as one formula."""
    expression = mellin_expression(law)
    return None if expression is None else _compiled(expression, (order, *law.symbols))


def mellin_expression(law: Family) -> sympy.Expr | None:
    """The declared `mellin`, else the moments' formula if it is one for every order."""
    if law.mellin is not None or law.moment is None:
        return law.mellin
    return None if law.moment.has(sympy.Sum, sympy.Piecewise) else law.moment


def exact_derivative(law: Family, parameter: str, space: str) -> Callable[..., Any] | None:
    """d/d parameter of E exp(i w z) as a function (m, w, *parameters), or of E z^s as one of (m, s, *parameters).

    None on the line where the law declares no closed transform: `oracle_derivative` then has it.
    """
    return _exact_derivative(law, parameter, space)


@lru_cache(maxsize=1024)
def _exact_derivative(law: Family, parameter: str, space: str) -> Callable[..., Any] | None:
    expression, variable = (line_transform(law), w) if space == "line" else (mellin_expression(law), order)
    if expression is None:
        if space == "line":
            return None
        raise UsageError(f"{law.name} has no closed transform for a proof in {space} space")
    return compile_expression(sympy.diff(expression, law.symbol(parameter)), (variable, *law.symbols))


def oracle_derivative(
    law: Family, parameters: Parameters, parameter: str, frequency: Sequence[Fraction], digits: int
) -> acb:
    """d/d parameter of E exp(i w.z) by the oracle's routes, which know the law and nothing of its rules.

    A ball that holds the truth, with `digits` correct digits in each of the real and the imaginary part.
    """
    numbers = (sympy.Rational(w_k.numerator, w_k.denominator) for w_k in frequency)
    wave = sympy.Add(*(number * symbol for number, symbol in zip(numbers, law.samples, strict=True)))
    parts = (Integrand(function(wave)) for function in (sympy.cos, sympy.sin))
    return acb(*(oracle.gradient(law, parameters, part, parameter, digits, routes=1).ball for part in parts))


def _compiled(expression: sympy.Expr, arguments: tuple[Any, ...]) -> Callable[..., Any] | None:
    try:
        return compile_expression(expression, arguments)
    except UsageError:
        return None


def _whole(power: acb) -> int | None:
    if not power.imag.is_zero() or not power.real.is_exact():
        return None
    real = float(power.real)
    return int(real) if real >= 0 and real == int(real) else None


def _same(a: acb, b: acb) -> bool:
    """Equal as balls."""
    return _same_real(a.real, b.real) and _same_real(a.imag, b.imag)


def _same_real(a: Any, b: Any) -> bool:
    return a.mid() == b.mid() and a.rad() == b.rad()
