"""Rules of the Dirichlet law: the gradient in all concentrations at once, one vertex e_j of the simplex for each."""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Beta, BetaJump, Simplex, Uniform
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _total(c: Any) -> Any:
    return c.concentration.sum(-1)


def _others(c: Any) -> Any:
    """The concentrations with the j-th set to 0 in row j; shape (..., K, K)."""
    a = c.concentration
    return a[..., None, :] * (1 - c.math.identity(a.shape[-1], a))


def _directions(c: Any, z: Any) -> Any:
    """e_j - z, from the points z (..., 1 or K, K) towards every vertex; shape (..., K, K)."""
    return c.math.identity(z.shape[-1], z) - z


def _step(c: Any) -> Draws:
    return {"b": (Beta(1, _total(c)), ())}


def _half_step(c: Any) -> Draws:
    return {"b": (Beta(c.math.rational(1, 2), _total(c)), ())}


def _differences(f: Any, c: Any, z: Any, b: Any) -> Any:
    """f(z + b (e_j - z)) - f(z) for every j."""
    point = z[..., None, :]
    return f(point + b[..., None, None] * _directions(c, point)) - f(z)[..., None]


def _vertex_slopes(f: Any, c: Any, z: Any, b: Any, u: Any) -> Any:
    point = z[..., None, :]
    away = _directions(c, point)
    slope = f.gradient(point + (b * u)[..., None, None] * away)
    return (away * slope).sum(-1) / _total(c)[..., None]


def _half_power(f: Any, c: Any, z: Any, b: Any) -> Any:
    m = c.math
    beta_function = m.sqrt(m.pi) / m.gamma_half_step(_total(c))
    return (beta_function / m.sqrt(b))[..., None] * _differences(f, c, z, b)


def _stick(c: Any) -> Draws:
    """For each j the law of the others' shares `r`, and what makes z_j of mean derivative 1."""
    a, others = c.concentration, _others(c)
    size, rest = a.shape[-1], others.sum(-1)
    return {
        "y": (Beta(a + 1, rest), (size,)),
        "x": (Beta(a / rest, 2), (size,)),
        "u": (Uniform(), (size,)),
        "r": (Simplex(others), (size,)),
    }


def _stick_slopes(f: Any, c: Any, y: Any, x: Any, u: Any, r: Any) -> Any:
    rest, away = _others(c).sum(-1), _directions(c, r)
    v = c.math.power(x, 1 / rest)
    slope = f.gradient(r + (y * (v + (1 - v) * u))[..., None] * away)
    return rest / _total(c)[..., None] ** 2 * (away * slope).sum(-1)


def _jump(c: Any) -> Draws:
    """For each j: z_j and the sum of the others, the others' shares `r`, and how much of z_j stays."""
    a, others = c.concentration, _others(c)
    size, rest = a.shape[-1], others.sum(-1)
    return {
        "s": (Simplex(c.math.stack([a, rest])), (size,)),
        "r": (Simplex(others), (size,)),
        "t": (BetaJump(a, rest), (size,)),
    }


def _jump_differences(f: Any, c: Any, s: Any, r: Any, t: Any) -> Any:
    """The others' shares are drawn, for dividing them by 1 - z_j loses all digits near the vertex."""
    m, away = c.math, _directions(c, r)
    share = s[..., 0]
    mass = m.digamma_step(c.concentration, _others(c).sum(-1))
    return mass * (f(r + share[..., None] * away) - f(r + (share * m.exp(-t))[..., None] * away))


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    """The rules in the concentration. The rule that shifts one of the gammas before they are divided by their sum
    has infinite variance up to a total concentration of 1, and asks for what DIR-V asks for: it is no rule here."""
    size = law.shape[0]
    return (
        VectorRule(
            id="DIR-U",
            law=law,
            parameter="concentration",
            kernel=_stick_slopes,
            noise=_stick,
            cost=Cost(first=size),
            formula="((a0 - a_j)/a0^2) (e_j - r).grad f(T e_j + (1 - T) r), r ~ Dir(a without a_j), "
            "T = Z R as in BET-a-U for (a_j, a0 - a_j)",
            source="stick breaking: z_j is a beta variable independent of the others' shares",
            remarks="constant weight; bounded variance for Lipschitz f as a_j -> 0",
        ),
        VectorRule(
            id="DIR-V",
            law=law,
            parameter="concentration",
            kernel=_vertex_slopes,
            noise=lambda c: {**_step(c), "u": (Uniform(), ())},
            cost=Cost(first=size),
            formula="(1/a0) (e_j - z).grad f(z + u B (e_j - z)), B ~ Be(1, a0)",
            source="vertex mixing: Sethuraman 1994",
            remarks="z is the plain sample; finite variance for Lipschitz f",
        ),
        VectorRule(
            id="DIR-VSB",
            law=law,
            parameter="concentration",
            kernel=lambda f, c, z, b: _differences(f, c, z, b) / (b * _total(c))[..., None],
            noise=_step,
            requires="F0",
            finite_variance="F1",
            cost=Cost(f=size + 1),
            formula="[f(z + B (e_j - z)) - f(z)] / (B a0), B ~ Be(1, a0)",
            source="vertex mixing, Rao-Blackwellized over u",
            remarks="never larger variance than DIR-V; infinite variance for jumps",
        ),
        VectorRule(
            id="DIR-VShalf",
            law=law,
            parameter="concentration",
            kernel=_half_power,
            noise=_half_step,
            requires="F0",
            cost=Cost(f=size + 1),
            formula="Beta(1/2, a0) B^(-1/2) [f(z + B (e_j - z)) - f(z)], B ~ Be(1/2, a0)",
            source="vertex mixing with a proposal between the kernel and its size-biased form",
            remarks="finite variance for jumps",
        ),
        VectorRule(
            id="DIR-Sfin",
            law=law,
            parameter="concentration",
            kernel=_jump_differences,
            noise=_jump,
            requires="F0",
            cost=Cost(f=2 * size),
            formula="(digamma(a0) - digamma(a_j)) [f(s e_j + (1 - s) r) - f(s V e_j + (1 - s V) r)], r as in DIR-U, "
            "s ~ Be(a_j, a0 - a_j), V of density ~ v^(a_j - 1) (1 - v^(a0 - a_j))/(1 - v)",
            source="derivative of the Levy measure of -log z_j, which is finite; a weak derivative",
            remarks="bounded weight, any f with E f^2 < infinity; the weight is ~ 1/a_j as a_j -> 0",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    # constant weight, bounded as a_j -> 0; for jumps the half power keeps that bound
    return {"concentration": ("DIR-U", "DIR-VShalf")}
