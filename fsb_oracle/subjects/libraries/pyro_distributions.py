"""pyro.distributions: the classes that Pyro defines itself; those that it takes from Torch are verified there."""

from __future__ import annotations

import math
from typing import Any

from fsb_oracle.families import get_family
from fsb_oracle.subjects.libraries import torch_distributions
from fsb_oracle.subjects.libraries.entry import LOGIT, OF_CATEGORIES, POINTS, TWO_VARIABLES, Entry, Of, same
from fsb_oracle.subjects.libraries.events import CORRELATION

MODULE = "pyro.distributions"

_TWO = ("components.0", "components.1")
_PARTS = (
    "[multivariate_normal(loc=[0.3, -0.2], scale_tril=[[0.8, 0], [0, 1.3]]), "
    "multivariate_normal(loc=[-0.5, 0.6], scale_tril=[[1.1, 0], [0, 0.7]])]"
)
_SHARED = (
    "[multivariate_normal(loc=[0.3, -0.2], scale_tril=[[0.8, 0], [0, 1.3]]), "
    "multivariate_normal(loc=[-0.5, 0.6], scale_tril=[[0.8, 0], [0, 1.3]])]"
)


def _locations(c: Any) -> Any:
    return c.math.stack([c.math.stack([part.loc[..., j] for part in c.components]) for j in range(2)])


def _scales(c: Any) -> Any:
    return c.math.stack([c.math.stack([part.scale_tril[..., j, j] for part in c.components]) for j in range(2)])


def _names(*endings: str) -> tuple[str, ...]:
    return tuple(f"{part}.{ending}" for part in _TWO for ending in endings)


_LOCS = Of(_names("loc.0", "loc.1"), _locations)


def _folded(of: Any, scale: Any, **options: Any) -> Any:
    return of.FoldedDistribution(of.Normal(0 * scale, scale, **options), **options)


def _one_cutpoint(of: Any, predictor: Any, **options: Any) -> Any:
    return of.OrderedLogistic(predictor, 0 * predictor[..., None], **options)


def _stable(coordinates: str) -> Any:
    def build(of: Any, **arguments: Any) -> Any:
        return of.Stable(coords=coordinates, **arguments)

    return build


_STABLE: dict[str, str | Of] = {"stability": "alpha", "skew": "beta", "scale": "scale"}
# the location of the S0 form
_CENTRE = Of(
    ("alpha", "beta", "loc", "scale"), lambda c: c.loc + c.scale * c.beta * c.math.tan(c.alpha * (math.pi / 2))
)
_SAMPLER: dict[str, Any] = {
    "one_noise": False,
    "offers": ("rsample",),
    "points": tuple(at for at in get_family("stable").edges if float(at["alpha"]) > 1),
    "remark": "samples above alpha = 1, below which their derivatives have no mean; log_prob takes 501 nodes a point",
}


