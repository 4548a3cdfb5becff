"""A small estimator whose run can be interrupted in every way, and what two records of one run have in common."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fsb_oracle import verify
from fsb_oracle.records import Record

BODY = """
from fsb_oracle import estimator


@estimator(family="normal", parameters=["loc"], same_as="pathwise")
def small(params, f, num_samples, rng):
    z = rng.normal(float(params["loc"]), float(params["scale"]), num_samples).astype(params["loc"].dtype)
    return {{"loc": f.derivative(z){spoilt}}}
"""
# `fsb-oracle verify`, which writes its record after every case and meets a signal when that holds three
SIGNALLED = """
import os, signal, sys
from fsb_oracle.cli import main
from fsb_oracle.runs import run

run.SAVE_EVERY, run.SAVE_SHARE = 0.0, 1e9
save = run.Run._save


def then_signalled(self, record):
    save(self, record)
    if len(record.results) == 3:
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))


run.Run._save = then_signalled
sys.exit(main(sys.argv[2:]))
"""
OPTIONS = {"profile": "smoke", "margin": 0.1, "select": "[usv]*"}  # unbiased, spectrum, variance: the cheap ones


@dataclass(frozen=True)
class Small:
    """The estimator in a file of its own."""

    path: Path

    @classmethod
    def write(cls, folder: Path, spoilt: str = "") -> Small:
        folder.mkdir(exist_ok=True)
        path = folder / "small.py"
        path.write_text(BODY.format(spoilt=spoilt))
        return cls(path)

    @property
    def target(self) -> str:
        return str(self.path)

    def run(self, **options) -> Record:
        return verify(self.target, **{**OPTIONS, **options})

    def signalled(self, name: str, record: Path) -> subprocess.CompletedProcess[str]:
        """The command line in a process of its own, which meets the signal in the middle."""
        words = ["verify", self.target, "--record", str(record)]
        words += [word for key, value in OPTIONS.items() for word in (f"--{key}", str(value))]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FSB_ORACLE_")}
        command = [sys.executable, "-c", SIGNALLED, name, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)


def comparable(record: Record) -> dict[str, object]:
    """Everything in a record that follows from its plan: not times, nor how it was run and where it is written."""
    content = json.loads(record.to_json())
    run = content["run"]
    for name in ("seconds", "started"):
        del run[name]
    for name in ("record", "resume", "jobs", "dask", "shard", "ledger"):
        del run["options"][name]
    for result in content["results"]:
        result["seconds"] = None
        result["details"].pop("seconds", None)
    return content
