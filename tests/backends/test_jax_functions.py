"""Functions declared for JAX: surrogate losses mapped over keys, `jax.grad` through f, what cannot be traced."""

from pathlib import Path

import numpy as np
import pytest

import fsb_oracle
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.subjects import resolve

pytestmark = pytest.mark.jax
FILE = str(Path(__file__).parents[1] / "data" / "surrogates_jax.py")


@pytest.mark.parametrize(
    ("name", "select", "status"),
    [
        ("pathwise_loss", "unbiased/*/scale_tril.1.0/*", Status.pass_),
        ("gradient_of_each", "unbiased/*/loc.0/*", Status.pass_),
        ("self_included_baseline", "unbiased/*/logits.2/sin3/*", Status.fail),
    ],
)
def test_verdicts(name, select, status):
    record = fsb_oracle.verify(f"{FILE}:{name}", profile="smoke", select=f"{select}float64")
    assert record.results and {result.status for result in record.results} == {status}


def test_a_function_that_cannot_be_traced_is_called_once_for_each_key():
    (subject,) = resolve(f"{FILE}:reinforce_with_a_branch")
    at = subject.family.edge_points[0]
    drawn = subject.contributions(at, integrand("sin3"), 20, np.random.SeedSequence(1), "float64")
    assert {name: values.shape for name, values in drawn.items()} == {f"logits.{i}": (20,) for i in range(3)}
    assert len(set(drawn["logits.0"])) > 5
