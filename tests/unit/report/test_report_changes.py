"""What changed since a baseline, and two records side by side."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import comparison_text, render_comparison, render_html, render_markdown
from fsb_oracle.report.changes import changes
from fsb_oracle.report.comparison import compare


def with_status(result: Result, status: Status) -> Result:
    """The same case with another status."""
    return replace(result, status=status)


def test_the_same_record_has_not_changed(rich_record: Record) -> None:
    found = changes(rich_record, rich_record)
    assert found.sections == []
    assert found.unchanged == len({result.case for result in rich_record.results})


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (Status.pass_, Status.fail, "worse"),
        (Status.pass_, Status.within_margin, "worse"),
        (Status.inconclusive, Status.fail, "worse"),
        (Status.known_failure, Status.unexpected_pass, "worse"),
        (Status.fail, Status.pass_, "better"),
        (Status.inconclusive, Status.pass_, "better"),
        (Status.fail, Status.error, "unchanged"),
        (Status.pass_, Status.not_applicable, "silenced"),
        (Status.fail, Status.not_applicable, "silenced"),
        (Status.not_applicable, Status.pass_, "appeared"),
        (Status.not_applicable, Status.not_applicable, "unchanged"),
    ],
)
def test_every_pair_of_statuses_has_its_kind(make: SimpleNamespace, before: Status, after: Status, kind: str) -> None:
    result = make.unbiased(share=0.0)
    found = changes(make.record([with_status(result, before)]), make.record([with_status(result, after)]))
    if kind == "unchanged":
        assert found.sections == []
    else:
        (change,) = getattr(found, kind)
        assert change.before.status is before
        assert change.after.status is after


def test_a_bias_moved_only_where_the_intervals_do_not_meet(make: SimpleNamespace) -> None:
    def of(share: float) -> Record:
        return make.record([make.unbiased(share=share)])

    assert changes(of(0.001), of(0.004)).moved == ()  # intervals of half width 0.006
    (moved,) = changes(of(0.0), of(0.015)).moved
    assert moved.before and moved.after
    assert changes(of(0.0), of(0.015)).sentence == "Against the baseline: 1 with another bias, 0 results unchanged"


def test_cases_of_one_record_only_are_new_or_gone(make: SimpleNamespace) -> None:
    first, second = make.unbiased(f="sin(3*z)"), make.unbiased(f="tanh(z)")
    found = changes(make.record([first]), make.record([second]))
    assert [change.case for change in found.appeared] == [second.case]
    assert [change.case for change in found.silenced] == [first.case]


def test_page_and_summary_say_what_changed(make: SimpleNamespace) -> None:
    good, bad = make.unbiased(), make.unbiased(status=Status.fail, share=0.2)
    before, after = make.record([good]), make.record([bad])
    for text in (render_html(after, before), render_markdown(after, before)):
        assert "Against the baseline: 1 worse, 0 results unchanged" in text
        assert "Worse than before" in text
    assert "Since the baseline" not in render_html(after)


def test_libraries_are_compared_by_gradient_not_by_case(make: SimpleNamespace) -> None:
    left = make.record([make.pointwise(2.5, "float64"), make.pointwise(2.5, "float32")], targets=["torch"])
    other = replace(make.pointwise(2.5, "float64"), subject="jax.random:gamma", case="other", status=Status.pass_)
    pairs = {pair.dtype: pair for pair in compare(left, make.record([other], targets=["jax"]))}
    assert set(pairs) == {"float64", "float32"}
    assert pairs["float64"].differs
    assert pairs["float64"].left and pairs["float64"].right
    assert pairs["float64"].right.subjects == ("jax.random:gamma",)
    assert pairs["float64"].left.pointwise == pytest.approx(4e-5, rel=0.8)
    assert pairs["float32"].right is None


def test_rows_that_differ_come_first(make: SimpleNamespace) -> None:
    same = make.unbiased("LAP-b-U")
    left = make.record([same, make.unbiased("GAM-k-U")])
    right = make.record([same, make.unbiased("GAM-k-U", Status.fail, 0.3)])
    assert [pair.differs for pair in compare(left, right)] == [True, False]
    text = comparison_text(left, right)
    assert "2 gradients, 2 tested in both, 1 with another status or tested in one only." in text
    page = render_comparison(left, right)
    assert page.index("bias 30 %") < page.index("laplace")


def test_hostile_names_stay_text_in_a_comparison(make: SimpleNamespace) -> None:
    hostile = replace(make.unbiased(), subject="<script>alert(1)</script>", family="<b>", case="</code><i>")
    record = make.record([hostile], targets=["<script>"])
    page = render_comparison(record, make.record([replace(hostile, status=Status.fail)]))
    assert "<script>alert" not in page
    assert "<b>&" not in page and "&lt;b&gt;" in page
