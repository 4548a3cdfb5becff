"""How thorough a run is: margins, rates, parameter points and probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fsb_oracle.errors import UsageError, nearest


@dataclass(frozen=True)
class Profile:
    """Margins are in units of S; `points` bounds the parameter points per law (None: all edges).

    `cap` ends a test that is still undecided: few need it, and a smaller one would only leave those without a verdict.
    `routes`: by how many routes of the oracle the exact gradients are had with which means are compared; the check
    `exact` asks for two in every profile.
    `breadth`: whether all our rules run in full on every back end, or only recommended ones (`runs.plan.in_scope`).
    """

    name: str
    margin: float
    variance_margin: float
    false_pass_rate: float
    cap: int
    points: int | None
    integrands: tuple[str, ...]
    frequencies: int
    spectrum_points: int
    path_samples: int
    breadth: Literal["all", "recommended"] = "all"
    routes: int = 2
    regime_laws: tuple[str, ...] | None = None  # whose maps of exact variances are drawn; None: all laws


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "smoke",
            0.05,
            0.1,
            1e-3,
            8_000_000,
            2,
            ("sin3", "relu", "step"),
            8,
            1,
            1 << 14,
            "recommended",
            1,
            ("gamma", "laplace", "normal", "poisson"),
        ),
        Profile(
            "default",
            0.02,
            0.02,
            1e-3,
            20_000_000,
            None,
            ("z2", "sin3", "bump", "tanh", "relu", "step"),
            16,
            2,
            1 << 16,
            regime_laws=(
                "beta",
                "exponential",
                "gamma",
                "geometric",
                "laplace",
                "negative_binomial",
                "normal",
                "poisson",
            ),
        ),
        Profile(
            "deep",
            0.005,
            0.005,
            1e-6,
            50_000_000,
            None,
            ("z", "z2", "z4mz", "sin3", "cos3", "bump", "lorentz", "tanh", "relu", "step"),
            32,
            5,
            1 << 18,
        ),
    )
}


CERTIFIED = ("smoke",)  # in which proofs, exact values and exact moments that came with this version serve, where
# nothing has changed that they depend on; the others prove and compute every one anew


def get_profile(name: str) -> Profile:
    """The profile called `name`.

    Raises:
        UsageError: there is no such profile.
    """
    if name not in PROFILES:
        raise UsageError(f"unknown profile {name!r}; there are {', '.join(PROFILES)}{nearest(name, PROFILES)}")
    return PROFILES[name]
