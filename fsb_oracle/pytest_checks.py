"""Checks as pytest tests: `parametrize_with_checks`, and how a result becomes the outcome of a test."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fsb_oracle.checks import Case, Settings
from fsb_oracle.errors import UsageError
from fsb_oracle.records import Result, Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.runs.known_failures import KnownFailure, judged, read_known_failures, refuse_stale
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.prepare import prepare, unmatched_by_plan
from fsb_oracle.subjects.targets import DeclaredTarget, as_target
from fsb_oracle.verdicts.budget import Budget

MARK = "fsb_checks"
KNOWN = pytest.StashKey["SessionKnown"]()
ARGUMENTS = ("check", "estimator")


class EstimatorError(Exception):
    """The estimator under test raised, or broke its contract: an error of the test, not its failure."""


class WithinMargin(UserWarning):
    """A real bias, smaller than the margin."""


@dataclass(eq=False)
class Check:
    """One check of one case: call it to run it. `estimator`, if it is given, must be that of the case."""

    id: str
    case: Case | None
    result: Result | None
    settings: Settings
    known: Sequence[KnownFailure]
    strict: bool
    budget: Budget
    replay: str | None = None
    stale: str | None = None

    def __call__(self, estimator: Any = None) -> Result:
        """Decide the case and settle the test: see `settle`."""
        if self.stale is not None:
            pytest.fail(self.stale, pytrace=False)
        result = self.result
        if self.case is not None:
            result = judged(decide(self.case, self.settings, self.budget), self.known)
            if self.replay is not None and result.reproduce is not None:
                message = result.message.replace(result.reproduce, self.replay)
                result = Result(**{**_members(result), "message": message, "reproduce": self.replay})
        assert result is not None
        settle(result, strict=self.strict)
        return result

    @property
    def tests(self) -> int:
        """Random tests, each of which takes a share of the session's false-fail budget."""
        return 0 if self.case is None else self.case.tests

    @property
    def estimator(self) -> str:
        """The name of what is tested."""
        return self.case.subject.name if self.case is not None else self.result.subject if self.result else self.id


def _members(result: Result) -> dict[str, Any]:
    return {name: getattr(result, name) for name in result.__slots__}


