"""Bugs that happened somewhere, beside an estimator that is right: `fsb-oracle verify examples/planted_bugs.py`."""

from fsb_oracle import estimator


@estimator(family="gamma", parameters=["concentration"], backend="numpy")
def right(params, f, num_samples, rng):
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    y = z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples)
    return {"concentration": scale * f.derivative(y)}


@estimator(family="gamma", parameters=["concentration"], backend="numpy")
def uniform_at_its_mean(params, f, num_samples, rng):
    """u replaced by 1/2: exact for f = z and f = z^2, wrong for everything else."""
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {"concentration": scale * f.derivative(z + scale * rng.exponential(1.0, num_samples) / 2)}


@estimator(family="normal", parameters=["scale"], backend="numpy")
def sign_lost(params, f, num_samples, rng):
    """The modulus of the noise in place of the noise."""
    e = rng.normal(size=num_samples)
    return {"scale": f.derivative(params["loc"] + params["scale"] * e) * abs(e)}


@estimator(family="poisson", parameters=["rate"], backend="numpy", unit="call")
def self_inclusive_baseline(params, f, num_samples, rng):
    """The mean of the batch as baseline, the own sample in it: off by a factor 1 - 1/8."""
    z = rng.poisson(params["rate"], 8).astype(float)
    value = f(z)
    return {"rate": ((value - value.mean()) * (z / params["rate"] - 1)).mean()}
