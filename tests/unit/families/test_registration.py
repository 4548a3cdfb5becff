"""A user's law from one file: known everywhere by its name; a malformed one is refused in one sentence."""

import sys
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from sympy import Symbol

import fsb_oracle
from fsb_oracle.catalogue import listing
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family, list_families, own_families, registry, resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import get_rule, list_rules, own_rules, recommended, registration, rules_for
from fsb_oracle.rules.proof import prove
from fsb_oracle.rules.variance import exact_moments
from fsb_oracle.subjects import resolve

FILE = Path(__file__).resolve().parents[3] / "examples" / "my_family.py"
POINT = {"mean": "0.7", "concentration": "2.5"}


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    """Each test starts without users' laws and leaves none."""
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registration, "_declared", {})
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    registry.load_installed.cache_clear()
    yield
    registry.load_installed.cache_clear()


@pytest.fixture
def example():
    """The example's law, and its rules as subjects on NumPy."""
    subjects = resolve(str(FILE), ("numpy",))
    return sys.modules["fsb_oracle_target_my_family"].gamma_by_mean, subjects


def _gamma(name="my_gamma", **changes):
    return replace(get_family("gamma"), name=name, **changes)


def _rule(**changes):
    return replace(get_rule("GAM-s-U"), **({"family": "my_gamma", "id": "MY-s-U"} | changes))


def test_the_example_is_known_by_its_name(example):
    law, subjects = example
    assert get_family("gamma_by_mean") is law and law in list_families() and law not in own_families()
    assert resolve_family("gamma_by_mean", POINT)[1] == {"mean": Fraction(7, 10), "concentration": Fraction(5, 2)}
    assert {subject.name for subject in subjects} == {rule.id for rule in list_rules() if rule.family == law.name}
    assert not {rule.family for rule in own_rules()} & {law.name}


def test_its_rules_are_proved_when_they_are_listed(example):
    _, subjects = example
    rows = {row["name"]: row for row in listing("rules", proofs=True)}
    assert all(rows[subject.name]["proved"] for subject in subjects)


def test_its_exact_gradient_is_that_of_the_gamma_law(example):
    """d/d mean = -(rate/mean) d/d rate; at a given mean the rate moves with the concentration."""
    ours = fsb_oracle.exact("gamma_by_mean", POINT, "sin(2*z)")
    rate = Fraction(25, 7)
    gamma = fsb_oracle.exact("gamma", {"concentration": "5/2", "rate": rate}, "sin(2*z)")
    in_rate, in_shape = gamma.gradient["rate"].ball, gamma.gradient["concentration"].ball
    for parameter, truth in (
        ("mean", -in_rate * rate.numerator / rate.denominator * 10 / 7),
        ("concentration", in_shape + in_rate * 10 / 7),
    ):
        value = ours.gradient[parameter]
        assert set(value.routes) == {"density", "spectral"}
        assert value.ball.overlaps(truth) and value.digits >= 30


def test_its_rules_are_proved_and_a_wrong_one_is_not(example):
    law, _ = example
    for rule in [rule for name in law.names for rule in rules_for(law, name)]:
        assert prove(rule, law.parse(POINT), (Fraction(1), Fraction(5)), digits=30).holds, rule.id
    kernel = get_rule("GBM-concentration").kernel
    wrong = replace(get_rule("GBM-concentration"), kernel=lambda f, c, z, e, u: kernel(f, c, z, u=u * u, e=e))
    assert not prove(wrong, law.parse(POINT), (Fraction(1),), digits=30).holds


def test_its_gradient_and_variance_use_its_rules(example):
    params = {"mean": 0.7, "concentration": 2.5}
    drawn = fsb_oracle.fourier.gradient("gamma_by_mean", "tanh(z)", params, 20_000, np.random.default_rng(5))
    for parameter, id in (("mean", "GBM-mean-S"), ("concentration", "GBM-concentration")):
        exact = exact_moments(get_rule(id), example[0].parse(POINT), integrand("tanh(z)"))
        assert abs(drawn[parameter].mean() - exact.mean) < 6 * np.sqrt(exact.variance / 20_000)
        assert drawn[parameter].var() == pytest.approx(exact.variance, rel=0.1)


def test_a_file_that_is_loaded_twice_is_no_clash(example):
    before = get_rule("GBM-mean-S")
    assert [subject.name for subject in resolve(f"{FILE}:gamma_by_mean", ("numpy",))] == [
        subject.name for subject in example[1]
    ]
    assert get_rule("GBM-mean-S") is before


