"""One case decided; whatever goes wrong in it stays in it."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace

import numpy as np

from fsb_oracle.checks import CHECKS, Case, Settings
from fsb_oracle.checks.cause import cause
from fsb_oracle.checks.profile import CERTIFIED
from fsb_oracle.errors import NoExactValue
from fsb_oracle.records import Result, Status
from fsb_oracle.rules.answers import served
from fsb_oracle.subjects import ContractError
from fsb_oracle.verdicts.budget import Budget


def decide(case: Case, settings: Settings, budget: Budget) -> Result:
    """The result of one case, with its seconds; an exception in the estimator or in us becomes the status `error` of
    this case alone."""
    started = time.perf_counter()
    result = _decided(case, settings, budget, started)
    return result if result.seconds is not None else replace(result, seconds=time.perf_counter() - started)


def _decided(case: Case, settings: Settings, budget: Budget, started: float) -> Result:
    share = budget.per_test(case.id) if case.tests else 0.0
    came_with_this_version = served(settings.profile in CERTIFIED)
    try:
        with came_with_this_version, np.errstate(all="ignore"):  # beyond a dtype's range is judged, not announced
            reason = cause(case, settings)
            if reason is not None:
                message = f"NOT JUDGED  {case.id}\n  {reason}"
                return case.result(Status.not_applicable, reason=reason, message=message)
            return CHECKS[case.check].check(case, settings, share)
    except NoExactValue as reason:  # a probe whose mean does not exist says nothing about the estimator
        return case.result(Status.not_applicable, reason=str(reason), message=f"NOT APPLICABLE  {case.id}\n  {reason}")
    except ContractError as error:
        words, trace = str(error), ""
    except KeyboardInterrupt:
        raise
    except Exception as error:  # whatever a third party's estimator raises belongs to its case
        words, trace = f"{type(error).__name__}: {error}", traceback.format_exc(limit=-4)
    line = case.reproduce(settings, share)
    return case.result(
        Status.error,
        reason=words.splitlines()[0] if words else "error",
        seconds=time.perf_counter() - started,
        message=f"ERROR  {case.id}\n  {words}\n{trace}  reproduce: {line}",
        reproduce=line,
    )
