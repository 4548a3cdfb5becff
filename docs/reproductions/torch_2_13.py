"""What is wrong in torch.distributions 2.13.0: each line prints what Torch returns and what mpmath returns.

pip install torch==2.13.0 mpmath && python docs/reproductions/torch_2_13.py
"""

import mpmath as mp
import torch
from torch import distributions as D

mp.mp.dps = 40
F32, F64 = torch.float32, torch.float64


def leaf(value, dtype):
    return torch.tensor(value, dtype=dtype, requires_grad=True)


def slope(function, value, dtype):
    """d function / d value as Torch differentiates it."""
    at = leaf(value, dtype)
    (gradient,) = torch.autograd.grad(function(at).sum(), at)
    return float(gradient)


def exact(function, value, dtype):
    """The same by mpmath, at the value that the dtype holds."""
    at = mp.mpf(float(torch.tensor(value, dtype=dtype)))
    return mp.nstr(mp.diff(function, at, h=at * mp.mpf(10) ** -15), 9)


def row(number, words, observed, truth):
    print(f"T{number:<3} {words:<70} observed {observed!s:<24} exact {truth}")


# T1: inside of lims = (0.499, 0.501) samples do not depend on probs
torch.manual_seed(0)
for dtype in (F32, F64):
    probs = leaf(0.4999, dtype).expand(100_000)
    z = D.ContinuousBernoulli(probs).rsample()
    (gradient,) = torch.autograd.grad(z.sum(), probs)
    row(1, f"ContinuousBernoulli(0.4999).rsample, mean of dz/dprobs, {dtype}", float(gradient.mean()),
        exact(lambda p: p / (2 * p - 1) + 1 / (2 * mp.atanh(1 - 2 * p)), 0.4999, dtype))  # fmt: skip

# T2: just outside of lims the closed forms of the moments cancel
row(2, "ContinuousBernoulli(0.499).variance, float32", float(D.ContinuousBernoulli(torch.tensor(0.499)).variance),
    mp.nstr(mp.mpf(1) / 12, 6))  # fmt: skip
row(2, "d ContinuousBernoulli(0.499).mean / dprobs, float32",
    slope(lambda p: D.ContinuousBernoulli(p).mean, 0.499, F32), mp.nstr(mp.mpf(1) / 3, 6))  # fmt: skip

# T3-T8: probs are clamped to [eps, 1 - eps] before logits are taken, and a clamp stops the gradient
one, third = torch.tensor(1.0), torch.tensor(0.3)
tiny = 1e-8
row(3, "Bernoulli(1e-8).log_prob(1), d/dprobs, float32",
    slope(lambda p: D.Bernoulli(p).log_prob(one), tiny, F32), exact(mp.log, tiny, F32))  # fmt: skip
row(4, "Binomial(10, 1e-8).log_prob(1), d/dprobs, float32",
    slope(lambda p: D.Binomial(10, p).log_prob(one), tiny, F32),
    exact(lambda p: mp.log(p) + 9 * mp.log1p(-p), tiny, F32))  # fmt: skip
row(5, "NegativeBinomial(3, 1e-8).log_prob(1), d/dprobs, float32",
    slope(lambda p: D.NegativeBinomial(3.0, p).log_prob(one), tiny, F32),
    exact(lambda p: mp.log(p) + 3 * mp.log1p(-p), tiny, F32))  # fmt: skip
row(6, "Categorical([1e-8, 1 - 1e-8]).log_prob(0), d/dprobs[0], float32",
    slope(lambda p: D.Categorical(torch.stack([p, 1 - p])).log_prob(torch.tensor(0)), tiny, F32),
    exact(mp.log, tiny, F32))  # fmt: skip
row(6, "RelaxedOneHotCategorical(0.5, [1e-8, 1 - 1e-8]).log_prob([0.3, 0.7]), d/dprobs[0]",
    slope(lambda p: D.RelaxedOneHotCategorical(torch.tensor(0.5), torch.stack([p, 1 - p])).log_prob(
        torch.tensor([0.3, 0.7])), tiny, F32),
    exact(lambda p: mp.log(p) + mp.log1p(-p)
        - 2 * mp.log(p * mp.mpf(0.3) ** -0.5 + (1 - p) * mp.mpf(0.7) ** -0.5), tiny, F32))  # fmt: skip
row(7, "ContinuousBernoulli(1e-8).log_prob(0.3), d/dprobs, float32",
    slope(lambda p: D.ContinuousBernoulli(p).log_prob(third), tiny, F32),
    exact(lambda p: mp.mpf(0.3) * mp.log(p / (1 - p)) + mp.log1p(-p) + mp.log(2 * mp.atanh(1 - 2 * p) / (1 - 2 * p)),
          tiny, F32))  # fmt: skip
