"""Rules of the generalized Pareto law; catalogue letters mu (loc), sigma (scale), xi (concentration).

z = mu + sigma x with x of density (1 + xi x)^(-1 - 1/xi). It is a gamma mixture of exponential laws: x = e/(xi g) with
e ~ Exp(1) and g ~ Gamma(1/xi), so that rules of the exponential scale hold given g.
"""

from fsb_oracle.backends.noise import Exponential, Gamma, GeneralizedPareto
from fsb_oracle.families.generalized_pareto import concentration as xi
from fsb_oracle.rules.rule import Cost, Rule

X = {"x": GeneralizedPareto(xi)}


def _point(c, x):
    return c.mu + c.sigma * x


def _layer(f, c, x):
    return (f(_point(c, x / (1 + c.xi))) - f(c.mu)) / c.sigma


def _another(f, c, g, e, d):
    size = 1 / (c.xi * g)
    return (f(_point(c, (e + d) * size)) - f(_point(c, e * size))) / c.sigma


def _path(f, c, x):
    m, stretch = c.math, 1 + c.xi * x
    return c.sigma * (stretch * m.log(stretch) - c.xi * x) / c.xi**2 * f.derivative(_point(c, x))


RULES = (
    Rule(
        id="GPD-mu-D",
        family="generalized_pareto",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, x: f.derivative(_point(c, x)),
        noise=X,
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="GPD-mu-L",
        family="generalized_pareto",
        parameter="loc",
        letter="mu",
        kernel=_layer,
        noise={"x": GeneralizedPareto(xi / (1 + xi))},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + sigma y) - f(mu)]/sigma, P(y > t) = (1 + xi t)^(-1 - 1/xi)",
        source="layer rule: the density falls from its value 1/sigma at mu on",
        remarks="f continuous at mu; f(mu) may be computed once",
    ),
    Rule(
        id="GPD-sig-D",
        family="generalized_pareto",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, x: x * f.derivative(_point(c, x)),
        noise=X,
        formula="((z - mu)/sigma) f'(z)",
        source="symbol of a scale",
        remarks="equals reparameterization",
    ),
    Rule(
        id="GPD-sig-S",
        family="generalized_pareto",
        parameter="scale",
        letter="sigma",
        kernel=_another,
        noise={"g": Gamma(1 / xi), "e": Exponential(), "d": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z + sigma d/(xi g)) - f(z)]/sigma, z = mu + sigma e/(xi g), g ~ Gamma(1/xi), d, e ~ Exp(1)",
        source="EXP-s-S given the rate of the gamma mixture",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="GPD-xi-path",
        family="generalized_pareto",
        parameter="concentration",
        letter="xi",
        kernel=_path,
        noise=X,
        formula="(sigma/xi^2) [(1 + xi x) log(1 + xi x) - xi x] f'(z), x = (z - mu)/sigma",
        source="velocity theorem; (1 + xi x)^(1/xi) does not depend on xi in law",
        remarks="equals reparameterization; needs E |z log z f'(z)|^2",
    ),
)

# location: one f' serves every parameter; scale: bounded for bounded f at every tail index
RECOMMENDED = {"loc": ("GPD-mu-D", "GPD-mu-L"), "scale": ("GPD-sig-S",), "concentration": ("GPD-xi-path",)}
