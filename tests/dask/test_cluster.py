"""Verdicts from a real Dask cluster of worker processes: those of one process, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

from fsb_oracle import UsageError, verify
from fsb_oracle.cli import main
from fsb_oracle.records import Status, read

FILE = str(Path(__file__).resolve().parents[1] / "data" / "right_and_wrong.py")
OPTIONS = {"profile": "smoke", "margin": 0.2}
SELECT = "unbiased/*float64"

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


@contextmanager
def cluster(workers=2):
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs="CRITICAL"
    ) as local:
        yield local.scheduler_address


def comparable(record):
    """What follows from the plan: not times, nor how it was run."""
    content = json.loads(record.to_json())
    for result in content["results"]:
        result["seconds"] = None
        result["details"].pop("seconds", None)
    return content["results"], content["run"]["false_fail_rate"], content["run"]["plan"], content["run"]["triage"]


@pytest.fixture(scope="module")
def alone():
    """The run in this process."""
    return verify(FILE, select=SELECT, **OPTIONS)


def process_ids(address):
    with Client(address, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


def test_a_worker_that_is_killed_loses_nothing(alone, tmp_path):
    path = tmp_path / "record.json"
    with cluster() as address:
        victim, _ = process_ids(address)

        def kill_once(progress):
            if progress.finished == 2:
                os.kill(victim, signal.SIGKILL)

        record = verify(FILE, dask=address, record=path, select=SELECT, progress=kill_once, **OPTIONS)
        assert victim not in process_ids(address)  # it is dead, and Dask has another in its place
    assert comparable(record) == comparable(alone) == comparable(read(path))
    assert record.run["ran"] == record.run["planned"] == len(record.results)
    assert {Status.pass_, Status.fail} <= {result.status for result in record.results}


def test_only_the_cases_that_kill_their_worker_are_errors(tmp_path):
    path = tmp_path / "deadly.py"
    path.write_text(DEADLY)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), cluster() as address:
        record = verify(str(path), dask=address, select="unbiased/*/sin3/*", **OPTIONS)
    dead = [result for result in record.results if result.status is Status.error]
    assert 0 < len(dead) < len(record.results)
    assert all(float(result.parameters["scale"]) > 1 and result.dtype == "float32" for result in dead)
    assert {result.status for result in record.results if result not in dead} == {Status.pass_}


def test_workers_that_find_another_plan_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "elsewhere.py"
    path.write_text(DEADLY.replace("> 1", "> 1e9").replace('["loc"],', '[os.environ.get("CLAIMED", "loc")],'))
    with cluster() as address:
        monkeypatch.setenv("CLAIMED", "scale")  # here, and not on the workers
        with pytest.raises(UsageError, match="a worker process finds another plan than this run's"):
            verify(str(path), dask=address, select="unbiased/*/sin3/*", **OPTIONS)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", "no answer from a Dask scheduler at 'tcp://127.0.0.1:9' (none in 5 seconds)"),
        ("nonsense://here", "no answer from a Dask scheduler at 'nonsense://here'"),
    ],
)
def test_an_address_without_a_scheduler_is_one_sentence_within_seconds(capsys, address, words):
    before = time.perf_counter()
    assert main(["verify", FILE, "--profile", "smoke", "--dask", address]) == 2
    err = capsys.readouterr().err
    assert words in err and err.count("\n") == 1 and "Traceback" not in err
    assert time.perf_counter() - before < 30


def test_a_scheduler_without_workers_is_one_sentence(tmp_path):
    with cluster(workers=0) as address, pytest.raises(UsageError, match="has no workers: start some: dask worker"):
        verify(FILE, dask=address, **OPTIONS)


def test_a_scheduler_that_is_lost_leaves_what_had_finished(alone, tmp_path, monkeypatch):
    from fsb_oracle.runs import run

    monkeypatch.setattr(run, "SAVE_EVERY", 0.0)
    path = tmp_path / "record.json"
    with cluster() as address:
        local = {}

        def lose(progress):
            if progress.finished == 2:
                with Client(address, set_as_default=False) as client:
                    client.shutdown()
                local["lost"] = True

        with pytest.raises(UsageError, match=r"the Dask scheduler at \S+ was lost"):
            verify(FILE, dask=address, record=path, select=SELECT, progress=lose, **OPTIONS)
    assert local and read(path).results
    assert comparable(verify(resume=path)) == comparable(alone)


def test_ctrl_c_leaves_what_had_finished_and_the_cluster_as_it_was(alone, tmp_path, capsys):
    path = tmp_path / "record.json"

    def stop(progress):
        if progress.finished == 3:
            raise KeyboardInterrupt

    with cluster() as address:
        before = process_ids(address)
        part = verify(FILE, dask=address, record=path, select=SELECT, progress=stop, **OPTIONS)
        assert part.run["interrupted"] and len(part.results) == 3
        finished = verify(resume=path, dask=address)
        assert process_ids(address) == before
    assert comparable(finished) == comparable(alone)
    assert capsys.readouterr().err == ""
