"""`fourier.expectation`: the mean of f, whose derivatives in the law's parameters come from Fourier rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from fsb_oracle.backends import Array, Backend, Shape, Stream
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.errors import UsageError
from fsb_oracle.estimators.function import function_on, vector_function_on
from fsb_oracle.estimators.lowering import batch_shape, contributions
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
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import get_rule, recommended_rules
from fsb_oracle.rules.vector import class_of, get_vector_rule, recommended_vector_rule


def expectation(
    family: str | Family,
    f: Any,
    params: Mapping[str, Any],
    num_samples: int,
    rng: Any,
    rule: str | Mapping[str, str] | None = None,
) -> Array:
    """The Monte Carlo mean of f(z), differentiable in the parameters of z's law: a stochastic layer.

    Under Torch `backward()`, under JAX `jax.grad` (or `jax.jvp`) give each parameter its Fourier-rule gradient, with
    everything upstream: a network that produces the parameters learns through it. What f itself contains, such as a
    network's weights, gets its ordinary gradient at the samples. Works inside `torch.compile` (as a graph break),
    `torch.func.grad` and `vmap` (randomness="different"), `jax.jit`, `grad` and `vmap`. NumPy returns the mean alone,
    for it does not differentiate: `fourier.gradient` has the gradients.

    First derivatives only: a second derivative in the parameters, or in one and something else, raises UsageError.

    Cost: num_samples draws of z and evaluations of f for the value; for each parameter whose derivative may be asked
    for, num_samples draws of z and of the rule's noise and the rule's evaluations (`fsb-oracle explain`), independent
    of those for the value. A parameter that does not require grad (under JAX: is not traced) costs nothing.

    Args:
        family: a law's name, such as "gamma" or "multivariate_normal"; or a law itself.
        f: an expression such as "sin(3*z)", or a function of arrays that acts on each sample alone: z has the shape
            (num_samples, *batch), with one more axis for vectors, and f(z) must have (num_samples, *batch).
        params: every parameter of the law; scalars or arrays that broadcast. Vectors and matrices lie along the last
            axes. Python numbers are float64 under NumPy and the default float type under Torch and JAX.
        num_samples: samples for the value, and contributions for each gradient.
        rng: `numpy.random.Generator`, `torch.Generator` or a JAX key; it decides the back end.
        rule: a rule id, for the parameter that it serves; or a map from parameters to rule ids. Other parameters have
            their recommended rule.

    Returns:
        array of the broadcast shape of the parameters (for vectors and matrices: without their own axes).

    Raises:
        UsageError: unknown family, parameter or rule, missing parameter, shapes that do not broadcast, a law that
            cannot be sampled, or f(z) of the wrong shape. When a derivative is asked for: there is none in that
            parameter, or no rule admits f.
    """
    return backend_of(rng).uncompiled(_expectation)(family, f, params, num_samples, rng, rule)


@dataclass(frozen=True)
class _Layer:
    """A law at its parameters with f, on a back end.

    Attributes:
        parameters: by name, through which derivatives flow.
        shape: (num_samples, *batch).
        values: f at samples drawn from a stream.
        rule: the rule of a parameter; raises UsageError if there is none.
        contributions: (rule, stream) -> one-sample contributions, shape (num_samples, *batch, *parameter's own).
    """

    parameters: Mapping[str, Array]
    shape: Shape
    values: Callable[[Stream], Array]
    rule: Callable[[str], Any]
    contributions: Callable[[Any, Stream], Array]


def _expectation(family: str | Family, f: Any, params: Mapping[str, Any], num_samples: int, rng: Any, rule: Any) -> Any:
    backend = backend_of(rng)
    kind = _vector_layer if isinstance(family, str) and is_vector_law(family) else _scalar_layer
    layer = kind(family, f, params, num_samples, backend, rule)
    # as many streams whatever is differentiated, so that the value does not depend on it
    own, *streams = backend.split(rng, 1 + len(layer.parameters))
    values = layer.values(own)
    if tuple(np.shape(values)) != layer.shape:
        raise UsageError(f"f must return the shape {layer.shape} for these samples, not {tuple(np.shape(values))}")
    parameters, gradients, reasons = [], [], []
    for (name, parameter), stream in zip(layer.parameters.items(), streams, strict=True):
        if not backend.differentiates(parameter):
            continue
        gradient, reason = None, None
        try:
            chosen = layer.rule(name)
        except UsageError as error:  # concerns only those who want this derivative
            reason = str(error)
        else:
            gradient = layer.contributions(chosen, stream).mean(0)
        parameters.append(parameter)
        gradients.append(gradient)
        reasons.append(reason)
    return backend.attach(values.mean(0), parameters, gradients, tuple(reasons))


def _scalar_layer(family: Any, f: Any, params: Mapping[str, Any], num_samples: int, backend: Backend, rule: Any) -> Any:
    law = get_family(family) if isinstance(family, str) else family
    check_names(law, params)
    if law.recipe.expression is sympy.nan:
        raise UsageError(f"{law.name} cannot be sampled, so that there is no mean of f to return")
    arrays, dtype = numeric_arrays(backend, params)
    fixed = {name: backend.constant(array) for name, array in arrays.items()}
    function = function_on(f, backend)
    given = {get_rule(rule).parameter: rule} if isinstance(rule, str) else rule
    given = {} if given is None else chosen_rules(law, function, given, backend.math, fixed)
    shape = (num_samples, *batch_shape(arrays))

    def rule_of(name: str) -> Any:
        if name not in law.continuous_names:
            raise UsageError(f"{law.name} {name} is a count: there is no gradient in it")
        # a plain function is taken to be continuous with a derivative almost everywhere (class F1)
        f = getattr(function, "integrand", integrand("Max(z, 0)"))
        usable = (one for one in recommended_rules(law, name, f) if one.holds_on(backend.math, fixed))
        best = given.get(name) or next(usable, None)
        if best is None:
            raise UsageError(f"no rule for {law.name} {name} has finite variance for this f: name one by rule=")
        return best

    return _Layer(
        parameters={name: arrays[name] for name in law.names},
        shape=shape,
        values=lambda stream: function(_samples(law, backend, fixed, shape, stream, dtype)),
        rule=rule_of,
        contributions=lambda one, stream: contributions(one, backend, fixed, function, num_samples, stream, dtype),
    )


def _samples(
    law: Family, backend: Backend, parameters: Mapping[str, Array], shape: Shape, stream: Stream, dtype: str
) -> Array:
    """Independent z by the law's recipe."""
    m = backend.math
    letters = {**parameters, **{name: evaluate(letter, m, dict(parameters)) for name, letter in law.catalogue.items()}}
    declared = law.recipe.noise
    drawn = backend.draw_each([(one.at(m, letters), shape) for one in declared.values()], stream, dtype)
    noise = dict(zip(declared, drawn, strict=True))
    z = evaluate(law.recipe.expression, m, {**parameters, **noise})
    return z if tuple(np.shape(z)) == shape else z + backend.array(np.zeros(shape), dtype)  # the point mass


def _vector_layer(family: Any, f: Any, params: Mapping[str, Any], num_samples: int, backend: Backend, rule: Any) -> Any:
    law = law_of_shape(family, params)
    recipe = law.vector_recipe
    if recipe is None:
        raise UsageError(f"{law.name} cannot be sampled, so that there is no mean of f to return")
    continuous = {name.partition(".")[0] for name in law.continuous_names}
    arrays, dtype = numeric_arrays(backend, {name: value for name, value in params.items() if name in continuous})
    c = context(backend, law, {**params, **{name: backend.constant(array) for name, array in arrays.items()}}, dtype)
    function = vector_function_on(f, law, backend)
    expression = getattr(function, "integrand", None)
    given = {get_vector_rule(law, rule).parameter: rule} if isinstance(rule, str) else rule
    given = {} if given is None else chosen_vector_rules(law, expression, given)
    leading = (num_samples, *batch_of(law, params))

    def values(stream: Stream) -> Array:
        draws = recipe.noise(c)
        drawn = backend.draw_each([(one, (*leading, *copies)) for one, copies in draws.values()], stream, dtype)
        return function(recipe.sample(c, **dict(zip(draws, drawn, strict=True))))

    def rule_of(name: str) -> Any:
        smoothness = "F1" if expression is None else class_of(expression)
        best = given.get(name) or recommended_vector_rule(law, name, smoothness)
        if best is None:
            raise UsageError(f"no rule for {law.name} {name} is meant for this f: name one by rule=")
        return best

    return _Layer(
        parameters=arrays,
        shape=leading,
        values=values,
        rule=rule_of,
        contributions=lambda one, stream: vector_contributions(one, backend, c, function, leading, stream, dtype),
    )


__all__ = ["expectation"]
