"""`verify` end to end on files: verdicts, reproduction, budget, interruption, errors."""

import json
import math
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import fsb_oracle
from fsb_oracle.checks import PROFILES
from fsb_oracle.checks.truth import bias_scale, exact_gradient
from fsb_oracle.errors import NoExactValue, UsageError
from fsb_oracle.records import Status, exit_code, read
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.subjects import resolve

DATA = Path(__file__).parents[2] / "data"
FILE = str(DATA / "right_and_wrong.py")


@pytest.fixture(scope="module")
def record():
    return fsb_oracle.verify(FILE, profile="smoke")


def test_the_wrong_estimator_fails_and_the_right_one_passes(record):
    failed = {r.subject for r in record.results if r.status is Status.fail}
    assert failed == {f"{FILE}:wrong"}
    assert {r.status for r in record.results if r.subject == f"{FILE}:right"} == {Status.pass_}
    assert exit_code(record) == 1


def test_a_pass_says_what_it_excludes(record):
    for result in record.results:
        if result.status is Status.pass_ and result.check == "unbiased":
            assert result.bias_bound is not None and result.bias_bound <= result.margin * result.bias_scale * (
                1 + 1e-12
            )
            assert result.weak == (result.bias_bound >= abs(float(result.exact)))
            assert "hidden bias" in result.message


def test_a_failure_says_where_how_bad_and_how_to_reproduce(record):
    result = next(r for r in record.results if r.status is Status.fail and r.check == "unbiased")
    assert abs(result.bias) > 0 and result.interval[0] <= result.bias <= result.interval[1]
    assert result.interval[0] * result.interval[1] > 0
    assert "fsb-oracle verify" in result.reproduce and result.case in result.reproduce
    assert result.variance_class == "H"


def test_the_reproduction_gives_the_same_verdict(record):
    result = next(r for r in record.results if r.status is Status.fail and r.check == "unbiased")
    words = dict(zip(result.reproduce.split()[3::2], result.reproduce.split()[4::2], strict=True))
    again = fsb_oracle.verify(
        f"{FILE}:wrong",
        select=result.case,
        profile=words["--profile"],
        margin=float(words["--margin"]),
        seed=int(words["--seed"]),
        false_fail_rate=float(words["--false-fail-rate"]),
    )
    (replayed,) = again.results
    for name in ("status", "bias", "bias_bound", "num_samples", "evidence", "exact"):
        assert getattr(replayed, name) == getattr(result, name), name


def test_the_same_seed_gives_the_same_record_and_another_seed_other_draws():
    select = "unbiased/*sin3*:right*float64"
    first, again, other = (fsb_oracle.verify(FILE, profile="smoke", select=select, seed=s) for s in (0, 0, 1))
    assert [r.bias for r in first.results] == [r.bias for r in again.results]
    assert [r.bias for r in first.results] != [r.bias for r in other.results]


def test_the_budget_is_declared_once_and_spent(record):
    rate = record.run["false_fail_rate"]
    assert rate["declared"] == 1e-6
    assert rate["spent"] == pytest.approx(1e-6)
    assert 0 < rate["asymptotic_share"] < 1  # the black box is decided by class H, the other by class R
    classes = {r.subject.rpartition(":")[2]: r.variance_class for r in record.results if r.check == "unbiased"}
    assert classes == {"right": "R", "wrong": "H"}


def test_an_interrupted_run_leaves_a_readable_record(tmp_path):
    path = tmp_path / "record.json"

    def stop_after_three(progress):
        if progress.finished == 3:
            raise KeyboardInterrupt

    record = fsb_oracle.verify(FILE, profile="smoke", record=path, progress=stop_after_three)
    assert record.run["interrupted"] and len(record.results) == 3
    assert read(path).results == record.results
    assert exit_code(record) == 130
    assert json.loads(path.read_text())["run"]["ran"] == 3


