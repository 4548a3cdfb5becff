"""Rules of the Wishart law. f sees the symmetric matrix W; its gradient and that in the covariance are the symmetric
matrices G with df = SUM G_ij dW_ij and dL = SUM G_ij dV_ij."""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Exponential, Gamma, Uniform
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws
from fsb_oracle.families.wishart import bartlett_noise, below_diagonal, square, triangle
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _size(c: Any) -> int:
    return c.covariance_matrix.shape[-1]


def _each_shifted(c: Any, root: Any, g: Any, n: Any, shift: Any) -> Any:
    """W with the i-th half-square shifted alone, for every i; shape (..., d, d, d)."""
    shifted = g[..., None, :] + c.math.identity(_size(c), g) * shift[..., None, :]
    return square(c.math, root[..., None, :, :], shifted, n[..., None, :])


def _slopes(f: Any, c: Any, g: Any, n: Any, u: Any, e: Any) -> Any:
    """dW/d(A_ii^2) is the symmetric part of (column i of L A)(column i of L)'/A_ii, in which A_ii cancels from the
    diagonal of A: nothing is divided there, however small it is."""
    m, size = c.math, _size(c)
    shift = u * e
    root = m.cholesky(c.covariance_matrix)
    w = _each_shifted(c, root, g, n, shift)
    diagonal = m.sqrt(2 * (g + shift))
    ratios = [n[..., k] / diagonal[..., j] for k, (_, j) in enumerate(below_diagonal(size))]
    directions = root @ triangle(m, 0 * g + 1, m.stack(ratios) if ratios else n)
    along = (f.gradient(w) @ directions.swapaxes(-1, -2)[..., None])[..., 0]
    return (root.swapaxes(-1, -2) * along).sum(-1).sum(-1)


def _differences(f: Any, c: Any, g: Any, n: Any, shift: Any) -> Any:
    """f with the i-th half-square shifted, less f; shape (..., d)."""
    root = c.math.cholesky(c.covariance_matrix)
    return f(_each_shifted(c, root, g, n, shift)) - f(square(c.math, root, g, n))[..., None]


def _exponentials(c: Any) -> Draws:
    return {**bartlett_noise(c), "e": (Exponential(), (_size(c),))}


def _moved_root(f: Any, c: Any, z: Any) -> Any:
    """W = M B M' with M M' = V moves by dM = dV V^-1 M/2, whichever root M is: dW is the symmetric part of
    dV V^-1 W."""
    slope = c.math.solve(c.covariance_matrix, z @ f.gradient(z))
    return (slope + slope.swapaxes(-1, -2)) / 2


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    size = law.shape[0]
    return (
        VectorRule(
            id="WIS-nu-A",
            law=law,
            parameter="df",
            kernel=_slopes,
            noise=lambda c: {**_exponentials(c), "u": (Uniform(), (_size(c),))},
            cost=Cost(first=size),
            formula="SUM_i d f/d(A_ii^2) at A_ii^2 + 2 u_i e_i, W = L A A' L', L L' = V",
            source="Bartlett 1933; Levy kernel of the gamma law of A_ii^2/2, velocity theorem",
            remarks="one square at a time; finite variance for Lipschitz f up to df = d - 1",
        ),
        VectorRule(
            id="WIS-nu-SB",
            law=law,
            parameter="df",
            kernel=lambda f, c, g, n, e: (_differences(f, c, g, n, e) / (2 * e)).sum(-1),
            noise=_exponentials,
            requires="F0",
            finite_variance="F1",
            cost=Cost(f=size + 1),
            formula="SUM_i [f(A_ii^2 + X_i) - f(A_ii^2)]/X_i, X_i = 2 e_i",
            source="Rao-Blackwellization of WIS-nu-A over u",
            remarks="never larger variance than WIS-nu-A; infinite variance for jumps",
        ),
        VectorRule(
            id="WIS-nu-Shalf",
            law=law,
            parameter="df",
            kernel=lambda f, c, g, n, y: (_differences(f, c, g, n, y) * c.math.sqrt(c.math.pi / (4 * y))).sum(-1),
            noise=lambda c: {**bartlett_noise(c), "y": (Gamma(c.math.rational(1, 2)), (_size(c),))},
            requires="F0",
            cost=Cost(f=size + 1),
            formula="SUM_i (sqrt(pi)/2) y_i^(-1/2) [f(A_ii^2 + 2 y_i) - f(A_ii^2)], y_i ~ Gamma(1/2)",
            source="as WIS-nu-SB with a proposal between the kernel and its size-biased form",
            remarks="finite variance for jumps",
        ),
        VectorRule(
            id="WIS-V-path",
            law=law,
            parameter="covariance_matrix",
            kernel=_moved_root,
            formula="the symmetric part of V^-1 W G(W)",
            source="reparameterization by a root of V",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"df": ("WIS-nu-A", "WIS-nu-Shalf"), "covariance_matrix": ("WIS-V-path",)}
