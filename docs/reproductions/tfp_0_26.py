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


# F6: log1p(c x)/c cancels in its derivative
def pareto(c, x):
    return -(1 + 1 / c) * mp.log1p(c * x)


with jax.enable_x64(False):
    z, loc, scale, c = (jnp.float32(v) for v in (1000.125, 1000.0, 0.1, 1e-6))
    row(6, "GeneralizedPareto(1000, 0.1, c).log_prob(1000.125), d/dc at 1e-6, float32",
        jax.grad(lambda v: D.GeneralizedPareto(loc, scale, v).log_prob(z))(c),
        mp.diff(lambda v: pareto(v, mp.mpf("0.125") / single(0.1)), single(1e-6), h=mp.mpf("1e-15")))  # fmt: skip

# F7: log-gamma functions cancel
row(7, "NegativeBinomial(c, probs=1e-8).log_prob(0), d/dc at 3, float32",
    jax.grad(lambda v: D.NegativeBinomial(v, probs=jnp.float32(1e-8)).log_prob(jnp.float32(0)))(jnp.float32(3)),
    mp.log1p(-single(1e-8)))  # fmt: skip

# F8: the incomplete beta function of JAX in float32, and p (1 - p) from a rounded p
law = D.Binomial(jnp.float32(1e6), probs=jnp.float32(1e-6))
row(8, "Binomial(1e6, 1e-6).cdf(0), float32", law.cdf(jnp.float32(0)), mp.exp(10**6 * mp.log1p(-single(1e-6))))
logit = jnp.float32(13.802502)
row(8, "Binomial(1e6, logits=13.802502).variance(), float32", D.Binomial(jnp.float32(1e6), logits=logit).variance(),
    10**6 / ((1 + mp.exp(-single(logit))) * (1 + mp.exp(single(logit)))))  # fmt: skip

# F9: at 0 the central law is taken, whose log-density does not depend on the noncentrality; d/d noncentrality of the
# first two terms of the Poisson mixture is z/(2 df) - 1/2
with jax.enable_x64(True):
    row(9, "NoncentralChi2(3, n).log_prob(5), d/dn at 0, float64",
        jax.grad(lambda v: D.NoncentralChi2(jnp.float64(3), v).log_prob(jnp.float64(5)))(jnp.float64(0)),
        mp.mpf(5) / 6 - mp.mpf(1) / 2)  # fmt: skip
    row(9, "NoncentralChi2(3, n).log_prob(5), d/dn at 1e-9, float64",
        jax.grad(lambda v: D.NoncentralChi2(jnp.float64(3), v).log_prob(jnp.float64(5)))(jnp.float64(1e-9)),
        mp.diff(lambda v: noncentral(mp.mpf(5), mp.mpf(3), v), mp.mpf("1e-9"), h=mp.mpf("1e-20")))  # fmt: skip
