"""Several processes give the record that one gives; one that is killed loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fsb_oracle import verify
from fsb_oracle.records import Status
from fsb_oracle.runs.workers import number_of_jobs

from .small import comparable

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
    options = {"profile": "smoke", "select": "unbiased/*"}
    one, two = (verify(RIGHT_AND_WRONG, jobs=jobs, **options) for jobs in (1, 2))
    assert comparable(one) == comparable(two)
    assert one.run["false_fail_rate"] == two.run["false_fail_rate"]
    assert {"pass", "fail"} <= {result.status for result in two.results}


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
def test_a_killed_process_loses_nothing(tmp_path):
    path, mark = tmp_path / "killed.py", tmp_path / "mark"
    path.write_text(KILLED.format(mark=str(mark)))
    record = verify(str(path), profile="smoke", select="unbiased/*", jobs=2)
    assert mark.exists()
    again = verify(str(path), profile="smoke", select="unbiased/*")
    assert comparable(record) == comparable(again)
    assert {result.status for result in record.results} == {Status.pass_}


def test_zero_jobs_are_one_for_each_core():
    assert number_of_jobs(0) >= 1 and number_of_jobs(3) == 3
