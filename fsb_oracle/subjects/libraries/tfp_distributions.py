"""tensorflow_probability.substrates.jax.distributions: which class says which of our laws; what is not verified, and
why."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import LOGIT, POINTS, Entry, same
from fsb_oracle.subjects.libraries.jax_law import Style

MODULE = "tensorflow_probability.substrates.jax.distributions"
_NAMES = {"icdf": "quantile"}


def _statistic(law: Any, name: str, argument: Any) -> Any:
    found = getattr(law, _NAMES.get(name, name))
    return found() if argument is None else found(argument)


STYLE = Style(
    sample=lambda law, key, shape: law.sample(shape, seed=key),
    statistic=_statistic,
    differentiable=lambda cls, law: repr(law.reparameterization_type).endswith("FULLY_REPARAMETERIZED>"),
    whole_samples=False,
)

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Bernoulli": (same("bernoulli", "probs"), Entry("bernoulli", {"logits": LOGIT}, variant="logits")),
    "Beta": (same("beta", "concentration1", "concentration0", one_noise=False),),
    "Binomial": (
        same("binomial", "total_count", "probs"),
        Entry("binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "Categorical": (same("categorical", "logits", points=POINTS["categorical"]),),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Chi": (same("chi", "df"),),
    "Chi2": (same("chi2", "df"),),
    "ContinuousBernoulli": (
        same("continuous_bernoulli", "probs"),
        Entry("continuous_bernoulli", {"logits": LOGIT}, variant="logits"),
    ),
    "Dirichlet": (same("dirichlet", "concentration", points=POINTS["dirichlet"]),),
    "Exponential": (same("exponential", "rate"),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "GeneralizedPareto": (same("generalized_pareto", "loc", "scale", "concentration"),),
    "Geometric": (same("geometric", "probs"), Entry("geometric", {"logits": LOGIT}, variant="logits")),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "HalfCauchy": (same("half_cauchy", "scale", constants={"loc": 0.0}),),
    "HalfNormal": (same("half_normal", "scale"),),
    "InverseGamma": (Entry("inverse_gamma", {"concentration": "concentration", "scale": "rate"}),),
    "InverseGaussian": (same("inverse_gaussian", "loc", "concentration", one_noise=False),),
    "Kumaraswamy": (same("kumaraswamy", "concentration1", "concentration0"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogLogistic": (Entry("log_logistic", {"loc": "log(scale)", "scale": "1/concentration"}),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "Multinomial": (same("multinomial", "logits", constants={"total_count": 5}, points=POINTS["multinomial"]),),
    "MultivariateNormalFullCovariance": (
        same("multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"]),
    ),
    "MultivariateNormalTriL": (same("multivariate_normal", "loc", "scale_tril", points=POINTS["scale_tril"]),),
    "NegativeBinomial": (
        same("negative_binomial", "total_count", "probs"),
        Entry("negative_binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "NoncentralChi2": (same("noncentral_chi2", "df", "noncentrality", one_noise=False),),
    "Normal": (same("normal", "loc", "scale"),),
    "NormalInverseGaussian": (
        same("normal_inverse_gaussian", "loc", "scale", "tailweight", "skewness", one_noise=False),
    ),
    "Pareto": (Entry("pareto", {"concentration": "alpha", "scale": "scale"}),),
    "Poisson": (same("poisson", "rate"),),
    "RelaxedBernoulli": (
        same("relaxed_bernoulli", "temperature", "probs"),
        Entry("relaxed_bernoulli", {"temperature": "temperature", "logits": LOGIT}, variant="logits"),
    ),
    "Skellam": (same("skellam", "rate1", "rate2"),),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "TruncatedNormal": (same("truncated_normal", "loc", "scale", "low", "high"),),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
}

_MISSING = "its law is not among ours"
_WRAPPER = "a wrapper around other distributions: no law of its own"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("CholeskyLKJ", "LKJ", "LogitNormal", "RelaxedOneHotCategorical"),
        "its law is among ours, but the class is not mapped yet",
    ),
    **dict.fromkeys(
        ("AutoCompositeTensorDistribution", "Autoregressive", "BatchBroadcast", "BatchConcat", "BatchReshape",
         "Blockwise", "Deterministic", "Distribution", "Empirical", "FiniteDiscrete", "GaussianProcess",
         "GaussianProcessRegressionModel", "HiddenMarkovModel", "Independent", "Inflated", "JointDistribution",
         "JointDistributionCoroutine", "JointDistributionCoroutineAutoBatched", "JointDistributionNamed",
         "JointDistributionNamedAutoBatched", "JointDistributionSequential", "JointDistributionSequentialAutoBatched",
         "LinearGaussianStateSpaceModel", "MarkovChain", "Masked", "Mixture", "MixtureSameFamily",
         "QuantizedDistribution", "Sample", "StudentTProcess", "StudentTProcessRegressionModel",
         "TransformedDistribution", "VariationalGaussianProcess", "VectorDeterministic"),
        _WRAPPER,
    ),
    **dict.fromkeys(
        ("Bates", "BetaBinomial", "BetaQuotient", "DeterminantalPointProcess", "DirichletMultinomial",
         "DoublesidedMaxwell", "ExpGamma", "ExpInverseGamma", "ExpRelaxedOneHotCategorical",
         "ExponentiallyModifiedGaussian", "FlatDirichlet", "GammaGamma", "GeneralizedExtremeValue",
         "GeneralizedNormal", "HalfStudentT", "Horseshoe", "JohnsonSU", 
         "LambertWDistribution", "LambertWNormal", "MatrixNormalLinearOperator",
         "MatrixTLinearOperator", "Moyal", "OrderedLogistic", "PERT", "PlackettLuce",
         "PoissonLogNormalQuadratureCompound", "PowerSpherical", "ProbitBernoulli",
         "SigmoidBeta", "SinhArcsinh", "SphericalUniform", "StoppingRatioLogistic", "Triangular", "TruncatedCauchy",
         "TwoPieceNormal", "TwoPieceStudentT", "VonMisesFisher", "ZeroInflatedNegativeBinomial", "Zipf"),
        _MISSING,
    ),
    **dict.fromkeys(
        ("MultivariateNormalDiag", "MultivariateNormalDiagPlusLowRank", "MultivariateNormalDiagPlusLowRankCovariance",
         "MultivariateNormalLinearOperator", "MultivariateStudentTLinearOperator", "OneHotCategorical",
         "WishartLinearOperator", "WishartTriL"),
        "the law in a parameterisation by operators, or with samples in another form, that is not mapped yet",
    ),
}  # fmt: skip
