"""Transport fields of laws of several variables: v with E[v . grad f] = d E f / d parameter for every f.

That is the weak continuity equation, dp/dtheta + div(p v) = 0. In several dimensions it has many solutions; these are
the ones that samplers have:

* normal, z = loc + L eps: dloc + dL L^-1 (z - loc), with L the Cholesky root. For a covariance matrix
  dL = L low(L^-1 dSigma L^-T), where low() keeps the lower triangle and halves the diagonal (Murray 2016).
* Dirichlet: z_i moves as its marginal beta variable does, and the others keep their proportions,
  v_j = b(z_i) (delta_ij - z_j) / (1 - z_i) (Jankowiak and Obermeyer 2018). Of gamma variables that are normalised it is
  the conditional mean given z, since their sum is independent of z.
"""

from __future__ import annotations

import numpy as np

from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.oracle.exact import velocity

TRANSPORTED = ("dirichlet", "multivariate_normal")


def transport_field(family: Family, values: Parameters, parameter: str, points: np.ndarray) -> np.ndarray | None:
    """The field of one component of a parameter at points of shape (n, d): float64 of that shape, to about 1e-14.

    None where no field of the law is known. Of a covariance matrix `parameter` is one entry of the symmetric gradient:
    the mean of the fields of both triangles.
    """
    head, *index = parameter.split(".")
    place = tuple(map(int, index))
    if family.name == "dirichlet":
        return _dirichlet(values, place[0], points)
    if family.name == "multivariate_normal":
        return _normal(values, head, place, points)
    return None


def _dirichlet(values: Parameters, i: int, points: np.ndarray) -> np.ndarray:
    own = values[f"concentration.{i}"]
    marginal = {"concentration1": own, "concentration0": sum(values.values()) - own}
    speed = np.array([float(v) for v in velocity(get_family("beta"), marginal, "concentration1", list(points[:, i]))])
    others = points / (points.sum(-1) - points[:, i])[:, None]  # their proportions, whatever rounding did to the sum
    others[:, i] = -1
    return -speed[:, None] * others


def _normal(values: Parameters, head: str, place: tuple[int, ...], points: np.ndarray) -> np.ndarray:
    size = points.shape[-1]
    moved = np.zeros((size, size))
    moved[place if head != "loc" else (0, 0)] = 1.0
    if head == "loc":
        return np.broadcast_to(np.eye(size)[place[0]], points.shape)
    root = np.array([[float(values[f"{head}.{i}.{j}"]) for j in range(size)] for i in range(size)])
    if head == "covariance_matrix":
        root, moved = np.linalg.cholesky(root), (moved + moved.T) / 2
        inner = np.linalg.solve(root, np.linalg.solve(root, moved).T).T
        moved = root @ (np.tril(inner) - np.diag(np.diag(inner)) / 2)
    loc = np.array([float(values[f"loc.{i}"]) for i in range(size)])
    return np.linalg.solve(root, (points - loc).T).T @ moved.T
