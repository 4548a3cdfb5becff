"""What `list rules --json` says of the proofs: complete, in step with the kernels, and true when proved again."""

import os
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fsb_oracle import rules
from fsb_oracle.catalogue import every_rule, listing
from fsb_oracle.checks import CHECKS, Settings, get_profile
from fsb_oracle.families import list_families
from fsb_oracle.records import Status
from fsb_oracle.rules import get_rule, proved
from fsb_oracle.rules.proof import proof_points, proof_summary
from fsb_oracle.rules.proved import certificate, fingerprint, proof_of, table
from fsb_oracle.rules.rule import Rule
from fsb_oracle.rules.sources import FOLDERS, sources
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.subjects.vector_rules import vector_laws

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
SCALAR = {rule.id: rule for rule, _ in every_rule() if isinstance(rule, Rule)}


@cache
def rows_with_proofs():
    return listing("rules", proofs=True)


def test_the_file_has_every_rule_and_no_other():
    assert list(table()) == list(SCALAR)


def test_every_listed_rule_is_proved_with_its_frequencies_and_digits():
    rows = rows_with_proofs()
    assert len(rows) == len(every_rule()) > 230
    for row in rows:
        assert row["proved"] is True and row["digits"] == 30 <= row["agreement"], row["name"]
        assert row["frequencies"] if row["space"] != "monomials" else row["degree"] >= 2, row["name"]


def test_waves_reach_from_a_twentieth_to_forty_per_spread():
    for rule in SCALAR.values():
        entry, at = table()[rule.id], proof_points(rule)[:2][-1]
        if (
            rule.disc is None
            and entry.space == "line"
            and rule.law.support.kind == "interval"
            and rule.law.support.period is None
        ):
            spread = rule.law.spread(at)
            assert entry.frequencies[0] * spread < 0.06 and entry.frequencies[-1] * spread > 38, rule.id


def test_every_parameter_of_every_law_has_a_proved_rule():
    rows = rows_with_proofs()
    proved = {(row["family"], row["parameter"]) for row in rows if row["proved"]}
    wanted = {(law.name, name) for law in list_families() for name in law.continuous_names}
    scalar = {"mixture", "compound_poisson"}  # whose parameters stay numbers
    for law in vector_laws():
        cut = law.continuous_names if law.name in scalar else [name.partition(".")[0] for name in law.continuous_names]
        wanted |= {(law.name, name) for name in cut}
    assert wanted <= proved


@pytest.mark.parametrize("id", ["GAM-k-U", "POI", "STA-alpha", "MIX-0-logit"])
def test_a_kernel_that_has_changed_is_not_called_proved(id):
    rule = SCALAR[id]
    kernel = rule.kernel

    def changed(f, c, z=None, **noise):
        value = kernel(f, c, z, **noise) if rule.uses_z else kernel(f, c, **noise)
        return value * c.math.rational(10**20 + 1, 10**20)

    def with_z(f, c, z, **noise):
        return changed(f, c, z, **noise)

    def without_z(f, c, **noise):
        return changed(f, c, **noise)

    other = replace(rule, kernel=with_z if rule.uses_z else without_z)
    assert proof_of(rule, rule.law).proved
    assert fingerprint(other) != fingerprint(rule)
    assert not proof_of(other, other.law).proved


def test_a_change_of_the_noise_shows_too():
    rule = get_rule("GAM-k-Shalf")
    (noise,) = rule.noise.values()
    other = replace(rule, noise={"g": replace(noise, concentration=noise.concentration + 1)})
    assert fingerprint(other) != fingerprint(rule)


@pytest.fixture
def up_to_date(monkeypatch):
    """The file as it is when every rule has just been proved."""
    entries = {id: replace(entry, sources=sources()) for id, entry in table().items()}
    monkeypatch.setattr(proved, "table", lambda: entries)


def smoke(rule):
    settings = Settings("smoke", 0.05, 0.1, 1e-3, 10_000)
    (case,) = CHECKS["proof"].plan(RuleSubject(rule, "numpy"), get_profile("smoke"))
    return CHECKS["proof"].check(case, settings, 0.0)


@pytest.mark.parametrize("id", ["GAM-k-U", "POI"])
def test_the_smoke_profile_takes_a_certificate_and_says_so(up_to_date, id):
    result, entry = smoke(SCALAR[id]), table()[id]
    assert result.status is Status.pass_ and "at release" in result.message and "digest unchanged" in result.message
    assert result.details["certificate"] == sources()
    assert result.details["frequencies_proved"] == list(entry.frequencies)


def test_after_a_change_anywhere_in_the_code_a_rule_is_proved_anew(up_to_date, monkeypatch):
    monkeypatch.setattr(proved, "sources", lambda: "other code")
    result = smoke(SCALAR["GAM-k-U"])
    assert result.status is Status.pass_ and "certificate" not in result.details


def test_a_changed_constant_has_no_certificate_and_fails_in_the_smoke_profile(up_to_date):
    rule = SCALAR["GAM-k-U"]

    def kernel(f, c, z, **noise):
        return rule.kernel(f, c, z, **noise) * c.math.rational(101, 100)

    result = smoke(replace(rule, kernel=kernel))
    assert result.status is Status.fail and "certificate" not in result.details


def test_a_certificate_is_for_its_own_parameters(up_to_date):
    rule = SCALAR["GAM-k-U"]
    first, second = proof_points(rule)[:2]
    assert certificate(rule, second) is not None and certificate(rule, first) is None


@pytest.mark.parametrize("folder", FOLDERS)
def test_one_byte_of_the_code_changes_the_digest(tmp_path, monkeypatch, folder):
    package = Path(rules.__file__).parents[1]
    for name in FOLDERS:
        shutil.copytree(package / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(rules, "__file__", str(tmp_path / "rules" / "__init__.py"))
    before = sources.__wrapped__()
    assert before == sources()
    last = sorted((tmp_path / folder).rglob("*.py"))[-1]
    last.write_bytes(last.read_bytes() + b"#")
    assert sources.__wrapped__() != before


AGAIN = list(SCALAR.values()) if DEEP else [rule for rule in SCALAR.values() if rule.noise][::40]


@pytest.mark.parametrize("rule", AGAIN, ids=lambda rule: rule.id)
def test_an_entry_is_true_when_proved_again(rule):
    """All in the deep profile; `test_proof.py` proves every rule at other places by default."""
    entry, summary = table()[rule.id], proof_summary(rule)
    assert summary.proved and summary.frequencies == tuple(entry.frequencies) and summary.space == entry.space
