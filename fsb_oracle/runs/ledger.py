"""Evidence over many nights: the stopped e-values of each case by epoch (seed), in SQLite.

Epochs with fresh seeds are independent, so the product of a case's e-values is an e-value again. Where its logarithm
reaches log(1/a), a the case's share of the run's false-fail budget, the case fails: over all nights together that
happens with probability a at most where there is no bias. A new epoch adds evidence; it never erases any.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, Status, strict_json, triage
from fsb_oracle.runs.environment import digest
from fsb_oracle.verdicts.budget import Budget

TABLE = """
CREATE TABLE IF NOT EXISTS evidence (
    code TEXT NOT NULL,     -- digest of versions and source: other code starts anew
    plan TEXT NOT NULL,     -- digest of cases, margin and budget: another plan starts anew
    epoch INTEGER NOT NULL, -- the run's seed
    case_id TEXT NOT NULL,
    log_e REAL,             -- natural logarithm of the e-value at which sampling stopped
    status TEXT NOT NULL,
    machine TEXT NOT NULL,  -- bits are compared on the same kind of machine only
    digest TEXT NOT NULL,   -- of the numbers of the result
    PRIMARY KEY (code, plan, case_id, epoch)
) WITHOUT ROWID
"""
WAIT = 30.0  # seconds for another process that writes
OTHERS = ("ledger", "neighbours", "worst_wave")  # details that other epochs and cases decide
NUMBERS = (
    "parameters", "f", "exact", "estimate", "standard_error", "bias", "bias_bound", "bias_scale", "margin", "interval",
    "evidence", "tier", "variance_class", "variance", "exact_variance", "num_samples", "details",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What the ledger holds of a case at one epoch."""

    log_e: float | None
    machine: str
    digest: str


class Ledger:
    """A ledger file, made where it is missing.

    Raises:
        UsageError: the file cannot be opened, or is no ledger.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with self._connection() as connection:
            connection.execute(TABLE)

    def enter(self, record: Record, budget: Budget) -> Record:
        """Write the record's evidence down, and judge each case by all epochs of this code and plan.

        An epoch counts once. A case that does not give the same bits again at the same epoch and on the same kind of
        machine fails as `nondeterministic`.
        """
        code, plan, epoch, machine = _key(record.run)
        sampled = [result for result in record.results if "log_e" in result.details]
        with self._connection() as connection:
            entries = self._entries(connection, code, plan)
            fresh = [result for result in sampled if epoch not in entries.get(result.case, {})]
            connection.executemany(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (code, plan, epoch, one.case, one.details["log_e"], one.status.value, machine, _bits(one))
                    for one in fresh
                ],
            )
        judged: dict[str, Result] = {}
        for result in sampled:
            known = dict(entries.get(result.case, {}))
            now = Entry(result.details["log_e"], machine, _bits(result))
            before = known.setdefault(epoch, now)
            judged[result.case] = _judged(result, known, budget.share(result.case), now, before)
        results = tuple(judged.get(result.case, result) for result in record.results)
        return Record({**record.run, "triage": triage(results)}, results)

    def _entries(self, connection: sqlite3.Connection, code: str, plan: str) -> dict[str, dict[int, Entry]]:
        found: dict[str, dict[int, Entry]] = {}
        rows: Iterable[Any] = connection.execute(
            "SELECT case_id, epoch, log_e, machine, digest FROM evidence WHERE code = ? AND plan = ? ORDER BY epoch",
            (code, plan),
        )
        for case, epoch, log_e, machine, bits in rows:
            found.setdefault(case, {})[epoch] = Entry(log_e, machine, bits)
        return found

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which no other process writes: all that is written inside is there, or nothing."""
        try:
            connection = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise UsageError(f"cannot use the ledger {self.path!r}: {error}") from None


def _judged(result: Result, epochs: dict[int, Entry], share: float, now: Entry, before: Entry) -> Result:
    known = [entry.log_e for entry in epochs.values() if entry.log_e is not None]
    details = dict(result.details)
    if known:
        details["ledger"] = {"epochs": len(known), "log_e": math.fsum(known)}
    result = replace(result, details=details)
    if now.machine == before.machine and now.digest != before.digest:
        words = "the ledger holds another result of this case at the same seed, by the same code, on such a machine"
        return _failed(result, "nondeterministic", f"NOT DETERMINISTIC  {result.case}\n  {words}")
    good = result.status in (Status.pass_, Status.inconclusive)
    if good and share and known and details["ledger"]["log_e"] >= math.log(1 / share):
        power, limit = (value / math.log(10) for value in (details["ledger"]["log_e"], math.log(1 / share)))
        words = (
            f"evidence 10^{power:.1f} over {len(known)} epochs, against a budget of 10^{limit:.1f}: "
            "the bias is small, and no single epoch shows it"
        )
        return _failed(result, "biased", f"BIASED  {result.case}\n  {words}")
    return result


def _failed(result: Result, reason: str, headline: str) -> Result:
    """The result as a failure; what the epoch itself says follows."""
    return replace(result, status=Status.fail, reason=reason, message=f"{headline}\n  this epoch: {result.message}")


def _key(run: dict[str, Any]) -> tuple[str, str, int, str]:
    """Code, plan, epoch and kind of machine of a run."""
    options, plan, machine = run["options"], run["plan"], run["machine"]
    code = digest(repr(part).encode() for part in (sorted(run["versions"].items()), plan["code"]))
    settings = [options[name]["value"] for name in ("profile", "margin", "false_fail_rate", "false_pass_rate")]
    cases = digest(repr(part).encode() for part in (settings, plan["cases"], plan["margin_given"]))
    kind = " ".join(str(machine[name]) for name in ("python", "platform", "processor"))
    return code, cases, run["seed"], kind


def _bits(result: Result) -> str:
    """Digest of all numbers of a result but its time; what they are called, and other cases, may change."""
    content = result.to_dict()
    content["details"] = {name: value for name, value in content["details"].items() if name not in OTHERS}
    return digest([strict_json([content[name] for name in NUMBERS]).encode()])
