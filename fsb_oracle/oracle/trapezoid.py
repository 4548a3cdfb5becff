"""The trapezoidal rule with a proven error: for integrands that are analytic around a line and small at both ends.

With nodes x = A + (k + 1/2) h, k < n, B = A + n h and g analytic on the rectangle [A, B] x [-a, a], the residue theorem
gives

    |h SUM g(x) - INT_A^B g| <= (M+ + M-)/(exp(2 pi a/h) - 1) + SUM over both ends INT |g(end + iy)| exp(-2 pi|y|/h)dy,

M+- being the integrals of |g| along the two long sides (Trefethen & Weideman, SIAM Review 56, 2014). Balls that cover
the rectangle prove that g is analytic there, and bound all three. The nodes are about half as many as those of adaptive
Gauss-Legendre rules; wherever this one does not apply, those do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf, log, pi

from flint import acb, arb, ctx

NODES_PER_DIGIT = 50  # beyond, adaptive rules are as good
Integrand = Callable[[acb, bool], acb]

COARSE_BITS = 64  # bounds need a few digits only
STRETCH = 1.6  # between one height of the rectangle and the next that is considered
HEIGHT = 1.2  # the first of them: poles often lie at pi/2
POINTS = 6  # on a line, whose values tell its height from others
HIGHEST = 3000.0
TRIALS = 7
FEW = 160  # nodes, about as many as a further trial costs
LEAST_BOXES, MOST_BOXES = 24, 120  # along the rectangle, at first
MOST_PARTS, FURTHER_PARTS = 6, 2  # evaluations for each of them, bisections included; and once a rule is known
SMALLEST_BOX = 1 / 12  # as a share of the height: where g is not finite on such a box, a singularity is near
# heights that part a short side, as a share of the height
_SIDE = (0, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1)
_SMALLEST, MANY = 1e-300, 10**9


@dataclass(frozen=True)
class _Rule:
    """A number of nodes, and the proven error."""

    nodes: int
    error: arb


@dataclass
class _Singular(Exception):
    """Between these heights g could not be proven analytic."""

    below: float
    above: float


def trapezoid(
    integrand: Integrand,
    lower: arb,
    upper: arb,
    tolerance: arb,
    digits: int,
    real: bool = False,
    entire: bool = False,
    at_nodes: Callable[[acb, arb, int], acb] | None = None,
    mirrored: bool = False,
    patience: int = MOST_PARTS,
    nodes_per_digit: int = NODES_PER_DIGIT,
) -> acb | None:
    """The integral from lower to upper; None if too many nodes were needed, or no
    rectangle is proven.

    Args:
        integrand: as `acb.integral` has it: `(ball, analytic)`, not finite where not analytic if so asked.
        real: whether g(conj x) = conj g(x).
        at_nodes: (first, step, count) -> the sum of g over the nodes, where that is quicker than one by one; a sum that
            is not finite does not count.
        mirrored: whether g(-conj x) = conj g(x) and lower is 0: the real part alone is then found, half of the integral
            from -upper to upper.
        patience: evaluations for each part of the rectangle; if fewer than usual, a singularity far below ends it.
        entire: whether g seems to have no singularity: the first rectangle is then as high as the values allow.
        nodes_per_digit: beyond so many the rule gives up.
    """
    most, boxes = (
        nodes_per_digit * (max(digits, 0) + 10),
        max(MOST_BOXES, MOST_BOXES * nodes_per_digit // NODES_PER_DIGIT),
    )
    line = _Line(integrand, lower, upper, real, mirrored, boxes)
    if not line.length > 0 or not tolerance > 0:
        return None
    bits, ctx.prec = ctx.prec, COARSE_BITS
    try:
        rule = _best(line, tolerance, most, entire, patience)
    finally:
        ctx.prec = bits
    if rule is None or rule.nodes > most:
        return None
    step, count = line.length / rule.nodes, rule.nodes // 2 if mirrored else rule.nodes
    first, total = acb(lower + step / 2), None if at_nodes is None else at_nodes(acb(lower + step / 2), step, count)
    if total is None or not total.is_finite():
        total = sum((integrand(first + k * step, False) for k in range(count)), acb(0))
    value, radius = total * step, arb(0, rule.error.upper())
    if mirrored:
        return acb(value.real + radius / 2)
    return acb(value.real + radius) if real else value + acb(radius, radius)


@dataclass(frozen=True)
class _Line:
    """An integrand, and the segment along which it is integrated."""

    integrand: Integrand
    lower: arb
    upper: arb
    real: bool
    mirrored: bool
    most_boxes: int

    @property
    def length(self) -> arb:
        return 2 * self.upper if self.mirrored else self.upper - self.lower

    @property
    def ends(self) -> tuple[arb, ...]:
        """One of each pair of ends at which |g| is the same, or both."""
        return (self.upper,) if self.mirrored else (self.lower, self.upper)


def _best(line: _Line, tolerance: arb, most: int, entire: bool, patience: int) -> _Rule | None:
    """The rule with about the fewest evaluations, those of the search included, among heights in a geometric
    progression and those just below a singularity.
    """
    best: _Rule | None = None
    failures = 0
    length, excess = float(line.length.upper()), -_log(tolerance)
    height = _promising(line, length, excess) if entire else min(HEIGHT, length / 16)
    for _ in range(TRIALS):
        if _nodes(length, excess, height) > most:
            break
        try:
            found = _rule(line, height, tolerance, excess, patience if best is None else FURTHER_PARTS)
        except _Singular as place:
            failures += 1
            hopeless = failures > 1 or place.below < 0.6 * height
            if best is not None or (patience < MOST_PARTS and hopeless):
                break
            height = place.below if place.above < 1.4 * place.below else height / STRETCH
            continue
        if found is None and best is None:
            height /= STRETCH
        elif found is None or (best is not None and found.nodes >= best.nodes):
            break
        else:
            best = found
            if best.nodes < FEW or entire:
                break
            height *= STRETCH
    return best


def _rule(line: _Line, height: float, tolerance: arb, excess: float, parts: int) -> _Rule | None:
    """As many nodes as make the long sides' part of the error less than the tolerance; None if the rest is not."""
    size = _size(line, height, parts)
    nodes = _nodes(float(line.length.upper()), _log(size) + excess, height)
    nodes += nodes % 2
    error = _error(line, size, height, nodes)
    return _Rule(nodes, error) if error < 10 * tolerance else None


