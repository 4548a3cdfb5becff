"""Planted faults in rules of vectors and matrices, and of laws that are put together from others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fsb_oracle.families.multinomial import probabilities
from fsb_oracle.families.vector_recipe import applied, indices, scale_tril_of
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.subjects.vector_rules import VectorRuleSubject, composed_rule_subjects, vector_rule_subjects


@dataclass(frozen=True)
class VectorMutant:
    """`change(kernel)` is the kernel with the fault; the rule is taken in the first shape that has it."""

    rule_id: str
    fault: str
    model: str
    change: Callable[[Callable[..., Any]], Callable[..., Any]]

    @property
    def subject(self) -> Subject:
        for found in vector_rule_subjects(("numpy",)):
            if found.name == self.rule_id:
                rule = replace(found.rule, kernel=self.change(found.rule.kernel))
                return VectorRuleSubject(rule, found.family, "numpy")
        for found in composed_rule_subjects(("numpy",)):
            if found.name == self.rule_id:
                return RuleSubject(replace(found.rule, kernel=self.change(found.rule.kernel)), "numpy")
        raise LookupError(self.rule_id)

    def __str__(self) -> str:
        return f"{self.rule_id}-{self.fault.replace(' ', '-')}"


def _instead(kernel: Callable[..., Any]) -> Callable[..., Any]:
    return lambda original: kernel


def _times(factor: Callable[[Any], Any]) -> Callable[..., Any]:
    """The kernel's value times a factor of the parameters; its signature tells whether it needs z."""

    def change(original: Callable[..., Any]) -> Callable[..., Any]:
        if "z" in original.__code__.co_varnames[: original.__code__.co_argcount]:
            return lambda f, c, z, **noise: original(f, c, z, **noise) * factor(c)
        return lambda f, c, **noise: original(f, c, **noise) * factor(c)

    return change


def _path(f: Any, c: Any, eps: Any) -> Any:
    return f.gradient(c.loc + applied(c.scale_tril, eps))[..., :, None] * eps[..., None, :]


def _uncentred(f: Any, c: Any, z: Any, b: Any) -> Any:
    point = z[..., None, :]
    vertices = c.math.identity(z.shape[-1], z)
    total = c.concentration.sum(-1)
    return (f(point + b[..., None, None] * vertices) - f(z)[..., None]) / (b * total)[..., None]


def _all_at_once(f: Any, c: Any, eps: Any, y: Any) -> Any:
    root = scale_tril_of(c)
    slope = (f(c.loc + applied(root, y)) - f(c.loc - applied(root, y))) / c.math.sqrt(2 * c.math.pi)
    return slope[..., None] + 0 * eps


VECTORS = (
    VectorMutant("CAT-logit", "second term of the softmax dropped", "F01", _instead(
        lambda f, c, k: probabilities(c) * f(indices(c, c.logits.shape[-1], c.logits)) + 0 * k[..., None]
    )),
    VectorMutant("CAT-logit", "probabilities dropped", "F27", _times(lambda c: 1 / probabilities(c))),
    VectorMutant("MUL-logit", "one trial for n", "F06", _times(lambda c: 0.2)),
    VectorMutant("DIR-VSB", "direction not centred", "F28", _instead(_uncentred)),
    VectorMutant("DIR-V", "total concentration dropped", "F01", _times(lambda c: c.concentration.sum(-1)[..., None])),
    VectorMutant("DIR-Sfin", "wrong sign in one component", "F24", _times(lambda c: 1 - 2 * (c.concentration > 1.8))),
    VectorMutant("MVN-Sig-A", "entrywise for the symmetric pair", "trap 9", _times(lambda c: 2)),
    VectorMutant("MVN-Sig-D2", "factor 1/2 dropped", "F42", _times(lambda c: 2)),
    VectorMutant("MVN-mu-L", "all coordinates shifted at once", "trap 12", _instead(_all_at_once)),
    VectorMutant("MVN-L-path", "full matrix for its lower triangle", "F05", _instead(_path)),
    VectorMutant("MVN-L-D2", "mean over the components for their sum", "F06", _times(lambda c: 1 / 3)),
    VectorMutant("MVT-L-path", "normal for Student", "F30", _instead(
        lambda f, c, eps, g: c.math.tril(_path(f, c, eps))
    )),
    VectorMutant("MVT-nu-SM", "jump term dropped", "D: correction dropped", _instead(
        lambda f, c, z, e: ((z - c.loc) * f.gradient(z)).sum(-1) / (2 * c.df)
    )),
    VectorMutant("MVT-mu-D", "component order reversed", "F39", lambda original: (
        lambda f, c, z: original(f, c, z)[..., ::-1]
    )),
    VectorMutant("MVL-Sig-U", "sqrt(pi) dropped", "F42", _times(lambda c: 0.5641895835477563)),
    VectorMutant("WIS-V-path", "inverse of the covariance dropped", "F05", _instead(lambda f, c, z: z @ f.gradient(z))),
    VectorMutant("WIS-nu-A", "factor 2 of the squares dropped", "F05", _times(lambda c: 0.5)),
    VectorMutant("MIX-0-logit", "component path alone", "F27", _times(lambda c: 0)),
    VectorMutant("MIX-1-logit", "weight dropped", "F27", _instead(
        lambda f, c, z, **noise: f(next(iter(noise.values()))) - f(z)
    )),
    VectorMutant("MIX-0-NOR-mu-D", "weight dropped", "F27", lambda original: (
        lambda f, c, **noise: 2 * original(f, c, **noise)
    )),
    VectorMutant("CPO-GAM-s-U", "rate of the jumps dropped", "F06", lambda original: (
        lambda f, c, z, **noise: original(f, c, z, **noise) / 2
    )),
)  # fmt: skip
