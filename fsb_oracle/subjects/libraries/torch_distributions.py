"""torch.distributions: which class says which of our laws, and which classes are not verified by name, with reasons."""

from __future__ import annotations

from fsb_oracle.subjects.libraries.entry import Entry, same

MODULE = "torch.distributions"

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Bernoulli": (same("bernoulli", "probs"), Entry("bernoulli", {"logits": "log(probs/(1 - probs))"}, variant="logits")),
    "Beta": (same("beta", "concentration1", "concentration0", one_noise=False),),
    "Binomial": (
        same("binomial", "total_count", "probs"),
        Entry(
            "binomial", {"total_count": "total_count", "logits": "log(probs/(1 - probs))"}, variant="logits"
        ),
    ),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Chi2": (same("chi2", "df"),),
    "Exponential": (same("exponential", "rate"),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "Geometric": (same("geometric", "probs"), Entry("geometric", {"logits": "log(probs/(1 - probs))"}, variant="logits")),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "HalfNormal": (same("half_normal", "scale"),),
    "InverseGamma": (same("inverse_gamma", "concentration", "rate"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "NegativeBinomial": (
        same("negative_binomial", "total_count", "probs"),
        Entry(
            "negative_binomial",
            {"total_count": "total_count", "logits": "log(probs/(1 - probs))"},
            variant="logits",
        ),
    ),
    "Normal": (same("normal", "loc", "scale"),),
    "Pareto": (same("pareto", "scale", "alpha"),),
    "Poisson": (same("poisson", "rate"),),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
}

UNMAPPED: dict[str, str] = {}
