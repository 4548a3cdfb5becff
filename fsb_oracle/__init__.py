"""fsb_oracle: says of any stochastic-gradient estimator whether it is right. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsb_oracle.errors import UsageError
    from fsb_oracle.estimators import fourier
    from fsb_oracle.oracle import exact
    from fsb_oracle.pytest_checks import parametrize_with_checks
    from fsb_oracle.records import Record, Result, Status
    from fsb_oracle.rules.registration import family
    from fsb_oracle.rules.table import variance
    from fsb_oracle.runs import verify
    from fsb_oracle.subjects import estimator
    from fsb_oracle.subjects.surrogate import surrogate

__version__ = "0.1.0"

_HOMES = {
    "UsageError": "fsb_oracle.errors",
    "estimator": "fsb_oracle.subjects",
    "exact": "fsb_oracle.oracle",
    "family": "fsb_oracle.rules.registration",
    "fourier": "fsb_oracle.estimators",
    "parametrize_with_checks": "fsb_oracle.pytest_checks",
    "Record": "fsb_oracle.records",
    "Result": "fsb_oracle.records",
    "Status": "fsb_oracle.records",
    "surrogate": "fsb_oracle.subjects.surrogate",
    "variance": "fsb_oracle.rules.table",
    "verify": "fsb_oracle.runs",
}

__all__ = [
    "Record",
    "Result",
    "Status",
    "UsageError",
    "__version__",
    "estimator",
    "exact",
    "family",
    "fourier",
    "parametrize_with_checks",
    "surrogate",
    "variance",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "fourier":
        return import_module("fsb_oracle.estimators.fourier")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'fsb_oracle' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
