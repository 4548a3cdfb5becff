"""Synthetic records with everything that a page shows; the same arguments give the same record."""

from __future__ import annotations

import math
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from fsb_oracle.records import Record, Result, Status

GAMMA_PLACE = {"concentration": "2.5", "rate": "1.4285714285714286"}
RULES = {
    "GAM-k-U": ("gamma", "concentration", GAMMA_PLACE),
    "GAM-k-SB": ("gamma", "concentration", GAMMA_PLACE),
    "LAP-b-U": ("laplace", "scale", {"loc": "0", "scale": "1.5"}),
    "NOR-sig-Upm": ("normal", "scale", {"loc": "0.3", "scale": "0.7"}),
}
ENGINES = (("numpy", "float64"), ("torch", "float64"), ("torch", "float32"), ("jax", "float32"))
INTEGRANDS = ("sin(3*z)", "z**4 - z", "Max(z, 0)", "exp(-z**2)", "tanh(z)", "Heaviside(z - 1)")
CONCENTRATIONS = (0.01, 0.1, 0.5, 1.0, 2.5, 10.0, 100.0, 1000.0)
TAILS = (1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.35)
QUANTILES = (*TAILS, 0.5, *(1 - tail for tail in reversed(TAILS)))
LIBRARY = "torch.distributions:Gamma"
SAMPLER = "jax.random:gamma"
MINE = "mine:smoothed_shape"
SCALE, EXACT = 0.48, -0.3371902811
WORDS = {
    Status.pass_: "UNBIASED to 0.02 S",
    Status.fail: "BIASED",
    Status.within_margin: "BIASED, WITHIN MARGIN",
    Status.inconclusive: "INCONCLUSIVE (tails)",
}


def run(**changes: Any) -> dict[str, Any]:
    """The `run` of a record; `changes` replace members."""
    return {
        "versions": {"fsb-oracle": "0.1.0", "jax": "0.10.0", "numpy": "2.3.1", "torch": "2.13.0"},
        "seed": 0,
        "profile": "default",
        "false_fail_rate": {"declared": 1e-6, "spent": 3.4e-7, "asymptotic_share": 0.12},
        "options": {
            "false_pass_rate": {"value": 1e-3, "source": "default"},
            "margin": {"value": 0.02, "source": "default"},
            "seed": {"value": 0, "source": "command line"},
        },
        "planned": 0,
        "ran": 0,
        "seconds": 41.23,
        "machine": {"python": "3.12.4", "platform": "Linux x86_64", "cpu_count": 8},
        "started": "2026-03-01T09:00:00+00:00",
        "interrupted": False,
        "targets": ["fsb_oracle", LIBRARY],
        "unavailable": {},
        **changes,
    }


def record(results: list[Result], **changes: Any) -> Record:
    """A record of `results` whose counts agree with them."""
    ran = sum(result.status is not Status.not_applicable for result in results)
    return Record(run(**{"planned": len(results), "ran": ran, **changes}), tuple(results))


def identity(check: str, subject: str, engine: tuple[str, str], f: str | None = None, **at: str) -> dict[str, Any]:
    """The members of a result that say what it is about; `at` replaces parameters of the law."""
    family, parameter, place = RULES.get(subject, RULES["GAM-k-U"])
    place = {**place, **at}
    law = ",".join(f"{name}={value}" for name, value in place.items())
    parts = [check, family, law, parameter, f, subject, "-".join(engine)]
    case = "/".join(part for part in parts if part)
    return {
        "case": case,
        "subject": subject,
        "check": check,
        "family": family,
        "parameters": place,
        "parameter": parameter,
        "f": f,
        "backend": engine[0],
        "dtype": engine[1],
        "reproduce": f"fsb-oracle verify {subject} --select '{case}' --seed 0 --false-fail-rate 2.4e-09",
    }


