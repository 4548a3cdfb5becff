"""What the suites draw: a subject, parameters (edges included), an integrand of its class, a dtype."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import strategies as st

from fsb_oracle.backends import DTYPES
from fsb_oracle.checks import Case
from fsb_oracle.families import Parameters
from fsb_oracle.families.family import PROBABILITY, REAL, Family, z
from fsb_oracle.integrands import NAMED, Integrand, integrand
from fsb_oracle.subjects.rules import RuleSubject, rule_subjects


def _hundredths(lowest: int, highest: int) -> st.SearchStrategy[Fraction]:
    """Exact two-digit decimals: short ids, and no numbers such as 1e-240 that nobody means."""
    return st.integers(lowest, highest).map(lambda n: Fraction(n, 100))


def parameter_values(family: Family) -> st.SearchStrategy[Parameters]:
    """An edge of the law, or log-uniform parameters of its domain."""
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
    return st.one_of(st.sampled_from([dict(edge) for edge in family.edges]), free).map(family.parse)


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


@st.composite
def rule_cases(draw: st.DrawFn, check: str, backend: str, dtypes: tuple[str, ...] = DTYPES) -> Case:
    """A case of `check` for one of our rules or baselines on `backend`."""
    subject: RuleSubject = draw(st.sampled_from(rule_subjects((backend,))))
    parameters = draw(parameter_values(subject.family))
    dtype = draw(st.sampled_from(dtypes))
    f = draw(integrands().filter(subject.admits))
    return Case(check, subject, parameters, subject.rule.parameter, dtype, f)
