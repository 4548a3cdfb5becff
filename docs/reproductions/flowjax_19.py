"""What is wrong in flowjax 19.1.2 (JAX 0.10.2).

pip install jax==0.10.2 flowjax==19.1.2 mpmath && python docs/reproductions/flowjax_19.py
"""

import jax
import jax.numpy as jnp
import mpmath as mp
from flowjax.distributions import StudentT

mp.mp.dps = 40


def row(number, words, observed, truth):
    print(f"X{number:<2} {words:<62} observed {float(observed)!s:<24} exact {mp.nstr(mp.mpf(truth), 9)}")


def single(x):
    return mp.mpf(float(jnp.float32(x)))


def student(df, z):
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2 - (df + 1) / 2 * mp.log1p(z**2 / df)


# X1: a difference of digamma functions cancels
for df in (1e3, 1e4, 1e5):
    row(1, f"StudentT({df:g}).log_prob(0.3), d/ddf, float32",
        jax.grad(lambda v: StudentT(v).log_prob(jnp.float32(0.3)))(jnp.float32(df)),
        mp.diff(lambda v: student(v, single(0.3)), mp.mpf(df)))  # fmt: skip

# X2: the square of a large sample overflows before its logarithm is taken
row(2, "StudentT(0.1).log_prob(1e20), float32", StudentT(jnp.float32(0.1)).log_prob(jnp.float32(1e20)),
    student(single(0.1), single(1e20)))  # fmt: skip
