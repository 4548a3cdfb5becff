"""Known failures: strict both ways, never in force without a person, errors in one sentence."""

import tomllib
from dataclasses import replace
from datetime import date

import pytest

import fsb_oracle
from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, Status, exit_code
from fsb_oracle.runs.known_failures import apply, judged, propose, read_known_failures, refuse_stale, unmatched

CASE = "unbiased/gamma/concentration=2.5,rate=1/concentration/sin3/mine.py:one/numpy-float64"
ENTRY = '[[known_failure]]\ncase = "unbiased/gamma/*/mine.py:one/*"\nreason = "wrong series"\nlink = "BUG-7"\n'


def entries(tmp_path, text=ENTRY):
    path = tmp_path / "known.toml"
    path.write_text(text)
    return read_known_failures([path])


def result(status, **members):
    return Result(CASE, "mine.py:one", "unbiased", status, message=f"BIASED  {CASE}\n  bias 0.3", **members)


@pytest.mark.parametrize(
    ("expect", "status", "judgement"),
    [
        ("fail", "fail", "known_failure"),
        ("fail", "pass", "unexpected_pass"),
        ("fail", "within_margin", "unexpected_pass"),
        ("fail", "inconclusive", "inconclusive"),
        ("fail", "error", "error"),
        ("fail", "not_applicable", "not_applicable"),
        ("within_margin", "within_margin", "known_failure"),
        ("within_margin", "fail", "fail"),
        ("within_margin", "pass", "unexpected_pass"),
        ("inconclusive", "inconclusive", "known_failure"),
        ("inconclusive", "pass", "unexpected_pass"),
        ("error", "error", "known_failure"),
        ("error", "fail", "fail"),
    ],
)
def test_only_what_is_expected_is_excused(tmp_path, expect, status, judgement):
    known = entries(tmp_path, f'{ENTRY}expect = "{expect}"\n')
    found = judged(result(Status(status)), known)
    assert found.status == judgement
    if judgement in ("known_failure", "unexpected_pass"):
        assert "wrong series (BUG-7)" in found.reason
        assert found.message.startswith(judgement.upper().replace("_", " "))
        assert "bias 0.3" in found.message  # what was seen is still shown


def test_a_case_that_is_not_meant_is_left_alone(tmp_path):
    other = replace(result(Status.fail), case=CASE.replace("gamma", "beta"))
    assert judged(other, entries(tmp_path)) is other


def test_judging_twice_is_judging_once(tmp_path):
    known = entries(tmp_path)
    for status in (Status.fail, Status.pass_):
        once = judged(result(status), known)
        assert judged(once, known) == once


@pytest.mark.parametrize(
    ("until", "today", "over"),
    [
        ("2027-01-31", date(2027, 1, 30), False),
        ("2027-01-31", date(2027, 1, 31), True),
        ("numpy 1.0", date(2026, 1, 1), True),
        ("numpy 999.0", date(2026, 1, 1), False),
        ("no-such-package 1.0", date(2026, 1, 1), False),
    ],
)
def test_an_entry_ends_with_its_date_or_version(tmp_path, until, today, over):
    known = entries(tmp_path, f'{ENTRY}until = "{until}"\n')
    failing, passing = (judged(result(status), known, today) for status in (Status.fail, Status.pass_))
    assert failing.status is (Status.fail if over else Status.known_failure)
    assert passing.status is (Status.pass_ if over else Status.unexpected_pass)
    assert ("which is over" in failing.message) == over


def test_a_toml_date_is_a_date(tmp_path):
    (known,) = entries(tmp_path, f"{ENTRY}until = 2027-01-31\n")
    assert known.until == "2027-01-31"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[known_failure]\n", "not valid TOML"),
        ("[known_failure]\ncase = 'a'\n", "double brackets"),
        ("[[known_failures]]\ncase = 'a'\n", "unknown table 'known_failures'"),
        (ENTRY + "expct = 'fail'\n", "did you mean 'expect'"),
        (ENTRY + "expect = 'failure'\n", "did you mean 'fail'"),
        (ENTRY + "expect = 3\n", "must be a text"),
        (ENTRY + "until = 'soon'\n", "must be a date such as"),
        (ENTRY + "until = 'torch later'\n", "must be a date such as"),
        ("[[known_failure]]\ncase = 'a'\n", "'reason' is missing"),
        ("[[known_failure]]\nreason = 'a'\n", "'case' is missing"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, text, words):
    with pytest.raises(UsageError, match=words) as caught:
        entries(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence_unless_it_is_about_to_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"there is no file .* of known failures"):
        read_known_failures([tmp_path / "none.toml"])
    assert read_known_failures([tmp_path / "none.toml"], may_be_missing=True) == []


