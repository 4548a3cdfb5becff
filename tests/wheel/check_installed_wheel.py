"""The built wheel, away from the checkout (`tox run -e wheel`): pytest collects it by its path only."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from decimal import Decimal, localcontext
from importlib.metadata import distribution, files
from importlib.util import find_spec
from pathlib import Path

import fsb_oracle

SITE_PACKAGES = Path(sysconfig.get_path("purelib")).resolve()


def test_the_package_under_test_is_the_installed_one() -> None:
    assert fsb_oracle.__file__ is not None
    assert Path(fsb_oracle.__file__).resolve().parent == SITE_PACKAGES / "fsb_oracle"


def test_neither_torch_nor_jax_is_there() -> None:
    """What passes here passes with the core dependencies alone."""
    assert find_spec("torch") is None
    assert find_spec("jax") is None


def test_the_wheel_carries_what_it_should_and_nothing_else() -> None:
    carried = {str(path).replace("\\", "/") for path in files("fsb-oracle") or ()}
    assert {"fsb_oracle/py.typed", "_fsb_oracle_pytest.py"} <= carried
    assert any(name.startswith("fsb_oracle/_suites/test_") for name in carried)
    assert {f"fsb_oracle/_reference/{name}" for name in ("manifest.json", "schema.json", "DEFINITION.md")} <= carried
    assert "fsb_oracle/_reference/vectors/normal.json" in carried
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in carried)
    tops = {name.split("/")[0] for name in carried if not name.startswith("..")}
    assert {top for top in tops if not top.endswith(".dist-info")} <= {
        "fsb_oracle",
        "_fsb_oracle_pytest.py",
        "__pycache__",
    }
    assert distribution("fsb-oracle").metadata["License-Expression"] == "Apache-2.0"


def test_fifty_digits_from_the_command_line() -> None:
    """E sin(3 z) under gamma(2, 1) is Im (1 - 3 i)**-2 = 6/100."""
    command = [sys.executable, "-m", "fsb_oracle", "exact", "gamma", "concentration=2", "rate=1"]
    done = subprocess.run(
        [*command, "--f", "sin(3*z)", "--digits", "50", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expectation = json.loads(done.stdout)["expectation"]
    value, radius = Decimal(expectation["value"]), Decimal(expectation["radius"])
    with localcontext(prec=100):
        assert abs(value - Decimal("0.06")) <= radius < Decimal("1e-48")


def test_a_project_that_uses_the_wheel_passes_its_own_tests() -> None:
    """The sample of tests/downstream, which is installed beside it: in pytest, and by its entry point."""
    downstream = Path(__file__).resolve().parents[1] / "downstream"
    verify = ["fsb_oracle", "verify", "entry-points:rain-gradients", "--known-failures", "known_failures.toml"]
    for module in (["pytest", "-q"], [*verify, "--select", "*/gamma/*"]):
        done = subprocess.run(
            [sys.executable, "-m", *module], cwd=downstream, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_shipped_suites_run_against_it() -> None:
    target = "rain_gradients.estimators:smoothed_shape"
    command = [sys.executable, "-m", "pytest", "--pyargs", "fsb_oracle._suites", "-q", "-k", "unbiased"]
    options = ["--fsb-target", target, "--fsb-profile", "smoke", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
    done = subprocess.run(
        [*command, *options, "--fsb-target", target.replace("smoothed", "cheap")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "BIASED" in done.stdout, done.stdout + done.stderr
