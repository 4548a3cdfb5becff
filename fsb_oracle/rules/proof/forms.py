"""The algebra of carried variables: what a kernel computes when z and noise enter as symbols instead of numbers.

A form is a sum of terms c PROD v^power exp(SUM rate v) in the carried variables v. A kernel turns such forms into a
`Response`: what it does to the test function, a sum of amplitude x f^(order)(point) with forms as amplitudes and
points. No frequency enters: one run of a kernel serves every frequency, on the line and in log space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flint import acb, arb

from fsb_oracle.backends.flint_math import FlintMath


class NotCarried(Exception):
    """The kernel leaves the algebra in a variable that was to be carried."""


@dataclass(frozen=True)
class Floor:
    """The carried variable floor(count x variable); `count` is a whole number, equal by identity."""

    variable: str
    count: Any

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Term(NamedTuple):
    """coefficient x PROD variable^power x exp(SUM rate x variable)."""

    coefficient: Any
    powers: Mapping[Any, Any]
    rates: Mapping[Any, Any]

    def times(self, other: Term) -> Term:
        return Term(
            self.coefficient * other.coefficient,
            add_maps(self.powers, other.powers),
            add_maps(self.rates, other.rates),
        )

    def without(self, name: Any) -> Term:
        """The same without a factor."""
        return Term(self.coefficient, {v: p for v, p in self.powers.items() if v != name}, self.rates)

    def power(self, exponent: Any) -> Term:
        return Term(
            power(self.coefficient, exponent), scale_map(self.powers, exponent), scale_map(self.rates, exponent)
        )


class Form:
    """A sum of terms."""

    __slots__ = ("terms",)

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self.terms = terms

    @staticmethod
    def of(value: Any) -> Form:
        return value if isinstance(value, Form) else Form((Term(value, {}, {}),))

    @staticmethod
    def variable(name: Any) -> Form:
        return Form((Term(arb(1), {name: 1}, {}),))

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Response):
            return NotImplemented
        return Form(self.terms + Form.of(other).terms)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Response):
            return NotImplemented
        if not isinstance(other, Form):
            return Form(tuple([Term(c * other, powers, rates) for c, powers, rates in self.terms]))
        return Form(tuple([a.times(b) for a in self.terms for b in other.terms]))

    def __truediv__(self, other: Any) -> Form:
        return self * (arb(1) / other if isinstance(other, int) else 1 / other)  # never a float

    def __rtruediv__(self, other: Any) -> Form:
        return self**-1 * other

    def __pow__(self, exponent: Any) -> Form:
        if isinstance(exponent, int) and exponent > 0:
            return self if exponent == 1 else self * self ** (exponent - 1)
        if isinstance(exponent, (Form, Response)):
            raise NotCarried
        return Form((self.monomial().power(exponent),))

    def __rpow__(self, base: Any) -> Form:
        raise NotCarried

    def __neg__(self) -> Form:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + (-1 * other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    __radd__, __rmul__ = __add__, __mul__

    def _compared(self, other: Any) -> bool:
        raise NotCarried

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def affine(self) -> tuple[Any, dict[Any, Any]]:
        """(constant, slope of each variable); raises NotCarried."""
        constant, slopes = arb(0), {}
        for coefficient, powers, rates in self.terms:
            if rates:
                raise NotCarried
            if not powers:
                constant = constant + coefficient
                continue
            if len(powers) > 1:
                raise NotCarried
            ((name, exponent),) = powers.items()
            if exponent != 1:
                raise NotCarried
            slopes[name] = slopes[name] + coefficient if name in slopes else coefficient
        return constant, slopes

    def merged(self) -> list[Term]:
        """Terms of the same powers without rates added up."""
        found: dict[Any, Term] = {}
        for term in self.terms:
            if term.rates or not all(isinstance(exponent, int) for exponent in term.powers.values()):
                return list(self.terms)
            key = frozenset(term.powers.items())
            known = found.get(key)
            found[key] = term if known is None else Term(known.coefficient + term.coefficient, term.powers, {})
        return list(found.values())

    def over(self, other: Form) -> Form:
        """The quotient, where the other is a single term or this a multiple of it."""
        mine, others = self.merged(), other.merged()
        if len(others) == 1:
            return Form(tuple(term.times(others[0].power(-1)) for term in mine))
        below = {frozenset(term.powers.items()): term.coefficient for term in others if not term.rates}
        above = {frozenset(term.powers.items()): term.coefficient for term in mine if not term.rates}
        if above.keys() != below.keys() or len(above) < len(mine) or len(below) < len(others):
            raise NotCarried
        ratio, *rest = (acb(above[key]) / below[key] for key in above)
        if not all(ratio.overlaps(same) for same in rest):
            raise NotCarried
        return Form.of(ratio)

    def monomial(self) -> Term:
        """The single term that it is; raises NotCarried."""
        terms = self.merged()
        if len(terms) != 1:
            raise NotCarried
        return terms[0]


class Evaluation(NamedTuple):
    """amplitude x f^(order)(point); point None: the constant amplitude itself."""

    amplitude: Form
    order: int
    point: Form | None


class Response:
    """What a kernel does to f: a sum of evaluations, in a fixed order."""

    __slots__ = ("evaluations",)

    def __init__(self, evaluations: tuple[Evaluation, ...]) -> None:
        self.evaluations = evaluations

    @staticmethod
    def of(value: Any) -> Response:
        return value if isinstance(value, Response) else Response((Evaluation(Form.of(value), 0, None),))

    def __add__(self, other: Any) -> Response:
        return Response(self.evaluations + Response.of(other).evaluations)

    def __mul__(self, other: Any) -> Response:
        if isinstance(other, Response):
            raise NotCarried
        return Response(tuple(Evaluation(e.amplitude * other, e.order, e.point) for e in self.evaluations))

    def __truediv__(self, other: Any) -> Response:
        return self * (arb(1) / other if isinstance(other, int) else 1 / other)  # never a float

    def __rtruediv__(self, other: Any) -> Response:
        raise NotCarried

    def __neg__(self) -> Response:
        return self * -1

    def __sub__(self, other: Any) -> Response:
        return self + (-1 * other)

    def __rsub__(self, other: Any) -> Response:
        return (-self) + other

    __radd__, __rmul__ = __add__, __mul__


@dataclass(frozen=True)
class TestFunction:
    """f as the kernel sees it: evaluations are noted down."""

    __test__ = False  # not for pytest

    def __call__(self, point: Any) -> Response:
        return self.derivative(point, 0)

    def derivative(self, point: Any, order: int = 1) -> Response:
        return Response((Evaluation(Form.of(arb(1)), order, Form.of(point)),))


def add_maps(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Sum of two sparse vectors."""
    if not left or not right:
        return left or right
    total = {name: left.get(name, 0) + right.get(name, 0) for name in {**left, **right}}
    return {name: value for name, value in total.items() if not isinstance(value, int) or value}


