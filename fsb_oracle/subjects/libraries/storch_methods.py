"""storch.method (the package storchastic): its estimators over small discrete laws and the normal law; what is not
verified by name, and why.

Each contribution is one row of a batch, which storchastic calls a plate: rows are independent, and the gradient of the
mean cost in a row's own parameters, times the number of rows, is that row's. A variable has one latent dimension, as in
the examples of the package; a sample of a categorical law, one-hot there, is its index here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fsb_oracle.subjects.declaration import Declaration, estimator

MODULE = "storch.method"

Build = Callable[..., Any]
LOGITS = {
    "three": {"logits": "[0.1, -0.2, 0.5]"},
    "four": {"logits": "[0.1, -0.2, 0.5, 0.3]"},
}


def _index(z: Any) -> Any:
    """The index of a one-hot sample, and what a relaxed one has in its place."""
    import torch

    return (z * torch.arange(z.shape[-1], dtype=z.dtype)).sum(-1)


def _categorical(values: Mapping[str, Any]) -> Any:
    from torch.distributions import OneHotCategorical

    return OneHotCategorical(logits=values["logits"])


def _bernoulli(values: Mapping[str, Any]) -> Any:
    from torch.distributions import Bernoulli

    return Bernoulli(probs=values["probs"])


def _normal(values: Mapping[str, Any]) -> Any:
    from torch.distributions import Normal

    return Normal(values["loc"], values["scale"])


_LAWS: dict[str, tuple[Build, tuple[str, ...], Mapping[str, str]]] = {
    "categorical": (_categorical, ("logits",), LOGITS["three"]),
    "bernoulli": (_bernoulli, ("probs",), {"probs": "0.3"}),
    "normal": (_normal, ("loc", "scale"), {"loc": "0.3", "scale": "1.2"}),
}


def _gradients(method: Build, law: str, params: Mapping[str, Any], f: Any, num_samples: int) -> dict[str, Any]:
    """d/d parameters of the cost f(z) by `storch.backward`, one row for each contribution."""
    import storch

    build, claimed, _ = _LAWS[law]
    rows = max(num_samples, 2)  # a plate of one row is no plate
    leaves = {
        name: params[name].detach().expand(rows, 1, *params[name].shape).clone().requires_grad_(True)
        for name in claimed
    }
    point = _index if law == "categorical" else (lambda z: z.to(leaves[claimed[0]].dtype))
    try:
        batch = {name: storch.denote_independent(leaf, 0, "rows") for name, leaf in leaves.items()}
        z = method(storch.method)(build(batch))
        cost = storch.deterministic(lambda value: f(point(value)).squeeze(-1))(z)
        storch.add_cost(cost, "f")
        storch.backward(update_estimator_params=False)
    finally:
        storch.reset()
    return {name: rows * leaf.grad.detach().squeeze(1)[:num_samples] for name, leaf in leaves.items()}


def _entry(law: str, method: Build, variant: str = "", **options: Any) -> Declaration:
    """`method(storch.method)` makes the estimator anew for each call."""
    _, claimed, point = _LAWS[law]

    def function(params: Mapping[str, Any], f: Any, num_samples: int, rng: Any) -> dict[str, Any]:
        return _gradients(method, law, params, f, num_samples)

    function.__name__ = variant
    options = {"points": [point], **options}
    return estimator(family=law, parameters=claimed, backend="torch", **options)(function)


def _one_call(decay: float) -> Declaration:
    """A baseline that all rows share: one row, one call."""

    def function(params: Mapping[str, Any], f: Any, num_samples: int, rng: Any) -> dict[str, Any]:
        import storch
        from torch.distributions import Bernoulli

        leaf = params["probs"].detach().clone().requires_grad_(True)
        method = storch.method.ScoreFunction("z", baseline_factory="moving_average", exponential_decay=decay)
        storch.add_cost(storch.deterministic(lambda z: f(z))(method(Bernoulli(probs=leaf))), "f")
        storch.backward()
        return {"probs": leaf.grad}

    function.__name__ = "moving average"
    declared = estimator(
        family="bernoulli", parameters=["probs"], backend="torch", unit="call", samples_per_call=1,
        points=[_LAWS["bernoulli"][2]],
    )  # fmt: skip
    return declared(function)


def _relaxed(hard: bool) -> Callable[..., Mapping[str, float]]:
    """The mean of f'(y) dy/dprobs, y = sigmoid(logit probs + x) with logistic x (temperature 1), f' taken at the
    rounded y if `hard`: the bias that a relaxation has by design."""

    def mean(params: Mapping[str, Any], f: Any) -> Mapping[str, float]:
        from scipy.special import expit, logit

        p = float(params["probs"])
        nodes, weights = np.polynomial.legendre.leggauss(400)
        total = 0.0
        for low, high in ((-40.0, -logit(p)), (-logit(p), 40.0)):  # either side of y = 1/2
            x = low + (high - low) * (nodes + 1) / 2
            y = expit(logit(p) + x)
            slope = f.derivative(np.round(y) if hard else y) * y * (1 - y) / (p * (1 - p))
            total += float((weights * slope * expit(x) * expit(-x)).sum()) * (high - low) / 2
        return {"probs": total}

    return mean


ENTRIES: dict[str, tuple[Declaration, ...]] = {
    "ARM": (_entry("bernoulli", lambda m: m.ARM("z")),),
    "DisARM": (_entry("bernoulli", lambda m: m.DisARM("z")),),
    "Expect": (_entry("categorical", lambda m: m.Expect("z")), _entry("bernoulli", lambda m: m.Expect("z"))),
    "GumbelSoftmax": (
        _entry("bernoulli", lambda m: m.GumbelSoftmax("z"), requires="F2", expected_gradient=_relaxed(hard=False)),
        _entry(
            "bernoulli", lambda m: m.GumbelSoftmax("z", straight_through=True), "straight through",
            requires="F2", expected_gradient=_relaxed(hard=True),
        ),
    ),
    "Infer": (_entry("normal", lambda m: m.Infer("z", _normal_class()), requires="F1"),),
    "LAX": (_entry("normal", lambda m: m.LAX("z", c_phi=lambda y: y.squeeze(-1))),),
    "REBAR": (
        _entry("categorical", lambda m: m.REBAR("z", n_samples=2), requires="F1"),
        _entry("bernoulli", lambda m: m.REBAR("z", n_samples=2), requires="F1"),
    ),
    "RELAX": (
        _entry("categorical", lambda m: m.RELAX("z", n_samples=2, c_phi=lambda y: 0.3 * _index(y).squeeze(-1))),
        _entry("bernoulli", lambda m: m.RELAX("z", n_samples=2, c_phi=lambda y: 2 * y.squeeze(-1))),
    ),
    "RaoBlackwellSF": (_entry("categorical", lambda m: m.RaoBlackwellSF("z", 2)),),
    "Reparameterization": (_entry("normal", lambda m: m.Reparameterization("z", n_samples=2), requires="F1"),),
    "ScoreFunction": (
        _entry("categorical", lambda m: m.ScoreFunction("z", n_samples=2)),
        _entry("normal", lambda m: m.ScoreFunction("z")),
        _entry(
            "categorical", lambda m: m.ScoreFunction("z", n_samples=3, baseline_factory="batch_average"),
            "leave one out",
        ),
        _entry(
            "bernoulli", lambda m: m.ScoreFunction("z", n_samples=2, baseline_factory="batch_average"),
            "leave one out",
        ),
        _one_call(decay=0.5),
    ),
    "ScoreFunctionWOR": (
        _entry(
            "categorical", lambda m: m.ScoreFunctionWOR("z", 3, biased=False), "baseline", points=[LOGITS["four"]],
        ),
        _entry(
            "categorical", lambda m: m.ScoreFunctionWOR("z", 3, biased=False, use_baseline=False),
            points=[LOGITS["four"]],
        ),
    ),
    "UnorderedSetEstimator": (
        _entry("categorical", lambda m: m.UnorderedSetEstimator("z", 2, num_int_points=100), "baseline"),
        _entry("categorical", lambda m: m.UnorderedSetEstimator("z", 2, use_baseline=False)),
    ),
}  # fmt: skip


def _normal_class() -> Any:
    from torch.distributions import Normal

    return Normal


UNMAPPED: dict[str, str] = {
    **dict.fromkeys(
        ("GumbelEntmax", "GumbelSparseMax", "UnorderedSetGumbelSoftmax"),
        "a relaxation, biased by design: the mean that it states has no formula here",
    ),
    **dict.fromkeys(("Baseline", "MovingAverageBaseline"), "a baseline: verified through ScoreFunction"),
    "Method": "the base class of estimators",
}
