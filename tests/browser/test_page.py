"""The report in a real browser: nothing is loaded, everything works, with and without script, and is accessible.

FSB_SCREENSHOTS names a folder for pictures of the page in light and dark.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from fsb_oracle.report import render_comparison, render_html

SERIOUS = ("serious", "critical")
RENDERED_WITHIN = 2000  # milliseconds, at 2,000 checks

Visitor = Callable[..., Any]


def test_the_page_opens_from_disk_without_errors_and_without_network(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        assert seen.page.title().endswith("fsb-oracle")
        assert seen.errors == []
        assert seen.requests == [rich_page.as_uri()]


def test_two_thousand_checks_render_in_two_seconds(visit: Visitor, records: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    path.write_text(render_html(records.rich(1900)), encoding="utf-8")
    assert path.stat().st_size <= 1_000_000
    with visit(path) as seen:
        done = seen.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        assert 0 < done < RENDERED_WITHIN
        assert seen.errors == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_accessibility_checker_finds_nothing_serious(visit: Visitor, rich_page: Path, dark: bool) -> None:
    with visit(rich_page, dark=dark) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        found = Axe().run(seen.page).response["violations"]
        serious = [
            f"{violation['id']}: {violation['help']} {[node['html'][:120] for node in violation['nodes'][:3]]}"
            for violation in found
            if violation["impact"] in SERIOUS
        ]
        assert serious == []
        folder = os.environ.get("FSB_SCREENSHOTS")
        if folder:
            seen.page.reload()
            seen.page.screenshot(path=Path(folder) / f"{'dark' if dark else 'light'}.png", full_page=True)


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_round(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        table = seen.page.locator("#cases table").first
        table.evaluate("table => { table.closest('details').open = true; }")
        column = "[...this.tBodies[0].rows].slice(1).map((row) => row.cells[5].innerText)"
        rows = f"(table) => (function () {{ return {column}; }}).call(table)"
        numbers = []
        for direction in ("ascending", "descending"):
            table.locator("thead button", has_text="Bias").click()
            head = table.locator("thead th").nth(5)
            assert head.get_attribute("aria-sort") == direction
            texts = table.evaluate(rows)
            numbers.append(
                [float(text.replace("\u00a0", " ").removesuffix(" %").replace("–", "-inf")) for text in texts]
            )
        assert numbers[0] == sorted(numbers[0])
        assert numbers[1] == sorted(numbers[1], reverse=True)
        assert len(set(numbers[0])) > 3


def test_the_filter_keeps_what_matches_and_counts_it(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        page = seen.page
        page.locator("#cases details").evaluate_all("all => all.forEach((part) => { part.open = true; })")
        cases = page.locator("#cases tbody tr:has(td)")
        total = cases.count()
        page.get_by_label("Filter").fill("LAP-b-U float32")
        kept = page.locator("#cases tbody tr:has(td):visible")
        assert 0 < kept.count() < total
        assert page.locator("#cases h3:visible").all_inner_texts() == ["LAP-b-U · laplace scale"]
        assert page.locator("output").inner_text() == f"{kept.count():,} of {total:,} cases"
        assert page.locator("#matrix tbody tr:has(td):visible").count() == 1
        page.get_by_label("Filter").fill("")
        page.get_by_label("Status").select_option("fail")
        words = page.locator("#cases tbody tr:has(td):visible .s").all_inner_texts()
        assert words and set(words) == {"fail"}
        page.get_by_label("Status").select_option("")
        assert kept.count() == total


def test_a_link_opens_the_part_it_leads_to(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        link = seen.page.locator("#matrix td a").last
        target = link.get_attribute("href")
        assert target is not None
        assert not seen.page.locator(target).is_visible()
        link.click()
        assert seen.page.locator(target).is_visible()


def test_a_command_can_be_copied_and_a_figure_enlarged(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        button = seen.page.locator("#failed button.copy").first
        button.click()
        seen.page.wait_for_function("(button) => button.textContent !== 'Copy'", arg=button.element_handle())
        seen.page.locator("#spectra button", has_text="Enlarge").first.click()
        dialog = seen.page.locator("dialog")
        assert dialog.is_visible()
        width = dialog.locator("svg").bounding_box()
        assert width is not None and width["width"] > 800
        seen.page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert seen.errors == []


def test_the_filter_opens_what_it_finds(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page) as seen:
        cases = seen.page.locator("#cases tbody tr:has(td):visible")
        assert cases.count() == 0
        seen.page.get_by_label("Filter").fill("LAP-b-U float32")
        assert cases.count() > 0


@pytest.mark.parametrize("script", [True, False])
def test_on_a_telephone_nothing_sticks_out(visit: Visitor, rich_page: Path, script: bool) -> None:
    with visit(rich_page, script=script, width=400) as seen:
        assert seen.page.locator("body").bounding_box()["width"] <= 400
        if script:
            seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_without_script_everything_can_be_read(visit: Visitor, rich_page: Path) -> None:
    with visit(rich_page, script=False) as seen:
        page = seen.page
        assert page.locator("button:visible, input:visible").count() == 0
        assert page.locator("h1").inner_text().startswith("5 of ")
        assert page.locator("#failed pre.command").first.is_visible()
        summaries = page.locator("#cases > details > summary")
        summaries.first.click()
        assert page.locator("#cases table").first.is_visible()
        assert seen.requests == [rich_page.as_uri()]


def test_the_comparison_page_is_as_clean(visit: Visitor, records: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    path.write_text(render_comparison(records.rich(), records.rich(40)), encoding="utf-8")
    with visit(path) as seen:
        assert seen.errors == []
        assert seen.requests == [path.as_uri()]
        found = [item["id"] for item in Axe().run(seen.page).response["violations"] if item["impact"] in SERIOUS]
        assert found == []
