"""Every option comes from the command line, the environment or the file; a bad value is one sentence from each."""

from __future__ import annotations

import pytest

from fsb_oracle import UsageError, verify
from fsb_oracle.cli import main
from fsb_oracle.runs import cluster
from fsb_oracle.runs.options import OPTIONS, gather

GOOD = {
    "profile": ("smoke", "smoke"),
    "select": ("*x*", "*x*"),
    "backend": ("jax,numpy", ("numpy", "jax")),
    "margin": ("0.1", 0.1),
    "false_fail_rate": ("1e-5", 1e-5),
    "seed": ("7", 7),
    "min_checks": ("3", 3),
    "jobs": ("2", 2),
    "dask": ("tcp://host:8786", "tcp://host:8786"),
    "shard": ("2/4", "2/4"),
    "resume": ("r.json", "r.json"),
    "ledger": ("l.db", "l.db"),
    "strict": ("true", True),
    "record": ("o.json", "o.json"),
    "html": ("o.html", "o.html"),
    "benchmarks": ("b.json", "b.json"),
    "json": ("yes", True),
    "junit": ("j.xml", "j.xml"),
    "known_failures": ("a.toml,b.toml", ("a.toml", "b.toml")),
    "update_known_failures": ("1", True),
}
BAD = {
    "backend": ("numpi", "unknown backend 'numpi'; there are numpy, torch, jax (did you mean 'numpy'?)"),
    "margin": ("0", "margin='0' must be a number greater than 0"),
    "false_fail_rate": ("1", "false-fail-rate='1' must be a number between 0 and 1"),
    "seed": ("1.5", "seed='1.5' must be an integer of at least 0"),
    "min_checks": ("-1", "min-checks='-1' must be an integer of at least 0"),
    "jobs": ("many", "jobs='many' must be an integer of at least 0"),
    "shard": ("3/2", "shard='3/2' must be I/N with I from 1 to N"),
    "strict": ("maybe", "strict='maybe' must be true or false"),
    "json": ("2", "json='2' must be true or false"),
}


def test_the_tables_name_every_option_known_here():
    assert set(GOOD) == set(OPTIONS) and set(BAD) <= set(OPTIONS)


@pytest.mark.parametrize("name", GOOD)
def test_each_option_from_the_environment_and_from_the_file(tmp_path, name):
    text, value = GOOD[name]
    values, sources = gather({}, {f"FSB_ORACLE_{name.upper()}": text}, tmp_path)
    shown = list(value) if isinstance(value, tuple) else value
    assert values[name] == value and sources[name] == {"value": shown, "source": "environment"}
    (tmp_path / "pyproject.toml").write_text(f'[tool.fsb_oracle]\n{name.replace("_", "-")} = "{text}"\n')
    values, sources = gather({}, {}, tmp_path)
    assert values[name] == value and sources[name]["source"] == "file"
    assert gather({name: text}, {}, tmp_path)[1][name]["source"] == "command line"
    assert {source["source"] for key, source in sources.items() if key != name} == {"default"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_one_sentence_wherever_it_stands(tmp_path, monkeypatch, capsys, name):
    text, words = BAD[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"FSB_ORACLE_{name.upper()}", text)
    assert main(["verify", "nothing.py"]) == 2
    err = capsys.readouterr().err
    assert words in err and err.count("\n") == 1 and "Traceback" not in err
    monkeypatch.delenv(f"FSB_ORACLE_{name.upper()}")
    (tmp_path / "pyproject.toml").write_text(f'[tool.fsb_oracle]\n{name} = "{text}"\n')
    assert main(["verify", "nothing.py"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2", "0/2", "3/2", "a/b", "1/2/3", "1.5/2", "", "/"])
def test_a_shard_is_two_numbers(capsys, text):
    assert main(["verify", "nothing.py", "--shard", text]) == 2
    err = capsys.readouterr().err
    assert "must be I/N with I from 1 to N, as in 2/4" in err and err.count("\n") == 1


def test_what_is_set_to_nothing_is_not_set(tmp_path):
    assert gather({}, {"FSB_ORACLE_MARGIN": ""}, tmp_path)[1]["margin"]["source"] == "default"


def test_an_unknown_variable_or_keyword_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"unknown environment variable 'FSB_ORACLE_SEAD' \(did you mean '\w+SEED'"):
        gather({}, {"FSB_ORACLE_SEAD": "3"}, tmp_path)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'jbos' \(did you mean 'jobs'"):
        verify("nothing.py", jbos=2)


def test_dask_that_is_not_installed_is_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with (
        pytest.raises(UsageError, match=r"^--dask needs Dask: pip install 'fsb-oracle\[dask\]'$"),
        cluster.connected("x"),
    ):
        pass
