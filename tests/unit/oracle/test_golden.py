"""The golden values of d E f / d theta in the literature's parameters, taken through each law's parameter
map.
"""

from fractions import Fraction

import pytest

from fsb_oracle.oracle import gradient

# (family, our parameters, our parameter, factor to the literature's parameter, {f: 12 digits})
COLUMNS = ("sin(z)", "cos(3*z)", "exp(-z**2)", "tanh(z)")
NORMAL = {"loc": "0.3", "scale": "0.8"}
GAMMA = {"concentration": "2.5", "rate": Fraction(10, 7)}  # scale 0.7
SMALL_GAMMA = {"concentration": "0.1", "rate": 1}
LAPLACE = {"loc": "0.3", "scale": "1.2"}
UNIFORM = {"low": "-0.4", "high": "1.7"}
BETA23 = {"concentration1": 2, "concentration0": 3}
BETA34 = {"concentration1": "0.3", "concentration0": "0.4"}
GAMMA_SCALE = -(Fraction(10, 7) ** 2)  # d/d scale = -rate^2 d/d rate
EXPONENTIAL_SCALE = -(Fraction(10, 13) ** 2)
ROWS = [
    ("normal", NORMAL, "loc", 1, "0.69371667166 -0.131915610881 -0.167535087436 0.661290175187"),
    ("normal", NORMAL, "scale", 1, "-0.171673370802 -0.251236282638 -0.411489688439 -0.124160952117"),
    ("gamma", GAMMA, "concentration", 1, "-0.104691543058 0.053255887712 -0.188127513388 0.134579969676"),
    ("gamma", GAMMA, "rate", GAMMA_SCALE, "-0.667956347063 0.280548123331 -0.486746234043 0.340078262182"),
    (
        "gamma",
        SMALL_GAMMA,
        "concentration",
        1,
        "0.730040374277 -1.15678102794 -0.435262140536 0.736957494495",
    ),
    (
        "exponential",
        {"rate": "10/13"},
        "rate",
        EXPONENTIAL_SCALE,
        "-0.0953552327911 -0.0890532610809 -0.234501654212 0.1877031833",
    ),
    ("laplace", LAPLACE, "loc", 1, "0.391531348002 -0.16833672843 -0.101635821836 0.49975855203"),
    ("laplace", LAPLACE, "scale", 1, "-0.119129349635 -0.0688970909242 -0.240702317013 -0.0748425229311"),
    ("uniform", UNIFORM, "low", 1, "0.423511112732 -0.17208083519 -0.121992635765 0.399006944493"),
    ("uniform", UNIFORM, "high", 1, "0.23414753144 0.179518924826 -0.257325257738 0.227354023535"),
    ("beta", BETA23, "concentration1", 1, "0.1093460785 -0.286561062372 -0.0737698913533 0.101792093685"),
    ("beta", BETA23, "concentration0", 1, "-0.0705862086744 0.202756190495 0.0546924677926 -0.0643596684699"),
    ("beta", BETA34, "concentration1", 1, "0.72037449394 -1.65416960734 -0.475247888236 0.665634482918"),
    ("beta", BETA34, "concentration0", 1, "-0.506494400891 1.30149997093 0.415857285398 -0.452646476387"),
    ("poisson", {"rate": "2.5"}, "rate", 1, "-0.26092878424 -0.0132382654473 -0.128315438141 0.113013049523"),
]
GOLDEN = [
    (family, parameters, parameter, factor, f, Fraction(number))
    for family, parameters, parameter, factor, numbers in ROWS
    for f, number in zip(COLUMNS, numbers.split(), strict=True)
]


@pytest.mark.parametrize(("family", "parameters", "parameter", "factor", "f", "golden"), GOLDEN)
def test_golden_value(family, parameters, parameter, factor, f, golden):
    value = gradient(family, parameters, f, parameter)
    ours = Fraction(value.value) * factor
    assert abs(ours - golden) <= Fraction(5, 10**12) * abs(golden)
    assert value.reached
    assert value.digits >= 30
    assert value.level == 3
