"""A function of the sample compared with the exact one at quantiles of the law: largest bias, worst place, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fsb_oracle.checks.case import Case
from fsb_oracle.records import Status

QUANTILES = 48
ROUNDING = {"float32": 2e-6, "float64": 1e-11}  # of the mean size: what is this near to exact is exact in its dtype


@dataclass(frozen=True)
class Comparison:
    """Exact and observed values at increasing quantiles, shape (n,) each; `allowed` is the error that rounding of the
    sample itself explains (`of_rounding`)."""

    quantile: np.ndarray
    exact: np.ndarray
    observed: np.ndarray
    allowed: np.ndarray | float = 0.0

    @cached_property
    def mean_size(self) -> float:
        """Integral of p |exact|."""
        return integral(self.quantile, np.abs(self.exact))

    @cached_property
    def l1(self) -> float:
        """Integral of p |observed - exact|, without what is allowed."""
        return integral(self.quantile, np.maximum(np.abs(self.observed - self.exact) - self.allowed, 0))

    @property
    def share(self) -> float:
        """`l1` in units of the mean size."""
        return self.l1 / self.mean_size if self.mean_size else float(self.l1 > 0)

    @cached_property
    def relative(self) -> np.ndarray:
        """Relative error at each quantile."""
        return np.abs(self.observed - self.exact) / np.maximum(np.abs(self.exact), np.finfo(float).tiny)

    @cached_property
    def worst(self) -> int:
        """Where the error is largest; a little of the mean size is added: rounding of z itself moves a small value by
        a few ulp of z, which is no fault."""
        return int(np.argmax(np.abs(self.observed - self.exact) / (np.abs(self.exact) + 1e-3 * self.mean_size)))

    def status(self, dtype: str, margin: float) -> Status:
        """Exact in its dtype, within the margin (in units of the mean size), or not."""
        if self.share <= ROUNDING[dtype]:
            return Status.pass_
        return Status.within_margin if self.share <= margin else Status.fail

    def headline(self, status: Status, of: str) -> str:
        """The first words of the verdict; `of` names what is compared."""
        return {
            Status.pass_: f"EXACT to {self.share:.1e} of the mean {of}",
            Status.within_margin: f"BIASED, WITHIN MARGIN: off by {self.share:.1e} of the mean {of}",
            Status.fail: f"BIASED: off by {self.share:.1e} of the mean {of}",
        }[status]

    def worst_place(self) -> str:
        """One line on the worst quantile and on the range that was seen."""
        k, q = self.worst, self.quantile
        return (
            f"worst at quantile {q[k]:.3g}: exact {self.exact[k]:.9g}, observed {self.observed[k]:.9g}, "
            f"relative error {self.relative[k]:.2g}; quantiles {q[0]:.1e} to 1 - {1 - q[-1]:.1e}"
        )

    def points(self, case: Case) -> list[dict[str, Any]]:
        """The rows of the record."""
        parameter = float(case.at[case.parameter])
        columns = zip(self.quantile, self.relative, self.exact, self.observed, strict=True)
        return [
            {"parameter": parameter, "quantile": float(q), "error": float(r), "exact": float(e), "observed": float(o)}
            for q, r, e, o in columns
        ]


def of_rounding(z: np.ndarray, exact: np.ndarray, dtype: str) -> np.ndarray:
    """What an exact function of z changes by over an ulp of z: a sample is known no better. It matters where the
    location is large against the scale."""
    distinct, first, place = np.unique(z, return_index=True, return_inverse=True)
    ulp = np.spacing(np.abs(distinct).astype(dtype)).astype(np.float64)
    gap, rise = np.diff(distinct), np.abs(np.diff(exact[first]))
    left = np.append(0.0, rise * np.minimum(ulp[1:] / gap, 1))
    right = np.append(rise * np.minimum(ulp[:-1] / gap, 1), 0.0)
    return np.maximum(left, right)[place]


def log_spaced_ranks(count: int, wanted: int = QUANTILES) -> np.ndarray:
    """Ranks that are log-spaced towards both ends, each once."""
    half = np.geomspace(1, count / 2, wanted // 2)
    ranks = np.concatenate([half - 1, count - half])
    return np.unique(np.clip(np.round(ranks), 0, count - 1).astype(int))


def integral(quantile: np.ndarray, values: Sequence[float] | np.ndarray) -> float:
    """Integral over (0, 1) by the trapezoid rule, constant beyond the outermost quantiles."""
    inner = float(np.trapezoid(values, quantile))
    # below the lowest usable quantile lie draws that underflowed: a value there is negligible
    first = quantile[0] if quantile[0] < 1e-2 else 0.0
    return inner + float(values[0] * first + values[-1] * (1 - quantile[-1]))
