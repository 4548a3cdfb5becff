"""The exact variances that the variance checks show beside each other."""

from __future__ import annotations

from typing import Any

from fsb_oracle.checks.case import Case
from fsb_oracle.rules import Rule
from fsb_oracle.rules.table import rows_for


def variance_rows(case: Case, rule: Rule) -> list[dict[str, Any]]:
    """Exact variances of the rule, the raw score, the score with best baseline and pathwise; ratios to the raw
    score."""
    rows = list(rows_for(case.family, case.at, case.integrand, case.parameter, [rule]))
    raw = next((row.variance for row in rows if row.id == "score"), None)
    return [
        {
            "id": row.id,
            "second_moment": row.second_moment,
            "variance": row.variance,
            "ratio": row.variance / raw if raw else None,
            "cost": row.cost,
            "error": row.error,
        }
        for row in rows
    ]


__all__ = ["variance_rows"]
