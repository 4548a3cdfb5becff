"""A gradient estimator under test: `fsb-oracle verify examples/my_estimator.py`."""

from fsb_oracle import estimator


@estimator(family="gamma", parameters=["concentration"], backend="numpy")
def smoothed_shape(params, f, num_samples, rng):
    """One contribution per sample: s f'(z + s u e), the Fourier rule of the gamma shape."""
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    y = z + scale * rng.random(num_samples) * rng.exponential(1.0, num_samples)
    return {"concentration": scale * f.derivative(y)}
