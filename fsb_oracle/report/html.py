"""A record as one HTML file: no network, no script, at most MAX_BYTES; the page says where it was cut."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import view
from fsb_oracle.report.accuracy import accuracy_maps, accuracy_picture
from fsb_oracle.report.bounds import bound_text
from fsb_oracle.report.embed import Embedded, absent, complete, rounded
from fsb_oracle.report.formats import count, duration, moment, number, radius, shorten_decimal
from fsb_oracle.report.groups import Finding, findings, gather, matrix, reasons, totals
from fsb_oracle.report.interval_picture import interval_picture
from fsb_oracle.report.spectra import peak_text, spectrum_groups, spectrum_picture
from fsb_oracle.report.variances import variance_panels, variance_picture
from fsb_oracle.report.verdict import budget, tiles, verdict

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_BYTES = 1_000_000
# For the words around the record.
RESERVE = 1_000
RECORD_MARK = "<!--record-->"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a long record is drawn; the rest is counted, and stands in the embedded record."""

    blocks: int
    """Findings in full, with message, picture and command."""
    spectra: int
    ratios: int
    """Comparisons for each family and parameter."""
    exact: int
    """Exact values for each family."""
    rows: int
    """Cases for each estimator and back end, and for each finding."""


# From generous to tight; the first with which page and record fit is taken.
LIMITS = (Limits(120, 240, 60, 400, 1000), Limits(40, 72, 24, 60, 200), Limits(16, 24, 12, 24, 12))


def render_html(record: Record) -> str:
    """The page for `record`, at most MAX_BYTES long unless it has hundreds of subjects; the same each time.

    Raises UsageError where Jinja2 is not installed.
    """
    environment = jinja_environment()
    # Through JSON once, so that a record in memory and the same record read from disk give one page.
    text = record.to_json()
    content = json.loads(text)
    shown = view.printable(Record.from_json(text))
    context = page_context(shown)
    template = environment.get_template("report.html.j2")

    @cache
    def page(limits: Limits) -> str:
        return template.render(**context, **limited(shown, context, limits))

    for form in (complete, rounded, absent):
        forms = list(form(content))
        for limits in LIMITS:
            for embedded in forms:
                room = MAX_BYTES - len(page(limits).encode()) - RESERVE
                if (embedded is None and room >= 0) or (embedded and len(embedded.content) <= room):
                    return with_record(environment, page(limits), embedded)
    return with_record(environment, page(LIMITS[-1]), None)


def with_record(environment: Environment, page: str, embedded: Embedded | None) -> str:
    """The page with its last section, which holds the record itself."""
    section = environment.get_template("record.html.j2").render(embedded=embedded)
    return page.replace(RECORD_MARK, section)


def jinja_environment() -> Environment:
    """Templates, with everything that a template writes escaped, and the words and pictures as filters."""
    try:
        import jinja2
    except ImportError:
        raise UsageError("the HTML report needs Jinja2: pip install 'fsb-oracle[report]'") from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fsb_oracle.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        word=view.WORDS.__getitem__,
        count=count,
        number=number,
        duration=duration,
        decimal=shorten_decimal,
        radius=radius,
        moment=moment,
        unbroken=unbroken,
        sentence=view.finding_sentence,
        bias=view.bias_text,
        bound=bound_text,
        how=view.how,
        message=view.message,
        place=view.place,
        parameters=view.parameters,
        back_end=view.back_end,
        picture=picture,
        spectrum=spectrum_picture,
        peak=peak_text,
        map=accuracy_picture,
        totals=totals,
        places=places,
    )
    return environment


def page_context(record: Record) -> dict[str, Any]:
    """What the templates show, apart from what depends on the limits."""
    exact = [result for result in record.results if result.check == "exact"]
    context: dict[str, Any] = {
        "record": record,
        "record_mark": RECORD_MARK,
        "statuses": Status,
        "version": record.run.get("versions", {}).get("fsb-oracle", ""),
        "versions": ", ".join(
            f"{name} {text}" for name, text in sorted(record.run.get("versions", {}).items()) if text
        ),
        "verdict": verdict(record),
        "tiles": tiles(record),
        "budget": budget(record),
        "failed": findings(record, view.FAILED),
        "within": findings(record, [Status.within_margin]),
        "inconclusive": findings(record, [Status.inconclusive]),
        "matrix": matrix(record),
        "panels": variance_panels(record),
        "maps": accuracy_maps(record),
        "exact": list(gather(exact, lambda result: result.family or "").items()),
        "exact_total": len(exact),
        "not_applicable": reasons(record, Status.not_applicable),
        "known": reasons(record, Status.known_failure),
    }
    return context


def limited(record: Record, context: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """What depends on the limits."""
    spectra, left_out = spectrum_groups(record, limits.spectra)
    total = sum(len(results) for _, results in spectra)
    everything = [*context["failed"], *context["within"], *context["inconclusive"]]
    return {
        "limits": limits,
        "rows_cut": any(
            len(cell.results) > limits.rows for row in context["matrix"].rows for cell in row.cells.values()
        ),
        "in_full": in_full(everything, limits.blocks),
        "spectra": spectra,
        "spectra_left_out": left_out,
        "spectra_open": total <= 24,
        "ratios": lambda panel: variance_picture(panel, limits.ratios),
        "contents": contents(context, bool(spectra)),
    }


def in_full(everything: list[Finding], most: int) -> set[str]:
    """The cases to be shown in full: the clearest of each finding first, then the others, `most` in all."""
    leads = [finding.lead.case for finding in everything]
    others = [result.case for finding in everything for result in finding.others]
    return set([*leads, *others][:most])


def contents(context: dict[str, Any], has_spectra: bool) -> list[tuple[str, str]]:
    """Anchors and names of the sections that the page has."""
    sections = [
        ("failed", "What failed", context["failed"]),
        ("within-margin", "Inside the margin", context["within"]),
        ("inconclusive", "Inconclusive", context["inconclusive"]),
        ("matrix", "Estimators and back ends", context["matrix"].rows),
        ("spectra", "Bias spectra", has_spectra),
        ("variance", "Variance", context["panels"]),
        ("accuracy", "Pointwise accuracy", context["maps"]),
        ("exact", "Exact values", context["exact"]),
        ("benchmarks", "Speed", context["record"].run.get("benchmarks")),
        ("cases", "Every case", context["matrix"].rows),
        ("not-applicable", "Not applicable", context["not_applicable"]),
        ("known-failures", "Known failures", context["known"]),
        ("environment", "Environment", True),
        ("record", "Record", True),
    ]
    return [(anchor, name) for anchor, name, shown in sections if shown]


def picture(result: Result) -> str:
    """The picture of a finding: its spectrum or its interval; "" where there is nothing to draw."""
    return spectrum_picture(result) or interval_picture(result)


def unbroken(text: str) -> str:
    """No line break between a number and its per cent sign."""
    return text.replace(" %", "\u00a0%")


def places(results: list[Result]) -> list[tuple[str, int]]:
    """Topics with back ends, and how many of the results each has."""
    return list(Counter(f"{view.topic(result)}, {view.back_end(result)}" for result in results).items())
