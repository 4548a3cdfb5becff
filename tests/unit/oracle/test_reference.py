"""The reference: which questions it asks, and how its files are built, kept and checked."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle.reference import build, check, list_cases
from fsb_oracle.oracle.reference import workers as asking
from fsb_oracle.oracle.reference.cases import Case
from fsb_oracle.oracle.reference.inputs import argument, exact_inputs, is_exact, short_text
from fsb_oracle.oracle.reference.vectors import FLAGS, Answer, digest, overlap, read_family, shortened
from fsb_oracle.oracle.value import OracleError

NORMAL = list_cases([get_family("normal")])
CASES = [
    *[case for case in NORMAL if case.f == "z**2"][:2],
    *[case for case in NORMAL if case.f == "exp(z**2)"],
    *[case for case in NORMAL if "domain" in case.flags][:1],
    *[case for case in list_cases([get_family("dirac")]) if case.f == "tanh(z)"],
]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    assert build(folder, jobs=1, cases=CASES).failures == ()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; what is computed is computed in this process, which saves starting others."""
    for module in (sys.modules[build.__module__], sys.modules[check.__module__]):
        monkeypatch.setattr(module, "ask_all", lambda cases, jobs: ((case, asking.ask(case)) for case in cases))
    return Path(shutil.copytree(built, tmp_path / "copy"))


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a vectors file by hand, and forge its hash in the manifest."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    forge(path)


def forge(path: Path) -> None:
    manifest = path.parents[1] / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["files"][f"vectors/{path.name}"]["sha256"] = digest(path)
    manifest.write_text(json.dumps(content), encoding="utf-8")


def first_valid(content: dict[str, Any]) -> dict[str, Any]:
    return next(v for group in content["groups"] for v in group["vectors"] if v["result"] == "valid")


# inputs


def test_inputs_are_written_in_full():
    tenth = "0.1000000000000000055511151231257827021181583404541015625"
    assert exact_inputs("0.1") == exact_inputs(0.1) == exact_inputs("1/10") == tenth
    assert exact_inputs("[1, 0.1]") == exact_inputs(["1", Fraction(1, 10)]) == ["1", tenth]
    assert exact_inputs("[[1,0.5],[0.5,1]]") == [["1", "0.5"], ["0.5", "1"]]
    assert (
        exact_inputs("beta(concentration1=0.1, concentration0=2)") == f"beta(concentration1={tenth},concentration0=2)"
    )
    assert exact_inputs("[normal(loc=-1,scale=0.1)]") == f"[normal(loc=-1,scale={tenth})]"
    assert short_text(["1", tenth]) == "[1,0.1]" and argument(["1", ["2"]]) == "[1,[2]]"
    assert is_exact(tenth) and not is_exact("0.1")
    with pytest.raises(UsageError, match="too small"):
        exact_inputs("1e-400")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_an_input_denotes_the_double(x):
    text = exact_inputs(repr(x))
    assert Fraction(text) == Fraction(x) and float(text) == x and float(short_text(text)) == x


# questions


def test_questions_are_exact_in_binary64_and_each_is_asked_once():
    cases = list_cases()
    for case in cases:
        assert all(map(is_exact, case.parameters.values())), case
        if "z0" not in case.f:
            f = integrand(case.f)
            assert f.rounded("float64").expression == f.expression
    assert len({case.key for case in cases}) == len({case.id(None) for case in cases}) == len(cases)
    assert {flag for case in cases for flag in case.flags} <= set(FLAGS)


def test_a_key_is_of_the_question_alone():
    case = CASES[0]
    assert replace(case, flags=("edge",)).key == case.key
    assert replace(case, f="z**3").key != case.key
    assert replace(case, parameters=dict(reversed(case.parameters.items()))).key == case.key
    assert replace(case, digits=50).key != case.key


def test_ids_are_those_of_the_design():
    inputs = {"concentration": exact_inputs("2.5"), "rate": exact_inputs("10/7")}
    case = Case("gamma", inputs, "sin(3*z)")
    assert case.id("concentration") == "exact/gamma/concentration=2.5,rate=1.4285714285714286/concentration/sin3"
    assert case.id(None).endswith("/expectation/sin3")


# decimals


def test_a_shortened_ball_contains_the_ball():
    value, radius = shortened("0.123456789123456789", "1e-17", 6)
    assert value == "0.123457"
    assert Fraction(radius) >= abs(Fraction(value) - Fraction("0.123456789123456789")) + Fraction("1e-17")
    assert Fraction(radius) <= Fraction("2.12e-7")
    assert shortened("0", "3.4e-65", 38) == ("0", "3.4e-65")
    assert shortened("-4", "0", 38) == ("-4", "0")


