"""The scripts under tools/, run as tox and CI run them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / tool), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def load(name: str) -> ModuleType:
    """A tool as a module (the tools are scripts, not a package)."""
    spec = spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_counts_are_added_over_files(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(
        "<testsuites><testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite></testsuites>"
    )
    (tmp_path / "two.xml").write_text(
        "<testsuites><testsuite><testcase name='c'><skipped/></testcase>"
        "<testcase name='d'><error/></testcase><testcase name='e'/></testsuite></testsuites>"
    )
    done = run("count_tests.py", str(tmp_path / "one.xml"), str(tmp_path / "two.xml"))
    assert (done.returncode, done.stdout) == (0, "2 passed, 2 failed, 1 skipped\n")


def test_no_test_at_all_is_exit_code_5() -> None:
    done = run("count_tests.py")
    assert (done.returncode, done.stdout) == (5, "0 passed, 0 failed, 0 skipped\n")


def benchmark(turn: int, side: str, seconds: float) -> dict[str, Any]:
    measured = {"extra_info": {"side": side}, "stats": {"median": seconds}}
    return {"group": "gamma", "params": {"turn": turn}, **measured}


def test_ratios_are_paired_within_turns(tmp_path: Path) -> None:
    """The machine is three times slower in the second turn; the ratio of each pair is not affected."""
    times = [(0, 0.2, 0.1), (1, 0.6, 0.3), (2, 0.2, 0.05)]
    entries = [
        benchmark(turn, side, seconds)
        for turn, peer, ours in times
        for side, seconds in (("peer", peer), ("ours", ours))
    ]
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps({"benchmarks": entries}))
    done = run("benchmark_ratios.py", str(path))
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.splitlines()[1].split()) == "gamma 200.000 ms 100.000 ms 2.00 2.00 .. 4.00"


def test_a_group_without_its_peer_is_refused() -> None:
    with pytest.raises(ValueError, match="group 'gamma' has a turn without 'peer'"):
        load("benchmark_ratios").ratios({"benchmarks": [benchmark(0, "ours", 0.1)]})


def test_an_optional_package_that_cannot_be_installed_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    tool = load("install_optional")
    monkeypatch.setattr(tool, "requirements", lambda extra: [f"no-such-package-{extra}"])
    assert tool.main(["torch", "jax"]) == 0
    sentences = [line for line in capfd.readouterr().out.splitlines() if "not_applicable" in line]
    assert [line.partition(" ")[0] for line in sentences] == ["torch", "jax"]
    assert all("Could not find a version that satisfies" in line for line in sentences)


def test_the_requirements_of_an_extra_are_those_of_pyproject() -> None:
    assert load("install_optional").requirements("torch") == ["torch>=2.6"]


def test_the_ratios_stand_in_the_record_and_the_page(tmp_path: Path) -> None:
    from fsb_oracle import verify
    from fsb_oracle.errors import UsageError
    from fsb_oracle.report import render_html

    entries = [benchmark(turn, side, seconds) for turn in (0, 1) for side, seconds in (("peer", 0.3), ("ours", 0.1))]
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps({"benchmarks": entries}))
    record = verify("fsb_oracle", profile="smoke", select="proof/*BER-p*", backends=("numpy",), benchmarks=path)
    (row,) = record.run["benchmarks"]
    assert row["ratio"] == pytest.approx(3)
    assert "peer divided by ours" in render_html(record)
    path.write_text("{}")
    with pytest.raises(UsageError, match="cannot read the benchmarks"):
        verify("fsb_oracle", profile="smoke", select="none", benchmarks=path)


@pytest.mark.parametrize(("version", "words"), [((3, 10), "this is Python 3.10"), ((3, 14), "this is Python 3.14")])
def test_pins_of_a_library_are_refused_on_another_python_in_one_sentence(version: Any, words: str) -> None:
    tool = load("install_thirdparty")
    for library in tool.PACKAGES:
        reason = tool.refusal(library, version)
        assert reason is not None and words in reason and "\n" not in reason
        assert tool.refusal(library, (3, 11)) is None


def test_the_blocks_that_need_a_library_run(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- needs json -->\n```python\nimport json\n\nprint(json.dumps([6 * 7]))\n```\n", encoding="utf-8"
    )
    assert run("run_blocks.py", str(page), "json").stdout.endswith("[42]\n")
    assert run("run_blocks.py", str(page), "numpy").returncode == 1
    page.write_text("<!-- needs json -->\n```python\nraise SystemExit(3)\n```\n", encoding="utf-8")
    assert run("run_blocks.py", str(page), "json").returncode == 3
