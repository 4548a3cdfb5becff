"""Rules of the gamma law; catalogue letters k (shape), s (scale = 1/rate)."""

from sympy import Rational, Symbol

from fsb_oracle.backends.noise import Exponential, Gamma, Uniform
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule
from fsb_oracle.rules.series import SHARE, series_rule

_k = Symbol("k")


def _dilation(c, e, u):
    """R = V + (1 - V) u with V = exp(-e/k) = (a uniform)^(1/k)."""
    return 1 - drop(c.math, e / c.k) * (1 - u)


def _multiplicative_difference(f, c, z, e):
    lost = drop(c.math, e / c.k)
    return difference(f, z, z * (1 - lost), -z * lost, -1 / (c.k * lost), z / c.k)


RULES = (
    Rule(
        id="GAM-k-U",
        family="gamma",
        parameter="concentration",
        letter="k",
        kernel=lambda f, c, z, u, e: c.s * f.derivative(z + c.s * u * e),
        noise={"u": Uniform(), "e": Exponential()},
        formula="s f'(z + s u e), u ~ U(0,1), e ~ Exp(1)",
        source="Levy kernel exp(-x/s)/x of the gamma law, velocity theorem",
        remarks="constant weight; variance bounded uniformly in k for Lipschitz f",
        lower_variance_than=(
            Claim("pathwise", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"concentration": "2.5", "rate": "1.4285714285714286"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-k-SB",
        family="gamma",
        parameter="concentration",
        letter="k",
        kernel=lambda f, c, z, e: difference(f, z, z + c.s * e, c.s * e, 1 / e, c.s),
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(s / X) [f(z + X) - f(z)], X = s e, e ~ Exp(1)",
        source="Rao-Blackwellization of GAM-k-U over u",
        remarks="never larger variance than GAM-k-U; log-infinite variance for jumps",
        lower_variance_than=(
            Claim("GAM-k-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-k-Shalf",
        family="gamma",
        parameter="concentration",
        letter="k",
        kernel=lambda f, c, z, g: c.math.sqrt(c.math.pi / g) * (f(z + c.s * g) - f(z)),
        noise={"g": Gamma(Rational(1, 2))},
        requires="F0",
        cost=Cost(f=2),
        formula="sqrt(pi) (X/s)^(-1/2) [f(z + X) - f(z)], X = s g, g ~ Gamma(1/2)",
        source="Levy kernel exp(-x/s)/x with a proposal between the kernel and its size-biased form",
        remarks="finite variance for jumps",
        wins=(Comparison("score-best", {"concentration": "0.1", "rate": "1"}, "z"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-k-M",
        family="gamma",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=lambda f, c, z, e, u: z / c.k * f.derivative(z * _dilation(c, e, u)),
        noise={"e": Exponential(), "u": Uniform()},
        formula="(z/k) f'(z R), V = exp(-e/k), R = V + (1-V) u",
        source="Levy kernel exp(-k t)/(1 - exp(-t)) of -log z, velocity theorem in log z",
        remarks="second moment ~ 1/k as k -> 0",
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "z"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-k-Mc",
        family="gamma",
        parameter="concentration",
        space="log",
        letter="k",
        kernel=lambda f, c, y, e, u: c.s * f.derivative(c.s * y * _dilation(c, e, u)),
        noise={"y": Gamma(_k + 1), "e": Exponential(), "u": Uniform()},
        formula="s f'(s y R), y ~ Gamma(k + 1), V = exp(-e/k), R = V + (1-V) u",
        source="GAM-k-M size-biased; s y R has the law of z + s u e",
        remarks="the same law as GAM-k-U, sampled otherwise",
        lower_variance_than=(Claim("score", "linear f", "constant weight: variance 0"),),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"concentration": "2.5", "rate": "1.4285714285714286"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-k-SM",
        family="gamma",
        parameter="concentration",
        space="log",
        letter="k",
        kernel=_multiplicative_difference,
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(1/k) [f(z) - f(z V)] / (1 - V), V = exp(-e/k), e ~ Exp(1)",
        source="Rao-Blackwellization of GAM-k-M",
        remarks="infinite variance for jumps",
        lower_variance_than=(Claim("GAM-k-M", "continuous f", "Rao-Blackwell over the uniform"),),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "z"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    series_rule(
        lambda c: lambda n: c.s**n / n,
        id="GAM-k-SER",
        family="gamma",
        parameter="concentration",
        letter="k",
        disc=1 / (SHARE * Symbol("s")),
        formula="SUM_n (s^n/n) f^(n)(z), n = 1, ..., 50",
        source="the symbol -log(1 - i w s) as a power series",
        remarks="exact for polynomials; diverges for frequencies above 1/s",
        lower_variance_than=(Claim("GAM-k-SB", "quadratic f", "Rao-Blackwell over all noise"),),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "4"}, "z**2"),),
        loses=(Comparison("score-best", {"concentration": "200", "rate": "4"}, "cos(z)"),),
    ),
    Rule(
        id="GAM-s-U",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: c.k * f.derivative(z + c.s * e),
        noise={"e": Exponential()},
        formula="k f'(z + s e), e ~ Exp(1)",
        source="velocity theorem: z + s e ~ Gamma(k + 1, s)",
        remarks="constant weight: variance 0 for linear f",
        lower_variance_than=(
            Claim("GAM-s-path", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-s-S",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: (c.k / c.s) * (f(z + c.s * e) - f(z)),
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="(k/s) [f(z + s e) - f(z)], e ~ Exp(1)",
        source="finite-activity shift rule",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"concentration": "0.1", "rate": "1"}, "z**2"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-s-SB",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, g: c.k / (c.s * g) * (f(z + c.s * g) - f(z)),
        noise={"g": Gamma(2)},
        requires="F0",
        cost=Cost(f=2),
        formula="(k/X) [f(z + X) - f(z)], X = s g, g ~ Gamma(2)",
        source="Rao-Blackwellization of GAM-s-U, written as k f'(z + u X)",
        remarks="finite variance for jumps",
        lower_variance_than=(
            Claim("GAM-s-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="GAM-s-path",
        family="gamma",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, g: g * f.derivative(c.s * g),
        noise={"g": Gamma(_k)},
        formula="(z/s) f'(z), z = s g",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "z"),),
        loses=(Comparison("score-best", {"concentration": "5", "rate": "1"}, "cos(3*z)"),),
    ),
)

# concentration: constant weight and one f', bounded as k -> 0; for jumps the half power, alone of finite variance
# rate: constant weight and one f'; for jumps the plain difference has the smaller variance of the two
RECOMMENDED = {
    "concentration": ("GAM-k-U", "GAM-k-Shalf"),
    "rate": ("GAM-s-U", "GAM-s-S"),
}
