"""Mixtures and compound Poisson laws, against those of their parts."""

from fractions import Fraction

import mpmath

from fsb_oracle.oracle import density
from fsb_oracle.oracle.exact import exact, expectation, gradient

MIXTURE = {"logits": "[0.3, -0.4]", "components": "[normal(loc=-1, scale=1), gamma(concentration=2.5, rate=1)]"}
COMPOUND = {"rate": "1.5", "jump": "normal(loc=0.2, scale=0.8)"}


def _m(number):
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


def test_mixtures_weigh_their_components():
    with mpmath.workdps(50):
        p = 1 / (1 + mpmath.exp(_m("-0.7")))
        one = exact("normal", {"loc": -1, "scale": 1}, "tanh(z)")
        other = exact("gamma", {"concentration": "2.5", "rate": 1}, "tanh(z)")
        found = exact("mixture", MIXTURE, "tanh(z)")
        first, second = _m(one.expectation.value), _m(other.expectation.value)
        tolerance = mpmath.mpf(10) ** -29
        assert abs(_m(found.expectation.value) - p * first - (1 - p) * second) < tolerance
        assert abs(_m(found.gradient["logits.0"].value) - p * (1 - p) * (first - second)) < tolerance
        slope = p * _m(one.gradient["scale"].value)
        assert abs(_m(found.gradient["components.0.scale"].value) - slope) < tolerance
        assert found.expectation.level == 3


def test_mixtures_hold_vectors_and_atoms(agrees):
    vectors = "[multivariate_normal(loc=[0, 1], covariance_matrix=[[1, 0], [0, 1]]), dirichlet(concentration=[1, 3])]"
    found = exact("mixture", {"logits": "[0, 0]", "components": vectors}, "z0 + 2*z1")
    agrees(found.expectation, (mpmath.mpf(2) + mpmath.mpf(7) / 4) / 2)
    atoms = exact("mixture", {"logits": "[0, 0]", "components": "[dirac(loc=2), poisson(rate=3)]"}, "z**2")
    agrees(atoms.expectation, mpmath.mpf(8))
    agrees(atoms.gradient["components.0.loc"], mpmath.mpf(2))


def test_compound_poisson_has_an_atom_at_0(agrees):
    """E Heaviside(Z) = exp(-rate)/2 + (1 - exp(-rate)) P(S > 0), where Heaviside(0) = 1/2."""
    with mpmath.workdps(50):
        found = exact("compound_poisson", {"rate": 2, "jump": "gamma(concentration=1.5, rate=1)"}, "Heaviside(z)")
        agrees(found.expectation, 1 - mpmath.exp(-2) / 2)
        agrees(found.gradient["rate"], mpmath.exp(-2) / 2)


def test_compound_poisson_sums_and_waves(agrees):
    with mpmath.workdps(50):
        found = exact("compound_poisson", COMPOUND, "cos(z)")
        phi = mpmath.exp(_m("0.2") * 1j - _m("0.32"))
        truth = mpmath.exp(_m("1.5") * (phi - 1))
        agrees(found.expectation, mpmath.re(truth))
        agrees(found.gradient["rate"], mpmath.re((phi - 1) * truth))

        # E Max(Z - 1, 0) as a sum over the number of jumps of the normal formula
        def call(n):
            mean, spread = n * _m("0.2") - 1, mpmath.sqrt(n) * _m("0.8")
            return mean * mpmath.ncdf(mean / spread) + spread * mpmath.npdf(mean / spread)

        kinked = expectation("compound_poisson", COMPOUND, "Max(z - 1, 0)")
        terms = (mpmath.exp(-_m("1.5")) * _m("1.5") ** n / mpmath.factorial(n) * call(n) for n in range(1, 60))
        agrees(kinked, mpmath.fsum(terms))
        assert kinked.level == 3


def test_the_mean_of_a_sum_of_jumps_and_its_derivative_in_the_rate_share_their_integrals(monkeypatch):
    """Those for each number of jumps, of the density and of the transform."""
    asked = []
    integrate = density.integrate
    monkeypatch.setattr(density, "integrate", lambda cell, *rest: asked.append(cell) or integrate(cell, *rest))
    parameters = {"rate": "1.25", "jump": "exponential(rate=2)"}
    found = expectation("compound_poisson", parameters, "Max(z - 1, 0)", digits=10)
    before = len(asked)
    assert before > 10
    moved = gradient("compound_poisson", parameters, "Max(z - 1, 0)", "rate", digits=10)
    assert found.level == moved.level == 3
    assert len(asked) - before < before / 4
