"""Faults planted in classes of torch.distributions: each is caught by a check that is not told where to look."""

from dataclasses import replace

import pytest
import torch
from torch.distributions import (
    Dirichlet,
    Exponential,
    Gamma,
    LogNormal,
    MultivariateNormal,
    Normal,
    RelaxedBernoulli,
    StudentT,
    Uniform,
)

from fsb_oracle.checks import CHECKS, Case, Settings, get_profile, metamorphic
from fsb_oracle.checks.asking import Asker
from fsb_oracle.checks.cause import cause
from fsb_oracle.records import Status
from fsb_oracle.subjects.libraries.entry import POINTS, same
from fsb_oracle.subjects.libraries.subjects import LibraryPaths, LibraryScore, LibraryVectorPaths
from fsb_oracle.subjects.libraries.torch_law import TorchLaw
from fsb_oracle.subjects.resolve import resolve
from fsb_oracle.verdicts import seeds

pytestmark = pytest.mark.torch

PROFILE = get_profile("smoke")
SETTINGS = Settings("smoke", 0.02, 0.1, 1e-3, 1_000_000)
EXPONENTIAL = same("exponential", "rate")


class WrongConstant(Exponential):
    def log_prob(self, value):
        return super().log_prob(value) + 0.1


class ClampedRate(Exponential):
    """The gradient stops at a clamp; the value is right to a thousandth."""

    def log_prob(self, value):
        rate = self.rate.clamp(min=1.0009, max=1.001)
        return (rate.log() - rate * value) if (self.rate.detach() == 1).all() else super().log_prob(value)


class ScaleForRate(Exponential):
    def sample(self, sample_shape=()):
        return super().sample(sample_shape) * self.rate**2


class DetachedPath(Exponential):
    def rsample(self, sample_shape=()):
        return super().rsample(sample_shape).detach() + 0 * self.rate


class MixedUpBatch(Exponential):
    """Right for one point; for a batch the first rate serves all."""

    def log_prob(self, value):
        rate = self.rate if self.rate.dim() == 0 else 1.5 * self.rate[0]
        return rate.log() - rate * value


class DoublePrecision(Exponential):
    def sample(self, sample_shape=()):
        return super().sample(sample_shape).double()


class WrongEntropy(Exponential):
    def entropy(self):
        return -self.rate.log()


class LostTail(Exponential):
    """The derivative of the largest samples overflows on its way."""

    def rsample(self, sample_shape=()):
        z = super().rsample(sample_shape)
        return z + 0 * torch.where(z.detach() > 5, self.rate / 0, self.rate)


class ScaledDirichlet(Dirichlet):
    def rsample(self, sample_shape=()):
        z = super().rsample(sample_shape)
        return z + 0.1 * (z - z.detach())


class GammaDirichlet(Dirichlet):
    """Right, with as many noise variables as components."""

    def rsample(self, sample_shape=()):
        g = Gamma(self.concentration, 1.0).rsample(sample_shape)
        return g / g.sum(-1, keepdim=True)


class RotatedNormal(MultivariateNormal):
    """The symmetric root of the covariance: right, and not the field of the triangular root."""

    def rsample(self, sample_shape=()):
        values, vectors = torch.linalg.eigh(self.covariance_matrix)
        root = vectors @ torch.diag_embed(values.sqrt()) @ vectors.mT
        eps = torch.randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + (root @ eps[..., None])[..., 0]


class HalfNormalMatrix(MultivariateNormal):
    """Half of the derivative in the covariance is lost."""

    def rsample(self, sample_shape=()):
        z = super().rsample(sample_shape)
        return z - 0.5 * (z - z.detach() - self.loc + self.loc.detach())


def _status(check, subject, parameter, dtype, point=0):
    case = next(
        case
        for case in CHECKS[check].plan(subject, PROFILE)
        if case.parameter == parameter and case.dtype == dtype and case.parameters == subject.family.edge_points[point]
    )
    return CHECKS[check].check(case, SETTINGS, 1e-9).status


def _subject(kind, cls, entry=EXPONENTIAL):
    (law,) = entry.families()
    return kind(TorchLaw(cls, entry, law, cls.__name__), cls.__name__, cls.__name__)


