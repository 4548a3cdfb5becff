"""Answers that come with the package: true, for its own laws and rules alone, and in the smoke profile alone."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

import fsb_oracle
from fsb_oracle import oracle
from fsb_oracle.families import get_family, resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.rules import answers, get_rule
from fsb_oracle.rules.answers import collected, differing, of_law, of_rule, served
from fsb_oracle.rules.variance import BOUND, exact_moments

GAMMA = get_family("gamma")
AT = GAMMA.parse({"concentration": "2.5", "rate": "10/7"})
SIN = integrand("sin3")
EXACT = "exact/gamma/concentration=2.5*/rate/sin3/*"


def shipped():
    content = json.loads((answers.files("fsb_oracle.rules") / answers.FILE).read_text(encoding="utf-8"))
    return content["answers"]


@pytest.mark.parametrize(
    "select",
    ["exact/g*", "variance/gamma/*", "unbiased/poisson/*float64", "unbiased/categorical/*"],
)
def test_the_file_holds_what_is_computed_and_all_of_it(select):
    with collected() as found:
        fsb_oracle.verify("fsb_oracle", profile="smoke", select=select, backends=("numpy",))
    kept = shipped()
    assert len(found) >= 4
    assert not differing({question: kept.get(question) for question in found}, found)


def test_a_difference_is_seen_in_decimals_in_means_and_in_second_moments():
    kept = {"a": {"value": "0.5", "radius": "1e-20"}, "b": [0.5, 1e-9, 2.0, 1e-9, 3.0]}
    assert not differing(kept, kept)
    assert differing(kept, kept | {"a": {"value": "0.6", "radius": "1e-20"}}) == ["a"]
    assert differing(kept, kept | {"b": [0.6, 1e-9, 2.0, 1e-9, 3.0]}) == ["b"]
    assert differing(kept, kept | {"b": [0.5, 1e-9, 2.1, 1e-9, 3.0]}) == ["b"]
    assert differing(kept, {"a": kept["a"]}) == differing({"a": kept["a"]}, kept) == ["b"]


@pytest.fixture
def planted(monkeypatch):
    """A wrong answer for each question that the check `exact` asks at this point, by the code that runs now."""
    with collected() as found:
        fsb_oracle.verify("fsb_oracle", profile="smoke", select=EXACT, backends=("numpy",))
    wrong = {question: answer | {"value": "0.25", "radius": "1e-40"} for question, answer in found.items()}
    monkeypatch.setattr(answers, "table", lambda: wrong)


@pytest.mark.parametrize(("profile", "read"), [("smoke", True), ("default", False)])
def test_an_answer_serves_in_the_smoke_profile_alone_which_says_so(planted, profile, read):
    record = fsb_oracle.verify("fsb_oracle", profile=profile, select=EXACT, backends=("numpy",))
    (result,) = [one for one in record.results if one.status is Status.pass_][:1]
    assert (result.exact == "0.25") is read
    assert ("at release" in result.message and "digest unchanged" in result.message) is read


def test_commands_that_are_asked_for_a_number_compute_it(planted):
    value = oracle.gradient("gamma", AT, "sin3", "rate")
    assert value.value.startswith("0.133317352753657")


def test_after_a_change_anywhere_in_the_code_there_are_no_answers(monkeypatch):
    monkeypatch.setattr(answers, "sources", lambda: "other code")
    assert answers.table.__wrapped__() == {}


def test_the_answers_are_there_where_nothing_has_changed(monkeypatch):
    content = json.loads((answers.files("fsb_oracle.rules") / answers.FILE).read_text(encoding="utf-8"))
    monkeypatch.setattr(answers, "sources", lambda: content["sources"])
    assert answers.table.__wrapped__() == content["answers"]


def test_no_question_is_asked_outside_and_none_about_another_kernel_or_law():
    rule = get_rule("GAM-k-U")
    assert of_rule("moments", rule, AT, SIN) is None and of_law("gradient", GAMMA, AT, SIN, "rate") is None
    other = replace(GAMMA, edges=())
    with served():
        assert of_rule("moments", rule, AT, SIN) and of_law("gradient", GAMMA, AT, SIN, "rate")
        assert of_rule("moments", replace(rule, kernel=lambda f, c, z, **noise: f(z)), AT, SIN) is None
        assert of_rule("moments", replace(rule, built=other), AT, SIN) is None
        assert of_law("gradient", other, AT, SIN, "rate") is None


def test_mixtures_of_other_parts_are_other_questions():
    asked = set()
    for one in ("normal(loc=0.3, scale=0.8)", "laplace(loc=0.3, scale=0.8)"):
        law, at = resolve_family("mixture", {"logits": "[0.3, -0.4]", "components": f"[{one}, {one}]"})
        with served():
            asked.add(of_law("gradient", law, at, SIN, "logits.0"))
    assert len(asked) == 2


def test_moments_are_read_as_they_were_written():
    rule = get_rule("GAM-k-U")
    with collected() as found:
        computed = exact_moments(rule, AT, SIN, BOUND)
    ((question, answer),) = found.items()
    with pytest.MonkeyPatch.context() as patch, served():
        patch.setattr(answers, "table", lambda: {question: json.loads(json.dumps(answer))})
        assert exact_moments(rule, AT, SIN, BOUND) == computed
        patch.setattr(answers, "table", lambda: {question: [0.0, 0.0, 1.0, 0.0, 1.0]})
        assert exact_moments(rule, AT, SIN, BOUND).second == 1.0


@pytest.mark.parametrize("f", ["sin3", "Max(z - 1/2, 0)", "1"])
def test_a_value_is_read_as_it_was_written(f):
    value = oracle.gradient("gamma", AT, f, "rate", digits=18, routes=1)
    written = json.loads(json.dumps(value.to_json_object() | {"digits": value.digits, "reached": value.reached}))
    read = oracle.Value.from_json_object(written)
    assert (read.value, read.routes, read.level, float(read)) == (value.value, value.routes, value.level, float(value))
    assert Fraction(value.radius) <= Fraction(read.radius) <= Fraction(value.radius) * Fraction(102, 100)
    assert read.ball.contains(value.ball)
