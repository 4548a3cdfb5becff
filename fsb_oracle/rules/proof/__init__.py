"""The proof of a rule: its multiplier, computed from the kernel that the back ends run, equals d phi / d theta.

The kernel is called with f = exp(i w z), or with f = z^(i w) for rules of log space. Variables in which the algebra of
`forms` closes are *carried*: they enter through what their law declares (z through that of the law, noise through its
own). The others are integrated in high precision. No multiplier is written down anywhere; change a constant in a
kernel and its proof fails.
"""

from fsb_oracle.rules.proof.prove import Multiplier, Proof, prove
from fsb_oracle.rules.proof.summary import (
    ProofSummary,
    integrated_variables,
    proof_frequencies,
    proof_points,
    proof_summary,
)

__all__ = [
    "Multiplier",
    "Proof",
    "ProofSummary",
    "integrated_variables",
    "proof_frequencies",
    "proof_points",
    "proof_summary",
    "prove",
]