@pytest.mark.parametrize(
    ("check", "kind", "parameter", "fault"),
    [
        ("distribution", LibraryScore, "log_prob", WrongConstant),
        ("distribution", LibraryScore, "log_prob", MixedUpBatch),
        ("score", LibraryScore, "rate", ClampedRate),
        ("score", LibraryScore, "rate", MixedUpBatch),
        ("census", LibraryScore, "sample", DoublePrecision),
        ("pointwise", LibraryPaths, "rate", DetachedPath),
        ("pointwise", LibraryPaths, "rate", LostTail),
        ("distribution", LibraryScore, "entropy", WrongEntropy),
    ],
)
def test_a_planted_fault_is_caught_and_the_right_class_passes(check, kind, parameter, fault):
    for dtype in ("float32",):
        assert _status(check, _subject(kind, fault), parameter, dtype) is Status.fail
        assert _status(check, _subject(kind, Exponential), parameter, dtype) in (Status.pass_, Status.within_margin)


DIRICHLET = same("dirichlet", "concentration", points=({"concentration": "[1.5, 2, 0.7]"},))
NORMAL = same(
    "multivariate_normal", "loc", "covariance_matrix",
    points=({"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},),
)  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "entry", "parameter", "right", "tier"),
    [
        (Dirichlet, DIRICHLET, "concentration.0", True, "0a"),
        (GammaDirichlet, DIRICHLET, "concentration.0", True, "3"),  # negative controls
        (RotatedNormal, NORMAL, "covariance_matrix.0.1", True, "3"),
        (ScaledDirichlet, DIRICHLET, "concentration.0", False, "3"),
        (HalfNormalMatrix, NORMAL, "covariance_matrix.0.1", False, "3"),
    ],
)
def test_the_continuity_equation_tells_wrong_fields_from_other_right_ones(cls, entry, parameter, right, tier):
    subject = _subject(LibraryVectorPaths, cls, entry)
    case = next(
        case
        for case in CHECKS["continuity"].plan(subject, PROFILE)
        if case.parameter == parameter and case.dtype == "float64"
    )
    found = CHECKS["continuity"].check(case, SETTINGS, 1e-9)
    assert (found.status is Status.fail) is not right and found.tier == tier, found.message
    assert not right or found.status in (Status.pass_, Status.within_margin), found.message


def test_a_sampler_of_another_law_is_caught_twice():
    wrong, right = _subject(LibraryScore, ScaleForRate), _subject(LibraryScore, Exponential)
    for check, parameter in (("census", "sample"), ("score_identity", "rate")):
        assert _status(check, wrong, parameter, "float64", point=1) is Status.fail
        assert _status(check, right, parameter, "float64", point=1) is Status.pass_


def test_a_wrong_law_is_the_cause_and_blocks_what_depends_on_it():
    for cls, blocked in ((WrongConstant, True), (Exponential, False)):
        subject = _subject(LibraryScore, cls)
        case = Case("score", subject, subject.family.edge_points[0], "rate", "float64", tests=0)
        reason = cause(case, SETTINGS)
        assert (reason is not None and "log_prob itself is wrong" in reason) is blocked
        assert cause(replace(case, check="distribution", parameter="log_prob"), SETTINGS) is None


def test_rounding_of_a_sample_far_from_0_is_no_fault():
    """Negative control: the location is a million scales away."""
    subject = _subject(LibraryPaths, Normal, same("normal", "loc", "scale"))
    (point,) = subject.hard_points
    case = Case("pointwise", subject, point, "scale", "float32", tests=0, options=1 << 14)
    assert CHECKS["pointwise"].check(case, SETTINGS, 0.0).status is not Status.fail


def test_samplers_of_several_noise_variables_are_not_compared_pointwise():
    """Negative control: Student-t from a normal and a gamma variable."""
    subject = _subject(LibraryPaths, StudentT, same("student_t", "df", "loc", "scale", one_noise=False))
    assert CHECKS["pointwise"].plan(subject, PROFILE) == [] and CHECKS["unbiased"].plan(subject, PROFILE)


def test_a_module_gives_every_mapped_class_and_paths_of_vectors_are_right():
    subjects = resolve("torch.distributions")
    assert {"torch.distributions:Gamma", "torch.distributions:Gamma.log_prob"} <= {s.name for s in subjects}
    (paths,) = [s for s in subjects if s.name == "torch.distributions:MultivariateNormal(covariance)"]
    (case,) = [
        c
        for c in CHECKS["unbiased"].plan(paths, PROFILE)
        if c.parameter == "covariance_matrix.0.1" and c.dtype == "float64" and c.f is not None and "sin" in c.f.text
    ]
    assert CHECKS["unbiased"].check(case, SETTINGS, 1e-9).status is Status.pass_


def test_a_score_whose_samples_round_to_an_end_of_the_support_is_not_accused():
    """Negative control: 1 - z has no digits left at 2 % of the samples, and the score at a clamped one is another."""
    subject = _subject(LibraryScore, RelaxedBernoulli, same("relaxed_bernoulli", "temperature", "probs"))
    point = subject.family.parse({"temperature": "0.1", "probs": "0.5"})
    for check in ("unbiased", "spectrum", "score_identity"):
        reason = cause(Case(check, subject, point, "temperature", "float64", tests=0), SETTINGS)
        assert reason is not None and "rounds to an end of the support" in reason
    assert cause(Case("score", subject, point, "temperature", "float64", tests=0), SETTINGS) is None


