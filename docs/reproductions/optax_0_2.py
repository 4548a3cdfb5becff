"""What is wrong in optax.monte_carlo of Optax 0.2.6, the last release that has it (JAX 0.10.2).

pip install jax==0.10.2 optax==0.2.6 mpmath && python docs/reproductions/optax_0_2.py
"""

import warnings

import jax
import jax.numpy as jnp
import mpmath as mp
from optax import monte_carlo, multi_normal

warnings.simplefilter("ignore")
DRAWS = 200_000


def show(number, words, draws, truth):
    observed, error = float(draws.mean()), float(draws.std() / len(draws) ** 0.5)
    print(f"O{number} {words:<78} observed {observed:8.4f} +- {error:.4f}   exact {mp.nstr(mp.mpf(truth), 6)}")


def gradients(estimator, f, loc, scale, n=DRAWS, **options):
    """d/d loc and d/d scale, shape (n, d) each."""
    parameters = [jnp.array(loc), jnp.log(jnp.array(scale))]
    location, log_scale = estimator(f, parameters, multi_normal, jax.random.key(1), n, **options)
    return location, log_scale / jnp.array(scale)


# right, for comparison
def product(x):
    return x[0] ** 2 * x[1]


loc, scale = [0.5, -1.0], [0.8, 1.5]
a, b, s, t = (mp.mpf(x) for x in ("0.5", "-1", "0.8", "1.5"))
# E x0**2 x1 = (a**2 + s**2) b
truth = ((2 * a * b, a**2 + s**2), (2 * s * b, mp.mpf(0)))
for name in ("score_function_jacobians", "measure_valued_jacobians"):
    found = gradients(getattr(monte_carlo, name), product, loc, scale)
    for k, parameter in enumerate(("loc", "scale")):
        for i in range(2):
            words = f"{name}, f = x0**2 x1, d/d {parameter}[{i}]"
            show(0, words, found[k][:, i], truth[k][i])


# O1: the moving average is updated with the draws from which it is then subtracted
def first_step(key, n):
    jacobians, _ = monte_carlo.control_variates_jacobians(
        lambda x: (x[0] - 1.3) ** 2, monte_carlo.moving_avg_baseline, monte_carlo.score_function_jacobians,
        [jnp.array([0.3]), jnp.zeros(1)], multi_normal, key, n, control_variate_state=(0.0, 0),
    )  # fmt: skip
    return jacobians[0].mean()


for n in (1, 2):
    calls = jax.vmap(lambda key, n=n: first_step(key, n))(jax.random.split(jax.random.key(2), 50_000))
    words = f"control_variates_jacobians, moving_avg_baseline, score, {n} draw(s), d/d loc"
    show(1, words, calls, 2 * (mp.mpf("0.3") - mp.mpf("1.3")))
