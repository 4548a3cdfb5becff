"""What is wrong in jax.random of JAX 0.10.2, as a source of gradients: what JAX returns and what mpmath returns.

pip install jax==0.10.2 mpmath && python docs/reproductions/jax_0_10.py
"""

import jax
import jax.numpy as jnp
import mpmath as mp

mp.mp.dps = 30
SAMPLES = 400_000


def row(number, words, observed, error, truth):
    print(f"J{number:<3} {words:<62} observed {observed:.5g} +- {error:.2g}   exact {mp.nstr(mp.mpf(truth), 8)}")


# J1: wald draws one of two roots by a comparison with a uniform; JAX differentiates the root, not the choice
with jax.enable_x64(True):
    for mean in (1.0, 3.0):
        at = jnp.full(SAMPLES, mean)
        z, pullback = jax.vjp(lambda m: jax.random.wald(jax.random.key(0), m, (SAMPLES,), jnp.float64), at)
        (slope,) = pullback(jnp.ones_like(z))
        row(1, f"wald(mean={mean:g}): d/dmean of E z, float64", slope.mean(), slope.std() / SAMPLES**0.5, 1)
        found = -jnp.sin(z) * slope
        density = lambda x, m: mp.exp(-((x - m) ** 2) / (2 * m * m * x)) / mp.sqrt(2 * mp.pi * x**3)  # noqa: E731
        truth = mp.diff(
            lambda m: mp.quad(lambda t: mp.cos(mp.exp(t)) * density(mp.exp(t), m) * mp.exp(t), mp.linspace(-8, 7, 40)),
            mp.mpf(mean), h=mp.mpf("1e-8"),
        )  # fmt: skip
        row(1, f"wald(mean={mean:g}): d/dmean of E cos(z), float64", found.mean(), found.std() / SAMPLES**0.5, truth)

# J2: erf of the lower end rounds to 1, and every draw is the upper end
low, high = 5.6, 6.5
z, pullback = jax.vjp(
    lambda a: jax.random.truncated_normal(jax.random.key(0), a, jnp.float32(high), (1000,), jnp.float32),
    jnp.full(1000, low, jnp.float32),
)
(slope,) = pullback(jnp.ones_like(z))
mean = lambda a: mp.quad(lambda x: x * mp.npdf(x), [a, high]) / mp.quad(mp.npdf, [a, high])  # noqa: E731
row(2, f"truncated_normal({low}, {high}): mean, float32", z.mean(), z.std() / 1000**0.5, mean(mp.mpf(low)))
row(2, f"truncated_normal({low}, {high}): d/dlower of the mean", slope.mean(), slope.std(), mp.diff(mean, mp.mpf(low)))

# J3: draws that underflow are 0: f = log z has no finite gradient
for dtype, concentration in ((jnp.float32, 0.01), (jnp.float64, 0.001)):
    with jax.enable_x64(dtype is jnp.float64):
        z = jax.random.gamma(jax.random.key(0), dtype(concentration), (100_000,), dtype)
        row(3, f"gamma({concentration}): share of draws that are 0, {jnp.dtype(dtype).name}", (z == 0).mean(), 0.002, 0)

# J2 in float64: the same from a lower end of about 8 on
with jax.enable_x64(True):
    at, high = jnp.full(16_384, -9.0), jnp.float64(-8.0)
    z, pullback = jax.vjp(lambda a: jax.random.truncated_normal(jax.random.key(0), a, high, (16_384,), jnp.float64), at)
    (slope,) = pullback(jnp.ones_like(z))
    row(2, "truncated_normal(-9, -8): share of NaN derivatives, float64", jnp.isnan(slope).mean(), 0.002, 0)
    z = jax.random.truncated_normal(jax.random.key(0), -30.0, -29.0, (1000,), jnp.float64)
    truth = (mp.npdf(-30) - mp.npdf(-29)) / (mp.ncdf(-29) - mp.ncdf(-30))
    row(2, "truncated_normal(-30, -29): mean, float64", z.mean(), z.std() / 1000**0.5, truth)

# J4: the smaller root of a quadratic equation is taken as a difference, which cancels where the mean is large
z = jax.random.wald(jax.random.key(0), jnp.float32(1000), (100_000,), jnp.float32)
row(4, "wald(mean=1000): share of draws <= 0, float32", (z <= 0).mean(), 0.0002, 0)
row(4, "wald(mean=1000): smallest of 100,000 draws, above 0 by law", z.min(), 0, 0)

# J5: the chi-square variable underflows to 0, by which a normal one is divided
z = jax.random.t(jax.random.key(0), jnp.float32(0.1), (100_000,), jnp.float32)
nu, most = mp.mpf(float(jnp.float32(0.1))), mp.mpf(float(jnp.finfo(jnp.float32).max))
beyond = mp.betainc(nu / 2, mp.mpf(1) / 2, 0, nu / (nu + most**2), regularized=True)
row(5, "t(df=0.1): share of draws that are infinite, float32", jnp.isinf(z).mean(), 0.0004, beyond)
