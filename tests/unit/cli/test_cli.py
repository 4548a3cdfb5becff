"""The command line: output, exit codes, one sentence for each mistake."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from fsb_oracle import catalogue, cli
from fsb_oracle.checks import CHECKS
from fsb_oracle.cli import main
from fsb_oracle.records import Status

DATA = Path(__file__).parents[2] / "data"
FILE = str(DATA / "right_and_wrong.py")


def _run(capsys, *words):
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_exact_json(capsys):
    code, out, err = _run(
        capsys,
        "exact",
        "gamma",
        "concentration=2.5",
        "rate=1.4285714285714286",
        "--f",
        "sin(z)",
        "--digits",
        "40",
        "--json",
    )
    found = json.loads(out)
    assert code == 0 and err == ""
    assert found["family"] == "gamma" and found["digits"] == 40
    for name in ("concentration", "rate"):
        value = found["gradient"][name]
        assert float(value["radius"]) < 1e-38
        assert len(value["routes"]) >= 2 and value["level"] >= 2
    assert found["gradient"]["concentration"]["value"].startswith("-0.10469154305")


def test_exact_text_and_audit(capsys):
    code, out, _ = _run(capsys, "exact", "normal", "loc=0.3", "scale=0.8", "--f", "tanh(z)", "--audit")
    assert code == 0
    assert "0.66129017518" in out and "mpmath" in out


def test_variance(capsys):
    code, out, _ = _run(capsys, "variance", "gamma", "concentration=2.5", "rate=1", "--f", "tanh(z)", "--json")
    rows = {(row["parameter"], row["id"]): row["variance"] for row in json.loads(out)["rows"]}
    assert code == 0
    assert rows["concentration", "score"] == pytest.approx(0.275097160350640, rel=1e-12)
    assert rows["concentration", "GAM-k-U"] == pytest.approx(0.031566577064276, rel=1e-12)
    assert rows["concentration", "pathwise"] == pytest.approx(0.0128062047284, rel=1e-10)


def test_verify_prints_the_wrong_one_its_bias_and_the_command(capsys, tmp_path):
    page = tmp_path / "report.html"
    code, out, err = _run(capsys, "verify", FILE, "--profile", "smoke", "--html", str(page))
    assert code == 1
    assert f"{FILE}:wrong" in out and "BIASED" in out and "fsb-oracle verify" in out
    assert str(page) in err and page.read_text().startswith("<!doctype html>")


def test_report_from_a_record(capsys, tmp_path):
    record, page = tmp_path / "record.json", tmp_path / "page.html"
    assert main(["verify", FILE, "--profile", "smoke", "--select", "*sin3*:right*", "--record", str(record)]) == 0
    assert main(["report", str(record), "-o", str(page)]) == 0
    assert page.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["exact", "gama", "rate=1", "--f", "z"], "did you mean 'gamma'"),
        (["exact", "gamma", "concentration=1", "rat=1", "--f", "z"], "did you mean 'rate'"),
        (["exact", "gamma", "concentration=1", "rate=-1", "--f", "z"], "greater than 0"),
        (["exact", "gamma", "concentration=1", "rate=x", "--f", "z"], "not a finite number"),
        (["exact", "gamma", "concentration", "--f", "z"], "write NAME=VALUE"),
        (["exact", "gamma", "rate=1", "rate=2", "--f", "z"], "given twice"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "sni(z)"], "did you mean 'sin'"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "q*z"], "unknown name 'q'"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "__import__('os')"], "unknown function"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "z.real"], "not allowed in f"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "sin(z"], "cannot read the expression"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "z", "--digits", "-1"], "from 1 to"),
        (["exact", "normal", "loc=0", "scale=1", "--f", "z", "--digits", "many"], "must be an integer"),
        (["exact", "gamma", "concentration=2", "rate=1", "--f", "exp(2*z)"], "does not exist"),
        (["exact", "normal", "loc=0", "scale=1"], "--f"),
        (["verify", "nofile.py"], "there is no file"),
        (["verify", "torch.distributions:Gamma", "--profile", "smok"], "did you mean 'smoke'"),
        (["verify", FILE, "--margin", "-1"], "margin"),
        (["verify", FILE, "--false-fail-rate", "2"], "between 0 and 1"),
        (["verify", "fsb_oracle", "--backend", "numpi"], "did you mean 'numpy'"),
        (["list", "ruls"], "did you mean 'rules'"),
        (["explain", "GAM-k-V"], "did you mean 'GAM-k-U'"),
        (["report", "nothing.json", "-o", "x.html"], "cannot read the record"),
        (["frobnicate"], "invalid choice"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_sentence_and_exit_code_2(capsys, words, sentence):
    code, out, err = _run(capsys, *words)
    assert code == 2 and out == ""
    assert sentence in err
    assert err.count("\n") == 1 and "Traceback" not in err


def test_list_and_explain(capsys):
    for kind in ("families", "integrands", "rules", "checks"):
        code, out, _ = _run(capsys, "list", kind, "--json")
        assert code == 0 and json.loads(out)
    code, out, _ = _run(capsys, "explain", "GAM-k-U")
    assert code == 0 and "s f'(z + s u e)" in out
    for name in ("gamma", "unbiased"):
        assert _run(capsys, "explain", name)[0] == 0
    code, out, _ = _run(capsys, "explain", "stable")
    assert code == 0 and "the characteristic function is the only route" in out


def test_every_argument_of_every_verb_has_a_help_text():
    parser = cli._parser()
    (verbs,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    assert set(verbs.choices) == {action.dest for action in verbs._choices_actions if action.help}
    silent = [
        f"{verb} {action.option_strings or action.metavar}"
        for verb, arguments in verbs.choices.items()
        for action in arguments._actions
        if not (action.help or "").strip()
    ]
    assert silent == []


def test_every_check_status_and_rule_is_explained(monkeypatch):
    for name in CHECKS:
        what = catalogue.explain(name)["what"]
        for words in ("Why it matters: ", "How to fix: ", "How to reproduce: "):
            assert len(what.partition(f"\n\n{words}")[2].partition("\n\n")[0]) > 15, f"{name}: {words}"
    for status in Status:
        assert all(catalogue.explain(status.value)[part] for part in ("what", "to do", "fails the run"))
    monkeypatch.setattr(catalogue, "_symbol", lambda rule: "")  # simplifying 268 of them takes minutes
    for rule, _ in catalogue.every_rule():
        said = catalogue.explain(rule.id)
        assert all(said[part] for part in ("gradient", "formula", "class of f", "cost per draw", "source")), rule.id


def test_help_starts_quickly_and_imports_nothing_heavy():
    heavy = ("numpy", "sympy", "scipy", "flint", "torch", "jax")
    code = f"import sys, fsb_oracle.cli; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_exact_imports_neither_numpy_nor_scipy():
    """A fifth of a second each, in a command that takes one."""
    code = (
        "import sys; from fsb_oracle.cli import main; "
        "main(['exact', 'gamma', 'concentration=2', 'rate=1', '--f', 'sin(z)']); "
        "print([m for m in ('numpy', 'scipy', 'torch', 'jax') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_nothing_ran_is_exit_code_5(capsys):
    code, _, _ = _run(capsys, "verify", FILE, "--select", "no such case")
    assert code == 5
