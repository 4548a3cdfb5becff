"""What has no single answer is accused of nothing: derivatives on a circle, where a circle is cut, scores at a kink."""

import numpy as np
import pytest

from fsb_oracle.checks import CHECKS, distribution, score
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.families import get_family
from fsb_oracle.records import Status
from fsb_oracle.subjects.pathwise import PathwiseSubject

SETTINGS = Settings("default", 0.02, 0.02, 1e-3, 1_000_000)
VON_MISES = get_family("von_mises")


class Turned(PathwiseSubject):
    """Von Mises samples between -pi and pi, as libraries give them, with a given derivative in the location."""

    family, claimed, backend_name = VON_MISES, ("loc",), "numpy"
    name = target = "library:VonMises"

    def __init__(self, slope):
        self._slope = slope

    def differentiated_samples(self, values, num_samples, seeds, dtype):
        rng = np.random.default_rng(seeds)
        z = rng.vonmises(float(values["loc"]), float(values["concentration"]), num_samples)
        return z.astype(dtype), {"loc": self._slope(z, values).astype(dtype)}


def _density(z, values):
    turned = values["concentration"] * np.cos(z - values["loc"])
    return np.exp(turned) / (2 * np.pi * np.i0(values["concentration"]))


def _status(slope, point):
    at = VON_MISES.parse(point)
    case = Case("pointwise", Turned(slope), at, "loc", "float64", tests=0, options=1 << 12)
    return CHECKS["pointwise"].check(case, SETTINGS, 0.0)


@pytest.mark.parametrize("concentration", ["0.001", "1"])
def test_every_flow_around_the_circle_is_right(concentration):
    """A constant flow c/p through all points changes no periodic f: the shift by 1, and any other."""
    point = {"loc": "-1", "concentration": concentration}
    for slope in (lambda z, v: np.ones_like(z), lambda z, v: 1 - 0.3 / _density(z, v)):
        result = _status(slope, point)
        assert result.status is Status.pass_, result.message
        assert "draws lie at an end" not in result.message


def test_a_wrong_derivative_on_the_circle_is_found():
    for slope in (lambda z, v: np.cos(z), lambda z, v: np.where(z > 0, 1.0, 0.5)):
        assert _status(slope, {"loc": "-1", "concentration": "1"}).status is Status.fail


def test_where_a_circle_is_cut_is_a_convention():
    for point, other in (({"loc": "0", "concentration": "2"}, False), ({"loc": "0.5", "concentration": "2"}, True)):
        case = Case("distribution", Turned(np.cos), VON_MISES.parse(point), "cdf", "float64", tests=0)
        assert distribution._cut_elsewhere(case) is other


def test_no_score_is_asked_for_at_a_kink():
    laplace = get_family("laplace")
    at = laplace.parse({"loc": "100", "scale": "0.01"})
    drawn = np.array([99.99, 100.0, 100.0, 100.01])
    kept = np.array([99.99, 100.01], dtype="float32")
    assert score._usable(laplace, at, drawn, "float32").tolist() == kept.tolist()
