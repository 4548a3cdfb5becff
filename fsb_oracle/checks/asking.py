"""How contract and metamorphic checks ask a subject: contributions by stream, and its value on noise that is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from fsb_oracle.backends import get_backend
from fsb_oracle.checks.case import Case, Settings, case_text
from fsb_oracle.families import Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds

ROUNDING = 64  # units in the last place of the largest contribution: the order of sums may differ, no more


@dataclass(frozen=True)
class Asker:
    """One case's subject under the run's settings; `rate` is the false-fail rate of each of its random tests."""

    case: Case
    settings: Settings
    rate: float

    def draw(
        self,
        count: int,
        stream: int,
        f: Integrand | None = None,
        at: Parameters | None = None,
    ) -> np.ndarray:
        """`count` contributions of one call on the `stream`-th stream of the case, shape (count,), float64."""
        case = self.case
        sequence = seeds.sequence(case.id, self.settings.seed, seeds.Stage.main, stream)
        found = case.subject.contributions(at or case.at, f or case.integrand, count, sequence, case.dtype)
        return found[case.parameter]

    def small_calls(self, calls: int, size: int) -> np.ndarray:
        """The contributions of `calls` calls of `size` draws each, on streams of their own; shape (calls, size)."""
        case = self.case
        values = tuple(case.at.items())
        return _small_calls(case.subject, values, case.integrand, case.dtype, self.settings.seed, calls, size)[
            case.parameter
        ]

    def draw_forward(self, count: int, stream: int) -> np.ndarray | None:
        """As `draw`, with the samples differentiated in forward mode; None where the library does not offer it."""
        case = self.case
        sequence = seeds.sequence(case.id, self.settings.seed, seeds.Stage.main, stream)
        found = case.subject.forward_contributions(case.at, case.integrand, count, sequence, case.dtype)
        return None if found is None else found[case.parameter]

    def noise(self, count: int) -> dict[str, np.ndarray] | None:
        """Draws of the subject's noise, `count` each; None where it cannot be asked at given noise."""
        case = self.case
        primitives = case.subject.noise_at(case.parameter, case.at, case.dtype)
        if not primitives:
            return None
        generator = seeds.generator(case.id, self.settings.seed, seeds.Stage.twin_noise)
        backend = get_backend("numpy")
        return {name: backend.draw(one, generator, (count,), "float64") for name, one in primitives.items()}

    def at_noise(self, noise: Mapping[str, np.ndarray]) -> np.ndarray:
        """The contributions of a batch of given noise, one each."""
        case = self.case
        found = case.subject.at_noise(case.parameter, case.at, case.integrand, noise, case.dtype)
        return np.broadcast_to(found, next(iter(noise.values())).shape)


@lru_cache(maxsize=8)  # a call gives the contributions to every parameter: its cases share these
def _small_calls(
    subject: Subject,
    values: tuple[tuple[str, Fraction], ...],
    f: Integrand,
    dtype: str,
    seed: int,
    calls: int,
    size: int,
) -> dict[str, np.ndarray]:
    at = dict(values)
    id = f"calls of {size}/{subject.name}/{case_text(at)}/{f.slug}/{dtype}"
    found = [
        subject.contributions(at, f, size, seeds.sequence(id, seed, seeds.Stage.main, call), dtype)
        for call in range(calls)
    ]
    return {name: np.stack([one[name] for one in found]) for name in subject.claimed}


def rounding(values: np.ndarray, dtype: str) -> float:
    """Differences up to here are the order in which numbers were added."""
    finite = values[np.isfinite(values)]
    return ROUNDING * float(np.finfo(dtype).eps) * float(np.max(np.abs(finite), initial=0.0))
