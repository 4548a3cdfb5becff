"""The block of text that states a verdict: what was found, on what assumption, what could still be hidden."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fsb_oracle.records import Status
from fsb_oracle.verdicts.constants import explain_ratio
from fsb_oracle.verdicts.sequential import Decision
from fsb_oracle.verdicts.tails import tail_report

__all__ = ["Context", "describe"]


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision does not know about the case."""

    case: str
    exact: str
    """The exact value as a decimal string."""
    scale: float
    """S, in the units of the gradient."""
    parameters: Mapping[str, float] = field(default_factory=dict[str, float])
    """Name -> value, for the constants with which the ratio estimate / exact is compared."""
    assumption: str | None = None
    """Where the bound on the variance or kurtosis comes from, as in "exact, of GAM-k-U"."""
    exact_variance: float | None = None
    deviation: float | None = None
    """Standard deviation of one contribution, as sampled."""
    tolerance_reason: str | None = None
    stated_bias: float | None = None
    """Of an estimator that states its own mean, which then is `exact`: that mean less the exact gradient."""
    also: tuple[str, ...] = ()
    """Further lines: other tiers, test functions, neighbours."""
    reproduce: str | None = None


def describe(decision: Decision, context: Context) -> str:
    """The text block of a verdict, without a final newline."""
    block = {
        Status.pass_: _pass,
        Status.within_margin: _within_margin,
        Status.fail: _nonfinite if decision.reason == "nonfinite" else _biased,
        Status.inconclusive: _inconclusive,
    }[decision.status]
    lines = [*block(decision, context), *_common(decision, context)]
    return "\n  ".join(lines)


def _pass(decision: Decision, context: Context) -> Iterator[str]:
    word = "UNBIASED" if context.stated_bias is None else "MEAN AS STATED"
    yield f"{word} to {_in_scale(decision.plan.margin, context)}  {context.case}"
    yield _hidden(decision, context)
    yield from _averaging(decision.bias_bound, decision, context)


def _within_margin(decision: Decision, context: Context) -> Iterator[str]:
    margin = decision.plan.margin
    word = "BIASED" if context.stated_bias is None else "NOT AS STATED"
    yield f"{word}, WITHIN MARGIN  {context.case}"
    yield f"exact {context.exact}, {_estimate(decision, context)}; {_sizes(decision.bias, context)}"
    yield f"margin {margin:.3g} ({_in_scale(margin, context)}); {_hidden(decision, context)}"
    yield from _evidence(decision, context)
    yield from _averaging(decision.bias, decision, context)


def _biased(decision: Decision, context: Context) -> Iterator[str]:
    yield f"{'BIASED' if context.stated_bias is None else 'MEAN NOT AS STATED'}  {context.case}"
    yield f"exact {context.exact} (error {decision.plan.oracle_error:.1g}), {_estimate(decision, context)}"
    yield f"{_sizes(decision.bias, context)}, {_intervals(decision)}"
    guess = explain_ratio(decision, float(context.exact), context.parameters)
    if guess.ratio is not None:
        near = f", near {guess.nearest_constant}: {guess.likely_cause}" if guess.nearest_constant else ""
        yield f"estimate / exact = {guess.ratio:.5g}{near}"
    yield from _evidence(decision, context)
    yield from _tails(decision, context)
    yield from _averaging(decision.bias, decision, context)


def _nonfinite(decision: Decision, context: Context) -> Iterator[str]:
    yield f"NOT FINITE  {context.case}"
    moments = decision.moments
    if moments is not None:
        bad, first = int(moments.nonfinite), int(moments.first_nonfinite)
        yield f"{bad:,} of {moments.count:,} contributions are inf or nan, the first at index {first:,}"
    yield f"exact {context.exact}"


def _inconclusive(decision: Decision, context: Context) -> Iterator[str]:
    yield f"INCONCLUSIVE ({decision.reason})  {context.case}"
    if decision.reason == "nonfinite":
        yield "the estimator is not finite at a node of the quadrature"
        return
    yield _hidden(decision, context)
    if decision.reason == "quadrature-not-converged":
        margin = decision.plan.margin
        yield f"the quadrature did not reach the margin {margin:.2g}: is a kink or jump undeclared?"
    else:
        yield from _tails(decision, context)
        yield "sampling cannot decide this case within its cap of units"


def _common(decision: Decision, context: Context) -> Iterator[str]:
    """The last lines of every block: the assumption, what was broken or allowed, other tiers, replay."""
    plan = decision.plan
    if decision.reason != "nonfinite":
        yield _assumption(decision, context)
    if decision.variance_claim_refuted and decision.moments is not None:
        measured = float(decision.moments.variance)
        yield f"variance {measured:.4g} contradicts the bound {plan.variance_bound:.4g}; judged without it"
    if context.stated_bias is not None:
        yield f"judged by the mean that it states: a bias of {_sizes(context.stated_bias, context)[5:]}"
    if context.tolerance_reason:
        yield f"biases up to {plan.tolerance:.2g} are tolerated: {context.tolerance_reason}"
    yield from context.also
    if context.reproduce and decision.status is not Status.pass_:
        yield f"reproduce: {context.reproduce}"


