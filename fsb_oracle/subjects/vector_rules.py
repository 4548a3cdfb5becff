"""Our own rules of laws of several variables as subjects: part of the target `fsb_oracle`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, cached_property

import numpy as np

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.noise import Noise
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.estimators.function import vector_function_on
from fsb_oracle.estimators.lowering import in_blocks
from fsb_oracle.estimators.vectors import vector_contributions
from fsb_oracle.families import Family, Parameters, resolve_family
from fsb_oracle.families.vector_recipe import carrier
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule
from fsb_oracle.rules.catalogue import recommended_of, rules_of
from fsb_oracle.rules.scalar_noise import joined_noise, scalar_noise
from fsb_oracle.rules.vector import VectorRule, class_of, vector_rules_of
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.subjects.subject import Subject, checked, numbers


class VectorRuleSubject(Subject):
    """A declared vector rule, lowered to one back end; it claims every scalar component of its parameter."""

    target = "fsb_oracle"
    independent = True

    def __init__(self, rule: VectorRule, law: Family, backend_name: str) -> None:
        self.rule = rule
        self.name = rule.id
        self.family = law
        self.claimed = tuple(rule.components)
        self.backend_name = backend_name
        self.requires = rule.sampled
        self.secondary = rule.id not in recommended_of(law).get(rule.parameter, ())

    def admits(self, f: Integrand) -> bool:
        order = ("F0", "F1", "F2")
        return order.index(class_of(f)) >= order.index(self.requires)

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> dict[str, Noise] | None:
        """A real variable for each copy of its primitives."""
        c = carrier(NumpyMath(), numbers(get_backend("numpy"), parameters, "float64"))
        noise = scalar_noise(self.rule.recipe(c), "recipe ") | scalar_noise(self.rule.noise(c))
        return noise if all(primitive.generic().has_density for primitive in noise.values()) else None

    def at_noise(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> np.ndarray:
        if not self.backend.compiles_by_shape:
            return self._on_nodes((parameter,), parameters, f, noise, dtype)[parameter]
        return in_blocks(
            lambda nodes: self._on_nodes((parameter,), parameters, f, nodes, dtype)[parameter], noise, self.block
        )

    def evaluated_with(self, parameter: str) -> tuple[str, ...]:
        return (parameter,) if self.backend.compiles_by_shape else self.claimed

    def at_noise_together(
        self,
        names: tuple[str, ...],
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> dict[str, np.ndarray]:
        if self.backend.compiles_by_shape:
            return super().at_noise_together(names, parameters, f, noise, dtype)
        return self._on_nodes(names, parameters, f, noise, dtype)

    def _on_nodes(
        self, names: tuple[str, ...], parameters: Parameters, f: Integrand, noise: Mapping[str, np.ndarray], dtype: str
    ) -> dict[str, np.ndarray]:
        backend, rule = self.backend, self.rule
        with backend.scope(dtype):
            c = carrier(backend.math, numbers(backend, parameters, dtype))
            own, auxiliary = (
                {name: backend.array(value, dtype) for name, value in joined_noise(draws, noise, prefix).items()}
                for draws, prefix in ((rule.recipe(c), "recipe "), (rule.noise(c), ""))
            )
            g = rule.apply(c, vector_function_on(f, self.family, backend), rule.sample(c, own), auxiliary)
            whole = backend.numpy(g)
            return {name: np.asarray(whole[(..., *rule.components[name])], dtype=np.float64) for name in names}

    def twin(self, dtype: str) -> tuple[Subject, str] | None:
        if (self.backend_name, dtype) == ("numpy", "float64"):
            return None
        return self._on_numpy, "float64"

    @cached_property
    def _on_numpy(self) -> VectorRuleSubject:
        """One for all cases, that its grids are summed once."""
        return self if self.backend_name == "numpy" else VectorRuleSubject(self.rule, self.family, "numpy")

    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype):
            c = carrier(backend.math, numbers(backend, parameters, dtype))
            function = vector_function_on(f, self.family, backend)
            g = vector_contributions(self.rule, backend, c, function, (num_samples,), backend.stream(seeds), dtype)
            return {
                name: checked(self.name, g[(slice(None), *index)], num_samples, name, backend)
                for name, index in self.rule.components.items()
            }


# ordinary points, at which sampling decides in seconds; the extremes are left to the proofs
_POINTS = (
    ("categorical", {"logits": "[0.1, -0.2, 0.5]"}),
    ("multinomial", {"total_count": "5", "logits": "[0.1, -0.2, 0.5]"}),
    ("dirichlet", {"concentration": "[1.5, 2, 0.7]"}),
    ("dirichlet_multinomial", {"total_count": "3", "concentration": "[1.5, 2, 0.7]"}),
    ("beta_binomial", {"total_count": "3", "concentration1": "1.5", "concentration0": "0.7"}),
    ("multivariate_normal", {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}),
    ("multivariate_normal", {"loc": "[0.1, -0.2, 0.3]", "scale_tril": "[[1, 0, 0], [0.3, 1.4, 0], [-0.2, 0.1, 0.7]]"}),
    ("multivariate_student_t", {"df": "12", "loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"}),
    ("multivariate_laplace", {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}),
    (
        "asymmetric_multivariate_laplace",
        {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},
    ),
    ("multivariate_poisson", {"rates": "[1.5, 2]", "shared_rate": "0.7"}),
    ("wishart", {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}),
    ("mixture", {"logits": "[0.3, -0.4]", "components": "[normal(loc=0.3, scale=0.8), exponential(rate=1)]"}),
    ("compound_poisson", {"rate": "1.5", "jump": "normal(loc=0.3, scale=1)"}),
    ("compound_poisson", {"rate": "2", "jump": "gamma(concentration=2.5, rate=1)"}),
)  # fmt: skip


@cache
def vector_laws() -> tuple[Family, ...]:
    """The laws that are built for a shape, at an ordinary point each, which they carry as their edge."""
    found = []
    for name, point in _POINTS:
        law, values = resolve_family(name, point)
        found.append(replace(law, edges=({key: str(value) for key, value in values.items()},)))
    return tuple(found)


def vector_rule_subjects(backend_names: tuple[str, ...]) -> list[VectorRuleSubject]:
    """Every vector rule on each of the back ends named."""
    return [
        VectorRuleSubject(rule, law, name)
        for name in backend_names
        for law in vector_laws()
        for rule in vector_rules_of(law)
    ]


def composed_rule_subjects(backend_names: tuple[str, ...]) -> list[RuleSubject]:
    """The recommended rules of mixtures and random sums: a part's other rules are composed by the same code."""
    found = []
    for law in vector_laws():
        wanted = {id for ids in recommended_of(law).values() for id in ids}
        for rule in rules_of(law):
            if isinstance(rule, Rule) and rule.id in wanted:
                found += [RuleSubject(_without_jumps(replace(rule, built=law)), name) for name in backend_names]
    return found


def _without_jumps(rule: Rule) -> Rule:
    """The variance of a whole is not known beforehand, and a jump's heavy tails would leave its verdict open: there
    the part's own rule is judged."""
    return replace(rule, finite_variance="F1") if rule.sampled == "F0" else rule


__all__ = ["VectorRuleSubject", "composed_rule_subjects", "vector_laws", "vector_rule_subjects"]
