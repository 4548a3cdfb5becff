"""The record as text."""

from __future__ import annotations

from types import SimpleNamespace

from fsb_oracle.records import Record, Status
from fsb_oracle.report import render_text


def test_failures_come_first_and_the_summary_last(rich_record: Record) -> None:
    lines = render_text(rich_record).splitlines()
    assert lines[0] == "FAILED (5)"
    order = [
        "FAILED (5)",
        "WITHIN MARGIN: real biases, smaller than the margin (7)",
        "INCONCLUSIVE (1)",
        "SUBJECTS",
    ]
    order += ["NOT APPLICABLE (6)", "KNOWN FAILURES (1)"]
    assert [line for line in lines if line in order] == order
    assert "5 of 191 checks failed: mine:smoothed_shape (4), mine:crashes (1)." in lines
    assert lines[-1] == (
        "197 planned, 191 ran, 177 pass, 7 within margin, 4 fail, 1 error, 1 inconclusive, 1 known failure, "
        "6 not applicable, 3 weak; false-fail budget 1e-6, spent 3.4e-7 (12 % only asymptotic); 41 s"
    )


def test_each_failure_has_its_message_and_its_command_once(rich_record: Record) -> None:
    text = render_text(rich_record)
    failed = [result for result in rich_record.results if result.status in (Status.fail, Status.error)]
    assert len(failed) == 5
    for result in failed:
        assert result.message.splitlines()[-1].strip() in text
        assert text.count(f"reproduce: {result.reproduce}\n") == 1


def test_an_all_green_run_is_short(make: SimpleNamespace) -> None:
    lines = render_text(make.record(make.passes(64))).splitlines()
    assert lines[0] == "SUBJECTS"
    assert lines[-1].startswith("64 planned, 64 ran, 64 pass, 0 fail")
    assert len(lines) < 30


def test_columns_are_aligned(make: SimpleNamespace) -> None:
    results = [make.unbiased("a-very-long-name-of-an-estimator"), make.unbiased("b", Status.fail, 0.2)]
    lines = render_text(make.record(results)).splitlines()
    at = lines.index("SUBJECTS") + 2
    head, *rows = lines[at : at + 3]
    for column in ("gradient", "back end", "status"):
        starts = {row[head.index(column) - 1] for row in rows}
        assert starts == {" "}
        assert all(row[head.index(column)] != " " for row in rows)
    assert len({len(row) for row in rows}) == 1


def test_after_many_failures_the_others_have_a_line_each(make: SimpleNamespace) -> None:
    failures = [make.unbiased("mine:a", Status.fail, 0.1 + n / 100, f=f"sin({n}*z)") for n in range(50)]
    lines = render_text(make.record(failures)).splitlines()
    assert sum(line.startswith("BIASED") for line in lines) == 8
    assert sum(line.startswith("FAIL ") and "mine:a" in line for line in lines) == 42
    assert all(any(result.case in line for line in lines) for result in failures)


def test_names_cannot_steer_the_terminal(make: SimpleNamespace) -> None:
    text = render_text(make.record([make.unbiased("evil\x1b[2J\x07", Status.fail, 0.2)]))
    assert "evil\\x1b[2J\\x07" in text
    assert all(letter == "\n" or letter.isprintable() for letter in text)


def test_nothing_ran(make: SimpleNamespace) -> None:
    lines = render_text(make.record([])).splitlines()
    assert lines == [
        "Nothing ran.",
        "0 planned, 0 ran, 0 pass, 0 fail; false-fail budget 1e-6, spent 3.4e-7 (12 % only asymptotic); 41 s",
    ]
