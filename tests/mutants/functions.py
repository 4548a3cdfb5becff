"""Planted faults in estimators that people write as a function: each is named after a fault that happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.special

from fsb_oracle.subjects.functions import FunctionSubject

from .impostor import subject_of


@dataclass(frozen=True)
class Function:
    """A faulty estimator of one parameter, the name of its fault and the class that it belongs to."""

    family: str
    parameter: str
    fault: str
    model: str
    function: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> FunctionSubject:
        def estimate(params: Any, f: Any, *noise: Any) -> Any:
            return {self.parameter: self.function(params, f, *noise)}

        estimate.__name__ = f"{self.family}_{self.fault}".replace(" ", "_")
        return subject_of(estimate, self.family, self.parameter, **self.options)

    def __str__(self) -> str:
        return f"{self.family}-{self.fault.replace(' ', '-')}"


def _normal(p, n, rng):
    """z and the score of the location of a normal law."""
    z = p["loc"] + p["scale"] * rng.standard_normal(n)
    return z, (z - p["loc"]) / p["scale"] ** 2


def _gamma(p, n, rng):
    return rng.gamma(p["concentration"], 1 / p["rate"], n)


def _gamma_score(p, z, digamma):
    return np.log(z * p["rate"]) - digamma(p["concentration"])


def _summed(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return n * f(z) * s


def _broadcast(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return np.mean(f(z)[:, None] * s[None, :], axis=0)


def _moving_average(p, f, n, rng):
    z, s = _normal(p, n, rng)
    values, baseline = f(z), np.zeros(n)
    average = 0.0
    for k in range(n):
        average = 0.5 * average + 0.5 * values[k]  # before it is subtracted
        baseline[k] = average
    return (values - baseline) * s


def _running_mean(p, f, n, rng):
    """Of the samples so far, this one among them: two draws of a call are the same whatever comes after them, and in a
    large call the bias is lost."""
    z, s = _normal(p, n, rng)
    values = f(z)
    return (values - np.cumsum(values) / np.arange(1, n + 1)) * s


def _batch_mean(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return (f(z) - np.mean(f(z))) * s if n else s


def _leave_one_out(p, f, n, rng):
    z, s = _normal(p, 4 * n, rng)
    values, s = f(z).reshape(n, 4), s.reshape(n, 4)
    return ((values - values.mean(axis=1, keepdims=True)) * s).mean(axis=1)  # no 4/3


def _standardised(p, f, n, rng):
    z, s = _normal(p, n, rng)
    values = f(z)
    return (values - values.mean()) / (values.std() + 1e-8) * s if n else s


def _same_action(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return (f(z) - np.tanh(z)) * s  # the mean of tanh(z) s is not added back


def _cost_twice(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return f(z) ** 2 * s


def _clamped(p, f, n, rng):
    z = p["loc"] + p["scale"] * rng.standard_normal(n)
    return np.where(np.abs(z - p["loc"]) < p["scale"], f.derivative(z), 0.0)


def _through_rsample(p, f, n, rng):
    z, _ = _normal(p, n, rng)
    log_density = -((z - p["loc"]) ** 2) / (2 * p["scale"] ** 2)
    return f.derivative(z) * log_density  # d/dloc of f(z) log p(z) along the path; log p does not move


def _density(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return f(z) * s * np.exp(-((z - p["loc"]) ** 2) / (2 * p["scale"] ** 2)) / p["scale"]


def _smoothed(p, f, n, rng):
    eps = rng.standard_normal(n)
    return f(p["loc"] + p["scale"] * eps) * eps  # eps / scale


def _coupled_wrong(p, f, n, rng):
    y = np.sqrt(2 * rng.exponential(size=n))
    return (f(p["loc"] + p["scale"] * y) - f(p["loc"] - p["scale"] * y)) / (np.sqrt(2) * np.pi * p["scale"])


def _control_not_added(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return (f(z) - (z - p["loc"])) * s


def _fitted_control(p, f, n, rng):
    z, s = _normal(p, 3 * n, rng)
    g, s = (f(z) * s).reshape(n, 3), s.reshape(n, 3)
    weight = ((g - g.mean(1, keepdims=True)) * s).sum(1) / (s**2).sum(1)  # from the same three draws
    return (g - weight[:, None] * s).mean(axis=1)


def _self_normalised(p, f, n, rng):
    wide = 1.3
    eps = wide * rng.standard_normal((n, 3))
    z, log_weight = p["loc"] + p["scale"] * eps, -(eps**2) / 2 + (eps / wide) ** 2 / 2
    weight = np.exp(log_weight)
    return (weight * f(z) * eps / p["scale"]).sum(axis=1) / weight.sum(axis=1)


def _reused(p, f, n, rng):
    eps = rng.standard_normal((n + 1) // 2)
    return f.derivative(p["loc"] + p["scale"] * np.concatenate([eps, eps])[:n])


_KEPT: dict[Any, Any] = {}


def _cached_sample(p, f, n, rng):
    eps = _KEPT.setdefault(("normal", n), rng.standard_normal(n))
    return eps * f.derivative(p["loc"] + p["scale"] * eps)


def _cached_by_key(p, f, n, rng):
    key = (n, rng.random())
    z = _KEPT.setdefault(key, p["loc"] + p["scale"] * rng.standard_normal(n))
    return (z - p["loc"]) / p["scale"] * f.derivative(z)


def _global_generator(p, f, n, rng):
    return f.derivative(p["loc"] + p["scale"] * np.random.standard_normal(n))


def _reseeding(p, f, n, rng):
    np.random.seed(0)
    return f.derivative(p["loc"] + p["scale"] * rng.standard_normal(n))


def _own_seed(p, f, n, rng):
    return f.derivative(p["loc"] + p["scale"] * np.random.default_rng(0).standard_normal(n))


def _silenced(p, f, n, rng):
    np.seterr(all="ignore" if np.geterr()["under"] != "ignore" else "warn")
    return f.derivative(p["loc"] + p["scale"] * rng.standard_normal(n))


def _no_empty_batch(p, f, n, rng):
    z = p["loc"] + p["scale"] * rng.standard_normal(n)
    return f.derivative(z) + 0 * z.max()


def _averaged(p, f, n, rng):
    z = p["loc"] + p["scale"] * rng.standard_normal(n)
    return np.full(n, f.derivative(z).mean()) if n else z


def _single(p, f, n, rng):
    z = np.float32(p["loc"]) + np.float32(p["scale"]) * rng.standard_normal(n, dtype=np.float32)
    return f.derivative(z).astype(np.float64)


def _double_where(p, f, n, rng):
    z = _gamma(p, n, rng) * p["rate"] - p["concentration"]
    return np.where(z > 0, f.derivative(z), 0 * np.log(z))


def _masked(p, f, n, rng):
    z = _gamma(p, n, rng)
    s = np.where(z > 0.1, _gamma_score(p, np.maximum(z, 0.1), scipy.special.digamma), 0.0)
    return f(z) * s


def _underflow(p, f, n, rng):
    z = _gamma(p, n, rng).astype(np.float32)
    return f(z) * _gamma_score(p, z, scipy.special.digamma)


def _no_normaliser(p, f, n, rng):
    z = _gamma(p, n, rng)
    return f(z) * np.log(z * p["rate"])


def _truncated(p, f, n, rng):
    z = _gamma(p, n, rng)
    return f(z) * _gamma_score(p, z, lambda k: np.log(k) - 1 / (2 * k))


def _scale_for_rate(p, f, n, rng):
    z = _gamma(p, n, rng)
    return f(z) * (z * p["rate"] ** 2 - p["concentration"] * p["rate"])


def _rejection(p, f, n, rng):
    """Marsaglia and Tsang's accepted proposals, differentiated as if all had been accepted."""
    boosted = p["concentration"] < 1
    d = p["concentration"] + boosted - 1 / 3
    c = 1 / np.sqrt(9 * d)
    kept, todo = np.zeros(n), np.arange(n)
    while len(todo):
        x, u = rng.standard_normal(len(todo)), rng.random(len(todo))
        v = np.maximum(1 + c * x, 1e-12) ** 3
        good = (np.log(u) < x**2 / 2 + d - d * v + d * np.log(v)) & (1 + c * x > 0)
        kept[todo[good]] = x[good]
        todo = todo[~good]
    log_u = np.log(rng.random(n)) * boosted
    boost = np.exp(log_u / p["concentration"]) / p["rate"]
    z = d * (1 + c * kept) ** 3 * boost
    slope = (1 + c * kept) ** 3 - 1.5 * c * kept * (1 + c * kept) ** 2
    return f.derivative(z) * (slope * boost - z * log_u / p["concentration"] ** 2)


