"""The oracle's 44 standard cells against what a user writes today: mpmath.diff of mpmath.quad, breakpoints given.

    python benchmarks/standard_cells.py [DIGITS]

Both sides of every cell run in one process, after a warm-up, and are timed by the processor's clock; ratios, not times,
are the result. Both are checked against a value with 10 more digits. The baseline's own digits stand beside its time:
where it is silently wrong, it does not count in the means. The table is printed and kept in `reports/cells-DIGITS.md`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import mpmath
from flint import arb

from fsb_oracle import oracle
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.exact import routes_of

DIGITS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
BUMP, LORENTZ, SOFTPLUS = "exp(-z**2/2)", "1/(1+z**2)", "log(1+exp(z))"
ABOVE, RELU = "Heaviside(z-7/10)", "Max(z,0)"


@dataclass(frozen=True)
class StandardCell:
    """One gradient: a law at parameters, the parameter, f, and the points at which a user would split the integral."""

    name: str
    family: str
    parameters: dict[str, str]
    parameter: str
    f: str
    breaks: tuple[Any, ...] = ()


NORMAL = {"loc": "0.3", "scale": "1.25"}
LAPLACE = {"loc": "0.3", "scale": "0.8"}
GAMMA = {"concentration": "2.5", "rate": "1"}
BETA, ARCS = ({"concentration1": a, "concentration0": b} for a, b in (("2", "3"), ("0.4", "0.6")))
STUDENT, HEAVY = ({"df": df, "loc": "0", "scale": "1"} for df in ("4.5", "0.5"))
CAUCHY = {"loc": "0.3", "scale": "0.8"}
LOGISTIC, STANDARD_LOGISTIC = {"loc": "0.3", "scale": "0.9"}, {"loc": "0.3", "scale": "1"}
VON_MISES, UNIFORM = {"loc": "0.5", "concentration": "2"}, {"low": "-0.5", "high": "1.7"}

CELLS = [
    StandardCell("N01", "normal", NORMAL, "loc", "tanh(z)"),
    StandardCell("N02", "normal", NORMAL, "scale", "cos(3*z)"),
    StandardCell("N03", "normal", NORMAL, "scale", "z**4"),
    StandardCell("N04", "normal", NORMAL, "loc", BUMP),
    StandardCell("N05", "normal", NORMAL, "loc", ABOVE, (0.7,)),
    StandardCell("N06", "normal", NORMAL, "scale", RELU, (0,)),
    StandardCell("N07", "normal", NORMAL, "scale", SOFTPLUS),
    StandardCell("N08", "normal", NORMAL, "loc", SOFTPLUS),
    StandardCell("N09", "normal", NORMAL, "loc", LORENTZ),
    StandardCell("N10", "normal", NORMAL, "scale", "exp(-Abs(z))", (0,)),
    StandardCell("N11", "normal", NORMAL, "loc", "1/cosh(z)"),
    StandardCell("N12", "normal", NORMAL, "scale", "z**2*exp(-z**2)*cos(2*z)"),
    StandardCell("L01", "laplace", LAPLACE, "scale", BUMP),
    StandardCell("L02", "laplace", LAPLACE, "scale", "cos(3*z)"),
    StandardCell("L03", "laplace", LAPLACE, "scale", ABOVE, (0.7,)),
    StandardCell("L04", "laplace", LAPLACE, "scale", RELU, (0,)),
    StandardCell("L05", "laplace", LAPLACE, "scale", "tanh(z)"),
    StandardCell("G01", "gamma", GAMMA, "concentration", "tanh(z)"),
    StandardCell("G02", "gamma", GAMMA, "concentration", "cos(3*z)"),
    StandardCell("G03", "gamma", GAMMA, "concentration", "Heaviside(z-2)", (2,)),
    StandardCell("G04", "gamma", GAMMA, "concentration", BUMP),
    StandardCell("G05", "gamma", {"concentration": "0.3", "rate": "1"}, "concentration", LORENTZ),
    StandardCell("G06", "gamma", GAMMA, "rate", "1/cosh(z)"),
    StandardCell("G07", "gamma", GAMMA, "concentration", "z**3"),
    StandardCell("B01", "beta", BETA, "concentration1", "cos(5*z)"),
    StandardCell("B02", "beta", ARCS, "concentration1", "z**2"),
    StandardCell("B03", "beta", BETA, "concentration0", BUMP),
    StandardCell("B04", "beta", ARCS, "concentration1", BUMP),
    StandardCell("T01", "student_t", STUDENT, "df", BUMP),
    StandardCell("T02", "student_t", HEAVY, "df", BUMP),
    StandardCell("T03", "student_t", STUDENT, "df", "cos(2*z)"),
    StandardCell("T04", "student_t", STUDENT, "df", LORENTZ),
    StandardCell("C01", "cauchy", CAUCHY, "scale", LORENTZ),
    StandardCell("C02", "cauchy", CAUCHY, "scale", "cos(3*z)"),
    StandardCell("C03", "cauchy", CAUCHY, "loc", ABOVE, (0.7,)),
    StandardCell("C04", "cauchy", CAUCHY, "scale", BUMP),
    StandardCell("C05", "cauchy", CAUCHY, "scale", "tanh(z)"),
    StandardCell("O01", "logistic", LOGISTIC, "loc", "1/(1+exp(-z))"),
    StandardCell("O02", "logistic", STANDARD_LOGISTIC, "scale", "cos(3*z)"),
    StandardCell("O03", "logistic", STANDARD_LOGISTIC, "scale", BUMP),
    StandardCell("V01", "von_mises", VON_MISES, "concentration", "cos(3*z)"),
    StandardCell("U01", "uniform", UNIFORM, "high", "tanh(z)"),
    StandardCell("U02", "uniform", UNIFORM, "high", "cos(3*z)"),
    StandardCell("U03", "uniform", UNIFORM, "high", ABOVE, (0.7,)),
]


def _gauss(z: Any, m: Any, s: Any) -> Any:
    return mpmath.exp(-(((z - m) / s) ** 2) / 2) / (s * mpmath.sqrt(2 * mpmath.pi))


def _student(z: Any, v: Any, m: Any, s: Any) -> Any:
    front = mpmath.gamma((v + 1) / 2) / (mpmath.sqrt(v * mpmath.pi) * mpmath.gamma(v / 2) * s)
    return front * (1 + ((z - m) / s) ** 2 / v) ** (-(v + 1) / 2)


def _logistic(z: Any, m: Any, s: Any) -> Any:
    return 1 / (4 * s * mpmath.cosh((z - m) / (2 * s)) ** 2)


# the densities as a user writes them, and the ends of the integral; independent of the oracle's declarations
DENSITIES: dict[str, tuple[Callable[..., Any], Callable[..., tuple[Any, Any, Any]]]] = {
    "normal": (_gauss, lambda m, s: (-mpmath.inf, m, mpmath.inf)),
    "laplace": (lambda z, m, b: mpmath.exp(-abs(z - m) / b) / (2 * b), lambda m, b: (-mpmath.inf, m, mpmath.inf)),
    "gamma": (
        lambda z, k, r: r**k * z ** (k - 1) * mpmath.exp(-r * z) / mpmath.gamma(k),
        lambda k, r: (0, k / r, mpmath.inf),
    ),
    "beta": (
        lambda z, a, b: z ** (a - 1) * (1 - z) ** (b - 1) / mpmath.beta(a, b),
        lambda a, b: (0, a / (a + b), 1),
    ),
    "student_t": (_student, lambda v, m, s: (-mpmath.inf, m, mpmath.inf)),
    "cauchy": (
        lambda z, m, s: s / (mpmath.pi * (s**2 + (z - m) ** 2)),
        lambda m, s: (-mpmath.inf, m, mpmath.inf),
    ),
    "logistic": (_logistic, lambda m, s: (-mpmath.inf, m, mpmath.inf)),
    "von_mises": (
        lambda z, m, k: mpmath.exp(k * mpmath.cos(z - m)) / (2 * mpmath.pi * mpmath.besseli(0, k)),
        lambda m, k: (-mpmath.pi, m, mpmath.pi),
    ),
    "uniform": (lambda z, a, b: 1 / (b - a), lambda a, b: (a, (a + b) / 2, b)),
}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh(z)": mpmath.tanh,
    "cos(3*z)": lambda z: mpmath.cos(3 * z),
    "cos(2*z)": lambda z: mpmath.cos(2 * z),
    "cos(5*z)": lambda z: mpmath.cos(5 * z),
    "z**4": lambda z: z**4,
    "z**3": lambda z: z**3,
    "z**2": lambda z: z**2,
    BUMP: lambda z: mpmath.exp(-(z**2) / 2),
    LORENTZ: lambda z: 1 / (1 + z**2),
    SOFTPLUS: lambda z: mpmath.log(1 + mpmath.exp(z)),
    ABOVE: lambda z: mpmath.mpf(z > mpmath.mpf(7) / 10),
    "Heaviside(z-2)": lambda z: mpmath.mpf(z > 2),
    RELU: lambda z: max(z, mpmath.mpf(0)),
    "exp(-Abs(z))": lambda z: mpmath.exp(-abs(z)),
    "1/cosh(z)": mpmath.sech,
    "1/(1+exp(-z))": lambda z: 1 / (1 + mpmath.exp(-z)),
    "z**2*exp(-z**2)*cos(2*z)": lambda z: z**2 * mpmath.exp(-(z**2)) * mpmath.cos(2 * z),
}


def baseline(cell: StandardCell, digits: int) -> Any:
    """mpmath.diff of mpmath.quad, split at the law's centre and at the kinks of f."""
    density, ends = DENSITIES[cell.family]
    f, names = FUNCTIONS[cell.f], list(cell.parameters)
    with mpmath.workdps(digits):
        values = [mpmath.mpf(text) for text in cell.parameters.values()]
        low, centre, high = ends(*values)
        breaks = sorted({centre, *(mpmath.mpf(str(x)) for x in cell.breaks)})
        which = names.index(cell.parameter)

        def expectation(theta: Any) -> Any:
            at = [*values[:which], theta, *values[which + 1 :]]
            # a moving end of the support is the parameter itself
            last = theta if cell.family == "uniform" and cell.parameter == "high" else high
            return mpmath.quad(lambda z: f(z) * density(z, *at), [low, *breaks, last])

        return mpmath.diff(expectation, values[which])


