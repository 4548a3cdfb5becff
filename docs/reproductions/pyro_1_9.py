"""What is wrong in pyro.distributions 1.9.2 (Torch 2.13.0): what Pyro returns and what mpmath returns.

pip install torch==2.13.0 pyro-ppl==1.9.2 mpmath && python docs/reproductions/pyro_1_9.py
"""

import mpmath as mp
import torch
from pyro import distributions as D

LOCS, SCALES, LOGITS = [[1.0, -0.5], [-0.7, 0.8]], [[0.6, 1.3], [1.1, 0.5]], [0.3, -0.2]
SHARED = [0.6, 1.3]
SAMPLES = 400_000

FUNCTIONS = {  # f of the samples, and its mean under one normal component
    "z0*z1": (lambda z: z[:, 0] * z[:, 1], lambda m, s: m[0] * m[1]),
    "z0**2": (lambda z: z[:, 0] ** 2, lambda m, s: m[0] ** 2 + s[0] ** 2),
    "cos(1.5*z0)": (
        lambda z: torch.cos(1.5 * z[:, 0]),
        lambda m, s: mp.cos(1.5 * m[0]) * mp.exp(-mp.mpf(9) / 8 * s[0] ** 2),
    ),
}


def exact(mean, scales):
    """d/dlogits[0] of the sum of softmax(logits) times the components' means."""
    means = [mean(*map(lambda row: list(map(mp.mpf, row)), pair)) for pair in zip(LOCS, scales)]
    first = lambda x: mp.exp(x) / (mp.exp(x) + mp.exp(mp.mpf(LOGITS[1])))  # noqa: E731
    return mp.diff(lambda x: first(x) * means[0] + (1 - first(x)) * means[1], mp.mpf(LOGITS[0]))


def row(number, words, observed, error, truth):
    print(f"P{number:<3} {words:<62} observed {observed:.4f} +- {error:.4f}   exact {mp.nstr(truth, 6)}")


