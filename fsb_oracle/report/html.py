"""A record as one HTML file: no network, readable without script, at most MAX_BYTES; it says where it was cut."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from fsb_oracle.records import Record, Status
from fsb_oracle.report import view
from fsb_oracle.report.accuracy import accuracy_maps
from fsb_oracle.report.calibration import calibration
from fsb_oracle.report.changes import changes
from fsb_oracle.report.comparison import name_of
from fsb_oracle.report.embed import Embedded, absent, complete, rounded
from fsb_oracle.report.groups import Finding, findings, gather, matrix, reasons
from fsb_oracle.report.measured_variances import forest
from fsb_oracle.report.regimes import regime_groups
from fsb_oracle.report.spectra import spectrum_groups
from fsb_oracle.report.templating import jinja_environment
from fsb_oracle.report.variances import variance_panels, variance_picture
from fsb_oracle.report.verdict import budget, tiles, verdict
from fsb_oracle.report.weak import weak_results

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
    """Cases for each estimator and back end, and for each finding; 0 lists only what is not a pass."""
    panels: int = 1000
    """Families and parameters whose variances are drawn; the others stand in tables."""


# From generous to tight; the first with which page and record fit is taken.
LIMITS = (
    Limits(120, 240, 60, 400, 1000),
    Limits(40, 72, 24, 60, 200),
    Limits(16, 24, 12, 24, 12),
)
# For runs of many thousands of checks, whose cases would not fit even without the record.
LONG = (Limits(16, 24, 6, 12, 4, 60), Limits(12, 24, 3, 6, 0, 24))


def render_html(record: Record, baseline: Record | None = None) -> str:
    """The page for `record`, at most MAX_BYTES long unless it has hundreds of subjects; the same each time.

    With a `baseline` it says what changed since that record.

    Raises UsageError where Jinja2 is not installed.
    """
    environment = jinja_environment()
    # Through JSON once, so that a record in memory and the same record read from disk give one page.
    text = record.to_json()
    content = json.loads(text)
    shown = view.printable(Record.from_json(text))
    earlier = None if baseline is None else view.printable(baseline)
    context = page_context(shown, earlier)
    template = environment.get_template("report.html.j2")

    @cache
    def page(limits: Limits) -> str:
        return template.render(**context, **limited(shown, context, limits))

    @cache
    def forms(form: Callable[..., Iterator[Embedded | None]]) -> list[Embedded | None]:
        return list(form(content))

    for levels, form in itertools.product((LIMITS, LONG), (complete, rounded, absent)):
        for limits, embedded in itertools.product(levels, forms(form)):
            room = MAX_BYTES - len(page(limits).encode()) - RESERVE
            if (embedded is None and room >= 0) or (embedded and len(embedded.content) <= room):
                return with_record(environment, page(limits), embedded)
    return with_record(environment, page(LONG[-1]), None)


def with_record(environment: Environment, page: str, embedded: Embedded | None) -> str:
    """The page with its last section, which holds the record itself."""
    section = environment.get_template("record.html.j2").render(embedded=embedded)
    return page.replace(RECORD_MARK, section)


def page_context(record: Record, baseline: Record | None) -> dict[str, Any]:
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
        "weak": weak_results(record),
        "panels": variance_panels(record),
        "regimes": regime_groups(record),
        "maps": accuracy_maps(record),
        "exact": list(gather(exact, lambda result: result.family or "").items()),
        "exact_total": len(exact),
        "not_applicable": reasons(record, Status.not_applicable),
        "known": reasons(record, Status.known_failure),
        "calibration": calibration(record),
        "forest": forest(record),
        "changes": None if baseline is None else changes(baseline, record),
        "baseline": "" if baseline is None else name_of(baseline),
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
        ("changes", "Since the baseline", context["changes"]),
        ("failed", "What failed", context["failed"]),
        ("within-margin", "Inside the margin", context["within"]),
        ("inconclusive", "Inconclusive", context["inconclusive"]),
        ("matrix", "Estimators and back ends", context["matrix"].rows),
        ("weak", "Weak results", context["weak"].total),
        ("spectra", "Bias spectra", has_spectra),
        ("variance", "Variance", context["panels"]),
        ("regimes", "Where rules win and lose", context["regimes"]),
        ("measured-variance", "Measured variances", context["forest"]),
        ("accuracy", "Pointwise accuracy", context["maps"]),
        ("calibration", "Calibration", context["calibration"]),
        ("exact", "Exact values", context["exact"]),
        ("benchmarks", "Speed", context["record"].run.get("benchmarks")),
        ("cases", "Every case", context["matrix"].rows),
        ("not-applicable", "Not applicable", context["not_applicable"]),
        ("known-failures", "Known failures", context["known"]),
        ("environment", "Environment", True),
        ("record", "Record", True),
    ]
    return [(anchor, name) for anchor, name, shown in sections if shown]
