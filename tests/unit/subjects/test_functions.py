"""The decorator: vectors, matrices, nested laws, means per call, stated means; and what breaks its contract."""

from pathlib import Path

import numpy as np
import pytest

import fsb_oracle
from fsb_oracle import estimator, surrogate
from fsb_oracle.errors import UsageError
from fsb_oracle.records import Status

VECTORS = str(Path(__file__).parents[2] / "data" / "vector_estimators.py")
# one component of each parameter, one f, float64
SELECT = {
    "dirichlet_score": "unbiased/*/concentration.0/f-*",
    "cholesky_pathwise": "unbiased/*/scale_tril.1.0/*",
    "half_the_hessian": "unbiased/*/covariance_matrix.0.1/*",
    "leave_one_out": "unbiased/*/logits.0/sin3/*",
    "mixture_score": "unbiased/*/components.0.loc/*",
}


def verdicts(target, select):
    record = fsb_oracle.verify(target, profile="smoke", select=select)
    assert record.results
    return {result.status for result in record.results}, record


@pytest.mark.parametrize("name", SELECT)
def test_right_estimators_of_vectors_pass(name):
    found, _ = verdicts(f"{VECTORS}:{name}", f"{SELECT[name]}float64")
    assert found == {Status.pass_}


@pytest.mark.parametrize(
    ("name", "select"),
    [
        ("dirichlet_score_without_the_total", "unbiased/*/concentration.0/f-*"),
        ("cholesky_pathwise_transposed", "unbiased/*/scale_tril.1.0/*"),
        ("the_whole_hessian", "unbiased/*/covariance_matrix.0.1/*"),
        ("leave_one_out_over_k", "unbiased/*/logits.0/sin3/*"),
    ],
)
def test_slips_fail(name, select):
    found, _ = verdicts(f"{VECTORS}:{name}", f"{select}float64")
    assert Status.fail in found


def bernoulli(**options):
    return estimator(family="bernoulli", parameters=["probs"], points=[{"probs": "0.3"}], **options)


def straight_through(params, f, num_samples, rng):
    return {"probs": f.derivative((rng.random(num_samples) < params["probs"]).astype(params["probs"].dtype))}


def its_mean(params, f):
    return {"probs": (1 - params["probs"]) * f.derivative(0.0) + params["probs"] * f.derivative(1.0)}


def test_a_biased_estimator_is_judged_by_the_mean_that_it_states():
    plain, stated = bernoulli(), bernoulli(expected_gradient=its_mean)
    wrong = bernoulli(expected_gradient=lambda params, f: {"probs": f.derivative(params["probs"])})
    select = "unbiased/*/sin3/*float64"
    assert verdicts(plain(straight_through), select)[0] == {Status.fail}
    found, record = verdicts(stated(straight_through), select)
    assert found == {Status.pass_}
    assert "MEAN AS STATED" in record.results[0].message
    assert "judged by the mean that it states: a bias of" in record.results[0].message
    found, record = verdicts(wrong(straight_through), select)
    assert found == {Status.fail}
    assert "MEAN NOT AS STATED" in record.results[0].message


def test_the_spectrum_too_is_that_of_the_stated_mean():
    found, _ = verdicts(bernoulli(expected_gradient=its_mean)(straight_through), "spectrum/*float64")
    assert found == {Status.pass_}
    found, _ = verdicts(bernoulli()(straight_through), "spectrum/*float64")
    assert found == {Status.fail}


def test_samples_per_call_is_the_num_samples_of_a_call():
    seen = set()

    @estimator(family="normal", parameters=["loc"], unit="call", samples_per_call=7, points=[{"loc": 0, "scale": 1}])
    def mean(params, f, num_samples, rng):
        seen.add(num_samples)
        return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples)).mean()}

    assert verdicts(mean, "unbiased/*sin3*float64")[0] == {Status.pass_}
    assert seen == {7}


POINT = [{"concentration": [1.5, 2]}]


def contract(body, **options):
    options = {
        "family": "dirichlet",
        "parameters": ["concentration"],
        "points": [{"concentration": [1.5, 2]}],
    } | options
    names = {"np": np}
    exec(f"def broken(params, f, num_samples, rng):\n    {body}", names)
    return fsb_oracle.verify(
        estimator(**options)(names["broken"]), profile="smoke", select="unbiased/*/concentration.0/*float64"
    )


