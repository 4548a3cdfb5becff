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


# F10: exp(2 concentration/loc) overflows, times a normal tail that underflows
def inverse_gaussian(z, loc, concentration):
    root = mp.sqrt(concentration / z)
    return mp.ncdf(root * (z / loc - 1)) + mp.exp(2 * concentration / loc) * mp.ncdf(-root * (z / loc + 1))


with jax.enable_x64(True):
    for dtype, concentration in ((jnp.float32, 87), (jnp.float32, 89), (jnp.float64, 720), (jnp.float64, 10_000)):
        row(10, f"InverseGaussian(2, {concentration}).cdf(2), {jnp.dtype(dtype).name}",
            D.InverseGaussian(dtype(2), dtype(concentration)).cdf(dtype(2)), inverse_gaussian(mp.mpf(2), 2, concentration))  # fmt: skip


# F11: samples are those of jax.random.truncated_normal (J2 of JAX); the quantile is taken from the distribution function
# of the normal law, and the entropy divides by a mass that underflows
def mass(low, high):
    return mp.ncdf(-low) - mp.ncdf(-high) if low > 0 else mp.ncdf(high) - mp.ncdf(low)


with jax.enable_x64(True):
    for low, high, dtype in (
        (6, 7, jnp.float32),
        (-9, -8, jnp.float32),
        (-9, -8, jnp.float64),
        (-30, -29, jnp.float64),
    ):
        ends = jnp.full(16_384, low, dtype)
        z, pullback = jax.vjp(
            lambda a: D.TruncatedNormal(dtype(0), dtype(1), a, dtype(high)).sample(seed=jax.random.key(0)),
            ends,
        )
        (slope,) = pullback(jnp.ones_like(z))
        words = f"TruncatedNormal(0, 1, {low}, {high}), {jnp.dtype(dtype).name}"
        row(11, f"{words}: mean of 16,384 draws", z.mean(), (mp.npdf(low) - mp.npdf(high)) / mass(low, high))
        row(11, f"{words}: share of NaN dz/dlow", jnp.isnan(slope).mean(), 0)
for low, high, start in ((6, 7, 6.047), (-30, -29, -29.048)):
    law = D.TruncatedNormal(jnp.float32(0), jnp.float32(1), jnp.float32(low), jnp.float32(high))
    truth = mp.findroot(lambda x: mass(low, x) / mass(low, high) - mp.mpf(1) / 4, start)
    row(11, f"TruncatedNormal(0, 1, {low}, {high}).quantile(0.25), float32", law.quantile(jnp.float32(0.25)), truth)
row(11, "TruncatedNormal(0, 1, -30, -29).entropy(), float32", law.entropy(),
    mp.log(mp.sqrt(2 * mp.pi) * mass(-30, -29))
    + (1 + (-30 * mp.npdf(-30) + 29 * mp.npdf(-29)) / mass(-30, -29)) / 2)  # fmt: skip


# F12: the square of a small sample underflows before its logarithm or a small power is taken
def chi(z, df):
    return (1 - df / 2) * mp.log(2) - mp.loggamma(df / 2) + (df - 1) * mp.log(z) - z**2 / 2


law, df, z = D.Chi(jnp.float32(0.1)), single(0.1), single(5.5e-22)
row(12, "Chi(0.1).log_prob(5.5e-22), float32", law.log_prob(jnp.float32(5.5e-22)), chi(z, df))
row(12, "Chi(0.1).cdf(5.5e-22), float32", law.cdf(jnp.float32(5.5e-22)),
    mp.gammainc(df / 2, 0, z**2 / 2, regularized=True))  # fmt: skip
# below 1e-20 the distribution function is its first term, z**df/(2**(df/2) gamma(df/2 + 1))
row(12, "Chi(0.1).quantile(0.0074), float32", law.quantile(jnp.float32(0.0074)),
    mp.sqrt(2) * (single(0.0074) * mp.gamma(df / 2 + 1)) ** (1 / df))  # fmt: skip

