"""Rules of the continuous Bernoulli law, whose natural parameter is log(lam/(1 - lam)); letter lam (probs)."""

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _covariance(f, c, z, u):
    slope = (2 * c.lam - 1) / (1 - c.lam)
    other = c.math.log(1 + u * slope) / (c.math.log(c.lam) - c.math.log(1 - c.lam))
    return (z - other) * (f(z) - f(other)) / (2 * c.lam * (1 - c.lam))


RULES = (
    Rule(
        id="CBE-p-P",
        family="continuous_bernoulli",
        parameter="probs",
        letter="lam",
        kernel=_covariance,
        noise={"u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="(z - z') [f(z) - f(z')] / (2 lam (1 - lam)), z' an independent copy of z",
        source="the derivative in the natural parameter is the covariance of f and z",
        remarks="the mean of the score over both samples, with the mean of f taken out",
    ),
)

RECOMMENDED = {"probs": ("CBE-p-P",)}
