"""Rules of the exponential law; catalogue letter s (scale = 1/rate)."""

from sympy import Symbol

from fsb_oracle.backends.noise import Exponential, Gamma
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule
from fsb_oracle.rules.series import SHARE, series_rule

RULES = (
    Rule(
        id="EXP-s-U",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: f.derivative(z + c.s * e),
        noise={"e": Exponential()},
        formula="f'(z + s e), e ~ Exp(1)",
        source="velocity theorem: z + s e ~ Gamma(2, s)",
        remarks="variance 0 for linear f",
        lower_variance_than=(
            Claim("EXP-s-path", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"rate": "0.1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"rate": "0.1"}, "cos(3*z)"),),
    ),
    Rule(
        id="EXP-s-S",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, e: (f(z + c.s * e) - f(z)) / c.s,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z + s e) - f(z)] / s, e ~ Exp(1)",
        source="measure-valued derivative, Erlang(2) minus Exp, coupled: Pflug 1989",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"rate": "0.1"}, "z**2"),),
        loses=(Comparison("score-best", {"rate": "0.1"}, "sin(z)"),),
    ),
    Rule(
        id="EXP-s-SB",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, z, g: (f(z + c.s * g) - f(z)) / (c.s * g),
        noise={"g": Gamma(2)},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/X) [f(z + X) - f(z)], X = s g, g ~ Gamma(2)",
        source="Rao-Blackwellization of EXP-s-U, written as f'(z + u X)",
        remarks="finite variance for jumps",
        lower_variance_than=(
            Claim("EXP-s-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"rate": "0.1"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"rate": "0.1"}, "cos(3*z)"),),
    ),
    Rule(
        id="EXP-s-path",
        family="exponential",
        parameter="rate",
        letter="s",
        kernel=lambda f, c, e: e * f.derivative(c.s * e),
        noise={"e": Exponential()},
        formula="(z/s) f'(z), z = s e",
        source="reparameterization: Kingma and Welling 2014",
        remarks="phase-averaged second moment twice that of EXP-s-U",
        wins=(Comparison("score-best", {"rate": "0.1"}, "z"),),
        loses=(Comparison("score-best", {"rate": "0.1"}, "cos(3*z)"),),
    ),
    series_rule(
        lambda c: lambda n: c.s ** (n - 1),
        id="EXP-s-SER",
        family="exponential",
        parameter="rate",
        letter="s",
        disc=1 / (SHARE * Symbol("s")),
        formula="SUM_n s^(n-1) f^(n)(z), n = 1, ..., 50",
        source="the symbol i w/(1 - i w s) as a power series",
        remarks="exact for polynomials; diverges for frequencies above 1/s",
        lower_variance_than=(Claim("EXP-s-SB", "quadratic f", "Rao-Blackwell over all noise"),),
        wins=(Comparison("score-best", {"rate": "4"}, "z**2"),),
        # inside its disc it has the least variance of all: it loses by its cost alone
    ),
)

# one f' with constant weight; for jumps the plain difference has the smaller variance of the two (0.23 : 0.27)
RECOMMENDED = {"rate": ("EXP-s-U", "EXP-s-S")}
