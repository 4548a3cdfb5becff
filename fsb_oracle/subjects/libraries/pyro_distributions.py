"""pyro.distributions: the classes that Pyro defines itself; those that it takes from Torch are verified there."""

from __future__ import annotations

from fsb_oracle.subjects.libraries import torch_distributions
from fsb_oracle.subjects.libraries.entry import Entry, same

MODULE = "pyro.distributions"

_OWN: dict[str, tuple[Entry, ...]] = {
    "AsymmetricLaplace": (
        Entry(
            "asymmetric_laplace",
            {"loc": "loc", "scale": "sqrt(scale1*scale0)", "asymmetry": "sqrt(scale0/scale1)"},
            one_noise=False,
        ),
    ),
    "GammaPoisson": (Entry("negative_binomial", {"concentration": "total_count", "rate": "(1 - probs)/probs"}),),
    "Logistic": (same("logistic", "loc", "scale"),),
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
    "LKJ": "its law is among ours, but the class is not mapped yet; Torch's LKJCholesky, on which it stands, is",
    **dict.fromkeys(
        [name for name in torch_distributions.ENTRIES if name not in ENTRIES],
        "Torch's class, unchanged: `fsb-oracle verify torch.distributions` verifies it",
    ),
    **dict.fromkeys(
        ("ConditionalDistribution", "ConditionalTransformedDistribution", "Delta", "Empirical", "ExpandedDistribution",
         "FoldedDistribution", "ImproperUniform", "MaskedDistribution", "MaskedMixture",
         "Rejector", "Unit", "ZeroInflatedDistribution", "SineSkewed"),
        _WRAPPER,
    ),
    **dict.fromkeys(
        ("AVFMultivariateNormal", "AffineBeta", "BetaBinomial", "CoalescentTimes", "CoalescentTimesWithRate",
         "DirichletMultinomial", "DiscreteHMM", "ExtendedBetaBinomial", "ExtendedBinomial", "GammaGaussianHMM",
         "GaussianHMM", "GaussianMRF", "GaussianScaleMixture", "GroupedNormalNormal", "IndependentHMM",
         "LKJCorrCholesky", "LinearHMM", "LogNormalNegativeBinomial", "MixtureOfDiagNormals",
         "MixtureOfDiagNormalsSharedCovariance", "NanMaskedMultivariateNormal", "NanMaskedNormal", "OneOneMatching",
         "OneTwoMatching", "OrderedLogistic", "ProjectedNormal", "RelaxedBernoulliStraightThrough",
         "RelaxedOneHotCategoricalStraightThrough", "SineBivariateVonMises", "SkewLogistic", "SoftAsymmetricLaplace",
         "SoftLaplace", "SpanningTree", "Stable", "StableWithLogProb", "TruncatedPolyaGamma", "VonMises3D",
         "ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"),
        _MISSING,
    ),
}  # fmt: skip
