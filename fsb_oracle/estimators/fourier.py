"""The public face of the estimators: `fourier.gradient` and `fourier.expectation` on NumPy, Torch and JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsb_oracle.backends import Array, Backend
from fsb_oracle.estimators.expectation import expectation
from fsb_oracle.estimators.function import function_on, vector_function_on
from fsb_oracle.estimators.lowering import contributions
from fsb_oracle.estimators.request import backend_of, check_names, chosen_rules, numeric_arrays
from fsb_oracle.estimators.vectors import (
    batch_of,
    chosen_vector_rules,
    context,
    is_vector_law,
    law_of_shape,
    vector_contributions,
)
from fsb_oracle.families import Family, get_family


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
    backend = backend_of(rng)
    if isinstance(family, str) and is_vector_law(family):
        return _vector_gradient(family, f, params, num_samples, rng, rule, backend)
    law = get_family(family) if isinstance(family, str) else family
    check_names(law, params)
    arrays, dtype = numeric_arrays(backend, params)
    function = function_on(f, backend)
    chosen = chosen_rules(law, function, rule, backend.math, arrays, force)
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
    _, dtype = numeric_arrays(backend, {name: value for name, value in params.items() if name != "total_count"})
    c = context(backend, law, params, dtype)
    function = vector_function_on(f, law, backend)
    chosen = chosen_vector_rules(law, getattr(function, "integrand", None), rule)
    leading = (num_samples, *batch_of(law, params))
    streams = backend.split(rng, len(chosen))
    return {
        name: vector_contributions(one, backend, c, function, leading, stream, dtype)
        for (name, one), stream in zip(chosen.items(), streams, strict=True)
    }


__all__ = ["expectation", "gradient"]
