"""The decorator `estimator`: what a function under test says of itself, checked when it is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fsb_oracle.backends import NAMES
from fsb_oracle.backends import noise as primitives
from fsb_oracle.backends.noise import Noise
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, get_family, list_templates, resolve_family
from fsb_oracle.integrands import CLASS_WORDS, SmoothnessClass
from fsb_oracle.rules import Rule, baselines_for, get_rule
from fsb_oracle.subjects.vector_rules import vector_laws

PRIMITIVES: dict[str, Noise] = {
    "uniform": primitives.Uniform(),
    "exponential": primitives.Exponential(),
    "normal": primitives.Normal(),
    "laplace": primitives.Laplace(),
    "rayleigh": primitives.Rayleigh(),
    "rademacher": primitives.Rademacher(),
}
SAMPLES_PER_CALL = 16


@dataclass(frozen=True, eq=False)
class Declaration:
    """What `@estimator` was told.

    Attributes:
        laws: the law, in each shape in which it is tested, with the points at which it is tested as its edges.
        parameters: the parameters claimed, as the function returns them: "rate", "concentration", "components.0.loc".
    """

    function: Callable[..., Any]
    laws: tuple[Family, ...]
    parameters: tuple[str, ...]
    backend: str
    requires: SmoothnessClass | None = None
    noise: Mapping[str, str] | None = None
    unit: Literal["sample", "call"] = "sample"
    samples_per_call: int = SAMPLES_PER_CALL
    batch: bool = False
    expected_gradient: Callable[..., Mapping[str, Any]] | None = None
    same_as: str | None = None
    variance_below: str | None = None
    kurtosis: float | None = None
    tolerance: tuple[float, str] | None = None

    @property
    def name(self) -> str:
        """The function's own name."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def target(self) -> str:
        """Where it is, as one would write it on the command line."""
        return f"{self.function.__module__}:{getattr(self.function, '__qualname__', self.name)}"

    def __str__(self) -> str:
        return self.target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The decorated function itself."""
        return self.function(*args, **kwargs)


def estimator(
    *,
    family: str,
    parameters: Sequence[str],
    backend: str = "numpy",
    requires: SmoothnessClass | None = None,
    noise: Mapping[str, str] | None = None,
    unit: Literal["sample", "call"] = "sample",
    samples_per_call: int = SAMPLES_PER_CALL,
    batch: bool = False,
    points: Sequence[Mapping[str, Any]] | None = None,
    expected_gradient: Callable[..., Mapping[str, Any]] | None = None,
    same_as: str | None = None,
    variance_below: str | None = None,
    kurtosis: float | None = None,
    tolerance: tuple[float, str] | None = None,
) -> Callable[[Callable[..., Any]], Declaration]:
    """Declare a function as a gradient estimator, so that `fsb-oracle verify file.py` finds it.

    The function is called as `fn(params, f, num_samples, rng)` and returns `{parameter: array of shape (num_samples,
    *shape of the parameter)}`, one independent contribution per sample. `params` holds every parameter of the law:
    arrays of the back end in the dtype under test, vectors (d,) and matrices (d, d) as the user of a library writes
    them, nested laws as dictionaries. `f(z)` is vectorised over samples (of several variables it takes (..., d)), and
    `f.derivative(z, order=1)` is its derivative (gradient, Hessian); on Torch and JAX f is also differentiable.
    `rng` is a numpy.random.Generator, torch.Generator (the global seed is set as well) or JAX key.

    Args:
        family: a law's name.
        parameters: the parameters whose gradient it returns.
        backend: "numpy", "torch" or "jax".
        requires: the class of f it is meant for: F0 (jumps allowed), F1 (kinks allowed, the default), F2 (smooth). On
            integers any f by default: name a class where f is asked for between them, as by a relaxation.
        noise: `{"z": "family", "u": "uniform", ...}`: the function is then called as `fn(params, f, z, u, ...)` with
            arrays that the harness draws or puts on quadrature nodes. Primitives: uniform, exponential, normal,
            laplace, rayleigh, rademacher; "family" draws from the law. For laws of one variable.
        unit: "call" if it returns one value per call (an array of the parameter's own shape), such as a mean over
            samples that depend on each other. JAX functions are mapped over keys where they can be traced.
        samples_per_call: with `unit="call"`, the num_samples of each call.
        batch: the parameters come as batches of three points, of shape (3, *their own), of which one is under test;
            contributions have the shape (num_samples, 3, *shape of the parameter), and rows must not mix.
        points: parameter points at which it is tested, in place of the law's own edge points.
        expected_gradient: of a biased estimator: `callable(params, f) -> {parameter: value}`, its mean. That mean is
            what is then tested. It is called with float64 NumPy arrays and an f that takes and gives such.
        same_as: the id of the rule or baseline that it claims to be; its exact variance is then used.
        variance_below: the id of a rule or baseline than which it claims to have a lower variance (per call, where
            the unit is the call); the claim is tested.
        kurtosis: a bound on the kurtosis of one contribution about the exact gradient.
        tolerance: (largest bias in units of S that is by design, reason).

    Raises:
        UsageError: an unknown family, parameter, backend, class, primitive or rule, or options that exclude each other.
    """
    if isinstance(parameters, str) or not parameters:
        raise UsageError(f"parameters={parameters!r} must be a list of at least one parameter, as in ['rate']")
    laws = _laws(family, tuple(parameters), points)
    _check_choice("backend", backend, NAMES)
    if requires is not None:
        _check_choice("class of f", requires, CLASS_WORDS)
    _check_choice("unit", unit, ("sample", "call"))
    for primitive in (noise or {}).values():
        _check_choice("noise", primitive, ("family", *PRIMITIVES))
    if noise and len(laws[0].samples) > 1:
        raise UsageError(f"noise= is for laws of one variable; {family} draws its own: use rng")
    if noise and unit == "call":
        raise UsageError("noise= gives one contribution per sample: it does not go with unit='call'")
    if noise and batch:
        raise UsageError("noise= is for one point at a time: it does not go with batch=True")
    if not isinstance(samples_per_call, int) or samples_per_call < 1:
        raise UsageError(f"samples_per_call={samples_per_call!r} must be a whole number of at least 1")
    for option, id in (("same_as", same_as), ("variance_below", variance_below)):
        if id is not None:
            _check_rule(option, id, laws[0], parameters)
    if same_as is not None and unit == "call" and samples_per_call > 1:
        raise UsageError("same_as= claims the variance of one sample: with unit='call' it needs samples_per_call=1")
    if same_as is not None and variance_below is not None:
        raise UsageError("variance_below= goes without same_as=: the variance of a known rule is not claimed but exact")
    if expected_gradient is not None and not callable(expected_gradient):
        raise UsageError(f"expected_gradient={expected_gradient!r} must be a function of (params, f)")
    if kurtosis is not None and not 1 <= kurtosis < float("inf"):
        raise UsageError(f"kurtosis={kurtosis!r} must be a finite number of at least 1")
    if tolerance is not None and (len(tolerance) != 2 or not tolerance[0] >= 0 or not tolerance[1]):
        raise UsageError(f"tolerance={tolerance!r} must be (a number of at least 0 in units of S, a reason)")

    def declare(function: Callable[..., Any]) -> Declaration:
        if not callable(function):
            raise UsageError(f"@estimator decorates a function, not {function!r}")
        return Declaration(
            function,
            laws,
            tuple(parameters),
            backend,
            requires,
            noise,
            unit,
            samples_per_call,
            batch,
            expected_gradient,
            same_as,
            variance_below,
            kurtosis,
            tolerance,
        )

    return declare


def _check_choice(what: str, value: Any, allowed: Any) -> None:
    if value not in allowed:
        raise UsageError(f"unknown {what} {value!r}; there are {', '.join(allowed)}{nearest(str(value), allowed)}")


def _laws(family: str, parameters: tuple[str, ...], points: Sequence[Mapping[str, Any]] | None) -> tuple[Family, ...]:
    """The law in each shape in which it has all parameters claimed, with its points as edges."""
    if points is not None:
        laws = _at_points(family, points)
    elif family in {template.name for template in list_templates()}:
        laws = [law for law in vector_laws() if law.name == family] or _at_points(family, _template_points(family))
    else:
        laws = [get_family(family)]
    fitting = tuple(law for law in laws if all(components(law, name) for name in parameters))
    if fitting:
        return fitting
    names = list(dict.fromkeys(claim for law in laws for claim in _claims(law)))
    wrong = next((name for name in parameters if not any(components(law, name) for law in laws)), None)
    if wrong is None:
        raise UsageError(f"{family} has no shape with all of {', '.join(parameters)}: declare them one by one")
    raise UsageError(f"{family} has no parameter {wrong!r}; it has {', '.join(names)}{nearest(wrong, names)}")


def _at_points(family: str, points: Sequence[Mapping[str, Any]]) -> list[Family]:
    if isinstance(points, Mapping) or not points:
        raise UsageError(f"points={points!r} must be a list of parameter points, as in [{{'rate': 1}}]")
    by_law: dict[Family, list[dict[str, str]]] = {}
    for point in points:
        law, values = resolve_family(family, point)
        by_law.setdefault(law, []).append({name: str(value) for name, value in values.items()})
    return [replace(law, edges=tuple(edges)) for law, edges in by_law.items()]


def _template_points(family: str) -> list[Mapping[str, Any]]:
    """A first, ordinary point of a template."""
    return [next(template.edges[0] for template in list_templates() if template.name == family)]


def components(law: Family, claim: str) -> dict[str, tuple[int, ...]]:
    """The scalar components of a claimed parameter, `concentration.0`, with their index in its array; {} if none."""
    found: dict[str, tuple[int, ...]] = {}
    for name in law.continuous_names:
        if name != claim and not name.startswith(f"{claim}."):
            continue
        index = [part for part in name[len(claim) :].split(".") if part]
        if not all(part.isdecimal() for part in index):
            return {}  # a nested law: claimed by its parameters
        place = tuple(map(int, index))
        if claim.endswith("scale_tril") and place[0] < place[1]:
            continue  # above the diagonal there is no parameter: what a library's derivative holds there is unused
        found[name] = place
    return found


def _claims(law: Family) -> list[str]:
    """What one may claim of a law: its parameters without the numbers of their components."""
    names = []
    for name in law.continuous_names:
        parts = name.split(".")
        while parts[-1].isdecimal():
            parts.pop()
        names.append(".".join(parts))
    return names


def _check_rule(option: str, id: str, law: Family, parameters: Sequence[str]) -> None:
    if law.shape or len(law.samples) > 1:
        raise UsageError(f"{option}= is for laws whose parameters are all numbers, not for {law.name}")
    for name in parameters:
        rule_of(law, name, id, option)


def rule_of(law: Family, parameter: str, id: str, option: str = "same_as") -> Rule:
    """The rule or baseline for one parameter that a claim names.

    Raises:
        UsageError: there is none, or it is for another parameter.
    """
    for baseline in baselines_for(law, parameter):
        if baseline.id == id:
            return baseline
    rule = get_rule(id)
    if (rule.family, rule.parameter) != (law.name, parameter):
        served = f"{rule.family} {rule.parameter}"
        raise UsageError(f"{option}={id!r} is a rule for {served}, not for {law.name} {parameter}")
    return rule


__all__ = ["PRIMITIVES", "Declaration", "components", "estimator", "rule_of"]
