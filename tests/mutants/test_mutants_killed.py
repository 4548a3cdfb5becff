"""The default profile kills every planted fault, without being told which f or parameter shows it."""

from __future__ import annotations

import pytest

from fsb_oracle.checks import CHECKS
from fsb_oracle.checks.points import separate_parameters
from fsb_oracle.records import Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import rule_subjects
from fsb_oracle.subjects.vector_rules import composed_rule_subjects, vector_rule_subjects

from .functions import FUNCTIONS
from .impostor import Scaled, impostor
from .killing import BAD, PROFILE, SETTINGS, cases_in_order, first_kill, share
from .libraries import LIBRARIES
from .models import MODELS
from .planted import DEEP, NAMED
from .samplers import SAMPLERS
from .vectors import VECTORS

# sampling alone, on black boxes: by default for one rule of each kind
KINDS = ("NOR-sig-K", "LAP-b-SB2", "GAM-k-U", "BET-a-VSB", "UNI-b-P", "POI", "LGN-mu-D", "WEI-lam-L")
SAMPLED = [m for m in NAMED if m.provable and not m.second_moment and (DEEP or m.rule_id in KINDS)]


def test_each_is_named_after_a_fault_that_happened():
    planted = (*NAMED, *VECTORS, *FUNCTIONS, *LIBRARIES, *SAMPLERS)
    assert len(planted) >= 170
    for mutant in planted:
        assert mutant.model in MODELS if mutant.model.startswith("F") else mutant.model, mutant


@pytest.mark.parametrize("mutant", NAMED, ids=str)
def test_rules(mutant):
    """The kernel may be asked at given noise, but the proof is not."""
    kill = first_kill(impostor(mutant))
    assert kill is not None, f"{mutant} survived"
    assert mutant.rule_id in kill.result.message and kill.result.reproduce
    if mutant.second_moment:
        assert kill.result.check == "variance"


@pytest.mark.parametrize("mutant", VECTORS, ids=str)
def test_rules_of_vectors(mutant):
    assert first_kill(mutant.subject) is not None, f"{mutant} survived"


@pytest.mark.parametrize("mutant", FUNCTIONS, ids=str)
def test_functions(mutant):
    assert first_kill(mutant.subject) is not None, f"{mutant} survived"


@pytest.mark.parametrize(("mutant", "backend"), [(mutant, mutant.options["backend"]) for mutant in LIBRARIES], ids=str)
def test_functions_of_libraries(mutant, backend):
    assert first_kill(mutant.subject) is not None, f"{mutant} survived"


@pytest.mark.parametrize("mutant", SAMPLERS, ids=str)
def test_samplers(mutant):
    accepted = (*BAD, Status.within_margin) if mutant.within else BAD
    assert first_kill(mutant.subject, accepted) is not None, f"{mutant} survived"


@pytest.mark.parametrize("mutant", SAMPLED, ids=str)
def test_black_boxes(mutant):
    """Nobody knows the noise or the variance: tier 3 of class H must find it."""
    subject = impostor(mutant, black_box=True)
    asked = ("unbiased", "spectrum")
    if not mutant.infinite_variance:
        assert first_kill(subject, asked=asked) is not None, f"{mutant} survived"
        return
    # no sample decides: the verdict says so, and no case of a bounded f is green
    cases = [case for case in cases_in_order(subject, asked) if case.f is not None and case.f.slug in ("sin3", "bump")]
    results = [decide(case, SETTINGS, share(case)) for case in (cases if DEEP else cases[:2])]
    assert {(result.status, result.reason) for result in results} == {(Status.inconclusive, "tails")}


def _one_for_each_parameter() -> list[tuple[Subject, str]]:
    """A recommended rule for every law and parameter; of a vector its first component (deep: all)."""
    found: dict[tuple[str, str], tuple[Subject, str]] = {}
    for subject in (*rule_subjects(("numpy",)), *vector_rule_subjects(("numpy",)), *composed_rule_subjects(("numpy",))):
        for parameter in subject.claimed if DEEP else separate_parameters(subject):
            if not subject.secondary:
                found.setdefault((subject.family.name, parameter), (subject, parameter))
    return list(found.values())


PAIRS = _one_for_each_parameter()


@pytest.mark.parametrize("factor", [0, -1], ids=["returns-0", "wrong-sign"])
@pytest.mark.parametrize(("subject", "parameter"), PAIRS, ids=[f"{s.family.name}-{p}-{s.name}" for s, p in PAIRS])
def test_zero_and_wrong_sign(subject, parameter, factor):
    """For every law and parameter, as a black box."""
    mutant = Scaled(subject, factor)
    if first_kill(mutant, asked=("unbiased",), parameter=parameter) is None:
        # right only where the gradient is 0 for every f: the upper triangle of a scale_tril
        assert parameter.startswith("scale_tril"), f"{mutant.name} survived"
        plan = CHECKS["unbiased"].plan(subject, PROFILE)
        exact = [decide(case, SETTINGS, share(case)).exact for case in plan if case.parameter == parameter]
        assert all(float(value) == 0 for value in exact if value is not None)
