"""Which parameter points and which probes a subject is tested at."""

from __future__ import annotations

from fsb_oracle.families import Parameters
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.subjects import Subject


def parameter_points(subject: Subject, limit: int | None) -> list[Parameters]:
    """The law's edge points as the subject can be asked at them; with a `limit` that many, from the second
    (ordinary) one on."""
    points: list[Parameters] = []
    for edge in subject.family.edges:
        point = subject.adapted(subject.family.parse(edge))
        if point not in points:
            points.append(point)
    return points if limit is None or len(points) <= limit else points[1 : 1 + limit]


def probes(subject: Subject, names: tuple[str, ...]) -> list[Integrand]:
    """The probes of the profile that the subject's class of f admits."""
    return [f for f in map(integrand, names) if subject.admits(f)]