row(8, "RelaxedBernoulli(1, 1e-8).log_prob(0.3), d/dprobs, float32",
    slope(lambda p: D.RelaxedBernoulli(one, p).log_prob(third), tiny, F32),
    exact(lambda p: (lambda x: -x - 2 * mp.log1p(mp.exp(-x)))(mp.log(mp.mpf(3) / 7) - mp.log(p / (1 - p))), tiny, F32))  # fmt: skip

# T9: both branches of the Bessel function are evaluated, and the one that is not used overflows
for kappa in (1e-6, 1e5):
    row(9, f"VonMises(0, {kappa:g}).log_prob(0.5), d/dconcentration, float32",
        slope(lambda k: D.VonMises(torch.tensor(0.0), k).log_prob(torch.tensor(0.5)), kappa, F32),
        exact(lambda k: k * mp.cos(0.5) - mp.log(mp.besseli(0, k)), kappa, F32))  # fmt: skip

# T10: a scalar of the default dtype is compared with parameters of another
try:
    at = (torch.tensor(x, dtype=F64) for x in (0.0, 1.0, 0.3))
    observed = float(D.GeneralizedPareto(*at).log_prob(torch.tensor(0.5, dtype=F64)))
except RuntimeError as error:
    observed = f"RuntimeError: {error}"
row(10, "GeneralizedPareto(0, 1, 0.3).log_prob(0.5), float64", observed,
    mp.nstr(-(1 + 1 / mp.mpf(0.3)) * mp.log1p(mp.mpf(0.3) / 2), 9))  # fmt: skip

# T11: a window around 0 in which the concentration is taken to be 0
row(11, "GeneralizedPareto(0, 1, 1e-9).log_prob(3), d/dconcentration, float32",
    slope(lambda c: D.GeneralizedPareto(torch.tensor(0.0), torch.tensor(1.0), c).log_prob(torch.tensor(3.0)), 1e-9, F32),
    exact(lambda c: -(1 + 1 / c) * mp.log1p(3 * c), 1e-9, F32))  # fmt: skip


# T12: lgamma((df + 1)/2) - lgamma(df/2) cancels
def student(df, z):
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df) / 2 - (df + 1) / 2 * mp.log1p(z**2 / df)


for df in (1e3, 1e4, 1e5):
    row(12, f"StudentT({df:g}).log_prob(0.3), d/ddf, float32",
        slope(lambda v: D.StudentT(v).log_prob(third), df, F32), exact(lambda v: student(v, mp.mpf("0.3")), df, F32))  # fmt: skip

for dtype in (torch.float32, torch.float64):
    torch.manual_seed(0)
    c = leaf(1e-9, dtype)
    z = D.GeneralizedPareto(torch.zeros((), dtype=dtype), torch.ones((), dtype=dtype), c).rsample()
    small = mp.mpf(float(c))
    noise = mp.log1p(small * float(z)) / small  # z = (exp(c noise) - 1)/c
    (gradient,) = torch.autograd.grad(z, c)
    row(11, f"GeneralizedPareto(0, 1, 1e-9).rsample() = {float(z):.4f}, d/dconcentration, {dtype}", float(gradient),
        mp.nstr(mp.diff(lambda v: mp.expm1(v * noise) / v, small, h=mp.mpf("1e-20")), 9))  # fmt: skip

# T13: the same in the size of the negative binomial law: the mass itself is off by a factor of two
for name, value, truth in (
    ("log_prob(1)", float(D.NegativeBinomial(torch.tensor(1e6), torch.tensor(1e-6)).log_prob(one)),
     mp.nstr(6 * mp.log(10) + mp.mpf(10) ** 6 * mp.log1p(-mp.mpf(10) ** -6) + mp.log(mp.mpf(10) ** -6), 8)),
):  # fmt: skip
    row(13, f"NegativeBinomial(1e6, 1e-6).{name}, float32", value, truth)

# T14: the Jacobian 1/z**2 underflows before its logarithm is taken
torch.manual_seed(0)
law = D.InverseGamma(torch.tensor(0.1), torch.tensor(1.0))
z = law.sample((100_000,))
row(14, "InverseGamma(0.1, 1): share of own samples with log_prob = -inf, float32",
    float(torch.isinf(law.log_prob(z)).float().mean()), 0)  # fmt: skip
