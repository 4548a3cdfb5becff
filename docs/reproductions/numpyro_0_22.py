"""What is wrong in numpyro.distributions 0.22.0 (JAX 0.10.2): what NumPyro returns and what mpmath returns.

pip install jax==0.10.2 numpyro==0.22.0 mpmath && python docs/reproductions/numpyro_0_22.py
"""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpyro.distributions as D

mp.mp.dps = 40


def row(number, words, observed, truth):
    print(f"N{number:<3} {words:<72} observed {float(observed)!s:<24} exact {mp.nstr(mp.mpf(truth), 9)}")


def single(x):
    return mp.mpf(float(jnp.float32(x)))


def mass(low, high, loc=mp.mpf(0), scale=mp.mpf(1)):
    return mp.quad(mp.npdf, [(low - loc) / scale, (low + high - 2 * loc) / (2 * scale), (high - loc) / scale])


def truncated(z, low, high, scale=mp.mpf(1)):
    return -((z / scale) ** 2) / 2 - mp.log(scale) - mp.log(2 * mp.pi) / 2 - mp.log(mass(low, high, scale=scale))


# N1, N2: the distribution function has no digits in its upper tail, and the sampler leaves the support in the lower one
law = D.TruncatedNormal(0.0, 1.0, low=6.0, high=7.0)
row(1, "TruncatedNormal(0, 1, 6, 7).log_prob(6.1), float32", law.log_prob(6.1), truncated(single(6.1), 6, 7))
row(1, "TruncatedNormal(0, s, 6, 7).log_prob(6.1), d/ds at 1, float32",
    jax.grad(lambda s: D.TruncatedNormal(0.0, s, low=6.0, high=7.0).log_prob(6.1))(1.0),
    mp.diff(lambda s: truncated(single(6.1), 6, 7, s), 1))  # fmt: skip
z = D.TruncatedNormal(0.0, 1.0, low=-30.0, high=-29.0).sample(jax.random.key(0), (1000,))
row(2, "TruncatedNormal(0, 1, -30, -29): largest of 1000 samples, float32", z.max(), -29)
row(2, "the same: derivative of a sample in the scale, float32",
    jax.grad(lambda s: D.TruncatedNormal(0.0, s, low=-30.0, high=-29.0).icdf(0.3))(1.0),
    mp.diff(lambda s: mp.findroot(lambda x: mass(-30, x, scale=s) / mass(-30, -29, scale=s) - mp.mpf("0.3"), -29.04), 1,
            h=mp.mpf("1e-10")))  # fmt: skip


# N3: 1 - z**a rounds to 0 where most of the mass lies, and is clipped there
def kumaraswamy(z, a):
    return mp.log(a) + mp.log(mp.mpf("0.01")) + (a - 1) * mp.log(z) - mp.mpf("0.99") * mp.log(-mp.expm1(a * mp.log(z)))


row(3, "Kumaraswamy(a, 0.01).log_prob(0.999999), d/da at 0.01, float32 (83 % of the mass)",
    jax.grad(lambda a: D.Kumaraswamy(a, 0.01).log_prob(jnp.float32(0.999999)))(0.01),
    mp.diff(lambda a: kumaraswamy(single(0.999999), a), single(0.01)))  # fmt: skip

# N4: log(high**(alpha + 1) - low**(alpha + 1)) near alpha = -1
row(4, "DoublyTruncatedPowerLaw(alpha, 0.1, 10).log_prob(0.3), d/dalpha at -1.0001, float32",
    jax.grad(lambda a: D.DoublyTruncatedPowerLaw(a, 0.1, 10.0).log_prob(0.3))(-1.0001),
    mp.log(single(0.3)) - mp.diff(lambda a: mp.log((10 ** (a + 1) - single(0.1) ** (a + 1)) / (a + 1)), single(-1.0001)))  # fmt: skip

# N5-N7: differences of log-gamma functions cancel
row(5, "BetaBinomial(1e6, 2e6, 10).log_prob(3), float32", D.BetaBinomial(1e6, 2e6, 10).log_prob(3),
    mp.log(mp.binomial(10, 3)) + mp.log(mp.beta(10**6 + 3, 2 * 10**6 + 7)) - mp.log(mp.beta(10**6, 2 * 10**6)))  # fmt: skip
row(6, "NegativeBinomial2(3, c).log_prob(1), d/dc at 1e6, float32",
    jax.grad(lambda c: D.NegativeBinomial2(3.0, c).log_prob(1))(1e6),
    mp.diff(lambda c: mp.log(c) + c * mp.log(c / (c + 3)) + mp.log(3 / (c + 3)), 10**6))  # fmt: skip


def student(df, z):
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df) / 2 - (df + 1) / 2 * mp.log1p(z**2 / df)


