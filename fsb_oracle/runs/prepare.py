"""From targets and options to what a run will do: the assignment, the plan, and the failures that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fsb_oracle.checks import Settings, get_profile
from fsb_oracle.errors import UsageError
from fsb_oracle.runs.known_failures import KnownFailure, read_known_failures, refuse_stale, unmatched
from fsb_oracle.runs.plan import RunPlan, make_plan
from fsb_oracle.runs.workers import Assignment


@dataclass(frozen=True)
class Prepared:
    """All that is settled before anything runs."""

    assignment: Assignment
    plan: RunPlan
    known: list[KnownFailure]


def prepare(targets: Sequence[str], options: dict[str, Any]) -> Prepared:
    """What a run of these targets with these options (all of them, as `gather` gives them) will do.

    Raises:
        UsageError: a target cannot be resolved, or a known failure cannot be read or matches no case.
    """
    if not targets:
        raise UsageError("name what to verify, as in torch.distributions:Gamma, my_file.py or fsb_oracle")
    known = _known_failures(options)
    assignment = _assignment(targets, options)
    plan = assignment.plan()
    refuse_stale(unmatched_by_plan(known, plan, assignment), targets)
    return Prepared(assignment, plan, known)


def _assignment(targets: Sequence[str], options: dict[str, Any]) -> Assignment:
    chosen = get_profile(options["profile"])
    settings = Settings(
        profile=chosen.name,
        margin=options["margin"] or chosen.margin,
        variance_margin=chosen.variance_margin,
        false_pass_rate=chosen.false_pass_rate,
        cap=chosen.cap,
        seed=options["seed"],
        margin_given=options["margin"] is not None,
        routes=chosen.routes,
    )
    return Assignment(tuple(targets), options["select"], options["backend"], settings, options["false_fail_rate"])


def _known_failures(options: dict[str, Any]) -> list[KnownFailure]:
    files, update = options["known_failures"], options["update_known_failures"]
    if update and not files:
        raise UsageError("--update-known-failures needs --known-failures FILE, the file to write proposals to")
    return read_known_failures(files, may_be_missing=update)


def unmatched_by_plan(known: Sequence[KnownFailure], plan: RunPlan, assignment: Assignment) -> list[KnownFailure]:
    """The entries that match nothing that the targets have, in any profile and before selection; none where a back end
    is missing, since no one can tell."""
    if any(result.backend in plan.unavailable for result in plan.not_applicable):
        return []
    left = unmatched(known, plan.ids)
    if left:
        whole = make_plan(assignment.targets, get_profile("deep"), None, assignment.backends)
        left = unmatched(left, whole.ids)
    return left


__all__ = ["Prepared", "prepare", "unmatched_by_plan"]
