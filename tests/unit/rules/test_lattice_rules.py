"""Rules of laws on the integers: proved at every edge, and exact sums of them equal the exact gradient."""

from fractions import Fraction

import numpy as np
import pytest

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.noise import BelowGeometric, Binomial, Geometric, Logarithmic, NegativeBinomial, Poisson
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle import gradient
from fsb_oracle.rules.catalogue import rules_of
from fsb_oracle.rules.nodes import float_nodes
from fsb_oracle.rules.proof import prove
from fsb_oracle.rules.variance import exact_moments

LAWS = ("bernoulli", "poisson", "binomial", "geometric", "negative_binomial", "skellam", "logarithmic")
RULES = [rule for name in LAWS for rule in rules_of(get_family(name))]
ENUMERATED = {"NB-r-SB": ("0.999",), "BIN-p-GO": ("0.5",)}  # where the proof would sum some 10^4 terms


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_proved_at_every_edge(rule):
    for edge in rule.law.edges:
        if edge.get("probs") in ENUMERATED.get(rule.id, ()):
            continue
        at = rule.law.parse(edge)
        spread = Fraction(rule.law.spread(at)).limit_denominator(1000) or Fraction(1, 1000)
        proof = prove(rule, at, tuple(Fraction(k) / spread for k in ("1/20", "7/10", "5")))
        assert proof.holds, (rule.id, edge, proof.worst.agreement)


GOLDEN = {  # d E f / d parameter for f = sin z, tanh z; to 12 digits, by exact sums
    "POI": ({"rate": "2.5"}, -0.26092878424, 0.113013049523),
    "BIN-p-A": ({"total_count": "5", "probs": "0.2"}, 1.15572981786, 1.99870913446),
    "BIN-p-GO": ({"total_count": "5", "probs": "0.2"}, 1.15572981786, 1.99870913446),
    "GEO-p-A": ({"probs": "0.3"}, 0.563712646311, -1.09726072653),
    "GEO-p-S": ({"probs": "0.3"}, 0.563712646311, -1.09726072653),
    "NB-r-S": ({"total_count": "2.3", "probs": "0.6"}, -0.122567763099, 0.131631364127),
    "NB-r-U": ({"total_count": "2.3", "probs": "0.6"}, -0.122567763099, 0.131631364127),
    "NB-r-SB": ({"total_count": "2.3", "probs": "0.6"}, -0.122567763099, 0.131631364127),
    "NB-p-A": ({"total_count": "2.3", "probs": "0.6"}, -1.01695093723, 0.877042799641),
    "NB-p-S": ({"total_count": "2.3", "probs": "0.6"}, -1.01695093723, 0.877042799641),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_exact_sums(rule):
    if rule.id in GOLDEN:
        values, *golden = GOLDEN[rule.id]
        at = rule.law.parse(values)
    else:
        at = rule.law.parse(rule.law.edges[0])
        golden = [float(gradient(rule.law, at, integrand(f), rule.parameter, 20).ball) for f in ("sin(z)", "tanh(z)")]
    for f, value in zip(("sin(z)", "tanh(z)"), golden, strict=True):
        assert exact_moments(rule, at, integrand(f)).mean == pytest.approx(value, abs=6e-12)  # 12 digits


def test_a_size_biased_jump_never_has_the_larger_variance():
    law = get_family("negative_binomial")
    rules = {rule.id: rule for rule in rules_of(law)}
    at = law.parse({"total_count": "0.5", "probs": "0.6"})
    for f in ("sin(3*z)", "tanh(z)", "Heaviside(z - 2)", "z**2"):
        by_part, by_jump = (exact_moments(rules[id], at, integrand(f)).variance for id in ("NB-r-U", "NB-r-SB"))
        assert by_jump <= by_part * (1 + 1e-9)
    assert exact_moments(rules["NB-r-U"], at, integrand("z")).variance == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("noise", "mean"),
    [
        (Poisson(2.5), 2.5),
        (Binomial(1e6, 1e-6), 1.0),
        (Geometric(0.01), 99.0),
        (BelowGeometric(0.3), 0.7 / 0.6),
        (NegativeBinomial(0.01, 0.6), 0.015),
        (Logarithmic(0.9), 9 / np.log(10)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_nodes_on_the_integers_hold_all_the_mass(noise, mean):
    nodes, weights = float_nodes(noise, 3)
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert nodes @ weights == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("name", ["numpy", "torch", "jax"])
@pytest.mark.parametrize("law", [Geometric, BelowGeometric])
@pytest.mark.parametrize("probs", [0.9, 0.3, 0.002])
def test_draws_of_steps_follow_their_masses(name, law, probs):
    backend = get_backend(name)
    with backend.scope("float32"):
        noise = law(backend.array(probs, "float32"))
        stream = backend.stream(np.random.SeedSequence(7))
        draws = backend.numpy(backend.draw(noise, stream, (20_000,), "float32")).astype(int)
    nodes, weights = float_nodes(law(probs), 3)
    below = np.searchsorted(np.sort(draws), nodes, side="right") / draws.size
    # Dvoretzky, Kiefer and Wolfowitz with probability 1e-9
    assert np.abs(below - np.cumsum(weights)).max() < np.sqrt(np.log(2e9) / 2 / draws.size)
