"""Progress on stderr: a plain line every ten seconds, one rewritten line on a terminal, and the time left."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from fsb_oracle import verify_command
from fsb_oracle.verify_command import progress_line, time_left


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def shown(monkeypatch):
    """What 100 cases of a second each print."""

    def run(terminal: bool) -> str:
        clock = SimpleNamespace(now=0.0)
        screen = Screen(terminal)
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setattr(verify_command.time, "perf_counter", lambda: clock.now)
        show = progress_line()
        for number in range(1, 101):
            clock.now += 1.0
            result = SimpleNamespace(status="fail" if number == 15 else "pass", case=f"case {number}")
            show(SimpleNamespace(finished=number, planned=100, share=number / 100, result=result))
        return screen.getvalue()

    return run


def test_elsewhere_than_on_a_terminal_lines_are_plain_and_few(shown):
    text = shown(terminal=False)
    lines = text.splitlines()
    assert len(lines) == 10 and text.endswith("\n") and not set(text) & {"\r", "\033"}
    assert lines[0] == "10/100 checks, 2 min left"
    assert lines[1] == "20/100 checks, 1 failed, 80 s left"
    assert lines[-1] == "100/100 checks, 1 failed"


def test_a_terminal_has_one_line_that_is_rewritten(shown):
    text = shown(terminal=True)
    assert text.count("\n") == 1 and text.count("\r\033[K") == 100
    assert text.endswith("\r\033[K100/100 checks, 1 failed\n")
    assert "50/100 checks, 1 failed, 50 s left  case 50" in text


@pytest.mark.parametrize(
    ("elapsed", "share", "text"),
    [(1.0, 0.0, "0 s"), (10.0, 0.2, "40 s"), (60.0, 0.1, "9 min"), (3600.0, 0.25, "3 h 0 min"), (5.0, 1.0, "0 s")],
)
def test_time_left(elapsed, share, text):
    assert time_left(elapsed, share) == text
