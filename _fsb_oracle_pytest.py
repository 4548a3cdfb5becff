"""The pytest plugin: options, markers and hooks that hand over to `fsb_oracle.pytest_checks`.

It lives outside the package because pytest imports it in every session of every project that has fsb_oracle
installed: it must not import the package, let alone anything heavy, before a test asks for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from typing import Any

import pytest

BACKENDS = ("numpy", "torch", "jax")
PROFILES = ("smoke", "default", "deep")
CHECKS = "fsb_oracle.pytest_checks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the suites and of `parametrize_with_checks`."""
    group = parser.getgroup("fsb-oracle", "fsb_oracle: are these stochastic gradients right?")
    group.addoption(
        "--fsb-backend",
        choices=BACKENDS,
        default=None,
        help="the back end on which our own estimators run (default: all; in the suites numpy)",
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
        default=os.environ.get("FSB_ORACLE_PROFILE") or None,
        help="how much is tested (default: $FSB_ORACLE_PROFILE, else default)",
    )
    group.addoption("--fsb-seed", metavar="N", type=int, default=None, help="the seed of the session (default: 0)")
    group.addoption("--fsb-strict", action="store_true", help="a bias within the margin fails too")
    group.addoption(
        "--fsb-known-failures",
        metavar="FILE",
        action="append",
        default=None,
        help="TOML file of known failures (repeatable)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; check the profile, for argparse trusts a default from the environment."""
    config.addinivalue_line("markers", "torch: needs Torch; runs in `tox run -e torch`")
    config.addinivalue_line("markers", "jax: needs JAX; runs in `tox run -e jax`")
    config.addinivalue_line("markers", "fsb_checks(targets, options): set by fsb_oracle.parametrize_with_checks")
    profile = config.getoption("--fsb-profile")
    if profile not in (None, *PROFILES):
        raise pytest.UsageError(f"FSB_ORACLE_PROFILE is {profile!r}; it must be one of {', '.join(PROFILES)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each check of a test that `parametrize_with_checks` decorates."""
    if CHECKS in sys.modules:
        sys.modules[CHECKS].generate(metafunc)


def pytest_collection_finish(session: pytest.Session) -> None:
    """All checks of the session share one false-fail budget."""
    if CHECKS in sys.modules:
        sys.modules[CHECKS].share_budget(session.items, _whole(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A process of pytest-xdist is told what was asked for: itself it is given every file by name."""
    node.workerinput["fsb_whole"] = _whole(node.config)


def _whole(config: pytest.Config) -> bool:
    """Whether all tests are collected, and not only those of files that were named."""
    given = getattr(config, "workerinput", {}).get("fsb_whole")
    return config.args_source is not pytest.Config.ArgsSource.ARGS if given is None else given


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An estimator that raises is an error, not a failure: pytest calls errors what fails outside the call."""
    report = yield
    raised = call.excinfo
    if CHECKS in sys.modules and raised is not None and raised.errisinstance(sys.modules[CHECKS].EstimatorError):
        report.when = "setup"
        report.longrepr = str(raised.value)
    return report