for number, cls, scales in ((1, D.MixtureOfDiagNormals, SCALES), (2, D.MixtureOfDiagNormalsSharedCovariance, SHARED)):
    torch.manual_seed(0)
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    law = cls(torch.tensor(LOCS, dtype=torch.float64), torch.tensor(scales, dtype=torch.float64), logits)
    batches = [law.rsample((SAMPLES // 40,)) for _ in range(40)]
    for name, (f, mean) in FUNCTIONS.items():
        found = torch.stack([torch.autograd.grad(f(z).mean(), logits, retain_graph=True)[0][0] for z in batches])
        rows = scales if number == 1 else [scales, scales]
        row(number, f"{cls.__name__}, d/dlogits[0] of E {name}", float(found.mean()), float(found.std() / 40**0.5),
            exact(mean, rows))  # fmt: skip

# P3: Pyro's Geometric takes logits of clamped probs, where Torch's own class does not
probs = torch.tensor(1e-8, requires_grad=True)
(gradient,) = torch.autograd.grad(D.Geometric(probs).log_prob(torch.tensor(1.0)), probs)
row(3, "Geometric(1e-8).log_prob(1), d/dprobs, float32", float(gradient), 0, 1 / mp.mpf(1e-8) - 1)

# P4: lbeta(a + k, b + n - k) - lbeta(a, b) cancels
law = D.BetaBinomial(torch.tensor(1e6), torch.tensor(2e6), torch.tensor(10.0))
truth = mp.log(mp.binomial(10, 3)) + mp.log(mp.beta(10**6 + 3, 2 * 10**6 + 7)) - mp.log(mp.beta(10**6, 2 * 10**6))
row(4, "BetaBinomial(1e6, 2e6, 10).log_prob(3), float32", float(law.log_prob(torch.tensor(3.0))), 0, truth)

# P5: draws are moved to eps and to 1 - eps
for dtype in (torch.float32, torch.float64):
    one, eps = torch.ones((), dtype=dtype), torch.finfo(dtype).eps
    torch.manual_seed(0)
    z = D.AffineBeta(0.1 * one, 2 * one, 0 * one, one).sample((SAMPLES,))
    a, row_of = mp.mpf(float(0.1 * one)), f"{str(dtype).removeprefix('torch.')}"
    row(
        5,
        f"AffineBeta(0.1, 2, 0, 1): share of draws that are eps, {row_of}",
        float((z == eps).double().mean()),
        0,
        mp.mpf(0),
    )
    row(
        5,
        f"the same: E log z, {row_of}",
        float(z.double().log().mean()),
        float(z.double().log().std() / SAMPLES**0.5),
        mp.digamma(a) - mp.digamma(a + 2),
    )

# P6: an empty batch
for words, law in {
    "LKJ": lambda: D.LKJ(2, torch.ones(0)),
    "BetaBinomial": lambda: D.BetaBinomial(torch.ones(0), torch.ones(0), 5),
    "ExtendedBetaBinomial": lambda: D.ExtendedBetaBinomial(torch.ones(0), torch.ones(0), 5),
    "DirichletMultinomial": lambda: D.DirichletMultinomial(torch.ones(0, 3), 5),
}.items():
    try:
        print(f"P6   {words} of an empty batch: shape {tuple(law().sample().shape)}")
    except RuntimeError as error:
        print(f"P6   {words} of an empty batch raises: {str(error)[:60]}")

# P7: probs are clamped, which stops the gradient
for predictor in (-15.0, -17.0, -20.0):
    x = torch.tensor(predictor, requires_grad=True)
    (gradient,) = torch.autograd.grad(D.OrderedLogistic(x, torch.zeros(1)).log_prob(torch.tensor(1.0)), x)
    row(
        7,
        f"OrderedLogistic(x, [0]).log_prob(1), d/dx at {predictor:g}, float32",
        float(gradient),
        0,
        1 - 1 / (1 + mp.exp(-mp.mpf(predictor))),
    )
for probs, count in ((1e-8, 10.0), (0.9999999, 10.0)):
    x = torch.tensor(probs, requires_grad=True)
    (gradient,) = torch.autograd.grad(D.ExtendedBinomial(torch.tensor(10.0), x).log_prob(torch.tensor(count)), x)
    row(
        7,
        f"ExtendedBinomial(10, {probs:g}).log_prob({count:g}), d/dprobs, float32",
        float(gradient),
        0,
        count / mp.mpf(float(x)),
    )


# P8: in the coordinates "S" the tangent is taken of the shifted value, not of the shift
def stable(z, alpha, beta):
    tangent = mp.tan(mp.pi * alpha / 2)
    wave = lambda w: mp.re(mp.exp(-1j * w * z - w**alpha * (1 - 1j * beta * tangent)))  # noqa: E731
    return mp.log(mp.quad(wave, mp.linspace(0, 12, 40)) / mp.pi)


for alpha, beta, z in ((1.5, 0.5, 4.85), (1.5, 0.5, 0.3), (1.9, 0.0, 2.57)):
    values = (torch.tensor(value, dtype=torch.float64) for value in (alpha, beta, 1.0, 0.0))
    found = D.Stable(*values, coords="S").log_prob(torch.tensor(z, dtype=torch.float64))
    row(
        8,
        f'Stable({alpha:g}, {beta:g}, coords="S").log_prob({z:g}), float64',
        float(found),
        0,
        stable(mp.mpf(z), alpha, beta),
    )

# T13: the same in GammaPoisson, whose logarithms of the rate cancel too
size, rate = torch.tensor(1e6, requires_grad=True), torch.tensor(999999.0, requires_grad=True)
for k in (1.0, 2.0):
    found = torch.autograd.grad(D.GammaPoisson(size, rate).log_prob(torch.tensor(k)), (size, rate))
    truth = mp.fsum(1 / (mp.mpf(10) ** 6 + j) for j in range(int(k))) + mp.log(mp.mpf(999999) / 10**6)
    print(
        f"T13  GammaPoisson(1e6, 999999).log_prob({k:g}), d/dconcentration, float32", float(found[0]), mp.nstr(truth, 6)
    )
    truth = mp.mpf(10) ** 6 / 999999 - (10**6 + mp.mpf(k)) / 10**6
    print(f"T13  GammaPoisson(1e6, 999999).log_prob({k:g}), d/drate, float32", float(found[1]), mp.nstr(truth, 6))
