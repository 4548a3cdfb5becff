"""What is under test comes from `--fsb-target`, `--fsb-backend` and `--fsb-profile`."""

from __future__ import annotations

import pytest

from fsb_oracle.backends import get_backend
from fsb_oracle.checks import get_profile
from fsb_oracle.errors import UsageError
from fsb_oracle.runs.known_failures import read_known_failures
from fsb_oracle.runs.options import gather
from fsb_oracle.subjects import resolve
from fsb_oracle.subjects.rules import rule_subjects

from .properties import Harness


@pytest.fixture(scope="session")
def harness(request: pytest.FixtureRequest) -> Harness:
    """A missing library is an error, not a skip; so is a target that holds no estimator."""
    config = request.config
    target, backend = config.getoption("--fsb-target"), config.getoption("--fsb-backend") or "numpy"
    try:
        given = {name: config.getoption(f"--fsb-{name}") for name in ("profile", "seed")}
        options, _ = gather(given | {"strict": config.getoption("--fsb-strict") or None})
        known = read_known_failures(config.getoption("--fsb-known-failures") or ())
        # of our own estimators those with one number as a sample: the others are left to `fsb-oracle verify`
        subjects = rule_subjects((backend,)) if target == "fsb_oracle" else resolve(target)
        for name in {subject.backend_name for subject in subjects}:
            get_backend(name)
    except UsageError as error:
        pytest.fail(f"--fsb-target={target}: {error}", pytrace=False)
    return Harness(target, tuple(subjects), get_profile(options["profile"]), options["seed"], options["strict"], known)
