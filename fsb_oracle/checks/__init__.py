"""Properties of an estimator, one a file, and their registry. `verify` and the shipped suites call the same
functions."""

from fsb_oracle.checks import (
    census,
    continuity,
    contract,
    distribution,
    exact,
    law,
    metamorphic,
    pointwise,
    proof,
    regimes,
    score,
    score_identity,
    spectrum,
    unbiased,
    variance,
)
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.profile import PROFILES, Profile, get_profile

_MODULES = (
    exact, proof, regimes, distribution, census, pointwise, continuity, score, score_identity,
    contract, metamorphic, unbiased, spectrum, law, variance,
)  # fmt: skip
# in the order in which they run: what needs no sampling comes first
CHECKS = {module.NAME: module for module in _MODULES}

__all__ = ["CHECKS", "PROFILES", "Case", "Profile", "Settings", "get_profile"]
