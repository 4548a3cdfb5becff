"""A record on a terminal, and the progress of a run."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from fsb_oracle.progress import plain_lines, shown_progress, time_left
from fsb_oracle.records import Record, Status
from fsb_oracle.report.console import print_record


def printed(record: Record, **options) -> str:
    """What a terminal of 120 columns shows."""
    stream = io.StringIO()
    print_record(record, Console(file=stream, width=120, **options))
    return stream.getvalue()


def test_everything_of_the_plain_text_is_there(rich_record: Record) -> None:
    text = printed(rich_record)
    for part in (
        "FAILED (5)",
        "WITHIN MARGIN: real biases, smaller than the margin (7)",
        "INCONCLUSIVE (1)",
        "Subjects",
        "Not applicable (6)",
        "Known failures (1)",
        "5 of 191 checks failed: mine:smoothed_shape (4), mine:crashes (1).",
        "197 planned, 191 ran",
    ):
        assert part in text
    assert text.index("FAILED") < text.index("Subjects") < text.index("5 of 191 checks failed")


def test_a_command_is_not_broken_into_lines(rich_record: Record) -> None:
    commands = [line for line in printed(rich_record).splitlines() if line.lstrip().startswith("reproduce:")]
    assert commands
    assert all("--false-fail-rate" in line for line in commands)


def test_colour_is_there_on_a_terminal_and_absent_under_no_color(
    rich_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m" in printed(rich_record, force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" not in printed(rich_record, force_terminal=True, color_system="standard")


def test_no_name_steers_the_terminal_or_is_read_as_markup(make: SimpleNamespace) -> None:
    evil = "[bold red]x[/]\x1b[2J"
    result = replace(make.unbiased(status=Status.fail, share=0.2), subject=evil, reason=evil, f=evil)
    text = printed(make.record([result]))
    assert "\x1b[2J" not in text
    assert "[bold red]x[/]\\x1b[2J" in text


def step(finished: int, planned: int, status: Status = Status.pass_) -> SimpleNamespace:
    """One step of a run."""
    return SimpleNamespace(
        finished=finished,
        planned=planned,
        share=finished / planned,
        result=SimpleNamespace(status=status, case="unbiased/gamma"),
    )


def test_without_a_terminal_there_is_a_plain_line_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    show = plain_lines()
    show(step(1, 2, Status.fail))
    show(step(2, 2))
    assert capsys.readouterr().err == "2/2 checks, 1 failed\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress() as show:
        show(step(1, 4, Status.error))
    assert "1/4 checks, 1 failed" in stream.getvalue()


@pytest.mark.parametrize(
    ("elapsed", "share", "words"),
    [(10, 0.5, "10 s"), (60, 0.1, "9 min"), (3600, 0.25, "3 h 0 min"), (5, 0, "0 s")],
)
def test_time_left_is_said_in_the_unit_that_fits(elapsed: float, share: float, words: str) -> None:
    assert time_left(elapsed, share) == words
