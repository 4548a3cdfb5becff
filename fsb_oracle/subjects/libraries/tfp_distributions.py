"""tensorflow_probability.substrates.jax.distributions: which class says which of our laws; what is not verified, and
why."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import (
    DIAGONAL,
    LOGIT,
    LOW_RANK,
    LOW_RANK_DIAGONAL,
    MIXTURE,
    NOISE,
    PAIR_OF_LOGITS,
    PAIR_OF_PROBS,
    POINTS,
    TWO_CLASSES,
    TWO_VARIABLES,
    Entry,
    Of,
    same,
)
from fsb_oracle.subjects.libraries.events import CORRELATION, CORRELATION_ROOT, FIRST_OF_TWO, ONE_HOT
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


def _independent(of: Any, loc: Any, scale: Any) -> Any:
    return of.Independent(of.Normal(loc, scale), 1)


def _mixture_of_family(of: Any, logits: Any, loc: Any, scale: Any) -> Any:
    return of.MixtureSameFamily(of.Categorical(logits=logits), of.Normal(loc, scale), reparameterize=True)


def _mixture(of: Any, logits: Any, loc: Any, scale: Any) -> Any:
    parts = [of.Normal(loc[..., k], scale[..., k]) for k in range(logits.shape[-1])]
    return of.Mixture(of.Categorical(logits=logits), parts)


def _sigmoid(of: Any, loc: Any, scale: Any) -> Any:
    from tensorflow_probability.substrates.jax import bijectors

    return of.TransformedDistribution(of.Normal(loc, scale), bijectors.Sigmoid())


def _finite(of: Any, logits: Any) -> Any:
    import jax.numpy as jnp

    return of.FiniteDiscrete(jnp.arange(logits.shape[-1]).astype(logits.dtype), logits=logits)


def _with_operator(name: str) -> Any:
    """A class that takes the triangular root of its scale as a linear operator."""

    def build(of: Any, scale_tril: Any, **arguments: Any) -> Any:
        from tensorflow_probability.substrates import jax as probability

        operators = probability.tf2jax.linalg
        return getattr(of, name)(scale=operators.LinearOperatorLowerTriangular(scale_tril), **arguments)

    return build


def _one_cutpoint(name: str) -> Any:
    def build(of: Any, loc: Any) -> Any:
        return getattr(of, name)(cutpoints=0 * loc[..., None], loc=loc)

    return build


def _symmetric_factor(c: Any) -> Any:
    """A U with (NOISE + U U')**2 = L L', of two variables: their symmetric root is (M + sqrt(det M))/sqrt(tr M + 2
    sqrt(det M))."""
    square, one = c.scale_tril @ c.scale_tril.mT, c.math.identity(2, c.loc)
    volume = (c.scale_tril[..., 0, 0] * c.scale_tril[..., 1, 1])[..., None, None]
    trace = (square[..., 0, 0] + square[..., 1, 1])[..., None, None]
    return c.math.cholesky((square + volume * one) / c.math.sqrt(trace + 2 * volume) - NOISE * one)


ROOT = Of(("covariance_matrix",), lambda c: c.math.cholesky(c.covariance_matrix))
ONE_CUTPOINT = "with one cutpoint"
SPECIAL = "where it is another law: "

ENTRIES: dict[str, tuple[Entry, ...]] = {
    "Bernoulli": (same("bernoulli", "probs"), Entry("bernoulli", {"logits": LOGIT}, variant="logits")),
    "Beta": (same("beta", "concentration1", "concentration0", one_noise=False),),
    "BetaBinomial": (
        same("beta_binomial", "total_count", "concentration1", "concentration0", points=POINTS["beta_binomial"]),
    ),
    "Binomial": (
        same("binomial", "total_count", "probs"),
        Entry("binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "Categorical": (same("categorical", "logits", points=POINTS["categorical"]),),
    "Cauchy": (same("cauchy", "loc", "scale"),),
    "Chi": (same("chi", "df"),),
    "Chi2": (same("chi2", "df"),),
    "CholeskyLKJ": (
        same(
            "lkj",
            "concentration",
            constants={"dimension": 2},
            event=CORRELATION_ROOT,
            one_noise=False,
            remark=TWO_VARIABLES,
        ),
    ),
    "ContinuousBernoulli": (
        same("continuous_bernoulli", "probs"),
        Entry("continuous_bernoulli", {"logits": LOGIT}, variant="logits"),
    ),
    "Deterministic": (same("dirac", "loc", offers=("rsample",)),),
    "Dirichlet": (same("dirichlet", "concentration", points=POINTS["dirichlet"]),),
    "DirichletMultinomial": (
        same("dirichlet_multinomial", "total_count", "concentration", points=POINTS["dirichlet_multinomial"]),
    ),
    "Exponential": (same("exponential", "rate"),),
    "FiniteDiscrete": (same("categorical", "logits", points=POINTS["categorical"], build=_finite),),
    "Gamma": (same("gamma", "concentration", "rate"),),
    "GammaGamma": (
        Entry(
            "beta_prime",
            {"concentration": "concentration1", "mixing_concentration": "concentration0"},
            constants={"mixing_rate": 1.0},
            one_noise=False,
        ),
    ),
    "GeneralizedNormal": (
        Entry(
            "normal",
            {"loc": "loc", "scale": "sqrt(2)*scale"},
            constants={"power": 2.0},
            variant="normal",
            remark=SPECIAL + "at power 2",
        ),
        same("laplace", "loc", "scale", constants={"power": 1.0}, variant="laplace", remark=SPECIAL + "at power 1"),
    ),
    "GeneralizedPareto": (same("generalized_pareto", "loc", "scale", "concentration"),),
    "Geometric": (same("geometric", "probs"), Entry("geometric", {"logits": LOGIT}, variant="logits")),
    "Gumbel": (same("gumbel", "loc", "scale"),),
    "HalfCauchy": (same("half_cauchy", "scale", constants={"loc": 0.0}),),
    "HalfNormal": (same("half_normal", "scale"),),
    "HalfStudentT": (same("half_cauchy", "scale", constants={"df": 1.0, "loc": 0.0}, remark=SPECIAL + "at df 1"),),
    "Independent": (
        Entry("multivariate_normal", {"loc": "loc", "scale": DIAGONAL}, points=POINTS["diagonal"], build=_independent),
    ),
    "InverseGamma": (Entry("inverse_gamma", {"concentration": "concentration", "scale": "rate"}),),
    "InverseGaussian": (same("inverse_gaussian", "loc", "concentration", one_noise=False),),
    "Kumaraswamy": (same("kumaraswamy", "concentration1", "concentration0"),),
    "LKJ": (
        same(
            "lkj", "concentration", constants={"dimension": 2}, event=CORRELATION, one_noise=False, remark=TWO_VARIABLES
        ),
    ),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LogLogistic": (Entry("log_logistic", {"loc": "log(scale)", "scale": "1/concentration"}),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "LogitNormal": (same("logit_normal", "loc", "scale"),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "Mixture": (Entry("mixture", MIXTURE, points=POINTS["mixture"], build=_mixture, remark="of normals"),),
    "MixtureSameFamily": (
        Entry("mixture", MIXTURE, points=POINTS["mixture"], build=_mixture_of_family, remark="of normals"),
    ),
    "Multinomial": (same("multinomial", "logits", constants={"total_count": 5}, points=POINTS["multinomial"]),),
    "MultivariateNormalDiag": (
        Entry("multivariate_normal", {"loc": "loc", "scale_diag": DIAGONAL}, points=POINTS["diagonal"]),
    ),
    "MultivariateNormalDiagPlusLowRank": (
        Entry(
            "multivariate_normal",
            {
                "loc": "loc",
                "scale_diag": LOW_RANK_DIAGONAL,
                "scale_perturb_factor": Of(("scale_tril",), _symmetric_factor),
            },
            points=POINTS["scale_tril"][:1],
        ),
    ),
    "MultivariateNormalDiagPlusLowRankCovariance": (
        Entry(
            "multivariate_normal",
            {"loc": "loc", "cov_diag_factor": LOW_RANK_DIAGONAL, "cov_perturb_factor": LOW_RANK},
            points=POINTS["scale_tril"][:1],
        ),
    ),
    "MultivariateNormalFullCovariance": (
        same("multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"]),
    ),
    "MultivariateNormalLinearOperator": (
        same(
            "multivariate_normal",
            "loc",
            "scale_tril",
            points=POINTS["scale_tril"][:1],
            build=_with_operator("MultivariateNormalLinearOperator"),
        ),
    ),
    "MultivariateNormalTriL": (same("multivariate_normal", "loc", "scale_tril", points=POINTS["scale_tril"]),),
    "MultivariateStudentTLinearOperator": (
        same(
            "multivariate_student_t",
            "df",
            "loc",
            "scale_tril",
            points=POINTS["multivariate_student_t"],
            build=_with_operator("MultivariateStudentTLinearOperator"),
        ),
    ),
    "NegativeBinomial": (
        same("negative_binomial", "total_count", "probs"),
        Entry("negative_binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "NoncentralChi2": (same("noncentral_chi2", "df", "noncentrality", one_noise=False),),
    "Normal": (same("normal", "loc", "scale"),),
    "NormalInverseGaussian": (
        same("normal_inverse_gaussian", "loc", "scale", "tailweight", "skewness", one_noise=False),
    ),
    "OneHotCategorical": (same("categorical", "logits", points=POINTS["categorical"], event=ONE_HOT),),
    "OrderedLogistic": (
        Entry("bernoulli", {"loc": LOGIT}, build=_one_cutpoint("OrderedLogistic"), remark=ONE_CUTPOINT),
    ),
    "Pareto": (Entry("pareto", {"concentration": "alpha", "scale": "scale"}),),
    "Poisson": (same("poisson", "rate"),),
    "ProbitBernoulli": (same("bernoulli", "probs"),),
    "RelaxedBernoulli": (
        same("relaxed_bernoulli", "temperature", "probs"),
        Entry("relaxed_bernoulli", {"temperature": "temperature", "logits": LOGIT}, variant="logits"),
    ),
    "RelaxedOneHotCategorical": (
        Entry(
            "relaxed_bernoulli",
            {"temperature": "temperature", "probs": PAIR_OF_PROBS},
            event=FIRST_OF_TWO,
            remark=TWO_CLASSES,
        ),
        Entry(
            "relaxed_bernoulli",
            {"temperature": "temperature", "logits": PAIR_OF_LOGITS},
            event=FIRST_OF_TWO,
            variant="logits",
            remark=TWO_CLASSES,
        ),
    ),
    "SinhArcsinh": (
        same(
            "normal",
            "loc",
            "scale",
            constants={"skewness": 0.0, "tailweight": 1.0},
            remark=SPECIAL + "at skewness 0 and tailweight 1",
        ),
    ),
    "Skellam": (same("skellam", "rate1", "rate2"),),
    "StoppingRatioLogistic": (
        Entry("bernoulli", {"loc": LOGIT}, build=_one_cutpoint("StoppingRatioLogistic"), remark=ONE_CUTPOINT),
    ),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "TransformedDistribution": (same("logit_normal", "loc", "scale", build=_sigmoid, variant="sigmoid"),),
    "TruncatedNormal": (same("truncated_normal", "loc", "scale", "low", "high"),),
    "TwoPieceNormal": (same("normal", "loc", "scale", constants={"skewness": 1.0}, remark=SPECIAL + "at skewness 1"),),
    "TwoPieceStudentT": (
        same(
            "student_t",
            "df",
            "loc",
            "scale",
            constants={"skewness": 1.0},
            one_noise=False,
            remark=SPECIAL + "at skewness 1",
        ),
    ),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
    "WishartLinearOperator": (
        Entry(
            "wishart",
            {"df": "df", "scale_tril": ROOT},
            points=POINTS["wishart"],
            build=_with_operator("WishartLinearOperator"),
        ),
    ),
    "WishartTriL": (Entry("wishart", {"df": "df", "scale_tril": ROOT}, points=POINTS["wishart"]),),
}

_MISSING = "its law is not among ours"
_WRAPPER = "a wrapper around other distributions: no law of its own"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("AutoCompositeTensorDistribution", "Autoregressive", "BatchBroadcast", "BatchConcat", "BatchReshape",
         "Blockwise", "Distribution", "Empirical", "GaussianProcess",
         "GaussianProcessRegressionModel", "HiddenMarkovModel", "Inflated", "JointDistribution",
         "JointDistributionCoroutine", "JointDistributionCoroutineAutoBatched", "JointDistributionNamed",
         "JointDistributionNamedAutoBatched", "JointDistributionSequential", "JointDistributionSequentialAutoBatched",
         "LinearGaussianStateSpaceModel", "MarkovChain", "Masked",
         "QuantizedDistribution", "Sample", "StudentTProcess", "StudentTProcessRegressionModel",
         "VariationalGaussianProcess", "VectorDeterministic"),
        _WRAPPER,
    ),
    "GeneralizedExtremeValue": "a Frechet law by the distance from the end of its support, which cancels in float32",
    "PERT": "a beta law whose concentrations are above 1: only some of ours",
    **dict.fromkeys(
        ("Bates", "BetaQuotient", "DeterminantalPointProcess",
         "DoublesidedMaxwell", "ExpGamma", "ExpInverseGamma", "ExpRelaxedOneHotCategorical",
         "ExponentiallyModifiedGaussian", "FlatDirichlet",
         "Horseshoe", "JohnsonSU",
         "LambertWDistribution", "LambertWNormal", "MatrixNormalLinearOperator",
         "MatrixTLinearOperator", "Moyal", "PlackettLuce",
         "PoissonLogNormalQuadratureCompound", "PowerSpherical",
         "SigmoidBeta", "SphericalUniform", "Triangular", "TruncatedCauchy",
         "VonMisesFisher", "ZeroInflatedNegativeBinomial", "Zipf"),
        _MISSING,
    ),
}  # fmt: skip