def test_adding_a_constant_is_not_asked_of_a_score_where_the_support_moves():
    """Negative control: E d log p/dlow is not 0 there, whatever the class."""
    subject = _subject(LibraryScore, Uniform, same("uniform", "low", "high"))
    (case,) = [case for case in CHECKS["metamorphic"].plan(subject, PROFILE) if case.parameter == "low"]
    reason = cause(Case("spectrum", subject, case.parameters, "low", "float64"), SETTINGS)
    assert reason is not None and "an end of the support moves" in reason
    (law,) = metamorphic._shifted(Asker(case, SETTINGS, 1e-9))
    assert law.holds and "an end of the support moves" in law.words


class AnotherLawInPairs(Exponential):
    """Two samples of one call are another law's."""

    def rsample(self, sample_shape=()):
        return super().rsample(sample_shape) * (0.1 if sample_shape[0] == 2 else 1)


class NormalsFirst(StudentT):
    """Its normals are drawn before its chi-squares: two draws of a call are not the first half of four."""


@pytest.mark.parametrize(
    ("distribution", "entry", "alike"),
    [(Exponential, EXPONENTIAL, True), (NormalsFirst, same("student_t", "df", "loc", "scale"), False)],
)
def test_fewer_calls_of_two_draws_are_made_where_they_begin_as_larger_ones(distribution, entry, alike):
    (case, *_) = CHECKS["metamorphic"].plan(_subject(LibraryScore, distribution, entry), get_profile("default"))
    laws = list(metamorphic._doubled(Asker(case, SETTINGS, 1e-9)))
    assert all(law.holds for law in laws) and laws[-1].name == "n against 2n"
    assert ("first half of four" in laws[0].words) == alike
    assert ("512 calls of two draws" in laws[-1].words) == alike


@pytest.mark.parametrize("profile", ["smoke", "default"])
def test_a_sampler_with_another_law_for_two_samples_is_found(profile):
    case, *_ = CHECKS["metamorphic"].plan(_subject(LibraryScore, AnotherLawInPairs, EXPONENTIAL), get_profile(profile))
    (law,) = metamorphic._doubled(Asker(case, SETTINGS, 1e-9))
    assert not law.holds and law.name == "n against 2n"


def test_above_the_diagonal_of_a_triangular_matrix_there_is_no_parameter():
    (paths,) = [s for s in resolve("torch.distributions:LowRankMultivariateNormal") if not s.has_score]
    assert set(paths.claimed) == {"loc.0", "loc.1", "scale_tril.0.0", "scale_tril.1.0", "scale_tril.1.1"}


def test_a_quantile_that_underflows_is_judged_by_its_tail():
    """The level is 4e-9: in float32 the quantile is 0, which is near enough."""
    subject = _subject(LibraryScore, LogNormal, same("lognormal", "loc", "scale"))
    (point,) = [at for at in subject.hard_points if at["scale"] == 10]
    case = Case("distribution", subject, point, "icdf", "float32", tests=0)
    assert CHECKS["distribution"].check(case, SETTINGS, 0.0).status in (Status.pass_, Status.within_margin)


def test_draws_are_seeded_by_the_case():
    subject = _subject(LibraryScore, Exponential)
    import numpy as np

    seeds = np.random.SeedSequence(3)
    one, two = (subject.draws(subject.family.edge_points[0], 5, seeds, "float32") for _ in range(2))
    assert (one == two).all() and torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize(
    ("kind", "cls", "entry"),
    [
        (LibraryPaths, StudentT, same("student_t", "df", "loc", "scale", one_noise=False)),
        (LibraryScore, StudentT, same("student_t", "df", "loc", "scale")),
        (
            LibraryScore,
            MultivariateNormal,
            same("multivariate_normal", "loc", "covariance_matrix", points=POINTS["covariance_matrix"]),
        ),
    ],
)
def test_one_parameter_alone_has_the_contributions_that_it_has_among_all(kind, cls, entry):
    subject = _subject(kind, cls, entry)
    case = CHECKS["unbiased"].plan(subject, PROFILE)[0]
    arguments = case.at, case.integrand, 64, seeds.sequence(case.id), "float64"
    among_all = subject.contributions(*arguments)
    assert among_all.keys() == set(subject.claimed)
    for name, expected in among_all.items():
        assert subject.contribution(name, *arguments).tobytes() == expected.tobytes(), name