row(14, "InverseGamma(0.1, 1).log_prob(1e20), float32", float(law.log_prob(torch.tensor(1e20))),
    mp.nstr(-mp.loggamma(mp.mpf(0.1)) - mp.mpf(1.1) * mp.log(mp.mpf(10) ** 20), 8))  # fmt: skip

# T15: 1 - z**a rounds to 0 where most of the mass lies
law = D.Kumaraswamy(torch.tensor(0.01), torch.tensor(0.01), validate_args=False)
row(15, "Kumaraswamy(0.01, 0.01).log_prob(0.999999), float32 (83 % of the mass is above)",
    float(law.log_prob(torch.tensor(0.999999))),
    mp.nstr((lambda z, a: 2 * mp.log(a) + (a - 1) * mp.log(z) + (a - 1) * mp.log(-mp.expm1(a * mp.log(z))))(
        mp.mpf(float(torch.tensor(0.999999))), mp.mpf(float(torch.tensor(0.01)))), 8))  # fmt: skip

NEAR_ONE = 0.99999999999999811
law = D.Kumaraswamy(*(torch.tensor(0.01, dtype=torch.float64),) * 2, validate_args=False)
row(15, "Kumaraswamy(0.01, 0.01).cdf(1 - 1.9e-15), float64",
    float(law.cdf(torch.tensor(NEAR_ONE, dtype=torch.float64))),
    mp.nstr(1 - (-mp.expm1(mp.mpf(0.01) * mp.log(mp.mpf(NEAR_ONE)))) ** mp.mpf(0.01), 8))  # fmt: skip
law = D.Kumaraswamy(torch.tensor(0.01), torch.tensor(0.01))
torch.manual_seed(0)
row(15, "Kumaraswamy(0.01, 0.01): share of draws that are 1, float32; exact: the mass that rounds to 1",
    float((law.sample((1_000_000,)) >= 1).float().mean()),
    mp.nstr((-mp.expm1(mp.mpf(float(torch.tensor(0.01))) * mp.log1p(-mp.mpf(2) ** -25))) ** mp.mpf(0.01), 6))  # fmt: skip

# T16: a rational approximation of the derivative, up to 0.1 % off where it is fitted
torch.manual_seed(1)
concentration = leaf(0.1, F64).expand(200_000)
z = D.Gamma(concentration, torch.tensor(1.0, dtype=F64)).rsample()
(gradient,) = torch.autograd.grad(z.sum(), concentration)
k = int(torch.argmax(z))
a, at = mp.mpf(0.1), mp.mpf(float(z[k].detach()))
velocity = mp.diff(lambda s: mp.gammainc(s, at, mp.inf, regularized=True), a) / (
    mp.exp((a - 1) * mp.log(at) - at) / mp.gamma(a)
)
row(
    16,
    f"Gamma(0.1, 1).rsample, dz/dconcentration at z = {float(at):.6g}, float64",
    float(gradient[k]),
    mp.nstr(velocity, 9),
)

# T17: draws that underflow are moved to the smallest number, and the score is taken there
torch.manual_seed(2)
concentration = leaf(0.01, F32)
law = D.Gamma(concentration, torch.tensor(1.0))
z = law.sample((100_000,))
(gradient,) = torch.autograd.grad(law.log_prob(z).mean(), concentration)
row(17, "Gamma(0.01, 1): mean of the score in the concentration, float32", float(gradient), 0)

# T18: 1/c * log1p(c x) cancels in its derivative
row(18, "GeneralizedPareto(0, 1, c).log_prob(0.3), d/dc at 1e-6, float32",
    slope(lambda c: D.GeneralizedPareto(torch.tensor(0.0), torch.tensor(1.0), c).log_prob(third), 1e-6, F32),
    exact(lambda c: -(1 + 1 / c) * mp.log1p(mp.mpf(float(third)) * c), 1e-6, F32))  # fmt: skip

# T19: the same of a binomial count near its upper end
row(19, "Binomial(10, 0.9999999).log_prob(10), d/dprobs, float32",
    slope(lambda p: D.Binomial(10, p).log_prob(torch.tensor(10.0)), 0.9999999, F32),
    exact(lambda p: 10 * mp.log(p), 0.9999999, F32))  # fmt: skip

# T20: a square, or a Jacobian, overflows before its logarithm is taken
row(20, "StudentT(0.1).log_prob(1e20), float32", float(D.StudentT(torch.tensor(0.1)).log_prob(torch.tensor(1e20))),
    mp.nstr(student(mp.mpf("0.1"), mp.mpf(10) ** 20) - mp.log(mp.pi) / 2, 8))  # fmt: skip
