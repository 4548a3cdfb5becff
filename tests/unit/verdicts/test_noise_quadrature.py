"""Tier 0b: the tanh-sinh rule, its error bound on a grid of known integrals, the deterministic verdict."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma, gammainccinv, gammaincinv, ndtri, xlogy

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Status
from fsb_oracle.verdicts.quadrature import allowance, decide_quadrature, default_margin, integrate

Floats = NDArray[np.float64]
Axes = list[Floats]


def gamma_quantile(k: float, u: Floats, v: Floats) -> Floats:
    return np.where(u < 0.5, gammaincinv(k, np.minimum(u, 0.5)), gammainccinv(k, np.minimum(v, 0.5)))


# f, and d/dk E f(z) for z ~ gamma(k, rate 1).
INTEGRANDS: dict[str, tuple[Callable[[Floats], Floats], Callable[[float], float]]] = {
    "z": (lambda z: z, lambda k: 1.0),
    "square": (lambda z: z**2, lambda k: 2 * k + 1),
    "decay": (lambda z: np.exp(-z), lambda k: -math.log(2) * 2.0**-k),
    "sin": (np.sin, lambda k: _wave(k).imag),
    "cos": (np.cos, lambda k: _wave(k).real),
}


def _wave(k: float) -> complex:
    log = complex(math.log(2) / 2, -math.pi / 4)  # log(1 - i)
    return -log * np.exp(-k * log)


@pytest.mark.parametrize("name", INTEGRANDS)
@pytest.mark.parametrize("k", [0.05, 0.1, 0.5, 1.0, 2.5, 8.0, 30.0])
def test_the_error_bound_covers_the_truth(k: float, name: str) -> None:
    """The score estimator f(z) (log z - digamma(k)), integrated against the law of z, at every level."""
    f, truth = INTEGRANDS[name]

    def g(u: Axes, v: Axes) -> Floats:
        z = gamma_quantile(k, u[0], v[0])
        return xlogy(f(z) - f(np.zeros(1)), z) - f(z) * digamma(k) + f(np.zeros(1)) * _log_quantile(k, u[0], z)

    for levels in ((41, 81), (81, 161), (161, 321)):
        result = integrate(g, 1, levels)
        inverse = 3e-13 * float(result.abs_sum)  # of SciPy's inverse distribution functions
        assert abs(result.value - truth(k)) <= result.error + inverse
    assert result.error <= 1e-9 * max(1.0, float(result.abs_sum))


def _log_quantile(k: float, u: Floats, z: Floats) -> Floats:
    """log z, also where z underflows: u = z^k / Gamma(k + 1) there."""
    small = (np.log(u) + math.lgamma(k + 1)) / k
    return np.where(z > 1e-280, np.log(np.maximum(z, 1e-300)), small)


@pytest.mark.parametrize("k", [0.5, 2.5])
def test_three_noise_variables(k: float) -> None:
    """The Fourier rule f'(z + u e) has the mean d/dk E f(z)."""

    def g(u: Axes, v: Axes) -> Floats:
        y = gamma_quantile(k, u[0], v[0]) + u[1] * -np.log(v[2])
        return np.stack([np.cos(y), -np.exp(-y)])

    result = integrate(g, 3, target_error=1e-7)
    truth = np.array([INTEGRANDS["sin"][1](k), INTEGRANDS["decay"][1](k)])
    assert result.value.shape == (2,)
    assert np.all(np.abs(result.value - truth) <= result.error)
    assert np.all(result.error <= 1e-7)


def test_it_stops_at_the_first_level_that_suffices() -> None:
    calls: list[int] = []

    def g(u: Axes, v: Axes) -> Floats:
        calls.append(len(u[0]))
        return u[0] * v[0]

    result = integrate(g, 1, target_error=1e-9)
    assert (result.level, calls) == (81, [41, 81])
    assert result.value == pytest.approx(1 / 6, rel=1e-13)
    assert integrate(g, 1).level == 321


def test_a_kink_needs_a_split() -> None:
    def laplace(u: Axes, v: Axes) -> Floats:
        z = np.where(u[0] < 0.5, np.log(2 * u[0]), -np.log(2 * v[0]))
        return np.cos(z)

    assert integrate(laplace, 1, target_error=1e-9).error > 1e-9
    split = integrate(laplace, 1, splits=[(0.5,)], target_error=1e-9)
    assert abs(split.value - 0.5) <= split.error <= 1e-9
    beside = integrate(laplace, 1, splits=[(0.4,)])
    assert abs(beside.value - 0.5) <= beside.error


