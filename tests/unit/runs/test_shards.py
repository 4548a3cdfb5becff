"""Shards are whole groups of cases, share one budget, and merged are the run in one piece."""

from __future__ import annotations

import json
from itertools import permutations

import jsonschema
import pytest

from fsb_oracle import UsageError
from fsb_oracle.checks import get_profile
from fsb_oracle.records import Record, merge, read, schema, write
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.runs.shards import groups, shard, weight

from .small import Small, comparable


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return Small.write(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def whole(small):
    return small.run()


@pytest.fixture(scope="module")
def shards(small):
    return [small.run(shard=f"{part}/3") for part in (1, 2, 3)]


def test_shards_merged_are_the_unsharded_run(whole, shards):
    for order in permutations(shards):
        assert comparable(merge(order)) == comparable(whole)
    assert merge(shards).run["false_fail_rate"] == whole.run["false_fail_rate"]
    assert all(record.results for record in shards)


def test_a_shard_counts_the_budget_of_the_whole_plan(whole, shards):
    rates = [record.run["false_fail_rate"] for record in shards]
    assert {rate["declared"] for rate in rates} == {1e-6}
    assert all(0 < rate["spent"] < 1e-6 for rate in rates)
    assert sum(rate["spent"] for rate in rates) == pytest.approx(1e-6)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(shards[1].to_json()))


def test_a_part_of_the_shards_says_which_and_can_be_completed(small, whole, shards, tmp_path):
    path = tmp_path / "part.json"
    part = merge([shards[2], shards[0]])
    assert part.run["shard"]["parts"] == [1, 3] and part.run["shard"]["of"] == 3
    write(part, path)
    assert comparable(merge([shards[1], read(path)])) == comparable(whole)
    assert comparable(small.run(resume=path)) == comparable(whole)


def test_an_interrupted_shard_continues_as_that_shard(small, shards, tmp_path):
    def stop(progress):
        raise KeyboardInterrupt

    path = tmp_path / "shard.json"
    small.run(shard="2/3", record=path, progress=stop)
    finished = small.run(resume=path)
    assert comparable(finished) == comparable(shards[1])
    assert finished.run["shard"] == shards[1].run["shard"]


def test_what_cannot_be_merged_is_one_sentence(small, whole, shards):
    other = small.run(shard="2/3", seed=1)
    halves = small.run(shard="2/2")
    for records, words in (
        ([shards[0], other], r"'a' and 'b' are not shards of one run: seed is 0 in the first and 1 in the second"),
        ([shards[0], halves], "the number of shards is 3 in the first and 2 in the second"),
        ([shards[0], shards[0]], "shard 1/3 is in 'a' and in 'b': give each shard once"),
        ([shards[0], whole], "'b' is no shard"),
    ):
        with pytest.raises(UsageError, match=words):
            merge(records, ["a", "b"])


def test_whole_runs_add_their_declared_rates(whole):
    twice = merge([whole, Record({**whole.run, "seed": 1}, whole.results)])
    assert twice.run["false_fail_rate"]["declared"] == 2e-6
    assert len(twice.results) == len(whole.results)


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_every_case_is_in_one_shard_with_those_that_share_its_exact_value(of):
    cases = make_plan(["fsb_oracle"], get_profile("smoke"), "*/gamma/*", ("numpy",)).cases
    parts = [shard(cases, part, of) for part in range(1, of + 1)]
    assert sorted(number for part in parts for number in part) == list(range(len(cases)))
    home = {number: index for index, part in enumerate(parts) for number in part}
    together = groups(cases, range(len(cases)))
    assert max(map(len, together)) > 2
    assert all(len({home[number] for number in group}) == 1 for group in together)
    loads = [sum(weight(cases[number]) for number in part) for part in parts]
    heaviest = max(sum(weight(cases[number]) for number in group) for group in together)
    assert max(loads) - min(loads) <= heaviest
