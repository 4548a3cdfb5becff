"""Metamorphic laws: how the answer must change when the question changes. No exact value is needed for most of them.

What it tests, at ordinary parameters in float64, on the same keys:
- c f: twice the f gives twice the gradient. Draw by draw where the estimator is linear in f; else in the mean;
- f + c: a constant added to f leaves the mean as it was;
- n against 2n: a contribution does not change with the number of draws; where the noise cannot be given, the mean of
  two draws of one call is the exact gradient, which a batch-mean baseline or a moving average misses by 1/n. Where a
  contribution is made from its own sample alone, it is enough that calls of two draws have the law of pairs of a large
  call, and are the first half of calls of four under the same keys;
- caches: the answer at some parameters is the same whether or not others were asked for before;
- forward against reverse mode, where the library differentiates its samples in both.

Why it matters: an advantage divided by its own deviation, a cost multiplied in twice, a baseline that contains the
sample, a sum that should be a mean, a sample kept from other parameters: each passes tests at one n, one scale of f and
one parameter point.

How to fix: the message names the law that is broken and by how much; the first to look at is what f, the batch or the
cache is multiplied into.

How to reproduce: the last line of the message.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from fsb_oracle.checks.asking import Asker, rounding
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points, probes, separate_parameters
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import decidable
from fsb_oracle.checks.truth import bias_scale, exact_gradient, tested_mean
from fsb_oracle.errors import NoExactValue, UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts.sequential import Plan, run
from fsb_oracle.verdicts.two_samples import allowed_distance, distance

NAME = "metamorphic"
BATCH = 4096
CAP = 1 << 20  # units of a mean
CALLS = {"numpy": 4096, "torch": 4096, "jax": 512}  # of two draws each: by what a call costs there
FEW_CALLS = 512  # too few for a mean, enough to compare laws: what a narrow profile spends
KEYS = 64  # under each of which a call of two draws is compared with one of four
MOVED = 1e-6  # in units of S: less is rounding of f + c
TESTS = 4  # random ones: a mean for c f, one for f + c, one for two draws, one law for caches
SPACING = 1 << 20  # between the streams of two laws


@dataclass(frozen=True)
class Law:
    """What one metamorphic law came to: its name, whether it holds, and a sentence."""

    name: str
    holds: bool
    words: str
    num_samples: int = 0


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter (of a vector its first component) at an ordinary point, for one f, in the highest
    precision."""
    f = next(iter(probes(subject, ("sin3",))), None)
    if f is None:
        return []
    (point,) = parameter_points(subject, 1)
    calls = CALLS[subject.backend_name] if profile.breadth == "all" else FEW_CALLS
    return [
        Case(NAME, subject, point, parameter, subject.dtypes[-1], f, TESTS, calls)
        for parameter in separate_parameters(subject)
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Every law that can be asked of the subject; the case fails if one is broken."""
    started = time.perf_counter()
    ask = Asker(case, settings, false_fail_rate)
    laws = [law for one in (_scaled, _shifted, _doubled, _remembered, _modes) for law in one(ask)]
    broken = [law for law in laws if not law.holds]
    reproduce = case.reproduce(settings, false_fail_rate)
    title = f"METAMORPHIC LAW BROKEN: {', '.join(law.name for law in broken)}" if broken else "METAMORPHIC LAWS KEPT"
    lines = [f"{title}  {case.id}", *(f"{law.name}: {law.words}" for law in sorted(laws, key=lambda law: law.holds))]
    if broken:
        lines.append(f"reproduce: {reproduce}")
    return case.result(
        Status.fail if broken else Status.pass_,
        reason=broken[0].name if broken else None,
        tier="3",
        num_samples=sum(law.num_samples for law in laws),
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={"laws": [{"law": law.name, "holds": law.holds, "message": law.words} for law in laws]},
    )


def _scale(ask: Asker) -> float:
    """S, or the size of a contribution where the oracle has no answer for f."""
    case = ask.case
    try:
        scale = bias_scale(case.family, case.at, case.integrand, case.parameter)
    except NoExactValue:
        scale = 0.0
    return scale or math.sqrt(float(np.mean(ask.draw(BATCH, 0) ** 2))) or 1.0


def _mean_is_zero(
    ask: Asker, name: str, units: Callable[[int], np.ndarray], variance: float, block: int = BATCH, cap: int = CAP
) -> Law:
    """The sequential test of E units = 0, to the margin that `cap` units of about this variance can decide."""
    scale = _scale(ask)
    margin = decidable(ask.settings.margin * scale, variance, cap)
    decision = run(
        units,
        Plan(
            margin=margin,
            false_fail_rate=ask.rate,
            false_pass_rate=ask.settings.false_pass_rate,
            cap=cap,
            block=block,
            scale=scale,
        ),
    )
    off = f"{decision.bias / scale:.3g} S +- {decision.standard_error / scale:.1g}"
    if decision.status is Status.fail:
        words = f"the mean is off by {off} ({decision.reason}); allowed is {margin / scale:.2g} S"
        return Law(name, False, words, decision.num_samples)
    if decision.status is Status.inconclusive:
        words = f"no difference seen in the mean ({off}), and no bound on it ({decision.reason})"
        return Law(name, True, words, decision.num_samples)
    words = f"the mean agrees to {decision.bias_bound / scale:.2g} S, n = {decision.num_samples:,}"
    return Law(name, True, words, decision.num_samples)


def _scaled(ask: Asker) -> Iterator[Law]:
    """c f: twice f on the same keys."""
    f, twice = ask.case.integrand, Integrand(2 * ask.case.integrand.expression)

    def gap(stream: int) -> np.ndarray:
        return ask.draw(BATCH, stream, twice) - 2 * ask.draw(BATCH, stream, f)

    once, difference = ask.draw(BATCH, 0, f), gap(0)
    if np.max(np.abs(difference)) <= rounding(once, ask.case.dtype):
        yield Law("c f", True, f"twice f is twice each of {BATCH} contributions", BATCH)
    else:
        yield _mean_is_zero(ask, "c f", lambda index: gap(1 + index), float(np.var(difference)))


def _shifted(ask: Asker) -> Iterator[Law]:
    """f + c: one added to f on the same keys."""
    f, more = ask.case.integrand, Integrand(ask.case.integrand.expression + 1)
    missing = ask.case.subject.without_mean(ask.case.parameter, ask.case.at, more)
    if missing is not None:
        yield Law("f + c", True, f"not judged: {missing}")
        return

    def gap(stream: int) -> np.ndarray:
        return ask.draw(BATCH, stream, more) - ask.draw(BATCH, stream, f)

    difference = gap(SPACING)
    if np.max(np.abs(difference)) <= MOVED * _scale(ask):
        yield Law("f + c", True, f"no contribution of {BATCH} moves", BATCH)
    else:
        yield _mean_is_zero(ask, "f + c", lambda index: gap(SPACING + 1 + index), float(np.var(difference)))


def _doubled(ask: Asker) -> Iterator[Law]:
    """n against 2n: on given noise exactly, else the mean of calls of two draws against the exact gradient."""
    case, name = ask.case, "n against 2n"
    noise = ask.noise(BATCH)
    if noise is not None:
        whole = ask.at_noise(noise)
        half = ask.at_noise({name: draws[: BATCH // 2] for name, draws in noise.items()})
        gap = float(np.max(np.abs(half - whole[: BATCH // 2])))
        holds = gap <= rounding(whole, case.dtype)
        words = f"the first half of {BATCH} draws " + (
            "is what it is alone" if holds else f"changes by up to {gap:.2g}"
        )
        yield Law(name, holds, words, BATCH)
        return
    calls, first = case.options or CALLS[case.subject.backend_name], 2 * SPACING
    many = ask.draw(2 * BATCH, first).reshape(BATCH, 2).mean(axis=1)
    alike = calls > FEW_CALLS and case.subject.sample_by_sample and _begin_alike(ask)
    exact = None if alike or calls <= FEW_CALLS else _exact(ask)
    if alike:
        calls = FEW_CALLS
        yield Law(name, True, f"under each of {KEYS} keys, two draws are the first half of four", 4 * KEYS)
    pairs = ask.small_calls(calls, 2).mean(axis=1)
    if exact is not None:
        yield _mean_is_zero(ask, name, lambda _: pairs - exact, float(np.var(many)), calls, calls)
    else:
        yield _same_law(ask, name, pairs, many, f"means of {calls} calls of two draws and of pairs of a large call")


def _begin_alike(ask: Asker) -> bool:
    """Whether a call of two draws gives the first two of a call of four, under every one of several keys."""
    for key in range(4 * SPACING, 4 * SPACING + KEYS):
        four = ask.draw(4, key)
        if not np.max(np.abs(ask.draw(2, key) - four[:2])) <= rounding(four, ask.case.dtype):
            return False
    return True


def _exact(ask: Asker) -> float | None:
    """The exact gradient, or the mean that a biased estimator states; None where there is none, or no mean of
    contributions."""
    case = ask.case
    if case.subject.without_mean(case.parameter, case.at, case.integrand) is not None:
        return None
    try:
        gradient = exact_gradient(case.family, case.at, case.integrand, case.parameter, ask.settings.routes)
        return float(tested_mean(case.subject, case.at, case.integrand, case.parameter, gradient))
    except NoExactValue:
        return None


def _same_law(ask: Asker, name: str, first: np.ndarray, second: np.ndarray, what: str) -> Law:
    far, allowed = distance(first, second), allowed_distance(len(first), len(second), ask.rate)
    words = f"{what}: distributions differ by {far:.2g}, allowed is {allowed:.2g}"
    return Law(name, far <= allowed, words, len(first) + len(second))


def _remembered(ask: Asker) -> Iterator[Law]:
    """Caches: asked at other parameters under the same key, and back."""
    name, elsewhere = "caches", _elsewhere(ask.case)
    if elsewhere is None:
        return
    key, another, fresh = 3 * SPACING, 3 * SPACING + 1, 3 * SPACING + 2
    here = ask.draw(BATCH, key)
    after_here = ask.draw(BATCH, key, at=elsewhere)
    ask.draw(BATCH, another, at=elsewhere)
    again = ask.draw(BATCH, key, at=elsewhere)
    back = ask.draw(BATCH, key)
    if not (_equal(after_here, again) and _equal(here, back)):
        words = "under one key, the answer at given parameters depends on which others were asked for before"
        yield Law(name, False, words, 4 * BATCH)
        return
    what = "asked for after other parameters and under a key of their own"
    yield _same_law(ask, name, after_here, ask.draw(BATCH, fresh, at=elsewhere), what)


def _equal(first: np.ndarray, second: np.ndarray) -> bool:
    return bool(np.array_equal(first, second, equal_nan=True))


def _elsewhere(case: Case) -> Parameters | None:
    """Other parameters that the law and the subject allow: every continuous one halved, else another edge point."""
    law, subject = case.family, case.subject
    halved = {name: value / 2 if name in law.continuous_names else value for name, value in case.parameters.items()}
    for point in (halved, *parameter_points(subject, None)):
        at = {name: round_to_dtype(value, case.dtype) for name, value in subject.adapted(point).items()}
        if at != case.at and _allowed(law, at) and subject.refusal(case.parameter, at, case.dtype) is None:
            return at
    return None


def _allowed(law: Family, at: Parameters) -> bool:
    try:
        law.parse(at)
    except UsageError:
        return False
    return True


def _modes(ask: Asker) -> Iterator[Law]:
    """Forward against reverse mode, on the same keys."""
    case = ask.case
    forward = ask.draw_forward(BATCH, 0)
    if forward is None:
        return
    reverse = ask.draw(BATCH, 0)
    gap = float(np.max(np.abs(forward - reverse)))
    holds = gap <= rounding(reverse, case.dtype)
    words = f"{BATCH} contributions " + ("agree" if holds else f"differ by up to {gap:.2g}")
    yield Law("forward against reverse mode", holds, words, BATCH)