def scale_map(vector: Mapping[Any, Any], factor: Any) -> Mapping[Any, Any]:
    """A sparse vector times a number."""
    return {name: value * factor for name, value in vector.items()}


def power(base: Any, exponent: Any) -> Any:
    """base^exponent of numbers, real where both are and the base is positive."""
    if isinstance(exponent, int):
        return base**exponent
    return real_if_real(acb(base).pow(acb(exponent)), (base, exponent))


def real_if_real(value: Any, arguments: tuple[Any, ...]) -> Any:
    """A real ball where all arguments were real and the value is, so that kernels may compare numbers."""
    if isinstance(value, acb) and value.imag.is_zero() and all(isinstance(a, (arb, int)) for a in arguments):
        return value.real
    return value


class CarryMath(FlintMath):
    """Ball functions that know carried variables: exp of an affine form, powers of a monomial, floor of a multiple.

    Real balls stay real. Everything else that meets a carried variable raises `NotCarried`.
    """

    @property
    def pi(self) -> Any:
        return arb.pi()

    @property
    def euler_gamma(self) -> Any:
        return arb.const_euler()

    def __getattribute__(self, name: str) -> Any:
        attribute = super().__getattribute__(name)
        if not callable(attribute) or name in ("where", "rational"):
            return attribute
        return _guarded(attribute, _ON_FORMS.get(name))

    @staticmethod
    def rational(p: int, q: int) -> Any:
        return arb(p) / q

    @staticmethod
    def floor(x: Any) -> Any:
        return acb(x).real.floor()


def _guarded(function: Callable[..., Any], on_forms: Callable[..., Any] | None) -> Callable[..., Any]:
    def guarded(*arguments: Any) -> Any:
        if any(isinstance(a, (Form, Response)) for a in arguments):
            if on_forms is None or not isinstance(arguments[0], Form):
                raise NotCarried
            return on_forms(*arguments)
        return real_if_real(function(*arguments), arguments)

    return guarded


def _exp(form: Form) -> Form:
    constant, slopes = form.affine()
    return Form((Term(real_if_real(acb(constant).exp(), (constant,)), {}, slopes),))


def _cos(form: Form) -> Any:
    turned = form * acb(0, 1)
    return (_exp(turned) + _exp(turned * -1)) * (arb(1) / 2)


def _sin(form: Form) -> Any:
    turned = form * acb(0, 1)
    return (_exp(turned) - _exp(turned * -1)) * (acb(0, -1) / 2)


def _floor(form: Form) -> Form:
    term = form.monomial()
    if term.rates or list(term.powers.values()) != [1]:
        raise NotCarried
    (name,) = term.powers
    return Form.variable(Floor(name, term.coefficient))


_ON_FORMS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "cos": _cos,
    "sin": _sin,
    "power": lambda form, exponent: form**exponent,
    "sqrt": lambda form: form ** (arb(1) / 2),
    "floor": _floor,
    "inverse": lambda form: form**-1,
}
