"""The contract of an estimator: what every caller relies on, whatever the mathematics.

What it tests, at ordinary parameters in each dtype:
- sizes: a batch of 0, 1 and many contributions has that many;
- range: every contribution is finite, at ordinary parameters and at the edges of the law;
- keys: the same key gives the same numbers again, also after a call with another key; another key gives others,
  and within one call no draw repeats the noise of another;
- precision: float64 in, float64 out (a float64 array that holds only float32 numbers was computed in float32); and
  float32 in, float32 out, where the library keeps to a precision (NumPy's own generators draw in float64);
- state: no global random state, default dtype, grad mode or error handling is changed;
- batches: n draws of one call have the law of n calls. Where the noise can be given, a draw's contribution is the
  same whatever stands beside it; elsewhere the two laws are compared without any assumption on them.

Why it matters: a batch that is centred by its own mean is biased by 1/n, a cached sample makes every step the same
step, an estimator that reseeds the global generator spoils the randomness of the program around it. Tests of means
with large batches see none of these.

How to fix: each sentence of the message says what was found and what is allowed. An estimator whose draws depend on
each other returns one value per call: declare it with unit="call".

How to reproduce: the last line of the message.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from fsb_oracle.checks.asking import Asker, rounding
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points, probes, separate_parameters
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.truth import exact_gradient
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Parameters, parameter_text
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.two_samples import allowed_distance, distance

NAME = "contract"
BATCH = 2048
SMALL = 16  # draws that are also asked for one by one at given noise
CALLS = {"numpy": 512, "torch": 512, "jax": 128}  # of one draw each: by what a call costs there
COPIED, SHARED = 1 / 4, 1 / 16  # shares of a batch: far from what atoms of a law can do in both
FEW_BITS = 1 / 4096  # values with fewer than 13 binary digits say nothing about precision


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter (of a vector its first component) and dtype, at an ordinary point, for one f."""
    f = next(iter(probes(subject, ("sin3",))), None)
    if f is None:
        return []
    (point,) = parameter_points(subject, 1)
    # one random test: of the law of calls of one draw; none where the noise can be given
    return [
        Case(NAME, subject, point, parameter, dtype, f, tests=int(not subject.noise_at(parameter, point, dtype)))
        for parameter in separate_parameters(subject)
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Every clause of the contract, with one sentence for each that is broken."""
    started = time.perf_counter()
    missing = case.subject.without_mean(case.parameter, case.at, case.integrand)
    if missing is not None:
        return case.result(Status.not_applicable, reason=missing, message=f"NOT APPLICABLE  {case.id}\n  {missing}")
    ask = Asker(case, settings, false_fail_rate)
    with case.subject.backend.watched(seeds.sequence(case.id, settings.seed, seeds.Stage.pilot)) as changed:
        first = ask.draw(BATCH, 0)  # an estimator that raises even here is no matter of the contract
    broken = [f"a call changed {name}: allowed is to leave it as it was" for name in changed]
    broken += _keys(ask, first)
    broken += _range(ask, first)
    broken += _precision(case, first)
    broken += _sizes(ask)
    broken += _batches(ask, first)
    status = Status.fail if broken else Status.pass_
    reproduce = case.reproduce(settings, false_fail_rate)
    lines = [f"CONTRACT {'BROKEN' if broken else 'KEPT'}  {case.id}", *broken]
    lines.append(
        f"reproduce: {reproduce}" if broken else "sizes, range, keys, precision, state and batches as they must be"
    )
    return case.result(
        status,
        reason="contract" if broken else None,
        tier="3",
        num_samples=BATCH,
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={"broken": broken},
    )


def _keys(ask: Asker, first: np.ndarray) -> Iterator[str]:
    """Same key, same numbers; another key, other numbers."""
    other, again = ask.draw(BATCH, 1), ask.draw(BATCH, 0)
    changed = int(np.sum(~((first == again) | (np.isnan(first) & np.isnan(again)))))
    if changed:
        yield (
            f"the same key gave other numbers ({changed} of {BATCH}): allowed is randomness from the key given, no "
            "global generator and no memory of earlier calls"
        )
    constant = np.all(first == first[0])  # no randomness at all is allowed: some laws have exact rules
    if not constant and np.array_equal(first, other):
        yield "two keys gave the same numbers: allowed is that every key has numbers of its own (is a sample cached?)"

    if not constant and _copied(first) >= COPIED and _shared(first, other) <= SHARED:
        yield (
            f"{_copied(first):.0%} of {BATCH} numbers of one call are copies of others, and another key does not give "
            "them: allowed is noise of its own for each draw"
        )


def _copied(values: np.ndarray) -> float:
    """The share of numbers that stand in the batch more than once."""
    return 1 - len(np.unique(values)) / len(values)


def _shared(first: np.ndarray, second: np.ndarray) -> float:
    """The share of numbers of one batch that the other holds too: estimators with atoms repeat them under any key."""
    return float(np.mean(np.isin(first, second)))


def _range(ask: Asker, first: np.ndarray) -> Iterator[str]:
    """Finite numbers at the ordinary parameters and, of subjects that nothing else judges there, at every edge of the
    law."""
    case = ask.case
    yield from _numbers(first, f"{BATCH} draws")
    if case.subject.certified_pointwise:
        return  # the checks that judge it at every point tell a number that the dtype cannot hold from a fault
    for point in parameter_points(case.subject, None):
        at = {name: round_to_dtype(value, case.dtype) for name, value in point.items()}
        if at == case.at or case.subject.refusal(case.parameter, at, case.dtype) is not None:
            continue
        where = f"{BATCH} draws at {parameter_text(at, short=True)}"
        found = list(_numbers(ask.draw(BATCH, 0, at=at), where))
        if found and _has_gradient(case, at):
            yield from found


def _has_gradient(case: Case, at: Parameters) -> bool:
    """Whether there is a mean to estimate: under a heavy tail f may grow beyond every number, a series may diverge."""
    if case.subject.without_mean(case.parameter, at, case.integrand) is not None:
        return False
    try:
        exact_gradient(case.family, at, case.integrand, case.parameter, routes=1)
    except UsageError:
        return False
    return True


def _numbers(values: np.ndarray, where: str) -> Iterator[str]:
    bad = int(np.sum(~np.isfinite(values)))
    if bad:
        yield f"{bad} contributions of {where} are NaN or infinite: allowed are finite numbers"


def _precision(case: Case, values: np.ndarray) -> Iterator[str]:
    """By value: what float32 arithmetic returns are float32 numbers, whatever array they come in."""
    telling = values[np.isfinite(values) & (values != 0)]
    mantissa = np.frexp(telling)[0]
    telling = telling[mantissa % FEW_BITS != 0]
    if not len(telling):
        return
    single = telling.astype(np.float32) == telling
    if case.dtype == "float64" and single.all():
        yield "float64 parameters gave float32 numbers: allowed is the precision of the parameters"
    if case.dtype == "float32" and not single.all() and case.subject.backend_name != "numpy":
        yield "float32 parameters gave numbers of higher precision: allowed is the precision of the parameters"


def _sizes(ask: Asker) -> Iterator[str]:
    """Batches of 0 and of 1."""
    for count, words in ((0, "empty"), (1, "size-one")):
        try:
            values = ask.draw(count, 2)
        except Exception as error:  # whatever a third party's estimator raises is what there is to say
            first = (str(error).splitlines() or [""])[0]
            yield f"num_samples={count} raised {type(error).__name__} ({first}): allowed are {words} batches too"
        else:
            yield from _numbers(values, f"a batch of {count}")


def _batches(ask: Asker, batch: np.ndarray) -> Iterator[str]:
    """A contribution does not depend on what stands beside it."""
    case = ask.case
    noise = ask.noise(SMALL)
    if noise is not None:
        together = ask.at_noise(noise)
        copies = [{name: np.full(SMALL, draws[k]) for name, draws in noise.items()} for k in range(SMALL)]
        alone = np.array([ask.at_noise(one)[k] for k, one in enumerate(copies)])
        gap = float(np.max(np.abs(alone - together), initial=0.0))
        if gap > rounding(together, case.dtype):
            yield (
                f"the contribution of a draw changes by up to {gap:.2g} with the draws beside it, for the same noise: "
                'allowed is that it depends on its own noise alone (else declare unit="call")'
            )
        return
    calls = CALLS[case.subject.backend_name]
    alone = ask.small_calls(calls, 1)[:, 0]
    far, allowed = distance(alone, batch), allowed_distance(calls, len(batch), ask.rate)
    if far > allowed:
        yield (
            f"{calls} calls of one draw and one call of {len(batch)} draws have different laws: their distributions "
            f"differ by {far:.2g}, allowed is {allowed:.2g} (is the batch averaged, or centred by its own mean?)"
        )
