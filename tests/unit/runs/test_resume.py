"""A run that is interrupted, killed or out of disk leaves a valid record, and `--resume` completes it."""

from __future__ import annotations

import json
import os

import pytest

from fsb_oracle import UsageError, verify
from fsb_oracle.checks import get_profile
from fsb_oracle.records import Record, Status, read, write
from fsb_oracle.runs import run as run_module
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.runs.workers import dead

from .small import OPTIONS, Small, comparable

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX systems")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return Small.write(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def whole(small):
    return small.run()


def stopped(small, path, after=3, **options):
    """The record of a run that Ctrl-C ended after some cases."""

    def stop(progress):
        if progress.finished == after:
            raise KeyboardInterrupt

    return small.run(record=path, progress=stop, **options)


def test_the_finished_record_is_that_of_an_uninterrupted_run(small, whole, tmp_path):
    path = tmp_path / "record.json"
    part = stopped(small, path)
    ran = []
    finished = verify(resume=path, progress=lambda progress: ran.append(progress.result.case))
    assert len(ran) == len(whole.results) - 3 and not {result.case for result in part.results} & set(ran)
    assert comparable(finished) == comparable(whole) == comparable(read(path))
    assert finished.run["started"] == part.run["started"] and finished.run["seconds"] > part.run["seconds"]
    assert {Status.pass_} == {result.status for result in finished.results}


def test_a_finished_record_has_nothing_left_to_run(small, whole, tmp_path):
    path = tmp_path / "record.json"
    write(whole, path)
    again = verify(small.target, resume=path, record=tmp_path / "copy.json", progress=lambda _: pytest.fail("ran"))
    assert comparable(again) == comparable(whole) == comparable(read(tmp_path / "copy.json"))


def test_known_failures_are_told_when_all_is_there(tmp_path):
    """Also beside a failure that stays: the record says the same as that of a run in one piece."""
    small = Small.write(tmp_path, spoilt=" + 0.5")
    known, path = tmp_path / "known.toml", tmp_path / "record.json"
    known.write_text('[[known_failure]]\ncase = "unbiased/*relu*float32"\nreason = "planted"\n')
    part = stopped(small, path, known_failures=known)
    assert not {Status.known_failure, Status.unexpected_pass} & {result.status for result in part.results}
    finished = verify(resume=path, known_failures=known)
    assert {Status.known_failure, Status.fail} <= {result.status for result in finished.results}
    assert comparable(finished) == comparable(small.run(known_failures=known))
    known.write_text("")
    forgotten = verify(resume=path, known_failures=known)
    assert Status.known_failure not in {result.status for result in forgotten.results}
    assert comparable(forgotten) == comparable(small.run(known_failures=known))


def test_a_case_whose_process_died_is_decided_again(small, whole, tmp_path):
    plan = make_plan([small.target], get_profile("smoke"), OPTIONS["select"])
    path, died = tmp_path / "record.json", dead(plan, 2)
    results = [died if result.case == died.case else result for result in whole.results]
    write(Record(whole.run, tuple(results)), path)
    ran = []
    finished = verify(resume=path, progress=lambda progress: ran.append(progress.result.case))
    assert ran == [died.case] and comparable(finished) == comparable(whole)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 1}, "seed is 0 there and 1 here"),
        ({"margin": 0.2}, "margin is 0.1 there and 0.2 here"),
        ({"profile": "default"}, "profile is 'smoke' there and 'default' here"),
        ({"false_fail_rate": 1e-5}, "false-fail-rate is 1e-06 there and 1e-05 here"),
        ({"select": "unbiased/*"}, r"select is '\[usv\]\*' there and 'unbiased/.*' here"),
        ({"shard": "1/2"}, "shard is None there and '1/2' here"),
        ({"backends": ["numpy"]}, "backend is .* there and .'numpy'. here"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_another_setting_is_named_in_one_sentence(small, whole, tmp_path, options, words):
    path = tmp_path / "record.json"
    write(whole, path)
    before = path.read_text()
    with pytest.raises(UsageError, match=rf"cannot continue .*record\.json': {words}$"):
        verify(resume=path, **options)
    assert path.read_text() == before


def test_other_versions_or_code_are_named(small, whole, tmp_path):
    path = tmp_path / "record.json"
    for change, words in (
        ({"versions": {**whole.run["versions"], "numpy": "1.0"}}, "the version of numpy is '1.0' there"),
        ({"plan": {**whole.run["plan"], "code": "0"}}, "the code of fsb_oracle or of a target"),
        ({"plan": {**whole.run["plan"], "cases": "0"}}, "the list of cases"),
        ({"targets": ["other.py"]}, "targets is"),
    ):
        content = json.loads(whole.to_json())
        content["run"] |= change
        path.write_text(json.dumps(content))
        with pytest.raises(UsageError, match=words):
            verify(small.target, resume=path)


def test_a_target_that_was_edited_in_between_is_another_run(tmp_path):
    small, path = Small.write(tmp_path), tmp_path / "record.json"
    stopped(small, path)
    Small.write(tmp_path, spoilt=" * 1.5")
    with pytest.raises(UsageError, match=r"the code of fsb_oracle or of a target \(digest\) is"):
        verify(resume=path)


def test_what_is_no_record_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="cannot read the record"):
        verify(resume=tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UsageError, match="not a record"):
        verify(resume=tmp_path / "bad.json")


@posix
def test_a_killed_run_continues_where_it_was(small, whole, tmp_path):
    """kill -9 of the process that writes the record: at every moment it is valid JSON."""
    path = tmp_path / "record.json"
    (tmp_path / f".{path.name}.123.partial").write_text('{"schema": ')  # left by one killed while it wrote
    assert small.signalled("SIGKILL", path).returncode == -9
    part = read(path)
    assert part.run["interrupted"] and len(part.results) == 3
    ran = []
    finished = verify(resume=path, progress=lambda progress: ran.append(progress.result.case))
    assert len(ran) == part.run["planned"] - 3
    assert comparable(finished) == comparable(whole)
    assert not list(tmp_path.glob(".*.partial"))


@posix
def test_ctrl_c_is_exit_code_130_and_continues(small, whole, tmp_path):
    path = tmp_path / "record.json"
    interrupted = small.signalled("SIGINT", path)
    assert interrupted.returncode == 130 and "Interrupted after 3 of" in interrupted.stdout
    part = read(path)
    assert part.run["interrupted"] and len(part.results) == 3
    assert comparable(verify(resume=path)) == comparable(whole)


@posix
def test_a_full_disk_leaves_the_last_record_and_one_sentence(small, whole, tmp_path, monkeypatch):
    import resource

    path = tmp_path / "record.json"
    monkeypatch.setattr(run_module, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(run_module, "SAVE_SHARE", 1e9)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(
            UsageError, match=r"cannot write the record .*--resume \S*record\.json continues$"
        ) as caught:
            small.run(record=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    part = read(path)
    assert part.run["interrupted"] and 0 < len(part.results) < part.run["planned"]
    assert [item.name for item in tmp_path.iterdir()] == ["record.json"]
    assert comparable(verify(resume=path)) == comparable(whole)


def test_a_place_that_cannot_be_written_to_is_known_before_anything_runs(small, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot write the record '\S*record\.json': \w[^\n]*$"):
        small.run(record=tmp_path / "file" / "record.json", progress=lambda _: pytest.fail("ran"))