def _score_of_moving_support(p, f, n, rng):
    width = p["high"] - p["low"]
    return -f(p["low"] + width * rng.random(n)) / width


def _undivided(p, f, n, rng):
    e = rng.exponential(size=n)
    z = e / p["rate"]
    return -f.derivative(z) * z * np.exp(-e)  # -dF/drate is not divided by the density


def _wrong_gumbel(p, f, n, rng):
    x = np.log(-np.log(rng.random(n)))  # the minus sign is lost
    return x * f.derivative(p["loc"] + p["scale"] * x)


def _straight_through(p, f, n, rng):
    return f.derivative((rng.random(n) < p["probs"]).astype(float))


def _rebar_constant(p, f, n, rng):
    """REBAR of a soft cost c = f(sigmoid(. / t)) whose conditional noise is treated as a constant: d z~ / d probs
    through the noise is dropped."""
    probs, t = p["probs"], 0.5
    u, v = rng.random(n), rng.random(n)
    logit = np.log(probs / (1 - probs))
    hard = (u > 1 - probs).astype(float)
    conditional = np.where(hard > 0, 1 - probs + probs * v, (1 - probs) * v)
    zs, zt = logit + np.log(u / (1 - u)), logit + np.log(conditional / (1 - conditional))
    soft, soft_t = 1 / (1 + np.exp(-zs / t)), 1 / (1 + np.exp(-zt / t))
    score = (hard - probs) / (probs * (1 - probs))
    direct = 1 / (probs * (1 - probs)) / t
    slope = f.derivative(soft) * soft * (1 - soft) * direct
    slope_t = f.derivative(soft_t) * soft_t * (1 - soft_t) * direct  # v's own share is missing
    return (f(hard) - f(soft_t)) * score + slope - slope_t


