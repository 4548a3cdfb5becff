"""flowjax.distributions: which class says which of our laws, and which classes are not verified by name, with
reasons."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import Entry, same
from fsb_oracle.subjects.libraries.jax_law import Style

MODULE = "flowjax.distributions"


def _statistic(law: Any, name: str, argument: Any) -> Any:
    raise NotImplementedError  # a flow has none


STYLE = Style(
    sample=lambda law, key, shape: law.sample(key, shape),
    statistic=_statistic,
    differentiable=lambda cls, law: True,
    batched=False,
)

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Beta": (Entry("beta", {"alpha": "concentration1", "beta": "concentration0"}, one_noise=False),),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Exponential": (same("exponential", "rate"),),
    "Gamma": (Entry("gamma", {"concentration": "concentration", "scale": "1/rate"}),),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "Normal": (same("normal", "loc", "scale"),),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
}

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(("Transformed", "VmapMixture"), "a wrapper around other distributions: no law of its own"),
    "MultivariateNormal": "its constructor factorises the covariance outside of differentiation: not mapped yet",
    "Uniform": "its bounds are frozen by design (non_trainable): it claims no gradient",
    "StandardNormal": "it has no parameter to differentiate in",
}
