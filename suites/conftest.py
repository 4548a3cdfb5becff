"""The back end and the profile under test come from `--fsb-backend` and `--fsb-profile`."""

from __future__ import annotations

import pytest

from fsb_oracle.backends import get_backend
from fsb_oracle.checks import get_profile

from .properties import Harness


@pytest.fixture(scope="session")
def harness(request: pytest.FixtureRequest) -> Harness:
    """A missing library is an error, not a skip; so is a target that the suites do not draw from."""
    target = request.config.getoption("--fsb-target")
    if target != "fsb_oracle":
        raise pytest.UsageError(
            f"--fsb-target={target!r}: the suites test fsb_oracle only; use `fsb-oracle verify {target}`"
        )
    backend = request.config.getoption("--fsb-backend")
    get_backend(backend)
    return Harness(backend, get_profile(request.config.getoption("--fsb-profile")))
