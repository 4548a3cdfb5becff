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

from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import logit

from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.oracle.exact import velocity

TRANSPORTED = ("dirichlet", "multivariate_normal")
FEW = 128  # points at which the velocity of a beta variable is computed one by one, to full precision
LOWEST, HIGHEST, NODES = -80.0, 36.0, 465  # of the table for more points, in the logit of z: a step of 1/4


def transport_field(family: Family, values: Parameters, parameter: str, points: np.ndarray) -> np.ndarray | None:
    """The field of one component of a parameter at points of shape (n, d): float64 of that shape, to about
    1e-14 at up to `FEW` points, to 1e-5 of its size at more.

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
    speed = _speed(own, sum(values.values(), Fraction(0)) - own, points[:, i])
    others = points / (points.sum(-1) - points[:, i])[:, None]  # their proportions, whatever rounding did to the sum
    others[:, i] = -1
    return -speed[:, None] * others


def _speed(own: Fraction, others: Fraction, z: np.ndarray) -> np.ndarray:
    """dz/dconcentration1 of a beta variable: exact at few points, interpolated at many."""
    if len(z) <= FEW:
        return _exact_speed(own, others, z)
    return z * np.exp(_table(own, others)(np.clip(logit(z), LOWEST, HIGHEST)))


def _exact_speed(own: Fraction, others: Fraction, z: np.ndarray) -> np.ndarray:
    marginal = {"concentration1": own, "concentration0": others}
    return np.array([float(v) for v in velocity(get_family("beta"), marginal, "concentration1", list(z))])


@lru_cache(maxsize=64)
def _table(own: Fraction, others: Fraction) -> CubicSpline:
    """log(speed/z) over the logit of z, in which it is smooth."""
    places = np.linspace(LOWEST, HIGHEST, NODES)
    z = 1 / (1 + np.exp(-places))
    speed = _exact_speed(own, others, z)
    held = speed > 0  # not so far in a tail that float64 has lost it
    return CubicSpline(places[held], np.log(speed[held] / z[held]))


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
