"""Special functions of complex balls, and their derivatives in a parameter.

No library gives dK/d(order) or dGamma(s, x)/ds. Each is analytic in both variables, so a central difference at the
exact midpoints has an error that Cauchy's inequality bounds by the size of the function on a polydisc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, acb_series, arb, ctx

EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))
REACH = arb(2) ** -4  # R below
REMEMBERED = 64


def digamma(x: acb) -> acb:
    """Of wide balls by |digamma(x) - log x| <= 1/Re x: Binet's kernel 1/(1 - exp(-t)) - 1/t is below 1."""
    value = x.digamma() if _radius(x) < 1 else EVERYTHING
    if value.is_finite() or not x.real > 0:
        return value
    return _blurred(x.log(), 1 / arb(x.real.lower()))


def besselk(order: Any, x: Any) -> acb:
    """On wide balls its size only, and where FLINT finds no number: of order 7/2 on balls that are hardly wide."""
    order, x = acb(order), acb(x)
    wide = 4 * _radius(x) > abs(x).lower() and x.real > 0
    value = acb("nan") if wide else x.bessel_k(order)
    return value if value.is_finite() or not x.real > 0 else _blurred(acb(0), _size_of_k(order, x))


def besseli(order: Any, x: Any) -> acb:
    return acb(x).bessel_i(acb(order))


def uppergamma(s: Any, x: Any) -> acb:
    return acb(x).gamma_upper(acb(s))


def hyp0f1(b: Any, x: Any) -> acb:
    """On wide balls by |0F1(b; x)| <= (1 + |x|/(b (b + 1))) exp(2 |Re sqrt(x)|), b > 0: as cosh(2 sqrt(x)) bounds it
    for b >= 1/2 (Poisson's integral), and 0F1(b) = 0F1(b + 1) + x/(b (b + 1)) 0F1(b + 2).
    """
    b, x = acb(b), acb(x)
    if _radius(x) < 1 or not b.real > 0:
        return x.hypgeom_0f1(b)
    return _blurred(acb(0), (1 + abs(x) / abs(b * (b + 1))) * _exponential_size(x))


def hyp0f1_db(b: Any, x: Any) -> acb:
    """A power series of length 2 in the parameter; on wide balls by |d/db 0F1(b; x)| <= |x|/b**2 exp(2 sqrt|x|)."""
    b, x = acb(b), acb(x)
    if _radius(x) >= 1 and b.real > 0:
        return _blurred(acb(0), abs(x) / abs(b) ** 2 * (2 * abs(x).sqrt()).exp())
    cap, ctx.cap = ctx.cap, max(ctx.cap, 2)
    try:
        return acb_series.hypgeom([], [acb_series([acb(b), acb(1)], 2)], acb_series([acb(x)], 2))[1]
    finally:
        ctx.cap = cap


def _exponential_size(x: acb) -> arb:
    """exp(2 |Re sqrt(x)|), where |Re sqrt(x)|**2 = (|x| + Re x)/2."""
    return (2 * ((abs(x) + x.real) / 2).max(arb(0)).sqrt()).exp()


def besselk_dorder(order: Any, x: Any) -> acb:
    """On wide balls its size only: by Cauchy's inequality on the unit circle around the order."""
    order, x = acb(order), acb(x)
    if 1000 * _radius(x) > abs(x).lower() and x.real > 0:
        return _blurred(acb(0), _size_of_k(acb(abs(order.real) + 1), x))
    return derivative_in_parameter(besselk, _size_of_k, acb(order), acb(x))


def remembered(function: Callable[[Any, Any], acb]) -> Callable[[Any, Any], acb]:
    """With its last values at exactly the same balls and precision: sums over nodes ask for a few many times."""
    known: dict[Any, acb] = {}

    def looked_up(first: Any, second: Any) -> acb:
        arguments = acb(first), acb(second)
        if not all(argument.is_finite() for argument in arguments):
            return function(first, second)
        parts = [part for argument in arguments for part in (argument.real, argument.imag)]
        key = ctx.prec, *(number.man_exp() for part in parts for number in (part.mid(), part.rad()))
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = function(*arguments)
        return known[key]

    return looked_up