def test_overlap():
    ball = Answer(None, "1.0", "0.25")
    assert overlap(ball, Answer(None, "1.5", "0.25")) and not overlap(ball, Answer(None, "1.5", "0.2499"))


# building, keeping, checking


def test_a_fresh_reference_passes_its_check(built):
    checked = check(built, jobs=1)
    assert checked.failures == () and checked.vectors == sum(len(a) for _, a in _stored(built).values())


def _stored(folder):
    return {key: held for path in (folder / "vectors").glob("*.json") for key, held in read_family(path).items()}


def test_refused_questions_carry_the_sentence(built):
    reasons = [answer.reason for _, answers in _stored(built).values() for answer in answers if answer.reason]
    assert any("does not exist" in reason for reason in reasons)
    assert any("must be greater than 0" in reason for reason in reasons)


def test_building_again_computes_nothing_and_changes_no_byte(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    again = build(folder, jobs=1, cases=CASES)
    assert (again.computed, again.kept) == (0, len(CASES))
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_a_process_keeps_to_its_law_and_then_helps_where_most_is_left():
    def case(family: str, f: str, loc: str = "0") -> Case:
        return Case(family, {"loc": loc}, f)

    waiting = asking.Waiting(
        [case("a", "z"), case("b", "z"), case("b", "z**2"), case("b", "z**3"), case("a", "z", "1"), case("c", "z")]
    )
    assert waiting.size == 5  # the two points of (a, z) go together
    assert waiting.next() == [case("a", "z"), case("a", "z", "1")]
    assert waiting.next() == [case("b", "z")]
    assert waiting.next("a") == [case("c", "z")]
    assert waiting.next("c") == [case("b", "z**2")]
    assert waiting.next("b") == [case("b", "z**3")]
    assert waiting.size == 0


def test_two_processes_and_another_order_give_the_same_bytes(built, tmp_path):
    build(tmp_path, jobs=2, cases=CASES[3:])
    assert build(tmp_path, jobs=2, cases=CASES).computed == 3
    for path in built.rglob("*.*"):
        assert (tmp_path / path.relative_to(built)).read_bytes() == path.read_bytes()


def test_overwriting_computes_the_same_bytes(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    assert build(folder, overwrite=True, cases=CASES).computed == len(CASES)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_an_existing_value_is_changed_by_overwrite_only(folder):
    path = folder / "vectors" / "normal.json"
    edit(path, lambda content: first_valid(content).update(value="7"))
    assert build(folder, jobs=1, cases=CASES).computed == 0
    assert first_valid(json.loads(path.read_text(encoding="utf-8")))["value"] == "7"
    anew = build(folder, overwrite=True, jobs=1, cases=CASES)
    assert len(anew.moved) == 1 and anew.moved[0].startswith("exact/normal/")
    assert first_valid(json.loads(path.read_text(encoding="utf-8")))["value"] != "7"


def test_one_law_alone_is_computed_anew(folder):
    laws = {case.family for case in CASES}
    path = folder / "vectors" / "normal.json"
    edit(path, lambda content: first_valid(content).update(value="7"))
    others = {law: (folder / "vectors" / f"{law}.json").read_bytes() for law in laws - {"normal"}}
    anew = build(folder, overwrite=True, jobs=1, cases=CASES, families=["normal"])
    assert anew.computed == sum(case.family == "normal" for case in CASES)
    assert first_valid(json.loads(path.read_text(encoding="utf-8")))["value"] != "7"
    assert others and all((folder / "vectors" / f"{law}.json").read_bytes() == held for law, held in others.items())
    with pytest.raises(UsageError, match="did you mean 'normal'"):
        build(folder, cases=CASES, families=["norml"])


def test_what_could_not_be_answered_is_asked_again(folder):
    def forged(content):
        content["groups"][0]["vectors"] = [
            {"id": CASES[0].id(None), "parameter": None, "result": "refused", "reason": "no", "flags": ["unanswered"]}
        ]

    edit(folder / "vectors" / "normal.json", forged)
    assert len(check(folder).failures) == 1  # it can be answered now: the reference is behind
    assert build(folder, cases=CASES).computed == 1
    assert check(folder).failures == ()


def test_a_question_no_longer_asked_is_kept_unless_overwritten(folder):
    some = [case for case in CASES if case.family == "normal"]
    assert build(folder, jobs=1, cases=some).vectors == sum(len(a) for _, a in _stored(folder).values())
    assert {case.family for case, _ in _stored(folder).values()} == {"normal", "dirac"}
    build(folder, overwrite=True, jobs=1, cases=some[:1])
    assert len(_stored(folder)) == 1 and check(folder, jobs=1).failures == ()


def test_a_file_changed_by_hand_is_not_built_upon(folder):
    path = folder / "vectors" / "normal.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is not the file of the manifest"):
        build(folder, jobs=1, cases=CASES)
    assert any("changed by hand" in line for line in check(folder, sample=1, jobs=1).failures)


def _wrong_value(vector):
    vector["value"] = vector["value"][:-1] + ("1" if vector["value"][-1] != "1" else "2")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_wrong_value, "is stored"),
        (lambda vector: vector.update(radius="1e5"), "do not follow"),
        (lambda vector: vector.update(id="exact/other"), "do not follow"),
        (lambda vector: vector.update(value="NaN"), "not a file of vectors"),
        (lambda vector: vector.update(value="inf", radius="inf"), "not a file of vectors"),
        (lambda vector: vector.pop("radius"), "not a file of vectors"),
    ],
    ids=["value", "wide radius", "id", "NaN", "infinite", "no radius"],
)
def test_the_check_sees_a_planted_fault(folder, change, words):
    edit(folder / "vectors" / "normal.json", lambda content: change(first_valid(content)))
    failures = check(folder, jobs=1).failures
    assert len(failures) == 1 and words in failures[0]


