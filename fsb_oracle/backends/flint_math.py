"""Ball arithmetic as a math namespace: complex balls (python-flint `acb`) with rigorous radii."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import acb, acb_series, arb, ctx, fmpq

from fsb_oracle.backends import flint_special


@contextmanager
def precision(digits: int) -> Iterator[None]:
    """Work at `digits` decimal digits inside; the process-wide precision and series cap are restored."""
    bits, cap = ctx.prec, ctx.cap
    ctx.dps = digits
    try:
        yield
    finally:
        ctx.prec, ctx.cap = bits, cap


def ball(value: Fraction | int) -> arb:
    """The tightest ball around an exact rational at the precision in force."""
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def _dual_1f1(a: list[acb], b: list[acb], x: Any) -> acb:
    """The derivative of 1F1 in the parameter that carries a second coefficient: a power series of length 2 in
    it.
    """
    cap, ctx.cap = ctx.cap, max(ctx.cap, 2)
    try:
        return acb_series.hypgeom([acb_series(a, 2)], [acb_series(b, 2)], acb_series([acb(x)], 2))[1]
    finally:
        ctx.cap = cap


class FlintMath:
    """Functions of complex balls. With `analytic=True` a branch cut inside the argument gives a non-finite
    ball.
    """

    def __init__(self, analytic: bool = False) -> None:
        self.analytic = analytic

    i = acb(0, 1)

    @property
    def pi(self) -> acb:
        return acb(arb.pi())

    @property
    def euler_gamma(self) -> acb:
        return acb(arb.const_euler())

    @staticmethod
    def rational(p: int, q: int) -> acb:
        return acb(arb(fmpq(p, q)))

    def log(self, x: Any) -> acb:
        return acb(x).log(analytic=self.analytic)

    def sqrt(self, x: Any) -> acb:
        return acb(x).sqrt(analytic=self.analytic)

    def power(self, x: Any, y: Any) -> acb:
        return acb(x).pow(acb(y), analytic=self.analytic)

    def loggamma(self, x: Any) -> acb:
        x = acb(x)
        # lgamma has its cut on the negative axis; the integrator must not step over it unseen
        if self.analytic and not (x.real > 0 or not x.imag.contains(0)):
            return acb(arb(0, float("inf")), arb(0, float("inf")))
        return x.lgamma()

    def gamma_half_step(self, x: Any) -> acb:
        """Gamma(x + 1/2)/Gamma(x)."""
        return self.exp(self.loggamma(x + self.rational(1, 2)) - self.loggamma(x))

    def digamma_step(self, x: Any, step: Any) -> acb:
        """digamma(x + step) - digamma(x)."""
        return self.digamma(x + step) - self.digamma(x)

    where = staticmethod(lambda condition, x, y: x if condition else y)
    exp = staticmethod(lambda x: acb(x).exp())
    sin = staticmethod(lambda x: acb(x).sin())
    cos = staticmethod(lambda x: acb(x).cos())
    tan = staticmethod(lambda x: acb(x).tan())
    sinh = staticmethod(lambda x: acb(x).sinh())
    cosh = staticmethod(lambda x: acb(x).cosh())
    tanh = staticmethod(lambda x: acb(x).tanh())
    erf = staticmethod(lambda x: acb(x).erf())
    erfc = staticmethod(lambda x: acb(x).erfc())
    gamma = staticmethod(lambda x: acb(x).gamma())
    digamma = staticmethod(lambda x: flint_special.digamma(acb(x)))
    trigamma = staticmethod(lambda x: acb(x).polygamma(1))
    inverse = staticmethod(lambda x: 1 / acb(x))

    @staticmethod
    def fermi(x: Any) -> acb:
        """1/(1 + exp(x)), by the exponential that is small at the midpoint."""
        x = acb(x)
        if x.real.mid() < 0:
            return 1 / (1 + x.exp())
        small = (-x).exp()
        return small / (1 + small)

    @staticmethod
    def sech(x: Any) -> acb:
        x = acb(x)
        small = x.exp() if x.real.mid() < 0 else (-x).exp()
        return (small + small) / (1 + small * small)

    expm1 = staticmethod(lambda x: acb(x).expm1())

    def log1mexp(self, x: Any) -> acb:
        """log(1 - exp(x)), by the form that keeps its digits at the midpoint."""
        x = acb(x)
        if x.real.mid() > -1:
            return self.log(-x.expm1())
        small = -x.exp()
        if self.analytic and not small.real > -1:  # what log1p would not notice
            return self.log(1 + small)
        return small.log1p()

    hyp0f1, hyp0f1_db = staticmethod(flint_special.hyp0f1), staticmethod(flint_special.hyp0f1_db)
    besseli = staticmethod(flint_special.besseli)
    hyp1f1 = staticmethod(lambda a, b, x: acb(x).hypgeom_1f1(acb(a), acb(b)))
    hyp1f1_da = staticmethod(lambda a, b, x: _dual_1f1([acb(a), acb(1)], [acb(b)], x))
    hyp1f1_db = staticmethod(lambda a, b, x: _dual_1f1([acb(a)], [acb(b), acb(1)], x))

    def atan(self, x: Any) -> acb:
        x = acb(x)
        # cuts on the imaginary axis beyond +-i
        if self.analytic and not (abs(x.imag) < 1 or not x.real.contains(0)):
            return acb(arb(0, float("inf")), arb(0, float("inf")))
        return x.atan()

    def asinh(self, x: Any) -> acb:
        x = acb(x)
        # cuts on the imaginary axis beyond +-i
        if self.analytic and not (abs(x.imag) < 1 or not x.real.contains(0)):
            return flint_special.EVERYTHING
        if x.real < 0:
            return -self.asinh(-x)
        # acb.asinh is NaN on wide balls
        return (x + (1 + x * x).sqrt(analytic=self.analytic)).log(analytic=self.analytic)

    def normal_mass(self, low: Any, high: Any) -> Any:
        root = self.rational(1, 2).sqrt()
        return (self.erf(high * root) - self.erf(low * root)) / 2

    def log_besseli(self, order: Any, x: Any) -> Any:
        return self.log(self.besseli(order, x))

    def besseli_ratio(self, order: Any, x: Any) -> Any:
        return self.besseli(order + 1, x) / self.besseli(order, x)

    def besselk(self, order: Any, x: Any) -> acb:
        return flint_special.besselk(order, x) if self._off_the_cut(x) else flint_special.EVERYTHING

    def besselk_dorder(self, order: Any, x: Any) -> acb:
        return flint_special.besselk_dorder(order, x)

    def uppergamma(self, s: Any, x: Any) -> acb:
        return flint_special.uppergamma(s, x) if self._off_the_cut(x) else flint_special.EVERYTHING

    def uppergamma_ds(self, s: Any, x: Any) -> acb:
        return flint_special.uppergamma_ds(s, x)

    def _off_the_cut(self, x: Any) -> bool:
        x = acb(x)
        return not self.analytic or bool(x.real > 0) or not x.imag.contains(0)

    def abs(self, x: Any) -> acb:
        return acb(x).real_abs(analytic=self.analytic)

    def sign(self, x: Any) -> acb:
        return acb(x).real_sgn(analytic=self.analytic)

    def heaviside(self, x: Any) -> acb:
        return acb(x).real_heaviside(analytic=self.analytic)

    def maximum(self, x: Any, y: Any) -> acb:
        return acb(x).real_max(acb(y), analytic=self.analytic)

    def minimum(self, x: Any, y: Any) -> acb:
        return acb(x).real_min(acb(y), analytic=self.analytic)
