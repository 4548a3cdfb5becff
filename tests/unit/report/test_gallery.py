"""The committed example reports are what the templates draw today; `python tools/gallery.py --redraw` draws them."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from fsb_oracle.records import SCHEMA, Status
from fsb_oracle.report import render_badge, render_html

ROOT = Path(__file__).parents[3]


def load(name: str) -> ModuleType:
    """A script of `tools/` as a module."""
    spec = spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gallery, docs_pages = load("gallery"), load("docs_pages")


@pytest.mark.parametrize("name", gallery.EXAMPLES)
def test_a_page_is_what_its_record_gives(name: str) -> None:
    page = gallery.GALLERY / f"{name}.html"
    text = page.read_text(encoding="utf-8")
    record = gallery.record_of(page)
    assert page.stat().st_size < 1_000_000
    assert f"record schema {SCHEMA}" in text
    assert render_html(record) == text, "the templates have changed: python tools/gallery.py --redraw"
    assert render_badge(record) == page.with_suffix(".svg").read_text(encoding="utf-8")
    failed = any(result.status is Status.fail for result in record.results)
    assert failed is (name == "planted_bugs")


def test_every_page_is_linked_where_people_look() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in gallery.EXAMPLES:
        assert f"](reports/gallery/{name}.html)" in readme
        assert f"](gallery/{name}.html)" in docs_pages.gallery()
