"""Properties of an estimator, one a file, and their registry. `verify` and the shipped suites call the same
functions."""

from fsb_oracle.checks import exact, law, pointwise, proof, regimes, score, spectrum, unbiased, variance
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.profile import PROFILES, Profile, get_profile

# in the order in which they run: what needs no sampling comes first
_IN_ORDER = (exact, proof, regimes, pointwise, score, unbiased, spectrum, law, variance)
CHECKS = {module.NAME: module for module in _IN_ORDER}

__all__ = ["CHECKS", "PROFILES", "Case", "Profile", "Settings", "get_profile"]
