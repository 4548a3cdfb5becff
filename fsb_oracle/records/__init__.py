"""Results and records: what the checks found out, as plain values and as strict JSON. Imports nothing
heavy."""

from fsb_oracle.records.identity import SETTINGS, difference
from fsb_oracle.records.merging import merge
from fsb_oracle.records.neighbours import with_neighbours
from fsb_oracle.records.record import (
    SCHEMA,
    Record,
    as_element,
    assembled,
    clear_partial,
    exit_code,
    read,
    schema,
    strict_json,
    summarise,
    write,
)
from fsb_oracle.records.result import Result, Status
from fsb_oracle.records.triage import triage

__all__ = [
    "SCHEMA",
    "SETTINGS",
    "Record",
    "Result",
    "Status",
    "as_element",
    "assembled",
    "clear_partial",
    "difference",
    "exit_code",
    "merge",
    "read",
    "schema",
    "strict_json",
    "summarise",
    "triage",
    "with_neighbours",
    "write",
]