def _file(tmp_path, body, decorator='family="gamma", parameters=["concentration"]'):
    path = tmp_path / "subject.py"
    path.write_text(
        "import numpy as np\nimport fsb_oracle\n\n\n"
        f"@fsb_oracle.estimator({decorator})\ndef subject(params, f, num_samples, rng):\n    {body}\n"
    )
    return str(path)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("return {'concentration': np.zeros(3)}", Status.error, "expected (8192,)"),
        ("return {'rate': np.zeros(num_samples)}", Status.error, "returned no 'concentration'"),
        ("return np.zeros(num_samples)", Status.error, "expected a dict"),
        ("return {'concentration': np.zeros(num_samples, complex)}", Status.error, "expected real numbers"),
        ("raise RuntimeError('boom')", Status.error, "boom"),
        ("return {'concentration': np.full(num_samples, np.nan)}", Status.fail, "nonfinite"),
        ("return {'concentration': np.zeros(num_samples)}", Status.fail, "biased"),
    ],
)
def test_broken_estimators_end_in_their_own_case(tmp_path, body, status, words):
    record = fsb_oracle.verify(_file(tmp_path, body), profile="smoke", select="unbiased/*sin3*float64")
    assert {r.status for r in record.results} == {status}
    assert all(words in f"{r.reason} {r.message}" for r in record.results)


def test_noise_is_put_on_quadrature_nodes(tmp_path):
    path = tmp_path / "subject.py"
    path.write_text(
        "import fsb_oracle\n\n\n"
        '@fsb_oracle.estimator(family="gamma", parameters=["concentration"],\n'
        '                      noise={"z": "family", "u": "uniform", "e": "exponential"})\n'
        "def subject(params, f, z, u, e):\n"
        '    return {"concentration": f.derivative(z + u * e / params["rate"]) / params["rate"]}\n'
    )
    record = fsb_oracle.verify(str(path), profile="smoke", select="unbiased/*sin3*float64")
    assert {(r.status, r.tier) for r in record.results} == {(Status.pass_, "0b")}
    assert all(r.bias_bound < 1e-6 * r.bias_scale for r in record.results)


