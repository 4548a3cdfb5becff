"""Several processes give the record that one gives; one that is killed loses nothing."""

from __future__ import annotations

import gc
import os
import weakref
from collections import deque
from functools import partial
from pathlib import Path

import joblib
import pytest

from fsb_oracle import UsageError, verify
from fsb_oracle.backends import NAMES
from fsb_oracle.checks import Settings, get_profile
from fsb_oracle.records import Status
from fsb_oracle.runs import workers
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.runs.workers import dead, number_of_jobs

from .small import comparable

SETTINGS = Settings("smoke", 0.2, 0.2, 1e-3, 1_000_000, margin_given=True)
RIGHT_AND_WRONG = str(Path(__file__).resolve().parents[2] / "data" / "right_and_wrong.py")

# a worker that meets its first case ends itself, once: the file tells the next one that it has happened
KILLED = """
import os, signal
from fsb_oracle import estimator

@estimator(family="gamma", parameters=["concentration"])
def right(params, f, num_samples, rng):
    if not os.path.exists({mark!r}):
        open({mark!r}, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    moved = z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples)
    return {{"concentration": scale * f.derivative(moved)}}
"""


def test_two_processes_give_the_same_record():
    options = {"profile": "smoke", "select": "unbiased/*float64", "margin": 0.1}
    one, two = (verify(RIGHT_AND_WRONG, jobs=jobs, **options) for jobs in (1, 2))
    assert comparable(one) == comparable(two)
    assert {"pass", "fail"} <= {result.status for result in two.results}


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
def test_a_killed_process_loses_nothing(tmp_path):
    path, mark = tmp_path / "killed.py", tmp_path / "mark"
    path.write_text(KILLED.format(mark=str(mark)))
    options = {"profile": "smoke", "select": "unbiased/*float64", "margin": 0.1}
    record = verify(str(path), jobs=2, **options)
    assert mark.exists()
    again = verify(str(path), **options)
    assert comparable(record) == comparable(again)
    assert {result.status for result in record.results} == {Status.pass_}


# kills whichever process asks it at the larger scale in float32, every time
DEADLY = """
import os, signal
from fsb_oracle import estimator

@estimator(family="normal", parameters=["loc"], same_as="pathwise")
def small(params, f, num_samples, rng):
    if params["scale"] > 1 and params["loc"].dtype == "float32":
        os.kill(os.getpid(), signal.SIGKILL)
    z = rng.normal(float(params["loc"]), float(params["scale"]), num_samples).astype(params["loc"].dtype)
    return {"loc": f.derivative(z)}
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
def test_only_the_cases_that_kill_their_process_are_errors(tmp_path):
    path = tmp_path / "deadly.py"
    path.write_text(DEADLY)
    record = verify(str(path), profile="smoke", margin=0.2, select="unbiased/*/sin3/*", jobs=2)
    errors = [result for result in record.results if result.status is Status.error]
    assert 0 < len(errors) < len(record.results)
    assert all(float(result.parameters["scale"]) > 1 and result.dtype == "float32" for result in errors)
    assert all("the process that decided this case died" in result.reason for result in errors)
    assert {result.status for result in record.results if result not in errors} == {Status.pass_}


def test_a_long_chunk_is_handed_back_unfinished(monkeypatch):
    assignment = workers.Assignment((RIGHT_AND_WRONG,), "unbiased/*", NAMES, SETTINGS, 1e-6)
    monkeypatch.setattr(workers, "HAND_BACK", 0.0)
    numbers = [3, 1, 2]
    found = workers.decide_numbers(assignment, numbers)
    assert [number for number, _ in found] == [3]
    left = workers.decided(assignment.plan(), assignment, numbers, 1)
    assert [number for number, _ in left] == numbers


def test_a_worker_searches_for_garbage_among_all_its_objects_now_and_then(monkeypatch):
    assignment = workers.Assignment((RIGHT_AND_WRONG,), "unbiased/*", NAMES, SETTINGS, 1e-6)
    try:
        workers.decide_numbers(assignment, [3])
        assert gc.get_freeze_count() > 100_000  # its modules and its plan, at least
        gc.disable()
        cycle = Cycle()
        cycle.itself, seen = cycle, weakref.ref(cycle)
        del cycle
        for search, left in ((float("inf"), True), (0.0, False)):
            monkeypatch.setattr(workers, "SEARCH", search)
            workers._set_aside()
            gc.collect()
            assert (seen() is not None) is left
    finally:
        gc.unfreeze()
        gc.enable()


class Cycle:
    itself: Cycle


def test_a_worker_that_finds_another_plan_refuses(monkeypatch):
    assignment = workers.Assignment((RIGHT_AND_WRONG,), "unbiased/*", NAMES, SETTINGS, 1e-6, "another")
    with pytest.raises(UsageError, match="a worker process finds another plan than this run's"):
        workers.decide_numbers(assignment, [0])


def test_chunks_hold_every_case_once_and_those_that_share_an_exact_value():
    plan = make_plan(["fsb_oracle"], get_profile("smoke"), "*/gamma/*", ("numpy",))
    chunks = workers.in_chunks(plan, range(len(plan.cases)), 2)
    assert sorted(number for chunk in chunks for number in chunk) == list(range(len(plan.cases)))
    assert max(map(len, chunks)) <= workers.CHUNK and len(chunks) < len(plan.cases) / 4


def test_chunks_become_smaller_towards_the_end():
    plan = make_plan(["fsb_oracle"], get_profile("smoke"), "unbiased/[g-n]*", ("numpy",))
    sizes = [len(chunk) for chunk in workers.in_chunks(plan, range(len(plan.cases)), 2)]
    assert max(sizes[: len(sizes) // 2]) > 3 * workers.FEW
    assert max(sizes[-4:]) <= workers.FEW


def test_what_is_left_of_a_long_chunk_is_handed_out_in_the_same_round(monkeypatch):
    """Not when all else is through: processes would wait for each other."""
    assignment = workers.Assignment((RIGHT_AND_WRONG,), "unbiased/*", NAMES, SETTINGS, 1e-6)
    asked = []

    def first_alone(assignment, numbers):
        asked.append(list(numbers))
        return [(numbers[0], dead(plan, numbers[0]))]

    plan = assignment.plan()
    monkeypatch.setattr(workers, "decide_numbers", first_alone)
    monkeypatch.setattr(joblib, "Parallel", partial(_on_threads, joblib.Parallel))
    waiting = deque([[0, 1, 2], [3], [4], [5], [6], [7]])
    found = list(workers._until_a_death(assignment, waiting, 1, {}))
    assert sorted(number for number, _ in found) == list(range(8))
    assert asked.index([1, 2]) < asked.index([7]) and asked.index([2]) < asked.index([7])


def _on_threads(parallel, **options):
    return parallel(**options | {"backend": "threading"})


def test_zero_jobs_are_one_for_each_core():
    assert number_of_jobs(0) >= 1 and number_of_jobs(3) == 3
