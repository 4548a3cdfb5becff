"""Rules of the variance gamma law; catalogue letters mu = loc, theta = drift, sigma = scale, nu = variance_rate.

With the generator G f = theta f' + sigma^2/2 f'' of Brownian motion with drift, phi = (1 - nu G)^(-1/nu), where
1 - nu G = (1 - p d/dz)(1 + n d/dz): z - mu = p g - n g' with independent g, g' ~ Gamma(1/nu), and the motion after an
exponential time of mean nu is p e - n e'. Hence rules in exponential variables alone, without f''.
"""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Exponential, Normal, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _steps(c: Any) -> tuple[Any, Any]:
    """(p, n): p n = sigma^2 nu/2 and p - n = theta nu, p and n positive."""
    half = c.theta * c.nu / 2
    root = c.math.sqrt(half**2 + c.sigma**2 * c.nu / 2)
    return root + half, root - half


def _after(c: Any, e: Any, ee: Any) -> Any:
    """Brownian motion with drift after an exponential time of mean nu."""
    up, down = _steps(c)
    return up * e - down * ee


def _generator(f: Any, c: Any, point: Any) -> Any:
    return c.theta * f.derivative(point) + c.sigma**2 / 2 * f.derivative(point, 2)


def _drift_difference(f, c, z, e):
    up, down = _steps(c)
    return (f(z + up * e) - f(z - down * e)) / (up + down)


def _scale_difference(f, c, z, e):
    up, down = _steps(c)
    return 2 / (c.sigma * c.nu) * ((down * f(z + up * e) + up * f(z - down * e)) / (up + down) - f(z))


def _rate_by_generator(f, c, z, e, ee, u, t, eps):
    """The motion after the times nu t and u nu t; the first of them by its exponential variables."""
    time = c.nu * u * t
    part = z + c.theta * time + c.sigma * c.math.sqrt(time) * eps
    return (_generator(f, c, z + _after(c, e, ee)) - _generator(f, c, part)) / c.nu


def _rate_by_slopes(f, c, z, e, ee, u):
    up, down = _steps(c)
    slopes = up * f.derivative(z + u * up * e) - down * f.derivative(z - u * down * ee)
    return (f(z + up * e - down * ee) - f(z) - slopes) / c.nu**2


_STEPS = "p n = sigma^2 nu/2, p - n = theta nu"

RULES = (
    Rule(
        id="VG-mu",
        family="variance_gamma",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="VG-th",
        family="variance_gamma",
        parameter="drift",
        letter="theta",
        kernel=lambda f, c, z, e, ee: f.derivative(z + _after(c, e, ee)),
        noise={"e": Exponential(), "ee": Exponential()},
        formula=f"f'(z + p e - n e'), {_STEPS}",
        source="scale rule of the gamma time, composed with Brownian motion",
        remarks="constant weight; variance 0 for linear f",
    ),
    Rule(
        id="VG-th-S",
        family="variance_gamma",
        parameter="drift",
        letter="theta",
        kernel=_drift_difference,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula=f"[f(z + p e) - f(z - n e)] / (p + n), {_STEPS}",
        source="partial fractions of i w / ((1 - i p w)(1 + i n w))",
    ),
    Rule(
        id="VG-sg",
        family="variance_gamma",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, z, e, ee: c.sigma * f.derivative(z + _after(c, e, ee), 2),
        noise={"e": Exponential(), "ee": Exponential()},
        requires="F2",
        cost=Cost(second=1),
        formula=f"sigma f''(z + p e - n e'), {_STEPS}",
        source="scale rule of the gamma time, composed with Brownian motion",
        remarks="variance 0 for quadratics",
    ),
    Rule(
        id="VG-sg-S",
        family="variance_gamma",
        parameter="scale",
        letter="sigma",
        kernel=_scale_difference,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=3),
        formula=f"(2/(sigma nu)) {{ [n f(z + p e) + p f(z - n e)] / (p + n) - f(z) }}, {_STEPS}",
        source="partial fractions of -w^2 / ((1 - i p w)(1 + i n w))",
        remarks="bounded weight; variance 0 for linear f",
    ),
    Rule(
        id="VG-nu",
        family="variance_gamma",
        parameter="variance_rate",
        letter="nu",
        kernel=_rate_by_generator,
        noise={"e": Exponential(), "ee": Exponential(), "u": Uniform(), "t": Exponential(), "eps": Normal()},
        requires="F2",
        cost=Cost(first=2, second=2),
        formula="(1/nu) [G f(z + p e - n e') - G f(z + theta T + sigma sqrt(T) eps)], T = nu u t, "
        f"G f = theta f' + (sigma^2/2) f'', {_STEPS}",
        source="shape and scale rules of the gamma time, composed with Brownian motion",
        remarks="too many noise variables for an exact variance, hence no declared wins and losses",
    ),
    Rule(
        id="VG-nu-A",
        family="variance_gamma",
        parameter="variance_rate",
        letter="nu",
        kernel=_rate_by_slopes,
        noise={"u": Uniform(), "e": Exponential(), "ee": Exponential()},
        cost=Cost(f=2, first=2),
        formula=f"(1/nu^2) [f(z + p e - n e') - f(z) - p f'(z + u p e) + n f'(z - u n e')], {_STEPS}",
        source="shape rule of both gamma variables; resolvent identity nu E G f(z + p e - n e') = E f(same) - f(z)",
        remarks="too many noise variables for an exact variance, hence no declared wins and losses",
    ),
)

RECOMMENDED = {
    "loc": ("VG-mu",),
    "drift": ("VG-th", "VG-th-S"),
    "scale": ("VG-sg", "VG-sg-S"),
    "variance_rate": ("VG-nu", "VG-nu-A"),  # for smooth f a fourth of the variance
}
