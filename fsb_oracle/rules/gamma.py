"""Rules of the gamma law; catalogue letters k (shape), s (scale = 1/rate)."""

from fsb_oracle.backends.noise import Exponential, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _size_biased_difference(f, c, z, e):
    """(s / X) [f(z + X) - f(z)] with X = s e."""
    return (f(z + c.s * e) - f(z)) / e


RULES = (
    Rule(
        id="GAM-k-U",
        family="gamma",
        parameter="concentration",
        letter="k",
        kernel=lambda f, c, z, u, e: c.s * f.derivative(z + c.s * u * e),
        noise={"u": Uniform(), "e": Exponential()},
        formula="s f'(z + s u e), u ~ U(0,1), e ~ Exp(1)",
        source="Levy kernel exp(-x/s)/x of the gamma law, velocity theorem",
        remarks="constant weight; variance bounded uniformly in k for Lipschitz f",
    ),
    Rule(
        id="GAM-k-SB",
        family="gamma",
        parameter="concentration",
        letter="k",
        kernel=_size_biased_difference,
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(s / X) [f(z + X) - f(z)], X = s e, e ~ Exp(1)",
        source="Rao-Blackwellization of GAM-k-U over u",
        remarks="never larger variance than GAM-k-U; log-infinite variance for jumps",
    ),
    Rule(
        id="GAM-s-U",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: c.k * f.derivative(z + c.s * e),
        noise={"e": Exponential()},
        formula="k f'(z + s e), e ~ Exp(1)",
        source="velocity theorem: z + s e ~ Gamma(k + 1, s)",
    ),
    Rule(
        id="GAM-s-S",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: (c.k / c.s) * (f(z + c.s * e) - f(z)),
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="(k/s) [f(z + s e) - f(z)], e ~ Exp(1)",
        source="finite-activity shift rule",
    ),
)
