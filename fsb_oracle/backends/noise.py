"""Named noise primitives: the random variables that sampling recipes and rules are written in.

A primitive is declared by its log-density (or atoms) and, where it has one in closed form, its characteristic
function. Back ends
draw it, quadratures integrate over it, and proofs carry it through its characteristic function: all from this one
declaration. Parameters are SymPy expressions in the letters of the rule or law that uses the primitive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, ClassVar

import sympy
from sympy import I, exp, log, loggamma, pi

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.special_functions import besseli, hyp0f1

x = sympy.Symbol("x", real=True)
log_x = sympy.Symbol("log_x", real=True)  # kept apart from x: tiny shapes have mass where x underflows
log_complement = sympy.Symbol("log_complement", real=True)  # log(1 - x), exact near 1
w = sympy.Symbol("w", real=True)


@dataclass(frozen=True)
class Noise:
    """A real random variable; subclasses declare its law.

    Attributes:
        support: "line", "half-line", "unit" (the interval (0, 1)) or "integers".
        log_density: expression in `x`, `log_x`, `log_complement` and the parameters (log-pmf on "integers").
        characteristic_function: E exp(i w x) as an expression in `w`, or None where there is no elementary closed form.
        breaks: points inside the support at which the density has a kink.
    """

    support: ClassVar[str] = "line"
    breaks: ClassVar[tuple[int, ...]] = ()

    @property
    def log_density(self) -> sympy.Expr:
        raise NotImplementedError

    @property
    def characteristic_function(self) -> sympy.Expr | None:
        return None

    @property
    def atoms(self) -> tuple[tuple[int, sympy.Expr], ...] | None:
        """`(value, probability)` pairs of a law with finitely many values, else None."""
        return None

    def at(self, m: Any, letters: dict[str, Any]) -> Noise:
        """The same primitive with its parameter expressions evaluated on the namespace `m` at the values of
        `letters`."""
        return replace(self, **{f.name: evaluate(getattr(self, f.name), m, letters) for f in fields(self)})

    def generic(self) -> Noise:
        """The same primitive with a symbol for each parameter, named `parameter_...`."""
        return replace(self, **{f.name: sympy.Symbol(f"parameter_{f.name}", positive=True) for f in fields(self)})


def evaluate(expression: Any, m: Any, letters: dict[str, Any]) -> Any:
    """Value of a SymPy expression (or a plain number) whose symbols are named in `letters`, on the namespace `m`."""
    if not isinstance(expression, sympy.Basic):
        return expression
    function, names = _compiled(expression)
    return function(m, *(letters[name] for name in names))


@lru_cache(maxsize=4096)
def _compiled(expression: sympy.Expr) -> tuple[Callable[..., Any], tuple[str, ...]]:
    symbols = tuple(sorted(expression.free_symbols, key=str))
    return compile_expression(expression, symbols), tuple(str(symbol) for symbol in symbols)


@dataclass(frozen=True)
class Uniform(Noise):
    """U(0, 1)."""

    support = "unit"
    log_density: ClassVar[sympy.Expr] = sympy.Integer(0)
    characteristic_function: ClassVar[sympy.Expr] = (exp(I * w) - 1) / (I * w)


@dataclass(frozen=True)
class Exponential(Noise):
    """Exp(1), mean 1."""

    support = "half-line"
    log_density: ClassVar[sympy.Expr] = -x
    characteristic_function: ClassVar[sympy.Expr] = 1 / (1 - I * w)


@dataclass(frozen=True)
class Normal(Noise):
    """N(0, 1)."""

    log_density: ClassVar[sympy.Expr] = -(x**2) / 2 - log(2 * pi) / 2
    characteristic_function: ClassVar[sympy.Expr] = exp(-(w**2) / 2)


@dataclass(frozen=True)
class Laplace(Noise):
    """Laplace(0, 1), density exp(-|x|)/2."""

    breaks = (0,)
    log_density: ClassVar[sympy.Expr] = -sympy.Abs(x) - log(sympy.Integer(2))
    characteristic_function: ClassVar[sympy.Expr] = 1 / (1 + w**2)


@dataclass(frozen=True)
class Rayleigh(Noise):
    """sqrt(2 e) with e ~ Exp(1), density x exp(-x^2/2)."""

    support = "half-line"
    log_density: ClassVar[sympy.Expr] = log_x - x**2 / 2


@dataclass(frozen=True)
class Gamma(Noise):
    """Gamma(concentration, rate 1)."""

    concentration: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        return (self.concentration - 1) * log_x - x - loggamma(self.concentration)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - I * w) ** (-self.concentration)


@dataclass(frozen=True)
class Beta(Noise):
    """Beta(concentration1, concentration0) on (0, 1)."""

    concentration1: Any
    concentration0: Any
    support = "unit"

    @property
    def log_density(self) -> sympy.Expr:
        a, b = self.concentration1, self.concentration0
        normaliser = loggamma(a + b) - loggamma(a) - loggamma(b)
        return (a - 1) * log_x + (b - 1) * log_complement + normaliser


@dataclass(frozen=True)
class Rademacher(Noise):
    """+1 or -1 with probability 1/2 each."""

    support = "integers"
    atoms: ClassVar[tuple[tuple[int, sympy.Expr], ...]] = ((-1, sympy.Rational(1, 2)), (1, sympy.Rational(1, 2)))
    characteristic_function: ClassVar[sympy.Expr] = sympy.cos(w)


@dataclass(frozen=True)
class Bernoulli(Noise):
    """1 with probability `probs`, else 0."""

    probs: Any
    support = "integers"

    @property
    def atoms(self) -> tuple[tuple[int, sympy.Expr], ...]:
        return ((0, 1 - self.probs), (1, self.probs))

    @property
    def characteristic_function(self) -> sympy.Expr:
        return 1 - self.probs + self.probs * exp(I * w)


@dataclass(frozen=True)
class Poisson(Noise):
    """Poisson(rate) on 0, 1, 2, ..."""

    rate: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        return x * log(self.rate) - self.rate - loggamma(x + 1)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return exp(self.rate * (exp(I * w) - 1))


@dataclass(frozen=True)
class Binomial(Noise):
    """The number of successes in `total_count` trials of probability `probs`."""

    total_count: Any
    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        ways = loggamma(self.total_count + 1) - loggamma(x + 1) - loggamma(self.total_count - x + 1)
        return ways + x * log(self.probs) + (self.total_count - x) * log(1 - self.probs)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - self.probs + self.probs * exp(I * w)) ** self.total_count


@dataclass(frozen=True)
class NegativeBinomial(Noise):
    """Poisson with a gamma distributed rate, of mean total_count probs/(1 - probs), on 0, 1, 2, ..."""

    total_count: Any
    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        ways = loggamma(x + self.total_count) - loggamma(x + 1) - loggamma(sympy.sympify(self.total_count))
        return ways + x * log(self.probs) + self.total_count * log(1 - self.probs)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return ((1 - self.probs) / (1 - self.probs * exp(I * w))) ** self.total_count


@dataclass(frozen=True)
class Logarithmic(Noise):
    """P(n) proportional to probs**n/n on 1, 2, 3, ..."""

    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        return x * log(self.probs) + loggamma(x) - loggamma(x + 1) - log(-log(1 - self.probs))

    @property
    def characteristic_function(self) -> sympy.Expr:
        return log(1 - self.probs * exp(I * w)) / log(1 - self.probs)


@dataclass(frozen=True)
class NoncentralChi2(Noise):
    """Chi-squared with df + 2 n degrees of freedom, n ~ Poisson(noncentrality/2)."""

    df: Any
    noncentrality: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        half = self.df / 2
        series = log(hyp0f1(half, self.noncentrality * x / 4))
        normaliser = self.noncentrality / 2 + half * log(sympy.Integer(2)) + loggamma(half)
        return series + (half - 1) * log_x - x / 2 - normaliser

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - 2 * I * w) ** (-self.df / 2) * exp(I * self.noncentrality * w / (1 - 2 * I * w))


@dataclass(frozen=True)
class VonMises(Noise):
    """Von Mises(0, concentration) on (-pi, pi); no back end draws it."""

    concentration: Any

    @property
    def log_density(self) -> sympy.Expr:
        return self.concentration * sympy.cos(x) - log(2 * pi * besseli(sympy.S.Zero, self.concentration))
