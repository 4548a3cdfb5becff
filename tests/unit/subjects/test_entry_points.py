"""Estimators that installed packages declare are verified by the names of their entry points."""

import sys

import pytest

from fsb_oracle.catalogue import listing
from fsb_oracle.errors import UsageError
from fsb_oracle.subjects import resolve

MODULE = """
from fsb_oracle import estimator


@estimator(family="normal", parameters=["loc"])
def one(params, f, num_samples, rng): ...


@estimator(family="gamma", parameters=["rate"])
def two(params, f, num_samples, rng): ...
"""
ENTRIES = """
[fsb_oracle.estimators]
all-of-mine = installed_estimators
two-of-mine = installed_estimators:two
broken = not_there:thing
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A distribution as pip leaves it."""
    (tmp_path / "installed_estimators.py").write_text(MODULE)
    info = tmp_path / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("installed_estimators", None)


ONE, TWO = "installed_estimators:one", "installed_estimators:two"


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("entry-points:all-of-mine", [ONE, TWO]),
        ("entry-points:two-of-mine", [TWO]),
        ("two-of-mine", [TWO]),
        ("all-of-mine", [ONE, TWO]),
    ],
)
def test_a_name_is_what_it_declares(package, target, names):
    subjects = resolve(target)
    assert [subject.name for subject in subjects] == names
    assert [subject.target for subject in subjects] == names  # what a replay can import


@pytest.mark.parametrize("target", ["entry-points", "entry-points:my_package", "entry-points:broken"])
def test_one_that_cannot_be_loaded_is_one_sentence(package, target):
    with pytest.raises(UsageError, match=r"cannot import 'not_there'"):
        resolve(target)


def test_unknown_names_are_one_sentence(package):
    with pytest.raises(UsageError, match=r"no entry point is called 'two-of-min'; .* \(did you mean 'two-of-mine'\?\)"):
        resolve("entry-points:two-of-min")


def test_without_any_it_says_so(monkeypatch):
    from fsb_oracle.subjects import entry_points

    monkeypatch.setattr(entry_points, "entry_points", lambda group: ())
    with pytest.raises(UsageError, match="no installed package has an entry point"):
        resolve("entry-points")


def test_they_are_listed(package):
    rows = {row["name"]: row["summary"] for row in listing("subjects")}
    assert rows["entry-points:two-of-mine"] == "installed_estimators:two, an entry point of my-package"
    assert "fsb_oracle" in rows and "torch.distributions" in rows


def test_estimators_are_listed_by_law_and_parameter():
    rows = {row["name"]: row["ids"] for row in listing("estimators")}
    assert {"GAM-k-U", "score"} <= set(rows["gamma concentration"])
    assert {"score", "pathwise"} <= set(rows["normal loc"])
