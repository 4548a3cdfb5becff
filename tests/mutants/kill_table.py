"""The table of kills: `python -m tests.mutants.kill_table > docs/reference/planted_faults.md` (minutes).

Which check kills each planted fault, after how many cases of the default profile, units (draws) and CPU seconds.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator

from fsb_oracle.records import Status
from fsb_oracle.subjects import Subject

from .functions import FUNCTIONS
from .impostor import impostor
from .killing import BAD, Kill, first_kill
from .libraries import LIBRARIES
from .models import MODELS
from .planted import NAMED
from .samplers import SAMPLERS
from .vectors import VECTORS

HEAD = """# Planted faults, and what kills them

Written by `python -m tests.mutants.kill_table > docs/reference/planted_faults.md`. Each fault is one line of an
estimator, named after a fault that happened; the default profile is told neither the f nor the parameter that shows it,
and asks the plan of each check in turn until one fails. The proof of a rule's multiplier, which also finds every fault
in a rule, is not asked here. Units are draws of the estimator; seconds are CPU seconds of one core.
"""

COLUMNS = """| fault | class | killed by | cases | units | seconds |
| --- | --- | --- | --- | --- | --- |"""


def planted() -> Iterator[tuple[str, str, str, Subject, tuple[Status, ...]]]:
    """Group, name, class of faults and subject of each, and the statuses that count as found."""
    for mutant in NAMED:
        yield "Rules", f"{mutant.rule_id}: {mutant.fault}", mutant.model, impostor(mutant), BAD
    for mutant in VECTORS:
        yield (
            "Rules of vectors and composed laws",
            f"{mutant.rule_id}: {mutant.fault}",
            mutant.model,
            mutant.subject,
            BAD,
        )
    for mutant in FUNCTIONS:
        words = f"{mutant.family} {mutant.parameter}: {mutant.fault}"
        yield "Functions", words, mutant.model, mutant.subject, BAD
    for mutant in LIBRARIES:
        words = f"{mutant.family} {mutant.parameter}: {mutant.fault}"
        yield "Functions of Torch and JAX", words, mutant.model, mutant.subject, BAD
    for mutant in SAMPLERS:
        accepted = (*BAD, Status.within_margin) if mutant.within else BAD
        yield "Samplers that differentiate their samples", mutant.fault, mutant.model, mutant.subject, accepted


def row(name: str, model: str, kill: Kill | None) -> str:
    if kill is None:
        return f"| {name} | {model} | **survived** | | | |"
    found = kill.result.check + (" (tier 0b)" if kill.result.tier == "0b" else "")
    found += ", a small bias" if kill.result.status is Status.within_margin else ""
    return f"| {name} | {model} | {found} | {kill.cases} | {kill.units:,} | {kill.seconds:.2f} |"


def main() -> None:
    warnings.simplefilter("ignore")
    print(HEAD, end="")
    group, kills = "", []
    for section, name, model, subject, accepted in planted():
        if section != group:
            group = section
            print(f"\n## {group}\n\n{COLUMNS}")
        kill = first_kill(subject, accepted)
        kills.append(kill)
        print(row(name, model, kill), flush=True)
        print(len(kills), name, file=sys.stderr, flush=True)
    print("\n## Classes\n")
    for code, words in MODELS.items():
        print(f"- {code}: {words}")
    counts = Counter(kill.result.check if kill else "survived" for kill in kills)
    seconds = sum(kill.seconds for kill in kills if kill)
    words = ", ".join(f"{count} by {check}" for check, count in counts.most_common())
    print(f"\n{len(kills)} planted faults: {words}; {seconds:.0f} CPU seconds in all.")


if __name__ == "__main__":
    main()
