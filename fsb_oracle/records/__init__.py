"""Results and records: what the checks found out, as plain values and as strict JSON. Imports nothing
heavy."""

from fsb_oracle.records.record import SCHEMA, Record, exit_code, merge, read, schema, summarise, write
from fsb_oracle.records.result import Result, Status

__all__ = [
    "SCHEMA",
    "Record",
    "Result",
    "Status",
    "exit_code",
    "merge",
    "read",
    "schema",
    "summarise",
    "write",
]
