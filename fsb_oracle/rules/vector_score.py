"""The score estimator of laws of several variables, on NumPy: a yardstick for their rules.

Its weight d log p / d theta is a central difference of the log-density, whose error of 1e-9 does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import gammaln, kve, logsumexp

from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import scale_tril_of
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule, vector_rules_of

STEP = 1e-5


def _categorical(c: Any, z: np.ndarray) -> np.ndarray:
    return c.logits[z.astype(int)] - logsumexp(c.logits)


def _multinomial(c: Any, z: np.ndarray) -> np.ndarray:
    return z @ (c.logits - logsumexp(c.logits))


def _urn(a: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Of Polya's urn, with as many draws as `counts` adds up to."""
    total, drawn = a.sum(-1), counts.sum(-1)
    return (gammaln(a + counts) - gammaln(a)).sum(-1) - gammaln(total + drawn) + gammaln(total)


def _dirichlet_multinomial(c: Any, z: np.ndarray) -> np.ndarray:
    return _urn(c.concentration, z)


def _beta_binomial(c: Any, z: np.ndarray) -> np.ndarray:
    return _urn(np.stack([c.concentration1, c.concentration0]), np.stack([z, c.total_count - z], -1))


def _multivariate_poisson(c: Any, z: np.ndarray) -> np.ndarray:
    """The sum over the number of shared shocks."""
    k = np.arange(int(z.min(-1).max()) + 1)
    own = z[..., None, :] - k[:, None]
    terms = (
        (own * np.log(c.rates) - gammaln(np.maximum(own, 0) + 1)).sum(-1) + k * np.log(c.shared_rate) - gammaln(k + 1)
    )
    return logsumexp(np.where((own >= 0).all(-1), terms, -np.inf), axis=-1) - c.rates.sum() - c.shared_rate


def _standardised(c: Any, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The squared distance of z from the centre, and the log of the root's determinant."""
    root = scale_tril_of(c)
    y = np.linalg.solve(root, (z - c.loc)[..., None])[..., 0]
    return (y**2).sum(-1), np.log(np.diagonal(root)).sum()


def _normal(c: Any, z: np.ndarray) -> np.ndarray:
    square, log_root = _standardised(c, z)
    return -square / 2 - log_root


def _student_t(c: Any, z: np.ndarray) -> np.ndarray:
    square, log_root = _standardised(c, z)
    size = z.shape[-1]
    normaliser = gammaln((c.df + size) / 2) - gammaln(c.df / 2) - size / 2 * np.log(c.df)
    return normaliser - (c.df + size) / 2 * np.log1p(square / c.df) - log_root


def _laplace(c: Any, z: np.ndarray) -> np.ndarray:
    square, log_root = _standardised(c, z)
    order, root = 1 - z.shape[-1] / 2, np.sqrt(2 * square)
    return order / 2 * np.log(square) + np.log(kve(order, root)) - root - log_root


def _asymmetric_laplace(c: Any, z: np.ndarray) -> np.ndarray:
    """With x = z - loc, m the drift, Q = x'S^-1 x and R = 2 + m'S^-1 m: exp(m'S^-1 x) (Q/R)^(v/2) K_v(sqrt(R Q)),
    v = 1 - d/2."""
    root = scale_tril_of(c)
    square, log_root = _standardised(c, z)
    y, m = (np.linalg.solve(root, x[..., None])[..., 0] for x in (z - c.loc, c.drift))
    order, room = 1 - z.shape[-1] / 2, 2 + m @ m
    far = np.sqrt(room * square)
    return y @ m + order / 2 * np.log(square / room) + np.log(kve(order, far)) - far - log_root


def _wishart(c: Any, z: np.ndarray) -> np.ndarray:
    v = c.covariance_matrix
    size, log_det = v.shape[-1], np.linalg.slogdet(v)[1]
    normaliser = c.df * size / 2 * np.log(2.0) + gammaln((c.df - np.arange(size)) / 2).sum() + c.df / 2 * log_det
    trace = np.trace(np.linalg.solve(v, z), axis1=-2, axis2=-1)
    return (c.df - size - 1) / 2 * np.linalg.slogdet(z)[1] - trace / 2 - normaliser


LOG_DENSITIES: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {
    "categorical": _categorical,
    "multinomial": _multinomial,
    "dirichlet_multinomial": _dirichlet_multinomial,
    "beta_binomial": _beta_binomial,
    "multivariate_normal": _normal,
    "multivariate_student_t": _student_t,
    "multivariate_laplace": _laplace,
    "asymmetric_multivariate_laplace": _asymmetric_laplace,
    "multivariate_poisson": _multivariate_poisson,
    "wishart": _wishart,
}
"""Up to terms that do not depend on the parameters."""


def vector_score(law: Family, parameter: str) -> VectorRule | None:
    """f(z) d log p / d parameter as a rule of the law; None where no log-density is written down here."""
    log_density = LOG_DENSITIES.get(law.name)
    sibling = next((rule for rule in vector_rules_of(law) if rule.parameter == parameter), None)
    if log_density is None or sibling is None:
        return None
    triangular = parameter == "scale_tril"
    places = tuple(place for place in sibling.components.values() if not triangular or place[0] >= place[1])

    def kernel(f: Any, c: Any, z: np.ndarray) -> np.ndarray:
        values = np.asarray(getattr(c, parameter), float)
        weights = np.zeros((*f(z).shape, *values.shape))
        for place in places:
            mirrored = {place, place[::-1]} if parameter == "covariance_matrix" else {place}
            step = np.zeros(values.shape)
            for entry in mirrored:
                step[entry] = STEP
            up, down = (SimpleNamespace(**{**vars(c), parameter: values + sign * step}) for sign in (1, -1))
            slope = (log_density(up, z) - log_density(down, z)) / (2 * STEP)
            weights[(..., *place)] = slope / len(mirrored)  # half of it in each of two triangles
        return f(z).reshape(*f(z).shape, *[1] * values.ndim) * weights

    return replace(
        sibling,
        id="score",
        kernel=kernel,
        noise=lambda c: {},
        requires="F0",
        finite_variance=None,
        cost=Cost(f=1),
        formula=f"f(z) d log p / d {parameter}",
        source="likelihood-ratio (REINFORCE)",
        remarks="",
        where=None,
        wins=(),
        loses=(),
    )


__all__ = ["vector_score"]
