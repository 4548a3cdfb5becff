"""Rules of the multivariate Student t law: a normal law with an inverse-gamma variance."""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Exponential, FoldedExponential, Gamma, Normal
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws, applied
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _own(c: Any) -> Draws:
    return {"eps": (Normal(), (c.loc.shape[-1],)), "g": (Gamma(c.df / 2), ())}


def _through_the_root(f: Any, c: Any, eps: Any, g: Any) -> Any:
    standard = c.math.sqrt(c.df / (2 * g))[..., None] * eps
    slope = f.gradient(c.loc + applied(c.scale_tril, standard))
    return c.math.tril(slope[..., :, None] * standard[..., None, :])


def _curvature(f: Any, c: Any, eps: Any, g: Any) -> Any:
    variance = c.df / (2 * g)
    z = c.loc + c.math.sqrt(variance)[..., None] * applied(c.scale_tril, eps)
    return c.math.tril(variance[..., None, None] * (f.hessian(z) @ c.scale_tril))


def _radial(f: Any, c: Any, z: Any) -> Any:
    """x.grad f(mu + x)/(2 nu): the variance's own share."""
    return ((z - c.loc) * f.gradient(z)).sum(-1) / (2 * c.df)


def _multiplicative(f: Any, c: Any, z: Any, e: Any) -> Any:
    """As STU-nu-SM, along the ray through z."""
    stretched = c.loc + (z - c.loc) * c.math.exp(e / c.df)[..., None]
    return _radial(f, c, z) + (f(z) - f(stretched)) / (c.df * drop(c.math, 2 * e / c.df))


def _size_biased(f: Any, c: Any, z: Any, t: Any) -> Any:
    """As STU-nu-SB, along the ray through z."""
    stretch = c.math.exp(t)
    mass = c.math.digamma_step((c.df - 1) / 2, c.math.rational(1, 2))
    stretched = c.loc + (z - c.loc) * stretch[..., None]
    return _radial(f, c, z) - mass / 2 * (f(stretched) - f(z)) / (stretch * drop(c.math, t))


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    df = law.symbol("df")
    return (
        VectorRule(
            id="MVT-nu-SB",
            law=law,
            parameter="df",
            kernel=_size_biased,
            noise=lambda c: {"t": (FoldedExponential(c.df - 1), ())},
            cost=Cost(f=2, first=1),
            formula="x.grad f(mu + x)/(2 nu) - (M/2) [f(mu + x exp(t)) - f(mu + x)]/(exp(t) - 1), M, t as in STU-nu-A",
            source="Levy kernel of the logarithm of the mixing variable, Rao-Blackwellized",
            remarks="for bounded grad f finite variance needs nu > 2",
            where=df > 1,
        ),
        VectorRule(
            id="MVT-nu-SM",
            law=law,
            parameter="df",
            kernel=_multiplicative,
            noise=lambda c: {"e": (Exponential(), ())},
            cost=Cost(f=2, first=1),
            formula="x.grad f(mu + x)/(2 nu) + (1/nu) [f(mu + x) - f(mu + x V^(-1/2))]/(1 - V), V = exp(-2 e/nu)",
            source="GAM-k-SM in the mixing gamma variable",
            remarks="for every nu > 0, bounded f",
        ),
        VectorRule(
            id="MVT-mu-D",
            law=law,
            parameter="loc",
            kernel=lambda f, c, z: f.gradient(z),
            formula="grad f(z)",
            source="location; symbol i w",
        ),
        VectorRule(
            id="MVT-L-path",
            law=law,
            parameter="scale_tril",
            kernel=_through_the_root,
            noise=_own,
            formula="tril(grad f(mu + L t) t'), t = eps sqrt(df/(2 g)), g ~ Gamma(df/2)",
            source="reparameterization",
            remarks="finite variance needs df > 2 unless grad f decays",
        ),
        VectorRule(
            id="MVT-L-D2",
            law=law,
            parameter="scale_tril",
            kernel=_curvature,
            noise=_own,
            requires="F2",
            cost=Cost(second=1),
            formula="A tril(Hess f(z) L), A = df/(2 g), g ~ Gamma(df/2)",
            source="Gaussian scale mixture; Price given the variance",
            remarks="finite variance needs df > 4 unless Hess f decays",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"df": ("MVT-nu-SB", "MVT-nu-SM"), "loc": ("MVT-mu-D",), "scale_tril": ("MVT-L-path",)}
