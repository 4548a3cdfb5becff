"""Which rules are proved, where, and to how many digits: `proofs.json`, which `tools/prove_rules.py` writes.

An entry belongs to the kernel that was proved: its fingerprint is what that kernel does to f at fixed numbers, to 25
digits. A kernel that has changed since is not called proved before it is proved again; tests prove every entry anew.
It stands in for a proof (`certificate`) only where nothing that a proof depends on has changed: the source of the
kernels, of the noise, of the laws and of the prover, and the versions of what computes with balls and symbols.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

from flint import acb, arb

from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import Family, Parameters, parameter_text
from fsb_oracle.rules import own_rules
from fsb_oracle.rules.proof import proof_points, proof_summary
from fsb_oracle.rules.proof.setup import Setup
from fsb_oracle.rules.rule import Rule
from fsb_oracle.rules.sources import sources
from fsb_oracle.rules.vector import VectorRule
from fsb_oracle.rules.vector_moments import prove_moments
from fsb_oracle.rules.vector_proof import prove_vector

FILE = "proofs.json"
DIGITS = 30
ON_MONOMIALS = {"dirichlet": 3, "wishart": 2}  # laws whose rules are proved on monomials, up to which degree


@dataclass(frozen=True)
class ProofEntry:
    """One rule's proof.

    Attributes:
        id, family, parameter: the rule.
        proved: whether both sides agree to `digits` digits at every frequency (or on every monomial).
        digits: the digits asked for; `agreement`: those found at the worst place.
        at: the law's parameters, as in case ids.
        space: "line" (f = exp(i w z)), "log" (f = z^(i w)), "directions" (f = exp(i w.z)) or "monomials".
        frequencies: w in radians per unit of z or of log z; vectors for "directions", empty for "monomials".
        degree: the largest total degree of the monomials, else None.
        fingerprint: of the kernel that was proved; empty for vector rules.
        sources: digest of the code by which it was proved; empty where none is recorded.
    """

    id: str
    family: str
    parameter: str
    proved: bool
    digits: int
    agreement: float
    at: str
    space: str
    frequencies: tuple[Any, ...]
    degree: int | None
    fingerprint: str
    sources: str = ""


def prove_rule(rule: Rule | VectorRule, law: Family) -> ProofEntry:
    """Prove a rule now: a scalar rule at its law's second edge up to 40/spread, a vector rule at `law`'s first."""
    at, degree, frequencies, mark = law.parse(law.edges[0]), None, (), ""
    if isinstance(rule, Rule):
        at, mark = proof_points(rule)[:2][-1], fingerprint(rule)
        summary = proof_summary(rule, DIGITS)
        agreement, space, frequencies = summary.agreement, summary.space, summary.frequencies
    elif law.name in ON_MONOMIALS:
        degree = ON_MONOMIALS[law.name]
        agreement, space = prove_moments(rule, at, degree, DIGITS).worst, "monomials"
    else:
        directions = directions_of(law)
        agreement, space = prove_vector(rule, at, directions, DIGITS).agreement, "directions"
        frequencies = tuple(tuple(map(float, direction)) for direction in directions)
    agreement = round(min(agreement, DIGITS + 99.0), 1)  # finite where both sides are exactly equal
    return ProofEntry(
        rule.id, rule.family, rule.parameter, agreement >= DIGITS, DIGITS, agreement, parameter_text(at), space,
        frequencies, degree, mark, sources(),
    )  # fmt: skip


def directions_of(law: Family) -> tuple[tuple[Fraction, ...], ...]:
    """Two frequency vectors in general position."""
    count = len(law.samples)
    return (
        tuple(Fraction(k + 1, 3) * (-1) ** k for k in range(count)),
        tuple(Fraction(7 - 2 * k, 5) for k in range(count)),
    )


def proof_of(rule: Rule | VectorRule, law: Family) -> ProofEntry:
    """The proof of a rule: that of the file where the kernel is still the one that was proved. Vector rules, and rules
    of users' laws, are proved now."""
    entry = table().get(rule.id)
    known = entry is not None and (entry.family, entry.parameter) == (rule.family, rule.parameter)
    if entry is None or not known or not isinstance(rule, Rule):
        return prove_rule(rule, law)
    return entry if entry.fingerprint == fingerprint(rule) else replace(entry, proved=False)


def certificate(rule: Rule, at: Parameters) -> ProofEntry | None:
    """The file's proof of this very rule at these parameters, by the code that runs now; None where there is none: the
    rule must then be proved.

    A rule with another kernel than the catalogue's has no certificate, under whatever id.
    """
    entry = table().get(rule.id)
    if entry is None or not entry.proved or (entry.at, entry.sources) != (parameter_text(at), sources()):
        return None
    return entry if rule in own_rules() and entry.fingerprint == fingerprint(rule) else None


@lru_cache
def table() -> Mapping[str, ProofEntry]:
    """The entries of the file by id."""
    content = json.loads(files("fsb_oracle.rules").joinpath(FILE).read_text(encoding="utf-8"))
    return {row["id"]: ProofEntry(**row) for row in content}


def fingerprint(rule: Rule) -> str:
    """16 hex digits of what the kernel and its noise do at fixed numbers: any change of either changes it."""
    with precision(60):
        values = {name: acb(ball(value)) for name, value in proof_points(rule)[0].items()}
        setup = Setup.with_carried(rule, values, frozenset())
        response = setup.response(setup.trial())
        noise = [
            _word(part)
            for name, primitive in setup.primitives.items()
            for part in (name, type(primitive).__name__, *vars(primitive).values())
        ]
        effects = [
            _word(part)
            for evaluation in response.evaluations
            for form in (evaluation.amplitude, evaluation.point)
            for part in (evaluation.order, *(term.coefficient for term in (form.terms if form else ())))
        ]
    return hashlib.sha256(" ".join([*noise, *effects]).encode()).hexdigest()[:16]


def _word(part: Any) -> str:
    """A number to 25 of its 60 digits, in which rounding does not show; else its text."""
    return acb(part).str(25, radius=False) if isinstance(part, (acb, arb)) else str(part)


__all__ = [
    "FILE", "ProofEntry", "certificate", "directions_of", "fingerprint", "proof_of", "prove_rule", "table",
]  # fmt: skip
