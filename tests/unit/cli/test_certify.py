"""`fsb-oracle certify`: output, exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fsb_oracle import certify_command
from fsb_oracle.cli import main
from fsb_oracle.families import get_family
from fsb_oracle.oracle.reference import Built, build, check, list_cases
from fsb_oracle.oracle.reference.vectors import digest, read_family

CASES = [case for case in list_cases([get_family("dirac")]) if case.f in ("tanh(z)", "1/z")]


def _run(capsys, *words):
    code = main(["certify", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path):
    build(tmp_path, jobs=1, cases=CASES)
    return tmp_path


def test_a_right_reference_is_exit_code_0(capsys, folder):
    code, out, err = _run(capsys, "--check", "--output", str(folder), "--jobs", "1")
    assert code == 0 and out == f"{folder}: 6 vectors recomputed, 0 failures\n"
    assert "questions of this version have no vector yet" in err  # those of the other laws


def test_a_tampered_value_is_exit_code_1_and_one_line(capsys, folder):
    path = folder / "vectors" / "dirac.json"
    content = path.read_text(encoding="utf-8")
    vector = next(v for g in json.loads(content)["groups"] for v in g["vectors"] if v["parameter"] == "loc")
    path.write_text(content.replace(vector["value"], vector["value"][:-1] + "7", 1), encoding="utf-8")
    code, out, _ = _run(capsys, "--check", "--output", str(folder), "--jobs", "1")
    assert code == 1
    assert out.splitlines()[0].startswith("FAIL  vectors/dirac.json: its SHA-256 is not the manifest's")
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    listed["files"]["vectors/dirac.json"]["sha256"] = digest(path)
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    code, out, _ = _run(capsys, "--check", "--output", str(folder), "--jobs", "1")
    assert code == 1
    assert [line for line in out.splitlines() if line.startswith("FAIL")] == [out.splitlines()[0]]
    assert vector["id"] in out and f"{vector['value']} +- " in out


def test_writing_keeps_what_is_there(capsys, folder, monkeypatch):
    monkeypatch.setattr(sys.modules[build.__module__], "list_cases", lambda: CASES)
    code, out, _ = _run(capsys, "--output", str(folder), "--jobs", "1")
    assert code == 0 and f"(0 questions answered, {len(CASES)} kept, 0 failed)" in out
    code, out, _ = _run(capsys, "--output", str(folder), "--jobs", "1", "--overwrite")
    assert code == 0 and f"({len(CASES)} questions answered, 0 kept, 0 failed)" in out


def test_a_question_without_answer_is_exit_code_1(capsys, folder, monkeypatch):
    broken = Built(3, 2, 0, ("exact/dirac/...: OracleError: no",), ("exact/dirac/loc=1",), False)
    monkeypatch.setattr(certify_command, "build", lambda *_, families: broken)
    code, out, err = _run(capsys, "--output", str(folder))
    assert code == 1 and out.startswith("FAIL  exact/dirac/...: OracleError: no\n")
    assert "moved out of its ball: exact/dirac/loc=1" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--jobs", "0"), "jobs=0 must be 1 or more"),
        (("--check", "--sample", "many"), "sample='many' must be an integer"),
        (("--sample", "5"), "--sample goes with --check"),
        (("--check", "--overwrite"), "give one of the two"),
        (("--check", "--output", "no/such/folder"), "cannot read no"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(capsys, words, sentence):
    code, out, err = _run(capsys, *words)
    assert code == 2 and out == ""
    assert err.startswith("fsb-oracle: ") and sentence in err and err.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
def test_ctrl_c_keeps_what_is_finished(tmp_path):
    words = [sys.executable, "-m", "fsb_oracle", "certify", "--output", str(tmp_path), "--jobs", "2"]
    # a session of its own: the signal goes to the workers too, as from a terminal;
    # and not ignored, as a shell's background jobs have it
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        until = time.monotonic() + 300
        while not (tmp_path / "manifest.json").is_file() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted; what was finished is kept" in err and "Traceback" not in err
    assert "questions answered" in out
    stored = {key: held for path in (tmp_path / "vectors").glob("*.json") for key, held in read_family(path).items()}
    assert 0 < len(stored) < len(list_cases())
    assert check(tmp_path, sample=1, jobs=1).failures == ()
    kept = [case for case, answers in stored.values() if not answers[0].reason]
    assert kept and build(tmp_path, jobs=1, cases=kept).computed == 0
