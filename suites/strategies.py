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


def _number(value: float) -> str:
    """Three significant digits: short ids, exact decimals."""
    return f"{value:.3g}"


def parameter_values(family: Family) -> st.SearchStrategy[Parameters]:
    """An edge of the law, or log-uniform parameters of its domain."""
    drawn = {
        parameter.name: st.floats(-3, 3).map(_number)
        if parameter.domain is REAL
        else st.floats(0.02, 0.98).map(_number)
        if parameter.domain is PROBABILITY
        else st.floats(-1.5, 1.5).map(lambda exponent: _number(10**exponent))
        for parameter in family.parameters
    }
    free = st.fixed_dictionaries(drawn)
    if family.constraint is not None:  # low < high: draw the width instead
        free = free.flatmap(
            lambda given: st.floats(0.05, 5).map(
                lambda width: {
                    **given,
                    family.names[1]: _number(float(given[family.names[0]]) + width + 0.01),
                }
            )
        )
    return st.one_of(st.sampled_from([dict(edge) for edge in family.edges]), free).map(family.parse)


def _rational(value: float) -> sympy.Rational:
    number = Fraction(_number(value))
    return sympy.Rational(number.numerator, number.denominator)


def integrands() -> st.SearchStrategy[Integrand]:
    """The standard probes, waves, bumps, polynomials, kinks and jumps with drawn constants."""
    number = st.floats(-3, 3).map(_rational)
    positive = st.floats(0.1, 4).map(_rational)
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
