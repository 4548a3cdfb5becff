"""Rules of the Nakagami law, whose square is gamma; catalogue letters k (concentration), sigma (scale)."""

from sympy import Symbol

from fsb_oracle.backends.noise import Exponential, Gamma
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Cost, Rule
from fsb_oracle.rules.squares import scale_rules, slope

_k = Symbol("k")


def _theta(c):
    return c.sigma**2 / c.k


def _compensated(f, c, y, e):
    lost, larger = drop(c.math, e / c.k), c.math.sqrt(_theta(c) * y)
    kept = c.math.sqrt(1 - lost)
    step, mean_slope = -larger * lost / (1 + kept), larger / (y * (1 + kept))
    found = difference(f, larger, larger * kept, step, -1 / (y * lost), mean_slope)
    return found - _theta(c) * slope(f, larger)


RULES = (
    Rule(
        id="NAK-k-SB",
        family="nakagami",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_compensated,
        noise={"y": Gamma(_k + 1), "e": Exponential()},
        cost=Cost(f=2, first=1),
        formula="[f(x) - f(x sqrt(V))]/(y (1 - V)) - theta f'(x)/(2 x), x = sqrt(theta y), V = exp(-e/k), "
        "theta = sigma^2/k, y ~ Gamma(k+1), e ~ Exp(1)",
        source="GAM-k-SB less GAM-s-U of z^2, with theta = sigma^2/k",
        remarks="variance 0 for f = z^2",
    ),
    *scale_rules("NAK", "nakagami", _k, lambda c: c.k, _theta, "theta = sigma^2/k"),
)

# concentration: the only one
# scale: the plain derivative serves every other parameter too; for jumps the bounded difference
RECOMMENDED = {"concentration": ("NAK-k-SB",), "scale": ("NAK-sig-D", "NAK-sig-S")}
