"""optax.monte_carlo: its estimators over the normal law, the one that they all support; what is not verified by name,
and why.

The functions take vectors of means and of log standard deviations. With one dimension, both parameters of the normal
law are verified; with two, the means, over functions of both variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fsb_oracle.subjects.declaration import Declaration, estimator

MODULE = "optax.monte_carlo"
ONE = {"loc": "0.3", "scale": "1.2"}
TWO = {"loc": "[0.1, -0.2]", "scale_tril": "[[0.8, 0], [0, 1.4]]"}

Call = Callable[..., Any]


@lru_cache(maxsize=256)
def _means(call: Call, f: Any, num_samples: int) -> Call:
    """(loc, scale, key) -> the mean of one call's draws of d/d loc and d/d scale, shape (d,) each, compiled once; the
    library differentiates in log scale."""
    import jax
    import jax.numpy as jnp
    from optax import monte_carlo, multi_normal

    def means(loc: Any, scale: Any, key: Any) -> tuple[Any, Any]:
        g = f if f.several else lambda x: f(x[0])
        location, log_scale = call(monte_carlo, g, [loc, jnp.log(scale)], multi_normal, key, num_samples)
        return location.mean(0), log_scale.mean(0) / scale

    return jax.jit(means)


def _declared(law: str, claimed: list[str], point: Mapping[str, str], requires: Any) -> Callable[..., Declaration]:
    """The unit is a call of two draws: a sum over them for a mean, or a baseline that holds its own draw, shows."""
    return estimator(
        family=law, parameters=claimed, backend="jax", points=[point], requires=requires, unit="call",
        samples_per_call=2,
    )  # fmt: skip


def _entry(call: Call, variant: str, requires: str) -> Declaration:
    """Both parameters of a normal law of one variable; `call(module, f, parameters, law, key, n)`."""

    def function(params: Mapping[str, Any], f: Any, num_samples: int, rng: Any) -> dict[str, Any]:
        loc, scale = params["loc"].reshape(1), params["scale"].reshape(1)
        found = _means(call, f, num_samples)(loc, scale, rng)
        return {name: mean[0] for name, mean in zip(("loc", "scale"), found, strict=True)}

    function.__name__ = variant
    return _declared("normal", ["loc", "scale"], ONE, requires)(function)


def _pair(call: Call, requires: str) -> Declaration:
    """The means of two independent normal variables."""

    def function(params: Mapping[str, Any], f: Any, num_samples: int, rng: Any) -> dict[str, Any]:
        import jax.numpy as jnp

        return {"loc": _means(call, f, num_samples)(params["loc"], jnp.diagonal(params["scale_tril"]), rng)[0]}

    function.__name__ = ""
    return _declared("multivariate_normal", ["loc"], TWO, requires)(function)


def _score(m: Any, *arguments: Any) -> Any:
    return m.score_function_jacobians(*arguments)


def _pathwise(m: Any, *arguments: Any) -> Any:
    return m.pathwise_jacobians(*arguments)


def _coupled(m: Any, *arguments: Any) -> Any:
    return m.measure_valued_jacobians(*arguments)


def _uncoupled(m: Any, *arguments: Any) -> Any:
    return m.measure_valued_jacobians(*arguments, coupling=False)


def _delta(method: str, coefficients: bool = False) -> Call:
    """The control variate of the delta method, with coefficient 1 or an estimated one."""

    def call(m: Any, f: Any, *arguments: Any) -> Any:
        chosen = getattr(m, method)
        return m.control_variates_jacobians(
            f, m.control_delta_method, chosen, *arguments, estimate_cv_coeffs=coefficients
        )[0]

    return call


def _moving_average(m: Any, f: Any, *arguments: Any) -> Any:
    return m.control_variates_jacobians(
        f, m.moving_avg_baseline, m.score_function_jacobians, *arguments, control_variate_state=(0.0, 0)
    )[0]


ENTRIES: dict[str, tuple[Declaration, ...]] = {
    "control_variates_jacobians": (
        _entry(_delta("score_function_jacobians"), "delta method, score", "F2"),
        _entry(_delta("pathwise_jacobians"), "delta method, pathwise", "F2"),
        _entry(_delta("measure_valued_jacobians"), "delta method, measure valued", "F2"),
        _entry(_delta("score_function_jacobians", coefficients=True), "delta method, score, estimated", "F2"),
        _entry(_moving_average, "moving average, score", "F0"),
    ),
    "measure_valued_jacobians": (
        _entry(_coupled, "", "F0"),
        _entry(_uncoupled, "uncoupled", "F0"),
        _pair(_coupled, "F0"),
    ),
    "pathwise_jacobians": (_entry(_pathwise, "", "F1"), _pair(_pathwise, "F1")),
    "score_function_jacobians": (_entry(_score, "", "F0"), _pair(_score, "F0")),
}

UNMAPPED: dict[str, str] = dict.fromkeys(
    ("control_delta_method", "moving_avg_baseline"), "a control variate: verified through control_variates_jacobians"
)
