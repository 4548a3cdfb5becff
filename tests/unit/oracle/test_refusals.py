"""What cannot be answered is refused in one sentence that names the value."""

import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle import exact, expectation, gradient, velocity

NORMAL = {"loc": 0, "scale": 1}
GAMMA = "gamma with concentration={},rate={}"
BETA_LAW = "beta with concentration1=2,concentration0=0.5"
STANDARD = "normal with loc=0,scale=1"
REFUSED = [
    ("gamma", {"concentration": 2, "rate": 1}, "exp(z)", "E exp(z) does not exist for " + GAMMA.format(2, 1)),
    (
        "gamma",
        {"concentration": 2, "rate": "0.5"},
        "exp(z)",
        "E exp(z) does not exist for " + GAMMA.format(2, 0.5),
    ),
    ("exponential", {"rate": 2}, "exp(3*z)", "E exp(3*z) does not exist for exponential with rate=2"),
    ("laplace", NORMAL, "cosh(z)", "E cosh(z) does not exist for laplace with loc=0,scale=1"),
    ("normal", NORMAL, "exp(z**2)", f"E exp(z**2) does not exist for {STANDARD}"),
    ("gamma", {"concentration": "0.5", "rate": 1}, "1/z", "E 1/z does not exist for " + GAMMA.format(0.5, 1)),
    ("beta", {"concentration1": 2, "concentration0": "0.5"}, "1/(1-z)", f"does not exist for {BETA_LAW}"),
    ("normal", NORMAL, "log(z)", f"f = log(z) is not a finite real number on the support of {STANDARD}"),
    ("laplace", NORMAL, "sqrt(z)", "f = sqrt(z) is not a finite real number on the support of laplace"),
    ("normal", NORMAL, "1/z", f"E 1/z does not exist for {STANDARD}"),
    ("normal", NORMAL, "1/(exp(z)-2)", f"E 1/(exp(z) - 2) does not exist for {STANDARD}"),
    ("normal", NORMAL, "Abs(z)**(-3/2)", f"E Abs(z)**(-3/2) does not exist for {STANDARD}"),
    ("normal", NORMAL, "tan(z)", f"E tan(z) does not exist for {STANDARD}"),
    ("normal", NORMAL, "csch(z)", f"E 1/sinh(z) does not exist for {STANDARD}"),
    ("normal", NORMAL, "exp(exp(z))", f"E exp(exp(z)) does not exist for {STANDARD}"),
    ("normal", NORMAL, "exp(cosh(z))", f"E exp(cosh(z)) does not exist for {STANDARD}"),
    ("uniform", {"low": 0, "high": 2}, "tan(z)", "E tan(z) does not exist for uniform with low=0,high=2"),
    ("uniform", {"low": 0, "high": 1}, "1/z", "E 1/z does not exist for uniform with low=0,high=1"),
    (
        "uniform",
        {"low": 0, "high": 1},
        "log(z)",
        "for uniform with low=0,high=1: f is not finite at an end of the support that moves",
    ),
    ("normal", NORMAL, "Abs(sin(z))", "f has too many kinks or jumps: sin(z) has too many zeros"),
    ("normal", NORMAL, "Abs(z-cos(z))", "the zeros of z - cos(z) are not known exactly"),
    ("poisson", {"rate": 2}, "1/z", "f = 1/z is not a finite real number at z = 0"),
    ("poisson", {"rate": 2}, "exp(z**2)", "E exp(z**2) does not exist for poisson with rate=2"),
    ("dirac", {"loc": 0}, "log(z)", "f = log(z) is not a finite real number at z = 0"),
    (
        "dirac",
        {"loc": 1},
        "Heaviside(z-1)",
        "the gradient of E Heaviside(z - 1) does not exist for dirac with loc=1",
    ),
]


@pytest.mark.parametrize(("family", "parameters", "f", "sentence"), REFUSED)
def test_expectations_that_do_not_exist_or_cannot_be_had(family, parameters, f, sentence):
    with pytest.raises(UsageError) as refused:
        exact(family, parameters, f, digits=10)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_just_inside_the_region_of_existence_there_is_an_answer():
    assert expectation("gamma", {"concentration": 2, "rate": "1.001"}, "exp(z)", digits=10).reached
    assert expectation("gamma", {"concentration": "1.01", "rate": 1}, "1/z", digits=10).reached
    assert expectation("laplace", {"loc": 0, "scale": "0.99"}, "cosh(z)", digits=10).reached
    assert expectation("normal", NORMAL, "exp(z**2/4)", digits=10).reached
    assert expectation("gamma", {"concentration": 2, "rate": 1}, "exp(z)/(1+z**2)**3", digits=10).reached


def test_a_jump_at_a_moving_end_is_no_obstacle_inside_but_f_must_be_finite_there():
    assert exact("uniform", {"low": 0, "high": 1}, "sqrt(z)", digits=10).reached
    with pytest.raises(UsageError, match="cannot be computed"):
        gradient("uniform", {"low": 0, "high": 1}, "1/sqrt(z)", "low", digits=10)


@pytest.mark.parametrize("digits", [0, -1, 2.5, True, "30", 10**6])
def test_digits_are_a_whole_number(digits):
    with pytest.raises(UsageError, match="must be a whole number from 1 to 2000"):
        exact("normal", NORMAL, "z", digits=digits)


def test_unknown_names():
    with pytest.raises(UsageError, match="did you mean 'gamma'"):
        exact("gama", {"concentration": 2, "rate": 1}, "z")
    with pytest.raises(UsageError, match="did you mean 'scale'"):
        gradient("normal", NORMAL, "z", "scal")
    with pytest.raises(UsageError, match="rate=-1 must be greater than 0"):
        exact("gamma", {"concentration": 2, "rate": -1}, "z")


def test_velocities_outside_of_the_support_or_without_density():
    with pytest.raises(UsageError, match="point=-1 lies outside of the support of gamma"):
        velocity("gamma", {"concentration": 2, "rate": 1}, "rate", [-1])
    with pytest.raises(UsageError, match="has no density"):
        velocity("poisson", {"rate": 2}, "rate", [1])
    with pytest.raises(UsageError, match="point=x is not a finite number"):
        velocity("normal", NORMAL, "loc", ["x"])
