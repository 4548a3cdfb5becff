"""Every estimator under test keeps the metamorphic laws: f + c, c f, n against 2n, caches, both modes."""

from dataclasses import replace

from fsb_oracle.checks import metamorphic

from .strategies import cases


def test_metamorphic(harness):
    found = cases("metamorphic", harness.subjects, dtypes=("float64",))
    if found is not None:
        found = found.map(lambda case: replace(case, tests=metamorphic.TESTS))
    harness.explore(found, 36)
