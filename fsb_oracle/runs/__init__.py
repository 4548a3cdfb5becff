"""Runs: the plan, the options with their sources, and the loop that keeps what has finished."""

from fsb_oracle.runs.verify import verify

__all__ = ["verify"]
