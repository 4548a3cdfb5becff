"""Normal, Student and Laplace vectors, against closed forms and mpmath's integrals."""

from fractions import Fraction

import mpmath

from fsb_oracle.oracle.exact import exact, expectation, gradient

NORMAL = {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
CHOLESKY = {"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"}
DRIFTING = {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
STUDENT = {"df": "5", **CHOLESKY}


def _m(number):
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


def test_a_wave_of_a_normal_vector(agrees):
    with mpmath.workdps(60):
        spread = 1 + 4 * _m("2") - 4 * _m("0.3")  # of z0 - 2 z1
        mean = _m("0.1") + 2 * _m("0.2")
        decay = mpmath.exp(-spread / 2)
        found = exact("multivariate_normal", NORMAL, "sin(z0 - 2*z1)")
        agrees(found.expectation, mpmath.sin(mean) * decay)
        agrees(found.gradient["loc.1"], -2 * mpmath.cos(mean) * decay)
        agrees(found.gradient["covariance_matrix.0.1"], mpmath.sin(mean) * decay)  # half of -1 * -2 sin
        agrees(found.gradient["covariance_matrix.1.1"], -2 * mpmath.sin(mean) * decay)
        assert found.expectation.level == 3


def test_a_gaussian_of_a_normal_vector(agrees):
    """E exp(-z'z) = det(I + 2S)^(-1/2) exp(-loc'(I + 2S)^-1 loc)."""
    with mpmath.workdps(60):

        def truth(a, b, c):
            determinant = (1 + 2 * a) * (1 + 2 * c) - 4 * b * b
            m0, m1 = _m("0.1"), _m("-0.2")
            form = (m0 * m0 * (1 + 2 * c) + m1 * m1 * (1 + 2 * a) - 4 * b * m0 * m1) / determinant
            return mpmath.exp(-form) / mpmath.sqrt(determinant)

        found = exact("multivariate_normal", NORMAL, "exp(-z0**2 - z1**2)")
        at = (mpmath.mpf(1), _m("0.3"), mpmath.mpf(2))
        agrees(found.expectation, truth(*at))
        agrees(found.gradient["covariance_matrix.0.0"], mpmath.diff(lambda a: truth(a, *at[1:]), at[0]), 25)
        agrees(found.gradient["covariance_matrix.0.1"], mpmath.diff(lambda b: truth(at[0], b, at[2]), at[1]) / 2, 25)


def test_moments_of_a_normal_vector(agrees):
    """Isserlis: E z0**2 z1**2 of a centred vector is ac + 2 b**2."""
    values = {"loc": "[0, 0]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
    found = exact("multivariate_normal", values, "z0**2*z1**2")
    with mpmath.workdps(60):
        agrees(found.expectation, _m("2.18"))
        agrees(found.gradient["covariance_matrix.0.0"], mpmath.mpf(2))
        agrees(found.gradient["covariance_matrix.1.0"], _m("0.6"))
    assert found.expectation.level == 2


def test_a_radial_function_in_three_dimensions():
    """1/(1 + |z|**2) of a standard normal vector, by the integral over the radius."""
    values = {"loc": "[0, 0, 0]", "covariance_matrix": "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"}
    with mpmath.workdps(50):

        def mean(scale):
            density = mpmath.sqrt(2 / mpmath.pi)
            return mpmath.quad(
                lambda r: density * r**2 * mpmath.exp(-r * r / 2) / (1 + scale * r * r), [0, 1, 4, 15, 30]
            )

        truth = mean(mpmath.mpf(1))
        found = expectation("multivariate_normal", values, "1/(1 + z0**2 + z1**2 + z2**2)")
        assert abs(_m(found.value) - truth) < mpmath.mpf(10) ** -28
        # all three diagonal entries move together when the scale does
        slope = gradient("multivariate_normal", values, "1/(1 + z0**2 + z1**2 + z2**2)", "covariance_matrix.1.1")
        assert abs(3 * _m(slope.value) - mpmath.diff(mean, 1)) < mpmath.mpf(10) ** -15


def test_products_of_uncorrelated_components():
    values = {"loc": "[0.5, 1]", "covariance_matrix": "[[1, 0], [0, 4]]"}
    one = expectation("normal", {"loc": "0.5", "scale": 1}, "tanh(z)")
    other = expectation("normal", {"loc": 1, "scale": 2}, "Max(z, 0)")
    slopes = [
        gradient("normal", {"loc": m, "scale": s}, f, "loc") for m, s, f in (("0.5", 1, "tanh(z)"), (1, 2, "Max(z, 0)"))
    ]
    found = exact("multivariate_normal", values, "tanh(z0)*Max(z1, 0)")
    with mpmath.workdps(50):
        assert abs(_m(found.expectation.value) - _m(one.value) * _m(other.value)) < mpmath.mpf(10) ** -29
        mixed = _m(slopes[0].value) * _m(slopes[1].value) / 2
        assert abs(_m(found.gradient["covariance_matrix.0.1"].value) - mixed) < mpmath.mpf(10) ** -29


def test_student_moments(agrees):
    found = exact("multivariate_student_t", STUDENT, "z0*z1")
    with mpmath.workdps(50):
        # loc0 loc1 + df/(df - 2) (LL')01
        agrees(found.expectation, _m("-0.02") + _m(Fraction(5, 3)) * _m("0.3"))
        agrees(found.gradient["df"], _m("0.3") * -2 / 9)
        agrees(found.gradient["scale_tril.1.0"], mpmath.mpf(5) / 3)


def test_student_margins():
    found = exact("multivariate_student_t", STUDENT, "tanh(z1)")
    with mpmath.workdps(40):
        scale = mpmath.sqrt(_m("0.09") + _m("1.96"))
        own = expectation("student_t", {"df": 5, "loc": "-0.2", "scale": str(mpmath.nstr(scale, 38))}, "tanh(z)")
        assert abs(_m(found.expectation.value) - _m(own.value)) < mpmath.mpf(10) ** -28


def test_laplace_waves_and_exponentials(agrees):
    with mpmath.workdps(60):
        found = exact("multivariate_laplace", NORMAL, "cos(z0 + z1)")
        variance, mean = _m("3.6"), _m("-0.1")
        agrees(found.expectation, mpmath.cos(mean) / (1 + variance / 2))
        agrees(found.gradient["covariance_matrix.0.1"], -mpmath.cos(mean) / (1 + variance / 2) ** 2 / 2)
        grown = exact("multivariate_laplace", NORMAL, "exp(z0/2)*z1")
        # d/dt of exp(m0/2 + t m1)/(1 - v/2) at t = 0, v = 1/4 + 2 b t/2 + ...
        front, room = mpmath.exp(_m("0.05")), 1 - mpmath.mpf(1) / 8
        agrees(grown.expectation, front * (_m("-0.2") / room + _m("0.15") / room**2))


def test_laplace_moments_and_exponentials_with_a_drift(agrees):
    with mpmath.workdps(60):
        found = exact("asymmetric_multivariate_laplace", DRIFTING, "z0*z1")
        # E z0 z1 = (0.1 + 0.5 E)(-0.2 - 0.3 E) + 0.3 E, and E has the moments 1 and 2
        agrees(found.expectation, _m("-0.02") - _m("0.13") - _m("0.3") + _m("0.3"))
        agrees(found.gradient["drift.0"], _m("-0.2") - 2 * _m("0.3"))
        agrees(found.gradient["covariance_matrix.0.1"], mpmath.mpf(1) / 2)
        grown = exact("asymmetric_multivariate_laplace", DRIFTING, "exp(z0/2)*z1")
        front, room = mpmath.exp(_m("0.05")), 1 - mpmath.mpf(1) / 4 - mpmath.mpf(1) / 8
        agrees(grown.expectation, front * (_m("-0.2") / room + (_m("-0.3") + _m("0.15")) / room**2))
