"""Rules of the normal inverse Gaussian law; catalogue letters mu = loc, delta = scale, alpha = tailweight, beta =
skewness.

Brownian motion with drift beta at an inverse Gaussian time. Its value at the time (2/g^2) Gamma(1/2), with
g^2 = alpha^2 - beta^2, is the difference y/(alpha - beta) - y'/(alpha + beta) of two gamma variables of shape 1/2.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational

from fsb_oracle.backends.noise import Gamma, Normal, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _root(c: Any) -> Any:
    """g, without the cancellation of alpha^2 - beta^2."""
    return c.math.sqrt((c.alpha - c.beta) * (c.alpha + c.beta))


def _jumped(c: Any, z: Any, y: Any, yy: Any) -> Any:
    return z + y / (c.alpha - c.beta) - yy / (c.alpha + c.beta)


def _skewness(f, c, z, y, yy):
    point = _jumped(c, z, y, yy)
    return c.delta / _root(c) * (c.beta * (f(point) - f(z)) + f.derivative(point))


def _scale_by_generator(f, c, z, u, t, eps):
    time = 2 * u * t / _root(c) ** 2
    point = z + c.beta * time + c.math.sqrt(time) * eps
    return (c.beta * f.derivative(point) + f.derivative(point, 2) / 2) / _root(c)


def _scale_by_slopes(f, c, z, u, t, eps):
    """The jumps themselves, antithetic; times t^(-3/2) exp(-g^2 t/2)/sqrt(2 pi) proposed from Gamma(1/4)."""
    m, rate = c.math, _root(c) ** 2 / 2
    time = t / rate
    drift, diffusion = c.beta * time, m.sqrt(time) * eps
    up, down = drift + diffusion, drift - diffusion
    weight = m.exp(m.loggamma(m.rational(1, 4))) * m.sqrt(rate / (2 * m.pi)) * m.power(t, m.rational(-3, 4))
    return weight / 2 * (up * f.derivative(z + u * up) + down * f.derivative(z + u * down))


_HALF = Gamma(Rational(1, 2))
_JUMP = "y, y' ~ Gamma(1/2), g^2 = alpha^2 - beta^2"

RULES = (
    Rule(
        id="NIG-mu",
        family="normal_inverse_gaussian",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="NIG-al",
        family="normal_inverse_gaussian",
        parameter="tailweight",
        letter="alpha",
        kernel=lambda f, c, z, y, yy: c.delta * c.alpha / _root(c) * (f(z) - f(_jumped(c, z, y, yy))),
        noise={"y": _HALF, "yy": _HALF},
        requires="F0",
        cost=Cost(f=2),
        formula=f"-(delta alpha/g) [f(z + y/(alpha - beta) - y'/(alpha + beta)) - f(z)], {_JUMP}",
        source="finite-activity shift rule of the inverse Gaussian time, composed with Brownian motion",
    ),
    Rule(
        id="NIG-be",
        family="normal_inverse_gaussian",
        parameter="skewness",
        letter="beta",
        kernel=_skewness,
        noise={"y": _HALF, "yy": _HALF},
        cost=Cost(f=2, first=1),
        formula=f"(delta/g) {{ beta [f(x) - f(z)] + f'(x) }}, x = z + y/(alpha - beta) - y'/(alpha + beta), {_JUMP}",
        source="the same for the time, and the drift of the motion",
    ),
    Rule(
        id="NIG-de",
        family="normal_inverse_gaussian",
        parameter="scale",
        letter="delta",
        kernel=_scale_by_generator,
        noise={"u": Uniform(), "t": _HALF, "eps": Normal()},
        requires="F2",
        cost=Cost(first=1, second=1),
        formula="(1/g) [beta f'(x) + f''(x)/2], x = z + beta T + sqrt(T) eps, T = (2/g^2) u t, t ~ Gamma(1/2), "
        "g^2 = alpha^2 - beta^2",
        source="velocity theorem for the inverse Gaussian time, composed with Brownian motion",
        remarks="too many noise variables for an exact variance, hence no declared wins and losses",
    ),
    Rule(
        id="NIG-de-A",
        family="normal_inverse_gaussian",
        parameter="scale",
        letter="delta",
        kernel=_scale_by_slopes,
        noise={"u": Uniform(), "t": Gamma(Rational(1, 4)), "eps": Normal()},
        cost=Cost(first=2),
        formula="(Gamma(1/4) g/(4 sqrt(pi))) t^(-3/4) [X f'(z + u X) + Y f'(z + u Y)], X, Y = beta T +- sqrt(T) eps, "
        "T = (2/g^2) t, t ~ Gamma(1/4), g^2 = alpha^2 - beta^2",
        source="Levy measure of the time, Brownian jumps in antithetic pairs",
        remarks="finite variance for kinks too; too many noise variables for an exact one, hence no declared wins and "
        "losses",
    ),
)

RECOMMENDED = {
    "loc": ("NIG-mu",),
    "scale": ("NIG-de", "NIG-de-A"),
    "tailweight": ("NIG-al",),
    "skewness": ("NIG-be",),
}