_OWN: dict[str, tuple[Entry, ...]] = {
    "AsymmetricLaplace": (
        Entry(
            "asymmetric_laplace",
            {"loc": "loc", "scale": "sqrt(scale1*scale0)", "asymmetry": "sqrt(scale0/scale1)"},
            one_noise=False,
        ),
    ),
    "AffineBeta": (
        same("beta", "concentration1", "concentration0", constants={"loc": 0.0, "scale": 1.0}, remark="on (0, 1)"),
    ),
    "BetaBinomial": (
        same("beta_binomial", "total_count", "concentration1", "concentration0", points=POINTS["beta_binomial"]),
    ),
    "Delta": (Entry("dirac", {"v": "loc"}, offers=("rsample",)),),
    "DirichletMultinomial": (
        same(
            "dirichlet_multinomial", "concentration", constants={"total_count": 5},
            points=POINTS["dirichlet_multinomial"],
        ),
    ),
    "ExtendedBetaBinomial": (
        same("beta_binomial", "total_count", "concentration1", "concentration0", points=POINTS["beta_binomial"]),
    ),
    "ExtendedBinomial": (
        same("binomial", "total_count", "probs"),
        Entry("binomial", {"total_count": "total_count", "logits": LOGIT}, variant="logits"),
    ),
    "FoldedDistribution": (same("half_normal", "scale", build=_folded, remark="of a normal law about 0"),),
    "GammaPoisson": (Entry("negative_binomial", {"concentration": "total_count", "rate": "(1 - probs)/probs"}),),
    "LKJ": (same("lkj", "concentration", constants={"dim": 2}, event=CORRELATION, remark=TWO_VARIABLES),),
    "Logistic": (same("logistic", "loc", "scale"),),
    "MixtureOfDiagNormals": (
        Entry(
            "mixture",
            {
                "locs": _LOCS,
                "coord_scale": Of(_names("scale_tril.0.0", "scale_tril.1.1"), _scales),
                "component_logits": "logits",
            },
            points=({"logits": "[0.3, -0.4]", "components": _PARTS},),
        ),
    ),
    "MixtureOfDiagNormalsSharedCovariance": (
        Entry(
            "mixture",
            {
                "locs": _LOCS,
                "coord_scale": Of((), lambda c: _scales(c)[..., 0, :]),
                "component_logits": "logits",
            },
            points=({"logits": "[0.3, -0.4]", "components": _SHARED},),
            remark="in the weights and locations: the shared scale is one parameter of two of ours",
        ),
    ),
    "NanMaskedNormal": (same("normal", "loc", "scale"),),
    "NanMaskedMultivariateNormal": (
        same("multivariate_normal", "loc", "scale_tril", points=POINTS["scale_tril"][:1]),
    ),
    "OrderedLogistic": (
        Entry(
            "bernoulli", {"predictor": LOGIT}, build=_one_cutpoint, without=OF_CATEGORIES, remark="with one cutpoint"
        ),
    ),
    "Stable": (
        Entry("stable", _STABLE | {"loc": "loc"}, build=_stable("S"), variant="S", **_SAMPLER),
        Entry("stable", _STABLE | {"loc": _CENTRE}, build=_stable("S0"), variant="S0", **_SAMPLER),
    ),
    "OMTMultivariateNormal": (
        same(
            "multivariate_normal", "loc", "scale_tril",
            points=({"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"},),
        ),
    ),
    "MultivariateStudentT": (
        same(
            "multivariate_student_t", "df", "loc", "scale_tril",
            points=({"df": "12", "loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"},),
        ),
    ),
}  # fmt: skip

# Pyro wraps these classes of Torch (batching, masks, sampling of its own)
_WRAPPED = ("Beta", "Gamma", "Normal", "LogNormal", "InverseGamma", "Dirichlet", "VonMises", "Geometric", "Poisson")

ENTRIES: dict[str, tuple[Entry, ...]] = {
    **_OWN,
    **{name: torch_distributions.ENTRIES[name] for name in _WRAPPED if name in torch_distributions.ENTRIES},
}

_WRAPPER = "a wrapper around other distributions: no law of its own"
_MISSING = "its law is not among ours"

UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("LKJCorrCholesky", "StableWithLogProb"), "another name of a class that is verified"
    ),
    "AVFMultivariateNormal": "it has no batches of laws",
    **dict.fromkeys(
        [name for name in torch_distributions.ENTRIES if name not in ENTRIES],
        "Torch's class, unchanged: `fsb-oracle verify torch.distributions` verifies it",
    ),
    **dict.fromkeys(
        ("ConditionalDistribution", "ConditionalTransformedDistribution", "Empirical", "ExpandedDistribution",
         "ImproperUniform", "MaskedDistribution", "MaskedMixture",
         "Rejector", "Unit", "ZeroInflatedDistribution", "SineSkewed"),
        _WRAPPER,
    ),
    **dict.fromkeys(
        ("CoalescentTimes", "CoalescentTimesWithRate",
         "DiscreteHMM", "GammaGaussianHMM",
         "GaussianHMM", "GaussianMRF", "GaussianScaleMixture", "GroupedNormalNormal", "IndependentHMM",
         "LinearHMM", "LogNormalNegativeBinomial",
         "OneOneMatching",
         "OneTwoMatching", "ProjectedNormal", "RelaxedBernoulliStraightThrough",
         "RelaxedOneHotCategoricalStraightThrough", "SineBivariateVonMises", "SkewLogistic", "SoftAsymmetricLaplace",
         "SoftLaplace", "SpanningTree", "TruncatedPolyaGamma", "VonMises3D",
         "ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"),
        _MISSING,
    ),
}  # fmt: skip