def unbiased(
    subject: str = "GAM-k-U",
    status: Status = Status.pass_,
    share: float = 0.001,
    f: str = "sin(3*z)",
    engine: tuple[str, str] = ENGINES[0],
    at: dict[str, str] | None = None,
    **changes: Any,
) -> Result:
    """A result of the check "unbiased" with a bias of `share` times S."""
    about = identity("unbiased", subject, engine, f, **(at or {}))
    bias, bound = share * SCALE, 0.0196 if status is Status.pass_ else abs(share) * 1.1
    message = (
        f"{WORDS.get(status, status)}  {about['case']}\n"
        f"  exact {EXACT} (error 1e-38), estimate {EXACT + bias:.6g} +- 0.002\n"
        f"  bias {bias:.3g} ({abs(100 * share):.2g} % of S, {abs(100 * bias / EXACT):.2g} % of |exact|)\n"
        f"  evidence 10^38.2 against a budget of 10^8.6; n = 131,072, 6 looks, 0.4 s\n"
        f"  tails: skewness 0.31, kurtosis 4.7, the largest unit holds 0.021 % of the sum of squares\n"
        f"  assumes variance <= 0.3876 (exact, of GAM-k-U); class R, false-fail rate 2.4e-09"
    )
    if status is not Status.pass_:
        message += f"\n  reproduce: {about['reproduce']}"
    sample = {"tier": "3", "status": str(status), "bias": bias, "bias_bound": bound * SCALE, "message": ""}
    given = {
        **about,
        "status": status,
        "exact": str(EXACT),
        "estimate": EXACT + bias,
        "standard_error": 0.002,
        "bias": bias,
        "bias_bound": bound * SCALE,
        "bias_scale": SCALE,
        "margin": 0.02,
        "weak": False,
        "interval": [bias - 0.006 * SCALE, bias + 0.006 * SCALE],
        "evidence": 0.2,
        "tier": "3",
        "variance_class": "R",
        "num_samples": 131072,
        "seconds": 0.41,
        "message": message,
        "details": {
            "tails": {"skewness": 0.31, "kurtosis": 4.7, "max_share": 2.1e-4},
            "tiers": [sample],
            "ratio": 1.2,
            "nearest_constant": None,
            "likely_cause": None,
        },
        **changes,
    }
    return Result(**given)


def certified(**changes: Any) -> Result:
    """A pass of `unbiased` whose headline is quadrature, with sampling beside it."""
    plain = unbiased(**changes)
    quadrature = {"tier": "0b", "status": "pass", "bias": 1e-15, "bias_bound": 4e-13 * SCALE, "message": ""}
    details = {**plain.details, "tiers": [quadrature, *plain.details["tiers"]]}
    return unbiased(**{**changes, "tier": "0b", "bias_bound": 4e-13 * SCALE, "margin": 1e-9, "details": details})


def spectrum(
    subject: str = "GAM-k-U",
    status: Status = Status.pass_,
    size: float = 0.004,
    engine: tuple[str, str] = ENGINES[0],
    points: int = 32,
    seed: int = 0,
) -> Result:
    """A bias spectrum: noise of `size` times S, or for a failure a bump; S varies with frequency."""
    random = Random(f"{subject} {engine} {seed}")
    frequencies = [0.1 * 80 ** (index / (points - 1)) for index in range(points)]
    scales = [0.5 / (1 + w) for w in frequencies]
    bump = status is Status.fail
    shares = [math.exp(-(math.log(w / 2) ** 2)) if bump else random.gauss(0, 0.4) for w in frequencies]
    shares = [size * share + random.gauss(0, 0.0008) for share in shares]
    worst = max(range(points), key=lambda index: abs(shares[index]))
    band = 0.007
    about = identity("spectrum", subject, engine, rate=str(1 + seed) if seed else "1.4285714285714286")
    return Result(
        **about,
        status=status,
        bias=shares[worst] * scales[worst],
        bias_bound=max((abs(share) + band) * scale for share, scale in zip(shares, scales, strict=True)),
        bias_scale=scales[worst],
        margin=0.02,
        tier="3",
        variance_class="R",
        num_samples=65536,
        message=f"{WORDS[status]}  {about['case']}\n  worst frequency {frequencies[worst]:.3g}/spread",
        details={
            "frequencies": frequencies,
            "bias": [share * scale for share, scale in zip(shares, scales, strict=True)],
            "lower": [(share - band) * scale for share, scale in zip(shares, scales, strict=True)],
            "upper": [(share + band) * scale for share, scale in zip(shares, scales, strict=True)],
            "scale": scales,
        },
    )


