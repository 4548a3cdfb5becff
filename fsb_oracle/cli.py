"""The command line `fsb-oracle`: reads arguments, calls the public functions, prints. Heavy imports wait for their
verb."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from fsb_oracle import __version__, record_commands, report_command, verify_command
from fsb_oracle.errors import UsageError, nearest

USAGE_ERROR, NOT_REACHED, INTERRUPTED = 2, 3, 130


class _Parser(argparse.ArgumentParser):
    """Errors are one sentence on stderr and exit code 2, without the usage block."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is returned (and is the process's)."""
    try:
        options = _parser().parse_args(arguments)
        if options.run is None:
            _parser().print_help()
            return USAGE_ERROR
        return options.run(options)
    except UsageError as error:
        print(f"fsb-oracle: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("fsb-oracle: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="fsb-oracle", description="Says of a stochastic-gradient estimator whether it is right.")
    parser.add_argument("--version", action="version", version=f"fsb-oracle {__version__}")
    parser.set_defaults(run=None)
    verbs = parser.add_subparsers(metavar="VERB", parser_class=_Parser)
    _add_exact(verbs.add_parser("exact", help="exact E f and its gradient, with error radii"))
    _add_variance(verbs.add_parser("variance", help="exact one-draw variance of rules and baselines"))
    verify_command.add_verify(verbs.add_parser("verify", help="verify estimators"))
    report_command.add_report(
        verbs.add_parser("report", help="render records: HTML, Markdown, a badge, two side by side")
    )
    record_commands.add_merge(verbs.add_parser("merge", help="one record of the shards of a run, or of several runs"))
    record_commands.add_matrix(verbs.add_parser("matrix", help="the support table of records"))
    _add_list(verbs.add_parser("list", help="what there is"))
    _add_explain(verbs.add_parser("explain", help="one rule, law, check or status explained"))
    _add_certify(verbs.add_parser("certify", help="write the certified vectors of reference/, or check them"))
    return parser


def _add_exact(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("family", metavar="FAMILY", help="a law, such as gamma; `list families` shows all")
    parser.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE",
        help="its parameters: decimals or fractions, as in rate=10/7; vectors and matrices as in loc=[0.1,-0.2]",
    )  # fmt: skip
    parser.add_argument("--f", required=True, metavar="EXPR", help="an expression in z, such as 'sin(3*z)'")
    parser.add_argument("--digits", default="30", help="relative digits (default 30)")
    parser.add_argument("--audit", action="store_true", help="add mpmath's integral of the characteristic function")
    parser.add_argument("--json", action="store_true", help="print one JSON object, its numbers as decimal strings")
    parser.set_defaults(run=_exact)


def _exact(options: argparse.Namespace) -> int:
    from fsb_oracle import exact

    found = exact(
        options.family,
        _assignments(options.parameters),
        options.f,
        _integer("digits", options.digits),
        options.audit,
    )
    if options.json:
        print(json.dumps(found.to_json_object(), indent=2))
    else:
        print(f"f = {found.f}, {found.family}({', '.join(f'{k}={v}' for k, v in found.parameters.items())})")
        for name, value in {
            "E f": found.expectation,
            **{f"d/d {k}": v for k, v in found.gradient.items()},
        }.items():
            number = f"0 within {value.radius}" if value.value == "0" else f"{value.value}\n  +- {value.radius}"
            print(f"{name}\n  {number}   level {value.level}: {', '.join(value.routes)}")
    values = [found.expectation, *found.gradient.values()]
    if all(value.reached for value in values):
        return 0
    print(f"fsb-oracle: {found.digits} digits were not reached; the balls above hold", file=sys.stderr)
    return NOT_REACHED


def _add_variance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("family", metavar="FAMILY", help="a law, such as gamma; `list families` shows all")
    parser.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE",
        help="its parameters: decimals or fractions, as in rate=10/7; vectors and matrices as in loc=[0.1,-0.2]",
    )  # fmt: skip
    parser.add_argument("--f", required=True, metavar="EXPR", help="an expression in z, such as 'sin(3*z)'")
    parser.add_argument("--estimator", nargs="+", metavar="ID", help="only these rules and baselines")
    parser.add_argument("--json", action="store_true", help="print one JSON object with a row for each estimator")
    parser.set_defaults(run=_variance)


