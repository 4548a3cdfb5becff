"""Rules of the multivariate normal law.

The gradient in a covariance is the symmetric matrix G, dL = SUM G_ij dSigma_ij; in a scale_tril the upper triangle is
0.
"""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Normal, Rayleigh
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws, applied, scale_tril_of
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def symmetric_product(left: Any, right: Any) -> Any:
    """(left right' + right left') / 2 over the last axis."""
    product = left[..., :, None] * right[..., None, :]
    return (product + product.swapaxes(-1, -2)) / 2


def whitened(c: Any, eps: Any) -> Any:
    """L^-T eps: the inverse covariance times L eps."""
    return applied_inverse_transposed(scale_tril_of(c), eps, c.math)


def applied_inverse_transposed(root: Any, vector: Any, m: Any) -> Any:
    """The solution x of root' x = vector."""
    return m.solve(root.swapaxes(-1, -2), vector[..., None])[..., 0]


def normals(c: Any) -> Draws:
    """One standard normal variable for each component."""
    return {"eps": (Normal(), (c.loc.shape[-1],))}


def _layers(c: Any) -> Draws:
    size = c.loc.shape[-1]
    return {"eps": (Normal(), (size,)), "y": (Rayleigh(), (size,))}


def _layer_differences(f: Any, c: Any, eps: Any, y: Any) -> Any:
    """In whitened coordinates one after the other is replaced by +y and by -y."""
    root = scale_tril_of(c)
    size = eps.shape[-1]
    away = 1 - c.math.identity(size, eps)  # the other coordinates keep their normal values
    others = eps[..., None, :] * away
    jump = y[..., None, :] * (1 - away)
    of_layers = root if len(root.shape) == 2 else root[..., None, :, :]
    up, down = (c.loc[..., None, :] + applied(of_layers, others + side * jump) for side in (1, -1))
    slopes = (f(up) - f(down)) / c.math.sqrt(2 * c.math.pi)
    return applied_inverse_transposed(root, slopes, c.math)


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    """The rules of the mean and of the covariance or its root, whichever is the parameter."""
    size, root = law.shape
    mean = (
        VectorRule(
            id="MVN-mu-D",
            law=law,
            parameter="loc",
            kernel=lambda f, c, z: f.gradient(z),
            formula="grad f(z)",
            source="Bonnet; symbol i w",
        ),
        VectorRule(
            id="MVN-mu-L",
            law=law,
            parameter="loc",
            kernel=_layer_differences,
            noise=_layers,
            requires="F0",
            cost=Cost(f=2 * size),
            formula="L^-T h, h_i = [f(mu + L eps(i, +y_i)) - f(mu + L eps(i, -y_i))] / sqrt(2 pi), y Rayleigh",
            source="layer rule in whitened coordinates; coupled measure-valued derivative",
        ),
    )
    if root == "scale_tril":
        return (
            *mean,
            VectorRule(
                id="MVN-L-path",
                law=law,
                parameter="scale_tril",
                kernel=lambda f, c, eps: c.math.tril(
                    f.gradient(c.loc + applied(c.scale_tril, eps))[..., :, None] * eps[..., None, :]
                ),
                noise=normals,
                formula="tril(grad f(mu + L eps) eps')",
                source="reparameterization",
            ),
            VectorRule(
                id="MVN-L-D2",
                law=law,
                parameter="scale_tril",
                kernel=lambda f, c, z: c.math.tril(f.hessian(z) @ c.scale_tril),
                requires="F2",
                cost=Cost(second=1),
                formula="tril(Hess f(z) L)",
                source="Price; symbol -w w' L",
            ),
        )
    return (
        *mean,
        VectorRule(
            id="MVN-Sig-A",
            law=law,
            parameter="covariance_matrix",
            kernel=lambda f, c, eps: (
                symmetric_product(f.gradient(c.loc + applied(scale_tril_of(c), eps)), whitened(c, eps)) / 2
            ),
            noise=normals,
            formula="(g y' + y g')/4, g = grad f(mu + L eps), y = L^-T eps",
            source="Stein-lifted Price",
            remarks="kinks allowed; the symmetric matrix G with dL = SUM G_ij dSigma_ij",
        ),
        VectorRule(
            id="MVN-Sig-D2",
            law=law,
            parameter="covariance_matrix",
            kernel=lambda f, c, z: f.hessian(z) / 2,
            requires="F2",
            cost=Cost(second=1),
            formula="Hess f(z)/2",
            source="Price; symbol -w w'/2",
            remarks="moving (i,j) and (j,i) together gives Hess_ij",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    root = ("MVN-L-path",) if law.shape[1] == "scale_tril" else ("MVN-Sig-A",)
    return {"loc": ("MVN-mu-D", "MVN-mu-L"), law.shape[1]: root}
