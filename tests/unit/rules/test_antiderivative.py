"""Antiderivatives in closed form: their increments are integrals, and unknown ones are not guessed."""

import mpmath
import pytest
import sympy

from fsb_oracle.families.family import z
from fsb_oracle.integrands import integrand
from fsb_oracle.rules.antiderivative import antiderivative


@pytest.mark.parametrize(
    "text",
    [
        "z**5 - 3*z", "z**2*sin(3*z)", "exp(-2*z)*cos(z)**4 + z", "(cos(3*z) - 1/3)**4", "z**4*exp(-3*z**2 + z)",
        "(2*z*exp(-z**2) + 1/5)**4", "(1 - tanh(z)**2)**4", "(1 - tanh(2*z - 1)**2 + 1/7)**3", "1/(1 + z**2)**3",
        "(Heaviside(z - 1/2) - 1/3)**2", "sign(z)*exp(-z) + Max(z, 1)",
    ],
)  # fmt: skip
def test_antiderivatives(text):
    expression = integrand(text).expression
    found = antiderivative(expression)
    assert found is not None
    f = sympy.lambdify(z, expression, "mpmath")
    h = sympy.lambdify(z, found, "mpmath")
    with mpmath.workdps(20):
        for low, high in ((-1.3, 0.2), (0.2, 0.7), (-0.4, 2.1)):
            inside = [point for point in (0, 0.5, 1) if low < point < high]
            assert h(high) - h(low) == pytest.approx(float(mpmath.quad(f, [low, *inside, high])), abs=1e-14)


def test_unknown_antiderivatives_are_not_guessed():
    for text in ("exp(-z**4)", "tanh(z)*sin(z)", "sin(z**2)"):
        assert antiderivative(integrand(text).expression) is None
    assert sympy.simplify(sympy.diff(antiderivative(sympy.sin(z), 2), z, 2) - sympy.sin(z)) == 0