row(20, "Weibull(1, 0.02).log_prob(5e37), float32 (P(Z > 5e37) = 0.003)",
    float(D.Weibull(torch.tensor(1.0), torch.tensor(0.02)).log_prob(torch.tensor(5e37))),
    mp.nstr(mp.log("0.02") - mp.mpf("0.98") * mp.log(5 * mp.mpf(10) ** 37) - (5 * mp.mpf(10) ** 37) ** mp.mpf("0.02"), 8))  # fmt: skip

# T21: the derivative of 1/g is taken as 1/g**2 times dg: the square overflows where z and dz/dconcentration do not
torch.manual_seed(0)
concentration = leaf(0.1, F32).expand(100_000)
z = D.InverseGamma(concentration, torch.tensor(1.0)).rsample()
(gradient,) = torch.autograd.grad(z.sum(), concentration)
lost = ~torch.isfinite(gradient)
k = int(torch.argmax(lost.int()))
a, at = mp.mpf(float(concentration[0].detach())), mp.mpf(float(z[k].detach()))
velocity = -mp.diff(lambda s: mp.gammainc(s, 1 / at, mp.inf, regularized=True), a, h=mp.mpf("1e-15")) / (
    mp.exp(-(a + 1) * mp.log(at) - 1 / at) / mp.gamma(a)
)
row(21, "InverseGamma(0.1, 1).rsample: share of derivatives that are infinite", float(lost.float().mean()), 0)
row(21, f"dz/dconcentration at z = {float(at):.6g}, float32", float(gradient[k]), mp.nstr(velocity, 9))

# T22: the same of Student's t, whose chi-square variable is small
torch.manual_seed(0)
df = leaf(0.1, F32).expand(100_000)
z = D.StudentT(df).rsample()
(gradient,) = torch.autograd.grad(z.sum(), df)
lost = ~torch.isfinite(gradient) & torch.isfinite(z)
v, at = mp.mpf(float(df[0].detach())), mp.mpf(float(z[lost].abs().min().detach()))
tail = lambda d: mp.betainc(d / 2, mp.mpf(1) / 2, 0, d / (d + at**2), regularized=True) / 2  # noqa: E731
velocity = mp.diff(tail, v, h=mp.mpf("1e-15")) / mp.exp(student(v, at) - mp.log(mp.pi) / 2)
row(22, "StudentT(0.1).rsample: share of derivatives in df that are NaN, float32", float(lost.float().mean()), 0)
row(22, f"mean of dz/ddf given |z| = {float(at):.6g}", "nan", mp.nstr(velocity, 9))

# T23: a cross entropy of probs near 0, where 1 - probs has lost its digits, divided by probs
row(23, "Geometric(1e-6).entropy(), float32", float(D.Geometric(torch.tensor(1e-6)).entropy()),
    mp.nstr((lambda p: (-(1 - p) * mp.log1p(-p) - p * mp.log(p)) / p)(mp.mpf(float(torch.tensor(1e-6)))), 9))  # fmt: skip


# T24: empty batches, which D.Normal(0.0, 1.0).sample((0,)) and most others allow
def refused(function):
    try:
        return tuple(function().shape)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:60]


third_each, plane = torch.ones(3) / 3, torch.eye(2).expand(0, 2, 2)
for words, function, shape in (
    ("Categorical(...).sample((0,))", lambda: D.Categorical(third_each).sample((0,)), (0,)),
    ("OneHotCategorical(...).sample((0,))", lambda: D.OneHotCategorical(third_each).sample((0,)), (0, 3)),
    ("Multinomial(5, ...).sample((0,))", lambda: D.Multinomial(5, third_each).sample((0,)), (0, 3)),
    ("MultivariateNormal of no laws: log_prob",
     lambda: D.MultivariateNormal(torch.zeros(0, 2), plane).log_prob(torch.zeros(0, 2)), (0,)),
    ("LowRankMultivariateNormal of no laws: log_prob",
     lambda: D.LowRankMultivariateNormal(torch.zeros(0, 2), torch.zeros(0, 2, 1), torch.ones(0, 2)).log_prob(
         torch.zeros(0, 2)), (0,)),
    ("Wishart of no laws: rsample", lambda: D.Wishart(torch.full((0,), 4.0), plane).rsample(), (0, 2, 2)),
    ("MixtureSameFamily(...).sample((0,))",
     lambda: D.MixtureSameFamily(D.Categorical(third_each), D.Normal(third_each, 1)).sample((0,)), (0,)),
    ("Independent of no laws: log_prob",
     lambda: D.Independent(D.Normal(torch.zeros(0, 2), 1.0), 1).log_prob(torch.zeros(0, 2)), (0,)),
    ("LogisticNormal of no laws: log_prob",
     lambda: D.LogisticNormal(torch.zeros(0, 1), torch.ones(0, 1)).log_prob(torch.ones(0, 2) / 2), (0,)),
    ("LKJCholesky of no laws: sample", lambda: D.LKJCholesky(2, torch.ones(0)).sample(), (0, 2, 2)),
    ("RelaxedOneHotCategorical of no laws: rsample",
     lambda: D.RelaxedOneHotCategorical(torch.tensor(1.0), logits=torch.zeros(0, 3)).rsample(), (0, 3)),
):  # fmt: skip
    row(24, words, refused(function), shape)

