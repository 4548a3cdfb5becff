"""Seeds: fixed for ever by the case id and the run's seed. A change here changes every published verdict."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.verdicts.seeds import Stage, generator, jax_words, sequence, torch_seed, words

CASE = "unbiased/gamma/concentration=2.5,rate=1/concentration/sin3/GAM-k-U/torch-float64"
GOLDEN_WORDS = (3890259803, 3058011129, 1024413861, 840914995)
GOLDEN_TORCH = 5997272308518015050
GOLDEN_JAX = (3263221834, 1396348771)
GOLDEN_UNIFORM = 0.0448082939740192


def test_the_streams_are_the_published_ones() -> None:
    assert words(CASE) == GOLDEN_WORDS
    assert torch_seed(sequence(CASE, 7, Stage.main, 3)) == GOLDEN_TORCH
    assert jax_words(sequence(CASE, 7, Stage.main, 3)) == GOLDEN_JAX
    assert generator(CASE, 7, Stage.main, 3).random() == GOLDEN_UNIFORM


def test_every_coordinate_gives_another_stream() -> None:
    cases, roots, blocks = [CASE, CASE + "x"], [0, 1, 2**40], [0, 1, 100_000]
    states = {
        tuple(sequence(case, root, stage, block).generate_state(4))
        for case, root, stage, block in itertools.product(cases, roots, Stage, blocks)
    }
    assert len(states) == len(cases) * len(roots) * len(Stage) * len(blocks)


def test_the_generator_is_philox_and_replays() -> None:
    first, again = generator(CASE, 1, Stage.pilot, 2), generator(CASE, 1, Stage.pilot, 2)
    assert isinstance(first.bit_generator, np.random.Philox)
    assert np.array_equal(first.standard_normal(100), again.standard_normal(100))


def test_the_seeds_of_back_ends_are_in_range() -> None:
    for block in range(50):
        seeds = sequence(CASE, 0, Stage.main, block)
        assert 0 <= torch_seed(seeds) < 2**64
        assert all(0 <= word < 2**32 for word in jax_words(seeds))


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="must not be negative"):
        sequence(CASE, -1)
    with pytest.raises(UsageError, match="must not be negative"):
        sequence(CASE, 0, Stage.main, -1)
