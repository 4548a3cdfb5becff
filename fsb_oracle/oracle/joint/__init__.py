"""Laws of several variables, and laws put together from others: their expectations come from those of their parts."""

from fsb_oracle.families import Family
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.joint.combination import RoutesOf
from fsb_oracle.oracle.joint.compound import compound_routes, tweedie_routes
from fsb_oracle.oracle.joint.dirichlet import dirichlet_routes
from fsb_oracle.oracle.joint.enumeration import beta_binomial_routes, categorical_routes, count_routes
from fsb_oracle.oracle.joint.mixtures import mixture_routes
from fsb_oracle.oracle.joint.shocks import shock_routes
from fsb_oracle.oracle.joint.vectors import vector_diverges, vector_routes
from fsb_oracle.oracle.joint.wishart import wishart_routes

_LAWS = {
    "categorical": categorical_routes,
    "multinomial": count_routes,
    "dirichlet_multinomial": count_routes,
    "beta_binomial": beta_binomial_routes,
    "dirichlet": dirichlet_routes,
    "multivariate_normal": vector_routes,
    "multivariate_student_t": vector_routes,
    "multivariate_laplace": vector_routes,
    "asymmetric_multivariate_laplace": vector_routes,
    "multivariate_poisson": shock_routes,
    "wishart": wishart_routes,
    "mixture": mixture_routes,
    "compound_poisson": compound_routes,
    "tweedie": tweedie_routes,
}


def routes(cell: Cell, routes_of: RoutesOf) -> list[Route] | None:
    """The routes of a law that has parts, in the order in which they are tried; None for any other law.

    `routes_of` gives those of a part.

    Raises:
        Unboundable: no route is known for f.
    """
    own = _LAWS.get(cell.family.name)
    return None if own is None else own(cell, routes_of)


def diverges(cell: Cell) -> bool:
    """Whether E |f| is provably infinite, for laws that have parts."""
    return _LAWS.get(cell.family.name) is vector_routes and vector_diverges(cell)


def composed(family: Family) -> bool:
    """Whether the law's routes are those of its parts; the audit knows only laws that have a transform of their own."""
    return family.name in _LAWS


__all__ = ["composed", "diverges", "routes"]
