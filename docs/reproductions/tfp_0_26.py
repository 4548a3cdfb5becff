"""What is wrong in TensorFlow Probability's JAX substrate (tfp-nightly 0.26.0.dev20261027, JAX 0.10.2).

pip install jax==0.10.2 tfp-nightly==0.26.0.dev20261027 mpmath && python docs/reproductions/tfp_0_26.py
"""

import jax
import jax.numpy as jnp
import mpmath as mp
from tensorflow_probability.substrates.jax import distributions as D

mp.mp.dps = 40


def row(number, words, observed, truth):
    print(f"F{number:<3} {words:<72} observed {float(observed)!s:<24} exact {mp.nstr(mp.mpf(truth), 9)}")


def single(x):
    return mp.mpf(float(jnp.float32(x)))


# F1: the Bessel function is not differentiated in its order, which is df/2 - 1; nothing says so
def noncentral(z, df, noncentrality):
    return (
        -mp.log(2)
        - (z + noncentrality) / 2
        + (df / 4 - mp.mpf(1) / 2) * mp.log(z / noncentrality)
        + mp.log(mp.besseli(df / 2 - 1, mp.sqrt(noncentrality * z)))
    )


with jax.enable_x64(True):
    for df, noncentrality, z in ((3.0, 2.0, 1.5), (3.0, 2.0, 5.0), (0.125, 0.5, 0.25), (10.0, 100.0, 110.0)):
        law = D.NoncentralChi2(jnp.float64(df), jnp.float64(noncentrality))
        row(1, f"NoncentralChi2({df:g}, {noncentrality:g}).log_prob({z:g}), float64", law.log_prob(jnp.float64(z)),
            noncentral(z, mp.mpf(df), mp.mpf(noncentrality)))  # fmt: skip
        row(1, f"NoncentralChi2({df:g}, {noncentrality:g}).log_prob({z:g}), d/ddf, float64",
            jax.grad(lambda v: D.NoncentralChi2(v, jnp.float64(noncentrality)).log_prob(jnp.float64(z)))(jnp.float64(df)),
            mp.diff(lambda v: noncentral(z, v, mp.mpf(noncentrality)), mp.mpf(df)))  # fmt: skip


# F2: at negative counts the derivative of the Bessel function is taken as if the count were positive
def skellam(k, first, second):
    return (
        -first
        - second
        + mp.mpf(k) / 2 * mp.log(first / second)
        + mp.log(mp.besseli(abs(k), 2 * mp.sqrt(first * second)))
    )


with jax.enable_x64(True):
    for k in (7, -7, -1):
        row(2, f"Skellam(2, 1.5).log_prob({k}), d/drate1, float64",
            jax.grad(lambda a: D.Skellam(a, jnp.float64(1.5)).log_prob(jnp.float64(k)))(jnp.float64(2)),
            mp.diff(lambda a: skellam(k, a, mp.mpf("1.5")), mp.mpf(2)))  # fmt: skip
        row(2, f"Skellam(2, 1.5).log_prob({k}), d/drate2, float64",
            jax.grad(lambda b: D.Skellam(jnp.float64(2), b).log_prob(jnp.float64(k)))(jnp.float64(1.5)),
            mp.diff(lambda b: skellam(k, mp.mpf(2), b), mp.mpf("1.5")))  # fmt: skip

# F3: 1 - z**a rounds to 0 where most of the mass lies
row(3, "Kumaraswamy(a, 0.01).log_prob(0.999999), d/da at 0.01, float32",
    jax.grad(lambda a: D.Kumaraswamy(a, 0.01).log_prob(jnp.float32(0.999999)))(0.01),
    mp.diff(lambda a: mp.log(a) + (a - 1) * mp.log(single(0.999999))
            + (single(0.01) - 1) * mp.log(-mp.expm1(a * mp.log(single(0.999999)))), single(0.01)))  # fmt: skip

# F4: a window around 0 in which the concentration is taken to be 0
row(4, "GeneralizedPareto(0, 1, c).log_prob(3), d/dc at 1e-9, float32",
    jax.grad(lambda c: D.GeneralizedPareto(0.0, 1.0, c).log_prob(3.0))(1e-9),
    mp.diff(lambda c: -(1 + 1 / c) * mp.log1p(3 * c), single(1e-9), h=mp.mpf("1e-20")))  # fmt: skip


# F5: a difference of digamma functions cancels
def student(df, z):
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df) / 2 - (df + 1) / 2 * mp.log1p(z**2 / df)


row(5, "StudentT(df, 0, 1).log_prob(0.3), d/ddf at 1e4, float32",
    jax.grad(lambda v: D.StudentT(v, 0.0, 1.0).log_prob(0.3))(1e4),
    mp.diff(lambda v: student(v, single(0.3)), 10**4))  # fmt: skip
