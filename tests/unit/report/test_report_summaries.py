"""The Markdown summary and the badge."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from fsb_oracle.records import Record, Status
from fsb_oracle.report import render_badge, render_markdown


def test_the_summary_says_what_matters(rich_record: Record) -> None:
    text = render_markdown(rich_record)
    assert text.startswith("## ❌ 5 of 191 checks failed")
    for part in ("### Failed", "### Real biases inside the margin", "### Inconclusive", "likely"):
        assert (part in text) is (part != "likely")
    assert "mine:smoothed\\_shape · gamma concentration" in text
    assert "```sh\n  fsb-oracle verify mine:smoothed_shape --select" in text
    assert "1e\\-6 declared" in text


def test_every_table_row_has_the_columns_of_its_head(rich_record: Record) -> None:
    lines = render_markdown(rich_record).splitlines()
    tables = [index for index, line in enumerate(lines) if line.startswith("| ---")]
    assert len(tables) == 3
    for start in tables:
        width = lines[start].count("|")
        for line in lines[start - 1 :]:
            if not line.startswith("|"):
                break
            assert line.replace("\\|", "").count("|") == width


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a|b", "[x](javascript:y)", "# heading", "``` fence"])
def test_no_name_adds_markup_to_the_summary(make: SimpleNamespace, name: str) -> None:
    result = replace(make.unbiased(status=Status.fail, share=0.2), subject=name, reason=name)
    text = render_markdown(make.record([result]))
    assert "<script" not in text
    assert "[x](" not in text
    assert "\n# heading" not in text
    heading = next(line for line in text.splitlines() if line.startswith("## "))
    assert escape(name, quote=False)[:2] in heading.replace("\\", "")


@pytest.mark.parametrize(
    ("statuses", "words", "colour"),
    [
        ([Status.pass_, Status.pass_], "2 checks passed", "#17734f"),
        ([Status.pass_, Status.within_margin], "2 checks, 1 small bias", "#8a5a00"),
        ([Status.pass_, Status.fail], "1 of 2 failed", "#b3261e"),
        ([Status.error], "1 of 1 failed", "#b3261e"),
        ([Status.pass_, Status.inconclusive], "1 of 2 inconclusive", "#5b45a8"),
        ([Status.not_applicable], "nothing tested", "#56626f"),
    ],
)
def test_the_badge_has_words_and_colour(make: SimpleNamespace, statuses: list[Status], words: str, colour: str) -> None:
    results = [
        replace(make.unbiased(share=0.0), status=status, case=f"case {index}") for index, status in enumerate(statuses)
    ]
    svg = render_badge(make.record(results))
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == f"fsb-oracle: {words}"
    assert colour in svg
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["fsb-oracle", words]


def test_an_interrupted_run_is_no_pass_on_the_badge(make: SimpleNamespace) -> None:
    svg = render_badge(make.record([make.unbiased()], interrupted=True, planned=5))
    assert "interrupted" in svg
    assert "#17734f" not in svg
