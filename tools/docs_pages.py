"""A hook of MkDocs: pages and figures that are made from the code itself, and formulas as MathML.

So the documentation cannot drift away: the command line comes from its parser, rules and laws from their declarations,
checks from their docstrings, the record from its schema, the maps from exact variances.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from fsb_oracle import cli
from fsb_oracle.catalogue import STATUSES, TO_DO, explain, listing
from fsb_oracle.checks import CHECKS, Settings, get_profile, regimes
from fsb_oracle.records import Record, Status, schema
from fsb_oracle.report.regimes import regime_groups, regime_picture
from fsb_oracle.report.view import WORDS
from fsb_oracle.rules import get_rule
from fsb_oracle.subjects.rules import RuleSubject

STYLE = Path(__file__).parents[1] / "fsb_oracle" / "report" / "templates" / "style.css"
FIGURES = {
    "gamma-concentration": ("GAM-k-U", ("score", "score-best", "pathwise")),
    "normal-scale": ("NOR-sig-Ua", ("score", "measure-valued")),
    "poisson-rate": ("POI", ("score", "measure-valued")),
}
GALLERY = STYLE.parents[3] / "reports" / "gallery"
EXAMPLES = {
    "own_rules": "Our own gamma rules and baselines, on NumPy: spectra, exact variances, where a rule wins and loses",
    "torch_distributions": "Gamma, beta and Dirichlet of `torch.distributions`: real, small biases, and where they sit",
    "planted_bugs": "`examples/planted_bugs.py`: three bugs that happened somewhere, beside an estimator that is right",
}
FORMULA = re.compile(r'<script type="math/tex(; mode=display)?">(.*?)</script>', re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages and figures that are made from the code."""
    from mkdocs.structure.files import File

    pages = {
        "reference/command_line.md": command_line(),
        "reference/rules.md": rules(),
        "reference/families.md": families(),
        "reference/checks.md": checks(),
        "reference/record.md": record(),
        "gallery.md": gallery(),
        **{f"gallery/{name}.html": (GALLERY / f"{name}.html").read_text(encoding="utf-8") for name in EXAMPLES},
    }
    for name, content in (*pages.items(), *figures()):
        files.append(File.generated(config, name, content=content))
    return files


def on_page_content(html: str, **_: Any) -> str:
    """Formulas as MathML, which browsers show without a script."""
    from latex2mathml.converter import convert

    def mathml(found: re.Match[str]) -> str:
        return convert(unescape(found[2]), display="block" if found[1] else "inline")

    return FORMULA.sub(mathml, html)


def cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def code(text: str) -> str:
    """A text as code in a cell of a table."""
    return f"`{text}`".replace("|", "\\|").replace("\n", " ") if text else ""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines) + "\n"


def command_line() -> str:
    """Every verb with its arguments, from the parser."""
    parser = cli._parser()
    verbs = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    summaries = {action.dest: action.help or "" for action in verbs._choices_actions}
    parts = ["# Command line\n\n`fsb-oracle VERB ...`, also as `python -m fsb_oracle`. Exit codes are at the end.\n"]
    for name, verb in verbs.choices.items():
        parts.append(
            f"## {name}\n\n{sentence(summaries.get(name, ''))}.\n\n```text\n{verb.format_usage()[7:].strip()}\n```\n"
        )
        rows = [
            (code(argument(action)), cell(action.help or ""))
            for action in verb._actions
            if not isinstance(action, argparse._HelpAction)
        ]
        parts.append(table(("Argument", "Meaning"), rows))
    codes = [
        ("130", "interrupted; the record holds what had finished"),
        ("2", "a usage or configuration error, in one sentence"),
        ("1", "a result is `fail`, `unexpected_pass` or `error` (with `--strict` also `within_margin`)"),
        ("5", "nothing ran, or fewer checks than `--min-checks`"),
        ("3", "something stayed `inconclusive`; for `exact`: the digits were not reached"),
        ("0", "none of these"),
    ]
    parts.append("## Exit codes\n\nThe first that applies.\n\n" + table(("Code", "When"), codes))
    return "\n".join(parts)


