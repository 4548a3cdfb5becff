"""Sums over equidistant points by recurrence, against the same sums term by term; stretched coordinates."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy
from flint import acb, arb

from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.families.charts import t
from fsb_oracle.oracle import grid, stretched
from fsb_oracle.oracle.grid import BLOCK, grid_sum
from fsb_oracle.oracle.lowering import lower
from fsb_oracle.oracle.quadrature import PLAIN as QUICK
from fsb_oracle.oracle.quadrature import safe

EXPRESSIONS = [
    "t*exp(-t**2/2 + t/3)",
    "tanh(2*t + 1)*exp(-t**2)",
    "exp(3*t - exp(t))*cos(3*exp(t))",
    "1/(1 + exp(-2*t))/cosh(t - 1)",
    "exp(-t)*(1 + exp(-t))**-2*sinh(t/7)",
    "tanh(sinh(t))**2*exp(-t**2)/(1 + t**2)",
    "log(1 + t**2)*sqrt(2 + sin(t))*exp(-t**2)",
    "erf(t)*atan(t)*exp(-t**2/3)",
]


def one_by_one(lowered: Any, constants: tuple[Any, ...], first: acb, step: arb, count: int) -> acb:
    callback = safe(lowered.function, *constants)
    return sum((callback(first + k * step, False) for k in range(count)), acb(0))


@pytest.mark.parametrize("text", EXPRESSIONS)
@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("count", [5, 3 * BLOCK + 7])
def test_the_sum_is_that_of_the_terms(text, real, count):
    lowered = lower(sympy.sympify(text, {"t": t}), t)
    with precision(45):
        constants = lowered.values((), ())
        first, step = acb(arb(-4) / 3, 0 if real else arb("0.1")), arb(8) / (3 * count)
        total = grid_sum(lowered, constants, real)
        assert total is not None
        found, expected = total(first, step, count), one_by_one(lowered, constants, first, step, count)
        assert found.is_finite() and found.overlaps(expected)
        assert found.real.rad() < 1e-35 and (not real or found.imag == 0)


def test_a_wrong_recurrence_is_seen(monkeypatch):
    honest = grid._exponentials

    def wrong(own: Any, *others: Any) -> Any:
        return honest([own[0], own[1], 2 * own[2]], *others)

    monkeypatch.setattr(grid, "_exponentials", wrong)
    lowered = lower(sympy.exp(-(t**2)), t)
    with precision(45):
        constants = lowered.values((), ())
        total = grid_sum(lowered, constants, True)
        assert total is not None
        first, step = acb(-1), arb(1) / 10
        assert not total(first, step, 20).overlaps(one_by_one(lowered, constants, first, step, 20))


def test_a_function_without_a_real_form_has_no_real_sum():
    lowered = lower(sympy.loggamma(2 + sympy.exp(t)), t)
    with precision(45):
        assert grid_sum(lowered, lowered.values((), ()), True) is None


@pytest.mark.parametrize("name", ["tanh", "fermi", "sech"])
def test_functions_by_one_exponential_hold_on_any_ball(name):
    """They contain the value at each point of the ball, at all sizes, near 0 and across their poles."""
    honest = {"tanh": lambda x: x.tanh(), "fermi": lambda x: 1 / (1 + x.exp()), "sech": lambda x: 1 / x.cosh()}[name]
    quick, draw = getattr(QUICK, name), random.Random(name)
    for digits in (20, 45):
        with precision(digits):
            for _ in range(500):
                size, spread = 10 ** draw.uniform(-3, 2), 10 ** draw.uniform(-9, 0.5)
                x = acb(arb(draw.gauss(0, size), spread), arb(draw.gauss(0, 1), spread))
                point = acb(*(part.mid() + arb(part.rad()) * draw.uniform(-1, 1) for part in (x.real, x.imag)))
                value = quick(x)
                assert not value.is_finite() or value.overlaps(honest(point))


@pytest.mark.parametrize("name", ["tanh", "fermi", "sech"])
def test_their_real_forms_hold_across_0(name):
    real, honest = getattr(grid.REAL, name), getattr(FlintMath, name)
    with precision(30):
        for middle in (0.0, 1e-12, -1e-12, 0.3, -0.3, 40.0, -40.0):
            for radius in (0.0, 1e-10, 1e-3):
                for side in (-1, 0, 1):
                    point = arb(middle) + side * arb(radius)
                    assert real(arb(middle, radius)).overlaps(honest(acb(point)).real)


@pytest.mark.parametrize(("first", "last"), [(-80, 79), (-32, 4), (-250, 3.5), (-2, 60), (-5000, 4.2)])
def test_a_stretched_range_contains_the_given_one(first, last):
    with precision(40):
        found = stretched.stretch(arb(first), arb(last))
        assert found is not None
        ends = [found.point(acb(y)).real for y in (found.lower, found.upper)]
        assert ends[0] < first and ends[1] > last
        assert ends[0] > first * 1.001 - 0.01 and ends[1] < last * 1.001 + 0.01
        # the speed is the derivative: a central difference
        y, h = acb((found.lower + found.upper) / 3), acb(arb(10) ** -12)
        slope = (found.point(y + h) - found.point(y - h)) / (2 * h)
        assert abs(slope - found.speed(y)) < 1e-15 * abs(slope).upper()


def test_a_short_range_is_not_stretched():
    assert stretched.stretch(arb(-12), arb(13)) is None
