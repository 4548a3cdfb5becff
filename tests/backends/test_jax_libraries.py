"""Classes of libraries on JAX are asked at few numbers of points, since each is compiled anew, and answer as many."""

import jax.numpy as jnp
import numpy as np
import pytest

from fsb_oracle.families import get_family
from fsb_oracle.subjects.libraries.entry import same
from fsb_oracle.subjects.libraries.jax_law import FEW, JaxLaw, Style
from fsb_oracle.subjects.libraries.subjects import LibraryScore

pytestmark = pytest.mark.jax


class Exponential:
    asked: set[int]

    def __init__(self, rate):
        self.rate = rate

    def log_prob(self, z):
        self.asked.add(len(z))
        return jnp.log(self.rate) - self.rate * z

    def cdf(self, z):
        self.asked.add(len(z))
        return -jnp.expm1(-self.rate * z)


def _subject():
    style = Style(
        sample=lambda law, key, shape: jnp.ones(shape),
        statistic=lambda law, name, argument: getattr(law, name)(argument),
        differentiable=lambda cls, law: False,
    )
    return LibraryScore(
        JaxLaw(Exponential, same("exponential", "rate"), get_family("exponential"), "Exponential", style), "E", "E"
    )


def test_few_points_are_one_length_and_the_answers_are_those_asked_for():
    subject, Exponential.asked = _subject(), set()
    at = {"rate": 2}
    for count in (1, 5, FEW):
        z = np.linspace(0.5, 3, count)
        for batched in (True, False):
            np.testing.assert_allclose(subject.log_prob(at, z, "float64", batched), np.log(2) - 2 * z, rtol=1e-14)
        np.testing.assert_allclose(subject.scores_at("rate", at, z, "float64"), 0.5 - z, rtol=1e-14)
        np.testing.assert_allclose(subject.statistic("cdf", at, "float64", z), -np.expm1(-2 * z), rtol=1e-14)
    assert Exponential.asked == {FEW}


def test_many_points_are_asked_as_they_are():
    subject, Exponential.asked = _subject(), set()
    z = np.linspace(0.5, 3, FEW + 1)
    np.testing.assert_allclose(subject.log_prob({"rate": 2}, z, "float64"), np.log(2) - 2 * z, rtol=1e-14)
    assert Exponential.asked == {FEW + 1}