def _promising(line: _Line, length: float, excess: float) -> float:
    """The height, of a geometric progression, that asks for the fewest nodes by a few values on it; no bound rests on
    it.
    """
    inner = [line.lower + (line.upper - line.lower) * (k + 0.5) / POINTS for k in range(POINTS)]

    def log_size(places: Iterable[arb], height: float) -> float:
        sizes = [abs(line.integrand(acb(place, height), False)).upper() for place in places]
        # not as floats: at thousands of digits the values on a good height are far beyond their range
        known = all(size.is_finite() for size in sizes) and any(size > 0 for size in sizes)
        return log(length) + max(_log(size) for size in sizes if size > 0) if known else inf

    height = min(HEIGHT, length / 16)
    best, fewest, at_ends = height, inf, 0
    while at_ends < fewest and height < HIGHEST:
        ends = log_size(line.ends, height)
        if ends == inf:
            break
        at_ends = max(at_ends, _nodes(length, ends + excess, height))
        nodes = max(at_ends, _nodes(length, log_size(inner, height) + excess, height))
        if nodes >= fewest:
            break
        best, fewest, height = height, nodes, STRETCH * height
    return best


def _nodes(length: float, excess: float, height: float) -> int:
    """How many make exp(-2 pi height/h) smaller than exp(-excess)."""
    return max(2, ceil(length * (max(excess, 1.0) + 0.1) / (2 * pi * height))) if excess < inf else MANY


def _size(line: _Line, height: float, parts: int) -> arb:
    """The integrals of |g| along both long sides, bounded. Raises _Singular unless g is proven analytic in between."""
    total, length = arb(0), line.upper - line.lower
    count = min(max(ceil(float(length.mid()) / height), LEAST_BOXES), line.most_boxes)
    width, budget = length / count, parts * count
    halves = [(0.0, height)] if line.real else [(0.0, height), (-height, 0.0)]
    boxes = [(k * width, (k + 1) * width, *half) for half in halves for k in range(count)]
    # the centre of a law lies near 0, and so do the singularities that matter: the last box is the first to be tried
    boxes.sort(key=lambda box: -abs(float((line.lower + box[0]).mid())))
    while boxes:
        left, right, below, above = boxes.pop()
        budget -= 1
        value = line.integrand(acb((line.lower + left).union(line.lower + right), _hull(below, above)), True)
        if value.is_finite():
            if height in (above, -below):
                total += abs(value).upper() * (right - left)
            continue
        wide, high = float((right - left).upper()), above - below
        if budget <= 0 or max(wide, high) < SMALLEST_BOX * height:
            raise _Singular(max(below, -above), max(above, -below))
        if wide > high:
            middle = (left + right) / 2
            boxes += [(left, middle, below, above), (middle, right, below, above)]
        else:
            cut = (below + above) / 2
            boxes += [(left, right, cut, above), (left, right, below, cut)]
    return total + total if line.real or line.mirrored else total


def _error(line: _Line, size: arb, height: float, nodes: int) -> arb:
    """The bound of the module's docstring."""
    rate = 2 * arb.pi() * nodes / line.length
    error = size / ((rate * height).exp() - 1)
    for end in line.ends:
        for below, above, copies in _sides(height, line.real):
            value = line.integrand(acb(end, _hull(below, above)), True)
            near, far = sorted((abs(below), abs(above)))
            copies = 2 * copies if line.mirrored else copies
            error += copies * abs(value).upper() * ((-rate * near).exp() - (-rate * far).exp()) / rate
    return error


def _sides(height: float, real: bool) -> Iterator[tuple[float, float, int]]:
    """(from, to, copies) of the parts of a short side."""
    for near, far in pairwise(_SIDE):
        yield near * height, far * height, 2 if real else 1
        if not real:
            yield -far * height, -near * height, 1


def _hull(below: float, above: float) -> arb:
    return arb(below).union(arb(above))


def _log(value: arb) -> float:
    largest = value.upper()
    return float(largest.log()) if largest > 0 else log(_SMALLEST)