def _without_replacement(p, f, n, rng):
    z = (rng.random((n, 2)) < p["probs"]).astype(float)
    z[:, 1] = np.where(z[:, 1] == z[:, 0], 1 - z[:, 0], z[:, 1])  # the second is never the first
    return (f(z) * (z - p["probs"]) / (p["probs"] * (1 - p["probs"]))).mean(axis=1)


def _go_off_by_one(p, f, n, rng):
    z = rng.poisson(p["rate"], n).astype(float)
    return (f(z + 1) - f(z)) * z / p["rate"]  # the density's ratio at z + 1 is not that at z


def _wrong_conditional(p, f, n, rng):
    """RELAX of a soft cost, its conditional noise drawn for the other outcome."""
    probs = p["probs"]
    u, v = rng.random(n), rng.random(n)
    logit = np.log(probs / (1 - probs))
    hard = u > 1 - probs
    conditional = np.where(hard, probs + (1 - probs) * v, probs * v)  # probs and 1 - probs swapped
    moves = np.where(hard, 1 - v, v)

    def soft(noise, own):
        value = 1 / (1 + np.exp(-logit - np.log(noise / (1 - noise))))
        slope = value * (1 - value) * (1 / (probs * (1 - probs)) + own / (noise * (1 - noise)))
        return f(value), f.derivative(value) * slope

    (_, path), (tilde, path_tilde) = soft(u, 0.0), soft(conditional, moves)
    score = (hard - probs) / (probs * (1 - probs))
    return (f(hard.astype(float)) - tilde) * score + path - path_tilde


def _ancestors_without_weights(p, f, n, rng):
    z = p["loc"] + 1.5 * p["scale"] * rng.standard_normal((n, 4))
    ancestor = rng.integers(0, 4, n)  # in proportion to the weights, it should be
    chosen = z[np.arange(n), ancestor]
    return f(chosen) * (chosen - p["loc"]) / p["scale"] ** 2


def _downstream_cost_removed(p, f, n, rng):
    """loc acts on x, and z = x + noise costs f(x) + (f(z) - f(x)): the second part is taken to be independent."""
    half = p["scale"] / np.sqrt(2)
    x = p["loc"] + half * rng.standard_normal(n)
    return f(x) * (x - p["loc"]) / half**2


def _total_for_partial(p, f, n, rng):
    z, s = _normal(p, n, rng)
    return f.derivative(z) + f(z) * s  # the path, and what the score had become by reparameterising it


def _gradient_clamped_alone(p, f, n, rng):
    e = rng.exponential(size=n)
    z = e / p["rate"]
    return np.where(e > 0.25, -f.derivative(z) * z / p["rate"], 0.0)  # log(z) clamped where it is differentiated


