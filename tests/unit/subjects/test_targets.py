"""Targets as objects: decorated functions that need not be importable, classes under their public names."""

import json
import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest

import fsb_oracle
from fsb_oracle.errors import UsageError
from fsb_oracle.subjects import resolve
from fsb_oracle.subjects.targets import DeclaredTarget, as_target

try:  # what joblib sends to its workers; older versions bring their own copy
    from cloudpickle import dumps
except ImportError:
    from joblib.externals.cloudpickle import dumps


@fsb_oracle.estimator(family="normal", parameters=["loc"])
def mine(params, f, num_samples, rng):
    return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples))}


def test_a_decorated_function_is_itself():
    target = as_target(mine)
    assert target == f"{__name__}:mine" and json.dumps(target) == json.dumps(f"{__name__}:mine")
    (subject,) = resolve(target)
    assert subject.declaration is mine and subject.name == target
    assert as_target(target) is target


def test_two_requests_are_two_targets_and_a_copy_is_the_same_one():
    """A worker keeps the plan of a target: a function that is defined anew under its name must not find the old one."""
    first, second = as_target(mine), as_target(mine)
    assert first != second and hash(first) == hash(second)
    copy = pickle.loads(dumps(first))
    assert isinstance(copy, DeclaredTarget) and copy == first and copy.code == first.code


def test_the_code_tells_two_functions_of_one_name_apart():
    def declared(body):
        names = {}
        exec(f"def one(params, f, num_samples, rng):\n    return {body}", names)
        return as_target(fsb_oracle.estimator(family="normal", parameters=["loc"])(names["one"])).code

    assert declared("{'loc': 1}") == declared("{'loc': 1}") != declared("{'loc': 2}")
    assert declared("f in {'a', 'b', 'c'}") == declared("f in {'c', 'a', 'b'}")  # a set has no order


def test_modules_paths_and_classes_are_named(monkeypatch):
    package, inner = ModuleType("lawlib"), ModuleType("lawlib.gamma")
    cls = type("Gamma", (), {"__module__": "lawlib.gamma"})
    package.Gamma = inner.Gamma = cls
    monkeypatch.setitem(sys.modules, "lawlib", package)
    monkeypatch.setitem(sys.modules, "lawlib.gamma", inner)
    assert as_target(cls) == "lawlib:Gamma"  # as it is documented, not where it is defined
    del package.Gamma
    assert as_target(cls) == "lawlib.gamma:Gamma"
    assert (as_target(package), as_target(Path("a") / "b.py")) == ("lawlib", str(Path("a") / "b.py"))


def undecorated(params, f, num_samples, rng): ...


@pytest.mark.parametrize(
    ("given", "words"),
    [(3.0, "cannot verify 3.0: give a decorated"), (undecorated, "is not an estimator: decorate it")],
)
def test_what_is_no_target_is_one_sentence(given, words):
    with pytest.raises(UsageError, match=words):
        fsb_oracle.verify(given)
