"""Weak results: those that another case makes up for, those at a gradient of 0, and those that stand alone."""

from __future__ import annotations

from types import SimpleNamespace

from fsb_oracle.report.weak import weak_results


def test_a_stronger_case_on_the_same_back_end_makes_up_for_a_weak_one(make: SimpleNamespace) -> None:
    torch = ("torch", "float64")
    record = make.record(
        [
            make.unbiased("GAM-k-U", weak=True),
            make.unbiased("GAM-k-U", f="tanh(z)", weak=False),
            make.unbiased("GAM-k-U", engine=torch, weak=True),
            make.unbiased("GAM-k-SB", weak=True, exact="0"),
        ]
    )
    found = weak_results(record)
    assert [result.backend for result in found.made_up] == ["numpy"]
    assert [result.subject for result in found.zero] == ["GAM-k-SB"]
    assert found.places == [("GAM-k-U · gamma concentration", "torch float64; sin(3*z)")]
    assert found.sentence == (
        "3 results are weak: the bias still possible is not smaller than the gradient itself; "
        "other cases make up for all but 1 of them"
    )


def test_a_weak_result_alone_says_so(make: SimpleNamespace) -> None:
    found = weak_results(make.record([make.unbiased(weak=True)]))
    assert found.sentence == (
        "1 result is weak: the bias still possible is not smaller than the gradient itself, "
        "and no other case makes up for it"
    )
    assert weak_results(make.record([make.unbiased(weak=False)])).total == 0