def test_a_call_and_both_decorators_register():
    law = fsb_oracle.family(_gamma("first"))
    assert law is get_family("first") and rules_for(law, "rate") == ()

    @fsb_oracle.family
    def second():
        return _gamma("second")

    @fsb_oracle.family(
        rules=(_rule(family="third"), _rule(id="OTHER", family="third")), recommended={"rate": ["OTHER"]}
    )
    def third():
        return _gamma("third")

    assert (second, third) == (get_family("second"), get_family("third"))
    assert recommended(third, "rate", integrand("tanh")) == get_rule("OTHER")
    assert recommended(third, "concentration", integrand("tanh")) is None


@pytest.mark.parametrize(
    ("law", "options", "words"),
    [
        (lambda: _gamma("gamma"), {}, "'gamma' is one of fsb_oracle's own"),
        (lambda: _gamma("mixture"), {}, "'mixture' is one of fsb_oracle's own"),
        (lambda: _gamma("My gamma"), {}, "'My gamma' must be lower-case"),
        (lambda: _gamma(edges=()), {}, "give edges"),
        (lambda: _gamma(edges=({"rate": "1"},)), {}, "'concentration' is missing"),
        (lambda: _gamma(charts=()), {}, "give charts"),
        (lambda: _gamma(log_density=None, characteristic_function=None), {}, "give log_density or"),
        (lambda: _gamma(mean=1 / Symbol("rate")), {}, "mean contains 'rate'.*Parameter"),
        (lambda: _gamma(log_density=-Symbol("z")), {}, "log_density contains 'z'"),
        (lambda: _gamma(catalogue={"k": Symbol("k")}), {}, "the letter 'k' contains 'k'"),
        (lambda: _gamma(catalogue={"k": get_family("gamma").mean}), {}, "exactly one parameter"),
        (lambda: _gamma(parameters=()), {}, "at least one parameter"),
        (lambda: _gamma(recipe=replace(get_family("gamma").recipe, noise={})), {}, "'g' is neither a parameter"),
        (lambda: "gamma", {}, "not 'gamma'"),
        (_gamma, {"rules": [_rule(family="gamma")]}, "belongs to 'gamma'"),
        (_gamma, {"rules": [_rule(parameter="rat")]}, "did you mean 'rate'"),
        (_gamma, {"rules": [_rule(letter="t")]}, "in the letter 't'; there are k, s, rate"),
        (_gamma, {"rules": [_rule(id="GAM-s-U")]}, "another rule is called 'GAM-s-U'"),
        (_gamma, {"rules": [_rule(), _rule()]}, "another rule is called 'MY-s-U'"),
        (_gamma, {"rules": ["MY-s-U"]}, "must be fsb_oracle.rules.Rule"),
        (_gamma, {"rules": [_rule()], "recommended": {"concentration": ["MY-s-U"]}}, "no rule of it"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(law, options, words):
    with pytest.raises(UsageError, match=words.replace("'", ".")) as refusal:
        fsb_oracle.family(law(), **options)
    assert "\n" not in str(refusal.value)
    assert not {"my_gamma", "My gamma"} & {law.name for law in list_families()}


def test_another_law_or_other_rules_of_one_name_are_refused():
    fsb_oracle.family(_gamma(), rules=[_rule()])
    assert fsb_oracle.family(_gamma(), rules=[_rule()]) == get_family("my_gamma")
    with pytest.raises(UsageError, match="another family is registered as 'my_gamma'"):
        fsb_oracle.family(_gamma(mean=get_family("gamma").variance), rules=[_rule()])
    with pytest.raises(UsageError, match="registered already, with other rules"):
        fsb_oracle.family(_gamma(), rules=[_rule(kernel=lambda f, c, z: f(z))])


def test_entry_points_are_loaded_when_an_unknown_name_is_asked_for(monkeypatch, tmp_path):
    (tmp_path / "plugin_law.py").write_text(
        "from dataclasses import replace\nimport fsb_oracle\nfrom fsb_oracle.families import get_family\n"
        "law = fsb_oracle.family(replace(get_family('gamma'), name='plugged'))\n"
        "other = replace(get_family('normal'), name='also_plugged')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    places = {"law": "plugin_law", "other": "plugin_law:other", "broken": "plugin_that_is_missing"}
    found = [EntryPoint(name, place, registry.GROUP) for name, place in places.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: found if group == registry.GROUP else ())
    assert get_family("gamma").name == "gamma" and "plugin_law" not in sys.modules
    with pytest.warns(RuntimeWarning, match="'broken'.*plugin_that_is_missing"):
        assert get_family("plugged").name == "plugged"
    assert [law.name for law in list_families()][-2:] == ["plugged", "also_plugged"]
    with pytest.raises(UsageError, match=r"did you mean .plugged.") as refusal:
        get_family("pluged")
    assert "also_plugged" in str(refusal.value)
    monkeypatch.delitem(sys.modules, "plugin_law")
