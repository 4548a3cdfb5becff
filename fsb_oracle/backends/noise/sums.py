"""The sum of a random number of independent terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from fsb_oracle.backends.noise.primitive import Noise, evaluate


@dataclass(frozen=True, eq=False)
class PoissonSum(Noise):
    """The sum of a Poisson(rate) number of terms, each an expression in noise of its own.

    Attributes:
        rate: the mean number of terms.
        noise, expression: how one term is drawn, with parameters of the law that uses the primitive.
        letters: the values of those parameters; filled in by `at`.
    """

    loops = True
    rate: Any
    noise: Mapping[str, Noise]
    expression: Any
    letters: Mapping[str, Any] = field(default_factory=dict)

    def at(self, m: Any, letters: dict[str, Any]) -> PoissonSum:
        noise = {name: primitive.at(m, letters) for name, primitive in self.noise.items()}
        return PoissonSum(evaluate(self.rate, m, letters), noise, self.expression, letters)

    def generic(self) -> PoissonSum:
        return self

    @property
    def symbols(self) -> set[sympy.Symbol]:
        own = {symbol for symbol in sympy.sympify(self.expression).free_symbols if str(symbol) not in self.noise}
        inner = (primitive.symbols for primitive in self.noise.values())
        return sympy.sympify(self.rate).free_symbols.union(own, *inner)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)

        def term(source: Any, shape: tuple[int, ...], *values: Any) -> Any:
            given = iter(values)
            letters = {name: next(given) for name in self.letters}
            noise = {
                name: replace(one, **{member: next(given) for member in vars(one)}) for name, one in self.noise.items()
            }
            drawn = backend.draw_each([(one, shape) for one in noise.values()], source, dtype)
            return evaluate(self.expression, backend.math, {**letters, **dict(zip(noise, drawn, strict=True))})

        count = backend.poisson(first, self.rate, shape, dtype)
        of_noise = (value for one in self.noise.values() for value in vars(one).values())
        return backend.accumulate(term, count, second, shape, dtype, *self.letters.values(), *of_noise)
