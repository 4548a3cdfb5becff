"""Rules of laws of several variables: proved from their kernels, and their samples' means are the exact gradients."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import fsb_oracle
from fsb_oracle import UsageError, fourier
from fsb_oracle.families import resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules.vector import class_of, get_vector_rule, vector_rules_of
from fsb_oracle.rules.vector_proof import prove_vector, transform_of
from fsb_oracle.subjects.vector_rules import vector_laws, vector_rule_subjects

PLANE_WAVES = [law for law in vector_laws() if vector_rules_of(law) and transform_of(law) and law.name != "wishart"]
RULES = [(law, rule) for law in PLANE_WAVES for rule in vector_rules_of(law)]


def _directions(law):
    first = tuple(Fraction(k + 1, 3) * (-1) ** k for k in range(len(law.samples)))
    return (first, tuple(Fraction(7 - 2 * k, 5) for k in range(len(law.samples))))


@pytest.mark.parametrize(("law", "rule"), RULES, ids=[f"{rule.id}-{law.shape[-1]}" for law, rule in RULES])
def test_multiplier_identity(law, rule):
    at = law.parse(law.edges[0])
    assert prove_vector(rule, at, _directions(law), digits=30).agreement >= 30


@pytest.mark.parametrize(("law", "rule"), RULES, ids=[f"{rule.id}-{law.shape[-1]}" for law, rule in RULES])
def test_a_changed_constant_breaks_the_proof(law, rule):
    at, kernel, tweak = law.parse(law.edges[0]), rule.kernel, Fraction(10**24 + 1, 10**24)

    def with_z(f, c, z, **noise):
        return kernel(f, c, z, **noise) * c.math.rational(tweak.numerator, tweak.denominator)

    def without_z(f, c, **noise):
        return kernel(f, c, **noise) * c.math.rational(tweak.numerator, tweak.denominator)

    changed = replace(rule, kernel=with_z if rule.uses_z else without_z)
    proof = prove_vector(changed, at, _directions(law)[:1], digits=30)
    assert not proof.holds
    assert proof.agreement == pytest.approx(24, abs=1.5)


def test_every_vector_parameter_has_a_rule():
    for law in vector_laws():
        served = {rule.parameter for rule in vector_rules_of(law)}
        if served:
            assert served == {name.partition(".")[0] for name in law.continuous_names}, law.name


NORMAL = {"loc": [0.1, -0.2], "covariance_matrix": [[1, 0.3], [0.3, 2]]}
ROOT = {"loc": [0.1, -0.2], "scale_tril": [[1, 0], [0.3, 1.4]]}
SAMPLED = [
    ("multivariate_normal", NORMAL, "Max(z0 + z1, 0)", {"loc": "MVN-mu-L", "covariance_matrix": "MVN-Sig-A"}),
    ("multivariate_normal", NORMAL, "sin(z0 - z1)", {"loc": "MVN-mu-D", "covariance_matrix": "MVN-Sig-D2"}),
    ("multivariate_normal", ROOT, "sin(z0 - z1)", {"scale_tril": "MVN-L-path"}),
    ("multivariate_normal", ROOT, "sin(z0 - z1)", {"scale_tril": "MVN-L-D2"}),
    ("multivariate_student_t", {"df": 12} | ROOT, "sin(z0 - z1)", {"loc": "MVT-mu-D", "scale_tril": "MVT-L-path"}),
    ("multivariate_laplace", NORMAL, "sin(z0 - z1)", {"loc": "MVL-mu-D", "covariance_matrix": "MVL-Sig-U"}),
    ("multivariate_laplace", NORMAL, "sin(z0 - z1)", {"covariance_matrix": "MVL-Sig-D2"}),
    (
        "asymmetric_multivariate_laplace",
        NORMAL | {"drift": [0.5, -0.3]},
        "sin(z0 - z1)",
        {"loc": "AML-mu-D", "drift": "AML-m-U", "covariance_matrix": "AML-Sig-U"},
    ),
    (
        "asymmetric_multivariate_laplace",
        NORMAL | {"drift": [0.5, -0.3]},
        "sin(z0 - z1)",
        {"drift": "AML-m-S", "covariance_matrix": "AML-Sig-D2"},
    ),
    (
        "multivariate_poisson",
        {"rates": [1.5, 2], "shared_rate": 0.7},
        "Heaviside(z0 - z1) + sin(z0*z1)",
        {"rates": "MPO-r-S", "shared_rate": "MPO-s-S"},
    ),
    ("multinomial", {"total_count": 5, "logits": [0.1, -0.2, 0.5]}, "z0*z1 + z2**2", {"logits": "MUL-logit"}),
    ("categorical", {"logits": [0.1, -0.2, 0.5]}, "sin(z)", {"logits": "CAT-logit"}),
    (
        "dirichlet_multinomial",
        {"total_count": 12, "concentration": [0.3, 0.2, 4]},
        "sin(z0 - 2*z1) + z2**2",
        {"concentration": "DMN-P"},
    ),
    (
        "beta_binomial",
        {"total_count": 6, "concentration1": 0.3, "concentration0": 1.4},
        "sin(z) + Heaviside(z - 3)",
        {"concentration1": "BBN-a-P", "concentration0": "BBN-b-P"},
    ),
]


@pytest.mark.parametrize(("law", "params", "f", "rule"), SAMPLED, ids=["-".join(case[3].values()) for case in SAMPLED])
def test_the_mean_is_the_exact_gradient(law, params, f, rule):
    count = 40_000
    drawn = fourier.gradient(law, f, params, count, np.random.default_rng(7), rule)
    exact = fsb_oracle.exact(law, params, f, digits=10).gradient
    for name, g in drawn.items():
        assert g.shape == (count, *np.shape(params[name]))
        for index in np.ndindex(*g.shape[1:]):
            contributions = g[(slice(None), *index)]
            wanted = float(exact[".".join([name, *map(str, index)])])
            error = contributions.std() / np.sqrt(count)
            assert abs(contributions.mean() - wanted) <= 5 * error + 1e-12, (name, index)


def test_batches_broadcast_and_the_recommended_rules_are_the_default():
    loc = np.array([[0.1, -0.2], [1.0, 2.0], [0.0, 0.0]])
    g = fourier.gradient(
        "multivariate_normal", "z0*z1", {"loc": loc, "covariance_matrix": np.eye(2)}, 5, np.random.default_rng(0)
    )
    assert g["loc"].shape == (5, 3, 2)
    assert g["covariance_matrix"].shape == (5, 3, 2, 2)
    assert np.allclose(g["covariance_matrix"], np.swapaxes(g["covariance_matrix"], -1, -2))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"loc": 0.3, "scale_tril": [[1.0]]}, "must be a vector"),
        ({"loc": [0.0, 1.0], "scale_tril": [[1.0, 0.0]]}, "square matrix"),
        ({"loc": np.zeros((3, 2)), "scale_tril": np.stack([np.eye(2)] * 4)}, "do not broadcast"),
        ({"loc": [0.0, 1.0]}, "exactly one of covariance_matrix, scale_tril"),
    ],
)
def test_wrong_shapes_are_refused_in_one_sentence(params, words):
    with pytest.raises(UsageError, match=words):
        fourier.gradient("multivariate_normal", "z0", params, 5, np.random.default_rng(0))


def test_an_unknown_rule_or_variable_is_refused():
    with pytest.raises(UsageError, match="did you mean"):
        fourier.gradient("multivariate_normal", "z0", ROOT, 5, np.random.default_rng(0), "MVN-mu-E")
    with pytest.raises(UsageError, match="f uses z7"):
        fourier.gradient("multivariate_normal", "z7", ROOT, 5, np.random.default_rng(0))


def test_the_class_of_f():
    texts = {"F2": "sin(z0)*z1", "F1": "Max(z0, z1)", "F0": "Heaviside(z0 - z1)"}
    assert {class_of(integrand(text, named=False)): text for text in texts.values()} == texts


def test_a_dropped_factor_is_seen_by_the_proof():
    law, values = resolve_family("multivariate_normal", NORMAL)
    wrong = replace(get_vector_rule(law, "MVN-Sig-D2"), kernel=lambda f, c, z: f.hessian(z))
    assert prove_vector(wrong, values, _directions(law)[:1]).agreement < 1


def test_subjects_claim_every_component():
    for subject in vector_rule_subjects(("numpy",)):
        got = subject.contributions(
            subject.family.parse(subject.family.edges[0]),
            integrand(f"{subject.family.samples[0]}**2", named=False),
            3,
            np.random.SeedSequence(1),
            "float32",
        )
        assert tuple(got) == subject.claimed
        assert all(np.isfinite(g).all() for g in got.values()), subject.name
