"""A failure says what its neighbours do; everything else stays as it was."""

from __future__ import annotations

from fsb_oracle.records import Result, Status, with_neighbours


def result(f: str | None, dtype: str, status: Status, check: str = "unbiased", at: str = "2", **more: object) -> Result:
    parts = [
        check,
        "gamma",
        f"concentration={at}",
        "concentration",
        *([f] if f else []),
        "a/file.py:g",
        f"numpy-{dtype}",
    ]
    return Result(
        case="/".join(parts), subject="a/file.py:g", check=check, status=status, family="gamma",
        parameters={"concentration": at}, parameter="concentration", f=f, backend="numpy", dtype=dtype,
        message=f"{status}\n  a line\n  reproduce: fsb-oracle verify", **more,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip


SPECTRUM = {
    "frequencies": [0.1, 1.5, 8.0],
    "waves": ["cos(z/10)", "cos(3*z/2)", "cos(8*z)"],
    "bias": [0.0, 0.4, 0.1],
    "scale": [1.0, 1.0, 2.0],
    "exact": [0.3, -0.8, 0.0],
}


def test_a_failure_names_what_passes_beside_it() -> None:
    failed = result("sin(3*z)", "float32", Status.fail, details={"ratio": 0.5})
    others = [
        result("sin(3*z)", "float64", Status.pass_),
        result("z**2", "float32", Status.within_margin),
        result("tanh(z)", "float32", Status.fail),
        result("sin(3*z)", "float32", Status.pass_, at="7"),
        result("z", "float64", Status.pass_),  # differs in two things: no neighbour
        result(None, "float32", Status.fail, "spectrum", details=SPECTRUM),
    ]
    told, *rest = with_neighbours([failed, *others])
    assert told.details == {
        "ratio": 0.5,
        "neighbours": {
            "back ends and dtypes": {"pass": ["numpy-float64"], "fail": []},
            "f": {"pass": ["z**2"], "fail": ["tanh(z)"]},
            "points": {"pass": ["concentration=7"], "fail": []},
        },
        "worst_wave": {"frequency": 1.5, "f": "cos(3*z/2)", "share": 0.4, "ratio": 0.5},
    }
    lines = told.message.split("\n  ")
    assert lines[:2] == ["fail", "a line"] and lines[-1] == "reproduce: fsb-oracle verify"
    assert "neighbours, other f: pass z**2; fail tanh(z)" in lines
    assert any("1.5/spread, f = cos(3*z/2): bias 0.4 S, estimate / exact = 0.5" in line for line in lines)
    assert rest[:2] == others[:2]  # what did not fail is left alone


def test_a_failure_alone_is_left_as_it_is() -> None:
    alone = result("sin(3*z)", "float32", Status.fail)
    assert with_neighbours([alone]) == (alone,)


def test_long_lists_are_cut() -> None:
    failed = result("z", "float64", Status.fail)
    others = [result(f"z**{power}", "float64", Status.pass_) for power in range(2, 12)]
    assert "z**7 and 4 more" in with_neighbours([failed, *others])[0].message


def test_what_is_said_again_is_said_once() -> None:
    """A record that is completed later tells its neighbours anew."""
    failed = result("sin(3*z)", "float32", Status.fail, details={"ratio": 0.5})
    spectrum = result(None, "float32", Status.fail, "spectrum", details=SPECTRUM)
    part, whole = [failed, spectrum], [failed, spectrum, result("sin(3*z)", "float64", Status.pass_)]
    assert with_neighbours(with_neighbours(whole)) == with_neighbours(whole)
    assert with_neighbours([*with_neighbours(part), whole[-1]]) == with_neighbours(whole)
