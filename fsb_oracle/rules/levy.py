"""One Levy kernel, five rules: what a parameter does to an infinitely divisible law, read as estimators.

Let log phi(w) = i b w - a w^2/2 + INT (exp(i w x) - 1) nu(dx). A parameter moves the drift b, the Gaussian part a and
the Levy measure nu; with the primes for its derivatives and kappa = nu',

    d/d(parameter) E f(z) = b' E f'(z) + (a'/2) E f''(z) + E INT [f(z + x) - f(z)] kappa(dx)

(Sato 1999, theorem 8.1, differentiated). A size-biased law of the jumps, proportional to |x|^order kappa(dx), with
the moment of kappa of that order turns this into estimators:

    order 0   S     m0 [f(z + X) - f(z)]
    order 1   A     m1 f'(z + u X),                    SB    (m1/X) [f(z + X) - f(z)]
    order 2   A2    (m2/2) f''(z + v X),               SB2   (m2/X^2) [f(z + X) - f(z) - X f'(z)]

with u ~ U(0, 1) and v ~ Beta(1, 2). The second row is for kernels that are the same on both sides of 0, whose SB2 is
(m2/2X^2) [f(z + X) + f(z - X) - 2 f(z)], and for compensated ones, with f(z + x) - f(z) - x f'(z) in the integral.

    LevyKernel("GAM-k", "gamma", "concentration", "k", {1: Jump(s, Exponential(), s)}).rules()

gives the rules GAM-k-A and GAM-k-SB of the gamma law, whose kernel in k is exp(-x/s)/x; `rules.proof.prove` proves
them. That is also how the rules of a law of one's own are declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from fsb_oracle.backends.noise import Noise, Rademacher, TaylorPart, Uniform, evaluate
from fsb_oracle.errors import UsageError
from fsb_oracle.integrands import SmoothnessClass
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Cost, Rule


@dataclass(frozen=True)
class Jump:
    """The jumps of a kernel, size-biased: X = scale x noise has a law proportional to |x|^order kappa(dx).

    Attributes:
        moment: INT x^order kappa(dx), negative where kappa is; of |x|^order for kernels on both sides of 0.
        noise: a positive variable, of which the scale's sign makes one of either side.
        scale: an expression in the letters of the law's catalogue, as are the moment and the noise's parameters.
    """

    moment: Any
    noise: Noise
    scale: Any = 1


@dataclass(frozen=True)
class LevyKernel:
    """(b', a', kappa) of one parameter of one law.

    Attributes:
        id: the rules' common beginning, such as "GAM-k".
        family, parameter, letter: as in `Rule`.
        jumps: order -> the jumps size-biased by that power; the orders 0, 1 and 2 in which kappa has a finite moment.
        drift, gaussian: b' and a' as expressions in the letters.
        symmetric: whether kappa is the same on both sides of 0.
        compensated: whether the drift is meant with the compensated kernel, f(z + x) - f(z) - x f'(z).
        source: for people.
    """

    id: str
    family: str
    parameter: str
    letter: str
    jumps: Mapping[int, Jump]
    drift: Any = 0
    gaussian: Any = 0
    symmetric: bool = False
    compensated: bool = False
    source: str = "Levy kernel of the parameter"

    def rules(self) -> tuple[Rule, ...]:
        """Every rule that the declared jumps give, in the order S, A, SB, A2, SB2."""
        made = []
        if 0 in self.jumps:
            made.append(self.shift())
        if 1 in self.jumps:
            made += [self.smoothed()] if self.compensated else [self.smoothed(), self.size_biased()]
        if 2 in self.jumps and (self.symmetric or self.compensated):
            made.append(self.curved())
            if 1 in self.jumps:  # else jumps so small matter that differences would cancel
                made.append(self.second_difference())
        return tuple(made)

    def shift(self) -> Rule:
        """S: the difference at a jump drawn from kappa itself, which has a finite mass."""

        def difference(f: Any, z: Any, x: Any, moment: Any) -> Any:
            return moment * self._difference(f, z, x)

        return self._rule("S", 0, difference, {}, Cost(f=2), "F0", None, f"m0 {self._words}")

    def smoothed(self) -> Rule:
        """A: one f', at a uniformly distributed part of a size-biased jump."""

        def slope(f: Any, z: Any, x: Any, moment: Any, u: Any) -> Any:
            change = f.derivative(z + u * x)
            return moment * (change - f.derivative(z) if self.compensated else change)

        cost, formula = Cost(first=2 if self.compensated else 1), "m1 f'(z + u X)"
        if self.symmetric:
            formula = "m1 sign(X) f'(z + u X)"
        return self._rule("A", 1, slope, {"u": Uniform()}, cost, "F1", None, formula)

    def size_biased(self) -> Rule:
        """SB: the Rao-Blackwellization of A over the uniform variable."""

        def quotient(f: Any, z: Any, x: Any, moment: Any) -> Any:
            return difference(f, z, z + x, x, moment / x, moment)  # not of a compensated kernel: `rules`

        # a kernel of finite mass is light enough near 0 for the differences of a jump of f
        finite: SmoothnessClass | None = None if 0 in self.jumps else "F1"
        return self._rule("SB", 1, quotient, {}, Cost(f=2), "F0", finite, f"(m1/X) {self._words}")

    def curved(self) -> Rule:
        """A2: one f'', at a Beta(1, 2) part of a jump size-biased twice."""

        def curvature(f: Any, z: Any, x: Any, moment: Any, v: Any) -> Any:
            return moment / 2 * f.derivative(z + v * x, 2)

        return self._rule("A2", 2, curvature, {"v": TaylorPart()}, Cost(second=1), "F2", None, "(m2/2) f''(z + v X)")

    def second_difference(self) -> Rule:
        """SB2: the Rao-Blackwellization of A2 over the beta variable."""

        def second(f: Any, z: Any, x: Any, moment: Any) -> Any:
            if self.symmetric:
                return moment / (2 * x**2) * (f(z + x) + f(z - x) - 2 * f(z))
            return moment / x**2 * self._difference(f, z, x)

        words = "(m2/(2 X^2)) [f(z + X) + f(z - X) - 2 f(z)]" if self.symmetric else f"(m2/X^2) {self._words}"
        cost = Cost(f=3) if self.symmetric else Cost(f=2)
        return self._rule("SB2", 2, second, {}, cost, "F0", "F1", words)

    def _difference(self, f: Any, z: Any, x: Any) -> Any:
        difference = f(z + x) - f(z)
        return difference - x * f.derivative(z) if self.compensated else difference

    @property
    def _words(self) -> str:
        return "[f(z + X) - f(z) - X f'(z)]" if self.compensated else "[f(z + X) - f(z)]"

    def _rule(
        self,
        form: str,
        order: int,
        contribution: Callable[..., Any],
        noise: Mapping[str, Noise],
        cost: Cost,
        requires: SmoothnessClass,
        finite_variance: SmoothnessClass | None,
        formula: str,
    ) -> Rule:
        """The rule `contribution` + b' f'(z) + (a'/2) f''(z); odd orders of symmetric kernels draw a sign."""
        if order not in self.jumps:
            raise UsageError(f"{self.id}-{form} needs the jumps of order {order}; there are those of {set(self.jumps)}")
        jump = self.jumps[order]
        signed = self.symmetric and form != "SB2"
        drifts, diffuses = self.drift != 0, self.gaussian != 0

        def kernel(f: Any, c: Any, z: Any, y: Any, sign: Any = None, **rest: Any) -> Any:
            letters = vars(c)
            x = evaluate(jump.scale, c.math, letters) * y
            moment = evaluate(jump.moment, c.math, letters)
            if sign is not None:
                x, moment = sign * x, moment * sign if order == 1 else moment
            value = contribution(f, z, x, moment, **rest)
            if drifts:
                value = value + evaluate(self.drift, c.math, letters) * f.derivative(z)
            return value + evaluate(self.gaussian, c.math, letters) / 2 * f.derivative(z, 2) if diffuses else value

        needs_slope = drifts or (self.compensated and order < 2) or (self.compensated and form == "SB2")
        smoothness: list[SmoothnessClass] = ["F0", "F1", "F2"]
        least = 2 if diffuses else int(needs_slope)

        def at_least(wanted: SmoothnessClass) -> SmoothnessClass:
            return smoothness[max(smoothness.index(wanted), least)]

        extra = "".join(f" + {words}" for words, used in (("b' f'(z)", drifts), ("(a'/2) f''(z)", diffuses)) if used)
        slopes = int((drifts and cost.first < 2) or (self.compensated and form in ("S", "SB2")))
        return Rule(
            id=f"{self.id}-{form}",
            family=self.family,
            parameter=self.parameter,
            letter=self.letter,
            kernel=kernel,
            noise={**noise, "y": jump.noise, **({"sign": Rademacher()} if signed else {})},  # proofs carry the first
            requires=at_least(requires),
            finite_variance=None if finite_variance is None else at_least(finite_variance),
            cost=Cost(cost.f, cost.first + slopes, cost.second + diffuses),
            formula=f"{formula}{extra}, X = {sympy.sstr(sympy.sympify(jump.scale))} y{' sign' if signed else ''}, "
            f"m{order} = {sympy.sstr(sympy.sympify(jump.moment))}",
            source=self.source,
        )


__all__ = ["Jump", "LevyKernel"]