def _variance(options: argparse.Namespace) -> int:
    from fsb_oracle import variance

    given = _assignments(options.parameters)
    rows = variance(options.family, given, options.f, options.estimator)
    if options.json:
        content = {"family": options.family, "parameters": given, "f": options.f}
        print(json.dumps(content | {"rows": [row.to_json_object() for row in rows]}, indent=2))
        return 0
    numbers = f"{'mean':>22}{'variance':>22}{'error':>10}{'kurtosis':>12}{'variance x cost':>18}"
    print(f"{'parameter':<16}{'estimator':<16}{numbers}  cost")
    for row in rows:
        kurtosis = "" if row.kurtosis is None else f"{row.kurtosis:.5g}"
        print(
            f"{row.parameter:<16}{row.id:<16}{row.mean:>22.15g}{row.variance:>22.15g}{row.error:>10.1e}{kurtosis:>12}"
            f"{row.cost_adjusted:>18.9g}  {row.cost}{'  certified' if row.certified else ''}"
            f"{f'  BIASED by {row.bias:.6g}: outside of its disc of convergence' if row.bias else ''}"
        )
    return 0


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="{families,integrands,rules,estimators,checks,subjects}", help="what to list")
    parser.add_argument("--json", action="store_true", help="print a list of JSON objects; of rules with their proofs")
    parser.set_defaults(run=_list)


def _list(options: argparse.Namespace) -> int:
    from fsb_oracle.catalogue import KINDS, listing

    if options.kind not in KINDS:
        raise UsageError(f"cannot list {options.kind!r}; there are {', '.join(KINDS)}{nearest(options.kind, KINDS)}")
    rows = listing(options.kind, proofs=options.json)
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['name']:<{width}}  {row['summary']}")
    return 0


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a rule (GAM-k-U), a law, a check or a status")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    from fsb_oracle.catalogue import explain

    entries = explain(options.name)
    if options.json:
        print(json.dumps(entries, indent=2))
        return 0
    for key, value in entries.items():
        print(f"{key}: {value}")
    return 0


def _add_certify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="recompute instead of writing; 1 if a ball does not overlap"
    )
    parser.add_argument("--overwrite", action="store_true", help="compute anew, and change, what is there already")
    parser.add_argument(
        "--family", action="append", metavar="FAMILY", help="compute the vectors of this law alone; may be repeated"
    )
    parser.add_argument("--sample", metavar="N", help="with --check: recompute only N vectors, always the same")
    parser.add_argument("--jobs", metavar="N", help="processes (default: one a processor)")
    parser.add_argument("--output", metavar="DIR", help="the folder (default: the reference of this package)")
    parser.set_defaults(run=_certify)


def _certify(options: argparse.Namespace) -> int:
    # read as SymPy is imported, here and by every process: the formulas of all questions fit into memory
    os.environ.setdefault("SYMPY_CACHE_SIZE", "None")
    from fsb_oracle.certify_command import check_reference, write_reference

    jobs, sample = _count("jobs", options.jobs), _count("sample", options.sample)
    if options.check and options.overwrite:
        raise UsageError("--overwrite writes and --check does not: give one of the two")
    if options.check and options.family:
        raise UsageError("--family goes without --check: a reference is checked whole, or a --sample of it")
    if options.check:
        return check_reference(options.output, sample, jobs)
    if sample:
        raise UsageError("--sample goes with --check: a reference is written whole")
    return write_reference(options.output, options.overwrite, jobs, options.family)


def _assignments(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE words as a dictionary."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"cannot read {word!r}: write NAME=VALUE, as in rate=1")
        if name in found:
            raise UsageError(f"{name!r} is given twice")
        found[name] = value
    return found


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{name}={text!r} must be an integer") from None


def _count(name: str, text: str | None) -> int | None:
    if text is not None and _integer(name, text) < 1:
        raise UsageError(f"{name}={text} must be 1 or more")
    return None if text is None else int(text)


if __name__ == "__main__":
    sys.exit(main())
