"""What a law is, as data: parameters, support, density, characteristic function, sampling recipe, edge points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from math import sqrt
from typing import Any, Literal

import sympy

from fsb_oracle.backends.noise import Noise, order, w
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.charts import Chart, Ray, z
from fsb_oracle.families.numbers import decimal_text, exact_number, short_text
from fsb_oracle.families.vector_recipe import VectorRecipe

v = sympy.Symbol("v", positive=True)  # a random variance

Parameters = dict[str, Fraction]


@dataclass(frozen=True)
class Domain:
    """The values that one parameter may take: a test and the words for it."""

    text: str
    contains: Callable[[Fraction], bool]
    assumptions: Mapping[str, bool]


REAL = Domain("a real number", lambda v: True, {"real": True})
POSITIVE = Domain("greater than 0", lambda v: v > 0, {"positive": True})
PROBABILITY = Domain("between 0 and 1 (both excluded)", lambda v: 0 < v < 1, {"positive": True})
NONNEGATIVE = Domain("0 or greater", lambda v: v >= 0, {"nonnegative": True})
COUNT = Domain("a whole number from 1 on", lambda v: v >= 1 and v.denominator == 1, {"integer": True, "positive": True})


@dataclass(frozen=True)
class Parameter:
    """A named parameter of a law and its domain."""

    name: str
    domain: Domain
    continuous: bool = True  # False for a count, in which there is no gradient

    @property
    def symbol(self) -> sympy.Symbol:
        return sympy.Symbol(self.name, **self.domain.assumptions)


@dataclass(frozen=True)
class Support:
    """Where the law lives. `kind`: interval (open, ends may be infinite), integers (ends included), point, or joint
    (several variables, or a law put together from others: its parts know their own supports)."""

    kind: Literal["interval", "integers", "point", "joint"]
    lower: sympy.Expr
    upper: sympy.Expr
    period: sympy.Expr | None = None  # of a circle: f must have this period

    @cached_property
    def moves(self) -> bool:
        """Whether an end depends on a parameter: the score estimator is then invalid."""
        ends = (self.lower, self.upper)
        turned = self.period is not None  # a circle has no ends
        return not turned and any(sympy.diff(end, symbol) != 0 for end in ends for symbol in end.free_symbols)

    @property
    def bounded(self) -> bool:
        """An interval with two finite ends."""
        return self.kind == "interval" and self.lower != -sympy.oo and self.upper != sympy.oo


LINE = Support("interval", -sympy.oo, sympy.oo)
HALF_LINE = Support("interval", sympy.S.Zero, sympy.oo)
UNIT_INTERVAL = Support("interval", sympy.S.Zero, sympy.S.One)
COUNTS = Support("integers", sympy.S.Zero, sympy.oo)
BITS = Support("integers", sympy.S.Zero, sympy.S.One)
JOINT = Support("joint", -sympy.oo, sympy.oo)


@dataclass(frozen=True)
class Recipe:
    """z as an expression in named noise primitives and the parameters.

    Attributes:
        smooth_where: of parameters in which the samples are not smooth everywhere, where they are: there alone is
            f'(z) dz/dtheta an estimator.
        velocities: dz/d parameter in a form that keeps its digits and overflows nowhere, where the derivative of
            `expression` does not.
    """

    noise: Mapping[str, Noise]
    expression: sympy.Expr
    smooth_where: Mapping[str, sympy.Basic] = field(default_factory=dict)
    velocities: Mapping[str, sympy.Expr] = field(default_factory=dict)

    def velocity(self, parameter: sympy.Symbol) -> sympy.Expr:
        """dz/d parameter on fixed noise."""
        stated = self.velocities.get(str(parameter))
        return sympy.diff(self.expression, parameter) if stated is None else stated

    def symbols(self) -> tuple[sympy.Symbol, ...]:
        return tuple(sympy.Symbol(name, real=True) for name in self.noise)


MOST_CANCELLED = 2_000  # digits; with more, formulas take minutes


@dataclass(frozen=True)
class Conditional:
    """Z is normal(mean, sqrt(variance)) given a positive V of another law: expressions in `v` and Z's parameters.

    Attributes:
        law: the name of V's law.
        parameters: V's parameters as expressions in Z's.
    """

    law: str
    parameters: Mapping[str, sympy.Expr]
    mean: sympy.Expr
    variance: sympy.Expr


def _one_sided(expression: sympy.Expr) -> sympy.Expr:
    """c |z| + c z as 2 c max(z, 0), and c |z| - c z as 2 c max(-z, 0): on one side the two cancel."""
    expanded = sympy.expand(expression) if expression.has(sympy.Abs(z)) else expression
    size: Any = expanded.coeff(sympy.Abs(z))
    slope: Any = expanded.coeff(z)
    for sign in (1, -1):
        if size != 0 and slope == sign * size:
            return sympy.Add(expanded - size * sympy.Abs(z) - slope * z, 2 * size * sympy.Max(sign * z, 0))
    return expression


@dataclass(frozen=True)
class Family:
    """One law. Every formula is a SymPy expression in `z` (or the frequency `w`) and the parameters' symbols.

    Attributes:
        log_density: log p(z), or log P(Z = z) on integers; None for a point mass, or where it has no closed form.
        characteristic_function: E exp(i w Z); None where it has no closed form.
        strip: open interval of Im w in which the characteristic function is analytic. Where it is empty, (0, 0), the
            formula holds for Re w > 0 alone.
        mean, variance: expressions, infinite where they do not exist (nan where there is not even an infinite one).
        recipe: how to sample it from noise primitives; `Recipe({}, nan)` where no finite expression is known.
        catalogue: the letters of the estimator literature as expressions in our parameters (gamma: k, s = 1/rate).
        constraint: joint condition on the parameters and its words.
        edges: parameter points at which implementations break, as text.
        charts: coordinates in which the density is smooth, for integration.
        rays: where the density may be integrated off the real axis; for laws with tails too heavy for cos(k z).
        cdf, survival: P(Z <= z) and P(Z > z) on the support, each accurate in its own tail.
        waves: the characteristic function as a sum of exp(i w phase) amplitude, singular on the imaginary axis alone,
            where it decays like a power; None where it decays faster (or the support is bounded).
        cancellation: how many decimal digits cancel in the formulas; ball arithmetic starts with so many more.
        tail_index: E |Z|^r exists for r below it; infinite by default.
        light_tails: conditions on the parameters under which the lower and the upper tail are lighter than that.
        conditional: the law as a normal one whose mean and variance are random.
        wave_bounds: of a law on a bounded interval, for each parameter a proven K with |d phi/d parameter| <= K max
            exp(-z Im w), the maximum over the support; empty where none is known.
        moment: E Z^order as an expression in `order`, for laws whose moments do not follow from the characteristic
            function at 0.
        mellin: E z^order of a positive z, right for complex orders too, where `moment` is not given as one formula.
        shape: what tells laws of one name apart: the number of components, or the names of nested laws.
        samples: the sample's symbols: `z`, or `z0, z1, ...`.
        joint_transform: E exp(i SUM w_k z_k) of a law of several variables, in the symbols `frequencies(samples)`.
        vector_recipe: how to sample a law of several variables.
        scores: d log p/d parameter in a form that keeps its digits, where the derivative of `log_density` does not: for
            the score estimator alone, so that exact values do not depend on it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    support: Support
    log_density: sympy.Expr | None
    characteristic_function: sympy.Expr | None
    mean: sympy.Expr
    variance: sympy.Expr
    recipe: Recipe
    catalogue: Mapping[str, sympy.Expr]
    edges: tuple[Mapping[str, Any], ...]
    strip: tuple[sympy.Expr, sympy.Expr] = (-sympy.oo, sympy.oo)
    constraint: tuple[sympy.Basic, str] | None = field(default=None)
    charts: tuple[Chart, ...] = ()
    rays: tuple[Ray, ...] = ()
    cdf: sympy.Expr | None = None
    survival: sympy.Expr | None = None
    waves: tuple[tuple[sympy.Expr, sympy.Expr], ...] | None = None
    cancellation: sympy.Expr = sympy.S.Zero
    tail_index: sympy.Expr = sympy.oo
    light_tails: tuple[sympy.Basic, sympy.Basic] = (sympy.false, sympy.false)
    conditional: Conditional | None = None
    wave_bounds: Mapping[str, sympy.Expr] = field(default_factory=dict)
    moment: sympy.Expr | None = None
    mellin: sympy.Expr | None = None
    shape: tuple[Any, ...] = ()
    samples: tuple[sympy.Symbol, ...] = (z,)
    joint_transform: sympy.Expr | None = None
    vector_recipe: VectorRecipe | None = None
    scores: Mapping[str, sympy.Expr] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.name, self.shape))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Family) and (self.name, self.shape) == (other.name, other.shape)

    @cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        return tuple(parameter.symbol for parameter in self.parameters)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters)

    def symbol(self, name: str) -> sympy.Symbol:
        return next(s for s in self.symbols if str(s) == name)

    @property
    def continuous_names(self) -> tuple[str, ...]:
        """The parameters in which there is a gradient."""
        return tuple(parameter.name for parameter in self.parameters if parameter.continuous)

    @property
    def discrete(self) -> bool:
        return self.support.kind == "integers"

    @property
    def decays_fast(self) -> bool:
        """Whether phi falls faster than any power along lines: no `waves`, no bounded support, no lattice."""
        return self.waves is None and self.support.kind == "interval" and not self.support.bounded

    @property
    def holds_on_half_plane(self) -> bool:
        """Whether the formula of phi hides |w|: it is not analytic at 0 and holds for Re w > 0."""
        return self.strip == (0, 0)

    def score(self, parameter: str) -> sympy.Expr:
        """d log p(z) / d parameter."""
        assert self.log_density is not None
        if parameter not in self._scores:
            self._scores[parameter] = _one_sided(sympy.diff(self.log_density, self.symbol(parameter)))
        return self._scores[parameter]

    @cached_property
    def _scores(self) -> dict[str, sympy.Expr]:
        return {}

    def characteristic_derivative(self, parameter: str) -> sympy.Expr:
        """d phi(w) / d parameter."""
        assert self.characteristic_function is not None
        return sympy.diff(self.characteristic_function, self.symbol(parameter))

    def parse(self, values: Mapping[str, Any]) -> Parameters:
        """Exact parameter values from text or numbers, in the family's order.

        Raises:
            UsageError: a name is unknown or missing, a value is no number or out of its domain.
        """
        for name in values:
            if name not in self.names:
                raise UsageError(
                    f"{self.name} has no parameter {name!r}; it has {', '.join(self.names)}{nearest(name, self.names)}"
                )
        missing = [name for name in self.names if name not in values]
        if missing:
            raise UsageError(f"{self.name} needs {', '.join(self.names)}; {missing[0]!r} is missing")
        parsed = {name: exact_number(values[name], name) for name in self.names}
        for parameter in self.parameters:
            value = parsed[parameter.name]
            if not parameter.domain.contains(value):
                raise UsageError(
                    f"{self.name} parameter {parameter.name}={decimal_text(value)} must be {parameter.domain.text}"
                )
        if self.constraint is not None:
            condition, words = self.constraint
            if not condition.subs(self.substitution(parsed)):  # pyright: ignore[reportArgumentType, reportCallIssue]
                raise UsageError(f"{self.name} needs {words}, but {parameter_text(parsed)}")
        return parsed

    @cached_property
    def edge_points(self) -> tuple[Parameters, ...]:
        """The edges as exact parameter values."""
        return tuple(map(self.parse, self.edges))

    def substitution(self, values: Parameters) -> dict[sympy.Symbol, sympy.Rational]:
        """SymPy substitutions for exact parameter values."""
        return {
            s: sympy.Rational(values[str(s)].numerator, values[str(s)].denominator)  # pyright: ignore[reportReturnType]
            for s in self.symbols
        }

    def at(self, expression: sympy.Expr, values: Parameters) -> sympy.Expr:
        """An expression of this law with its parameters replaced by exact values."""
        expression = sympy.sympify(expression)
        return expression if _constant(expression) else _at(self, expression, tuple(values.items()))

    def cancelled_digits(self, values: Parameters) -> int:
        """How many decimal digits cancel in the law's formulas at `values`, about; `MOST_CANCELLED` for more."""
        found: Any = self.at(self.cancellation, values)
        return min(int(found) + 1, MOST_CANCELLED) if found != 0 else 0

    def spread(self, values: Parameters) -> float:
        """Standard deviation at `values` (units of z); 1 for a point mass. Frequencies are measured in 1/spread.

        Where it is infinite: the width of the law's first chart.
        """
        variance: Any = self.at(self.variance, values)
        if variance.is_Rational or variance.is_finite:
            return _root(variance) or 1.0
        chart = self.charts[0]
        return abs(float(self.at(sympy.diff(chart.point, chart.variable).subs(chart.variable, 0), values)))

    def centre(self, values: Parameters) -> sympy.Expr:
        """The mean where it is finite, else where the law's first chart starts; an exact number."""
        mean = self.at(self.mean, values)
        if mean.is_finite:
            return mean
        chart = self.charts[0]
        return self.at(chart.point.subs(chart.variable, 1), values)

    def resolve(self, values: Mapping[str, Any]) -> tuple[Family, Parameters]:
        """The law itself and its parsed parameters: what a `FamilyTemplate` does for laws with lists as parameters."""
        return self, self.parse(values)