def test_the_check_sees_an_inexact_parameter_and_a_changed_question(folder):
    path = folder / "vectors" / "dirac.json"
    edit(path, lambda content: content["groups"][0]["parameters"].update(loc="0.3"))
    failures = " ".join(check(folder, sample=1, jobs=1).failures)
    assert "its key is not" in failures and "not a binary64 number" in failures


def test_the_check_sees_a_refusal_turned_into_a_value(folder):
    def forged(content):
        refused = next(v for g in content["groups"] for v in g["vectors"] if v["result"] == "refused")
        refused.pop("reason")
        refused.update(result="valid", value="1", radius="1e-40", level=3, routes=["density"])
        refused["flags"] = [flag for flag in refused["flags"] if flag != "does_not_exist"]

    edit(folder / "vectors" / "normal.json", forged)
    failures = check(folder, jobs=1).failures
    assert len(failures) == 1 and "a refusal (" in failures[0] and "is found" in failures[0]


def test_the_check_sees_another_schema_and_stray_files(folder):
    (folder / "schema.json").write_text("{}", encoding="utf-8")
    shutil.copy(folder / "vectors" / "dirac.json", folder / "vectors" / "stray.json")
    failures = check(folder, sample=1, jobs=1).failures
    assert any(line.startswith("schema.json: it is not the one") for line in failures)
    assert any(line.startswith("vectors/stray.json: the manifest does not list it") for line in failures)


def test_a_sample_is_the_same_every_time_and_takes_every_law(folder):
    seen = [[], []]
    for run in seen:
        check(folder, sample=4, jobs=1, progress=lambda number, planned, run=run: run.append(planned))
    assert seen[0] == seen[1] and 2 <= len(seen[0]) < len(CASES)


def test_a_contradiction_of_routes_is_one_line_and_no_vector(monkeypatch):
    def contradicts(*_: object) -> None:
        raise OracleError("density gives 1 and spectral gives 2")

    monkeypatch.setattr(asking, "exact", contradicts)
    assert asking.ask(CASES[0]) == f"{CASES[0].id(None)}: OracleError: density gives 1 and spectral gives 2"
    assert isinstance(asking.ask(CASES[0]), asking.Failure)


def test_components_have_names_with_numbers(monkeypatch):
    ball = {"value": "1", "radius": "0", "routes": ["closed-form"], "level": 1}

    class Found:
        def to_json_object(self):
            return {"expectation": ball, "gradient": {"loc": [ball, ball], "jump": {"scale": ball}}}

    monkeypatch.setattr(asking, "exact", lambda *_: Found())
    answers = asking.ask(CASES[0])
    assert [answer.parameter for answer in answers] == [None, "loc.0", "loc.1", "jump.scale"]


def test_a_folder_without_manifest_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .*manifest\.json"):
        check(tmp_path)