@pytest.mark.parametrize(
    ("body", "options", "words"),
    [
        (
            "return {'concentration': np.zeros(num_samples)}",
            {},
            "returned shape (8192,) for 'concentration'; expected ",
        ),
        ("return {'concentration': np.zeros((num_samples, 2))}", {"unit": "call"}, "(2,): one value per call"),
        ("return {'concentration': None}", {}, "returned NoneType for 'concentration', not an array"),
        ("return {}", {}, "returned no 'concentration', which it claims"),
        ("f(np.zeros(num_samples))", {}, "f was given shape (8192,); for this dirichlet it takes (..., 2)"),
        ("f.derivative(np.zeros((9, 2)), order=3)", {}, "asked for the order 3; there are 1 and 2"),
        ("f.derivative(np.zeros((9, 2)), order=0)", {}, "asked for the order 0; it must be 1 or more"),
    ],
)
def test_a_broken_contract_is_one_sentence(body, options, words):
    record = contract(body, **options)
    assert {result.status for result in record.results} == {Status.error}
    assert all(words in result.reason for result in record.results)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"family": "dirichlet", "parameters": ["concentrations"]}, "did you mean 'concentration'"),
        ({"family": "multivariate_normal", "parameters": ["cov"]}, "it has loc, covariance_matrix, scale_tril"),
        ({"family": "multivariate_normal", "parameters": ["covariance_matrix", "scale_tril"]}, "no shape with all of"),
        ({"family": "mixture", "parameters": ["components"]}, "no parameter 'components'; it has logits, components"),
        ({"family": "gamma", "parameters": "rate"}, "must be a list"),
        ({"unit": "batch"}, "unknown unit 'batch'"),
        ({"unit": "call", "samples_per_call": 0}, "must be a whole number of at least 1"),
        ({"unit": "call", "same_as": "score"}, "needs samples_per_call=1"),
        ({"unit": "call", "noise": {"z": "family"}}, "does not go with unit='call'"),
        ({"expected_gradient": 3.0}, "must be a function of"),
        ({"variance_below": "GAM-k-U"}, "not for gamma rate"),
        ({"points": [{"rate": 1}]}, "'concentration' is missing"),
        ({"points": [{"rate": -1, "concentration": 1}]}, "must be greater than 0"),
        ({"points": {"rate": 1}}, "must be a list of parameter points"),
        ({"family": "dirichlet", "parameters": ["concentration"], "same_as": "score"}, "not for dirichlet"),
        ({"family": "dirichlet", "parameters": ["concentration"], "noise": {"u": "uniform"}}, "own: use rng"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(options, words):
    with pytest.raises(UsageError, match=words) as caught:
        estimator(**{"family": "gamma", "parameters": ["rate"], **options})
    assert "\n" not in str(caught.value)


def test_parameters_have_the_shapes_that_users_know():
    seen = {}

    @estimator(
        family="compound_poisson",
        parameters=["rate", "jump.loc"],
        points=[{"rate": 1, "jump": "normal(loc=0.3, scale=1)"}],
    )
    def look(params, f, num_samples, rng):
        seen.update(params)
        return {"rate": np.zeros(num_samples), "jump.loc": np.zeros(num_samples)}

    fsb_oracle.verify(look, profile="smoke", select="unbiased/*/rate/sin3/*float32")
    assert set(seen) == {"rate", "jump"} and set(seen["jump"]) == {"loc", "scale"}
    assert seen["jump"]["loc"].dtype == np.float32

    @estimator(family="binomial", parameters=["probs"])
    def count(params, f, num_samples, rng):
        seen.update(params)
        return {"probs": f(rng.binomial(params["total_count"], params["probs"], num_samples))}

    fsb_oracle.verify(count, profile="smoke", select="unbiased/*/sin3/*float64")
    assert type(seen["total_count"]) is int


def test_a_surrogate_needs_a_library_that_differentiates():
    loss = estimator(family="normal", parameters=["loc"], unit="call")(surrogate(lambda params, f, n, rng: 0.0))
    record = fsb_oracle.verify(loss, profile="smoke", select="unbiased/*/sin3/*float64")
    assert {result.status for result in record.results} == {Status.error}
    assert "needs backend='torch' or 'jax'" in record.results[0].reason


def gamma_claim(id, factor=1.0, **options):
    """The Fourier rule of the gamma shape: its variance is far below the score's for smooth f, and above for rough."""

    @estimator(
        family="gamma",
        parameters=["concentration"],
        points=[{"concentration": "2.5", "rate": "1"}],
        variance_below=id,
        **options,
    )
    def rule(params, f, num_samples, rng):
        scale = 1 / params["rate"]
        z = rng.gamma(params["concentration"], scale, num_samples)
        y = z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples)
        g = scale * f.derivative(y)
        return {"concentration": g.mean() + factor * (g - g.mean())}

    return rule


