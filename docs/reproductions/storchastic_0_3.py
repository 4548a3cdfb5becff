"""What is wrong in storchastic 0.3.7 (Torch 2.13.0).

pip install torch==2.13.0 storchastic==0.3.7 mpmath && python docs/reproductions/storchastic_0_3.py
"""

import itertools

import mpmath as mp
import storch
import torch
from torch.distributions import Bernoulli, Normal, OneHotCategorical

mp.mp.dps = 30
torch.manual_seed(0)
ROWS = 100_000
LOGITS = [0.1, -0.2, 0.5, 0.3]


def row(number, words, observed, error, truth):
    print(f"S{number:<2} {words:<66} observed {observed:9.5f} +- {error:.5f}   exact {mp.nstr(mp.mpf(truth), 6)}")


def gradients(method, build, leaf, f, rows=ROWS):
    """One row of a plate for each independent estimate of the gradient in `leaf`, shape (rows, *leaf's)."""
    leaf = leaf.expand(rows, 1, *leaf.shape).clone().requires_grad_(True)
    z = method(build(storch.denote_independent(leaf, 0, "rows")))
    storch.add_cost(f(z), "f")
    storch.backward(update_estimator_params=False)
    return rows * leaf.grad.squeeze(1)


def show(number, words, g, truth):
    row(number, words, float(g.mean()), float(g.std() / len(g) ** 0.5), truth)


def bit(z):
    return ((z.float() - 1.3) ** 2).squeeze(-1)


def index(z):
    return (((z * torch.arange(float(z.shape[-1]))).sum(-1) - 1.3) ** 2).squeeze(-1)


def in_logits(size):
    """p and d/d logits of E (Z - 1.3)**2 for the index Z."""
    weights = [mp.exp(mp.mpf(float(torch.tensor(x)))) for x in LOGITS[:size]]
    p = [weight / mp.fsum(weights) for weight in weights]
    f = [(k - mp.mpf("1.3")) ** 2 for k in range(size)]
    mean = mp.fsum(a * b for a, b in zip(p, f, strict=True))
    return p, [a * (b - mean) for a, b in zip(p, f, strict=True)]


theta = 1 / (1 + mp.exp(-mp.mpf("0.3")))
in_logit = theta * (1 - theta) * (mp.mpf("0.09") - mp.mpf("1.69"))
logit = torch.tensor(0.3)


def bernoulli(x):
    return Bernoulli(logits=x)


def categorical(x):
    return OneHotCategorical(logits=x)


# right, for comparison: the same f by the same lines
show(0, "right: ARM, Bernoulli, d/d logit", gradients(storch.method.ARM("z"), bernoulli, logit, bit), in_logit)

# S1: the cost of the antithetic sample is added with the wrong sign
show(1, "DisARM, Bernoulli, d/d logit", gradients(storch.method.DisARM("z"), bernoulli, logit, bit), in_logit)

# S2, S3: the relaxed sample given the bit is sigmoid(log p + log(1 + p) + log v + log(1 + v)): signs are missing
show(2, "REBAR, Bernoulli, d/d logit", gradients(storch.method.REBAR("z"), bernoulli, logit, bit), in_logit)
relax = storch.method.RELAX("z", c_phi=lambda y: 2 * y.squeeze(-1))
show(3, "RELAX with c(y) = 2 y, Bernoulli, d/d logit", gradients(relax, bernoulli, logit, bit), in_logit)

# S4: a name that is not defined
try:
    gradients(storch.method.LAX("z", c_phi=lambda y: y.squeeze(-1)), lambda x: Normal(x, 1.0), logit, bit)
except NameError as error:
    print(f"S4  LAX, normal, any parameter: NameError: {error}")
    storch.reset()

# S5: the cost is a factor of what is then multiplied by the cost
p, exact = in_logits(4)
for words, options in (("", {}), (", without baseline", {"use_baseline": False})):
    method = storch.method.ScoreFunctionWOR("z", 3, biased=False, **options)
    g = gradients(method, categorical, torch.tensor(LOGITS), index)
    for k in range(4):
        show(5, f"ScoreFunctionWOR(k=3, biased=False{words}), d/d logits[{k}]", g[:, k], exact[k])

# S6: the baseline sums over the wrong index of the leave-two-out ratio. The estimate is a function of the drawn set
# alone: the mean over all sets, with their exact probabilities, has no sampling error
p, exact = in_logits(3)
leaf = torch.tensor(LOGITS[:3])
found = {}
while len(found) < 3:
    leaves = leaf.expand(2, 1, 3).clone().requires_grad_(True)
    z = storch.method.UnorderedSetEstimator("z", 2)(
        OneHotCategorical(logits=storch.denote_independent(leaves, 0, "rows"))
    )
    for one, drawn in enumerate(z._tensor.argmax(-1).squeeze(-1).tolist()):
        found.setdefault(frozenset(drawn), one)
    storch.add_cost(index(z), "f")
    storch.backward()
    found = {s: 2 * leaves.grad[v, 0].double() if isinstance(v, int) else v for s, v in found.items()}
mean = [mp.mpf(0)] * 3
for i, j in itertools.combinations(range(3), 2):
    probability = p[i] * p[j] / (1 - p[i]) + p[j] * p[i] / (1 - p[j])
    mean = [m + probability * mp.mpf(float(g)) for m, g in zip(mean, found[frozenset((i, j))], strict=True)]
for k in range(3):
    row(6, f"UnorderedSetEstimator(k=2), d/d logits[{k}]", float(mean[k]), 0.0, exact[k])
try:
    method = storch.method.UnorderedSetEstimator("z", 2, use_baseline=False)
    gradients(method, categorical, leaf, index, rows=2)
except NotImplementedError as error:
    print(f"S7  UnorderedSetEstimator(use_baseline=False): NotImplementedError: {error}")
    storch.reset()

# S8: the average is updated with the cost before it is subtracted from it
g = []
for _ in range(4000):
    x = logit.clone().requires_grad_(True)
    method = storch.method.ScoreFunction("z", baseline_factory="moving_average", exponential_decay=0.5)
    storch.add_cost((method(Bernoulli(logits=x)) - 1.3) ** 2, "f")
    storch.backward()
    g.append(x.grad)
show(8, "ScoreFunction, moving average (decay 0.5), d/d logit", torch.stack(g), in_logit)

# S9: `if found_i:` takes the first input, number 0, for none: no differentiable path is ever found for a single one,
# and Infer adds f d log p(z)/d scale through the sample, which is -f/scale, to the pathwise gradient
scale = torch.tensor(1.2)
g = gradients(storch.method.Infer("z", Normal), lambda s: Normal(0.0, s), scale, lambda z: (z**2).squeeze(-1))
show(9, "Infer, Normal(0, scale = 1.2), f = z**2, d/d scale", g, 2 * mp.mpf("1.2"))
