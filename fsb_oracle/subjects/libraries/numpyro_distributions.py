"""numpyro.distributions: which class says which of our laws; what is not verified by name, and why."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import (
    DIAGONAL,
    LOGIT,
    LOW_RANK,
    LOW_RANK_DIAGONAL,
    MIXTURE,
    OF_CATEGORIES,
    POINTS,
    PROBABILITIES,
    TWO_VARIABLES,
    Entry,
    same,
)
from fsb_oracle.subjects.libraries.events import CORRELATION, CORRELATION_ROOT, TRIANGULAR_ROOT
from fsb_oracle.subjects.libraries.jax_law import Style

MODULE = "numpyro.distributions"


def _statistic(law: Any, name: str, argument: Any) -> Any:
    found = getattr(law, name)
    return found if argument is None else found(argument)


STYLE = Style(
    sample=lambda law, key, shape: law.sample(key, shape),
    statistic=_statistic,
    differentiable=lambda cls, law: bool(law.has_rsample),
    whole_counts=True,
)


def _independent(of: Any, loc: Any, scale: Any) -> Any:
    return of.Independent(of.Normal(loc, scale), 1)


def _mixture(of: Any, logits: Any, loc: Any, scale: Any) -> Any:
    return of.MixtureSameFamily(of.CategoricalLogits(logits), of.Normal(loc, scale))


def _mixture_of_list(of: Any, logits: Any, loc: Any, scale: Any) -> Any:
    parts = [of.Normal(loc[..., k], scale[..., k]) for k in range(logits.shape[-1])]
    return of.MixtureGeneral(of.CategoricalLogits(logits), parts)


def _folded(of: Any, scale: Any) -> Any:
    return of.FoldedDistribution(of.Normal(0 * scale, scale))


def _one_cutpoint(of: Any, predictor: Any) -> Any:
    return of.OrderedLogistic(predictor, 0 * predictor[..., None])


def _sigmoid(of: Any, loc: Any, scale: Any) -> Any:
    return of.TransformedDistribution(of.Normal(loc, scale), [of.transforms.SigmoidTransform()])


ENTRIES: dict[str, tuple[Entry, ...]] = {
    "AsymmetricLaplace": (
        Entry(
            "asymmetric_laplace",
            {"loc": "loc", "scale": "sqrt(scale1*scale0)", "asymmetry": "sqrt(scale0/scale1)"},
            one_noise=False,
        ),
    ),
    "AsymmetricLaplaceQuantile": (
        Entry(
            "asymmetric_laplace",
            {"loc": "loc", "scale": "scale1*scale0/(scale1 + scale0)", "quantile": "scale0/(scale1 + scale0)"},
            one_noise=False,
        ),
    ),
    "BernoulliProbs": (same("bernoulli", "probs"),),
    "BernoulliLogits": (Entry("bernoulli", {"logits": LOGIT}),),
    "Beta": (same("beta", "concentration1", "concentration0", one_noise=False),),
    "BetaBinomial": (
        same("beta_binomial", "total_count", "concentration1", "concentration0", points=POINTS["beta_binomial"]),
    ),
    "BetaProportion": (
        Entry(
            "beta",
            {
                "mean": "concentration1/(concentration1 + concentration0)",
                "concentration": "concentration1 + concentration0",
            },
            one_noise=False,
        ),
    ),
    "BinomialProbs": (same("binomial", "total_count", "probs"),),
    "BinomialLogits": (Entry("binomial", {"total_count": "total_count", "logits": LOGIT}),),
    "CategoricalLogits": (same("categorical", "logits", points=POINTS["categorical"]),),
    "CategoricalProbs": (Entry("categorical", {"probs": PROBABILITIES}, points=POINTS["categorical"]),),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Chi2": (same("chi2", "df"),),
    "Dagum": (
        Entry(
            "log_logistic",
            {"sharpness": "concentration", "scale": "scale"},
            constants={"concentration": 1.0},
            remark="where it is another law: at concentration 1",
        ),
    ),
    "Delta": (Entry("dirac", {"v": "loc"}, offers=("rsample",)),),
    "Dirichlet": (same("dirichlet", "concentration", points=POINTS["dirichlet"]),),
    "DirichletMultinomial": (
        same(
            "dirichlet_multinomial",
            "concentration",
            constants={"total_count": 5},
            points=POINTS["dirichlet_multinomial"],
        ),
    ),
    "DoublyTruncatedPowerLaw": (
        same("log_uniform", "low", "high", constants={"alpha": -1.0}, remark="where it is another law: at alpha -1"),
    ),
    "Exponential": (same("exponential", "rate"),),
    "FoldedDistribution": (same("half_normal", "scale", build=_folded, remark="of a normal law about 0"),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "GammaPoisson": (Entry("negative_binomial", {"concentration": "total_count", "rate": "(1 - probs)/probs"}),),
    "GeometricProbs": (same("geometric", "probs"),),
    "GeometricLogits": (Entry("geometric", {"logits": LOGIT}),),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "HalfCauchy": (same("half_cauchy", "scale"),),
    "HalfNormal": (same("half_normal", "scale"),),
    "Independent": (
        Entry("multivariate_normal", {"loc": "loc", "scale": DIAGONAL}, points=POINTS["diagonal"], build=_independent),
    ),
    "InverseGamma": (same("inverse_gamma", "concentration", "rate"),),
    "Kumaraswamy": (same("kumaraswamy", "concentration1", "concentration0"),),
    "LKJ": (
        same(
            "lkj", "concentration", constants={"dimension": 2}, event=CORRELATION, one_noise=False, remark=TWO_VARIABLES
        ),
    ),
    "LKJCholesky": (
        same(
            "lkj",
            "concentration",
            constants={"dimension": 2},
            event=CORRELATION_ROOT,
            one_noise=False,
            remark=TWO_VARIABLES,
        ),
    ),
    "Laplace": (same("laplace", "loc", "scale"),),
    "Levy": (same("levy", "loc", "scale"),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "LogUniform": (same("log_uniform", "low", "high"),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "LowerTruncatedPowerLaw": (Entry("pareto", {"alpha": "-1 - alpha", "low": "scale"}),),
    "LowRankMultivariateNormal": (
        Entry(
            "multivariate_normal",
            {"loc": "loc", "cov_factor": LOW_RANK, "cov_diag": LOW_RANK_DIAGONAL},
            points=POINTS["scale_tril"][:1],
        ),
    ),
    "MixtureGeneral": (
        Entry("mixture", MIXTURE, points=POINTS["mixture"], build=_mixture_of_list, remark="of normals"),
    ),
    "MixtureSameFamily": (Entry("mixture", MIXTURE, points=POINTS["mixture"], build=_mixture, remark="of normals"),),
    "MultinomialLogits": (same("multinomial", "logits", constants={"total_count": 5}, points=POINTS["multinomial"]),),
    "MultinomialProbs": (
        Entry("multinomial", {"probs": PROBABILITIES}, constants={"total_count": 5}, points=POINTS["multinomial"]),
    ),
    "MultivariateNormal": (
        same(
            "multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"], variant="covariance"
        ),
        same("multivariate_normal", "loc", "scale_tril", points=POINTS["scale_tril"], variant="scale_tril"),
    ),
    "MultivariateStudentT": (
        same("multivariate_student_t", "df", "loc", "scale_tril", points=POINTS["multivariate_student_t"]),
    ),
    "NegativeBinomialProbs": (same("negative_binomial", "total_count", "probs"),),
    "NegativeBinomialLogits": (Entry("negative_binomial", {"total_count": "total_count", "logits": LOGIT}),),
    "NegativeBinomial2": (
        Entry("negative_binomial", {"mean": "total_count*probs/(1 - probs)", "concentration": "total_count"}),
    ),
    "Normal": (same("normal", "loc", "scale"),),
    "OrderedLogistic": (
        Entry(
            "bernoulli", {"predictor": LOGIT}, build=_one_cutpoint, without=OF_CATEGORIES, remark="with one cutpoint"
        ),
    ),
    "Pareto": (same("pareto", "scale", "alpha"),),
    "Poisson": (same("poisson", "rate"),),
    "RelaxedBernoulli": (
        same("relaxed_bernoulli", "temperature", "probs"),
        Entry("relaxed_bernoulli", {"temperature": "temperature", "logits": LOGIT}, variant="logits"),
    ),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "TransformedDistribution": (same("logit_normal", "loc", "scale", build=_sigmoid),),
    "TruncatedNormal": (same("truncated_normal", "loc", "scale", "low", "high"),),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
    "Wishart": (
        Entry("wishart", {"concentration": "df", "scale_matrix": "covariance_matrix"}, points=POINTS["wishart"]),
    ),
    "WishartCholesky": (
        Entry(
            "wishart",
            {"concentration": "df", "scale_matrix": "covariance_matrix"},
            points=POINTS["wishart"],
            event=TRIANGULAR_ROOT,
        ),
    ),
}

_ANOTHER = "another name of a class that is verified"
_MISSING = "its law is not among ours"
_WRAPPER = "a wrapper around other distributions: no law of its own"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("Bernoulli", "Binomial", "Categorical", "Geometric", "Multinomial", "NegativeBinomial"),
        "a function that returns the Probs or the Logits class: both are verified",
    ),
    **dict.fromkeys(
        ("ExpandedDistribution", "HurdleDistribution", "ImproperUniform",
         "IntervalCensoredDistribution", "LeftCensoredDistribution", "LeftTruncatedDistribution", "MaskedDistribution",
         "Mixture", "RightCensoredDistribution", "RightTruncatedDistribution",
         "TruncatedDistribution", "TwoSidedTruncatedDistribution", "Unit",
         "ZeroInflatedDistribution", "SineSkewed"),
        _WRAPPER,
    ),
    **dict.fromkeys(
        ("BetaNegativeBinomial", "CAR", "CirculantNormal", 
         "DiscreteUniform", "EulerMaruyama", "GaussianCopula", "GaussianCopulaBeta",
         "GaussianRandomWalk", "GaussianStateSpace", "Gompertz", "HurdleGamma", "HurdleLogNormal", "HurdleLogits",
         "HurdleNegativeBinomial2", "HurdlePoisson", "HurdleProbs", "InverseWishart", "InverseWishartCholesky",
         "LeftTruncatedGamma", 
         "MatrixNormal", "ProjectedNormal", "RightTruncatedGamma",
         "SineBivariateVonMises", "SoftLaplace", "TruncatedCauchy", "TruncatedGamma", "TruncatedPolyaGamma",
         "TwoSidedTruncatedGamma", "ZeroInflatedLogits", "ZeroInflatedNegativeBinomial2",
         "ZeroInflatedPoisson", "ZeroInflatedProbs", "ZeroSumNormal"),
        _MISSING,
    ),
    "RelaxedBernoulliLogits": _ANOTHER,
}  # fmt: skip
