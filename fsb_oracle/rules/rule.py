"""What a rule is, as data: a parameter, noise primitives, and one small kernel that every arithmetic runs.

The kernel is a function `kernel(f, c, z, **noise)` of the test function, the letters of the catalogue, the sample
and the
noise. Back ends call it with arrays, the proof calls it with complex balls and f = exp(i w z), quadrature with
nodes. `z` is left out of the signature where the rule needs no sample of the law itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import sympy

from fsb_oracle.backends.noise import Noise, evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Family, get_family
from fsb_oracle.integrands import Integrand, SmoothnessClass
from fsb_oracle.integrands.terms import band


@dataclass(frozen=True)
class Cost:
    """Evaluations per draw and scalar parameter: of f, of f' and of f''."""

    f: int = 0
    first: int = 0
    second: int = 0

    def __str__(self) -> str:
        parts = [(self.f, "f"), (self.first, "f'"), (self.second, "f''")]
        return " + ".join(f"{count} {name}" for count, name in parts if count) or "0"


@dataclass(frozen=True)
class Claim:
    """A theorem: the variance is at most that of `against`, for all f of the kind `where`.

    `against` is a rule of the same parameter or a baseline; `where` is a kind of f in `rules.theorems`, such as
    "any f" or "linear f"; `theorem` names the reason in a few words. `condition` is one on the law's parameters; None:
    it holds at all of them.
    """

    against: str
    where: str
    theorem: str
    condition: sympy.Basic | None = None


@dataclass(frozen=True)
class Comparison:
    """One point at which the exact variances of a rule and of `against` were compared: parameters and f as text.

    `cost_adjusted`: what was compared is variance times evaluations of f and its derivatives.
    """

    against: str
    parameters: Mapping[str, str]
    f: str
    cost_adjusted: bool = False


class Letters(dict[str, Any]):
    """Values of a law's parameters and of its catalogue letters, by name."""


