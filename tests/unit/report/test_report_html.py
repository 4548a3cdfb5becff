"""The page: well formed, accessible, self-contained, small, and safe against hostile names."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Status
from fsb_oracle.report import html, render_html
from fsb_oracle.report.html import MAX_BYTES

VOID = {"meta", "br", "link", "img", "input", "hr"}
SHAPES = {"path", "rect"}


class Page(HTMLParser):
    """Reads a page; every element must be closed in the order in which it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.children: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.data: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.children.append((self.open[-1] if self.open else "", tag))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES, f"<{tag}/> is not closed in HTML"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            name = self.elements[-1][1].get("id") or "script"
            self.data[name] = self.data.get(name, "") + data
        elif "style" not in self.open:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of this name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """What a reader sees."""
        return re.sub(r"\s+", " ", " ".join(self.texts))


@pytest.fixture(scope="module")
def page(rich_record: Record) -> Page:
    """The page of a record with every kind of content."""
    return Page(render_html(rich_record))


def test_every_section_is_there_in_order_and_reachable(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == [
        "failed",
        "within-margin",
        "inconclusive",
        "matrix",
        "weak",
        "spectra",
        "variance",
        "regimes",
        "measured-variance",
        "accuracy",
        "calibration",
        "exact",
        "cases",
        "not-applicable",
        "known-failures",
        "environment",
        "record",
    ]
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = [attributes["href"] for attributes in page.all("a")]
    assert all(link and link.startswith("#") and link[1:] in targets for link in links)
    assert {f"#{name}" for name in sections} <= set(links)


def test_identifiers_are_unique(page: Page) -> None:
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))


def test_figures_and_tables_are_accessible(page: Page) -> None:
    figures = page.all("svg")
    assert len(figures) > 20
    assert all(figure["role"] == "img" and figure["aria-label"] for figure in figures)
    assert sum(pair == ("svg", "title") for pair in page.children) == len(figures)
    assert page.all("th")
    assert all(header.get("scope") in ("col", "row", "rowgroup") for header in page.all("th"))
    assert len(page.all("h1")) == 1
    assert page.all("html") == [{"lang": "en"}]


def test_headings_leave_out_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(right - left <= 1 for left, right in itertools.pairwise(levels))


def test_nothing_is_loaded_and_only_the_script_of_the_page_runs(rich_record: Record, page: Page) -> None:
    text = render_html(rich_record)
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert not any("src" in attributes for _, attributes in page.elements)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.all("link") == []
    assert [script.get("type") for script in page.all("script")] == ["application/json", None]
    assert not re.search(r"\b(fetch|XMLHttpRequest|import|eval|innerHTML|document\.write)\b", page.data["script"])


def test_without_script_nothing_is_a_dead_control(page: Page) -> None:
    assert not {tag for tag, _ in page.elements} & {"button", "input", "select", "form", "dialog"}


def test_the_banner_says_what_matters(page: Page) -> None:
    for part in (
        "5 of 191 checks failed : mine:smoothed_shape (4), mine:crashes (1).".replace(" :", ":"),
        "3 results are weak",
        "1e-6 declared, 3.4e-7 spent, 12 % of it only asymptotic",
        "torch 2.13.0",
        "0, default",
        "41 s, started 2026-03-01 09:00 UTC",
    ):
        assert part in page.text


def test_every_status_has_its_word(page: Page) -> None:
    words = {"pass", "fail", "error", "within_margin", "inconclusive", "not_applicable", "known_failure"}
    shapes = {str(attributes.get("class")) for _, attributes in page.elements if attributes.get("class")}
    assert {f"s {word}" for word in words} <= shapes
    for word in words:
        assert word.replace("_", " ") in page.text


def test_each_status_has_its_own_shape(rich_record: Record) -> None:
    style = render_html(rich_record).split("</style>")[0]
    rules = dict(re.findall(r"\.(\w+)::before \{\s*((?:clip-path|border-radius)[^;}]*)", style))
    names = ("pass", "within_margin", "unexpected_pass", "inconclusive", "known_failure", "not_applicable")
    assert len({rules[name] for name in names}) == len(names)


def test_every_failure_is_open_with_message_picture_and_command(rich_record: Record, page: Page) -> None:
    failed = [result for result in rich_record.results if result.status is Status.fail]
    for result in failed:
        assert f" {result.reproduce} " in page.text
        assert result.case in page.text
    assert "Likely cause: the factor u is missing" in page.text
    labels = [str(figure["aria-label"]) for figure in page.all("svg")]
    assert any(label.startswith("Bias +12.3 % of S; interval +11.7 % to +12.9 %") for label in labels)


