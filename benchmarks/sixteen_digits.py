"""The 44 standard cells at 16 digits: one certified route, against SciPy's adaptive quadrature of f times density times
score in float64, which certifies nothing.

    python benchmarks/sixteen_digits.py

Both are warm, and timed by the processor's clock in one process. The peer is given the score in closed form, the points
at which f has kinks, and a range outside of which nothing is left. Its own digits stand beside its time. The table is
printed and kept in `reports/sixteen-digits.md`; times are information, ratios and digits are the result.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import IntegrationWarning, quad
from scipy.special import digamma, i0, i1
from standard_cells import CELLS, StandardCell, _timed

from fsb_oracle import oracle
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand

LIMIT = 3e-3  # seconds: enough for a value in every draw of a property test
BUMP, LORENTZ, SOFTPLUS = "exp(-z**2/2)", "1/(1+z**2)", "log(1+exp(z))"
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "tanh(z)": math.tanh,
    "cos(3*z)": lambda z: math.cos(3 * z),
    "cos(2*z)": lambda z: math.cos(2 * z),
    "cos(5*z)": lambda z: math.cos(5 * z),
    "z**4": lambda z: z**4,
    "z**3": lambda z: z**3,
    "z**2": lambda z: z**2,
    BUMP: lambda z: math.exp(-z * z / 2),
    LORENTZ: lambda z: 1 / (1 + z * z),
    SOFTPLUS: lambda z: float(np.logaddexp(0.0, z)),
    "Heaviside(z-7/10)": lambda z: float(z > 0.7),
    "Heaviside(z-2)": lambda z: float(z > 2),
    "Max(z,0)": lambda z: max(z, 0.0),
    "exp(-Abs(z))": lambda z: math.exp(-abs(z)),
    "1/cosh(z)": lambda z: 1 / math.cosh(z) if abs(z) < 700 else 0.0,
    "1/(1+exp(-z))": lambda z: 1 / (1 + math.exp(-z)) if z > -700 else 0.0,
    "z**2*exp(-z**2)*cos(2*z)": lambda z: z * z * math.exp(-z * z) * math.cos(2 * z),
}


def _normal(z: float, m: float, s: float) -> tuple[float, dict[str, float]]:
    u = (z - m) / s
    return math.exp(-u * u / 2) / (s * math.sqrt(2 * math.pi)), {"loc": u / s, "scale": (u * u - 1) / s}


def _laplace(z: float, m: float, b: float) -> tuple[float, dict[str, float]]:
    u = abs(z - m) / b
    return math.exp(-u) / (2 * b), {"scale": (u - 1) / b}


def _gamma(z: float, k: float, r: float) -> tuple[float, dict[str, float]]:
    density = math.exp(k * math.log(r) + (k - 1) * math.log(z) - r * z - math.lgamma(k)) if z > 0 else 0.0
    return density, {"concentration": math.log(r * z) - digamma(k), "rate": k / r - z} if z > 0 else {}


def _beta(z: float, a: float, b: float) -> tuple[float, dict[str, float]]:
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    density = math.exp(front + (a - 1) * math.log(z) + (b - 1) * math.log1p(-z))
    both = digamma(a + b)
    return density, {
        "concentration1": math.log(z) - digamma(a) + both,
        "concentration0": math.log1p(-z) - digamma(b) + both,
    }


def _student(z: float, v: float, m: float, s: float) -> tuple[float, dict[str, float]]:
    q = ((z - m) / s) ** 2 / v
    front = math.lgamma((v + 1) / 2) - math.lgamma(v / 2) - math.log(v * math.pi) / 2 - math.log(s)
    score = (digamma((v + 1) / 2) - digamma(v / 2) - 1 / v - math.log1p(q) + (v + 1) / v * q / (1 + q)) / 2
    return math.exp(front - (v + 1) / 2 * math.log1p(q)), {"df": score}


def _cauchy(z: float, m: float, s: float) -> tuple[float, dict[str, float]]:
    d = z - m
    below = s * s + d * d
    return s / (math.pi * below), {"loc": 2 * d / below, "scale": (d * d - s * s) / (s * below)}


def _logistic(z: float, m: float, s: float) -> tuple[float, dict[str, float]]:
    u = (z - m) / s
    e = math.exp(-abs(u))
    return e / (s * (1 + e) ** 2), {"loc": math.tanh(u / 2) / s, "scale": (u * math.tanh(u / 2) - 1) / s}


def _von_mises(z: float, m: float, k: float) -> tuple[float, dict[str, float]]:
    return math.exp(k * math.cos(z - m)) / (2 * math.pi * i0(k)), {"concentration": math.cos(z - m) - i1(k) / i0(k)}


# the density and its scores, and the range of the integral; independent of the oracle's declarations
LAWS: dict[str, tuple[Callable[..., tuple[float, dict[str, float]]], Callable[..., tuple[float, float]]]] = {
    "normal": (_normal, lambda m, s: (m - 12 * s, m + 12 * s)),
    "laplace": (_laplace, lambda m, b: (m - 45 * b, m + 45 * b)),
    "gamma": (_gamma, lambda k, r: (0.0, (k + 80) / r)),
    "beta": (_beta, lambda a, b: (0.0, 1.0)),
    "student_t": (_student, lambda v, m, s: (-math.inf, math.inf)),
    "cauchy": (_cauchy, lambda m, s: (-math.inf, math.inf)),
    "logistic": (_logistic, lambda m, s: (m - 45 * s, m + 45 * s)),
    "von_mises": (_von_mises, lambda m, k: (-math.pi, math.pi)),
}


def peer(cell: StandardCell) -> float:
    """SciPy's quad of f times density times score; for the uniform law f(high) p less the mean over the range."""
    f, values = FUNCTIONS[cell.f], [float(text) for text in cell.parameters.values()]
    options: dict[str, Any] = {"epsabs": 0, "epsrel": 2e-14, "limit": 200}
    if cell.family == "uniform":
        low, high = values
        mean, _ = quad(f, low, high, points=cell.breaks or None, **options)
        return f(high) / (high - low) - mean / (high - low) ** 2
    law, ends = LAWS[cell.family]
    low, high = ends(*values)

    def integrated(z: float) -> float:
        density, scores = law(z, *values)
        return f(z) * density * scores[cell.parameter] if density else 0.0

    if math.isinf(low):  # breaks are for finite ranges
        stops = (low, *(float(x) for x in cell.breaks or (values[-2],)), high)
        return sum(quad(integrated, a, b, **options)[0] for a, b in pairwise(stops))
    return quad(integrated, low, high, points=cell.breaks or None, **options)[0]


