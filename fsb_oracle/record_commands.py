"""The verbs that put records together: `merge` and `matrix`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from fsb_oracle.errors import UsageError

if TYPE_CHECKING:
    from fsb_oracle.records import Record


def add_merge(parser: argparse.ArgumentParser) -> None:
    """`merge RECORD... -o OUT.json`."""
    parser.add_argument("records", nargs="+", metavar="RECORD", help="the records of --record to be merged")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.json", help="the record that is written")
    parser.set_defaults(run=merge_command)


def merge_command(options: argparse.Namespace) -> int:
    """One record of all; a sentence on what it is of."""
    from fsb_oracle.records import write

    record = merged(options.records)
    try:
        write(record, options.output)
    except OSError as error:
        raise UsageError(f"cannot write {options.output!r}: {error.strerror or error}") from None
    shard = record.run.get("shard")
    if shard is not None:
        missing = [str(part) for part in range(1, shard["of"] + 1) if part not in shard["parts"]]
        print(f"fsb-oracle: of {shard['of']} shards these are missing: {', '.join(missing)}", file=sys.stderr)
    return 0


def merged(paths: list[str]) -> Record:
    """The records in these files as one; a note on stderr where they are of different runs."""
    from fsb_oracle.records import difference, merge, read

    records = [read(path) for path in paths]
    whole = merge(records, paths)
    for path, record in zip(paths[1:], records[1:], strict=True):
        found = difference(records[0].run, record.run)
        if found is not None:
            setting, one, other = found
            words = f"{setting} is {one!r} in {paths[0]!r} and {other!r} in {path!r}"
            print(f"fsb-oracle: these are different runs, whose false-fail rates add up: {words}", file=sys.stderr)
            break
    return whole


def add_matrix(parser: argparse.ArgumentParser) -> None:
    """`matrix RECORD... [--json | --markdown]`."""
    parser.add_argument("records", nargs="+", metavar="RECORD", help="records of --record; several are merged")
    parser.add_argument("--json", action="store_true", help="the cells as a list of objects")
    parser.add_argument("--markdown", action="store_true", help="a table for a README")
    parser.set_defaults(run=matrix_command)


def matrix_command(options: argparse.Namespace) -> int:
    """The support table on stdout."""
    from fsb_oracle.report.support import support, support_markdown, support_text

    if options.json and options.markdown:
        raise UsageError("--json and --markdown are two forms of one table: give one of the two")
    cells = support(merged(options.records))
    if options.json:
        print(json.dumps([cell.to_json_object() for cell in cells], indent=2))
    else:
        print((support_markdown if options.markdown else support_text)(cells), end="")
    return 0
