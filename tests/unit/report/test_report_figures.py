"""What the pictures show."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from statistics import NormalDist
from types import SimpleNamespace

import pytest

from fsb_oracle.records import Result, Status
from fsb_oracle.report.accuracy import accuracy_maps, accuracy_picture, error_class
from fsb_oracle.report.calibration import band, calibration, calibration_picture, z_score
from fsb_oracle.report.interval_picture import interval_picture
from fsb_oracle.report.measured_variances import forest, forest_picture, measurement
from fsb_oracle.report.regimes import crossings, ratio_class, regime_groups, regime_picture
from fsb_oracle.report.spectra import curves, peak_text, spectrum_groups, spectrum_picture
from fsb_oracle.report.variances import variance_panels, variance_picture


def label_of(svg: str) -> str:
    """The aria-label of a figure."""
    found = re.search(r'aria-label="([^"]*)"', svg)
    assert found is not None
    return found[1]


def test_an_interval_says_its_numbers_and_draws_the_margin(make: SimpleNamespace) -> None:
    svg = interval_picture(make.unbiased(status=Status.fail, share=0.123))
    assert label_of(svg).startswith("Bias +12.3 % of S; interval +11.7 % to +12.9 %; margin 2 %")
    assert 'class="margin"' in svg
    assert ">exact</text>" in svg
    assert svg.index("whisker fail") > 0


def test_an_interval_without_a_scale_is_in_units_of_the_gradient(make: SimpleNamespace) -> None:
    svg = interval_picture(make.unbiased(status=Status.fail, share=0.1, bias_scale=None))
    assert label_of(svg).startswith("Bias +0.048; interval +0.0451 to +0.0509")
    assert 'class="margin"' not in svg


def test_a_result_without_a_bias_has_no_picture(make: SimpleNamespace) -> None:
    assert interval_picture(make.crash()) == ""
    assert spectrum_picture(make.crash()) == ""


def test_statuses_have_their_own_shapes(make: SimpleNamespace) -> None:
    statuses = (Status.fail, Status.within_margin, Status.inconclusive)
    pictures = [interval_picture(make.unbiased(status=status)) for status in statuses]
    shapes = [re.findall(r'<path class="mark \w+" d="M[\d.]+ [\d.]+([^"]+)"', picture) for picture in pictures]
    assert all(len(shape) == 1 for shape in shapes)
    assert len({shape[0] for shape in shapes}) == 3


def test_a_spectrum_is_in_units_of_the_scale_at_each_frequency(make: SimpleNamespace) -> None:
    result = make.spectrum(status=Status.fail, size=0.09)
    (curve,) = curves(result)
    assert len(curve.frequencies) == 32
    w, peak = curve.peak
    assert w == pytest.approx(2.0, rel=0.3)
    assert peak == pytest.approx(0.09, abs=0.004)
    assert peak_text(result).startswith("largest |B| 9")
    assert "fail" in label_of(spectrum_picture(result))


def test_a_spectrum_with_gaps_and_parts_is_still_drawn(make: SimpleNamespace) -> None:
    details = {
        "frequencies": [1.0, 0.5, 1.0, 0.5, 2.0, 0.0],
        "bias": [0.1, 0.2, 0.3, 0.4, None, 0.5],
        "lower": [0.0] * 6,
        "upper": [0.5] * 6,
        "scale": 2.0,
    }
    first, second = curves(make.unbiased(details=details))
    assert (first.frequencies, first.bias) == ((0.5, 1.0), (0.1, 0.05))
    assert (second.frequencies, second.bias) == ((0.5, 1.0), (0.2, 0.15))
    empty = make.unbiased(details={**details, "bias": [None] * 6})
    assert spectrum_picture(empty) == ""
    assert peak_text(empty) == "no finite value"


def test_spectra_are_grouped_and_the_gravest_are_kept(make: SimpleNamespace) -> None:
    quiet = [make.spectrum("GAM-k-U", seed=seed) for seed in range(5)]
    record = make.record([*quiet, make.spectrum("mine:a", Status.fail, 0.2)])
    groups, left_out = spectrum_groups(record, 3)
    assert [title for title, _ in groups] == ["mine:a · gamma concentration", "Passes, those with the widest bands"]
    assert left_out == 3


def comparison(make: SimpleNamespace, f: str, **ratios: float | None) -> Result:
    """A variance result with these ratios."""
    rows = [
        {
            "id": name.replace("_", "-"),
            "second_moment": 1.0,
            "variance": 1.0,
            "ratio": ratio,
            "cost": "1 f",
            "error": 0.0,
        }
        for name, ratio in ratios.items()
    ]
    return make.unbiased(f=f, details={"rows": rows})


def test_variance_panels_merge_back_ends_and_order_estimators(make: SimpleNamespace) -> None:
    repeated = [make.variance("GAM-k-U", "tanh(z)", 0, engine) for engine in (("numpy", "float64"), ("jax", "float32"))]
    other = make.variance("GAM-k-SB", "tanh(z)", 0)
    (panel,) = variance_panels(make.record([*repeated, other]))
    assert panel.estimators == ("GAM-k-SB", "GAM-k-U", "score", "score-best", "pathwise")
    assert len(panel.comparisons) == 1
    assert panel.shapes["GAM-k-U"] != panel.shapes["GAM-k-SB"]


def test_laws_are_in_the_order_of_numbers(make: SimpleNamespace) -> None:
    results = [make.variance("GAM-k-U", "tanh(z)", seed) for seed in (9, 1, 19)]
    (panel,) = variance_panels(make.record(results))
    assert [c.parameters.split(",")[0] for c in panel.comparisons] == [
        "concentration=1.5",
        "concentration=9.5",
        "concentration=19.5",
    ]


def test_ratios_above_and_below_one_are_both_counted_and_shaded(make: SimpleNamespace) -> None:
    results = [
        comparison(make, "z", rule=0.1, score=1.0),
        comparison(make, "z**2", rule=30.0, score=1.0),
        comparison(make, "z**3", rule=0.0, score=1.0),
        comparison(make, "z**4", rule=None, score=1.0),
    ]
    (panel,) = variance_panels(make.record(results))
    svg = variance_picture(panel, 10)
    assert "rule below the score in 2 and above it in 1 of 3 cases, from 0 to 30 times" in label_of(svg)
    assert 'class="less"' in svg
    assert 'class="more"' in svg
    assert ">0 (rule)</text>" in svg
    assert svg.count("hue7") == 3  # the legend and the two ratios that have a place on a log axis


def test_maps_sort_points_into_rows_and_classes(make: SimpleNamespace) -> None:
    results = [make.pointwise(value, "float64") for value in (10.0, 0.1, 2.5)]
    (chart,) = accuracy_maps(make.record(results))
    assert [value for value, _ in chart.rows] == [0.1, 2.5, 10.0]
    assert [point["parameter"] for point in chart.worst] == [0.1, 2.5, 10.0]
    assert "the largest relative error is 3.8" in label_of(accuracy_picture(chart))
    assert [error_class(error) for error in (0.0, 1e-12, 1e-7, 0.5)] == [0, 1, 3, 6]


def test_a_value_that_is_not_finite_is_marked_and_named(make: SimpleNamespace) -> None:
    points = [
        {"parameter": 1.0, "quantile": 0.5, "error": 1e-3, "exact": 1.0, "observed": 1.001},
        {"parameter": 1.0, "quantile": 0.9, "error": None, "exact": 1.0, "observed": None},
    ]
    (chart,) = accuracy_maps(make.record([make.unbiased(details={"points": points})]))
    svg = accuracy_picture(chart)
    assert "the largest relative error is not finite, at concentration 1, quantile 0.9" in label_of(svg)
    assert 'class="mark fail"' in svg


def test_results_whose_points_have_no_place_make_no_map(make: SimpleNamespace) -> None:
    points = [{"parameter": None, "quantile": 0.5, "error": 0.0}, {"parameter": 1.0, "quantile": None, "error": 0.0}]
    assert accuracy_maps(make.record([make.unbiased(details={"points": points})])) == []


def test_scores_of_a_run_lie_on_the_line_or_stand_out(make: SimpleNamespace) -> None:
    good = [
        make.unbiased(share=NormalDist().inv_cdf((rank + 0.5) / 50) * 0.002 / 0.48, at={"rate": str(rank + 1)})
        for rank in range(50)
    ]
    found = calibration(make.record(good))
    assert found is not None
    assert all(abs(expected - score) < 1e-9 for expected, score, _ in found.points)
    assert label_of(calibration_picture(found)).startswith("50 z-scores; 2 lie beyond 2")
    off = calibration(make.record([*good, make.unbiased(status=Status.fail, share=0.5)]))
    assert off is not None
    assert off.failed == 1
    assert "e e6" in calibration_picture(off)


def test_scores_need_a_sample_and_some_company(make: SimpleNamespace) -> None:
    unsampled = make.unbiased(standard_error=None)
    assert z_score(unsampled) is None
    assert z_score(make.crash()) is None
    assert calibration(make.record([make.unbiased()] * 3)) is None
    # no draw fell where f moves: 10^10 standard errors of rounding are not a deviation
    assert z_score(make.unbiased(standard_error=1e-20)) is None


def test_the_band_holds_the_line_and_narrows_with_the_number_of_scores() -> None:
    for total in (20, 2000):
        lower, upper = band(total)
        assert all(low[1] <= low[0] <= high[1] for low, high in zip(lower, upper, strict=True))
    assert band(2000)[1][40][1] < band(20)[1][40][1]


def test_the_forest_shows_the_worst_case_of_each_estimator(make: SimpleNamespace) -> None:
    rows = [make.variance("GAM-k-U", f, seed) for f in ("sin(3*z)", "tanh(z)") for seed in range(2)]
    wrong = make.variance("LAP-b-U", "tanh(z)", 0)
    wrong = replace(wrong, status=Status.fail, variance=2 * wrong.exact_variance, interval=[wrong.exact_variance] * 2)
    found = forest(make.record([*rows, wrong]))
    assert found is not None
    assert [(title.split(" · ")[0], cases) for title, _, cases in found.rows] == [("LAP-b-U", 1), ("GAM-k-U", 4)]
    assert found.rows[0][1].ratio == 2
    assert found.rows[1][1].spread == max(item.spread for r in rows if (item := measurement(r)))
    picture = forest_picture(found, 10)
    assert "1 of them wrong" in label_of(picture)
    assert "mark small fail" in picture
    assert forest(make.record([make.unbiased()])) is None


def test_a_map_says_who_wins_where_and_at_what_cost(make: SimpleNamespace) -> None:
    (group,) = regime_groups(make.record([make.regimes()]))
    assert [regime.against for regime in group.regimes] == ["score"]
    regime = group.regimes[0]
    assert label_of(regime_picture(regime)) == (
        "GAM-k-U has a smaller variance than score at 3 of 5 points, 0.005 to 20 times it; "
        "at equal cost times 2, and smaller at 1"
    )
    # log-interpolated: from 0.5 at 1 to 2 at 4, and from 0.8 at 1 to 20 at 4
    (w0, v0), (w1, v1) = crossings(regime)
    assert (v0, v1) == (1.0, 10.0)
    assert w0 == pytest.approx(2.0)
    assert w1 == pytest.approx(4 ** (math.log(1.25) / math.log(25)))


def test_a_map_writes_its_numbers_and_leaves_unknown_cells_blank(make: SimpleNamespace) -> None:
    (group,) = regime_groups(make.record([make.regimes()]))
    svg = regime_picture(group.regimes[0])
    assert svg.count("<rect") == 5
    for word in (">0.005<", ">0.5<", ">2<", ">0.8<", ">20<"):
        assert word in svg
    assert [ratio_class(ratio) for ratio in (0.001, 0.05, 0.3, 0.9, 1, 5, 50)] == list(range(7))


def test_a_result_without_a_map_draws_none(make: SimpleNamespace) -> None:
    assert regime_groups(make.record([make.regimes(details={}), make.unbiased()])) == []
