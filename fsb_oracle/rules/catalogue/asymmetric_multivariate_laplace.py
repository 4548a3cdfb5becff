"""Rules of the asymmetric multivariate Laplace law, Brownian motion with drift at an exponential time.

The derivative of 1/(1 - q) in q is 1/(1 - q)^2: the motion at a Gamma(2) time.
"""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Gamma, Normal
from fsb_oracle.families import Family
from fsb_oracle.families.asymmetric_multivariate_laplace import at_time
from fsb_oracle.families.vector_recipe import Draws
from fsb_oracle.rules.catalogue.multivariate_normal import symmetric_product, whitened
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _late_noise(c: Any) -> Draws:
    return {"g": (Gamma(2), ()), "eta": (Normal(), (c.loc.shape[-1],))}


def _lifted_noise(c: Any) -> Draws:
    """Integration by parts in the normal vector divides by sqrt(g), which makes Gamma(2) the law Gamma(3/2)."""
    return {"g": (Gamma(1.5), ()), "eta": (Normal(), (c.loc.shape[-1],))}


def _drift_difference(f: Any, c: Any, g: Any, eta: Any) -> Any:
    difference = f(at_time(c, g, eta)) - f(at_time(c, g, -eta))
    return c.math.sqrt(c.math.pi) / 4 * difference[..., None] * whitened(c, eta)


def _lifted(f: Any, c: Any, g: Any, eta: Any) -> Any:
    slope = f.gradient(at_time(c, g, eta))
    return c.math.sqrt(c.math.pi) / 4 * symmetric_product(slope, whitened(c, eta))


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="AML-mu-D",
            law=law,
            parameter="loc",
            kernel=lambda f, c, z: f.gradient(z),
            formula="grad f(z)",
            source="location; symbol i w",
        ),
        VectorRule(
            id="AML-m-U",
            law=law,
            parameter="drift",
            kernel=lambda f, c, g, eta: f.gradient(at_time(c, g, eta)),
            noise=_late_noise,
            formula="grad f(mu + m g + sqrt(g) L eta), g ~ Gamma(2), eta normal",
            source="symbol i w / (1 - i m.w + w'Sw/2)",
            remarks="kinks allowed; constant weight: variance 0 for linear f",
        ),
        VectorRule(
            id="AML-m-S",
            law=law,
            parameter="drift",
            kernel=_drift_difference,
            noise=_lifted_noise,
            requires="F0",
            cost=Cost(f=2),
            formula="sqrt(pi)/4 y [f(mu + m g + sqrt(g) L eta) - f(mu + m g - sqrt(g) L eta)], y = L^-T eta, "
            "g ~ Gamma(3/2)",
            source="AML-m-U integrated by parts",
            remarks="jumps allowed",
        ),
        VectorRule(
            id="AML-Sig-U",
            law=law,
            parameter="covariance_matrix",
            kernel=_lifted,
            noise=_lifted_noise,
            formula="sqrt(pi)/8 (s y' + y s'), s = grad f(mu + m g + sqrt(g) L eta), y = L^-T eta, g ~ Gamma(3/2)",
            source="AML-Sig-D2 integrated by parts",
            remarks="kinks allowed; constant weight",
        ),
        VectorRule(
            id="AML-Sig-D2",
            law=law,
            parameter="covariance_matrix",
            kernel=lambda f, c, g, eta: f.hessian(at_time(c, g, eta)) / 2,
            noise=_late_noise,
            requires="F2",
            cost=Cost(second=1),
            formula="Hess f(mu + m g + sqrt(g) L eta)/2, g ~ Gamma(2), eta normal",
            source="symbol -w w'/2 / (1 - i m.w + w'Sw/2)",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"loc": ("AML-mu-D",), "drift": ("AML-m-U", "AML-m-S"), "covariance_matrix": ("AML-Sig-U",)}
