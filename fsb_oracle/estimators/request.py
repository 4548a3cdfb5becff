"""What a call of an estimator asks for: back end, arrays and rules; one sentence where that cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fsb_oracle.backends import DTYPES, Array, Backend, get_backend
from fsb_oracle.errors import UsageError
from fsb_oracle.estimators.function import ExpressionFunction
from fsb_oracle.families import Family
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.rules import Rule, get_rule, recommended_rules


def backend_of(rng: Any) -> Backend:
    """The back end whose random source `rng` is, without importing the others."""
    if isinstance(rng, np.random.Generator):
        return get_backend("numpy")
    module = type(rng).__module__.partition(".")[0]
    if module == "torch":
        return get_backend("torch")
    if module in ("jax", "jaxlib"):
        return get_backend("jax")
    raise UsageError(f"rng={rng!r} is no numpy.random.Generator, torch.Generator or JAX key")


def check_names(law: Family, params: Mapping[str, Any]) -> None:
    if len(params) != len(law.names) or not all(name in params for name in law.names):
        raise UsageError(f"{law.name} takes {', '.join(law.names)}, not {', '.join(params) or 'nothing'}")


def numeric_arrays(backend: Backend, params: Mapping[str, Any]) -> tuple[dict[str, Array], str]:
    """The parameters as arrays of one dtype: that of the first array among them, else the library's default."""
    kinds = {getattr(value, "dtype", None) for value in params.values()}
    if len(kinds) == 1 and None not in kinds:
        dtype = backend.dtype_of(next(iter(params.values())))
        if dtype in DTYPES:
            return dict(params), dtype
    dtypes = {name: backend.dtype_of(value) for name, value in params.items() if hasattr(value, "dtype")}
    default = "float64" if backend.name == "numpy" else "float32"
    dtype = next((name for name in dtypes.values() if name.startswith("float")), default)
    return {
        name: value if dtypes.get(name) == dtype else backend.array(value, dtype) for name, value in params.items()
    }, dtype


def chosen_rules(
    law: Family,
    function: Any,
    rule: str | Mapping[str, str] | None,
    m: Any,
    parameters: Mapping[str, Array],
    force: bool = False,
) -> dict[str, Rule]:
    if rule is not None:
        if isinstance(rule, str):
            one = rule_called(law, rule)
            chosen = {one.parameter: one}
        else:
            chosen = {name: rule_called(law, id) for name, id in rule.items()}
        for name, one in chosen.items():
            if (one.family, one.parameter) != (law.name, name):
                raise UsageError(f"rule {one.id} is for {one.family} {one.parameter}, not for {law.name} {name}")
            outside = None if force else one.outside_disc(m, parameters, getattr(function, "integrand", None))
            if outside is not None:
                raise UsageError(outside)
        return chosen
    # a plain function is taken to be continuous with a derivative almost everywhere (class F1)
    f: Integrand = function.integrand if isinstance(function, ExpressionFunction) else integrand("Max(z, 0)")
    chosen = {}
    for name in law.continuous_names:
        usable = (one for one in recommended_rules(law, name, f) if one.holds_on(m, parameters))
        best = next(usable, None)
        if best is None:
            raise UsageError(
                f"no rule for {law.name} {name} is known to have finite variance for this f at these parameters: "
                "name one by rule="
            )
        chosen[name] = best
    return chosen


def rule_called(law: Family, id: str) -> Rule:
    """A rule of this law, or of any law that needs no shape."""
    return get_rule(id, law if law.shape else None)


__all__ = ["backend_of", "check_names", "chosen_rules", "numeric_arrays"]