@dataclass(frozen=True)
class Row:
    cell: StandardCell
    ours: float
    peer: float
    peer_digits: float
    route: str


def measured(cell: StandardCell) -> Row:
    law, f = get_family(cell.family), integrand(cell.f)
    at = law.parse(cell.parameters)
    ours, value = _timed(lambda: oracle.gradient(law, at, f, cell.parameter, digits=16, routes=1), 10)
    truth = oracle.gradient(law, at, f, cell.parameter, digits=30)
    assert value.reached and value.ball.overlaps(truth.ball)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        theirs, found = _timed(lambda: peer(cell), 5)
    error = abs(found - float(truth)) / abs(float(truth))
    return Row(cell, ours, theirs, min(16.0, -math.log10(error)) if error > 0 else 16.0, value.routes[0])


def table(rows: list[Row]) -> str:
    lines = [
        "| cell | one certified route, ms | SciPy quad, ms | its digits | ratio | route |",
        "| --- | --: | --: | --: | --: | --- |",
    ]
    for row in rows:
        name = f"{row.cell.name} {row.cell.family} {row.cell.parameter} `{row.cell.f}`"
        lines.append(
            f"| {name} | {1e3 * row.ours:.2f} | {1e3 * row.peer:.2f} | {row.peer_digits:.1f} "
            f"| {row.peer / row.ours:.2g} | {row.route} |"
        )
    mean = math.exp(sum(math.log(row.peer / row.ours) for row in rows) / len(rows))
    quick, right = sum(row.ours < LIMIT for row in rows), sum(row.peer_digits >= 13 for row in rows)
    lines.append(
        f"\n{quick} of {len(rows)} certified values in under {1e3 * LIMIT:g} ms; geometric mean of the ratios "
        f"{mean:.2g}, where quad has 13 digits in {right} cells and the oracle 16 in all."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    report = table([measured(cell) for cell in CELLS])
    Path("reports").mkdir(exist_ok=True)
    Path("reports/sixteen-digits.md").write_text(report + "\n")
    print(report)
