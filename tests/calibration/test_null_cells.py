"""Right rules on real back ends: no cell may fail; with a bias of twice the margin, every cell must.

`python tests/calibration/test_null_cells.py --cells 10000 --biased 2000` prints the figures: fails, passes, and the
cost in u = V/margin^2 beside what the design of the sequential test promises (24 u for a right cell, about 12 u for a
bias of two margins, at a false-pass rate of 1e-3).
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from fsb_oracle.checks import Case
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.truth import bias_scale, exact_gradient
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.rules import get_rule
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Plan, run

# rules of every kind: derivative, shift, layer, antithetic, Khinchine, size-biased, lattice
RULES = (
    "NOR-mu-D", "NOR-mu-L", "NOR-sig-Ua", "NOR-sig-K", "LAP-mu-L", "LAP-b-U", "LAP-b-S", "GAM-k-U", "GAM-k-Shalf",
    "GAM-s-U", "GAM-s-S", "EXP-s-U", "EXP-s-S", "BET-a-U", "BET-a-V", "BET-b-V", "UNI-a-P", "UNI-b-U", "LOG-s-Ua",
    "GUM-be-K", "WEI-k-path", "LGN-mu-L", "CHI-nu-U", "POI", "NB-r-SB", "GEO-p-S",
)  # fmt: skip
PROBES = ("sin3", "bump", "tanh")
MARGIN = 0.05  # in units of S
BLOCK, CHUNK = 256, 1 << 14  # looks are fine-grained, so that the cost is seen; draws come in large calls
SHARES = {"numpy": 0.8, "torch": 0.15, "jax": 0.05}  # of the cells: by what a draw costs
DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


@dataclass
class Figures:
    """What many cells came to."""

    statuses: Counter[Status] = field(default_factory=Counter)
    costs: list[float] = field(default_factory=list)
    units: int = 0

    @property
    def cost(self) -> float:
        """Mean number of units in u."""
        return float(np.mean(self.costs))

    def __str__(self) -> str:
        words = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return f"{words}; mean cost {self.cost:.1f} u (median {np.median(self.costs):.1f}), {self.units:,} units"


def cells(backend: str) -> Iterator[Case]:
    """Rules, probes and dtypes in turn, without end: the seed tells a round from the next."""
    while True:
        for name in PROBES:
            for id in RULES:
                subject, f = RuleSubject(get_rule(id), backend), integrand(name)
                (at,) = parameter_points(subject, 1)
                for dtype in ("float64", "float32"):
                    yield Case("unbiased", subject, at, subject.rule.parameter, dtype, f)


def measure(backend: str, count: int, shift: float, false_fail_rate: float) -> Figures:
    """`count` cells of which each contribution is moved by `shift` margins."""
    figures, distinct = Figures(), 2 * len(RULES) * len(PROBES)
    for number, case in zip(range(count), cells(backend), strict=False):
        one_cell(case, number // distinct, shift, false_fail_rate, figures)
    return figures


def one_cell(case: Case, seed: int, shift: float, false_fail_rate: float, figures: Figures) -> None:
    f = case.integrand
    value = exact_gradient(case.family, case.at, f, case.parameter)
    scale = bias_scale(case.family, case.at, f, case.parameter)
    known = case.subject.known_moments(case.parameter, case.at, f)
    assert known is not None, case.id
    margin = MARGIN * scale
    tolerance = 0.0 if case.dtype == "float64" else 1e-4 * scale
    chunks: dict[int, np.ndarray] = {}

    def block(index: int) -> np.ndarray:
        chunk, place = divmod(index * BLOCK, CHUNK)
        if chunk not in chunks:
            sequence = seeds.sequence(case.id, seed, seeds.Stage.main, chunk)
            chunks[chunk] = case.subject.contributions(case.at, f, CHUNK, sequence, case.dtype)[case.parameter]
        return chunks[chunk][place : place + BLOCK] - float(value) + shift * margin

    plan = Plan(
        margin=margin,
        tolerance=tolerance,
        oracle_error=value.float_radius,
        false_fail_rate=false_fail_rate,
        false_pass_rate=1e-3,
        variance_bound=known[0].variance_bound,
        kurtosis_bound=max(1.0, 1.05 * known[0].kurtosis),
        cap=4_000_000,
        block=BLOCK,
        scale=scale,
    )
    decision = run(block, plan)
    figures.statuses[decision.status] += 1
    figures.units += decision.num_samples
    if plan.design_variance / margin**2 >= BLOCK:  # in smaller cells the first block decides
        figures.costs.append(decision.num_samples * margin**2 / plan.design_variance)


@pytest.mark.parametrize("backend", list(SHARES))
def test_no_right_cell_fails_and_every_biased_one_does(backend):
    count, biased = (10_000, 2_000) if DEEP else (300, 60)
    share = SHARES[backend]
    null = measure(backend, round(count * share), 0.0, 1e-6 / count)
    assert set(null.statuses) == {Status.pass_}
    wrong = measure(backend, round(biased * share), 2.0, 1e-6 / count)
    assert set(wrong.statuses) == {Status.fail}
    if DEEP:
        assert 20 < null.cost < 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--biased", type=int, default=2_000)
    parser.add_argument("--backend", choices=list(SHARES), action="append")
    options = parser.parse_args()
    for backend in options.backend or list(SHARES):
        for words, count, shift in (("right", options.cells, 0.0), ("bias of 2 margins", options.biased, 2.0)):
            started = time.process_time()
            figures = measure(backend, round(count * SHARES[backend]), shift, 1e-6 / options.cells)
            print(f"{backend}, {words}: {figures}; {time.process_time() - started:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