def variance(subject: str, f: str, seed: int, engine: tuple[str, str] = ENGINES[0]) -> Result:
    """A variance table of a rule and three baselines; ratios on both sides of 1."""
    first = next(iter(RULES[subject][2]))
    about = identity("variance", subject, engine, f, **{first: str(0.5 + seed)})
    random = Random(f"{about['family']} {f} {seed}")
    score = 10 ** random.uniform(-1, 2)
    baselines = {
        "score": 1.0,
        "score-best": random.uniform(0.3, 0.99),
        "pathwise": 10 ** random.uniform(-2.5, 1.2),
    }
    own = 10 ** Random(f"{subject} {f} {seed}").uniform(-2, 0.7)
    measured = random.uniform(0.995, 1.005)
    costs = {subject: "1 f', 2 uniforms", "score": "1 f", "score-best": "1 f", "pathwise": "1 f', implicit"}
    rows = [
        {
            "id": name,
            "second_moment": score * ratio + 0.1,
            "variance": score * ratio,
            "ratio": ratio,
            "cost": costs[name],
            "error": 1e-12,
        }
        for name, ratio in {subject: own, **baselines}.items()
    ]
    return Result(
        **about,
        status=Status.pass_,
        variance=score * own * measured,
        exact_variance=score * own,
        interval=[score * own * (measured - 1 + end) for end in (-0.01, 0.01)],
        margin=0.02,
        num_samples=65536,
        details={"rows": rows},
    )


def pointwise(concentration: float, dtype: str) -> Result:
    """A library's derivative at 17 quantiles: off by 4e-5 at middling concentrations."""
    random = Random(f"{concentration} {dtype}")
    floor = 1e-7 if dtype == "float32" else 1e-15
    middling = math.exp(-3 * (math.log10(concentration) - 0.5) ** 2)
    points = []
    for quantile in QUANTILES:
        error = floor * 10 ** random.uniform(0, 1.5) + 4e-5 * middling * math.exp(-8 * (quantile - 0.5) ** 2)
        exact = -1 / (1 + concentration * quantile)
        at = {"parameter": concentration, "quantile": quantile}
        points.append({**at, "error": error, "exact": exact, "observed": exact * (1 + error)})
    worst = max(points, key=lambda point: point["error"])
    biased = middling > 0.2
    about = identity("pointwise", LIBRARY, ("torch", dtype), concentration=f"{concentration:g}", rate="1")
    size = worst["error"] / 2
    return Result(
        **about,
        status=Status.within_margin if biased else Status.pass_,
        bias=size,
        bias_bound=1.01 * size,
        bias_scale=1.0,
        margin=1e-3,
        interval=[0.99 * size, 1.01 * size],
        tier="0a",
        message=f"{WORDS[Status.within_margin]}  {about['case']}\n  worst at quantile {worst['quantile']:g}",
        details={"points": points, "worst": worst, "l1": size, "lipschitz_bias_bound": size},
    )


def regimes(**changes: Any) -> Result:
    """A map of two comparators, one of which has nothing known."""
    about = identity("regimes", "GAM-k-U", ENGINES[0])
    details = {
        "values": [1.0, 10.0],
        "frequencies": [0.25, 1.0, 4.0],
        "evaluations": 2,
        "ratios": [
            {"id": "score", "evaluations": 1, "ratio": [[0.005, 0.5, 2.0], [None, 0.8, 20.0]]},
            {"id": "pathwise", "evaluations": 1, "ratio": [[None] * 3, [None] * 3]},
        ],
    }
    return Result(**{**about, "status": Status.pass_, "details": details, **changes})


