"""N(z) P(z)**-p of a normal vector, with a quadratic P > 0 and a polynomial N: a Laplace mixture of Gaussians.

P**-p = INT_0^oo t**(p-1) exp(-t P) dt / Gamma(p), and E N exp(-t P) is a closed form: one integral in any dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from flint import acb, acb_mat, arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import Part, number, total
from fsb_oracle.oracle.joint.derivatives import covariance_speed, mean_speed
from fsb_oracle.oracle.joint.elliptical import Vector
from fsb_oracle.oracle.joint.gaussian import Law, closed_form
from fsb_oracle.oracle.quadrature import enclosed_integral

_EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))


@dataclass(frozen=True)
class Quotient:
    """numerator * base**-power."""

    numerator: Any
    base: Any
    power: Any

    def derivative(self, variable: sympy.Symbol) -> list[Quotient]:
        parts = [
            Quotient(sympy.diff(self.numerator, variable), self.base, self.power),
            Quotient(-self.power * self.numerator * sympy.diff(self.base, variable), self.base, self.power + 1),
        ]
        return [Quotient(sympy.expand(q.numerator), q.base, q.power) for q in parts if sympy.expand(q.numerator) != 0]


def radial_routes(cell: Cell, f: Any) -> list[Route]:
    """The route to E f, or its derivative, if f is such a quotient; else none."""
    quotient = _quotient(f, cell.family.samples)
    if quotient is None:
        return []
    vector, samples = Vector(cell), cell.family.samples
    parts: list[tuple[Any, Quotient]] = [(1, quotient)]
    if cell.parameter is not None:
        units = [tuple(int(i == j) for j in range(len(samples))) for i in range(len(samples))]
        parts = []
        for a, unit in zip(samples, units, strict=True):
            for first in quotient.derivative(a):
                parts.append((mean_speed(vector, unit), first))
                for b, other in zip(samples, units, strict=True):
                    speed = covariance_speed(vector, unit, other) / 2
                    parts += [(speed, second) for second in first.derivative(b)]
    return total([Part(speed, [_route(vector, q)]) for speed, q in parts if speed])


def _quotient(f: Any, samples: tuple[sympy.Symbol, ...]) -> Quotient | None:
    numerator: Any = sympy.S.One
    found: Any = None
    factors: Any = sympy.Mul.make_args(f)
    for factor in factors:
        if factor.is_polynomial(*samples):
            numerator *= factor
        elif found is None and factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
            found = factor
        else:
            return None
    if found is None or not found.base.is_polynomial(*samples) or _minimum(found.base, samples) is None:
        return None
    return Quotient(sympy.expand(numerator), found.base, -found.exp)


def _minimum(base: Any, samples: tuple[sympy.Symbol, ...]) -> Any:
    """The least value of a quadratic polynomial with rational coefficients if it is positive, else None."""
    if sympy.Poly(base, *samples).total_degree() != 2 or not all(
        c.is_Rational for c in sympy.Poly(base, *samples).coeffs()
    ):
        return None
    used = [s for s in samples if s in base.free_symbols]
    hessian = sympy.hessian(base, used)
    zero = {s: sympy.S.Zero for s in used}
    slope = sympy.Matrix([sympy.diff(base, s).xreplace(zero) for s in used])
    if not hessian.is_positive_definite:
        return None
    least = base.xreplace(zero) - (slope.T * hessian.inv() * slope)[0, 0] / 2
    return least if least > 0 else None


def _route(vector: Vector, q: Quotient) -> Route:
    """With t = exp(v), cut where the tails of INT t**(p-1) exp(-t least) dt E|N| are small."""
    samples = vector.cell.family.samples
    polynomial = sympy.Poly(q.numerator, *samples)
    least = _minimum(q.base, samples)
    size = closed_form(Cell(vector.cell.family, vector.cell.values, vector.cell.f), sympy.expand(q.numerator**2))[0]
    zero = {s: sympy.S.Zero for s in samples}

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            largest = abs(size.ball(3, arb(1))).upper().sqrt()
            p, c = number(q.power), number(least)
            tolerance = arb(10) ** -digits * p.gamma() / (largest + 1)
            low = (tolerance * p).log() / p - 1
            below = (low * p).exp() / p
            high = arb(1)
            while not (above := (c * high).gamma_upper(p) / c**p) < tolerance:
                high += 5 + high / 5
            law = Law(vector)
            linear = [acb(number(sympy.diff(q.base, s).xreplace(zero))) for s in samples]  # pyright: ignore[reportArgumentType]
            quadratic = acb_mat([[acb(number(sympy.diff(q.base, a, b))) for b in samples] for a in samples])
            constant = acb(number(q.base.xreplace(zero)))
            terms = [(tuple(n), acb(number(coefficient))) for n, coefficient in polynomial.terms()]

            def integrand(v: acb, analytic: bool) -> acb:
                try:
                    t = v.exp()
                    moments = law.tilted([n for n, _ in terms], [-t * b for b in linear], quadratic * (-t), analytic)
                    value = (v * p - t * constant).exp() * sum(
                        (a * m for (_, a), m in zip(terms, moments, strict=True)), acb(0)
                    )
                except (ArithmeticError, ValueError, TypeError):
                    return _EVERYTHING
                return value if value.is_finite() else _EVERYTHING

            first, last = acb(arb(float(low))), acb(arb(float(high.log())))
            if not (first.real <= low and last.real >= high.log()):
                first, last = acb(first.real - 1e-6), acb(last.real + 1e-6)
            value = enclosed_integral(integrand, first, last, tolerance, digits).real
            return (value + arb(0, (largest * (below + above)).upper())) / p.gamma()

    return Route("mixture", evaluated)
