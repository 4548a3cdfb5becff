"""A planted fault in a rule, and the ways to plant one in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from fsb_oracle.backends.noise import Noise
from fsb_oracle.rules import Rule, get_rule

Kernel = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A rule with one line changed, and the name of the fault.

    Attributes:
        model: the class of faults it belongs to: F01 to F50 are explained in `models.py`, other words
            explain themselves.
        noise: further noise that the changed line draws.
        infinite_variance: no sample decides, and the verdict must say so.
        provable: whether the changed kernel runs on balls too, so that the proof can be asked.
        second_moment: the mean stays right: only a check of the variance can see it.
    """

    rule_id: str
    fault: str
    kernel: Kernel
    model: str = ""
    noise: Mapping[str, Noise] | None = None
    infinite_variance: bool = False
    provable: bool = True
    second_moment: bool = False

    @property
    def original(self) -> Rule:
        return get_rule(self.rule_id)

    @property
    def rule(self) -> Rule:
        rule = replace(self.original, kernel=self.kernel)
        return rule if self.noise is None else replace(rule, noise={**rule.noise, **self.noise})

    def __str__(self) -> str:
        return f"{self.rule_id}-{self.fault.replace(' ', '-')}"


def wrapped(rule: Rule, around: Callable[..., Any]) -> Kernel:
    """A kernel `around(original, f, c, noise)`, where `original(f, c, noise)` is the rule's and noise includes z."""
    kernel = rule.kernel

    def original(f: Any, c: Any, noise: Mapping[str, Any]) -> Any:
        return kernel(f, c, **noise)

    if rule.uses_z:
        return lambda f, c, z, **noise: around(original, f, c, {"z": z, **noise})
    return lambda f, c, **noise: around(original, f, c, noise)


def times(rule_id: str, fault: str, model: str, factor: Callable[[Any], Any], **options: Any) -> Mutant:
    """The contribution times a factor that depends on the parameters."""
    kernel = wrapped(get_rule(rule_id), lambda original, f, c, noise: original(f, c, noise) * factor(c))
    return Mutant(rule_id, fault, kernel, model, **options)


def letters(rule_id: str, fault: str, model: str, **changed: Callable[[Any], Any]) -> Mutant:
    """Parameters replaced by expressions of the parameters, in the kernel alone."""

    def around(original: Kernel, f: Any, c: Any, noise: Mapping[str, Any]) -> Any:
        wrong = {name: expression(c) for name, expression in changed.items()}
        return original(f, SimpleNamespace(**{**vars(c), **wrong}), noise)

    return Mutant(rule_id, fault, wrapped(get_rule(rule_id), around), model)


def noisy(rule_id: str, fault: str, model: str, **changed: Callable[[Any, Any], Any]) -> Mutant:
    """Noise replaced by functions (c, noise by name) of the noise."""

    def around(original: Kernel, f: Any, c: Any, noise: Mapping[str, Any]) -> Any:
        drawn = SimpleNamespace(**noise)
        return original(f, c, {**noise, **{name: function(c, drawn) for name, function in changed.items()}})

    return Mutant(rule_id, fault, wrapped(get_rule(rule_id), around), model)


@dataclass(frozen=True)
class Moved:
    """f (and its derivatives) asked at `move(point)`."""

    f: Any
    move: Callable[[Any], Any]

    def __call__(self, point: Any) -> Any:
        return self.f(self.move(point))

    def derivative(self, point: Any, order: int = 1) -> Any:
        return self.f.derivative(self.move(point), order)


def moved(rule_id: str, fault: str, model: str, move: Callable[[Any, Any], Any], **options: Any) -> Mutant:
    """f asked at `move(c, point)`."""
    kernel = wrapped(
        get_rule(rule_id), lambda original, f, c, noise: original(Moved(f, lambda x: move(c, x)), c, noise)
    )
    return Mutant(rule_id, fault, kernel, model, **options)