# F13: concentration/z and scale/z are flushed to 0 before their logarithms are taken
law, alpha = D.Pareto(jnp.float32(0.03), jnp.float32(1)), single(0.03)
row(13, "Pareto(0.03, 1).log_prob(1.7e37), float32", law.log_prob(jnp.float32(1.7e37)),
    mp.log(alpha) - (alpha + 1) * mp.log(single(1.7e37)))  # fmt: skip
row(13, "Pareto(0.03, 1).cdf(1.2e38), float32", law.cdf(jnp.float32(1.2e38)), 1 - single(1.2e38) ** -alpha)


# F14: z/(scale sqrt(df)) overflows; its square does, or the inverse of a quantile that is flushed to 0
def student_below(z, df):
    return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + z**2), regularized=True) / 2


law, df = D.StudentT(jnp.float32(0.1), jnp.float32(0), jnp.float32(1)), single(0.1)
row(14, "StudentT(0.1, 0, 1).log_prob(1.3e38), float32", law.log_prob(jnp.float32(1.3e38)),
    student(df, single(1.3e38)) - mp.log(mp.pi) / 2)  # fmt: skip
row(
    14, "StudentT(0.1, 0, 1).cdf(-1.63e22), float32", law.cdf(jnp.float32(-1.63e22)), student_below(single(1.63e22), df)
)
row(14, "StudentT(0.1, 0, 1).quantile(0.0025), float32", law.quantile(jnp.float32(0.0025)),
    -mp.exp(mp.findroot(lambda t: student_below(mp.exp(t), df) - single(0.0025), mp.log(single(1.63e22)))))  # fmt: skip

# F15: JAX's incomplete gamma function in float32 and its inverse; rate/z and the inverse of a quantile are flushed to 0
law = D.Gamma(jnp.float32(1e5), jnp.float32(1))
row(15, "Gamma(1e5, 1).cdf(100299.43), float32", law.cdf(jnp.float32(100299.43)),
    mp.gammainc(100000, 0, single(100299.43), regularized=True))  # fmt: skip
row(15, "Gamma(1e5, 1).cdf(quantile(0.828178)), float32",
    mp.gammainc(100000, 0, mp.mpf(float(law.quantile(jnp.float32(0.828178)))), regularized=True), single(0.828178))  # fmt: skip
law, a = D.InverseGamma(jnp.float32(0.03), jnp.float32(1)), single(0.03)
row(15, "InverseGamma(0.03, 1).cdf(1.2e38), float32", law.cdf(jnp.float32(1.2e38)),
    mp.gammainc(a, 1 / single(1.2e38), mp.inf, regularized=True))  # fmt: skip
# there the distribution function is 1 - z**-a/gamma(a + 1)
row(15, "InverseGamma(0.03, 1).quantile(0.9267), float32", law.quantile(jnp.float32(0.9267)),
    ((1 - single(0.9267)) * mp.gamma(a + 1)) ** (-1 / a))  # fmt: skip


# F16: the search for a quantile ends too early in the upper tail
def noncentral_above(z, df, noncentrality):
    half = noncentrality / 2
    return mp.fsum(
        mp.exp(-half) * half**j / mp.factorial(j) * mp.gammainc(df / 2 + j, z / 2, mp.inf, regularized=True)
        for j in range(100)
    )


level = single(0.99988484)
row(16, "NoncentralChi2(3, 4).quantile(0.99988484), float32",
    D.NoncentralChi2(jnp.float32(3), jnp.float32(4)).quantile(jnp.float32(0.99988484)),
    mp.findroot(lambda z: noncentral_above(z, mp.mpf(3), mp.mpf(4)) - (1 - level), 35.5))  # fmt: skip


# F17: count/(2 rate2), of the first factor, cancels with that of the Bessel function
rate1, rate2 = jnp.float32(1e5), jnp.float32(0.001)
row(17, "Skellam(1e5, r).log_prob(100000), d/dr at 0.001, float32",
    jax.grad(lambda r: D.Skellam(rate1, r).log_prob(jnp.float32(100_000)))(rate2),
    mp.diff(lambda r: skellam(100_000, mp.mpf(100_000), r), single(0.001), h=mp.mpf("1e-12")))  # fmt: skip

