"""The multiplier identity of a rule: no sampling, all f at once.

Why it matters: a rule is unbiased for every f exactly if its multiplier is the derivative of the characteristic
function. Samples can only fail to refute that; the identity is checked to many digits, from the kernel that the back
ends run. The `smoke` profile takes the proof that came with this version where no code that a proof runs has changed
since, and says so; the others prove every rule anew.

How to fix: the message gives the frequency at which the sides differ, and their ratio. A ratio that is constant is a
wrong factor of the kernel; one that grows with the frequency is a wrong argument of f.

How to reproduce: the last line of the message, or `--select 'proof/*'` for all cases of this check.
"""

from __future__ import annotations

import time

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import CERTIFIED, Profile
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import Rule
from fsb_oracle.rules.proof import proof_frequencies, prove
from fsb_oracle.rules.proved import ProofEntry, certificate
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject

NAME = "proof"
DIGITS = 30
COUNT = 6  # frequencies from 1/20 to 40 per spread, of which the lower five are tried
TRIED = {"smoke": slice(1, 4)}  # of those five, the middle ones


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """One case per Fourier rule and parameter point; it does not depend on the back end, so NumPy's row carries it."""
    if not isinstance(subject, RuleSubject) or subject.backend_name != "numpy" or subject.rule.baseline:
        return []
    points = parameter_points(subject, profile.spectrum_points)
    return [Case(NAME, subject, point, subject.rule.parameter, "float64", tests=0) for point in points]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """The multiplier from the kernel against d phi / d parameter, to 30 digits at every frequency."""
    started = time.perf_counter()
    subject = case.subject
    assert isinstance(subject, RuleSubject)
    entry = certificate(subject.rule, case.parameters) if settings.profile in CERTIFIED else None
    if entry is not None:
        return _by_certificate(case, subject.rule, entry, settings, started)
    frequencies = proof_frequencies(subject.rule, case.at, COUNT)[:-1][TRIED.get(settings.profile, slice(None))]
    proof = prove(subject.rule, case.at, frequencies, DIGITS)
    worst = proof.worst
    status = Status.pass_ if proof.holds else Status.fail
    words = f"PROVED to {DIGITS} digits" if proof.holds else f"MULTIPLIER WRONG at w = {float(worst.frequency):.4g}"
    carried = ", ".join(proof.carried) or "nothing"
    lines = [
        f"{words}  {case.id}",
        f"multiplier of the kernel = d phi / d {case.parameter} at {len(frequencies)} frequencies "
        f"{float(frequencies[0]):.3g} to {float(frequencies[-1]):.3g} per unit of {_VARIABLE[subject.rule.space]}; "
        f"worst agreement {worst.agreement:.1f} digits",
        f"through transforms: {carried}; {subject.rule.formula}",
    ]
    if not proof.holds:
        lines.append(f"kernel gives {_complex(worst.computed)}, exact {_complex(worst.exact)}")
        lines.append(f"reproduce: {case.reproduce(settings, None)}")
    return case.result(
        status,
        reason=None if proof.holds else "biased",
        tier="0b",
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=case.reproduce(settings, None),
        details={
            "digits": DIGITS,
            "agreement": worst.agreement,
            "frequencies_proved": [float(w) for w in frequencies],
        },
    )


def _by_certificate(case: Case, rule: Rule, entry: ProofEntry, settings: Settings, started: float) -> Result:
    """The proof that was made with this version, of the same code: at the parameters as they are declared, and at more
    frequencies than are tried here."""
    lowest, highest = entry.frequencies[0], entry.frequencies[-1]
    lines = [
        f"PROVED to {entry.digits} digits at release  {case.id}",
        "kernel, law, prover and their engines are what they were at that proof (digest unchanged): not proved again; "
        "the default profile does",
        f"multiplier of the kernel = d phi / d {case.parameter} at {len(entry.frequencies)} frequencies "
        f"{lowest:.3g} to {highest:.3g} per unit of {_VARIABLE[rule.space]}; "
        f"worst agreement {entry.agreement:.1f} digits",
        rule.formula,
    ]
    return case.result(
        Status.pass_,
        tier="0b",
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=case.reproduce(settings, None),
        details={
            "digits": entry.digits,
            "agreement": entry.agreement,
            "frequencies_proved": list(entry.frequencies),
            "certificate": entry.sources,
        },
    )


_VARIABLE = {"line": "z", "log": "log z"}


def _complex(value) -> str:
    return f"{complex(float(value.real.mid()), float(value.imag.mid())):.12g}"
