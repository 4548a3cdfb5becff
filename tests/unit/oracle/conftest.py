"""Laws at parameters, and truths in closed form, that several files share."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from scipy.special import erf

from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle import charts
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.value import as_fraction

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


DEEP_FACTOR = 150  # with it the deep profile checks half a million balls
CHECKED: Counter[str] = Counter()  # how many balls this process has checked against a truth
_FROM_WORKERS = "balls"


def examples(count: int) -> int:
    """How many examples Hypothesis draws: `count`, and many times as many in the deep profile."""
    return DEEP_FACTOR * count if DEEP else count


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_FROM_WORKERS] = CHECKED.total()


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_testnodedown(node: Any) -> None:
    CHECKED["workers"] += getattr(node, "workeroutput", {}).get(_FROM_WORKERS, 0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CHECKED.total():
        terminalreporter.write_line(
            f"{CHECKED.total():,} balls of single routes checked against closed forms or others"
        )


def cell(family: str, parameters: dict, f: str, parameter: str | None = None) -> Cell:
    law = get_family(family)
    return Cell(law, law.parse(parameters), integrand(f), parameter)


def exact_ball(number: Fraction | int) -> arb:
    number = Fraction(number)
    return arb(fmpq(number.numerator, number.denominator))


def holds(ball: arb, truth: Fraction | mpmath.mpf) -> bool:
    """Whether a ball contains a truth that is known to about 45 digits (or exactly)."""
    if not ball.is_finite():
        return False
    if isinstance(truth, Fraction):
        return abs(as_fraction(ball) - truth) <= as_fraction(ball.rad())
    with mpmath.workdps(50):
        middle, radius = (mpmath.mpf(x.numerator) / x.denominator for x in (as_fraction(ball), as_fraction(ball.rad())))
        return bool(abs(middle - truth) <= radius + abs(truth) * mpmath.mpf(10) ** -40)


@dataclass(frozen=True)
class ClosedForm:
    """E f of a law as a function of its parameters in mpmath; its derivative is mpmath's."""

    family: str
    f: str
    formula: Callable[..., mpmath.mpf]
    complement: Callable[..., mpmath.mpf] | None = None  # 1 - E f: near 1, E f itself hides a derivative of 1e-500

    def truth(self, parameters: dict[str, Fraction], parameter: str | None) -> mpmath.mpf:
        with mpmath.workdps(60):
            names = list(get_family(self.family).names)
            values = [mpmath.mpf(parameters[n].numerator) / parameters[n].denominator for n in names]
            if parameter is None:
                return +self.formula(*values)
            i = names.index(parameter)
            sign, formula = 1, self.formula
            if self.complement is not None and formula(*values) > 0.5:
                sign, formula = -1, self.complement
            return sign * mpmath.diff(lambda x: formula(*values[:i], x, *values[i + 1 :]), values[i])


