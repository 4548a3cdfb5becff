"""The oracle: exact expectations and gradients, each in a certified ball from two independent routes.

The precision of ball arithmetic is global to the process: run the oracle in several processes, never in several
threads. What takes arrays is in modules of its own (`fast`, `transport`): `exact` starts without NumPy.
"""

from fsb_oracle.oracle.exact import exact, expectation, gradient, velocity, wave_gradient
from fsb_oracle.oracle.law import entropy, log_density, tails
from fsb_oracle.oracle.score import score
from fsb_oracle.oracle.value import Exact, OracleError, Value

__all__ = [
    "Exact", "OracleError", "Value",
    "entropy", "exact", "expectation", "gradient", "log_density", "score", "tails", "velocity",
    "wave_gradient",
]  # fmt: skip
