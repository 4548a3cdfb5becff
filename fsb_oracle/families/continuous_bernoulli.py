"""ContinuousBernoulli(probs) on (0, 1): density proportional to probs**z (1 - probs)**(1 - z); probs is not 1/2, where
the law is uniform and its formulas are limits."""

from sympy import Abs, I, Ne, Piecewise, Rational, Symbol, bernoulli, cancel, exp, factorial, horner, log

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import PROBABILITY, UNIT_INTERVAL, Family, Parameter, Recipe, w, z

_probs = Parameter("probs", PROBABILITY)
probs = _probs.symbol
u, x, t = Symbol("u", positive=True), Symbol("x", positive=True), Symbol("t", real=True)
eta = log(probs / (1 - probs))
slope = (2 * probs - 1) / (1 - probs)  # exp(eta) - 1
sample = log(1 + u * slope) / eta

# dz/deta = (expm1(-eta z)/expm1(-eta) - z)/eta; near eta = 0, where that is 0/0, by the generating function of the
# Bernoulli polynomials, whose radius of convergence is 2 pi
NEAR, TERMS = Rational(1, 4), 10  # to 1e-15
terms = [cancel((bernoulli(n, 1) - bernoulli(n, 1 - x)) / (x * (1 - x))) / factorial(n) for n in range(2, 2 + TERMS)]
series = (
    sample
    * (1 - sample)
    * horner(sum(term * t**n for n, term in enumerate(terms)), wrt=t).xreplace({t: eta, x: sample})
)
direct = (expm1(-eta * sample) / expm1(-eta) - sample) / eta
velocity = Piecewise((series, Abs(eta) < NEAR), (direct, True)) / (probs * (1 - probs))

continuous_bernoulli = Family(
    name="continuous_bernoulli",
    parameters=(_probs,),
    support=UNIT_INTERVAL,
    log_density=eta * z + log(eta / slope),
    characteristic_function=eta / slope * expm1(eta + I * w) / (eta + I * w),
    mean=1 + 1 / slope - 1 / eta,
    variance=1 / eta**2 - (1 + slope) / slope**2,
    charts=segment(0, 1),
    cdf=expm1(eta * z) / slope,
    survival=exp(eta * z) * expm1(eta * (1 - z)) / slope,
    recipe=Recipe({"u": Uniform()}, sample, velocities={"probs": velocity}),
    catalogue={"lam": probs},
    constraint=(Ne(probs, Rational(1, 2), evaluate=False), "probs other than 1/2"),
    edges=({"probs": "0.3"}, {"probs": "0.9"}, {"probs": "0.4999"}, {"probs": "0.001"}, {"probs": "0.503"}),
)