def test_an_entry_that_matches_no_case_is_stale(tmp_path):
    known = entries(tmp_path)
    assert unmatched(known, [CASE]) == []
    assert unmatched(known, [CASE.replace("mine", "other")]) == known
    refuse_stale([], ["mine.py"])
    with pytest.raises(UsageError, match=r"matches no case of mine\.py: remove it"):
        refuse_stale(known, ["mine.py"])


def record(*results):
    return Record({"interrupted": False}, results)


def test_an_unexpected_pass_fails_the_run_and_a_known_failure_does_not(tmp_path):
    known = entries(tmp_path)
    assert exit_code(apply(record(result(Status.fail)), known)) == 0
    assert exit_code(apply(record(result(Status.pass_)), known)) == 1


def test_proposals_are_comments_that_excuse_nothing_until_a_person_says_why(tmp_path):
    path = tmp_path / "new" / "known.toml"
    failed = result(Status.fail, bias=0.3, bias_scale=2.0, reason="biased", reproduce="fsb-oracle verify mine.py")
    assert propose(record(failed, result(Status.pass_)), path) == 1
    assert read_known_failures([path]) == []
    assert "bias 0.3, 15 % of S = 2" in path.read_text()
    assert propose(record(failed), path) == 0  # once is enough
    body = "\n".join(line.removeprefix("# ") for line in path.read_text().splitlines()[3:])
    assert tomllib.loads(body)["known_failure"] == [{"case": CASE, "reason": "", "link": "", "expect": "fail"}]
    path.write_text(body)
    with pytest.raises(UsageError, match="'reason' is missing"):
        read_known_failures([path])


def test_a_hostile_case_id_is_proposed_as_valid_toml(tmp_path):
    hostile = 'x"]\n[[known_failure]]\ncase="*"\x1b\\'
    path = tmp_path / "known.toml"
    propose(record(replace(result(Status.error), case=hostile, reason="a\nb")), path)
    assert read_known_failures([path]) == []
    body = "\n".join(line.removeprefix("# ") for line in path.read_text().splitlines()[2:])
    assert [entry["case"] for entry in tomllib.loads(body)["known_failure"]] == [hostile]


WRONG = """
from fsb_oracle import estimator


@estimator(family="normal", parameters=["loc"], points=[{"loc": 0, "scale": "0.2"}])
def wrong(params, f, num_samples, rng):
    return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples)) * FACTOR}
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.py").write_text(WRONG.replace("FACTOR", "1.5"))
    (tmp_path / "right.py").write_text(WRONG.replace("FACTOR", "1"))
    return tmp_path


def known_file(folder, glob):
    path = folder / "known.toml"
    path.write_text(f'[[known_failure]]\ncase = "{glob}"\nreason = "half too much"\n')
    return path


def test_verify_end_to_end(target):
    options = {"profile": "smoke", "select": "unbiased/*float64"}
    assert exit_code(fsb_oracle.verify("wrong.py", **options)) == 1
    known = known_file(target, "*/wrong.py:wrong/*")
    told = []
    found = fsb_oracle.verify("wrong.py", known_failures=known, progress=told.append, **options)
    assert {one.result.status for one in told} == {"known_failure"}  # as the record shows it
    assert {r.status for r in found.results} == {Status.known_failure}
    assert exit_code(found) == 0
    with pytest.raises(UsageError, match=r"matches no case of right\.py"):
        fsb_oracle.verify("right.py", known_failures=known, **options)
    known = known_file(target, "*/right.py:wrong/*")
    assert {r.status for r in fsb_oracle.verify("right.py", known_failures=[known], **options).results} == {
        Status.unexpected_pass
    }
    # what only another selection or profile runs is not stale
    known = known_file(target, "unbiased/*/lorentz/right.py:wrong/numpy-float32")
    assert exit_code(fsb_oracle.verify("right.py", known_failures=known, **options)) == 0


def test_update_known_failures_needs_a_file_and_writes_proposals(target):
    options = {"profile": "smoke", "select": "unbiased/*sin3*float64", "update_known_failures": True}
    with pytest.raises(UsageError, match="needs --known-failures FILE"):
        fsb_oracle.verify("wrong.py", **options)
    found = fsb_oracle.verify("wrong.py", known_failures="known.toml", **options)
    assert exit_code(found) == 1  # proposed is not accepted
    assert "# [[known_failure]]" in (target / "known.toml").read_text()
