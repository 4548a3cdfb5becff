"""jax.random: samplers, most of a standard law, whose samples JAX differentiates in their shape parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsb_oracle.subjects.libraries.entry import POINTS, Entry
from fsb_oracle.subjects.libraries.jax_law import Style

MODULE = "jax.random"


_EVENT_AXES = {"alpha": 1, "mean": 1, "cov": 2}  # of the arguments of samplers of vectors


class _Sampler:
    """A function `sampler(key, *parameters, shape)` as a distribution."""

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self._function, self._arguments = function, arguments
        joint = function.__name__ in ("dirichlet", "multivariate_normal")
        self._axes = {name: _EVENT_AXES[name] if joint else 0 for name in arguments}

    def sample(self, key: Any, shape: tuple[int, ...]) -> Any:
        import jax.numpy as jnp

        values = list(self._arguments.values())
        shapes = [jnp.shape(value)[: jnp.ndim(value) - self._axes[name]] for name, value in self._arguments.items()]
        batch = jnp.broadcast_shapes(*shapes)
        dtype = jnp.result_type(*values)
        return self._function(key, **self._arguments, shape=(*shape, *batch), dtype=dtype)


def build(function: Callable[..., Any]) -> Callable[..., _Sampler]:
    """A class, so to speak, from a sampler."""
    return lambda **arguments: _Sampler(function, arguments)


def _no_statistic(law: Any, name: str, argument: Any) -> Any:
    raise NotImplementedError


STYLE = Style(
    sample=lambda law, key, shape: law.sample(key, shape),
    statistic=_no_statistic,
    differentiable=lambda cls, law: True,
)

_ONLY = ("rsample",)

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "gamma": (Entry("gamma", {"a": "concentration"}, fixed={"rate": "1"}, offers=_ONLY),),
    "beta": (Entry("beta", {"a": "concentration1", "b": "concentration0"}, one_noise=False, offers=_ONLY),),
    "pareto": (Entry("pareto", {"b": "alpha"}, fixed={"scale": "1"}, offers=_ONLY),),
    "t": (Entry("student_t", {"df": "df"}, fixed={"loc": "0", "scale": "1"}, one_noise=False, offers=_ONLY),),
    "chisquare": (Entry("chi2", {"df": "df"}, offers=_ONLY),),
    "weibull_min": (Entry("weibull", {"scale": "scale", "concentration": "concentration"}, offers=_ONLY),),
    "rayleigh": (Entry("rayleigh", {"scale": "scale"}, offers=_ONLY),),
    "wald": (Entry("inverse_gaussian", {"mean": "loc"}, fixed={"concentration": "1"}, one_noise=False, offers=_ONLY),),
    "f": (Entry("fisher_snedecor", {"dfnum": "df1", "dfden": "df2"}, one_noise=False, offers=_ONLY),),
    "lognormal": (Entry("lognormal", {"sigma": "scale"}, fixed={"loc": "0"}, offers=_ONLY),),
    "truncated_normal": (
        Entry("truncated_normal", {"lower": "low", "upper": "high"}, fixed={"loc": "0", "scale": "1"}, offers=_ONLY),
    ),
    "dirichlet": (Entry("dirichlet", {"alpha": "concentration"}, points=POINTS["dirichlet"], offers=_ONLY),),
    "multivariate_normal": (
        Entry(
            "multivariate_normal",
            {"mean": "loc", "cov": "covariance_matrix"},
            points=POINTS["covariance_matrix"],
            offers=_ONLY,
        ),
    ),
    "uniform": (Entry("uniform", {"minval": "low", "maxval": "high"}, offers=_ONLY),),
}

_STANDARD = "it has no parameter to differentiate in"
_WHOLE = "its samples are whole numbers and it has no log-density: there is nothing to differentiate"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("normal", "cauchy", "exponential", "gumbel", "laplace", "logistic", "maxwell",
         "rademacher", "bits", "randint", "ball", "orthogonal", "permutation", "choice"),
        _STANDARD,
    ),
    **dict.fromkeys(("bernoulli", "binomial", "categorical", "geometric", "multinomial", "poisson"), _WHOLE),
    "loggamma": "the law of log Gamma is not among ours yet",
    "generalized_normal": "the generalised normal law is not among ours yet",
    "double_sided_maxwell": "the two-sided Maxwell law is not among ours yet",
    "triangular": "the triangular law is not among ours yet",
}  # fmt: skip
