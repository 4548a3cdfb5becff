"""The tables that map library classes to laws: complete, consistent, and readable without the libraries."""

import numpy as np
import pytest

from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.catalogue import listing
from fsb_oracle.errors import UsageError
from fsb_oracle.subjects import library_of, not_mapped
from fsb_oracle.subjects.declaration import Declaration
from fsb_oracle.subjects.libraries import LIBRARIES, library_subjects, table_of
from fsb_oracle.subjects.libraries.events import TRIANGULAR_ROOT
from fsb_oracle.subjects.libraries.hard_points import _POINTS, hard_points

ESTIMATORS = ("storch.method", "optax.monte_carlo")


@pytest.mark.parametrize("place", [place for place in LIBRARIES if place not in ESTIMATORS])
def test_every_entry_builds_its_law_and_its_arguments(place):
    for entry in (entry for entries in table_of(place).ENTRIES.values() for entry in entries):
        for law in entry.families():
            assert law.edges and entry.claimed(law)
            for at in (*law.edge_points[:2], *hard_points(law)[:1]):
                values = {key: np.float64(value) for key, value in at.items()}
                arguments = entry.called_with(NumpyMath(), values)
                assert set(arguments) == {*entry.arguments, *entry.constants}
                assert all(np.isfinite(value).all() for value in arguments.values())


@pytest.mark.parametrize("place", LIBRARIES)
def test_a_class_is_mapped_or_says_why_not(place):
    table = table_of(place)
    assert not set(table.ENTRIES) & set(table.UNMAPPED)
    assert all(reason for reason in table.UNMAPPED.values())
    assert library_of(f"{place}:{next(iter(table.ENTRIES))}") == LIBRARIES[place].backend
    assert not_mapped(place) == table.UNMAPPED and not_mapped(f"{place}:{next(iter(table.ENTRIES))}") == {}


def test_variants_of_a_class_have_names_of_their_own():
    for place in LIBRARIES:
        for name, entries in table_of(place).ENTRIES.items():
            words = {
                (entry.laws[0].name, entry.name) if isinstance(entry, Declaration) else entry.variant
                for entry in entries
            }
            assert len(words) == len(entries), name


def test_hard_points_are_points_of_their_laws():
    from fsb_oracle.families import get_family

    for name, points in _POINTS.items():
        assert len(hard_points(get_family(name))) == len(points)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("torch.distributions:OneHotCategoricalStraightThrough", "not verified by name: biased by design"),
        ("torch.distributions:Gama", "did you mean 'Gamma'"),
        ("jax.random:normal", "no parameter to differentiate in"),
    ],
)
def test_a_class_that_is_not_mapped_is_one_sentence(target, words):
    place, _, name = target.partition(":")
    with pytest.raises(UsageError, match=words) as caught:
        library_subjects(place, name)
    assert "\n" not in str(caught.value)


def test_list_subjects_shows_both():
    rows = {row["name"]: row for row in listing("subjects")}
    assert rows["storch.method:REBAR"]["summary"] == "categorical, bernoulli"
    assert rows["torch.distributions:Gamma"]["summary"] == "gamma"
    assert rows["torch.distributions:LKJCholesky"]["summary"].startswith("lkj")
    assert rows["torch.distributions:OneHotCategoricalStraightThrough"]["summary"].startswith("not verified: ")


def test_arguments_by_matrices_say_the_law_that_they_name():
    entries = table_of("tensorflow_probability.substrates.jax.distributions").ENTRIES
    for name, root in (
        ("MultivariateNormalDiagPlusLowRank", lambda d, u: np.diag(d) + u @ u.T),
        ("MultivariateNormalDiagPlusLowRankCovariance", lambda d, u: np.linalg.cholesky(np.diag(d) + u @ u.T)),
    ):
        (entry,) = entries[name]
        (law,) = entry.families()
        values = {key: np.float64(value) for key, value in law.edge_points[0].items()}
        _, diagonal, factor = entry.called_with(NumpyMath(), values).values()
        lower = np.array([[values[f"scale_tril.{i}.{j}"] for j in range(2)] for i in range(2)])
        found = root(diagonal, factor)
        np.testing.assert_allclose(found @ found.T, lower @ lower.T, rtol=1e-14)


def test_a_root_of_a_matrix_is_turned_into_the_matrix_and_back():
    lower = np.array([[[1.0, 0.0], [0.3, 1.4]], [[0.2, 0.0], [-2.0, 0.5]]])
    ours = TRIANGULAR_ROOT.ours(lower)
    np.testing.assert_allclose(ours, lower @ np.swapaxes(lower, 1, 2))
    np.testing.assert_allclose(TRIANGULAR_ROOT.theirs(NumpyMath(), ours, 0), lower)


def test_components_of_a_mixture_that_a_class_does_not_take_are_not_claimed():
    entries = table_of("pyro.distributions").ENTRIES
    mixtures = [name for name in entries if name.startswith("MixtureOf")]
    claimed = {name: entry.claimed(entry.families()[0]) for name in mixtures for entry in entries[name]}
    scales = ("components.0.scale_tril.0.0", "components.0.scale_tril.1.1")
    assert set(scales) < set(claimed["MixtureOfDiagNormals"])
    assert not set(scales) & set(claimed["MixtureOfDiagNormalsSharedCovariance"])
    assert len(claimed) == 2 and all("components.0.scale_tril.1.0" not in names for names in claimed.values())