def _phi(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _beta_moment(a, b, n):
    return mpmath.rf(a, n) / mpmath.rf(a + b, n)


CLOSED_FORMS = [
    ClosedForm("normal", "z**2", lambda m, s: m**2 + s**2),
    ClosedForm("normal", "cos(2*z)", lambda m, s: mpmath.cos(2 * m) * mpmath.exp(-2 * s**2)),
    ClosedForm("normal", "exp(-z**2)", lambda m, s: mpmath.exp(-(m**2) / (1 + 2 * s**2)) / mpmath.sqrt(1 + 2 * s**2)),
    ClosedForm("normal", "Heaviside(z-1)", lambda m, s: _phi((m - 1) / s), lambda m, s: _phi((1 - m) / s)),
    ClosedForm("normal", "exp(z/2)", lambda m, s: mpmath.exp(m / 2 + s**2 / 8)),
    ClosedForm("laplace", "z**2", lambda m, b: m**2 + 2 * b**2),
    ClosedForm("laplace", "sin(z)", lambda m, b: mpmath.sin(m) / (1 + b**2)),
    ClosedForm("gamma", "z**2", lambda k, r: k * (k + 1) / r**2),
    ClosedForm("gamma", "exp(-z)", lambda k, r: (1 + 1 / r) ** (-k)),
    ClosedForm("gamma", "cos(z)", lambda k, r: mpmath.re((1 - 1j / r) ** (-k))),
    ClosedForm("gamma", "sqrt(z)", lambda k, r: mpmath.gamma(k + 0.5) / mpmath.gamma(k) / mpmath.sqrt(r)),
    ClosedForm("exponential", "z**3", lambda r: 6 / r**3),
    ClosedForm("exponential", "Heaviside(z-1)", lambda r: mpmath.exp(-r)),
    ClosedForm("exponential", "Max(z-1,0)", lambda r: mpmath.exp(-r) / r),
    ClosedForm("beta", "z**2", lambda a, b: _beta_moment(a, b, 2)),
    ClosedForm("beta", "(1-z)**2*z", lambda a, b: _beta_moment(b, a, 2) * a / (a + b + 2)),
    ClosedForm("uniform", "z**2", lambda a, b: (a**2 + a * b + b**2) / 3),
    ClosedForm("uniform", "sin(2*z)", lambda a, b: (mpmath.cos(2 * a) - mpmath.cos(2 * b)) / (2 * (b - a))),
    ClosedForm("bernoulli", "exp(z)", lambda p: 1 - p + p * mpmath.e),
    ClosedForm("poisson", "z**2", lambda r: r + r**2),
    ClosedForm("poisson", "exp(-z)", lambda r: mpmath.exp(r * mpmath.expm1(-1))),
    ClosedForm("poisson", "1/(1+z)", lambda r: -mpmath.expm1(-r) / r),
    ClosedForm("dirac", "tanh(z)", lambda x: mpmath.tanh(x)),
]


@pytest.fixture
def fresh_integrands() -> Iterator[None]:
    """For tests that change a law's formulas: what was lowered from them is forgotten, before and after."""
    charts.integrand.cache_clear()
    yield
    charts.integrand.cache_clear()


_NAMES = {name: getattr(np, name) for name in ("exp", "sin", "cos", "tanh", "log", "sqrt")} | {"erf": erf}


@pytest.fixture
def float_sum() -> Callable[..., float]:
    """E f of three normal variables by a sum over a grid in float64, which shares no code with the oracle."""

    def total(f: str, loc: list[float], covariance: list[list[float]], half: float = 9.0, count: int = 181) -> float:
        u, step = np.linspace(-half, half, count, retstep=True)
        weights = np.exp(-(u**2) / 2) * step / np.sqrt(2 * np.pi)
        root = np.linalg.cholesky(np.array(covariance))
        result = 0.0
        for first, weight in zip(u, weights, strict=True):
            z0 = loc[0] + root[0, 0] * first
            z1 = loc[1] + root[1, 0] * first + root[1, 1] * u[:, None]
            z2 = loc[2] + root[2, 0] * first + root[2, 1] * u[:, None] + root[2, 2] * u
            values = eval(f, {**_NAMES, "z0": z0, "z1": z1, "z2": z2})
            result += weight * float(weights @ np.broadcast_to(values, z2.shape) @ weights)
        return result

    return total


@pytest.fixture
def agrees() -> Callable[..., None]:
    """Whether |value - truth| <= the stated radius and the truth's own rounding, with so many digits."""

    def number(text: str) -> Any:
        exact = Fraction(text)
        return mpmath.mpf(exact.numerator) / exact.denominator

    def check(value: Any, truth: Any, digits: int = 28) -> None:
        with mpmath.workdps(60):
            distance = abs(number(value.value) - truth)
            assert distance <= number(value.radius) + mpmath.mpf(10) ** -45 * (1 + abs(truth)), (value.value, truth)
            assert value.digits >= digits

    return check
