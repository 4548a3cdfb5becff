"""Laws some of whose exact values rest on a single rigorous route, in words: such values have level 1.

A test keeps the list complete: a value of level 1 of any other law is red.
"""

from __future__ import annotations

from collections.abc import Mapping

_AUDIT = "; --audit adds mpmath's integral of it along another path (level 2)"

SINGLE_ROUTE: Mapping[str, str] = {
    "stable": "its density has no closed form: the characteristic function is the only route" + _AUDIT,
    "tempered_stable": "its density has no closed form: the characteristic function is the only route" + _AUDIT,
    "cgmy": "its density has no closed form: the characteristic function is the only route" + _AUDIT,
    "variance_gamma": "an f whose mean under a normal law has no closed form, such as tanh(z), has the characteristic "
    "function alone; a gamma law of the variance so narrow or so singular that one route fails leaves the other",
    "normal_inverse_gaussian": "an f whose mean under a normal law has no closed form, such as tanh(z), has the "
    "characteristic function alone" + _AUDIT,
    "student_t": "an f whose mean under a normal law has no closed form, such as tanh(z), has the density alone",
    "multivariate_student_t": "as for student_t",
    "asymmetric_multivariate_laplace": "as for variance_gamma",
    "multivariate_normal": "a smooth f of several correlated variables that is neither a function of one linear form "
    "nor radial has a sum over a grid alone, as tanh(z0 + z1*z2), or one integral given a linear form alone where that "
    "leaves closed forms of three variables or more, as cos(z0*z1*z2)",
    "von_mises": "for a concentration above about 15 an f that is no sum of waves has the density alone: the Fourier "
    "series of the law is then too long",
    "maxwell": "waves have the density alone, along a ray: the characteristic function has no elementary form",
    "generalized_gamma": "neither its characteristic function nor its distribution function has an elementary form: "
    "the density is the only route",
    "levy": "waves plus another f, such as sin(z) + exp(-z**2), have the characteristic function alone: the tail is "
    "too heavy for an oscillating integral of the density",
    "half_cauchy": "waves have the density alone, along a ray: the characteristic function has no closed form",
    "fisher_snedecor": "neither its characteristic function nor its distribution function has an elementary form: the "
    "density is the only route",
    "relaxed_bernoulli": "at a temperature far from 1 one of density and distribution function is too steep to "
    "integrate, which leaves the other",
    "inverse_gamma": "a smooth f under a concentration above 20 has the density alone: the Bessel function of the "
    "characteristic function costs too much there",
    "dirac": "E f is f(loc) itself: nothing is integrated",
}

__all__ = ["SINGLE_ROUTE"]
