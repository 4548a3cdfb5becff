"""Our own rules and baselines as subjects: the target `fsb_oracle`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from fsb_oracle.backends.expressions import FUNCTIONS
from fsb_oracle.backends.noise import Noise, evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.backends.special_functions import LOWERED
from fsb_oracle.estimators.function import function_on
from fsb_oracle.estimators.lowering import draw_noise, from_noise, in_blocks, law_samples
from fsb_oracle.families import Family, Parameters, own_families
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule, baselines, baselines_for, own_rules
from fsb_oracle.rules.baselines import without_mean
from fsb_oracle.rules.catalogue import recommended_of
from fsb_oracle.rules.nodes import product_grid
from fsb_oracle.rules.rule import Letters
from fsb_oracle.rules.variance import score_best
from fsb_oracle.subjects.subject import Subject, checked, numbers

LOST_MASS_ALLOWED = 1e-12
CANCELLATION_ALLOWED, CANCELLATION_SAMPLES = 1e-2, 256  # of the mean score
WRONG_SCORE = 0.1  # far beyond rounding
LOST_MASS_LEVELS = {1: 6, 2: 4, 3: 3}  # by the number of the recipe's noise variables


class RuleSubject(Subject):
    """A declared rule or baseline, lowered to one back end."""

    independent = True

    def __init__(self, rule: Rule, backend_name: str, target: str = "fsb_oracle") -> None:
        self.rule = rule
        self.target = target
        self.name = rule.id
        self.family = rule.law
        self.claimed = (rule.parameter,)
        self.backend_name = backend_name
        self.requires = rule.sampled
        self.secondary = rule.id not in recommended_of(rule.law).get(rule.parameter, ())
        self._last_letters: tuple[Any, Letters] | None = None
        self.has_score = rule.id == "score" and rule.law.log_density is not None

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
        """No rule is asked where samples overflow, and a score, which needs log z, not where they underflow either."""
        if not self.rule.holds_at(parameters):
            return f"{self.rule.id} holds for {self.rule.where} alone"
        law, values = self.family, tuple(parameters.items())
        overflow = lost_mass(law, values, dtype, finite_ends=False)
        if overflow > LOST_MASS_ALLOWED:
            return f"P(a {dtype} sample of {law.name} overflows) = {overflow:.1e}"
        if not self.rule.id.startswith("score"):
            return None
        missing = self._missing_function(parameter)
        if missing is not None:
            return f"{self.backend_name} has no function {missing}, which the score of {law.name} needs"
        if self._overflows(values, dtype):
            return f"a special function in the score of {law.name} overflows in {dtype} at these parameters"
        lost = lost_mass(law, values, dtype)
        if lost <= LOST_MASS_ALLOWED:
            score = baselines.score(law, parameter)  # score-best has the same terms
            cancelled = 0.0 if score is None or dtype == "float64" else cancellation(score, values, dtype)
            if cancelled <= CANCELLATION_ALLOWED:
                return None
            return f"the terms of the score of {law.name} cancel in {dtype}: off by {cancelled:.1g} of its mean size"
        event = f"P(a {dtype} sample of {law.name} rounds to an end of the support)"
        return f"{event} = {lost:.1e}: the score is not finite there"

    def without_mean(self, parameter: str, parameters: Parameters, f: Integrand) -> str | None:
        if self.rule.id != "pathwise":
            return self.rule.outside_disc(NumpyMath(), parameters, f)
        return without_mean(self.family, parameter, parameters, f)

    @lru_cache(maxsize=256)  # noqa: B019 - a subject lives as long as its run
    def _overflows(self, values: tuple[tuple[str, Fraction], ...], dtype: str) -> bool:
        """Whether a score with a special function, which may grow like an exponential, is not finite at one of a few
        fixed samples, or wrong in the tails: a quotient by what has overflowed is 0."""
        if not any(type(node) in LOWERED for node in self.family.score(self.rule.parameter).atoms(sympy.Function)):
            return False
        draws = self.contributions(dict(values), Integrand(sympy.S.One), 64, np.random.SeedSequence(0), dtype)
        if not np.isfinite(draws[self.rule.parameter]).all():
            return True
        return dtype != "float64" and wrong_score_mass(self, values, dtype) > LOST_MASS_ALLOWED

    def _missing_function(self, parameter: str) -> str | None:
        """A special function in the law's score that the back end does not have."""
        score = self.family.score(parameter)
        names = (FUNCTIONS[type(node)] for node in score.atoms(sympy.Function) if type(node) in LOWERED)
        return next((name for name in names if not hasattr(self.backend.math, name)), None)

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> dict[str, Noise] | None:
        m, values = NumpyMath(), {name: float(value) for name, value in parameters.items()}
        recipe = {f"recipe {name}": primitive for name, primitive in self.rule.recipe_at(m, values).items()}
        noise = recipe | self.rule.noise_at(m, values)
        return noise if all(primitive.generic().has_density for primitive in noise.values()) else None

    def at_noise(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> np.ndarray:
        backend, rule = self.backend, self._rule(parameters, f)
        if not backend.compiles_by_shape:
            return self._on_nodes(rule, parameters, f, noise, dtype)
        return in_blocks(lambda nodes: self._on_nodes(rule, parameters, f, nodes, dtype), noise, self.block)

    def _on_nodes(
        self, rule: Rule, parameters: Parameters, f: Integrand, noise: Mapping[str, np.ndarray], dtype: str
    ) -> np.ndarray:
        backend = self.backend
        with backend.scope(dtype):
            arrays = {name: backend.array(value, dtype) for name, value in noise.items()}
            values = numbers(backend, parameters, dtype)
            own = {k.removeprefix("recipe "): v for k, v in arrays.items() if k.startswith("recipe ")}
            z = rule.sample_at(backend.math, values, own)
            auxiliary = {name: arrays[name] for name in rule.noise}
            g = rule.apply(backend.math, values, function_on(f, backend), z, auxiliary)
            return np.asarray(backend.numpy(g), dtype=np.float64)

    def _letters(self, parameters: Parameters, dtype: str) -> Letters:
        """The law's parameters and catalogue letters as arrays of the back end; the last are kept."""
        key = (tuple(parameters.items()), dtype)
        if self._last_letters is None or self._last_letters[0] != key:
            letters = self.rule.letters(self.backend.math, numbers(self.backend, parameters, dtype))
            self._last_letters = (key, letters)
        return self._last_letters[1]

    def _noise(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The law's own noise and the rule's, of one stream."""
        backend = self.backend

        def draw() -> tuple[dict[str, Any], dict[str, Any]]:
            values = self._letters(parameters, dtype)
            return draw_noise(self.rule, backend, values, num_samples, backend.stream(seeds), dtype)

        return self.kept((tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype), draw)

    def inputs_at(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str, index: int
    ) -> dict[str, float]:
        backend = self.backend
        with backend.scope(dtype):
            own, auxiliary = self._noise(parameters, num_samples, seeds, dtype)
            found = {f"recipe {name}": value for name, value in own.items()} | auxiliary
            return {name: float(backend.numpy(value)[index]) for name, value in found.items()}

    def scores_at(self, parameter: str, parameters: Parameters, z: np.ndarray, dtype: str) -> np.ndarray:
        """The score baseline's own kernel, for f = 1."""
        backend = self.backend
        with backend.scope(dtype):
            values, samples = numbers(backend, parameters, dtype), backend.array(z, dtype)
            score = self.rule.apply(backend.math, values, lambda points: 0 * points + 1, samples, {})
            return np.asarray(backend.numpy(score + 0 * samples), dtype=np.float64)

    def twin(self, dtype: str) -> tuple[Subject, str] | None:
        if (self.backend_name, dtype) == ("numpy", "float64"):
            return None
        return RuleSubject(self.rule, "numpy", self.target), "float64"

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
            values = self._letters(parameters, dtype)
            own, auxiliary = self._noise(parameters, num_samples, seeds, dtype)
            rule, function = self._rule(parameters, f), function_on(f, backend)
            g = from_noise(rule, backend, values, function, own, auxiliary, num_samples, dtype)
            return {parameter: checked(self.name, g, num_samples, parameter, backend)}


@lru_cache(maxsize=4096)  # asked for each f and each back end
def lost_mass(family: Family, values: tuple[tuple[str, Fraction], ...], dtype: str, finite_ends: bool = True) -> float:
    """Probability that a sample, rounded to `dtype`, lies at an end of the law's support, or is infinite."""
    parameters = dict(values)
    if family.support.kind != "interval" or family.support.period is not None:
        return 0.0
    low, high = (float(family.at(end, parameters)) for end in (family.support.lower, family.support.upper))
    if not finite_ends:
        low, high = -math.inf, math.inf
    lost = 0.0
    for weights, rounded in _law_nodes(family, values, dtype):
        lost += float(weights[(rounded <= low) | (rounded >= high)].sum())
    return lost


def _law_nodes(
    family: Family, values: tuple[tuple[str, Fraction], ...], dtype: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Weights and samples, rounded to `dtype`, of quadrature over the recipe's noise; none where it has no density."""
    if not all(primitive.generic().has_density for primitive in family.recipe.noise.values()):
        return
    m, at = NumpyMath(), {name: float(value) for name, value in values}
    recipe = {name: primitive.at(m, at) for name, primitive in family.recipe.noise.items()}
    for weights, nodes in product_grid(recipe, LOST_MASS_LEVELS[len(recipe)]):
        with np.errstate(all="ignore"):  # nodes beyond what float64 holds
            z = np.broadcast_to(evaluate(family.recipe.expression, m, {**at, **nodes}), weights.shape)
            rounded = np.where(np.abs(z) < np.finfo(dtype).tiny, 0.0, z).astype(dtype)
        yield weights, rounded


def wrong_score_mass(subject: RuleSubject, values: tuple[tuple[str, Fraction], ...], dtype: str) -> float:
    """Probability of a sample at which the score in `dtype` differs from that in float64 by more than
    `WRONG_SCORE` of itself and of its root mean square."""
    family, parameter, at = subject.family, subject.rule.parameter, dict(values)
    score = baselines.score(family, parameter)  # score-best has the same terms
    if score is None or family.discrete or len(family.recipe.noise) not in LOST_MASS_LEVELS:
        return 0.0
    asked, reference = RuleSubject(score, subject.backend_name), RuleSubject(score, "numpy")
    wrong = 0.0
    for weights, z in _law_nodes(family, values, dtype):
        flat, mass = z.astype(np.float64).ravel(), weights.ravel()
        with np.errstate(all="ignore"):
            found = asked.scores_at(parameter, at, flat, dtype)
            exact = reference.scores_at(parameter, at, flat, "float64")
            known = np.isfinite(exact)
            size = math.sqrt(float(np.sum(mass[known] * exact[known] ** 2)))
            off = ~(np.abs(found - exact) <= WRONG_SCORE * np.maximum(np.abs(exact), size))
        wrong += float(mass[known & off].sum())
    return wrong


@lru_cache(maxsize=4096)  # asked for each f and each back end
def cancellation(rule: Rule, values: tuple[tuple[str, Fraction], ...], dtype: str) -> float:
    """What rounding in `dtype` does to a score, in units of its mean size over a few samples of the law: its terms
    cancel for large df."""
    at = dict(values)
    if rule.law.recipe.expression is sympy.nan:
        return 0.0
    z = law_samples(rule.law, at, CANCELLATION_SAMPLES, np.random.default_rng(0)).astype(dtype).astype(np.float64)
    subject = RuleSubject(rule, "numpy")
    with np.errstate(all="ignore"):
        rounded, exact = (subject.scores_at(rule.parameter, at, z, precision) for precision in (dtype, "float64"))
    size = float(np.mean(np.abs(exact)))
    return float(np.mean(np.abs(rounded - exact))) / size if size > 0 else 0.0


def rule_subjects(backend_names: tuple[str, ...]) -> list[RuleSubject]:
    """Each of our own rules, and the baselines of the laws that have rules, on each of the back ends named, whether or
    not its library is installed.

    Of the rules composed from those of a part the recommended ones: the others are composed by the same code.
    """
    declared = [
        rule
        for rule in own_rules()
        if rule.built is None or rule.id in recommended_of(rule.law).get(rule.parameter, ())
    ]
    with_rules = {rule.family for rule in declared}
    for family in own_families():
        for parameter in family.continuous_names if family.name in with_rules else ():
            declared += baselines_for(family, parameter)
    return [RuleSubject(rule, name) for name in backend_names for rule in declared]
