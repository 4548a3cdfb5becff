"""Compute what the smoke profile asks for, and write it: `python tools/keep_answers.py [--check]`, in minutes.

Exact gradients, and exact moments of our own rules. All of them are written before a release: the smoke profile takes
an answer only where no code has changed since. With `--check` the file is compared with what is computed now.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from fsb_oracle import rules
from fsb_oracle.rules.answers import FILE, collected, differing
from fsb_oracle.rules.sources import sources
from fsb_oracle.runs.decide import decide
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.prepare import Prepared, prepare
from fsb_oracle.runs.workers import in_chunks, number_of_jobs
from fsb_oracle.verdicts.budget import Budget

PATH = Path(rules.__file__).parent / FILE


def main(words: list[str]) -> int:
    """Write the answers in the order of their questions, or compare; 1 if one differs or is missing."""
    digest, cases, jobs = sources(), _prepared().plan.cases, number_of_jobs(0)
    chunks = in_chunks(_prepared().plan, range(len(cases)), jobs)
    found: dict[str, Any] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for number, answers in enumerate(pool.map(_asked, chunks)):
            found |= answers
            print(f"\r{number + 1} of {len(chunks)}", end="", file=sys.stderr, flush=True)
    if words == ["--check"]:
        wrong = differing(json.loads(PATH.read_text(encoding="utf-8"))["answers"], found)
        print("".join(f"{question}\n" for question in wrong) or f"{len(found)} answers are what is computed now")
        return int(bool(wrong))
    lines = ",\n".join(f"{json.dumps(question)}: {json.dumps(found[question])}" for question in sorted(found))
    PATH.write_text(f'{{"sources": "{digest}", "answers": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{len(found)} answers")
    return 0


@cache
def _prepared() -> Prepared:
    return prepare(("fsb_oracle",), gather({"profile": "smoke", "backend": ("numpy",)})[0])


def _asked(numbers: list[int]) -> dict[str, Any]:
    """The answers that these cases ask for."""
    prepared = _prepared()
    budget = Budget(prepared.assignment.false_fail_rate, prepared.plan.tests)
    with collected() as found:
        for number in numbers:
            decide(prepared.plan.cases[number], prepared.assignment.settings, budget)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
