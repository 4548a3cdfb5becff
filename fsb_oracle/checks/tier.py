"""What one tier says of a case, and how the tiers of a case combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fsb_oracle.records import Status
from fsb_oracle.verdicts.sequential import Decision


@dataclass(frozen=True)
class Target:
    """The mean under test: exact value, its radius, the scale S, and the bias that is tolerated."""

    exact: float
    radius: float
    scale: float
    tolerance: float


@dataclass(frozen=True)
class Tier:
    """A tier's decision; `notes` are lines for the reader, `details` members of the record.

    `name`: "0b" quadrature over the noise, "1" the same noise fed to a twin, "2" replicated quasi-random noise,
    "3" sampling. Names sort by strength.
    """

    name: str
    decision: Decision
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def one_line(self) -> str:
        """Status, bias and bound in one line."""
        found = self.decision
        words = f"{found.status}" + (f" ({found.reason})" if found.reason else "")
        return f"{words}, bias {found.bias:.3g}, hidden bias < {found.bias_bound:.3g}"

    def record(self) -> dict[str, Any]:
        """The tier's row in the record."""
        return {
            "tier": self.name,
            "status": str(self.decision.status),
            "bias": self.decision.bias,
            "bias_bound": self.decision.bias_bound,
            "variance_class": self.decision.variance_class,
            "num_samples": self.decision.num_samples,
            "message": self.one_line,
            **self.details,
        }


def headline(tiers: list[Tier]) -> tuple[Status, Tier]:
    """Fail if any tier fails; else the strongest conclusive tier; inconclusive only if none is conclusive."""
    for wanted in (Status.fail, Status.within_margin, Status.pass_):
        for tier in tiers:
            if tier.decision.status is wanted:
                return wanted, tier
    return Status.inconclusive, tiers[-1]
