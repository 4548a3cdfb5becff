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
import os, pathlib, signal
from fsb_oracle import estimator

MARK = pathlib.Path(__file__).with_suffix(".mark")
SEEN = set()


@estimator(family="normal", parameters=["loc"], same_as="pathwise")
def small(params, f, num_samples, rng):
    SEEN.add(float(params["loc"]))
    if len(SEEN) >= {values} and not MARK.exists():  # once: the file tells the next process that it has happened
        MARK.touch()
        {trap}
    z = rng.normal(float(params["loc"]), float(params["scale"]), num_samples).astype(params["loc"].dtype)
    return {{"loc": f.derivative(z){spoilt}}}
"""
OPTIONS = {"profile": "smoke", "margin": 0.1}


@dataclass(frozen=True)
class Small:
    """The estimator in a file of its own."""

    path: Path

    @classmethod
    def write(cls, folder: Path, trap: str = "pass", values: int = 1 << 30, spoilt: str = "") -> Small:
        """The trap is met where the location takes its `values`-th value, whatever the number of calls before."""
        folder.mkdir(exist_ok=True)
        path = folder / "small.py"
        path.write_text(BODY.format(trap=trap, values=values, spoilt=spoilt))
        return cls(path)

    @property
    def target(self) -> str:
        return str(self.path)

    def run(self, **options) -> Record:
        return verify(self.target, **{**OPTIONS, **options})

    def in_a_process(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`fsb-oracle verify` that writes its record after every case."""
        code = (
            "import sys\nfrom fsb_oracle.cli import main\nfrom fsb_oracle.runs import run\n"
            "run.SAVE_EVERY, run.SAVE_SHARE = 0.0, 1e9\nsys.exit(main(sys.argv[1:]))"
        )
        command = [sys.executable, "-c", code, "verify", self.target, "--profile", "smoke", "--margin", "0.1", *words]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FSB_ORACLE_")}
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
