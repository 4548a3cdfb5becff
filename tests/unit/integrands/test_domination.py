"""|f| <= size (1 + r)^degree exp(rate r) at random points."""

import random

import pytest
import sympy

from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination

Z = sympy.symbols("z0:3", real=True)


@pytest.mark.parametrize(
    "f", ["log(1 + exp(z0*z1 + z2))", "log(2 + exp(z0**3) + z1**2)", "log(1 + exp(z0)*exp(z1**2))", "log(2 + z0**2)"]
)
def test_logarithms_of_what_grows(f):
    expression = sympy.sympify(f, locals={str(z): z for z in Z})
    bound, draw = domination(expression), random.Random(3)
    assert bound.rate == 0
    for _ in range(200):
        point = [draw.uniform(-8, 8) for _ in Z]
        r = sum(map(abs, point))
        value = abs(float(expression.subs(dict(zip(Z, point, strict=True))).evalf()))
        assert value <= float(bound.size.upper()) * (1 + r) ** float(bound.degree.upper()) * (1 + 1e-9)


def test_a_logarithm_of_what_may_vanish_is_refused():
    with pytest.raises(Unboundable):
        domination(sympy.log(Z[0] ** 2 + Z[1] ** 2))
