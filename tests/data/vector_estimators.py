"""Estimators of laws with vectors and matrices as parameters, on NumPy: right ones, and slips that happen."""

import numpy as np
from scipy.special import digamma

from fsb_oracle import estimator


@estimator(family="dirichlet", parameters=["concentration"], requires="F0")
def dirichlet_score(params, f, num_samples, rng):
    a = params["concentration"]
    z = rng.dirichlet(a.astype(float), num_samples)
    score = np.log(z) - digamma(a) + digamma(a.sum())
    return {"concentration": f(z)[:, None] * score}


@estimator(family="dirichlet", parameters=["concentration"], requires="F0")
def dirichlet_score_without_the_total(params, f, num_samples, rng):
    a = params["concentration"]
    z = rng.dirichlet(a.astype(float), num_samples)
    return {"concentration": f(z)[:, None] * (np.log(z) - digamma(a))}


@estimator(family="multivariate_normal", parameters=["loc", "scale_tril"])
def cholesky_pathwise(params, f, num_samples, rng):
    tril = params["scale_tril"]
    noise = rng.standard_normal((num_samples, len(tril)))
    slope = f.derivative(params["loc"] + noise @ tril.T)
    return {"loc": slope, "scale_tril": np.tril(slope[:, :, None] * noise[:, None, :])}


@estimator(family="multivariate_normal", parameters=["scale_tril"])
def cholesky_pathwise_transposed(params, f, num_samples, rng):
    tril = params["scale_tril"]
    noise = rng.standard_normal((num_samples, len(tril)))
    slope = f.derivative(params["loc"] + noise @ tril.T)
    return {"scale_tril": np.tril(noise[:, :, None] * slope[:, None, :])}


@estimator(family="multivariate_normal", parameters=["covariance_matrix"], requires="F2")
def half_the_hessian(params, f, num_samples, rng):
    z = rng.multivariate_normal(params["loc"], params["covariance_matrix"], num_samples, method="cholesky")
    return {"covariance_matrix": f.derivative(z, order=2) / 2}


@estimator(family="multivariate_normal", parameters=["covariance_matrix"], requires="F2")
def the_whole_hessian(params, f, num_samples, rng):
    z = rng.multivariate_normal(params["loc"], params["covariance_matrix"], num_samples, method="cholesky")
    return {"covariance_matrix": f.derivative(z, order=2)}


def _leave_one_out(params, f, num_samples, rng, divisor):
    logits = params["logits"]
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    z = rng.choice(len(probs), size=num_samples, p=probs / probs.sum(dtype=float))
    score = np.eye(len(probs))[z] - probs
    return {"logits": ((f(z) - f(z).mean())[:, None] * score).sum(0) / divisor}


@estimator(family="categorical", parameters=["logits"], unit="call", samples_per_call=4)
def leave_one_out(params, f, num_samples, rng):
    return _leave_one_out(params, f, num_samples, rng, num_samples - 1)


@estimator(family="categorical", parameters=["logits"], unit="call", samples_per_call=4)
def leave_one_out_over_k(params, f, num_samples, rng):
    return _leave_one_out(params, f, num_samples, rng, num_samples)


@estimator(
    family="mixture",
    parameters=["logits", "components.0.loc"],
    points=[{"logits": [0.3, -0.4], "components": "[normal(loc=0.3, scale=0.8), normal(loc=-1, scale=1.2)]"}],
)
def mixture_score(params, f, num_samples, rng):
    logits, parts = params["logits"], params["components"]
    weights = np.exp(logits) / np.exp(logits).sum()
    locs, scales = (np.array([part[name] for part in parts], float) for name in ("loc", "scale"))
    k = (rng.random(num_samples) > weights[0]).astype(int)
    z = locs[k] + scales[k] * rng.standard_normal(num_samples)
    density = weights * np.exp(-(((z[:, None] - locs) / scales) ** 2) / 2) / scales
    share = density / density.sum(1, keepdims=True)
    return {
        "logits": f(z)[:, None] * (share - weights),
        "components.0.loc": f(z) * share[:, 0] * (z - locs[0]) / scales[0] ** 2,
    }
