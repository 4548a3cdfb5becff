"""What a noise primitive is: a random variable declared by its law, and by how a back end draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any, ClassVar

import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.errors import UsageError

x = sympy.Symbol("x", real=True)
log_x = sympy.Symbol("log_x", real=True)  # kept apart from x: tiny shapes have mass where x underflows
log_complement = sympy.Symbol("log_complement", real=True)  # log(1 - x), exact near 1
w = sympy.Symbol("w", real=True)
order = sympy.Symbol("order", integer=True, nonnegative=True)  # of a moment


def formula(make: Callable[[], Any]) -> Any:
    """A property that is the same for all instances, made when it is first asked for: SymPy takes a while for some."""
    once = cache(make)
    return property(lambda self: once())


@dataclass(frozen=True, eq=False)  # what has no fields of its own to compare is itself alone
class Noise:
    """A real random variable; subclasses declare its law.

    Attributes:
        support: "line", "half-line", "unit" (the interval (0, 1)) or "integers".
        log_density: expression in `x`, `log_x`, `log_complement` and the parameters (log-pmf on "integers").
        characteristic_function: E exp(i w x) as an expression in `w`, or None where there is no elementary closed form.
        breaks: points inside the support at which the density has a kink.
        mellin: E x^order as an expression in `order`, right for complex orders too; None where there is no elementary
            closed form, or where x may be negative.
        mellin_strip: the open interval of real orders in which it converges.
        left_end: that of a "half-line".
        turn: for laws with tails like a power: a point beyond which log_density is analytic in the half-plane to its
            right (to the right of -turn, reflected, on the line), so that proofs may turn oscillating integrals off
            the real axis there; None: they stay on it.
        loops: whether it is drawn by a loop of the back end (`Backend.repeat`, `Backend.accumulate`).
    """

    support: ClassVar[str] = "line"
    breaks: ClassVar[tuple[int, ...]] = ()
    mellin_strip: ClassVar[tuple[Any, Any]] = (0, sympy.oo)
    left_end: ClassVar[int] = 0
    turn: ClassVar[int | None] = None
    loops: ClassVar[bool] = False

    @property
    def log_density(self) -> sympy.Expr:
        raise NotImplementedError

    @property
    def characteristic_function(self) -> sympy.Expr | None:
        return None

    def copy(self, index: tuple[int, ...], size: tuple[int, ...]) -> Noise:
        """One of several copies whose parameters are arrays that broadcast to the copies' shape `size`."""
        import numpy as np

        arrays = {f.name: getattr(self, f.name) for f in fields(self) if hasattr(getattr(self, f.name), "shape")}
        return replace(self, **{name: np.broadcast_to(value, size)[index] for name, value in arrays.items()})

    @property
    def symbols(self) -> set[sympy.Symbol]:
        """The symbols on which its law depends."""
        found: set[sympy.Symbol] = set()
        return found.union(*(sympy.sympify(value).free_symbols for value in vars(self).values()))

    @property
    def mellin(self) -> sympy.Expr | None:
        return None

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """Independent draws on a back end, its parameters being numbers or arrays; shape `shape`."""
        raise UsageError(f"no sampler for the noise primitive {type(self).__name__}")

    @property
    def atoms(self) -> tuple[tuple[int, sympy.Expr], ...] | None:
        """`(value, probability)` pairs of a law with finitely many values, else None."""
        return None

    @property
    def has_density(self) -> bool:
        """Whether quadrature can integrate over it: a density or probabilities in closed form are declared."""
        try:
            return self.atoms is not None or self.log_density is not None
        except NotImplementedError:
            return False

    def at(self, m: Any, letters: dict[str, Any]) -> Noise:
        """The same primitive with its parameter expressions evaluated on the namespace `m` at the values of
        `letters`."""
        own = vars(self)
        return type(self)(*[evaluate(value, m, letters) for value in own.values()]) if own else self

    def generic(self) -> Noise:
        """The same primitive with a symbol for each parameter, named `parameter_...`."""
        return replace(self, **{f.name: sympy.Symbol(f"parameter_{f.name}", positive=True) for f in fields(self)})


def evaluate(expression: Any, m: Any, letters: dict[str, Any]) -> Any:
    """Value of a SymPy expression (or a plain number) whose symbols are named in `letters`, on the namespace `m`."""
    if type(expression) is sympy.Symbol:  # the most frequent
        return letters[expression.name]
    if not isinstance(expression, sympy.Basic):
        return expression
    function, names = _compiled(expression)
    return function(m, *[letters[name] for name in names])


@lru_cache(maxsize=4096)
def _compiled(expression: sympy.Expr) -> tuple[Callable[..., Any], tuple[str, ...]]:
    symbols = tuple(sorted(expression.free_symbols, key=str))
    return compile_expression(expression, symbols), tuple(str(symbol) for symbol in symbols)
