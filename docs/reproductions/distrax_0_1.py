"""What is wrong in distrax 0.1.9 (JAX 0.10.2).

pip install jax==0.10.2 distrax==0.1.9 mpmath && python docs/reproductions/distrax_0_1.py
"""

import distrax
import jax
import jax.numpy as jnp
import mpmath as mp

mp.mp.dps = 40


def row(number, words, observed, truth):
    print(f"D{number:<2} {words:<66} observed {float(observed)!s:<22} exact {mp.nstr(mp.mpf(truth), 9)}")


# D1: the Bessel function overflows before its logarithm is taken
def von_mises(z, loc, concentration):
    z, loc, concentration = mp.mpf(float(z)), mp.mpf(float(loc)), mp.mpf(concentration)
    return concentration * mp.cos(z - loc) - mp.log(2 * mp.pi * mp.besseli(0, concentration))


for concentration in (80, 90, 10000):
    law = distrax.VonMises(jnp.float32(3), jnp.float32(concentration))
    row(
        1,
        f"VonMises(3, {concentration}).log_prob(3), float32",
        law.log_prob(jnp.float32(3)),
        von_mises(3, 3, concentration),
    )
with jax.enable_x64(True):
    for concentration in (700, 720, 10000):
        law = distrax.VonMises(jnp.float64(3), jnp.float64(concentration))
        row(1, f"VonMises(3, {concentration}).log_prob(3), float64", law.log_prob(jnp.float64(3)),
            von_mises(3, 3, concentration))  # fmt: skip

# D2: the incomplete gamma function of JAX in float32
z = jnp.float32(100299.43)
row(2, "Gamma(1e5, 1).cdf(100299.43), float32", distrax.Gamma(jnp.float32(1e5), jnp.float32(1)).cdf(z),
    mp.gammainc(10**5, 0, mp.mpf(float(z)), regularized=True))  # fmt: skip
row(2, "Gamma(1e5, 1).cdf(100000), float32", distrax.Gamma(jnp.float32(1e5), jnp.float32(1)).cdf(jnp.float32(1e5)),
    mp.gammainc(10**5, 0, 10**5, regularized=True))  # fmt: skip
