"""The public face of the estimators: `fourier.gradient` and `fourier.expectation` on NumPy, Torch and JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fsb_oracle.backends import Array, Backend, get_backend
from fsb_oracle.errors import UsageError
from fsb_oracle.estimators.expectation import expectation
from fsb_oracle.estimators.function import ExpressionFunction, function_on, vector_function_on
from fsb_oracle.estimators.lowering import contributions
from fsb_oracle.estimators.vectors import (
    batch_of,
    chosen_vector_rules,
    context,
    is_vector_law,
    law_of_shape,
    vector_contributions,
)
from fsb_oracle.families import Family, get_family
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.rules import Rule, get_rule, recommended_rules


def gradient(
    family: str | Family,
    f: Any,
    params: Mapping[str, Any],
    num_samples: int,
    rng: Any,
    rule: str | Mapping[str, str] | None = None,
    force: bool = False,
) -> dict[str, Array]:
    """One-sample contributions to the gradient of E f(z), by Fourier rules; their mean is the estimate.

    Args:
        family: a law's name, such as "gamma" or "multivariate_normal"; or a law itself, as a mixture needs, whose
            parameters are then its scalar components ("components.0.loc").
        f: an expression such as "sin(3*z)", or a function of arrays (Torch and JAX differentiate it).
        params: every parameter of the law; scalars or arrays that broadcast. Vectors and matrices lie along the last
            axes; f then takes arrays (..., d). Python numbers are float64 under NumPy and the default float type
            under Torch and JAX.
        num_samples: independent contributions per parameter.
        rng: `numpy.random.Generator`, `torch.Generator` or a JAX key; it decides the back end. JAX keys make this a
            pure function that may be jitted (with family, f and num_samples static) and vmapped.
        rule: a rule id, for the parameter that it serves; or a map from parameters to rule ids. By default the
            recommended rule of every parameter.
        force: run a series that `rule` names outside of its disc of convergence too, where it is biased:
            `fsb-oracle variance --estimator ID` says by how much.

    Returns:
        name -> array of shape (num_samples, *broadcast shape of the parameters), for each parameter asked for; of a
        vector or a matrix (num_samples, *batch, *its own shape).

    Raises:
        UsageError: unknown family, parameter or rule, missing parameter, shapes that do not broadcast, or no rule
            admits f.
    """
    backend = _backend_of(rng)
    if isinstance(family, str) and is_vector_law(family):
        return _vector_gradient(family, f, params, num_samples, rng, rule, backend)
    law = get_family(family) if isinstance(family, str) else family
    _check_names(law, params)
    arrays, dtype = _arrays(backend, params)
    function = function_on(f, backend)
    chosen = _chosen_rules(law, function, rule, backend.math, arrays, force)
    streams = backend.split(rng, len(chosen))
    return {
        name: contributions(one, backend, arrays, function, num_samples, stream, dtype)
        for (name, one), stream in zip(chosen.items(), streams, strict=True)
    }


def _vector_gradient(
    family: str,
    f: Any,
    params: Mapping[str, Any],
    num_samples: int,
    rng: Any,
    rule: str | Mapping[str, str] | None,
    backend: Backend,
) -> dict[str, Array]:
    law = law_of_shape(family, params)
    _, dtype = _arrays(backend, {name: value for name, value in params.items() if name != "total_count"})
    c = context(backend, law, params, dtype)
    function = vector_function_on(f, law, backend)
    chosen = chosen_vector_rules(law, getattr(function, "integrand", None), rule)
    leading = (num_samples, *batch_of(law, params))
    streams = backend.split(rng, len(chosen))
    return {
        name: vector_contributions(one, backend, c, function, leading, stream, dtype)
        for (name, one), stream in zip(chosen.items(), streams, strict=True)
    }


def _backend_of(rng: Any) -> Backend:
    """The back end whose random source `rng` is, without importing the others."""
    if isinstance(rng, np.random.Generator):
        return get_backend("numpy")
    module = type(rng).__module__.partition(".")[0]
    if module == "torch":
        return get_backend("torch")
    if module in ("jax", "jaxlib"):
        return get_backend("jax")
    raise UsageError(f"rng={rng!r} is no numpy.random.Generator, torch.Generator or JAX key")


def _check_names(law: Family, params: Mapping[str, Any]) -> None:
    for name in {*params, *law.names}:
        if name not in law.names or name not in params:
            raise UsageError(f"{law.name} takes {', '.join(law.names)}, not {', '.join(params) or 'nothing'}")


def _arrays(backend: Backend, params: Mapping[str, Any]) -> tuple[dict[str, Array], str]:
    """The parameters as arrays of one dtype: that of the first array among them, else the library's default."""
    dtypes = [backend.dtype_of(value) for value in params.values() if hasattr(value, "dtype")]
    default = "float64" if backend.name == "numpy" else "float32"
    dtype = next((name for name in dtypes if name.startswith("float")), default)
    return {
        name: value if hasattr(value, "dtype") and backend.dtype_of(value) == dtype else backend.array(value, dtype)
        for name, value in params.items()
    }, dtype


def _chosen_rules(
    law: Family,
    function: Any,
    rule: str | Mapping[str, str] | None,
    m: Any,
    parameters: Mapping[str, Array],
    force: bool = False,
) -> dict[str, Rule]:
    if isinstance(rule, str):
        rule = {_rule_called(law, rule).parameter: rule}
    if rule is not None:
        chosen = {name: _rule_called(law, id) for name, id in rule.items()}
        for name, one in chosen.items():
            if (one.family, one.parameter) != (law.name, name):
                raise UsageError(f"rule {one.id} is for {one.family} {one.parameter}, not for {law.name} {name}")
            outside = None if force else one.outside_disc(m, parameters, getattr(function, "integrand", None))
            if outside is not None:
                raise UsageError(outside)
        return chosen
    # a plain function is taken to be continuous with a derivative almost everywhere (class F1)
    f: Integrand = function.integrand if isinstance(function, ExpressionFunction) else integrand("Max(z, 0)")
    chosen = {}
    for name in law.continuous_names:
        usable = (one for one in recommended_rules(law, name, f) if one.holds_on(m, parameters))
        best = next(usable, None)
        if best is None:
            raise UsageError(
                f"no rule for {law.name} {name} is known to have finite variance for this f at these parameters: "
                "name one by rule="
            )
        chosen[name] = best
    return chosen


def _rule_called(law: Family, id: str) -> Rule:
    """A rule of this law, or of any law that needs no shape."""
    return get_rule(id, law if law.shape else None)


__all__ = ["expectation", "gradient"]