def _assumption(decision: Decision, context: Context) -> str:
    plan, source = decision.plan, f" ({context.assumption})" if context.assumption else ""
    rate = f"false-fail rate {plan.false_fail_rate:.1e}"
    match decision.variance_class:
        case "R":
            return f"assumes variance <= {plan.variance_bound:.4g}{source}; class R, {rate}"
        case "K":
            return f"assumes kurtosis <= {plan.kurtosis_bound:.4g}{source}; class K, {rate}"
        case "H":
            return f"assumes tails no worse than those seen: asymptotic, not guaranteed; class H, {rate}"
        case _:
            return "deterministic (quadrature over the noise): says nothing about the random source"


def _hidden(decision: Decision, context: Context) -> str:
    """The hidden-bias bound, without which there is no pass, and the estimate."""
    bound = decision.bias_bound
    relation = "<" if decision.status is Status.pass_ else "<="
    rate = "" if decision.variance_class is None else f", error {decision.plan.false_pass_rate:.0e}"
    size = f"{relation} {bound:.3g}{_shares(bound, context)}{rate}" if math.isfinite(bound) else "not bounded"
    sample = f"; n = {decision.num_samples:,}" if decision.num_samples else ""
    return f"hidden bias {size}; estimate - exact = {decision.bias:.2g}{sample}"


def _sizes(bias: float, context: Context) -> str:
    return f"bias {bias:.3g}{_shares(abs(bias), context)}"


def _shares(size: float, context: Context) -> str:
    """The size in S and relative to |exact|, where these are not 0."""
    exact = abs(float(context.exact))
    shares = [f"{_percent(size / unit)} of {name}" for unit, name in ((context.scale, "S"), (exact, "|exact|")) if unit]
    return f" ({', '.join(shares)})" if shares else ""


def _estimate(decision: Decision, context: Context) -> str:
    estimate = float(context.exact) + decision.bias
    if decision.variance_class is None:
        half = (decision.interval[1] - decision.interval[0]) / 2
        return f"implementation {estimate:.8g} +- {half:.1g}"
    return f"estimate {estimate:.6g} +- {decision.standard_error:.1g}"


def _intervals(decision: Decision) -> str:
    if decision.variance_class is None:
        return f"in {_interval(decision.interval)}"
    plan = decision.plan
    return (
        f"in {_interval(decision.pass_interval)} at 1 - {plan.false_pass_rate:.0e}, "
        f"in {_interval(decision.interval)} at 1 - {plan.false_fail_rate:.0e}"
    )


def _evidence(decision: Decision, context: Context) -> Iterator[str]:
    if decision.evidence is None:
        return
    budget = -math.log10(decision.plan.false_fail_rate)
    looks = f"{decision.looks} look{'s' * (decision.looks != 1)}"
    sample = f"n = {decision.num_samples:,}, {looks}"
    yield f"evidence 10^{decision.evidence:.1f} against a budget of 10^{budget:.1f}; {sample}"


def _tails(decision: Decision, context: Context) -> Iterator[str]:
    moments = decision.moments
    if moments is None:
        return
    report = tail_report(moments, decision.top)
    shape = "" if report.k_hat is None else f", k-hat {report.k_hat:.2g}"
    share = f"the largest unit holds {_percent(report.max_share)} of the sum of squares"
    suspected = "; heavy tail suspected" if report.heavy else ""
    yield f"tails: skewness {report.skewness:.3g}, kurtosis {report.kurtosis:.3g}{shape}, {share}{suspected}"
    if context.exact_variance is not None:
        yield f"variance {float(moments.variance):.4g}, exact variance {context.exact_variance:.4g}"


def _averaging(bias: float, decision: Decision, context: Context) -> Iterator[str]:
    """The bias in units of the noise of one contribution, and how many must be averaged until the two are equal."""
    moments, spread = decision.moments, context.deviation
    if spread is None and moments is not None:
        spread = math.sqrt(float(moments.variance))
    if bias and spread and math.isfinite(spread) and math.isfinite(bias):
        samples = max(1.0, (spread / bias) ** 2)
        share = f"{abs(bias) / spread:.2g} of one sample's noise"
        if decision.status is Status.pass_:
            yield f"a bias at that bound would be {share}: it equals the noise of a mean of {samples:.2g}"
        else:
            yield f"that is {share}: a step must average {samples:.2g} samples before this bias equals its noise"


def _in_scale(value: float, context: Context) -> str:
    return f"{value / context.scale:.2g} S" if context.scale > 0 else f"{value:.2g}"


def _interval(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.3g}, {interval[1]:.3g}]"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
