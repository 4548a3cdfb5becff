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
