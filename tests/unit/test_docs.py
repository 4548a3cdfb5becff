"""The documentation tells the truth: every code block runs, and prints what stands below it.

A Python block with `title="file.py"` is written to that file; others run in turn, in one namespace a page. A shell
block runs its `fsb-oracle` commands in turn, with the exit code 0 or the one in a comment above: `<!-- exit 1 -->`. A
text block below a Python block is what it prints; below a command its lines occur in what is printed, numbers apart.
`<!-- not run: reason -->` above a block leaves it out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import fsb_oracle
from fsb_oracle.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
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
    def runs(self) -> bool:
        return not self.remark.startswith("not run: ")


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        language, _, rest = found["info"].partition(" ")
        title = re.search(r'title="([^"]*)"', rest)
        yield Block(language, title[1] if title else "", (found["remark"] or "").strip(), found["body"])


def commands(block: Block) -> list[list[str]]:
    """The arguments of the commands of a shell block."""
    return [shlex.split(line)[1:] for line in block.body.splitlines() if line.startswith("fsb-oracle ")]


def loose(text: str) -> str:
    """A text without its numbers and its spaces, which differ from machine to machine."""
    return re.sub(r"\s+", " ", NUMBER.sub("#", text)).strip()


# A page may use the files of the pages that it says it follows.
FOLLOWS = {
    "tutorial/planted_bug.md": "tutorial/first_estimator.md",
    "how_to/margins.md": "tutorial/first_estimator.md",
    "how_to/reports.md": "tutorial/first_estimator.md",
}


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(DOCS))) for page in PAGES])
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    earlier = FOLLOWS.get(page.relative_to(DOCS).as_posix())
    for block in blocks(DOCS / earlier) if earlier else ():
        if block.title:
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
    names: dict[str, object] = {"__name__": "page"}
    printed, exact = "", False
    for block in blocks(page):
        if not block.runs:
            continue
        if block.title:
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.body, str(page), "exec"), names)
            printed, exact = capsys.readouterr().out, True
        elif block.language == "sh" and commands(block):
            for arguments in commands(block):
                assert main(arguments) == block.exit_code
            printed, exact = capsys.readouterr().out, False
        elif block.language == "text" and printed:
            if exact:
                assert block.body == printed
            else:
                for line in block.body.splitlines():
                    assert loose(line) in loose(printed)


def test_every_public_name_is_documented() -> None:
    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    documented = {name.rpartition(".")[2] for name in re.findall(r"^::: (fsb_oracle\.\S+)$", page, re.MULTILINE)}
    assert documented == set(fsb_oracle.__all__) - {"__version__"}


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r": (\S+\.md)$", (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert {page.relative_to(DOCS).as_posix() for page in PAGES} <= listed