@lru_cache(maxsize=16384)
def _constant(expression: sympy.Expr) -> bool:
    return not expression.free_symbols


def _root(number: Any) -> float:
    """The square root as a float; SymPy's exact one would take a fraction apart into primes."""
    if number.is_Rational and abs(number.p.bit_length() - number.q.bit_length()) < 1000:
        return sqrt(Fraction(number.p, number.q))
    return float(sympy.sqrt(number))


@lru_cache(maxsize=16384)
def _at(family: Family, expression: Any, values: tuple[tuple[str, Fraction], ...]) -> sympy.Expr:
    return expression.xreplace(family.substitution(dict(values)))


def parameter_text(values: Mapping[str, Fraction], short: bool = False) -> str:
    """`concentration=2.5,rate=1`: the parameters as in case ids; `short` for the eye alone, in sentences."""
    return ",".join(f"{name}={short_text(value) if short else decimal_text(value)}" for name, value in values.items())


__all__ = [
    "BITS", "COUNT", "COUNTS", "HALF_LINE", "JOINT", "LINE", "NONNEGATIVE", "POSITIVE", "PROBABILITY", "REAL",
    "UNIT_INTERVAL",
    "Conditional", "Domain", "Family", "Parameter", "Parameters", "Recipe", "Support",
    "order", "parameter_text", "v", "w", "z",
]  # fmt: skip
