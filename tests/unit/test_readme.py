"""The README tells the truth: its commands run and print what it shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import fsb_oracle
from fsb_oracle.cli import main
from fsb_oracle.records import exit_code

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
PYTHON = [body for language, body in BLOCKS if language == "python"]


def test_the_first_two_blocks_are_one_command_line_each():
    assert [body for _, body in BLOCKS[:2]] == ["python -m pip install tox && tox run -e report\n", "tox\n"]


def test_the_exact_output_is_what_is_printed(capsys):
    number = next(i for i, (_, body) in enumerate(BLOCKS) if body.startswith('pip install ".[torch,report]"'))
    command = BLOCKS[number][1].splitlines()[1]
    assert main(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out == BLOCKS[number + 1][1]


@pytest.fixture
def estimator_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_estimator.py").write_text(PYTHON[0])
    return tmp_path / "my_estimator.py"


def test_the_ten_line_estimator_passes_and_turns_red_without_u(estimator_file):
    assert len(PYTHON[0].splitlines()) <= 10
    select = "unbiased/*sin3*float64"
    assert exit_code(fsb_oracle.verify("my_estimator.py", profile="smoke", select=select)) == 0
    broken = PYTHON[0].replace("rng.random(num_samples) * ", "")
    assert broken != PYTHON[0]
    (estimator_file.parent / "wrong.py").write_text(broken)
    assert exit_code(fsb_oracle.verify("wrong.py", profile="smoke", select=select)) == 1


def test_the_example_file_is_the_readme_s():
    example = (README.parent / "examples" / "my_estimator.py").read_text()
    body = PYTHON[0].partition("def smoothed_shape")[2].splitlines()[1:]
    assert all(line in example for line in body)


def test_the_python_block_runs():
    done = subprocess.run([sys.executable, "-c", PYTHON[1]], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(-0.169, abs=0.05)  # 100,000 draws; the standard error is 0.005


def test_every_command_shown_exists():
    shown = {line.split()[1] for _, body in BLOCKS for line in body.splitlines() if line.startswith("fsb-oracle ")}
    assert shown == {"exact", "verify", "merge", "matrix"}


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)", README.read_text(encoding="utf-8"))
    assert len(links) > 20
    assert [path for path in links if "://" not in path and not (README.parent / path).exists()] == []


def test_every_door_has_a_how_to_that_is_run():
    table = README.read_text(encoding="utf-8").partition("## Four doors")[2].partition("\n## ")[0]
    doors = re.findall(r"^\|.*\]\((docs/how_to/\w+\.md)\) \|$", table, re.MULTILINE)
    assert [Path(door).stem for door in doors[:4]] == ["by_name", "by_file", "in_pytest", "entry_points"]
    for door in doors:
        assert "```sh" in (README.parent / door).read_text(encoding="utf-8")  # run by test_docs.py