FUNCTIONS = (
    Function("normal", "loc", "sample detached: no path", "F03", lambda p, f, n, rng: 0 * rng.standard_normal(n)),
    Function("normal", "loc", "score through rsample", "F04", _through_rsample, {"requires": "F2"}),
    Function("normal", "loc", "sum over samples for mean", "F06", _summed, {"requires": "F0"}),
    Function("normal", "loc", "n by n broadcast before the mean", "F07", _broadcast, {"requires": "F0"}),
    Function("normal", "loc", "moving average updated first", "F08", _moving_average, {"requires": "F0"}),
    Function("normal", "loc", "running mean holds the sample", "F08", _running_mean, {"requires": "F0"}),
    Function("normal", "loc", "batch mean holds the sample", "F09", _batch_mean, {"requires": "F0"}),
    Function("normal", "loc", "1/K for 1/(K-1)", "F10", _leave_one_out, {"requires": "F0"}),
    Function("normal", "loc", "advantage divided by its deviation", "F11", _standardised, {"requires": "F0"}),
    Function("normal", "loc", "baseline of the same action", "F12", _same_action, {"requires": "F0"}),
    Function("normal", "loc", "scale missing in the smoothed gradient", "F13", _smoothed, {"requires": "F0"}),
    Function("normal", "loc", "multiplied by the cost twice", "F14", _cost_twice, {"requires": "F0"}),
    Function("normal", "loc", "gradient zero beyond a clamp", "F19", _clamped),
    Function("normal", "loc", "density's derivative for its logarithm's", "F23", _density, {"requires": "F0"}),
    Function("normal", "loc", "control variate not added back", "F33", _control_not_added, {"requires": "F0"}),
    Function("normal", "loc", "control fitted on the same draws", "F34", _fitted_control, {"requires": "F0"}),
    Function("normal", "loc", "self-normalised weights", "F35", _self_normalised, {"requires": "F0"}),
    Function("normal", "loc", "noise reused in the second half", "F37", _reused),
    Function("normal", "scale", "cached sample", "F38", _cached_sample),
    Function("normal", "scale", "sample cached by key alone", "F38", _cached_by_key),
    Function("normal", "loc", "wrong constant of the weak derivative", "F42", _coupled_wrong, {"requires": "F0"}),
    Function("normal", "loc", "ancestors without weights", "F40", _ancestors_without_weights, {"requires": "F0"}),
    Function("normal", "loc", "a dependent cost removed", "F41", _downstream_cost_removed, {"requires": "F0"}),
    Function("normal", "loc", "total for partial derivative", "F47", _total_for_partial, {"requires": "F1"}),
    Function("exponential", "rate", "clamped in the gradient alone", "F48", _gradient_clamped_alone),
    Function("bernoulli", "probs", "wrong conditional relaxation", "F32", _wrong_conditional),
    Function("normal", "loc", "computed in float32", "F49", _single),
    Function("normal", "loc", "global generator", "F37", _global_generator),
    Function("normal", "loc", "reseeds the global generator", "global state", _reseeding),
    Function("normal", "loc", "own seed", "F38", _own_seed),
    Function("normal", "loc", "error handling changed", "global state", _silenced),
    Function("normal", "loc", "no empty batch", "F22", _no_empty_batch),
    Function("normal", "loc", "mean over the sample axis", "F06", _averaged),
    Function("gamma", "concentration", "normaliser's derivative dropped", "F01", _no_normaliser, {"requires": "F0"}),
    Function("gamma", "rate", "scale for rate", "F05", _scale_for_rate, {"requires": "F0"}),
    Function("gamma", "concentration", "truncated series for digamma", "F15", _truncated, {"requires": "F0"}),
    Function("gamma", "concentration", "underflow in float32", "F18", _underflow, {"requires": "F0"}),
    Function("gamma", "concentration", "small draws masked to zero", "F21", _masked, {"requires": "F0"}),
    Function("gamma", "rate", "NaN of the branch not taken", "F22", _double_where),
    Function("gamma", "concentration", "acceptance differentiated through", "F46", _rejection),
    Function("uniform", "high", "boundary term dropped", "F29", _score_of_moving_support, {"requires": "F0"}),
    Function("exponential", "rate", "not divided by the density", "F30", _undivided),
    Function("gumbel", "scale", "minus sign of log(-log u) lost", "F44", _wrong_gumbel),
    Function("bernoulli", "probs", "straight-through", "F43", _straight_through),
    Function("bernoulli", "probs", "conditional noise as a constant", "D: REBAR", _rebar_constant),
    Function("bernoulli", "probs", "without replacement", "F36", _without_replacement, {"requires": "F0"}),
    Function("poisson", "rate", "ratio of masses one off", "F39", _go_off_by_one, {"requires": "F0"}),
)
