"""distrax: which class says which of our laws, and which classes are not verified by name, with reasons."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import LOGIT, POINTS, Entry, same
from fsb_oracle.subjects.libraries.events import ONE_HOT
from fsb_oracle.subjects.libraries.jax_law import Style

MODULE = "distrax"


def _statistic(law: Any, name: str, argument: Any) -> Any:
    found = getattr(law, name)
    return found() if argument is None else found(argument)


STYLE = Style(
    sample=lambda law, key, shape: law.sample(seed=key, sample_shape=shape),
    statistic=_statistic,
    differentiable=lambda cls, law: True,
)

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Bernoulli": (same("bernoulli", "probs"), Entry("bernoulli", {"logits": LOGIT}, variant="logits")),
    "Beta": (Entry("beta", {"alpha": "concentration1", "beta": "concentration0"}, one_noise=False),),
    "Categorical": (same("categorical", "logits", points=POINTS["categorical"]),),
    "Dirichlet": (same("dirichlet", "concentration", points=POINTS["dirichlet"]),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogStddevNormal": (Entry("normal", {"loc": "loc", "log_scale": "log(scale)"}),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "Multinomial": (
        same("multinomial", "logits", constants={"total_count": 5}, points=POINTS["multinomial"], offers=("log_prob",)),
    ),
    "MultivariateNormalFullCovariance": (
        same("multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"]),
    ),
    "MultivariateNormalTri": (
        Entry("multivariate_normal", {"loc": "loc", "scale_tri": "scale_tril"}, points=POINTS["scale_tril"]),
    ),
    "Normal": (same("normal", "loc", "scale"),),
    "OneHotCategorical": (same("categorical", "logits", points=POINTS["categorical"], event=ONE_HOT),),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
}

_WRAPPER = "a wrapper around other distributions: no law of its own"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("Deterministic", "Independent", "Joint", "MixtureOfTwo", "MixtureSameFamily", "Quantized", "Transformed",
         "HMM"),
        _WRAPPER,
    ),
    **dict.fromkeys(("Clipped", "ClippedLogistic", "ClippedNormal"), "a clipped law has no density"),
    **dict.fromkeys(
        ("CategoricalUniform", "EpsilonGreedy", "Greedy", "Softmax"), "a policy over actions: its law is not among ours"
    ),
    **dict.fromkeys(
        ("MultivariateNormalDiag", "MultivariateNormalDiagPlusLowRank", "MultivariateNormalFromBijector"),
        "a parameterisation by a diagonal or an operator that is not mapped yet",
    ),
}  # fmt: skip