@remembered
def uppergamma_ds(s: Any, x: Any) -> acb:
    """On wide balls its size only, by Cauchy's inequality on the circle of radius `REACH` around s."""
    s, x = acb(s), acb(x)
    if 1000 * _radius(x) > abs(x).lower() and x.real > 0:
        return _blurred(acb(0), _size_of_gamma(_blurred(s, REACH), x) / REACH)
    return derivative_in_parameter(uppergamma, _size_of_gamma, acb(s), acb(x))


def _size_of_k(order: acb, x: acb) -> arb:
    """|K(order, x)| <= K(|Re order|, Re x), from K = INT_0^oo exp(-x cosh t) cosh(order t) dt."""
    real = arb(x.real.lower())
    return acb(real).bessel_k(acb(abs(order.real).upper())).real if real > 0 else arb("inf")


def _size_of_gamma(s: acb, x: acb) -> arb:
    """|t**(s - 1)| <= |t|**(Re s - 1) exp(pi |Im s|), integrated along t = x + y, y > 0."""
    most = 1 + abs(x).upper()
    least = arb((abs(x.imag) if not x.real > 0 else abs(x)).lower())
    if not least > 0:
        return arb("inf")
    rising = acb(most).gamma_upper(acb(s.real.upper())).real * most.exp()
    falling = least ** (s.real - 1)
    return (arb.pi() * abs(s.imag) - x.real).exp() * (rising + abs(falling).upper() + 1)


def derivative_in_parameter(
    function: Callable[[acb, acb], acb], size_on: Callable[[acb, acb], arb], parameter: acb, x: acb
) -> acb:
    """d function(parameter, x)/d parameter, for a function that is analytic in both off the cut x <= 0.

    With M = `size_on` the size of the function for |p - p0| <= 2 R and |x - x0| <= r + rho, where (p0, x0) are the
    midpoints and r the radius of x: the central difference with step h < R is wrong by at most M h**2/(R**2 (R - h));
    moving to another p or x in its ball changes the derivative by at most |p - p0| 2 M/R**2 and r M/(R rho).
    """
    middle, centre = parameter.mid(), x.mid()
    spread, width = _radius(parameter), _radius(x)
    slack = ((abs(centre) / 64).min(arb(0.25)) + width).upper()
    around = _blurred(centre, width + slack)
    if not spread < REACH or (not around.real > 0 and around.imag.contains(0)):
        return EVERYTHING
    size = arb(size_on(_blurred(middle, 2 * REACH), around).upper())
    if not size.is_finite():
        return EVERYTHING
    value, error = _central(function, middle, centre, size, 0)
    loss = error * arb(2) ** (ctx.prec - 10) / abs(value).lower() if not value.contains(0) else error / size * 2**400
    spare = float(arb(loss.mid()).log()) if loss > 1 else 0.0
    if 0 < spare < 4 * ctx.prec + 1000:  # the bound is far above the function: a smaller step
        value, error = _central(function, middle, centre, size, int(spare) + 1)
    error += spread * 2 * size / REACH**2
    return _blurred(value, error + width * size / (REACH * slack) if width > 0 else error)


def _central(function: Callable[[acb, acb], acb], p: acb, x: acb, size: arb, spare: int) -> tuple[acb, arb]:
    """The central difference and the bound of its error; near a whole order the function itself loses digits."""
    bits, exponent = ctx.prec, ctx.prec // 2 + 12 + spare
    step, extra, value = arb(2) ** -exponent, 60, EVERYTHING
    try:
        for _ in range(4):
            ctx.prec = bits + exponent + extra
            value = (function(p + step, x) - function(p - step, x)) / (2 * step)
            if value.rel_accuracy_bits() >= bits:
                break
            extra = 2 * extra + exponent
    finally:
        ctx.prec = bits
    return +value, size * step**2 / (REACH**2 * (REACH - step))


def _radius(x: acb) -> arb:
    return (x.real.rad() ** 2 + x.imag.rad() ** 2).sqrt().upper()


def _blurred(x: acb, radius: arb) -> acb:
    around = arb(0, radius.upper())
    return x + acb(around, around)