def _timed(function: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    best, value = math.inf, None
    for _ in range(repeats):
        start = process_time()  # other processes of a busy machine do not count
        value = function()
        best = min(best, process_time() - start)
    return best, value


def _digits(found: Any, truth: Any) -> float:
    if found == truth:
        return float(DIGITS + 9)
    return float(-mpmath.log10(abs(found - truth) / abs(truth)))


@dataclass(frozen=True)
class Measured:
    cell: StandardCell
    both: float
    density: float
    peer: float
    peer_digits: float
    routes: tuple[str, ...]


def measured(cell: StandardCell) -> Measured:
    """Times of both routes, of the density alone, and of the baseline; warm, best of several (the baseline: once)."""
    law, f = get_family(cell.family), integrand(cell.f)
    at = law.parse(cell.parameters)
    truth = oracle.gradient(law, at, f, cell.parameter, digits=DIGITS + 10)
    both, value = _timed(lambda: oracle.gradient(law, at, f, cell.parameter, digits=DIGITS), 4)
    assert value.reached and value.ball.overlaps(truth.ball)
    route = next(route for route in routes_of(Cell(law, at, f, cell.parameter)) if route.name == "density")
    density, _ = _timed(lambda: route.ball(DIGITS + 3, arb(1)), 3)
    peer, found = _timed(lambda: baseline(cell, DIGITS), 2 if DIGITS < 50 else 1)
    with mpmath.workdps(DIGITS + 20):
        peer_digits = _digits(found, mpmath.mpf(truth.value))
    return Measured(cell, both, density, peer, peer_digits, value.routes)


def mean_ratio(rows: list[Measured], ours: Callable[[Measured], float]) -> float:
    """Geometric mean of the baseline's time over ours, where the baseline is right to within two digits."""
    right = [row for row in rows if row.peer_digits >= DIGITS - 2]
    return math.exp(sum(math.log(row.peer / ours(row)) for row in right) / len(right))


def table(rows: list[Measured]) -> str:
    lines = [
        f"| cell ({DIGITS} digits) | both routes, ms | density alone, ms | mpmath, ms | its digits | ratio | routes |",
        "| --- | --: | --: | --: | --: | --: | --- |",
    ]
    for row in rows:
        name = f"{row.cell.name} {row.cell.family} {row.cell.parameter} `{row.cell.f}`"
        lines.append(
            f"| {name} | {1e3 * row.both:.2f} | {1e3 * row.density:.2f} | {1e3 * row.peer:.0f} | {row.peer_digits:.0f} "
            f"| {row.peer / row.both:.0f} | {', '.join(row.routes)} |"
        )
    lines.append(
        f"\nGeometric means where mpmath is right: both routes {mean_ratio(rows, lambda r: r.both):.0f} times faster, "
        f"the density route alone {mean_ratio(rows, lambda r: r.density):.0f} times."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    report = table([measured(cell) for cell in CELLS])
    Path("reports").mkdir(exist_ok=True)
    Path(f"reports/cells-{DIGITS}.md").write_text(report + "\n")
    print(report)