row(7, "StudentT(df).log_prob(0.3), d/ddf at 1e4, float32", jax.grad(lambda v: D.StudentT(v).log_prob(0.3))(1e4),
    mp.diff(lambda v: student(v, single(0.3)), 10**4))  # fmt: skip

# N8: arctan(high) - arctan(low) cancels
row(8, "TruncatedCauchy(0, s, 1e4, 2e4).log_prob(1.5e4), d/ds at 1, float32",
    jax.grad(lambda s: D.TruncatedCauchy(0.0, s, low=1e4, high=2e4).log_prob(1.5e4))(1.0),
    mp.diff(lambda s: -mp.log(s) - mp.log1p((mp.mpf(15000) / s) ** 2)
            - mp.log(mp.atan(20000 / s) - mp.atan(10000 / s)), 1))  # fmt: skip

# N9: the Jacobian 1/z**2 underflows before its logarithm is taken
row(9, "InverseGamma(0.1, 1).log_prob(1e20), float32", D.InverseGamma(0.1, 1.0).log_prob(1e20),
    -mp.loggamma(single(0.1)) - (1 + single(0.1)) * mp.log(single(1e20)))  # fmt: skip

# N10: max(x, 0) and |x| are differentiated at 0, where their kinks cancel but the derivatives chosen there do not
for value in (0, 1):
    row(10, f"BernoulliLogits(l).log_prob({value}), d/dl at 0, float32",
        jax.grad(lambda x: D.BernoulliLogits(x).log_prob(value))(0.0),
        mp.diff(lambda x: value * x - mp.log1p(mp.exp(x)), 0))  # fmt: skip
    row(10, f"BinomialLogits(l, 10).log_prob({value}), d/dl at 0, float32",
        jax.grad(lambda x: D.BinomialLogits(x, 10).log_prob(value))(0.0),
        mp.diff(lambda x: value * x - 10 * mp.log1p(mp.exp(x)), 0))  # fmt: skip

# N11: a clip whose gradient is halved at the bound itself, and 0 beyond
for p in (0.9999999, 0.99999994):
    row(11, f"BernoulliProbs(p).log_prob(1), d/dp at {p}, float32",
        jax.grad(lambda x: D.BernoulliProbs(x).log_prob(1))(p), 1 / single(p))  # fmt: skip
    row(11, f"BinomialProbs(p, 10).log_prob(10), d/dp at {p}, float32",
        jax.grad(lambda x: D.BinomialProbs(x, 10).log_prob(10))(p), 10 / single(p))  # fmt: skip

# N12: count - n sigmoid(logit) cancels
row(12, "BinomialLogits(l, 10).log_prob(10), d/dl at 15.942385, float32",
    jax.grad(lambda x: D.BinomialLogits(x, 10).log_prob(10))(15.942385),
    10 / (1 + mp.exp(single(15.942385))))  # fmt: skip

# N13: log-gamma functions, and log(rate) - log(1 + rate), cancel
row(13, "NegativeBinomialProbs(c, 1e-8).log_prob(0), d/dc at 3, float32",
    jax.grad(lambda c: D.NegativeBinomialProbs(c, jnp.float32(1e-8)).log_prob(jnp.int32(0)))(jnp.float32(3)), mp.log1p(-single(1e-8)))  # fmt: skip
row(13, "GammaPoisson(c, 99999999).log_prob(0), d/dc at 3, float32",
    jax.grad(lambda c: D.GammaPoisson(c, jnp.float32(99999999)).log_prob(jnp.int32(0)))(jnp.float32(3)),
    -mp.log1p(1 / single(99999999.0)))  # fmt: skip

# N14: 1 - sigmoid(logit) cancels
row(14, "GeometricLogits(l).log_prob(0), d/dl at 15.942385, float32",
    jax.grad(lambda x: D.GeometricLogits(x).log_prob(0))(15.942385),
    1 / (1 + mp.exp(single(15.942385))))  # fmt: skip

# N15: 1/z is flushed to 0 in the derivative of a transformation
row(15, "Pareto(s, 0.03).log_prob(2e38), d/ds at 1, float32",
    jax.grad(lambda s: D.Pareto(s, jnp.float32(0.03)).log_prob(jnp.float32(2e38)))(jnp.float32(1)), single(0.03))  # fmt: skip

# N16: distribution functions: JAX's incomplete gamma function; 1/z and z**2 leave the range of float32
row(16, "Gamma(1e5, 1).cdf(100299.43), float32",
    D.Gamma(jnp.float32(1e5), jnp.float32(1)).cdf(jnp.float32(100299.43)),
    mp.gammainc(100000, 0, single(100299.43), regularized=True))  # fmt: skip
