"""Weak passes: the bias still possible is not smaller than the gradient. What makes up for them, and what does not."""

from __future__ import annotations

from dataclasses import dataclass

from fsb_oracle.records import Record, Result
from fsb_oracle.report.bounds import GOOD
from fsb_oracle.report.formats import as_decimal, count
from fsb_oracle.report.groups import gather
from fsb_oracle.report.view import back_end, topic


@dataclass(frozen=True, slots=True)
class Weak:
    """The weak results of a run, by what they leave open."""

    made_up: tuple[Result, ...]
    """Another case of the same estimator on the same back end excludes a gradient of 0."""
    zero: tuple[Result, ...]
    """The gradient is 0 itself: an estimator that returns 0 is right there."""
    alone: tuple[Result, ...]
    """Nothing in this run excludes that the estimator returns 0."""

    @property
    def total(self) -> int:
        """How many results are weak."""
        return len(self.made_up) + len(self.zero) + len(self.alone)

    @property
    def places(self) -> list[tuple[str, str]]:
        """What stands alone by estimator and parameter, most cases first: back ends and f of each."""
        found = sorted(gather(self.alone, topic).items(), key=lambda item: -len(item[1]))
        return [
            (title, f"{', '.join(gather(results, back_end))}; {', '.join(gather(results, lambda r: r.f or ''))}")
            for title, results in found
        ]

    @property
    def sentence(self) -> str:
        """The note of the banner."""
        many = self.total != 1
        text = (
            f"{count(self.total, 'result')} {'are' if many else 'is'} weak: "
            "the bias still possible is not smaller than the gradient itself"
        )
        if not self.alone:
            return f"{text}; {'other cases make' if many else 'another case makes'} up for {'them' if many else 'it'}"
        if len(self.alone) == self.total:
            return f"{text}, and no other case makes up for {'them' if many else 'it'}"
        return f"{text}; other cases make up for all but {len(self.alone):,} of them"


def weak_results(record: Record) -> Weak:
    """The weak results of a record."""
    strong = {(topic(result), back_end(result)) for result in record.results if covers(result)}
    sorted_out: dict[str, list[Result]] = {"made_up": [], "zero": [], "alone": []}
    for result in record.results:
        if result.weak:
            sorted_out[kind(result, strong)].append(result)
    return Weak(**{name: tuple(results) for name, results in sorted_out.items()})


def covers(result: Result) -> bool:
    """Whether a result excludes that the estimator returns 0: its bound is smaller than the gradient."""
    return result.weak is False and result.status in GOOD


def kind(result: Result, strong: set[tuple[str, str]]) -> str:
    if as_decimal(result.exact) == 0:
        return "zero"
    return "made_up" if (topic(result), back_end(result)) in strong else "alone"
