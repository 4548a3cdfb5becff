"""A real Chromium, and pages in it that note everything a page should not do."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fsb_oracle.report import render_html

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def records() -> ModuleType:
    """The builders of synthetic records that the tests of the report use."""
    path = Path(__file__).parents[1] / "unit" / "report" / "conftest.py"
    spec = importlib.util.spec_from_file_location("synthetic_records", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from FSB_CHROMIUM or PATH; without one the tests fail, in one sentence."""
    found = os.environ.get("FSB_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.exit("the tests of the page need Chromium: put it on PATH or name it in FSB_CHROMIUM", returncode=1)
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """An open page, and what it said and asked for meanwhile."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def rich_page(records: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every kind of content, on disk."""
    path = tmp_path_factory.mktemp("pages") / "rich.html"
    path.write_text(render_html(records.rich(), baseline=records.rich(80)), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Browser) -> Callable[..., object]:
    """Open a file: `with visit(path, dark=True, script=False) as seen`."""

    @contextmanager
    def opened(path: Path, *, dark: bool = False, script: bool = True, width: int = 1200) -> Iterator[Visit]:
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
        )
        seen = Visit(context.new_page())
        seen.page.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.as_uri())
        yield seen
        context.close()

    return opened
