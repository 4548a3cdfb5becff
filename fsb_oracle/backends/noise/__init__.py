"""Named noise primitives: the random variables that sampling recipes and rules are written in.

A primitive is declared by its log-density (or atoms), by its characteristic function where it has one in closed form,
and by how a back end draws it. Quadratures integrate over it and proofs carry it through its characteristic function:
all from this one declaration. Parameters are SymPy expressions in the letters of the rule or law that uses the
primitive.
"""

from fsb_oracle.backends.noise.continuous import (
    Beta,
    Exponential,
    Gamma,
    Laplace,
    NoncentralChi2,
    Normal,
    Rayleigh,
    Uniform,
    VonMises,
)
from fsb_oracle.backends.noise.heavy import (
    Pareto,
    ParetoProduct,
    ReciprocalGamma,
    TaylorPart,
    TemperedStable,
    UniformRoot,
)
from fsb_oracle.backends.noise.kernels import (
    BetaJump,
    ExponentialOverZeta,
    FoldedExponential,
    LaplaceOverZeta,
    LogGamma,
    SizeBiasedLogistic,
)
from fsb_oracle.backends.noise.lattice import (
    Bernoulli,
    Binomial,
    Categorical,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    Rademacher,
)
from fsb_oracle.backends.noise.layers import (
    GumbelKhinchine,
    GumbelLayerAbove,
    GumbelLayerBelow,
    LogisticKhinchine,
    LogisticLayer,
    StudentKhinchine,
)
from fsb_oracle.backends.noise.primitive import Noise, evaluate, log_complement, log_x, order, w, x
from fsb_oracle.backends.noise.simplex import Simplex
from fsb_oracle.backends.noise.steps import BelowGeometric, Geometric
from fsb_oracle.backends.noise.sums import PoissonSum
from fsb_oracle.backends.noise.truncated import GeneralizedPareto, Logistic, TruncatedNormal

__all__ = [
    "BelowGeometric",
    "Bernoulli",
    "Beta",
    "BetaJump",
    "Binomial",
    "Categorical",
    "Exponential",
    "ExponentialOverZeta",
    "FoldedExponential",
    "Gamma",
    "GeneralizedPareto",
    "Geometric",
    "GumbelKhinchine",
    "GumbelLayerAbove",
    "GumbelLayerBelow",
    "Laplace",
    "LaplaceOverZeta",
    "LogGamma",
    "Logarithmic",
    "Logistic",
    "LogisticKhinchine",
    "LogisticLayer",
    "NegativeBinomial",
    "Noise",
    "NoncentralChi2",
    "Normal",
    "Pareto",
    "ParetoProduct",
    "Poisson",
    "PoissonSum",
    "Rademacher",
    "Rayleigh",
    "ReciprocalGamma",
    "Simplex",
    "SizeBiasedLogistic",
    "StudentKhinchine",
    "TaylorPart",
    "TemperedStable",
    "TruncatedNormal",
    "Uniform",
    "UniformRoot",
    "VonMises",
    "evaluate",
    "log_complement",
    "log_x",
    "order",
    "w",
    "x",
]
