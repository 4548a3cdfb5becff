"""Rules of the logarithmic law; catalogue letter q = probs. They never ask for a derivative of f."""

from sympy import Symbol

from fsb_oracle.backends.noise import Geometric
from fsb_oracle.rules.rule import Cost, Rule

_q = Symbol("q")


def _size_biased(f, c, z, x):
    """m/q [f(1 + x) - f(z)] with the mean m = -q / ((1 - q) log(1 - q))."""
    return (f(z) - f(x + 1)) / ((1 - c.q) * c.math.log(1 - c.q))


RULES = (
    Rule(
        id="LOS-q-P",
        family="logarithmic",
        parameter="probs",
        letter="q",
        kernel=_size_biased,
        noise={"x": Geometric(1 - _q)},
        requires="F0",
        cost=Cost(f=2),
        formula="-[f(1 + x) - f(z)] / ((1 - q) log(1 - q)), x ~ Geometric(1 - q)",
        source="weak derivative: q is the exponential of the natural parameter, and the size-biased law is geometric",
        remarks="the two points are independent",
    ),
)

RECOMMENDED = {"probs": ("LOS-q-P",)}
