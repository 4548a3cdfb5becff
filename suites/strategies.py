"""What the suites draw: a subject, parameters (edges included), an integrand of its class, a dtype."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy
from hypothesis import strategies as st

from fsb_oracle.backends import DTYPES
from fsb_oracle.checks import Case, spectrum
from fsb_oracle.checks.points import joint_probes
from fsb_oracle.families import Parameters, get_family
from fsb_oracle.families.family import PROBABILITY, REAL, Family, z
from fsb_oracle.integrands import NAMED, Integrand, integrand
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject


def _hundredths(lowest: int, highest: int) -> st.SearchStrategy[Fraction]:
    """Exact two-digit decimals: short ids, and no numbers such as 1e-240 that nobody means."""
    return st.integers(lowest, highest).map(lambda n: Fraction(n, 100))


# laws whose exact values take milliseconds at any parameters
QUICK = {
    "normal", "laplace", "gamma", "exponential", "beta", "uniform", "chi2",
    "bernoulli", "poisson", "geometric", "dirac",
}  # fmt: skip


def parameter_values(family: Family) -> st.SearchStrategy[Parameters]:
    """An edge of the law or log-uniform parameters of its domain, where the exact value is quick; else a plain edge.

    An estimator that is declared for some points alone is asked at those.
    """
    if family.name not in QUICK or family.edges != get_family(family.name).edges:
        return st.sampled_from([dict(edge) for edge in family.edges[:2]]).map(family.parse)
    edges = st.sampled_from([dict(edge) for edge in family.edges]).map(family.parse)
    drawn = {
        parameter.name: _hundredths(-300, 300)
        if parameter.domain is REAL
        else _hundredths(2, 98)
        if parameter.domain is PROBABILITY
        else st.integers(-150, 150).map(lambda n: f"{10 ** (n / 100):.3g}")  # 0.03 to 32, log-uniform
        for parameter in family.parameters
    }
    free = st.fixed_dictionaries(drawn)
    if family.constraint is not None:  # low < high: draw the width instead
        low, high = family.names
        free = st.tuples(_hundredths(-300, 300), _hundredths(5, 500)).map(lambda d: {low: d[0], high: d[0] + d[1]})
    return st.one_of(edges, free.map(family.parse))


def _constants(lowest: int, highest: int) -> st.SearchStrategy[sympy.Rational]:
    return _hundredths(lowest, highest).map(lambda n: sympy.Rational(n.numerator, n.denominator))


def integrands() -> st.SearchStrategy[Integrand]:
    """The standard probes; waves, bumps, polynomials, rational functions, kinks and jumps with drawn constants; sums
    of two of them."""
    number, positive = _constants(-300, 300), _constants(10, 400)
    smooth = st.one_of(
        st.builds(lambda w, b: sympy.cos(w * z + b), positive, number),
        st.builds(lambda m, t: sympy.exp(-((z - m) ** 2) / t), number, positive),
        st.builds(lambda a, m: sympy.tanh(a * (z - m)), positive, number),
        st.builds(lambda a, b: a * z**2 + b * z, number, positive),
        st.builds(lambda m, t: 1 / (1 + (z - m) ** 2 / t), number, positive),
        st.builds(lambda m, t: (z - m) / (t + (z - m) ** 2), number, positive),
    )
    broken = st.one_of(
        st.builds(lambda m: sympy.Max(z - m, 0), number),
        st.builds(lambda m: sympy.Abs(z - m), number),
        st.builds(lambda m: sympy.Heaviside(z - m), number),
        st.builds(lambda m: sympy.sign(z - m), number),
    )
    sums = st.builds(lambda a, f, g: f + a * g, positive, smooth, st.one_of(smooth, broken))
    grammar = st.one_of(smooth, broken, sums)
    return st.one_of(st.sampled_from(sorted(NAMED)).map(integrand), grammar.map(Integrand))


def periodic() -> st.SearchStrategy[Integrand]:
    """Functions on the circle."""
    whole, number = st.integers(1, 4), _constants(-300, 300)
    return st.one_of(
        st.builds(lambda n, b: sympy.cos(n * z + b), whole, number),
        st.builds(lambda n, a: sympy.exp(a * sympy.cos(n * z)), whole, number),
    ).map(Integrand)


def functions_of(subject: Subject) -> st.SearchStrategy[Integrand]:
    """What is fed to an estimator: functions of its class, for which the oracle has an answer quickly."""
    family = subject.family
    if len(family.samples) > 1:
        found = st.sampled_from(joint_probes(family))
    elif family.support.period is not None:
        found = periodic()
    else:
        found = integrands() if family.name in QUICK else st.sampled_from(sorted(NAMED)).map(integrand)
    return found.filter(subject.admits)


def suited(check: str, subjects: Iterable[Subject]) -> list[Subject]:
    """The estimators about which a check says something and whose exact values are there within a moment.

    Of our own: where no density is known an exact value takes seconds, and a variance needs grids over the noise;
    those are left to `fsb-oracle verify`.
    """
    found = [s for s in subjects if check != "spectrum" or spectrum.applies(s.family)]
    if check == "variance":
        found = [s for s in found if s.claimed_rule(s.claimed[0], s.family.edge_points[0], integrand("sin3"))]
    return [s for s in found if not isinstance(s, RuleSubject) or _quick(check, s)]


def _quick(check: str, subject: RuleSubject) -> bool:
    if check == "variance":
        few = len(subject.rule.noise) + len(subject.rule.law.recipe.noise) <= 2
        return subject.family.name in QUICK and few
    return subject.family.log_density is not None or subject.family.name == "dirac"


def cases(check: str, subjects: Iterable[Subject], dtypes: tuple[str, ...] = DTYPES) -> st.SearchStrategy[Case] | None:
    """Cases of `check` for some estimators; None where it says nothing about any of them."""
    found = suited(check, subjects)
    return drawn_cases(check, found, dtypes) if found else None


@st.composite
def drawn_cases(draw: st.DrawFn, check: str, subjects: list[Subject], dtypes: tuple[str, ...]) -> Case:
    """An estimator, one of the parameters that it claims, a parameter point, a dtype and an f."""
    subject = draw(st.sampled_from(subjects))
    parameter = draw(st.sampled_from(subject.claimed))
    at = subject.adapted(draw(parameter_values(subject.family)))
    dtype = draw(st.sampled_from([name for name in dtypes if name in subject.dtypes]))
    return Case(check, subject, at, parameter, dtype, draw(functions_of(subject)))
