"""Anything under test, behind one protocol, and the doors into it."""

from fsb_oracle.subjects.functions import Declaration, FunctionSubject, estimator
from fsb_oracle.subjects.resolve import library_of, not_mapped, resolve
from fsb_oracle.subjects.subject import ContractError, Subject

__all__ = [
    "ContractError",
    "Declaration",
    "FunctionSubject",
    "Subject",
    "estimator",
    "library_of",
    "not_mapped",
    "resolve",
]