def exact_value(f: str, digits: int = 50) -> Result:
    """An exact value with its certificate."""
    about = identity("exact", "oracle", ENGINES[0], f)
    return Result(
        **{**about, "backend": None, "dtype": None, "reproduce": None},
        status=Status.pass_,
        exact="-0.33719028114471039284756019283746501928374650192837",
        details={
            "digits": digits,
            "level": 3,
            "routes": ["density", "spectral", "mpmath"],
            "radius": "3.14e-52",
            "seconds": 0.21,
        },
    )


def missing(f: str, reason: str = "Torch is not installed: No module named 'torch'") -> Result:
    """A case that could not run."""
    return Result(**identity("unbiased", "GAM-k-U", ENGINES[1], f), status=Status.not_applicable, reason=reason)


def crash() -> Result:
    """A case that ended in an exception of the estimator."""
    about = identity("unbiased", "mine:crashes", ENGINES[0], "sin(3*z)")
    reason = "ZeroDivisionError: division by zero"
    return Result(**about, status=Status.error, reason=reason, message="the estimator raised in line 12")


def passes(total: int) -> list[Result]:
    """Passing results of every rule, engine and integrand in turn, `total` in all, no two alike."""
    results = []
    for index in range(total):
        rest, subject = divmod(index, len(RULES))
        rest, engine = divmod(rest, len(ENGINES))
        step, f = divmod(rest, len(INTEGRANDS))
        name = list(RULES)[subject]
        make = certified if index % 3 == 0 else unbiased
        results.append(
            make(
                subject=name,
                share=Random(index).gauss(0, 0.002),
                f=INTEGRANDS[f],
                engine=ENGINES[engine],
                at={RULES[name][1]: f"{1.5 + step:g}"},
                weak=index % 41 == 7,
            )
        )
    return results


def rich(passing: int = 96) -> Record:
    """A record with every kind of content."""
    cause = {
        **unbiased().details,
        "ratio": 2.01,
        "nearest_constant": "2",
        "likely_cause": "the factor u is missing",
    }
    results = [
        unbiased(MINE, Status.fail, 0.123, details=cause),
        unbiased(MINE, Status.fail, -0.071, f="Max(z, 0)"),
        unbiased(MINE, Status.fail, 0.034, f="tanh(z)"),
        spectrum(MINE, Status.fail, 0.09),
        crash(),
        *(pointwise(value, dtype) for dtype in ("float64", "float32") for value in CONCENTRATIONS),
        unbiased(SAMPLER, Status.within_margin, 0.0091, engine=("jax", "float32")),
        unbiased("GAM-k-SB", Status.inconclusive, 0.011, f="z**4 - z", reason="tails"),
        *passes(passing),
        *(spectrum(subject, engine=engine) for subject in RULES for engine in ENGINES),
        *(variance(subject, f, seed) for subject in RULES for f in INTEGRANDS for seed in range(2)),
        regimes(),
        *map(exact_value, INTEGRANDS),
        *map(missing, INTEGRANDS),
        unbiased("GAM-k-SB", Status.known_failure, 0.05, f="Heaviside(z - 1)", reason="the rule needs F1"),
    ]
    return record(results, unavailable={"tensorflow": "No module named 'tensorflow'"})


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders above."""
    builders = (run, record, unbiased, certified, spectrum, variance, pointwise, regimes)
    more = (exact_value, missing, crash, passes, rich)
    return SimpleNamespace(**{builder.__name__: builder for builder in (*builders, *more)})


@pytest.fixture(scope="session")
def rich_record() -> Record:
    """A record with every kind of content."""
    return rich()
