"""Our own rules and baselines as subjects: the target `fsb_oracle`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fsb_oracle.backends.noise import Noise, evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.estimators.function import function_on
from fsb_oracle.estimators.lowering import draw_noise, from_noise
from fsb_oracle.families import Family, Parameters, list_families
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule, baselines_for, list_rules
from fsb_oracle.rules.nodes import float_nodes
from fsb_oracle.rules.variance import score_best
from fsb_oracle.subjects.subject import Subject, checked, numbers

LOST_MASS_ALLOWED = 1e-12
LOST_MASS_LEVEL = 6


class RuleSubject(Subject):
    """A declared rule or baseline, lowered to one back end."""

    target = "fsb_oracle"

    def __init__(self, rule: Rule, backend_name: str) -> None:
        self.rule = rule
        self.name = rule.id
        self.family = rule.law
        self.claimed = (rule.parameter,)
        self.backend_name = backend_name
        self.requires = rule.sampled

    def _rule(self, parameters: Parameters, f: Integrand) -> Rule:
        """The rule to run; the best baseline of score-best depends on f and the parameters."""
        if self.rule.id != "score-best":
            return self.rule
        best = score_best(self.family, parameters, f, self.rule.parameter)
        assert best is not None
        return best

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule:
        return self._rule(parameters, f)

    def refusal(self, parameter: str, parameters: Parameters, dtype: str) -> str | None:
        """A score needs log z: it is not asked where samples leave the support's interior by rounding or underflow."""
        if not self.rule.id.startswith("score"):
            return None
        lost = lost_mass(self.family, parameters, dtype)
        if lost <= LOST_MASS_ALLOWED:
            return None
        event = f"P(a {dtype} sample of {self.family.name} rounds to an end of the support)"
        return f"{event} = {lost:.1e}: the score is not finite there"

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> dict[str, Noise]:
        m, values = NumpyMath(), {name: float(value) for name, value in parameters.items()}
        recipe = {f"recipe {name}": primitive for name, primitive in self.rule.recipe_at(m, values).items()}
        return recipe | self.rule.noise_at(m, values)

    def at_noise(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> np.ndarray:
        backend, rule = self.backend, self._rule(parameters, f)
        with backend.scope(dtype):
            arrays = {name: backend.array(value, dtype) for name, value in noise.items()}
            values = numbers(backend, parameters, dtype)
            own = {k.removeprefix("recipe "): v for k, v in arrays.items() if k.startswith("recipe ")}
            z = rule.sample_at(backend.math, values, own)
            auxiliary = {name: arrays[name] for name in rule.noise}
            g = rule.apply(backend.math, values, function_on(f, backend), z, auxiliary)
            return np.asarray(backend.numpy(g), dtype=np.float64)

    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        backend, parameter = self.backend, self.rule.parameter
        with backend.scope(dtype):
            values = numbers(backend, parameters, dtype)
            own, auxiliary = self.kept(
                (tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype),
                lambda: draw_noise(self.rule, backend, values, num_samples, backend.stream(seeds), dtype),
            )
            rule, function = self._rule(parameters, f), function_on(f, backend)
            g = from_noise(rule, backend, values, function, own, auxiliary, num_samples, dtype)
            return {parameter: checked(self.name, g, num_samples, parameter, backend)}


def lost_mass(family: Family, parameters: Parameters, dtype: str) -> float:
    """Probability that a sample, rounded to `dtype`, lies at an end of the law's support."""
    if family.support.kind != "interval":
        return 0.0
    m, values = NumpyMath(), {name: float(value) for name, value in parameters.items()}
    ((name, primitive),) = family.recipe.noise.items()
    nodes, weights = float_nodes(primitive.at(m, values), LOST_MASS_LEVEL)
    z = evaluate(family.recipe.expression, m, {**values, name: nodes})
    low, high = (float(family.at(end, parameters)) for end in (family.support.lower, family.support.upper))
    rounded = np.where(np.abs(z) < np.finfo(dtype).tiny, 0.0, z).astype(dtype)
    return float(weights[(rounded <= low) | (rounded >= high)].sum())


def rule_subjects(backend_names: tuple[str, ...]) -> list[RuleSubject]:
    """Every rule, and the baselines of the laws that have rules, on each of the back ends named, whether or not its
    library is installed.
    """
    declared = list(list_rules())
    with_rules = {rule.family for rule in declared}
    for family in list_families():
        for parameter in family.names if family.name in with_rules else ():
            declared += baselines_for(family, parameter)
    return [RuleSubject(rule, name) for name in backend_names for rule in declared]
