"""Laws that are other laws under a map: their exact values and gradients are those of the other, by its own routes."""

from fractions import Fraction

import pytest

from fsb_oracle import exact
from fsb_oracle.families import get_family
from fsb_oracle.rules import list_rules, rules_for
from fsb_oracle.rules.proof import prove

LAWS = (
    "rayleigh", "half_normal", "frechet", "log_logistic", "log_laplace", "beta_prime", "asymmetric_laplace", "chi",
    "nakagami", "maxwell", "generalized_gamma", "levy", "tweedie",
)  # fmt: skip

# a law, f; the other, its f; and for each parameter of the first the other's parameter with the chain factor
PAIRS = [
    (
        "rayleigh",
        {"scale": "0.8"},
        "exp(-z**2)",
        "exponential",
        {"rate": "25/32"},
        "exp(-z)",
        {"scale": ("rate", "-125/64")},
    ),
    (
        "half_normal",
        {"scale": "0.8"},
        "exp(-z**2)",
        "normal",
        {"loc": "0", "scale": "0.8"},
        "exp(-z**2)",
        {"scale": ("scale", "1")},
    ),
    ("chi", {"df": "3"}, "exp(-z**2)", "chi2", {"df": "3"}, "exp(-z)", {"df": ("df", "1")}),
    (
        "nakagami",
        {"concentration": "2", "scale": "1"},
        "exp(-z**2)",
        "gamma",
        {"concentration": "2", "rate": "2"},
        "exp(-z)",
        {"scale": ("rate", "-4")},
    ),
    (
        "log_logistic",
        {"scale": "1", "concentration": "1"},
        "exp(-z**2)",
        "beta_prime",
        {"concentration1": "1", "concentration0": "1"},
        "exp(-z**2)",
        {},
    ),
    (
        "beta_prime",
        {"concentration1": "2", "concentration0": "3"},
        "z/(1 + z)",
        "beta",
        {"concentration1": "2", "concentration0": "3"},
        "z",
        {"concentration1": ("concentration1", "1"), "concentration0": ("concentration0", "1")},
    ),
    (
        "maxwell",
        {"scale": "0.8"},
        "exp(-z**2)",
        "gamma",
        {"concentration": "3/2", "rate": "25/32"},
        "exp(-z)",
        {"scale": ("rate", "-125/64")},
    ),
    (
        "generalized_gamma",
        {"scale": "1", "concentration": "2.5", "power": "2"},
        "exp(-z**2)",
        "gamma",
        {"concentration": "2.5", "rate": "1"},
        "exp(-z)",
        {"concentration": ("concentration", "1"), "scale": ("rate", "-2")},
    ),
    (
        "levy",
        {"loc": "0.3", "scale": "0.8"},
        "1/(1 + z**2)",
        "stable",
        {"alpha": "1/2", "beta": "1", "loc": "0.3", "scale": "0.8"},
        "1/(1 + z**2)",
        {"loc": ("loc", "1"), "scale": ("scale", "1")},
    ),
    (
        "tweedie",
        {"rate": "1.5", "jump_concentration": "0.7", "jump_rate": "2"},
        "tanh(z)",
        "compound_poisson",
        {"rate": "1.5", "jump": "gamma(concentration=0.7, rate=2)"},
        "tanh(z)",
        {"rate": ("rate", "1"), "jump_rate": ("jump.rate", "1")},
    ),
    (
        "frechet",
        {"scale": "1", "concentration": "3"},
        "1/(1 + z)",
        "weibull",
        {"scale": "1", "concentration": "3"},
        "z/(1 + z)",
        {"scale": ("scale", "-1"), "concentration": ("concentration", "1")},
    ),
    (
        "log_laplace",
        {"scale": "1", "concentration": "3"},
        "z/(1 + z)",
        "laplace",
        {"loc": "0", "scale": "1/3"},
        "1/(1 + exp(-z))",
        {"scale": ("loc", "1"), "concentration": ("scale", "-1/9")},
    ),
]


@pytest.mark.parametrize(
    ("law", "at", "f", "other", "other_at", "g", "chain"), PAIRS, ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_mapped_law_has_the_exact_values_of_the_other(law, at, f, other, other_at, g, chain):
    ours, theirs = exact(law, at, f), exact(other, other_at, g)
    assert ours.expectation.ball.overlaps(theirs.expectation.ball) and ours.expectation.digits >= 30
    for parameter, (of_other, factor) in chain.items():
        number = Fraction(factor)
        truth = theirs.gradient[of_other].ball * number.numerator / number.denominator
        assert ours.gradient[parameter].digits >= 30 and ours.gradient[parameter].ball.overlaps(truth), parameter


def test_an_asymmetric_laplace_law_with_equal_scales_is_laplace():
    ours = exact("asymmetric_laplace", {"loc": "0.3", "scale1": "1.2", "scale0": "1.2"}, "exp(-z**2)")
    laplace = exact("laplace", {"loc": "0.3", "scale": "1.2"}, "exp(-z**2)")
    assert ours.expectation.ball.overlaps(laplace.expectation.ball) and ours.expectation.level == 3
    assert ours.gradient["loc"].ball.overlaps(laplace.gradient["loc"].ball)
    both = ours.gradient["scale1"].ball + ours.gradient["scale0"].ball
    assert both.overlaps(laplace.gradient["scale"].ball)
    assert not ours.gradient["scale1"].ball.overlaps(ours.gradient["scale0"].ball)


@pytest.mark.parametrize("concentration", ["1/10", "3"])
@pytest.mark.parametrize("f", ["cos(3*z)", "cos(9*z) + 2"])
def test_a_log_laplace_law_is_half_a_pareto_and_half_a_beta_law_across_its_kink(f, concentration):
    ours = exact("log_laplace", {"scale": "1", "concentration": concentration}, f)
    above = exact("pareto", {"scale": "1", "alpha": concentration}, f)
    below = exact("beta", {"concentration1": concentration, "concentration0": "1"}, f)
    assert ours.expectation.level == 3 and set(ours.expectation.routes) == {"density", "cdf"}
    assert (2 * ours.expectation.ball).overlaps(above.expectation.ball + below.expectation.ball)
    slope = above.gradient["alpha"].ball + below.gradient["concentration1"].ball
    assert ours.gradient["concentration"].digits >= 30 and (2 * ours.gradient["concentration"].ball).overlaps(slope)
    assert ours.gradient["scale"].digits >= 30 and ours.gradient["scale"].level == 3


@pytest.mark.parametrize("name", LAWS)
def test_every_parameter_has_a_rule_that_is_proved_at_an_extreme_edge(name):
    law = get_family(name)
    assert {rule.parameter for rule in list_rules() if rule.family == name} == set(law.names)
    at = law.parse(law.edges[3])
    for parameter in law.names:
        rule = rules_for(law, parameter)[0]
        frequency = Fraction(1) if rule.space == "log" else Fraction(1, 3)
        assert prove(rule, at, (frequency,), digits=30).holds, rule.id
