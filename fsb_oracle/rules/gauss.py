"""Gauss rules of the classical noise laws, in balls: few nodes, exact for polynomials (Golub and Welsch 1969)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import acb, acb_mat

from fsb_oracle.backends.noise import Exponential, Gamma, Noise, Normal, Uniform
from fsb_oracle.families.vector_recipe import Draws
from fsb_oracle.rules.nodes import gauss_nodes
from fsb_oracle.rules.vector_proof import ObjectMath

HALF = acb(0.5)


def exact_nodes(noise: Noise, degree: int) -> tuple[list[Any], list[Any]]:
    """Nodes and weights that integrate x^degree; of a normal variable x^(2 degree), for its squares enter; of
    Gamma(1/2), the half of such a square, half-integer powers too."""
    count = degree // 2 + 1
    match noise:
        case Uniform():
            return gauss_nodes(noise, count)
        case Normal():
            return _golub_welsch([acb(0)] * (degree + 1), [acb(n).sqrt() for n in range(1, degree + 1)])
        case Exponential():
            return _laguerre(acb(0), count)
        case Gamma(concentration=a) if a == HALF:  # the proposal of rules that divide by the root of their shift
            roots, weights = _from_moments([(HALF + acb(k) / 2).gamma() / HALF.gamma() for k in range(2 * degree + 3)])
            return [root * root for root in roots], weights
        case Gamma(concentration=a):
            return _laguerre(acb(a) - 1, count)
    raise AssertionError(f"no Gauss rule for {type(noise).__name__}")


def gauss_mesh(draws: Sequence[Draws], degree: int) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """The product rule over all copies: weights (N,), and for each of `draws` arrays of nodes (N, *copies)."""
    grids = [
        list(zip(*exact_nodes(primitive.copy((0, *index), (1, *copies)), degree), strict=True))
        for group in draws
        for primitive, copies in group.values()
        for index in np.ndindex(*copies)
    ]
    points = list(itertools.product(*grids))
    weight = np.array([math.prod((w for _, w in point), start=acb(1)) for point in points], object)
    columns = iter(np.array([[x for x, _ in point] for point in points], object).reshape(len(points), -1).T)
    arrays = []
    for group in draws:
        arrays.append({})
        for name, (_, copies) in group.items():
            own = [next(columns) for _ in np.ndindex(*copies)]
            arrays[-1][name] = np.array(own, object).T.reshape(len(points), *copies)
    return weight, arrays


def _laguerre(alpha: acb, count: int) -> tuple[list[Any], list[Any]]:
    """The weight x^alpha exp(-x) on the half-line, normalised."""
    return _golub_welsch([2 * n + 1 + alpha for n in range(count)], [(n * (n + alpha)).sqrt() for n in range(1, count)])


def _from_moments(moments: Sequence[acb]) -> tuple[list[Any], list[Any]]:
    """The Gauss rule of a law with moments 1, m_1, ..., m_2n: its n nodes and weights."""
    count = len(moments) // 2
    hankel = np.array([[[moments[i + j] for j in range(count + 1)] for i in range(count + 1)]], object)
    root = ObjectMath().cholesky(hankel)[0].T
    ratio = [acb(0), *(root[j, j + 1] / root[j, j] for j in range(count))]
    beside = [root[j + 1, j + 1] / root[j, j] for j in range(count - 1)]
    return _golub_welsch([after - before for before, after in itertools.pairwise(ratio)], beside)


def _golub_welsch(diagonal: Sequence[acb], beside: Sequence[acb]) -> tuple[list[Any], list[Any]]:
    """Eigenvalues of the Jacobi matrix, and the squared first components of its unit eigenvectors."""
    count = len(diagonal)
    matrix = acb_mat(count, count)
    for n in range(count):
        matrix[n, n] = diagonal[n]
        if n:
            matrix[n, n - 1] = matrix[n - 1, n] = beside[n - 1]
    roots, vectors = matrix.eig(right=True, algorithm="approx")
    columns = [[acb(vectors[i, j].real.mid()) for i in range(count)] for j in range(count)]
    weights = [column[0] ** 2 / sum((entry * entry for entry in column), acb(0)) for column in columns]
    return [acb(root.real.mid()) for root in roots], weights
