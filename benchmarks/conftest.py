"""Every benchmark has two sides, `peer` (what a user would write) and `ours`, measured by turns in one group.

    @pytest.mark.parametrize("side", ["peer", "ours"])
    def test_something(benchmark, side):
        benchmark.group = "something, 30 digits"
        benchmark.extra_info["side"] = side
        benchmark(ours if side == "ours" else peer)

`tools/benchmark_ratios.py` turns the JSON file of a run into a table of ratios.
"""

from __future__ import annotations

import pytest

TURNS = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat the whole set in turns: both sides of a group then share a slow spell of the machine."""
    metafunc.parametrize("turn", range(TURNS), indirect=True, ids=[f"turn{turn}" for turn in range(TURNS)])


@pytest.fixture(autouse=True)
def turn(request: pytest.FixtureRequest) -> int:
    """Which repetition this is; pytest-benchmark writes it to the JSON file with the other parameters."""
    return request.param
