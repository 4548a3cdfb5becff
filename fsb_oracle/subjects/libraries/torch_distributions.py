"""torch.distributions: which class says which of our laws, and which classes are not verified by name, with reasons."""

from __future__ import annotations

from typing import Any

from fsb_oracle.subjects.libraries.entry import (
    DIAGONAL,
    LOGIT,
    LOW_RANK,
    LOW_RANK_DIAGONAL,
    MIXTURE,
    PAIR_OF_LOGITS,
    PAIR_OF_PROBS,
    POINTS,
    TWO_CLASSES,
    TWO_VARIABLES,
    Entry,
    Of,
    same,
)
from fsb_oracle.subjects.libraries.events import CORRELATION_ROOT, FIRST_OF_TWO, ONE_HOT

MODULE = "torch.distributions"


def _independent(of: Any, loc: Any, scale: Any, **options: Any) -> Any:
    return of.Independent(of.Normal(loc, scale, **options), 1, **options)


def _mixture(of: Any, logits: Any, loc: Any, scale: Any, **options: Any) -> Any:
    parts = of.Normal(loc, scale, **options)
    return of.MixtureSameFamily(of.Categorical(logits=logits, **options), parts, **options)


def _sigmoid(of: Any, loc: Any, scale: Any, **options: Any) -> Any:
    base = of.Normal(loc, scale, **options)
    return of.TransformedDistribution(base, [of.transforms.SigmoidTransform()], **options)


def _logistic(of: Any, loc: Any, scale: Any, **options: Any) -> Any:
    """The example of Torch's own documentation."""
    chain = [of.transforms.SigmoidTransform().inv, of.transforms.AffineTransform(loc, scale)]
    return of.TransformedDistribution(of.Uniform(0 * loc, 1 + 0 * loc, **options), chain, **options)


def _relaxed(of: Any, temperature: Any, **arguments: Any) -> Any:
    """The class has no batches of temperatures: log_prob takes the temperature as one number."""
    like = next(iter(arguments.values()))
    return of.RelaxedOneHotCategorical(like.new_tensor(temperature), **arguments)


_RELAXED: dict[str, Any] = {
    "constants": {"temperature": 0.5},
    "fixed": {"temperature": "0.5"},
    "event": FIRST_OF_TWO,
    "build": _relaxed,
    "remark": f"{TWO_CLASSES}; at one temperature, of which the class has no batches",
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
    "Independent": (
        Entry("multivariate_normal", {"loc": "loc", "scale": DIAGONAL}, points=POINTS["diagonal"], build=_independent),
    ),
    "Kumaraswamy": (same("kumaraswamy", "concentration1", "concentration0"),),
    "Laplace": (same("laplace", "loc", "scale"),),
    "LKJCholesky": (same("lkj", "concentration", constants={"dim": 2}, event=CORRELATION_ROOT, remark=TWO_VARIABLES),),
    "LogNormal": (same("lognormal", "loc", "scale"),),
    "LogisticNormal": (
        Entry(
            "logit_normal",
            {name: Of((name,), lambda c, name=name: getattr(c, name)[..., None]) for name in ("loc", "scale")},
            event=FIRST_OF_TWO,
            remark=TWO_CLASSES,
        ),
    ),
    "LowRankMultivariateNormal": (
        Entry(
            "multivariate_normal",
            {"loc": "loc", "cov_factor": LOW_RANK, "cov_diag": LOW_RANK_DIAGONAL},
            points=POINTS["scale_tril"][:1],
        ),
    ),
    "MixtureSameFamily": (Entry("mixture", MIXTURE, points=POINTS["mixture"], build=_mixture, remark="of normals"),),
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
    "OneHotCategorical": (same("categorical", "logits", points=POINTS["categorical"], event=ONE_HOT),),
    "Pareto": (same("pareto", "scale", "alpha"),),
    "Poisson": (same("poisson", "rate"),),
    "RelaxedBernoulli": (
        same("relaxed_bernoulli", "temperature", "probs"),
        Entry("relaxed_bernoulli", {"temperature": "temperature", "logits": LOGIT}, variant="logits"),
    ),
    "RelaxedOneHotCategorical": (
        Entry("relaxed_bernoulli", {"probs": PAIR_OF_PROBS}, **_RELAXED),
        Entry("relaxed_bernoulli", {"logits": PAIR_OF_LOGITS}, variant="logits", **_RELAXED),
    ),
    "StudentT": (same("student_t", "df", "loc", "scale", one_noise=False),),
    "TransformedDistribution": (
        same("logit_normal", "loc", "scale", build=_sigmoid, variant="sigmoid"),
        same("logistic", "loc", "scale", build=_logistic, variant="logit"),
    ),
    "Uniform": (same("uniform", "low", "high"),),
    "VonMises": (same("von_mises", "loc", "concentration"),),
    "Weibull": (same("weibull", "scale", "concentration"),),
    "Wishart": (same("wishart", "df", "covariance_matrix", points=POINTS["wishart"]),),
}

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(("Distribution", "ExponentialFamily"), "a base class: no law of its own"),
    "OneHotCategoricalStraightThrough": "biased by design: verify it as an estimator that declares its bias",
}