def test_a_unit_may_be_a_call(tmp_path):
    body = "z = rng.gamma(params['concentration'], 1 / params['rate'], 8); s = 1 / params['rate']\n"
    body += "    return {'concentration': np.mean(s * f.derivative(z + s * rng.random(8) * rng.exponential(1.0, 8)))}"
    target = _file(tmp_path, body, 'family="gamma", parameters=["concentration"], unit="call"')
    record = fsb_oracle.verify(target, profile="smoke", select="unbiased/gamma/concentration=2.5*sin3*float64")
    assert [r.status for r in record.results] == [Status.pass_]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere.py", "there is no file"),
        ("nomodule:thing", "cannot import"),
        (str(DATA / "right_and_wrong.py") + ":rigt", "did you mean 'right'"),
    ],
)
def test_a_target_that_is_not_there_is_one_sentence(target, words):
    with pytest.raises(UsageError, match=words):
        resolve(target)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"family": "gama", "parameters": ["rate"]}, "did you mean 'gamma'"),
        ({"family": "gamma", "parameters": ["shape"]}, "has no parameter 'shape'"),
        ({"family": "gamma", "parameters": []}, "at least one"),
        ({"family": "gamma", "parameters": ["rate"], "backend": "tensorflow"}, "unknown backend"),
        ({"family": "gamma", "parameters": ["rate"], "requires": "F7"}, "unknown class"),
        ({"family": "gamma", "parameters": ["rate"], "same_as": "GAM-k-U"}, "not for gamma rate"),
        ({"family": "gamma", "parameters": ["rate"], "noise": {"u": "unifrom"}}, "did you mean 'uniform'"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(options, words):
    with pytest.raises(UsageError, match=words):
        fsb_oracle.estimator(**options)


def test_options_come_from_command_line_environment_file_default(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.fsb_oracle]\nseed = 3\nmargin = 0.1\nprofile = 'smoke'\n")
    environment = {"FSB_ORACLE_SEED": "4", "FSB_ORACLE_MARGIN": "0.2"}
    values, sources = gather({"margin": 0.3}, environment, tmp_path)
    assert (values["margin"], values["seed"], values["profile"], values["false_fail_rate"]) == (
        0.3,
        4,
        "smoke",
        1e-6,
    )
    found = [sources[name]["source"] for name in ("margin", "seed", "profile", "false_fail_rate")]
    assert found == ["command line", "environment", "file", "default"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.fsb_oracle]\nsead = 3\n", "did you mean 'seed'"),
        ("[tool.fsb_oracle]\nseed = -1\n", "seed=-1 must be"),
        ("[tool.fsb_oracle\n", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, text, words):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        gather({}, {}, tmp_path)


# those whose exact values take milliseconds
LAWS = {"normal", "laplace", "gamma", "exponential", "beta", "uniform", "bernoulli", "poisson", "dirac"}


def test_each_parameter_has_cases_in_which_zero_and_the_wrong_sign_fail():
    """An estimator that returns 0 is off by |exact|: some case's |exact| must exceed its margin."""
    for profile in ("smoke", "default"):
        plan = make_plan(["fsb_oracle"], PROFILES[profile], "unbiased/*", ("numpy",))
        seen = {}
        for case in plan.cases:
            if getattr(case.subject.rule, "baseline", False) or case.family.name not in LAWS:
                continue
            key = (case.family.name, case.parameter)
            if seen.get(key, 0) > 2:
                continue
            with suppress(NoExactValue):
                exact = float(exact_gradient(case.family, case.at, case.integrand, case.parameter))
                scale = bias_scale(case.family, case.at, case.integrand, case.parameter)
                seen[key] = max(seen.get(key, 0.0), abs(exact) / scale / PROFILES[profile].margin)
        assert min(seen.values()) > 2, seen


def test_case_ids_are_stable_and_unique():
    plan = make_plan(["fsb_oracle"], PROFILES["default"], None, ("numpy",))
    ids = [case.id for case in plan.cases]
    assert len(set(ids)) == len(ids)
    assert "unbiased/gamma/concentration=2.5,rate=1.4285714285714286/concentration/sin3/GAM-k-U/numpy-float64" in ids
    assert not math.isnan(float(np.sum([case.tests for case in plan.cases])))


def test_a_missing_library_is_not_applicable_with_its_reason(monkeypatch):
    """The report completes without Torch and JAX: their rows say why."""
    from fsb_oracle.report import render_html
    from fsb_oracle.runs import plan

    reasons = {"numpy": None, "torch": "torch is not installed", "jax": "jax is not installed"}
    monkeypatch.setattr(plan, "unavailable", reasons.get)
    targets = ("fsb_oracle", "torch.distributions:Gamma", "jax.random:gamma")
    record = fsb_oracle.verify(*targets, profile="smoke", select="*unbiased*POI*")
    assert {r.status for r in record.results if r.backend == "numpy"} == {Status.pass_}
    absent = [r for r in record.results if r.status is Status.not_applicable and r.backend in ("torch", "jax")]
    assert {r.reason for r in absent} == {"torch is not installed", "jax is not installed"}
    assert record.run["unavailable"] == {"torch": "torch is not installed", "jax": "jax is not installed"}
    assert exit_code(record) == 0
    assert "torch is not installed" in render_html(record)
    whole = plan.make_plan(targets, PROFILES["smoke"])
    assert {r.subject for r in whole.not_applicable} >= {"torch.distributions:Gamma", "jax.random:gamma", "GAM-k-U"}


BIASED = """import fsb_oracle


@fsb_oracle.estimator(family="normal", parameters=["loc"]{options})
def subject(params, f, num_samples, rng):
    z = rng.normal(params["loc"], params["scale"], num_samples)
    return {{"loc": 1.2 * f.derivative(z)}}
"""


def _one_case(tmp_path, options):
    path = tmp_path / "subject.py"
    path.write_text(BIASED.format(options=options))
    select = "unbiased/normal/loc=0.3*/loc/relu/*float64"
    (result,) = fsb_oracle.verify(str(path), profile="smoke", select=select, margin=0.02).results
    return result


def test_a_declared_kurtosis_is_class_k(tmp_path):
    result = _one_case(tmp_path, ", kurtosis=5")
    assert (result.status, result.variance_class) == (Status.fail, "K")


def test_a_declared_tolerance_is_no_bug_and_its_reason_is_shown(tmp_path):
    result = _one_case(tmp_path, ', tolerance=(0.3, "documented to 20 %")')
    assert result.status is Status.pass_
    assert "documented to 20 %" in result.message
    assert _one_case(tmp_path, "").status is Status.fail
