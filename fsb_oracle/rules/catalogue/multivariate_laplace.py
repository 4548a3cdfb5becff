"""Rules of the symmetric multivariate Laplace law, a normal law with an exponential variance."""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Exponential, Gamma, Normal
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws, applied, scale_tril_of
from fsb_oracle.rules.catalogue.multivariate_normal import symmetric_product, whitened
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _shift_noise(c: Any) -> Draws:
    return {"e": (Exponential(), ()), "eta": (Normal(), (c.loc.shape[-1],))}


def _lifted_noise(c: Any) -> Draws:
    return {"g": (Gamma(1.5), ()), "eta": (Normal(), (c.loc.shape[-1],))}


def _shifted(c: Any, z: Any, e: Any, eta: Any) -> Any:
    """z plus an independent symmetric Laplace vector."""
    return z + c.math.sqrt(e)[..., None] * applied(scale_tril_of(c), eta)


def _lifted(f: Any, c: Any, g: Any, eta: Any) -> Any:
    """Sample and shift together are normal with a Gamma(2) variance; integration by parts in the normal vector divides
    by its root, which makes Gamma(2) the law Gamma(3/2) with the constant weight Gamma(3/2)."""
    slope = f.gradient(c.loc + c.math.sqrt(g)[..., None] * applied(scale_tril_of(c), eta))
    return c.math.sqrt(c.math.pi) / 4 * symmetric_product(slope, whitened(c, eta))


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="MVL-mu-D",
            law=law,
            parameter="loc",
            kernel=lambda f, c, z: f.gradient(z),
            formula="grad f(z)",
            source="location; symbol i w",
        ),
        VectorRule(
            id="MVL-Sig-U",
            law=law,
            parameter="covariance_matrix",
            kernel=_lifted,
            noise=_lifted_noise,
            formula="sqrt(pi)/8 (s y' + y s'), s = grad f(mu + sqrt(g) L eta), y = L^-T eta, g ~ Gamma(3/2)",
            source="MVL-Sig-D2 integrated by parts: z and its shift share one Gamma(2) variance",
            remarks="kinks allowed; constant weight",
        ),
        VectorRule(
            id="MVL-Sig-D2",
            law=law,
            parameter="covariance_matrix",
            kernel=lambda f, c, z, e, eta: f.hessian(_shifted(c, z, e, eta)) / 2,
            noise=_shift_noise,
            requires="F2",
            cost=Cost(second=1),
            formula="Hess f(z + sqrt(e) L eta)/2, e ~ Exp(1), eta normal",
            source="symbol -w w'/2 / (1 + w'Sw/2)",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"loc": ("MVL-mu-D",), "covariance_matrix": ("MVL-Sig-U",)}
