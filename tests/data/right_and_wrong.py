"""One correct and one wrong estimator of the same gradient: the wrong one lost its factor u."""

from fsb_oracle import estimator


@estimator(family="gamma", parameters=["concentration"], same_as="GAM-k-U")
def right(params, f, num_samples, rng):
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {
        "concentration": scale * f.derivative(z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples))
    }


@estimator(family="gamma", parameters=["concentration"])
def wrong(params, f, num_samples, rng):
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {"concentration": scale * f.derivative(z + scale * rng.exponential(1.0, num_samples))}
