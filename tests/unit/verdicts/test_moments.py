"""Moments: right, mergeable, and the same bits however the blocks were computed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from fsb_oracle.verdicts.moments import Fold, Moments, fold, merge


def bits(moments: Moments) -> tuple[bytes, ...]:
    return tuple(np.asarray(getattr(moments, item.name)).tobytes() for item in fields(moments))


def blocks(count: int, size: int = 257) -> list[Moments]:
    rng = np.random.default_rng(count)
    return [Moments.of(rng.standard_exponential(size) - 1, index * size) for index in range(count)]


def test_moments_of_a_sample() -> None:
    x = np.random.default_rng(0).standard_exponential(1000)
    moments = Moments.of(x)
    d = x - x.mean()
    assert moments.variance == pytest.approx(np.mean(d**2))
    assert moments.standard_error == pytest.approx(np.sqrt(np.mean(d**2) / 1000))
    assert moments.skewness == pytest.approx(np.mean(d**3) / np.mean(d**2) ** 1.5)
    assert moments.kurtosis == pytest.approx(np.mean(d**4) / np.mean(d**2) ** 2)
    assert moments.max_share == pytest.approx(np.max(d**2) / np.sum(d**2))
    assert moments.largest == np.abs(x).max()
    for point in (0.0, 0.7, -3.0):
        expected = [np.sum((x - point) ** k) for k in (1, 2, 3, 4)]
        assert moments.about(point) == pytest.approx(expected)


def test_merged_moments_are_those_of_all_units() -> None:
    rng = np.random.default_rng(1)
    parts = [rng.standard_normal(n) + shift for n, shift in ((100, 0.0), (1, 5.0), (777, -2.0))]
    whole, merged = Moments.of(np.concatenate(parts)), fold(Moments.of(part) for part in parts)
    for item in fields(whole):
        assert getattr(merged, item.name) == pytest.approx(getattr(whole, item.name), rel=1e-12), item.name


def test_merge_is_associative_up_to_rounding() -> None:
    a, b, c = blocks(3)
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    for item in fields(left):
        assert getattr(left, item.name) == pytest.approx(getattr(right, item.name), rel=1e-12), item.name


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_the_same_bits_in_any_order_of_completion(count: int) -> None:
    made = blocks(count)
    serial = bits(fold(made))
    for seed in range(3):
        arrival = np.random.default_rng(seed).permutation(count)
        store = {int(index): made[index] for index in arrival}
        assert bits(fold(store[index] for index in sorted(store))) == serial


def test_a_worker_may_fold_an_aligned_range_by_itself() -> None:
    made = blocks(13)
    tree = merge(merge(fold(made[:4]), fold(made[4:8])), merge(fold(made[8:12]), made[12]))
    assert bits(tree) == bits(fold(made))


def test_the_fold_can_be_read_between_blocks() -> None:
    made, tree = blocks(6), Fold()
    for count, block in enumerate(made, start=1):
        tree.push(block)
        assert bits(tree.total()) == bits(fold(made[:count]))


def test_a_row_of_several_statistics_has_the_bits_of_the_single_one() -> None:
    x = np.random.default_rng(2).standard_normal((5, 4096))
    together = Moments.of(x)
    for row in range(5):
        assert bits(together.row(row)) == bits(Moments.of(x[row]))
        assert bits(together.row(row)) == bits(Moments.of(np.asfortranarray(x)).row(row))


def test_a_mean_far_larger_than_the_spread_loses_nothing() -> None:
    x = np.random.default_rng(3).standard_normal(4096)
    far = fold(Moments.of(part + 1e8) for part in x.reshape(16, 256))
    near = Moments.of(x)
    assert far.variance == pytest.approx(near.variance, rel=1e-6)
    assert far.kurtosis == pytest.approx(near.kurtosis, rel=1e-6)


def test_units_that_are_not_finite_are_counted_and_never_dropped() -> None:
    x = np.zeros(100)
    x[[17, 40]] = np.nan, -np.inf
    moments = merge(Moments.of(np.ones(50), 0), Moments.of(x, 50))
    assert (int(moments.nonfinite), int(moments.first_nonfinite)) == (2, 67)
    assert np.isnan(moments.mean)
    assert int(Moments.of(np.ones(3)).first_nonfinite) == -1
    assert int(merge(Moments.of(x, 50), Moments.of(x, 150)).first_nonfinite) == 67


def test_units_that_do_not_vary() -> None:
    moments = Moments.of(np.full(64, 2.0))
    assert (moments.variance, moments.skewness, moments.kurtosis, moments.max_share) == (0, 0, 1, 0)


def test_float32_units_are_summed_in_float64() -> None:
    x = np.full(100_000, 0.1, dtype=np.float32)
    assert Moments.of(x).mean == pytest.approx(float(np.float32(0.1)), rel=1e-12)
