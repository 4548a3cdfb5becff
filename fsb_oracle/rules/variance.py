"""Exact moments of one draw: mean, variance and kurtosis of a rule or baseline, by quadrature over all its noise.

Nodes are double-exponential (`rules.nodes`); the error is the change from the next coarser grid. For kinked f in
several noise variables it is not small, and where a rare event lies between the nodes it is too small
(`Moments.settled` finds out); class R verdicts tolerate a variance that is wrong by half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from fsb_oracle import oracle
from fsb_oracle.backends.noise import Noise, evaluate
from fsb_oracle.backends.numpy_backend import BACKEND, NumpyMath
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import answers, baselines
from fsb_oracle.rules.density import density_noise
from fsb_oracle.rules.differences import across, whole
from fsb_oracle.rules.nodes import float_nodes, product_grid
from fsb_oracle.rules.rule import Rule

# finest grids per number of noise variables: at most a few million kernel evaluations
# (on integers the level does not matter: the second pass centres the fourth moment)
LEVELS = {0: (1, 1), 1: (3, 4, 5, 6, 7, 8, 9, 10), 2: (2, 3, 4, 5, 6), 3: (2, 3, 4), 4: (2, 3)}
EXACT = 1e-11  # relative change between two grids at which refinement stops
BOUND = 1e-3  # the same, where the variance only has to be bounded
SAMPLE = "the sample"  # on nodes of its own density
RECIPE = "recipe "  # marks the law's own noise among a rule's
SETTLED = 1e-3  # of the root of E g^2: how closely a grid must find the mean for its second moment to be trusted
LOOSE = 0.25  # relative error of E g^2 at which it is still a bound: class R tolerates a variance wrong by half
NEGLIGIBLE = 1e-12  # mass of nodes that float64 cannot tell from an end of the support
POINTS = 64  # at which a kernel is tried
ORIGIN = np.zeros(())  # as a sample; a number would be evaluated by functions that raise
VELOCITY_LEVEL = 3  # 64 nodes: each costs an exact velocity


@dataclass(frozen=True)
class Moments:
    """Exact moments of one draw about its exact mean, with the estimated absolute error of each."""

    mean: float
    mean_error: float
    second: float  # E g^2
    second_error: float
    fourth: float  # E (g - mean)^4

    @property
    def known(self) -> bool:
        """False where float64 cannot represent the integrand (a score at samples that underflow to 0)."""
        return math.isfinite(self.second) and math.isfinite(self.second_error)

    def settled(self, mean: float) -> bool:
        """False where grids disagree, or miss the mean, which is known exactly: then the variance is not exact.

        Rare noise may lie between the nodes of every grid, which then agree on a wrong second moment; the mean that
        they find tells. It is compared as it is: the change from grid to grid, its error estimate, excuses nothing.
        """
        return self.bounds(mean) and abs(self.mean - mean) <= SETTLED * math.sqrt(self.second)

    def bounds(self, mean: float) -> bool:
        """Whether the grids agree well enough for the variance to be bounded: `settled`, but for an error of the mean
        that the grids show themselves, as they do at a jump."""
        root = math.sqrt(self.second) if self.known else 0.0
        return (
            self.known
            and self.second_error <= LOOSE * self.second
            and self.mean_error <= 10 * SETTLED * root
            and abs(self.mean - mean) <= 4 * self.mean_error + SETTLED * root
        )

    @property
    def variance(self) -> float:
        return max(self.second - self.mean**2, 0.0)

    @property
    def variance_error(self) -> float:
        return self.second_error + 2 * abs(self.mean) * self.mean_error + self.mean_error**2

    @property
    def variance_bound(self) -> float:
        """An upper bound on the variance, by the error estimate."""
        return self.variance + 2 * self.variance_error

    @property
    def kurtosis(self) -> float:
        return self.fourth / self.variance**2 if self.variance > 0 else 1.0


UNKNOWN = Moments(math.nan, math.inf, math.nan, math.inf, math.nan)


class ExpressionOnArrays:
    """f for quadrature: its expression and derivatives on NumPy arrays."""

    def __init__(self, f: Integrand) -> None:
        self.f = f

    def __call__(self, z: Any) -> Any:
        return self.f.lowered()(NumpyMath(), z)

    def derivative(self, z: Any, order: int = 1) -> Any:
        return self.f.lowered(order)(NumpyMath(), z)

    def across(self, *steps: Any) -> Any:
        """As on the back ends."""
        return across(self, BACKEND, *steps) if self.f.admits("F1") else whole(self, *steps)


@lru_cache(maxsize=4096)
def _moments(rule: Rule, parameters: tuple[tuple[str, Any], ...], f: Integrand, target_error: float) -> Moments:
    noise, kernel = _kernel_on_nodes(rule, dict(parameters), ExpressionOnArrays(f))
    return _refined(kernel, noise, target_error)


def _kernel_on_nodes(rule: Rule, parameters: Parameters, f: Any) -> tuple[dict[str, Noise], Any]:
    """All noise primitives (the law's own among them) and the contributions as a function of their nodes."""
    numbers = {name: float(value) for name, value in parameters.items()}
    m = NumpyMath()
    own, auxiliary = rule.recipe_at(m, numbers), rule.noise_at(m, numbers)
    direct = density_noise(rule.law, parameters) if len(own) > 1 else None
    if direct is not None:

        def kernel_of_sample(nodes: Mapping[str, Any]) -> np.ndarray:
            return np.asarray(rule.apply(m, numbers, f, nodes[SAMPLE], {name: nodes[name] for name in auxiliary}))

        return {SAMPLE: direct} | auxiliary, kernel_of_sample
    noise = {f"{RECIPE}{name}": primitive for name, primitive in own.items()} | auxiliary

    def kernel(nodes: Mapping[str, Any]) -> np.ndarray:
        z = rule.sample_at(m, numbers, {name: nodes[f"{RECIPE}{name}"] for name in own})
        return np.asarray(rule.apply(m, numbers, f, z, {name: nodes[name] for name in auxiliary}))

    return noise, kernel


def _refined(kernel: Any, noise: Mapping[str, Noise], target_error: float) -> Moments:
    """Moments on grids that are refined until E g^2 changes by less than `target_error` relative."""
    continuous = sum(primitive.support != "integers" for primitive in noise.values())
    if continuous not in LEVELS or not _on_nodes(noise):
        return UNKNOWN
    previous: np.ndarray | None = None
    sums, error = np.zeros(4), np.full(4, math.inf)
    centre = 0.0
    for level in LEVELS[continuous]:
        sums = _power_sums(kernel, noise, level, centre)
        if previous is not None:
            with np.errstate(invalid="ignore"):
                error = np.abs(sums - previous)
            if error[1] <= target_error * sums[1]:
                break
        previous = sums
        centre = sums[0]
    if continuous == 0:
        error = np.zeros(4)
    rounding = 64 * np.finfo(float).eps * sums[2]  # of the sums themselves, E |g| being their scale
    return Moments(sums[0], error[0] + rounding, sums[1], error[1] + rounding**2, sums[3])


def _power_sums(kernel: Any, noise: Mapping[str, Noise], level: int, centre: float) -> np.ndarray:
    """(E g, E g^2, E |g|, E (g - centre)^4) on the product grid."""
    total = np.zeros(4)
    for weight, nodes in product_grid(noise, level):
        with np.errstate(all="ignore"):
            g = np.broadcast_to(kernel(nodes), weight.shape)
        used = weight > 0
        infinite = used & ~np.isfinite(g)
        if weight[infinite].sum() < NEGLIGIBLE:  # nodes that round onto an end where a score is infinite
            used &= ~infinite
        w, g = weight[used], g[used]
        weighted = w * g
        with np.errstate(invalid="ignore"):
            square = (g - centre) ** 2
        total += weighted.sum(), (weighted * g).sum(), np.abs(weighted).sum(), (w * square * square).sum()
    return total


def exact_moments(rule: Rule, parameters: Parameters, f: Integrand, target_error: float = EXACT) -> Moments:
    """Moments of one draw of `rule` at exact parameters; errors are estimates (change from the coarser grid).

    `target_error` is the relative change of E g^2 at which refinement stops; `BOUND` is enough for a class R bound.
    """
    return answers.answered(
        answers.of_rule(f"moments {target_error:g}", rule, parameters, f),
        lambda: _moments(rule, tuple(parameters.items()), f, target_error),
        _written,
        _read,
    )


def _written(moments: Moments) -> list[float]:
    return [float(number) for number in astuple(moments)]


def _read(numbers: list[float]) -> Moments:
    return Moments(*map(np.float64, numbers))


class _Wave:
    """exp(i (w z + b)) for quadrature: cos and sin of one frequency in one pass."""

    def __init__(self, frequency: float, phase: float) -> None:
        self.frequency, self.phase = frequency, phase

    def __call__(self, z: Any) -> Any:
        angle = np.asarray(self.frequency * z + self.phase)
        wave: Any = np.empty(angle.shape, complex)
        np.cos(angle, out=wave.real)
        np.sin(angle, out=wave.imag)
        return wave

    def derivative(self, z: Any, order: int = 1) -> Any:
        return (1j * self.frequency) ** order * self(z)


@lru_cache(maxsize=8192)
def _wave_moments(rule: Rule, parameters: tuple[tuple[str, Any], ...], frequency: float, phase: float) -> Moments:
    noise, kernel = _kernel_on_nodes(rule, dict(parameters), _Wave(frequency, phase))
    return _refined(lambda nodes: np.real(kernel(nodes)), noise, BOUND)


@lru_cache(maxsize=8192)
def _wave_power(rule: Rule, parameters: tuple[tuple[str, Any], ...], frequency: float) -> float:
    wave = _Wave(frequency, 0.0)
    if _shifts(rule, parameters, frequency):  # fewer variables, or some where z has no density in closed form
        noise, kernel = _kernel_at(rule, dict(parameters), wave, ORIGIN)
    else:
        noise, kernel = _kernel_on_nodes(rule, dict(parameters), wave)
    return _refined(lambda nodes: np.abs(kernel(nodes)), noise, BOUND).second / 2


def _kernel_at(rule: Rule, parameters: Parameters, f: Any, z: Any) -> tuple[dict[str, Noise], Any]:
    """The rule's own noise primitives, and the contributions at one sample as a function of their nodes."""
    numbers = {name: float(value) for name, value in parameters.items()}
    m = NumpyMath()
    return rule.noise_at(m, numbers), lambda nodes: np.asarray(rule.apply(m, numbers, f, z, nodes))


def _shifts(rule: Rule, parameters: tuple[tuple[str, Any], ...], frequency: float) -> bool:
    """Whether z enters the kernel as f(z + .) alone, so that at exp(i w z) it is a factor: tried at drawn points.

    Then |K| does not depend on z, whose law may have no density in closed form.
    """
    if not rule.uses_z:
        return False
    noise, at_origin = _kernel_at(rule, dict(parameters), _Wave(frequency, 0.0), ORIGIN)
    generator = BACKEND.stream(np.random.SeedSequence(0))
    nodes = {name: BACKEND.draw(primitive, generator, (POINTS,), "float64") for name, primitive in noise.items()}
    z = generator.standard_normal(POINTS) / frequency
    with np.errstate(all="ignore"):  # a kernel that is not defined off the support does not only shift
        found = _kernel_at(rule, dict(parameters), _Wave(frequency, 0.0), z)[1](nodes)
        expected = at_origin(nodes) * np.exp(1j * frequency * z)
        return bool(np.allclose(found, expected, rtol=1e-6, atol=1e-9 * np.max(np.abs(expected))))


def wave_moments(rule: Rule, parameters: Parameters, frequency: float, phase: float) -> Moments:
    """Moments of one draw for f = cos(frequency z + phase), good enough as bounds."""
    return _wave_moments(rule, tuple(parameters.items()), frequency, phase)


def wave_power(rule: Rule, parameters: Parameters, frequency: float) -> float:
    """E g^2 for f = cos(frequency z + b), averaged over the phase b; twice that bounds it at every phase.

    For g = Re K, K the kernel at exp(i (w z + b)): |K| does not depend on b, and the average of E g^2 is E |K|^2 / 2.
    It does not oscillate as g does, so that coarse grids have it.
    """
    return _wave_power(rule, tuple(parameters.items()), frequency)


@lru_cache(maxsize=2048)
def _noise_variables(rule: Rule, parameters: tuple[tuple[str, Any], ...]) -> int:
    noise, _ = _kernel_on_nodes(rule, dict(parameters), None)
    if not _on_nodes(noise):  # those of waves: there z is a factor
        noise, _ = _kernel_at(rule, dict(parameters), None, None)
    return sum(primitive.support != "integers" for primitive in noise.values())


def _on_nodes(noise: Mapping[str, Noise]) -> bool:
    """Whether every primitive can be put on nodes."""
    return all(primitive.generic().has_density for primitive in noise.values())


def noise_variables(rule: Rule, parameters: Parameters) -> int:
    """How many continuous noise variables a quadrature over the rule's draws has; over the rule's own noise alone where
    the law has no density and no sampler that can be put on nodes."""
    return _noise_variables(rule, tuple(parameters.items()))


def mean_rounding(rule: Rule, parameters: Parameters, f: Integrand, dtype: str) -> float:
    """E |g in `dtype` - g in float64| of a rule on the same noise: what rounding alone does to f and the kernel."""
    noise, kernel = _kernel_on_nodes(rule, parameters, ExpressionOnArrays(f))
    total = 0.0
    continuous = sum(primitive.support != "integers" for primitive in noise.values())
    if continuous not in LEVELS or not _on_nodes(noise):
        return 0.0  # not known: 1e-6 S is all that is allowed
    level = LEVELS[continuous][0]
    for weight, nodes in product_grid(noise, level):
        rounded = {name: np.asarray(node, dtype) for name, node in nodes.items()}
        exact = {name: np.asarray(node, float) for name, node in rounded.items()}
        with np.errstate(all="ignore"):
            difference = np.abs(np.asarray(kernel(rounded), float) - kernel(exact)) * weight
        total += float(np.nansum(difference))
    return total


@lru_cache(maxsize=2048)
def _best_baseline(family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand, parameter: str) -> float:
    raw = baselines.score(family, parameter)
    assert raw is not None
    values = dict(parameters)
    one = Integrand(f.expression * 0 + 1)
    # E f s^2 from the polarisation E (f + 1)^2 s^2 - E f^2 s^2 - E s^2 = 2 E f s^2
    plus = Integrand(f.expression + 1)
    second = [exact_moments(raw, values, g).second for g in (plus, f, one)]
    return (second[0] - second[1] - second[2]) / (2 * second[2])


def best_baseline(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> float:
    """b* = E[f s^2] / E[s^2], the constant that minimises the score estimator's variance."""
    return _best_baseline(family, tuple(parameters.items()), f, parameter)


def score_best(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> Rule | None:
    """The score estimator with the best constant baseline for this f; None where the score is invalid."""
    if baselines.score(family, parameter) is None:
        return None
    return baselines.score(family, parameter, best_baseline(family, parameters, f, parameter), "score-best")


@lru_cache(maxsize=512)
def velocity_nodes(
    family: Family, parameters: tuple[tuple[str, Any], ...], parameter: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes z, weights of the law, and the exact velocity -(dF/d parameter)/p at the nodes."""
    values = dict(parameters)
    m, numbers = NumpyMath(), {name: float(value) for name, value in values.items()}
    ((name, primitive),) = family.recipe.noise.items()
    nodes, weights = float_nodes(primitive.at(m, numbers), VELOCITY_LEVEL)
    z = evaluate(family.recipe.expression, m, {**numbers, name: nodes})
    # the ends of the support carry no weight, and nodes there are rounded onto them
    lower, upper = (float(family.at(end, values)) for end in (family.support.lower, family.support.upper))
    inside = (z > lower) & (z < upper)
    velocity = np.zeros_like(z)
    velocity[inside] = [float(v) for v in oracle.velocity(family, values, parameter, list(z[inside]))]
    return z, weights, velocity


def implicit_moments(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> Moments | None:
    """Moments of f'(z) v(z) with the exact velocity v: pathwise, for laws without a reparameterization in closed form.

    One-dimensional quadrature over the law's own noise; the errors are the change from every second node. None on
    integers and point masses.
    """
    if family.support.kind != "interval" or len(family.recipe.noise) != 1:
        return None
    return answers.answered(
        answers.of_law("moments implicit", family, parameters, f, parameter),
        lambda: _implicit_moments(family, parameters, f, parameter),
        _written,
        _read,
    )


def _implicit_moments(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> Moments:
    z, weights, velocity = velocity_nodes(family, tuple(parameters.items()), parameter)
    g = ExpressionOnArrays(f).derivative(z) * velocity

    def sums(step: int) -> np.ndarray:
        w, x = weights[::step] * step, g[::step]
        return np.array([np.sum(w * x), np.sum(w * x**2)])

    (mean, second), errors = sums(1), np.abs(sums(1) - sums(2))
    # the change from half the nodes overstates the error of all: a double-exponential rule squares it when smooth
    smooth = not f.breakpoints
    if smooth:
        relative = np.minimum(errors / np.maximum(np.abs(sums(1)), 1e-300), 1.0)
        errors = errors * relative + 1e-14 * np.abs(sums(1))
    return Moments(mean, errors[0], second, errors[1], float(np.sum(weights * (g - mean) ** 4)))


__all__ = [
    "BOUND",
    "EXACT",
    "ExpressionOnArrays",
    "Moments",
    "best_baseline",
    "exact_moments",
    "implicit_moments",
    "mean_rounding",
    "noise_variables",
    "score_best",
    "velocity_nodes",
    "wave_moments",
    "wave_power",
]
