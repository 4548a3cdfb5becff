"""Estimators of the literature as functions, and the slips that were made in them."""

import numpy as np
from scipy.special import digamma, polygamma

from fsb_oracle import estimator

TEMPERATURE = 0.5


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rebar(params, f, num_samples, rng, slip=None):
    """REBAR for one bit; `slip` names what is wrong."""
    p, eta = float(params["probs"]), 0.5 if slip == "eta on the score part alone" else 1.0
    u, v = rng.random(num_samples), rng.random(num_samples)
    logit = np.log(p / (1 - p))
    z = logit + np.log(u / (1 - u))
    b = (z > 0).astype(float)
    w = np.where(b == 0, (1 - p) * v, (1 - p) + p * v)
    z_given_b = logit + np.log(w / (1 - w))
    moved = p * (1 - p) * np.where(b == 0, -v, v - 1) / (w * (1 - w))

    def relaxed_slope(x):
        y = sigmoid(x / TEMPERATURE)
        return f.derivative(y) * y * (1 - y) / TEMPERATURE

    of_z = relaxed_slope(z)
    of_z_given_b = relaxed_slope(z_given_b) * (1 if slip == "conditional noise is constant" else 1 + moved)
    if slip == "relaxed gradient omitted":
        of_z = 0.0
    if slip == "conditional gradient omitted":
        of_z_given_b = 0.0
    weight = 1.0 if slip == "eta on the score part alone" else eta
    in_logit = (f(b) - eta * f(sigmoid(z_given_b / TEMPERATURE))) * (b - p) + weight * (of_z - of_z_given_b)
    return {"probs": in_logit / (p * (1 - p))}


def generalised(params, f, num_samples, rng, slip=None):
    """Generalised reparameterization of the gamma shape: log z, standardised."""
    k, rate = float(params["concentration"]), float(params["rate"])
    trigamma, tetragamma = polygamma(1, k), polygamma(2, k)
    z = rng.gamma(k, 1 / rate, num_samples)
    noise = (np.log(z) + np.log(rate) - digamma(k)) / np.sqrt(trigamma)
    h = z * (noise * tetragamma / np.sqrt(trigamma) / 2 + trigamma)
    log_jacobian = noise * tetragamma / np.sqrt(trigamma) / 2 + trigamma + tetragamma / trigamma / 2
    in_z, in_k = (k - 1) / z - rate, np.log(z) + np.log(rate) - digamma(k)
    correction = 0.0 if slip == "correction dropped" else f(z) * (in_z * h + in_k + log_jacobian)
    return {"concentration": f.derivative(z) * h + correction}


def as_estimator(function, slip=None):
    """One of them, declared for a point at which a slip is large."""
    of = {
        # the relaxation asks for f and its slope between 0 and 1: no jumps there
        rebar: {"family": "bernoulli", "parameters": ["probs"], "points": [{"probs": "0.3"}], "requires": "F1"},
        generalised: {"family": "gamma", "parameters": ["concentration"], "points": [{"concentration": 1, "rate": 1}]},
    }[function]

    def subject(params, f, num_samples, rng):
        return function(params, f, num_samples, rng, slip)

    return estimator(**of)(subject)