# T25: logits keep the digits of 1 - probs, and the variance takes probs
logits = torch.log(torch.tensor(0.999999, dtype=F64) / torch.tensor(0.000001, dtype=F64)).float()
row(25, "Binomial(10**6, logits=13.8155).variance, float32", float(D.Binomial(10**6, logits=logits).variance),
    mp.nstr(mp.mpf(10) ** 6 / (2 + mp.exp(mp.mpf(float(logits))) + mp.exp(-mp.mpf(float(logits)))), 9))  # fmt: skip

# T26: a batch of temperatures; at the centre of the simplex, of equal logits, the density is 2 temperature**2
temperatures, centre = torch.tensor([0.5, 2.0]), torch.ones(2, 3) / 3
for words, shaped in (("(2,)", temperatures), ("(2, 1)", temperatures[:, None])):
    row(
        26,
        f"RelaxedOneHotCategorical, temperatures {words}: log_prob",
        refused(lambda t=shaped: D.RelaxedOneHotCategorical(t, logits=torch.zeros(2, 3)).log_prob(centre)),
        (2,),
    )
relaxed = D.RelaxedOneHotCategorical(temperatures[:, None], logits=torch.zeros(2, 3))
row(26, "log_prob of temperatures (0.5, 2)", relaxed.log_prob(centre).tolist(),
    [mp.nstr(mp.log(2 * mp.mpf(t) ** 2), 5) for t in (0.5, 2)])  # fmt: skip

# what the same clamp as in T7 does to the entropy
row(7, "ContinuousBernoulli(1e-8).entropy(), float32", float(D.ContinuousBernoulli(torch.tensor(1e-8)).entropy()),
    mp.nstr((lambda p: -(p / (2 * p - 1) + 1 / (2 * mp.atanh(1 - 2 * p))) * mp.log(p / (1 - p)) - mp.log1p(-p)
             - mp.log(2 * mp.atanh(1 - 2 * p) / (1 - 2 * p)))(mp.mpf(float(torch.tensor(1e-8)))), 9))  # fmt: skip

# T13: its derivative in the size
size, p = leaf(1e6, torch.float32), torch.tensor(1e-6)
(gradient,) = torch.autograd.grad(D.NegativeBinomial(size, p).log_prob(torch.tensor(1.0)), size)
row(13, "NegativeBinomial(1e6, 1e-6).log_prob(1), d/dtotal_count, float32", float(gradient),
    mp.nstr(mp.mpf(10) ** -6 + mp.log1p(-mp.mpf(float(p))), 9))  # fmt: skip

# T25: samples, too, are drawn with probs
torch.manual_seed(0)
logit = torch.tensor(13.802502)
draws = 10**6 - D.Binomial(torch.tensor(1e6), logits=logit).sample((1_000_000,)).double()
row(25, "10**6 less the mean of samples of Binomial(10**6, logits=13.802502), float32",
    f"{draws.mean():.4f} +- {draws.std() / 1000:.4f}", mp.nstr(mp.mpf(10) ** 6 / (1 + mp.exp(mp.mpf(float(logit)))), 9))  # fmt: skip

# T22: the same of the divisor of a Fisher-Snedecor variable
torch.manual_seed(0)
lost = 0
for _ in range(8):
    df2 = torch.full((500_000,), 0.6, requires_grad=True)
    (gradient,) = torch.autograd.grad(D.FisherSnedecor(torch.full((500_000,), 0.2), df2).rsample().sum(), df2)
    lost += int((~torch.isfinite(gradient)).sum())
row(22, "FisherSnedecor(0.2, 0.6).rsample(), d/ddf2, float32: not finite, of 4 million", lost, 0)
