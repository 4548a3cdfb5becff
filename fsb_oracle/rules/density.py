"""A law of one variable as a noise primitive of its own, by its density: one quadrature variable instead of several."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.backends.noise import Noise, log_x, x
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import HALF_LINE, z


def density_noise(family: Family, parameters: Parameters) -> Noise | None:
    """The sample of a law at exact parameters as a primitive; None unless its support is the half-line.

    Nor where it has several charts: its density has kinks between them.
    """
    if family.support != HALF_LINE or family.log_density is None or len(family.charts) > 1:
        return None
    return _density_noise(family, tuple(parameters.items()))


@lru_cache(maxsize=512)
def _density_noise(family: Family, parameters: tuple[tuple[str, Any], ...]) -> Noise:
    assert family.log_density is not None
    expression = family.at(family.log_density, dict(parameters)).xreplace({sympy.log(z): log_x}).xreplace({z: x})
    return type("Density", (Noise,), {"support": "half-line", "log_density": expression})()