def parametrize_with_checks(
    targets: Iterable[Any] | None = None,
    *,
    known_failures: Any = None,
    profile: str | None = None,
    select: str | None = None,
    margin: float | None = None,
    seed: int | None = None,
    strict: bool | None = None,
    backends: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Parametrize a pytest test with every check of some estimators, one test for each check and case:

        @fsb_oracle.parametrize_with_checks([my_estimator, "torch.distributions:Gamma"])
        def test_gradients(check):
            check()

    The test may take `estimator` too, its name, and call `check(estimator)`. A case within the margin warns (with
    `strict` it fails), one that is not applicable is skipped with its reason, a known failure is xfailed, an estimator
    that raises is an error. All tests of the session share one false-fail budget.

    Args:
        targets: decorated functions, classes of libraries, modules, or texts of targets; by default `--fsb-target`.
        known_failures: TOML file or files; those of `--fsb-known-failures` are added.
        profile: as for `verify`, like those that follow; options of the command line (`--fsb-profile` and so on)
            come before them.
        select: glob on case ids.
        margin: the bias that a pass excludes, in units of S.
        seed: every random number follows from it and the case id.
        strict: whether a bias within the margin fails.
        backends: back ends of our own rules.

    Raises:
        UsageError: `targets` is a text or a function rather than a list.
    """
    if isinstance(targets, str) or callable(targets):
        raise UsageError(f"parametrize_with_checks takes a list of targets, as in [{targets!r}]")
    options = {
        "profile": profile, "select": select, "margin": margin, "seed": seed, "strict": strict, "backend": backends,
        "known_failures": known_failures,
    }  # fmt: skip
    mark = pytest.mark.fsb_checks(None if targets is None else list(targets), options)

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        if not set(ARGUMENTS) & set(inspect.signature(test).parameters):
            raise UsageError(f"{test.__name__} must take the argument 'check', and call it")
        return mark(test)

    return decorate


def generate(metafunc: pytest.Metafunc) -> None:
    """Called by the plugin: the parameters of a test that is marked."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None:
        return
    targets, options = mark.args
    try:
        checks = planned(metafunc.config, targets, options)
    except UsageError as error:
        raise pytest.Collector.CollectError(f"fsb_oracle: {error}") from None
    if not checks:
        raise pytest.Collector.CollectError("fsb_oracle: nothing to test: no case is selected")
    names = [name for name in ARGUMENTS if name in metafunc.fixturenames]
    values = [[getattr(check, name) if name == "estimator" else check for name in names] for check in checks]
    metafunc.parametrize(names, values, ids=[check.id for check in checks])


def planned(config: pytest.Config, targets: Sequence[Any] | None, options: dict[str, Any]) -> list[Check]:
    """The checks of some targets, in an order that is the same in every process."""
    chosen = [config.getoption("--fsb-target")] if targets is None else targets
    settled, _ = gather(merged_options(config, options))
    prepared = prepare(tuple(map(as_target, chosen)), settled)
    plan, assignment = prepared.plan, prepared.assignment
    budget = Budget(assignment.false_fail_rate, plan.tests)
    session = _session_known(config)
    session.unmatched[:] = unmatched_by_plan(session.unmatched, plan, assignment)
    known = [*prepared.known, *session.entries]
    objects = {str(target) for target in assignment.targets if isinstance(target, DeclaredTarget)}

    def check(id: str, case: Case | None, result: Result | None) -> Check:
        # what is only an object of this session is replayed by pytest
        replay = "" if case is not None and case.subject.target in objects else None
        return Check(id, case, result, assignment.settings, known, settled["strict"], budget, replay)

    return [
        *(check(case.id, case, None) for case in plan.cases),
        *(check(result.case, None, result) for result in plan.not_applicable),
    ]


def merged_options(config: pytest.Config, options: dict[str, Any]) -> dict[str, Any]:
    """What the command line gives comes before what the test gives."""
    given = {
        "profile": config.getoption("--fsb-profile"),
        "seed": config.getoption("--fsb-seed"),
        "strict": config.getoption("--fsb-strict") or None,
        "backend": config.getoption("--fsb-backend"),
    }
    both = {name: options.get(name) if value is None else value for name, value in given.items()}
    return {**options, **both}


@dataclass(frozen=True)
class SessionKnown:
    """The known failures of the command line, which are the whole session's, and those that match nothing so far."""

    entries: list[KnownFailure]
    unmatched: list[KnownFailure]


def _session_known(config: pytest.Config) -> SessionKnown:
    if KNOWN not in config.stash:
        entries = read_known_failures(config.getoption("--fsb-known-failures") or ())
        config.stash[KNOWN] = SessionKnown(entries, list(entries))
    return config.stash[KNOWN]


def share_budget(items: Iterable[pytest.Item], whole: bool) -> None:
    """Called by the plugin when the session's tests are known: one budget for all of them.

    Args:
        whole: whether all tests were collected, and not only those of files that were named: only then can it be said
            that a known failure of the command line matches nothing.
    """
    checks, left = [], []
    for item in items:
        left = _session_known(item.config).unmatched
        found = getattr(getattr(item, "callspec", None), "params", {}).get("check")
        if isinstance(found, Check):
            checks.append(found)
            if found.replay is not None:
                found.replay = f"pytest '{item.nodeid}'"
    tests = {check.id: check.tests for check in checks if check.case is not None}
    stale = _stale(left) if whole else None
    for check in checks:
        check.stale = stale
    if tests:
        budget = Budget(gather({})[0]["false_fail_rate"], tests)
        for check in checks:
            check.budget = budget


def _stale(left: Sequence[KnownFailure]) -> str | None:
    """What is wrong with the known failures of the command line."""
    try:
        refuse_stale(left, ["this session"])
    except UsageError as error:
        return f"fsb_oracle: {error}"
    return None


def settle(result: Result, *, strict: bool = False) -> None:
    """Turn a result into the outcome of the test that is running.

    Raises:
        EstimatorError: for `error`; pytest's own outcomes for fail, skip and xfail.
    """
    match result.status:
        case Status.pass_:
            return
        case Status.within_margin if not strict:
            warnings.warn(WithinMargin(result.message), stacklevel=3)
        case Status.not_applicable:
            pytest.skip(result.reason or "not applicable")
        case Status.known_failure:
            pytest.xfail(result.reason or "known failure")
        case Status.error:
            raise EstimatorError(result.message)
        case Status.inconclusive if not result.message.startswith("INCONCLUSIVE"):
            pytest.fail(f"INCONCLUSIVE\n{result.message}", pytrace=False)
        case _:
            pytest.fail(result.message, pytrace=False)


__all__ = ["Check", "EstimatorError", "WithinMargin", "generate", "parametrize_with_checks", "settle", "share_budget"]
