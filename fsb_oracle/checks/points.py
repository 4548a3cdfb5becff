"""Which parameter points and which probes a subject is tested at."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import sympy

from fsb_oracle.checks.profile import Profile
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.subjects import Subject

PERIODIC = ("sin3", "exp(cos(z))", "cos(z)")  # what a law on the circle takes


CERTIFIED_PROBES = ("sin3", "step")  # of a subject that is certified at every point without sampling


def parameter_points(subject: Subject, limit: int | None) -> list[Parameters]:
    """The law's edge points, and harder ones that the subject brings, as the subject can be asked at them; with a
    `limit` that many, from the second (ordinary) one on, of finite variance where there are such: under heavier tails
    few samples decide nothing."""
    points: list[Parameters] = []
    for edge in (*subject.family.edge_points, *subject.hard_points):
        point = subject.adapted(edge)
        if point not in points:
            points.append(point)
    if limit is None or len(points) <= limit:
        return points
    tame = [at for at in points if _has_variance(subject.family, tuple(at.items()))]
    return (tame if len(tame) > limit else points)[1 : 1 + limit]


@lru_cache(maxsize=4096)  # asked for each check of each subject
def _has_variance(law: Family, at: tuple[tuple[str, Fraction], ...]) -> bool:
    return law.variance is not None and law.at(law.variance, dict(at)).is_finite is True


def sampled_points(subject: Subject, profile: Profile) -> list[Parameters]:
    """Where means are sampled: everywhere, but for subjects that other checks certify at every point at few ordinary
    ones (the deep profile takes all)."""
    few = subject.certified_pointwise and profile.name != "deep"
    return parameter_points(subject, profile.spectrum_points if few else profile.points)


def sampled_probes(subject: Subject, profile: Profile) -> list[Integrand]:
    """The probes whose means are sampled there."""
    few = subject.certified_pointwise and profile.name != "deep"
    return probes(subject, CERTIFIED_PROBES if few else profile.integrands)


def probes(subject: Subject, names: tuple[str, ...]) -> list[Integrand]:
    """The probes of the profile that the subject's class of f admits; for several variables those of the law."""
    if subject.family.support.period is not None:
        return [f for f in map(integrand, PERIODIC) if subject.admits(f)]
    if len(subject.family.samples) > 1:
        return [f for f in joint_probes(subject.family) if subject.admits(f)]
    return [f for f in map(integrand, names) if subject.admits(f)]


def separate_parameters(subject: Subject) -> list[str]:
    """The claimed parameters, of a vector or a matrix its first component: one call returns them all."""
    return list({name.partition(".")[0]: name for name in reversed(subject.claimed)}.values())[::-1]


@lru_cache(maxsize=256)  # of the law's name and dimension alone
def joint_probes(law: Family) -> list[Integrand]:
    """A rough and a smooth f, and one with a kink, of several variables, for which the oracle has an answer."""
    z = law.samples
    if law.name == "wishart":
        return [Integrand(z[0] ** 2 + (z[1] if len(z) > 1 else 0))]  # its moments
    if law.name in ("dirichlet", "multinomial", "dirichlet_multinomial"):
        return [Integrand(z[0] * z[1]), Integrand(sympy.exp(z[0] - 2 * z[1]))]
    ridge = sympy.Add(*((k + 1) * symbol for k, symbol in enumerate(z)))
    return [
        Integrand(sympy.sin(ridge)),
        Integrand(sympy.tanh(ridge)),
        Integrand(sympy.Max(ridge - sympy.S.Half, 0)),
    ]
