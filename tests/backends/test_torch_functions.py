"""Functions declared for Torch: surrogate losses, loops that call `backward` themselves, autodiff through f."""

from pathlib import Path

import pytest

import fsb_oracle
from fsb_oracle.records import Status

pytestmark = pytest.mark.torch
FILE = str(Path(__file__).parents[1] / "data" / "surrogates_torch.py")


@pytest.mark.parametrize(
    ("name", "select", "status"),
    [
        ("by_hand", "unbiased/gamma/concentration=2.5,rate=1.*/sin3/*", Status.pass_),
        ("pathwise_loss", "unbiased/*/scale_tril.1.0/f-0e021d2d/*", Status.pass_),
        ("reinforce", "unbiased/*/logits.2/sin3/*", Status.pass_),
        ("reinforce_through_the_baseline", "unbiased/*/logits.2/relu/*", Status.fail),
    ],
)
def test_verdicts(name, select, status):
    record = fsb_oracle.verify(f"{FILE}:{name}", profile="smoke", select=f"{select}float64")
    assert record.results and {result.status for result in record.results} == {status}
