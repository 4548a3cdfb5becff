"""Rules of the truncated normal law; catalogue letters mu (loc), sigma (scale), a (low), b (high).

By parts: d/d(mu) of the density is minus its derivative in z, and what flows through the ends stays.
"""

from fsb_oracle.backends.noise import TruncatedNormal, Uniform, evaluate
from fsb_oracle.backends.special_functions import normal_mass
from fsb_oracle.families.family import z as _z
from fsb_oracle.families.truncated_normal import high, loc, low, scale
from fsb_oracle.rules.rule import Comparison, Cost, Rule

_START, _END = (low - loc) / scale, (high - loc) / scale
_MASS = scale * normal_mass(_START, _END)
_BELOW, _ABOVE = normal_mass(_START, (_z - loc) / scale), normal_mass((_z - loc) / scale, _END)
X = {"x": TruncatedNormal(_START, _END)}


def _point(c, x):
    return c.a + (c.b - c.a) * x


def _density(c, end):
    m, way = c.math, (end - c.mu) / c.sigma
    return m.exp(-(way**2) / 2) / (m.sqrt(2 * m.pi) * evaluate(_MASS, m, vars(c)))


def _into(f, c, end, z):
    """p(end) [f(end) - f(z)]: what a moving end adds, per unit of its way outwards."""
    return _density(c, end) * (f(end) - f(z))


def _weighted(f, c, end, u, mass):
    """p(end) (b - a) P f'(t), t uniform on (a, b), P the probability of the side of t away from the end."""
    t = _point(c, u)
    share = c.sigma * evaluate(mass, c.math, {**vars(c), "z": t}) / evaluate(_MASS, c.math, vars(c))
    return _density(c, end) * (c.b - c.a) * share * f.derivative(t)


def _shifted(f, c, x):
    z = _point(c, x)
    return f.derivative(z) - _into(f, c, c.b, z) + _into(f, c, c.a, z)


def _stretched(f, c, x):
    z = _point(c, x)
    path, above, below = ((y - c.mu) / c.sigma for y in (z, c.b, c.a))
    return path * f.derivative(z) - above * _into(f, c, c.b, z) + below * _into(f, c, c.a, z)


RULES = (
    Rule(
        id="TNO-mu-D",
        family="truncated_normal",
        parameter="loc",
        letter="mu",
        kernel=_shifted,
        noise=X,
        cost=Cost(f=3, first=1),
        formula="f'(z) - p(b) [f(b) - f(z)] + p(a) [f(a) - f(z)], p the density of z",
        source="NOR-mu-D by parts on [a, b]",
        remarks="f(a) and f(b) may be computed once; f continuous at both",
    ),
    Rule(
        id="TNO-sig-D",
        family="truncated_normal",
        parameter="scale",
        letter="sigma",
        kernel=_stretched,
        noise=X,
        cost=Cost(f=3, first=1),
        formula="Z f'(z) - B p(b) [f(b) - f(z)] + A p(a) [f(a) - f(z)], Z = (z - mu)/sigma, A and B alike",
        source="NOR-sig-path by parts on [a, b]",
        remarks="f(a) and f(b) may be computed once; f continuous at both",
        wins=(Comparison("score", {"loc": "0.3", "scale": "0.8", "low": "-3", "high": "4"}, "z**2"),),
    ),
    Rule(
        id="TNO-a-P",
        family="truncated_normal",
        parameter="low",
        letter="a",
        kernel=lambda f, c, x: -_into(f, c, c.a, _point(c, x)),
        noise=X,
        requires="F0",
        cost=Cost(f=2),
        formula="p(a) [f(z) - f(a)], p the density of z",
        source="weak derivative: the law minus a point mass at the moving end",
        remarks="f continuous at a; f(a) may be computed once",
    ),
    Rule(
        id="TNO-a-A",
        family="truncated_normal",
        parameter="low",
        letter="a",
        kernel=lambda f, c, u: _weighted(f, c, c.a, u, _ABOVE),
        noise={"u": Uniform()},
        formula="p(a) (b - a) P(z > t) f'(t), t uniform on (a, b)",
        source="velocity theorem: -dF/da (t) = p(a) P(z > t)",
        remarks="bounded weight",
    ),
    Rule(
        id="TNO-b-P",
        family="truncated_normal",
        parameter="high",
        letter="b",
        kernel=lambda f, c, x: _into(f, c, c.b, _point(c, x)),
        noise=X,
        requires="F0",
        cost=Cost(f=2),
        formula="p(b) [f(b) - f(z)], p the density of z",
        source="weak derivative: a point mass at the moving end minus the law",
        remarks="f continuous at b; f(b) may be computed once",
    ),
    Rule(
        id="TNO-b-A",
        family="truncated_normal",
        parameter="high",
        letter="b",
        kernel=lambda f, c, u: _weighted(f, c, c.b, u, _BELOW),
        noise={"u": Uniform()},
        formula="p(b) (b - a) P(z < t) f'(t), t uniform on (a, b)",
        source="velocity theorem: -dF/db (t) = p(b) P(z < t)",
        remarks="bounded weight",
    ),
)

# loc, scale: one f' serves both; the ends: without a derivative, and f at the end is computed once
RECOMMENDED = {"loc": ("TNO-mu-D",), "scale": ("TNO-sig-D",), "low": ("TNO-a-P",), "high": ("TNO-b-P",)}