def test_hostile_names_stay_text(make: SimpleNamespace) -> None:
    evil = "<script>alert(1)</script>\"' onload=x </style>"
    changes = {name: evil for name in ("case", "f", "parameter", "family", "backend", "dtype", "reason", "message")}
    changes |= {"reproduce": evil, "parameters": {evil: evil}}
    spectrum = make.spectrum(evil, Status.fail, 0.1)
    statuses = (
        Status.fail,
        Status.within_margin,
        Status.inconclusive,
        Status.not_applicable,
        Status.known_failure,
    )
    results = [make.unbiased(evil, status, **changes) for status in statuses]
    results += [
        spectrum,
        *(make.variance("GAM-k-U", evil, seed) for seed in range(2)),
        make.exact_value(evil),
    ]
    record = make.record(
        results,
        **{name: {evil: evil} for name in ("unavailable", "versions", "machine")},
        options={evil: {"value": evil, "source": evil}},
        targets=[evil],
        profile=evil,
        started=evil,
    )
    text = render_html(record)
    page = Page(text)
    assert "<script>alert" not in text
    assert len(page.all("script")) == 2
    assert len(page.all("style")) == 1
    assert not any("onload" in attributes for _, attributes in page.elements)
    assert "<script>alert(1)</script>" in page.text
    assert json.loads(page.data["record-data"]) == json.loads(record.to_json())


def test_the_record_is_embedded_as_it_is(rich_record: Record, page: Page) -> None:
    assert json.loads(page.data["record-data"]) == json.loads(rich_record.to_json())


def test_a_record_from_disk_gives_the_same_page(rich_record: Record) -> None:
    first = render_html(rich_record)
    assert first == render_html(rich_record)
    assert first == render_html(Record.from_json(rich_record.to_json()))


def test_two_thousand_results_fit_with_their_record(make: SimpleNamespace) -> None:
    record = make.rich(1899)
    assert len(record.results) == 2000
    text = render_html(record)
    assert len(text.encode()) <= MAX_BYTES
    page = Page(text)
    assert page.all("script")[0]["type"] == "application/gzip"
    content = gzip.decompress(base64.b64decode(page.data["record-data"]))
    assert json.loads(content) == json.loads(record.to_json())
    # Every case has a row of its own: all columns of the matrix together hold as many as there are.
    tested = [result for result in record.results if result.check != "exact"]
    assert text.count("<td>unbiased</td>") == sum(result.check == "unbiased" for result in tested)


def test_two_thousand_failures_with_spectra_fit_and_the_page_says_what_it_leaves_out(
    make: SimpleNamespace,
) -> None:
    failures = [make.unbiased(f"mine:e{n % 40}", Status.fail, 0.03 + n / 9000, f=f"sin({n}*z)") for n in range(1700)]
    spectra = [make.spectrum(f"mine:e{n % 40}", points=48, seed=n) for n in range(300)]
    text = render_html(make.record([*failures, *spectra]))
    assert len(text.encode()) <= MAX_BYTES
    page = Page(text)
    assert "1,700 of 2,000 checks failed" in page.text
    assert re.search(r"The [\d,]+ further spectra of this run", page.text)
    assert "further cases not listed" in page.text
    assert len([1 for article in page.all("article") if article["class"] == "finding fail"]) == 40


def test_a_page_too_small_for_all_cases_says_what_it_does_not_list(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = (("numpy", "float64"), ("jax", "float32"))
    good = [
        make.unbiased(f"law{law}-{rule}", family=f"law{law}", f=f"sin({f}*z)", engine=engine)
        for law in range(11)
        for rule in range(6)
        for engine in engines
        for f in range(3)
    ]
    bad = make.unbiased("law7-1", Status.within_margin, 0.004, family="law7", f="tanh(z)")
    monkeypatch.setattr(html, "MAX_BYTES", 110_000)
    text = render_html(make.record([*good, bad]))
    assert len(text.encode()) <= html.MAX_BYTES
    page = Page(text)
    assert "only the cases that are neither a pass nor not applicable are listed" in page.text
    assert [link["href"] for link in page.all("a") if link.get("class")] == ["#r43c0"]
    # the matrix is folded by law, and open where there is something to see
    assert page.text.count(" 12 pass") == 10
    assert "law7 1 within margin 11 pass" in page.text


def test_a_record_without_anything_is_a_page(make: SimpleNamespace) -> None:
    page = Page(render_html(make.record([])))
    assert "Nothing ran." in page.text
    assert [section["id"] for section in page.all("section")] == ["environment", "record"]
    assert "Nothing ran" in Page(render_html(Record({}))).text


def test_without_jinja_the_error_says_what_to_install(rich_record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match=re.escape("the HTML report needs Jinja2: pip install 'fsb-oracle[report]'")):
        render_html(rich_record)