def sentence(text: str) -> str:
    """A text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def argument(action: argparse.Action) -> str:
    """An argument as it is typed."""
    values = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    takes = "" if action.nargs == 0 else values or action.dest.upper()
    return " ".join(part for part in (", ".join(action.option_strings), takes) if part)


def rules() -> str:
    """The catalogue of rules, by law."""
    by_law: dict[str, list[dict[str, Any]]] = {}
    for row in listing("rules"):
        by_law.setdefault(row["family"], []).append(row)
    parts = [
        "# Fourier rules\n\nMade from the declarations that the back ends run. `fsb-oracle explain GAM-k-U` shows the "
        "symbol, the letters, facts on the variance and the source of a rule. Classes of f: F0 jumps allowed, F1 "
        "kinks allowed, F2 smooth.\n"
    ]
    for law, found in sorted(by_law.items()):
        entries = [
            (
                code(row["name"]),
                code(row["parameter"]),
                code(formula(row)),
                row["class"],
                cell(row["cost"]),
                ", ".join(row["recommended"]),
            )
            for row in found
        ]
        head = ("Rule", "Parameter", "One draw", "f", "Cost", "")
        parts.append(f"## {law}\n\n{table(head, entries)}")
    return "\n".join(parts)


def formula(row: dict[str, Any]) -> str:
    """The formula of a row of `list rules`."""
    return explain(row["name"]).get("formula", "")


def families() -> str:
    """The laws with their parameters."""
    rows = [(code(row["name"]), cell(row["summary"])) for row in listing("families")]
    intro = "Names are those of Torch, JAX and TFP where these have them; `fsb-oracle explain gamma` shows more."
    return f"# Laws\n\n{intro}\n\n" + table(("Law", "Parameters"), rows)


def checks() -> str:
    """What each check tests, from its docstring, and what each status means."""
    parts = ["# Checks and statuses\n\n## Checks\n"]
    for name in CHECKS:
        parts.append(f"### {name}\n\n{explain(name)['what']}\n")
    rows = [(WORDS[status], STATUSES[status], TO_DO[status]) for status in Status]
    parts.append("## Statuses\n\n" + table(("Status", "Means", "What to do"), rows))
    return "\n".join(parts)


def record() -> str:
    """The members of a result, and the schema."""
    fields = schema()["$defs"]["result"]["properties"]
    rows = [(code(name), cell(str(member.get("description", "")))) for name, member in fields.items()]
    return (
        "# Records\n\n`--record OUT.json` and `--json` write what a run found out as strict JSON: `schema`, `run`, "
        "`results`, `summary`. Everything that a report shows is in the record. A reader of this version refuses "
        "another major version in one sentence.\n\n## A result\n\n"
        + table(("Member", "Meaning"), rows)
        + "\n## The schema\n\n"
        "JSON Schema, draft 2020-12; in Python `fsb_oracle.records.schema()`.\n\n"
        f"```json\n{json.dumps(schema(), indent=1)}\n```\n"
    )


def gallery() -> str:
    """The committed example reports."""
    rows = [(f"[{name.replace('_', ' ')}](gallery/{name}.html)", words) for name, words in EXAMPLES.items()]
    return (
        "# Gallery\n\nWhole reports, each one file that needs no network. `python tools/gallery.py` makes them; a test "
        "holds that they are what the tool draws today.\n\n" + table(("Report", "What it shows"), rows)
    )


def figures() -> Iterator[tuple[str, str]]:
    """The maps of exact variance ratios, as files that stand alone."""
    settings = Settings("default", 0.02, 0.02, 1e-3, 1)
    for name, (rule, comparators) in FIGURES.items():
        (case,) = regimes.plan(RuleSubject(get_rule(rule), "numpy"), get_profile("default"))
        (group,) = regime_groups(Record({}, (regimes.check(case, settings, 0.0),)))
        for regime in group.regimes:
            if regime.against in comparators:
                yield f"figures/{name}-{regime.against}.svg", standalone(regime_picture(regime))


def standalone(svg: str) -> str:
    """A figure of the report with the style that the page gives it."""
    style = STYLE.read_text(encoding="utf-8").replace("font-family: inherit", "font-family: sans-serif")
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "<title>", f"<style>{style}</style><title>", 1
    )