row(16, "InverseGamma(0.03, 1).cdf(9e37), float32",
    D.InverseGamma(jnp.float32(0.03), jnp.float32(1)).cdf(jnp.float32(9e37)),
    mp.gammainc(single(0.03), 1 / single(9e37), mp.inf, regularized=True))  # fmt: skip
half, place = single(0.1) / 2, single(-1.63e22)
row(16, "StudentT(0.1).cdf(-1.63e22), float32",
    D.StudentT(jnp.float32(0.1), 0.0, 1.0).cdf(jnp.float32(-1.63e22)),
    mp.betainc(half, mp.mpf(1) / 2, 0, 2 * half / (2 * half + place**2), regularized=True) / 2)  # fmt: skip

# N17: variances as differences
width, length = single(1.01) - 1, mp.log(single(1.01))
row(17, "LogUniform(1, 1.01).variance, float32",
    D.LogUniform(jnp.float32(1), jnp.float32(1.01)).variance,
    (single(1.01) ** 2 - 1) / (2 * length) - (width / length) ** 2)  # fmt: skip
logit = single(13.802502)
row(17, "BinomialLogits(13.802502, 10**6).variance, float32",
    D.BinomialLogits(jnp.float32(13.802502), 10**6).variance,
    10**6 / (2 + mp.exp(logit) + mp.exp(-logit)))  # fmt: skip

# N18: the derivative of 1/g is 1/g**2, which overflows; dz/drate is z
z, pullback = jax.vjp(
    lambda rate: D.InverseGamma(jnp.full(16_384, 0.1, jnp.float32), rate).sample(jax.random.key(0)),
    jnp.ones(16_384, jnp.float32),
)
(slope,) = pullback(jnp.ones_like(z))
lost = jnp.isfinite(z) & ~jnp.isfinite(slope)
row(18, "InverseGamma(0.1, 1): share of finite draws with infinite dz/drate, float32", lost.mean(), 0)

# N19: the derivatives written by hand in low and high are not those of the log-density
with jax.enable_x64(True):
    for alpha in (-1.0, -1.5, -2.0):
        for z in (1.1, 2.0):
            found = jax.grad(
                lambda low, high: D.DoublyTruncatedPowerLaw(jnp.float64(alpha), low, high).log_prob(jnp.float64(z)),
                (0, 1),
            )(jnp.float64(1), jnp.float64(3))
            for name, value, order in zip(("low", "high"), found, ((1, 0), (0, 1))):
                row(19, f"DoublyTruncatedPowerLaw({alpha:g}, 1, 3).log_prob({z:g}), d/d{name}, float64", value,
                    mp.diff(lambda low, high: -mp.log(mp.quad(lambda x: x**alpha, [low, high])), (1, 3), order))  # fmt: skip

# N20: probs are clipped, which stops the gradient
for predictor in (-15.0, -17.0, -20.0):
    row(20, f"OrderedLogistic(x, [0]).log_prob(1), d/dx at {predictor:g}, float32",
        jax.grad(lambda x: D.OrderedLogistic(x, jnp.zeros(1)).log_prob(1))(predictor),
        1 - 1 / (1 + mp.exp(-mp.mpf(predictor))))  # fmt: skip

# N21: an empty batch
for words, law in {
    "Beta": lambda: D.Beta(jnp.ones(0), jnp.ones(0)),
    "BetaBinomial": lambda: D.BetaBinomial(jnp.ones(0), jnp.ones(0), 5),
    "DirichletMultinomial": lambda: D.DirichletMultinomial(jnp.ones((0, 3)), 5),
}.items():
    try:
        print(f"N21  {words} of an empty batch: shape {law().sample(jax.random.key(0)).shape}")
    except ZeroDivisionError as error:
        print(f"N21  {words} of an empty batch raises: {error}")

# N6, N16: negative binomial laws of a large size, nearly Poisson(1)
p = single(1e-6)
for name, law in {
    "NegativeBinomialProbs(n, 1e-6)": lambda n: D.NegativeBinomialProbs(n, jnp.float32(1e-6)),
    "NegativeBinomialLogits(n, -13.8155)": lambda n: D.NegativeBinomialLogits(n, jnp.log(jnp.float32(1e-6))),
    "GammaPoisson(n, 999999)": lambda n: D.GammaPoisson(n, jnp.float32(999999)),
}.items():
    row(
        6, f"{name}.log_prob(1), d/dn at 1e6, float32", jax.grad(lambda n: law(n).log_prob(1))(1e6), 1e-6 + mp.log1p(-p)
    )
    row(
        16,
        f"{name}.cdf(1) at 1e6, float32",
        law(jnp.float32(1e6)).cdf(1),
        mp.betainc(10**6, 2, 0, 1 - p, regularized=True),
    )