@dataclass(frozen=True)
class Rule:
    """A Fourier rule or a baseline for one parameter of one law.

    Attributes:
        id: the catalogue's id, or a baseline's ("score", "pathwise", ...).
        family, parameter: the law and its parameter (our names).
        letter: the catalogue letter that the kernel's derivative is taken in; the chain factor d letter / d parameter
            follows from the law's `catalogue` map. The parameter's own name where no letter is needed.
        kernel: `kernel(f, c, z, **noise)`; `c` carries the letters, the parameters and `c.math`.
        noise: the auxiliary noise primitives by name, their parameters in letters.
        requires: the widest class of f for which the rule is unbiased.
        finite_variance: the widest class for which its variance is finite (where it differs, the reason is in
        `remarks`).
        formula, source, remarks: for people.
        lower_variance_than: theorems; tests draw parameters and f inside them and assert the exact inequality.
        wins, loses: points at which its exact variance is below, and above, a competitor's: each rule states both.
        baseline: whether it is a competitor of the Fourier rules.
        space: where the proof looks: f = exp(i w z) on the "line", or f = z^(i t) in "log" space for a positive z whose
            transform or whose rule is multiplicative. Either determines the law.
        built: the law itself where its name alone does not tell it (a mixture of two normals).
        where: the condition on the law's parameters under which the rule holds; None: always.
        disc: of a series in derivatives of f: the largest |w| in f, an expression in the letters, up to which its
            terms add up to f's gradient; None: the rule is no series.
    """

    id: str
    family: str
    parameter: str
    letter: str
    kernel: Callable[..., Any]
    noise: Mapping[str, Noise] = field(default_factory=dict)
    requires: SmoothnessClass = "F1"
    finite_variance: SmoothnessClass | None = None
    cost: Cost = Cost(first=1)
    formula: str = ""
    source: str = ""
    remarks: str = ""
    lower_variance_than: tuple[Claim, ...] = ()
    wins: tuple[Comparison, ...] = ()
    loses: tuple[Comparison, ...] = ()
    baseline: bool = False
    space: Literal["line", "log"] = "line"
    built: Family | None = None
    where: sympy.Basic | None = None
    disc: sympy.Expr | None = None

    def __hash__(self) -> int:
        return hash((self.id, self.family, self.parameter))

    def __eq__(self, other: object) -> bool:
        """By what runs, kernel and noise, not by the id alone: what is known of a rule is not known of another's kernel
        under the same id."""
        return isinstance(other, Rule) and (self.id, self.parameter, self.law, self.kernel, self.noise) == (
            other.id,
            other.parameter,
            other.law,
            other.kernel,
            other.noise,
        )

    @cached_property
    def law(self) -> Family:
        return self.built or get_family(self.family)

    @cached_property
    def uses_z(self) -> bool:
        return "z" in inspect.signature(self.kernel).parameters

    @property
    def sampled(self) -> SmoothnessClass:
        """The class of f on which sampling decides: unbiased and of finite variance."""
        return self.finite_variance or self.requires

    def holds_at(self, parameters: Mapping[str, Any]) -> bool:
        """Whether the rule may be used at these exact parameters."""
        return self.where is None or bool(self.law.at(self.where, dict(parameters)))  # pyright: ignore[reportArgumentType]

    def holds_on(self, m: Any, parameters: Mapping[str, Any]) -> bool:
        """Whether the rule may be used at all of a batch's parameters; not where they are known to a tracer alone."""
        if self.where is None:
            return True
        try:
            return bool(np.all(np.asarray(evaluate(self.where, m, dict(parameters)))))
        except (TypeError, RuntimeError):  # tracers of JAX and of torch.func do not say what a value is
            return False

    def admits(self, f: Integrand, parameters: Mapping[str, Any]) -> bool:
        """Whether f is of the class on which sampling decides, and inside the disc at these exact parameters."""
        if not (self.law.discrete or f.admits(self.sampled)):
            return False
        return self.disc is None or self.outside_disc(NumpyMath(), parameters, f) is None

    def outside_disc(self, m: Any, parameters: Mapping[str, Any], f: Integrand | None) -> str | None:
        """Why the series does not serve f, in one sentence; None where it does, or is none.

        Args:
            parameters: numbers or arrays, at all of which f must lie inside.
            f: the expression; None for a plain function, which tells nothing of its frequencies.
        """
        if self.disc is None:
            return None
        largest = None if f is None else band(f)
        if largest is None:
            return f"{self.id} is a series in derivatives of f, a polynomial or a sum of waves given as an expression"
        numbers = {name: value * 1.0 for name, value in parameters.items()}
        radius = float(np.min(np.asarray(evaluate(self.disc, m, self.letters(m, numbers)))))
        if largest <= radius:
            return None
        return f"{self.id} is a series that converges only for frequencies up to {radius:.4g}; f has {largest:.4g}"

    @cached_property
    def chain_factor(self) -> sympy.Expr:
        """d letter / d parameter: -1/rate**2 for a rule of the scale used on the rate."""
        letter = self.law.catalogue.get(self.letter)
        return sympy.S.One if letter is None else sympy.diff(letter, self.law.symbol(self.parameter))

    @cached_property
    def _own_letter(self) -> bool:
        """Whether the kernel's derivative is that in the parameter itself."""
        return self.chain_factor == 1

    def letters(self, m: Any, parameters: Mapping[str, Any]) -> Letters:
        """Parameters and catalogue letters by name, evaluated on the namespace `m`.

        What this returns may stand for the parameters everywhere: its letters are then not computed again.
        """
        if type(parameters) is Letters:
            return parameters
        values = Letters(parameters)
        for name, expression in self.law.catalogue.items():
            if name not in values:  # a letter that is called like a parameter is that parameter
                values[name] = evaluate(expression, m, values)
        return values

    def context(self, m: Any, parameters: Mapping[str, Any]) -> SimpleNamespace:
        """What the kernel gets as `c`: letters, parameters, the namespace, and the chain factor."""
        letters = self.letters(m, parameters)
        factor = 1 if self._own_letter else evaluate(self.chain_factor, m, letters)
        return SimpleNamespace(**letters, math=m, chain_factor=factor)

    def apply_in(self, context: SimpleNamespace, f: Any, z: Any, noise: Mapping[str, Any]) -> Any:
        """One-sample contributions to the gradient in `parameter`: kernel times chain factor, on any arithmetic."""
        value = self.kernel(f, context, z, **noise) if self.uses_z else self.kernel(f, context, **noise)
        return value if self._own_letter else value * context.chain_factor

    def apply(self, m: Any, parameters: Mapping[str, Any], f: Any, z: Any, noise: Mapping[str, Any]) -> Any:
        """`apply_in` a context made from the parameters."""
        return self.apply_in(self.context(m, parameters), f, z, noise)

    def noise_at(self, m: Any, parameters: Mapping[str, Any]) -> dict[str, Noise]:
        """The noise primitives with their parameters evaluated."""
        letters = self.letters(m, parameters)
        return {name: primitive.at(m, letters) for name, primitive in self.noise.items()}

    def recipe_at(self, m: Any, parameters: Mapping[str, Any]) -> dict[str, Noise]:
        """The law's own sampling primitives with their parameters evaluated; empty if the kernel needs no z."""
        if not self.uses_z:
            return {}
        letters = self.letters(m, parameters)
        return {name: primitive.at(m, letters) for name, primitive in self.law.recipe.noise.items()}

    def sample_at(self, m: Any, parameters: Mapping[str, Any], recipe_noise: Mapping[str, Any]) -> Any:
        """z from the law's recipe and its noise; None if the kernel needs no z."""
        if not self.uses_z:
            return None
        return evaluate(self.law.recipe.expression, m, {**parameters, **recipe_noise})
