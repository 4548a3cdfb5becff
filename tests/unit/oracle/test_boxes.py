"""Functions of wide boxes: values at random points in them lie inside, and they are sharper than balls."""

import random

import mpmath
import pytest
import sympy
from flint import acb, arb

from fsb_oracle.oracle.joint.boxes import BOXES, enclosing
from fsb_oracle.oracle.quadrature import ANALYTIC

FUNCTIONS = {
    "squared": lambda x: x * x,
    "sqrt": mpmath.sqrt,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
}


def _inside(box: acb, point: mpmath.mpc) -> bool:
    return all(
        float(part.lower()) - 1e-12 <= float(own) <= float(part.upper()) + 1e-12
        for part, own in ((box.real, point.real), (box.imag, point.imag))
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_lie_in_the_box_of_the_function(name):
    draw, finite = random.Random(7), 0
    for _ in range(300):
        x, y = draw.uniform(-4, 4), draw.uniform(-1.4, 1.4)
        wide, high = draw.choice((0.0, 0.1, 1.0, 3.0)), draw.choice((0.0, 0.05, 0.5))
        value = getattr(BOXES, name)(acb(arb(x, wide), arb(y, high)))
        if not value.is_finite():
            continue
        finite += 1
        for _ in range(8):
            point = mpmath.mpc(x + draw.uniform(-wide, wide), y + draw.uniform(-high, high))
            assert _inside(value, mpmath.mpc(FUNCTIONS[name](point)))
    assert finite > 100


def test_a_square_is_not_negative_and_a_root_is_narrow():
    box = acb(arb(0, 3), arb(0, 0.125))
    assert BOXES.squared(box).real > -0.016 and (box * box).real.lower() < -8
    wide = acb(arb(85, 8), arb(0, 1.5))
    assert abs(BOXES.sqrt(wide).imag).upper() < 0.1 < abs(ANALYTIC.sqrt(wide).imag).upper()


def test_a_root_off_its_cut_alone_is_analytic():
    assert not BOXES.sqrt(acb(arb(0, 1), arb(0, 1))).is_finite()
    assert not BOXES.softplus(acb(arb(0, 1), arb(3, 0.5))).is_finite()


def test_expressions_use_them():
    x = sympy.Symbol("x", real=True)
    box = acb(arb(0, 3), arb(0, 0.125))
    assert abs(enclosing(sympy.exp(-(x**2)), (x,))(box)).upper() < 1.3
    assert enclosing(sympy.log(1 + sympy.exp(x)), (x,))(acb(arb(0, 30), arb(0, 1))).is_finite()