@pytest.mark.parametrize(
    ("id", "factor", "f", "status"),
    [
        ("score", 1.0, "tanh", Status.pass_),
        ("score", 1.0, "sin3", Status.fail),
        ("GAM-k-U", 0.9, "tanh", Status.pass_),
        ("GAM-k-U", 1.3, "sin3", Status.fail),
        ("GAM-k-U", 1.0, "tanh", Status.within_margin),  # equal: not lower, but not more than the margin above
    ],
)
def test_a_claim_of_a_lower_variance_is_tested(id, factor, f, status):
    found, record = verdicts(gamma_claim(id, factor), f"variance/*/{f}/*float64")
    (result,) = record.results
    assert found == {status}, result.message
    assert f"BELOW {id}" in result.message
    assert result.exact is not None


def test_a_claim_against_a_rule_whose_variance_is_not_known_is_tested_on_samples_of_both(monkeypatch):
    from dataclasses import replace as changed

    from fsb_oracle.checks import variance_claim

    known = variance_claim.exact_moments
    monkeypatch.setattr(variance_claim, "exact_moments", lambda *words: changed(known(*words), second=float("nan")))
    found, record = verdicts(gamma_claim("score"), "variance/*/tanh/*float64")
    assert found == {Status.pass_} and record.results[0].exact is None and "sampled" in record.results[0].message


@pytest.mark.parametrize("check", ["contract", "metamorphic"])
def test_the_other_checks_know_means_per_call_and_stated_means(check):
    @estimator(family="normal", parameters=["loc"], unit="call", points=[{"loc": "0.3", "scale": 1}])
    def mean(params, f, num_samples, rng):
        return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples)).mean()}

    for subject in (mean, bernoulli(expected_gradient=its_mean)(straight_through)):
        found, record = verdicts(subject, f"{check}/*float64")
        assert found == {Status.pass_}, record.results[0].message


def batched(mixed):
    @estimator(
        family="gamma", parameters=["rate"], batch=True, points=[{"concentration": 2, "rate": r} for r in (1, 3)]
    )
    def scaled(params, f, num_samples, rng):
        assert params["rate"].shape == (3,)
        z = rng.gamma(params["concentration"], 1 / params["rate"], (num_samples, 3))
        slope = -z / params["rate"]
        return {"rate": f.derivative(z) * (slope.mean(axis=1, keepdims=True) if mixed else slope)}

    return scaled


def test_batches_are_tested_row_by_row_and_must_not_mix():
    assert verdicts(batched(mixed=False), "unbiased/*sin3*float64")[0] == {Status.pass_}
    assert Status.fail in verdicts(batched(mixed=True), "unbiased/*sin3*float64")[0]

    @estimator(family="dirichlet", parameters=["concentration"], batch=True, requires="F0")
    def score(params, f, num_samples, rng):
        from scipy.special import digamma

        a = params["concentration"]
        z = rng.standard_gamma(a, (num_samples, *a.shape))
        z = z / z.sum(-1, keepdims=True)
        return {"concentration": f(z)[..., None] * (np.log(z) - digamma(a) + digamma(a.sum(-1, keepdims=True)))}

    assert verdicts(score, "unbiased/*/concentration.0/*float64")[0] == {Status.pass_}


def test_a_batch_per_call():
    @estimator(family="normal", parameters=["loc"], unit="call", batch=True, points=[{"loc": 0, "scale": 1}])
    def mean(params, f, num_samples, rng):
        z = params["loc"] + params["scale"] * rng.standard_normal((num_samples, 3))
        return {"loc": f.derivative(z).mean(axis=0)}

    assert verdicts(mean, "unbiased/*relu*float64")[0] == {Status.pass_}
