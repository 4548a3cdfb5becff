"""The pytest plugin: options and markers only.

It lives outside the package because pytest imports it in every session of every project that has fsb_oracle
installed: it must not import the package, let alone anything heavy.
"""

from __future__ import annotations

import os

import pytest

BACKENDS = ("numpy", "torch", "jax")
PROFILES = ("smoke", "default", "deep")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the suites."""
    group = parser.getgroup("fsb-oracle", "fsb_oracle: are these stochastic gradients right?")
    group.addoption(
        "--fsb-backend",
        choices=BACKENDS,
        default="numpy",
        help="the back end on which the estimators run (default: numpy)",
    )
    group.addoption(
        "--fsb-target",
        metavar="TARGET",
        default="fsb_oracle",
        help="what is tested: file.py, file.py:name or package.module:name (default: fsb_oracle, our rules)",
    )
    group.addoption(
        "--fsb-profile",
        choices=PROFILES,
        default=os.environ.get("FSB_ORACLE_PROFILE") or "default",
        help="how much is tested (default: $FSB_ORACLE_PROFILE, else default)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; check the profile, for argparse trusts a default from the environment."""
    config.addinivalue_line("markers", "torch: needs Torch; runs in `tox run -e torch`")
    config.addinivalue_line("markers", "jax: needs JAX; runs in `tox run -e jax`")
    profile = config.getoption("--fsb-profile")
    if profile not in PROFILES:
        raise pytest.UsageError(f"FSB_ORACLE_PROFILE is {profile!r}; it must be one of {', '.join(PROFILES)}")