# F5, F14: a class of its own with the same formulas
law = D.TwoPieceStudentT(jnp.float32(0.1), jnp.float32(0), jnp.float32(1), jnp.float32(1))
for df in (1e3, 1e4, 1e5):
    row(5, f"TwoPieceStudentT(df, 0, 1, 1).log_prob(0.3), d/ddf at {df:g}, float32",
        jax.grad(lambda v: D.TwoPieceStudentT(v, jnp.float32(0), jnp.float32(1), jnp.float32(1)).log_prob(jnp.float32(0.3)))(
            jnp.float32(df)),
        mp.diff(lambda v: student(v, single(0.3)), mp.mpf(df)))  # fmt: skip
row(14, "TwoPieceStudentT(0.1, 0, 1, 1).log_prob(1.3e38), float32", law.log_prob(jnp.float32(1.3e38)),
    student(single(0.1), single(1.3e38)) - mp.log(mp.pi) / 2)  # fmt: skip
row(14, "TwoPieceStudentT(0.1, 0, 1, 1).cdf(-1.63e22), float32", law.cdf(jnp.float32(-1.63e22)),
    student_below(single(1.63e22), single(0.1)))  # fmt: skip

# F18: the variance lacks a term
with jax.enable_x64(True):
    for a, b, rate in ((2.0, 3.0, 1.0), (1.5, 5.0, 2.0)):
        density = lambda x: x ** (a - 1) / (x + rate) ** (a + b) * mp.mpf(rate) ** b / mp.beta(a, b)  # noqa: E731
        first, second = (mp.quad(lambda x: x**k * density(x), [0, 1, 10, 100, mp.inf]) for k in (1, 2))
        law = D.GammaGamma(jnp.float64(a), jnp.float64(b), jnp.float64(rate))
        row(18, f"GammaGamma({a:g}, {b:g}, {rate:g}).mean(), float64", law.mean(), first)
        row(18, f"GammaGamma({a:g}, {b:g}, {rate:g}).variance(), float64", law.variance(), second - first**2)

# F19: log(1 - exp(log p)) of a p that rounds to 1
for single_or_double, loc in ((jnp.float32, -17.0), (jnp.float32, -18.0), (jnp.float64, -37.0), (jnp.float64, -38.0)):
    with jax.enable_x64(True):
        for k in (0, 1):
            found = jax.grad(lambda x: D.StoppingRatioLogistic(0 * x[None], x).log_prob(single_or_double(k)))(
                single_or_double(loc)
            )
            row(19, f"StoppingRatioLogistic([0], loc).log_prob({k}), d/dloc at {loc:g}, {found.dtype}", found,
                k - 1 / (1 + mp.exp(-mp.mpf(loc))))  # fmt: skip

# F4, F7, F8 at a small concentration and at a large size
noise = mp.log(2)
z = lambda c: mp.expm1(c * noise) / c  # noqa: E731
row(4, "GeneralizedPareto(0, 1, c).quantile(0.5), d/dc at 1e-9, float32",
    jax.grad(lambda c: D.GeneralizedPareto(0.0, 1.0, c).quantile(0.5))(1e-9),
    mp.diff(z, single(1e-9), h=mp.mpf("1e-20")))  # fmt: skip
row(4, "GeneralizedPareto(0, 1, c).log_prob(1.48), d/dc at 1e-9, float32",
    jax.grad(lambda c: D.GeneralizedPareto(0.0, 1.0, c).log_prob(1.48))(1e-9),
    mp.diff(lambda c: -(1 + 1 / c) * mp.log1p(single(1.48) * c), single(1e-9), h=mp.mpf("1e-20")))  # fmt: skip
row(7, "NegativeBinomial(n, 1e-6).log_prob(1), d/dn at 1e6, float32",
    jax.grad(lambda n: D.NegativeBinomial(n, probs=1e-6, require_integer_total_count=False).log_prob(1.0))(1e6),
    mp.mpf(10) ** -6 + mp.log1p(-single(1e-6)))  # fmt: skip
row(8, "NegativeBinomial(1e6, 1e-6).cdf(1), float32", D.NegativeBinomial(1e6, probs=1e-6).cdf(1.0),
    mp.betainc(10**6, 2, 0, 1 - single(1e-6), regularized=True))  # fmt: skip