def test_axes_broadcast_and_are_fresh() -> None:
    def g(u: Axes, v: Axes) -> Floats:
        assert [axis.shape for axis in u] == [axis.shape for axis in v]
        assert u[0].shape[1:] == (1,) and u[1].shape[0] == 1
        u[0] *= 1.0  # a caller may write into its nodes
        return ndtri(np.minimum(u[1], v[1])) ** 2  # either tail keeps its precision

    result = integrate(g, 2, target_error=1e-9)
    assert abs(result.value - 1) <= result.error + 1e-13


def test_end_points_keep_full_precision() -> None:
    """The mean of 1/sqrt(1 - u) is 2; with 1 - u formed by subtraction the tail would be lost."""
    result = integrate(lambda u, v: 1 / np.sqrt(v[0]), 1)
    assert abs(result.value - 2) <= result.error + 1e-11
    assert result.error < 1e-9


def test_float32_widens_the_error() -> None:
    def g(u: Axes, v: Axes) -> NDArray[np.float32]:
        return np.sin(u[0].astype(np.float32))

    result = integrate(g, 1, target_error=1e-5, dtype="float32")
    assert abs(result.value - (1 - math.cos(1))) <= result.error
    assert 4 * 1.1e-7 * result.abs_sum < result.error < 1e-5


def test_a_node_that_is_not_finite_has_no_error_bound() -> None:
    result = integrate(lambda u, v: np.where(u[0] < 1e-20, np.nan, 1.0), 1)
    assert result.error == math.inf
    decision = decide_quadrature(float(result.value), float(result.error), float(result.abs_sum), 1.0, 0.0, 0.0, 1e-9)
    assert (decision.status, decision.reason) == (Status.inconclusive, "nonfinite")


@pytest.mark.parametrize(
    "arguments", [{"dimension": 4}, {"dimension": 2, "splits": [()]}, {"dimension": 1, "levels": [41]}]
)
def test_what_integrate_refuses(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="allowed is"):
        integrate(lambda u, v: u[0], **arguments)


@pytest.mark.parametrize(
    ("bias", "error", "status", "reason"),
    [
        (0.0, 1e-12, Status.pass_, None),
        (9e-13, 1e-13, Status.pass_, None),  # within the allowance of 1e-12
        (5e-11, 1e-12, Status.within_margin, None),
        (-5e-11, 1e-12, Status.within_margin, None),
        (1e-8, 1e-12, Status.fail, "biased"),
        (-0.5, 1e-12, Status.fail, "biased"),
        (0.0, 1e-8, Status.inconclusive, "quadrature-not-converged"),
        (0.5, 1e-8, Status.inconclusive, "quadrature-not-converged"),
    ],
)
def test_the_deterministic_verdict(bias: float, error: float, status: Status, reason: str | None) -> None:
    decision = decide_quadrature(1 + bias, error, 1.0, 1.0, 1e-20, 1e-12, 1e-9)
    assert (decision.status, decision.reason) == (status, reason)
    assert decision.interval[0] <= bias <= decision.interval[1]
    assert decision.bias_bound == pytest.approx(abs(bias) + error, rel=1e-3)
    assert decision.variance_class is None and decision.evidence is None


def test_the_error_of_the_exact_value_counts() -> None:
    assert decide_quadrature(1 + 1e-8, 1e-12, 1.0, 1.0, 2e-8, 1e-12, 1e-7).status is Status.pass_


def test_the_margin_is_at_least_twice_the_allowance() -> None:
    assert decide_quadrature(1.0, 0.0, 1.0, 1.0, 0.0, 1e-6, 1e-9).plan.margin == 2e-6


def test_default_allowance_and_margin() -> None:
    assert allowance(2.0) == pytest.approx(128 * 2.0**-52)
    assert allowance(2.0, "float32") == pytest.approx(32 * 2.0**-23)
    assert [default_margin(3.0, d) for d in (1, 2, 3)] == pytest.approx([3e-9, 3e-9, 3e-7])
    assert default_margin(3.0, 1, "float32") == pytest.approx(3e-5)
