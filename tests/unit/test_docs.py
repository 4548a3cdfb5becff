"""The documentation tells the truth: every code block runs, and prints what stands below it.

A Python block with `title="file.py"` is written to that file; others run in turn, in one namespace a page. A shell
block runs its `fsb-oracle` and `pytest` commands in turn, with the exit code 0 or the one in a comment above:
`<!-- exit 1 -->`. TOML and YAML must be readable. A
text block below a Python block is what it prints; below a command its lines occur in what is printed, numbers apart.
`<!-- not run: reason -->` above a block leaves it out: other tests or environments run it, as the reason says.
`<!-- needs torch -->` runs it where Torch is installed, apart; other libraries have environments of their own.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import fsb_oracle
from fsb_oracle.cli import main
from fsb_oracle.families import registry
from fsb_oracle.rules import registration
from fsb_oracle.subjects.libraries import LIBRARIES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
CONTRIBUTING = DOCS.parent / "CONTRIBUTING.md"
FENCE = re.compile(
    r"(?:<!-- (?P<remark>[^>]*) -->\n)?```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?")


@dataclass(frozen=True)
class Block:
    """A fenced block with the remark above it."""

    language: str
    title: str
    remark: str
    body: str

    @property
    def exit_code(self) -> int:
        found = re.fullmatch(r"exit (\d+)", self.remark)
        return int(found[1]) if found else 0

    @property
    def needs(self) -> str:
        return self.remark.removeprefix("needs ") if self.remark.startswith("needs ") else ""

    @property
    def runs(self) -> bool:
        return not self.remark.startswith("not run: ")


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        language, _, rest = found["info"].partition(" ")
        title = re.search(r'title="([^"]*)"', rest)
        yield Block(language, title[1] if title else "", (found["remark"] or "").strip(), found["body"])


def commands(block: Block) -> list[list[str]]:
    """The words of the commands of a shell block that are run."""
    return [
        words for line in block.body.splitlines() if (words := shlex.split(line, comments=True)) and words[0] in RUN
    ]


def run_pytest(arguments: list[str]) -> int:
    """pytest in a process of its own, in the current folder."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *arguments]
    return subprocess.run(command, check=False).returncode


RUN = {"fsb-oracle": main, "pytest": run_pytest}


def loose(text: str) -> str:
    """A text without its numbers and its spaces, which differ from machine to machine."""
    return re.sub(r"\s+", " ", NUMBER.sub("#", text)).strip()


# A page may use the files of the pages that it says it follows.
FOLLOWS = {
    "docs/tutorial/planted_bug.md": "tutorial/first_estimator.md",
    "docs/how_to/margins.md": "tutorial/first_estimator.md",
    "docs/how_to/reports.md": "tutorial/first_estimator.md",
    "docs/how_to/long_runs.md": "tutorial/first_estimator.md",
}


# A page whose blocks need a library runs where that is installed.
NEEDS = {"docs/how_to/by_name.md": pytest.mark.torch}


@pytest.fixture(autouse=True)
def forget_libraries() -> Iterator[None]:
    """Libraries that a page makes known are forgotten after it."""
    known = dict(LIBRARIES)
    yield
    LIBRARIES.clear()
    LIBRARIES.update(known)


def as_parameter(page: Path) -> object:
    name = page.relative_to(DOCS.parent).as_posix()
    return pytest.param(page, "", id=name, marks=[NEEDS[name]] if name in NEEDS else [])


PARTS = [
    *(as_parameter(page) for page in (*PAGES, CONTRIBUTING)),
    pytest.param(DOCS / "bugs_found.md", "torch", id="docs/bugs_found.md, with Torch", marks=[pytest.mark.torch]),
    pytest.param(CONTRIBUTING, "torch", id="CONTRIBUTING.md, with Torch", marks=[pytest.mark.torch]),
]


@pytest.mark.parametrize(("page", "library"), PARTS)
def test_the_blocks_of_a_page_run(
    page: Path, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    # laws that a page registers are forgotten after it
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    monkeypatch.setattr(registration, "_declared", dict(registration._declared))
    earlier = FOLLOWS.get(page.relative_to(DOCS.parent).as_posix())
    for block in blocks(DOCS / earlier) if earlier else ():
        if block.title:
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
    names: dict[str, object] = {"__name__": "page"}
    printed, exact = "", False
    for block in blocks(page):
        if not block.runs or block.needs != library:
            continue
        if block.title:
            (tmp_path / block.title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
            if block.language == "toml":
                tomllib.loads(block.body)
        elif block.language == "python":
            exec(compile(block.body, str(page), "exec"), names)
            printed, exact = capsys.readouterr().out, True
        elif block.language == "sh" and commands(block):
            for program, *arguments in commands(block):
                assert RUN[program](arguments) == block.exit_code
            printed, exact = capsys.readouterr().out, False
        elif block.language == "text" and printed:
            if exact:
                assert block.body == printed
            else:
                for line in block.body.splitlines():
                    assert loose(line) in loose(printed)


def test_what_needs_a_library_runs_in_an_environment_that_has_it() -> None:
    environments = (DOCS.parent / "tox.ini").read_text(encoding="utf-8")
    for page in PAGES:
        name = page.relative_to(DOCS.parent).as_posix()
        for library in {block.needs for block in blocks(page) if block.needs} - {"torch"}:
            assert f"{library}: python tools/run_blocks.py {name} {library}\n" in environments


def test_every_public_name_is_documented() -> None:
    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    documented = {name.rpartition(".")[2] for name in re.findall(r"^::: (fsb_oracle\.\S+)$", page, re.MULTILINE)}
    assert documented == set(fsb_oracle.__all__) - {"__version__"}


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r": (\S+\.md)$", (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert {page.relative_to(DOCS).as_posix() for page in PAGES} <= listed
