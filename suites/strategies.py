"""What the suites draw: a subject, parameters (edges included), an integrand of its class, a dtype."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import strategies as st

from fsb_oracle.backends import DTYPES
from fsb_oracle.checks import Case, spectrum
from fsb_oracle.families import Parameters
from fsb_oracle.families.family import PROBABILITY, REAL, Family, z
from fsb_oracle.integrands import NAMED, Integrand, integrand
from fsb_oracle.subjects.rules import RuleSubject, rule_subjects


def _hundredths(lowest: int, highest: int) -> st.SearchStrategy[Fraction]:
    """Exact two-digit decimals: short ids, and no numbers such as 1e-240 that nobody means."""
    return st.integers(lowest, highest).map(lambda n: Fraction(n, 100))


# laws whose exact values take milliseconds at any parameters
QUICK = {
    "normal", "laplace", "gamma", "exponential", "beta", "uniform", "chi2",
    "bernoulli", "poisson", "geometric", "dirac",
}  # fmt: skip


def parameter_values(family: Family) -> st.SearchStrategy[Parameters]:
    """An edge of the law or log-uniform parameters of its domain, where the exact value is quick; else a plain edge."""
    if family.name not in QUICK:
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
    """The standard probes, waves, bumps, polynomials, kinks and jumps with drawn constants."""
    number, positive = _constants(-300, 300), _constants(10, 400)
    grammar = st.one_of(
        st.builds(lambda w, b: sympy.cos(w * z + b), positive, number),
        st.builds(lambda m, t: sympy.exp(-((z - m) ** 2) / t), number, positive),
        st.builds(lambda a, m: sympy.tanh(a * (z - m)), positive, number),
        st.builds(lambda a, b: a * z**2 + b * z, number, positive),
        st.builds(lambda m: sympy.Max(z - m, 0), number),
        st.builds(lambda m: sympy.Heaviside(z - m), number),
    )
    return st.one_of(st.sampled_from(sorted(NAMED)).map(integrand), grammar.map(Integrand))


def periodic() -> st.SearchStrategy[Integrand]:
    """Functions on the circle."""
    whole, number = st.integers(1, 4), _constants(-300, 300)
    return st.one_of(
        st.builds(lambda n, b: sympy.cos(n * z + b), whole, number),
        st.builds(lambda n, a: sympy.exp(a * sympy.cos(n * z)), whole, number),
    ).map(Integrand)


@st.composite
def rule_cases(draw: st.DrawFn, check: str, backend: str, dtypes: tuple[str, ...] = DTYPES) -> Case:
    """A case of `check` for one of our rules or baselines on `backend`."""
    # where no density is known an exact value takes seconds: those laws are left to `fsb-oracle verify`
    known = [s for s in rule_subjects((backend,)) if s.family.log_density is not None or s.family.name == "dirac"]
    if check == "variance":  # grids over several noise variables: the quick laws alone
        known = [s for s in known if s.family.name in QUICK and len(s.rule.noise) + len(s.rule.law.recipe.noise) <= 2]
    subjects = [s for s in known if check != "spectrum" or spectrum.applies(s.family)]
    subject: RuleSubject = draw(st.sampled_from(subjects))
    parameters = draw(parameter_values(subject.family))
    dtype = draw(st.sampled_from(dtypes))
    probes = periodic() if subject.family.support.period is not None else integrands()
    f = draw(probes.filter(subject.admits))
    return Case(check, subject, parameters, subject.rule.parameter, dtype, f)
