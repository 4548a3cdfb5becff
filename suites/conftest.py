"""The back end and the profile under test come from `--fsb-backend` and `--fsb-profile`."""

from __future__ import annotations

import pytest

from fsb_oracle.backends import get_backend
from fsb_oracle.checks import get_profile

from .properties import Harness


@pytest.fixture(scope="session")
def harness(request: pytest.FixtureRequest) -> Harness:
    """A missing library is an error, not a skip."""
    backend = request.config.getoption("--fsb-backend")
    get_backend(backend)
    return Harness(backend, get_profile(request.config.getoption("--fsb-profile")))
