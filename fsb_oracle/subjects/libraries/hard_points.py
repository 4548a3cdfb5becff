"""Parameter points beyond a law's own edges: where formulas switch branches, series are cut, or digits cancel.

Each stands for a defect that some library had: rational approximations outside of their range, a Taylor window around a
removable singularity, a clamp that stops a gradient, a draw that underflows.
"""

from __future__ import annotations

from functools import lru_cache

from fsb_oracle.families import Family, Parameters

_POINTS: dict[str, tuple[dict[str, str], ...]] = {
    "normal": ({"loc": "10000", "scale": "0.01"},),
    "laplace": ({"loc": "100", "scale": "0.01"},),
    "lognormal": ({"loc": "0", "scale": "10"}, {"loc": "30", "scale": "0.001"}),
    "gamma": ({"concentration": "100000", "rate": "1"}, {"concentration": "3", "rate": "1000000"}),
    "beta": ({"concentration1": "0.02", "concentration0": "0.01"}, {"concentration1": "3000", "concentration0": "2"}),
    "chi2": ({"df": "100000"},),
    "inverse_gamma": ({"concentration": "10000", "rate": "3"}, {"concentration": "0.03", "rate": "1"}),
    "kumaraswamy": ({"concentration1": "0.01", "concentration0": "0.01"},),
    "exponential": ({"rate": "0.000001"}, {"rate": "1000000"}),
    "student_t": ({"df": "100000", "loc": "0", "scale": "1"}, {"df": "30", "loc": "1000", "scale": "0.01"}),
    "fisher_snedecor": ({"df1": "1000", "df2": "7"},),
    "weibull": ({"scale": "1", "concentration": "0.02"}, {"scale": "1", "concentration": "200"}),
    "gumbel": ({"loc": "1000", "scale": "0.1"},),
    "pareto": ({"scale": "1", "alpha": "0.03"}, {"scale": "1000", "alpha": "1000"}),
    "uniform": ({"low": "1000000", "high": "1000001"},),
    "von_mises": ({"loc": "0", "concentration": "0.000001"}, {"loc": "0", "concentration": "10.6"}),
    "inverse_gaussian": ({"loc": "1", "concentration": "1000000"}, {"loc": "1000", "concentration": "0.5"}),
    "bernoulli": ({"probs": "0.00000001"}, {"probs": "0.9999999"}),
    "geometric": ({"probs": "0.0001"}, {"probs": "0.9999999"}),
    "binomial": ({"total_count": "10", "probs": "0.00000001"}, {"total_count": "10", "probs": "0.9999999"}),
    "negative_binomial": (
        {"total_count": "3", "probs": "0.00000001"},
        {"total_count": "3", "probs": "0.9999"},
        {"total_count": "10000", "probs": "0.0001"},
        {"total_count": "1000000", "probs": "0.000001"},
    ),
    "poisson": ({"rate": "0.00000001"}, {"rate": "100000"}),
    "continuous_bernoulli": (
        {"probs": "0.4995"},
        {"probs": "0.5001"},
        {"probs": "0.498"},
        {"probs": "0.00000001"},
        {"probs": "0.9999999"},
    ),
    "relaxed_bernoulli": ({"temperature": "0.05", "probs": "0.3"}, {"temperature": "1", "probs": "0.0000001"}),
    "generalized_pareto": (
        {"loc": "1000", "scale": "0.1", "concentration": "0.000001"},
        {"loc": "0", "scale": "1", "concentration": "0.000000001"},
    ),
    "truncated_normal": (
        {"loc": "0", "scale": "1", "low": "6", "high": "7"},
        {"loc": "0", "scale": "1", "low": "-30", "high": "-29"},
        {"loc": "0", "scale": "1", "low": "-20", "high": "20"},
    ),
}


@lru_cache(maxsize=256)
def hard_points(law: Family) -> tuple[Parameters, ...]:
    """The hard points of a law of scalar parameters."""
    return tuple(law.parse(point) for point in _POINTS.get(law.name, ()))
