"""Progress on stderr: plain lines with the time left, a few of them, and nothing of it in the results."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from fsb_oracle import progress
from fsb_oracle.progress import shown_progress, time_left


def test_elsewhere_than_on_a_terminal_lines_are_plain_and_few(monkeypatch):
    """100 cases of a second each: a line every ten seconds."""
    clock, screen = SimpleNamespace(now=0.0), io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: clock.now)
    with shown_progress() as show:
        for number in range(1, 101):
            clock.now += 1.0
            status = {15: "fail", 25: "known_failure", 26: "unexpected_pass"}.get(number, "pass")
            result = SimpleNamespace(status=status, case=f"case {number}")
            show(SimpleNamespace(finished=number, planned=100, share=number / 100, result=result))
    text = screen.getvalue()
    lines = text.splitlines()
    assert len(lines) == 10 and text.endswith("\n") and not set(text) & {"\r", "\033"}
    assert lines[:2] == ["10/100 checks, 2 min left", "20/100 checks, 1 failed, 80 s left"]
    assert lines[-1] == "100/100 checks, 2 failed, 1 known"


@pytest.mark.parametrize(
    ("elapsed", "share", "text"),
    [(1.0, 0.0, "0 s"), (10.0, 0.2, "40 s"), (60.0, 0.1, "9 min"), (3600.0, 0.25, "3 h 0 min"), (5.0, 1.0, "0 s")],
)
def test_time_left(elapsed, share, text):
    assert time_left(elapsed, share) == text
