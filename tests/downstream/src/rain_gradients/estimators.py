"""Gradient estimators for a model of rain: how much falls (gamma), and which kind of weather it is (categorical)."""

import numpy as np

from fsb_oracle import estimator

POINT = [{"concentration": "0.5", "rate": "1"}]


@estimator(family="gamma", parameters=["concentration"], points=POINT, same_as="GAM-k-U")
def smoothed_shape(params, f, num_samples, rng):
    """s f'(z + s u e)."""
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {
        "concentration": scale * f.derivative(z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples))
    }


@estimator(family="gamma", parameters=["concentration"], points=POINT)
def cheap_shape(params, f, num_samples, rng):
    """Without u: wrong, and known to be."""
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {"concentration": scale * f.derivative(z + scale * rng.exponential(1.0, num_samples))}


@estimator(family="categorical", parameters=["logits"], unit="call", samples_per_call=4)
def leave_one_out(params, f, num_samples, rng):
    """REINFORCE with the mean of the other samples as baseline."""
    logits = params["logits"]
    probs = np.exp(logits) / np.exp(logits).sum()
    z = rng.choice(len(probs), size=num_samples, p=probs / probs.sum(dtype=float))
    value, score = f(z), np.eye(len(probs))[z] - probs
    return {"logits": ((value - value.mean())[:, None] * score).sum(0) / (num_samples - 1)}
