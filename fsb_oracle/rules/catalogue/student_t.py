"""Rules of Student's t law; catalogue letters nu (degrees of freedom), mu, sigma (scale)."""

from sympy import Symbol

from fsb_oracle.backends.noise import Exponential, FoldedExponential, LogGamma, Rayleigh, StudentKhinchine, Uniform
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.families.student_t import df
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule

_nu = Symbol("nu")


def _density_at_mode(c):
    m = c.math
    return m.gamma_half_step(c.nu / 2) / (c.sigma * m.sqrt(m.pi * c.nu))


def _layer(f, c, y, e):
    shift = c.sigma * c.math.sqrt(c.nu / 2) * c.math.exp(-e / 2) * y
    return _density_at_mode(c) * (f(c.mu + shift) - f(c.mu - shift))


def _khinchine(f, c, x, e):
    """exp(-e) is a uniform variable."""
    return (f(c.mu + c.sigma * x) - f(c.mu + c.sigma * c.math.exp(-e) * x)) / c.sigma


def _half_mass(c):
    """The mass of exp(-(nu - 1) t)/(1 + exp(-t))."""
    return c.math.digamma_step((c.nu - 1) / 2, c.math.rational(1, 2)) / 2


def _spread(f, c, x):
    """What the scale sqrt(nu) of the mixture contributes."""
    return x * f.derivative(c.mu + x) / (2 * c.nu)


def _velocity(f, c, z, t, u):
    x = z - c.mu
    return _spread(f, c, x) - _half_mass(c) * x * f.derivative(c.mu + x * (1 + (c.math.exp(t) - 1) * u))


def _size_biased(f, c, z, t):
    x, stretch = z - c.mu, c.math.exp(t)
    mass, grown = _half_mass(c), stretch * drop(c.math, t)
    return _spread(f, c, x) + difference(f, z, c.mu + x * stretch, x * grown, -mass / grown, -mass * x)


def _multiplicative(f, c, z, e):
    x = z - c.mu
    stretch, weight = c.math.exp(e / c.nu), -1 / (c.nu * drop(c.math, 2 * e / c.nu))
    step = x * stretch * drop(c.math, e / c.nu)
    return _spread(f, c, x) + difference(f, z, c.mu + x * stretch, step, weight, weight * step)


RULES = (
    Rule(
        id="STU-mu-D",
        family="student_t",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w",
        remarks="equals reparameterization",
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "5", "loc": "0", "scale": "1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="STU-mu-L",
        family="student_t",
        parameter="loc",
        letter="mu",
        kernel=_layer,
        noise={"y": Rayleigh(), "e": LogGamma((_nu + 1) / 2)},
        requires="F0",
        cost=Cost(f=2),
        formula="p(mu) [f(mu + X) - f(mu - X)], X = sigma sqrt(nu/(2 g)) y, y Rayleigh, g = exp(e) ~ Gamma((nu + 1)/2)",
        source="layer rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "1/(1+z**2)"),),
        loses=(Comparison("pathwise", {"df": "10", "loc": "0.4", "scale": "1"}, "z"),),
    ),
    Rule(
        id="STU-sig-K",
        family="student_t",
        parameter="scale",
        letter="sigma",
        kernel=_khinchine,
        noise={"x": StudentKhinchine(_nu), "e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + sigma x) - f(mu + sigma exp(-e) x)] / sigma, e ~ Exp(1), x = "
        "+-sqrt(nu g/h), g ~ Gamma(3/2), h ~ Gamma(nu/2)",
        source="Khinchine rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "3", "loc": "0.4", "scale": "1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="STU-sig-path",
        family="student_t",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, z: (z - c.mu) / c.sigma * f.derivative(z),
        formula="((z - mu)/sigma) f'(z)",
        source="reparameterization: Kingma and Welling 2014",
        remarks="infinite variance where (z - mu) f'(z) has none",
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "3", "loc": "0.4", "scale": "1"}, "sin(z)"),),
    ),
    Rule(
        id="STU-nu-A",
        family="student_t",
        parameter="df",
        letter="nu",
        kernel=_velocity,
        noise={"t": FoldedExponential(_nu - 1), "u": Uniform()},
        cost=Cost(first=2),
        formula="x f'(mu + x)/(2 nu) - (M/2) x f'(mu + x (1 + (exp(t) - 1) u)), x = z - mu, M = digamma(nu/2) "
        "- digamma((nu - 1)/2), t of density ~ exp(-(nu - 1) t)/(1 + exp(-t))",
        source="Levy kernel of log|x|, velocity theorem",
        remarks="the same x in both terms, of order 1/nu; their sum is O(1/nu^2); bounded f' needs nu > 3",
        where=df > 1,
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="STU-nu-SB",
        family="student_t",
        parameter="df",
        letter="nu",
        kernel=_size_biased,
        noise={"t": FoldedExponential(_nu - 1)},
        cost=Cost(f=2, first=1),
        formula="x f'(mu + x)/(2 nu) - (M/2) [f(mu + x exp(t)) - f(mu + x)]/(exp(t) - 1), x, M and t as in STU-nu-A",
        source="Rao-Blackwellization of STU-nu-A over u",
        remarks="for bounded f' finite variance needs nu > 2",
        lower_variance_than=(Claim("STU-nu-A", "continuous f", "Rao-Blackwell over the uniform"),),
        where=df > 1,
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "3", "loc": "0.4", "scale": "1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="STU-nu-SM",
        family="student_t",
        parameter="df",
        letter="nu",
        kernel=_multiplicative,
        noise={"e": Exponential()},
        cost=Cost(f=2, first=1),
        formula="x f'(mu + x)/(2 nu) + (1/nu) [f(mu + x) - f(mu + x V^(-1/2))]/(1 - V), x = z - mu, V = exp(-2 e/nu)",
        source="GAM-k-SM in the mixing gamma variable",
        remarks="for every nu > 0, bounded f",
        wins=(Comparison("score-best", {"df": "10", "loc": "0.4", "scale": "1"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"df": "5", "loc": "0", "scale": "1"}, "exp(-z**2)"),),
    ),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scale: of finite variance for every df, for jumps and for oscillating f.
# df: the smaller variance of the two where it holds, else the rule for every df; jumps have no rule.
RECOMMENDED = {
    "df": ("STU-nu-SB", "STU-nu-SM"),
    "loc": ("STU-mu-D", "STU-mu-L"),
    "scale": ("STU-sig-K",),
}
