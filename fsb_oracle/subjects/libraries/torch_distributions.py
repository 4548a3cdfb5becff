"""torch.distributions: which class says which of our laws, and which classes are not verified by name, with reasons."""

from __future__ import annotations

from fsb_oracle.subjects.libraries.entry import LOGIT, POINTS, Entry, Of, same

MODULE = "torch.distributions"

_NOISE = 0.0625  # the diagonal part of a low-rank covariance

# of the law's triangular root L: the factor is the root of L L' less the diagonal part, and the rest is differentiated
_LOW_RANK = {
    "loc": "loc",
    "cov_factor": Of(
        ("scale_tril",),
        lambda c: c.math.cholesky(c.scale_tril @ c.scale_tril.mT - _NOISE * c.math.identity(c.loc.shape[-1], c.loc)),
    ),
    "cov_diag": Of((), lambda c: _NOISE + 0 * c.loc),
}

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Bernoulli": (same("bernoulli", "probs"), Entry("bernoulli", {"logits": LOGIT}, variant="logits")),
    "Beta": (same("beta", "concentration1", "concentration0"),),  # Torch's implicit derivative is a function of z alone
    "Binomial": (
        same("binomial", "total_count", "probs"),
        Entry("binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "Categorical": (same("categorical", "logits", points=POINTS["categorical"]),),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Chi2": (same("chi2", "df"),),
    "ContinuousBernoulli": (
        same("continuous_bernoulli", "probs"),
        Entry("continuous_bernoulli", {"logits": LOGIT}, variant="logits"),
    ),
    "Dirichlet": (same("dirichlet", "concentration", points=POINTS["dirichlet"]),),
    "Exponential": (same("exponential", "rate"),),
    "FisherSnedecor": (same("fisher_snedecor", "df1", "df2", one_noise=False),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "GeneralizedPareto": (same("generalized_pareto", "loc", "scale", "concentration"),),
    "Geometric": (same("geometric", "probs"), Entry("geometric", {"logits": LOGIT}, variant="logits")),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "HalfCauchy": (same("half_cauchy", "scale"),),
    "HalfNormal": (same("half_normal", "scale"),),
    "InverseGamma": (same("inverse_gamma", "concentration", "rate"),),
    "Kumaraswamy": (same("kumaraswamy", "concentration1", "concentration0"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "LowRankMultivariateNormal": (Entry("multivariate_normal", _LOW_RANK, points=POINTS["scale_tril"][:1]),),
    "Multinomial": (same("multinomial", "logits", constants={"total_count": 5}, points=POINTS["multinomial"]),),
    "MultivariateNormal": (
        same(
            "multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"], variant="covariance"
        ),
        same("multivariate_normal", "loc", "scale_tril", points=POINTS["scale_tril"], variant="scale_tril"),
    ),
    "NegativeBinomial": (
        same("negative_binomial", "total_count", "probs"),
        Entry(
            "negative_binomial",
            {"total_count": "total_count", "logits": LOGIT},
            variant="logits",
        ),
    ),
    "Normal": (same("normal", "loc", "scale"),),
    "OneHotCategorical": (same("categorical", "logits", points=POINTS["categorical"], event="one_hot"),),
    "Pareto": (same("pareto", "scale", "alpha"),),
    "Poisson": (same("poisson", "rate"),),
    "RelaxedBernoulli": (
        same("relaxed_bernoulli", "temperature", "probs"),
        Entry("relaxed_bernoulli", {"temperature": "temperature", "logits": LOGIT}, variant="logits"),
    ),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
    "Wishart": (same("wishart", "df", "covariance_matrix", points=POINTS["wishart"]),),
}

_WRAPPER = "a wrapper around other distributions: no law of its own"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("Distribution", "ExponentialFamily", "Independent", "MixtureSameFamily", "TransformedDistribution"), _WRAPPER
    ),
    "LKJCholesky": "the LKJ law is not among ours",
    "LogisticNormal": "the logistic-normal law on the simplex is not among ours",
    "OneHotCategoricalStraightThrough": "biased by design: verify it as an estimator that declares its bias",
    "RelaxedOneHotCategorical": "the relaxed categorical law is not among ours",
}
