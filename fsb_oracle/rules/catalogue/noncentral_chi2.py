"""Rules of the noncentral chi-squared law; catalogue letters nu (degrees of freedom), lam (noncentrality)."""

from sympy import Rational

from fsb_oracle.backends.noise import Exponential, Gamma, Uniform
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule

RULES = (
    Rule(
        id="NCX-nu-U",
        family="noncentral_chi2",
        parameter="df",
        letter="nu",
        kernel=lambda f, c, z, u, e: f.derivative(z + 2 * u * e),
        noise={"u": Uniform(), "e": Exponential()},
        formula="f'(z + 2 u e), u ~ U(0,1), e ~ Exp(1)",
        source="Levy kernel exp(-x/2)/(2 x), velocity theorem",
        remarks="constant weight; variance bounded uniformly in nu for Lipschitz f",
        lower_variance_than=(
            Claim("pathwise", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "sin(z)"),),
    ),
    Rule(
        id="NCX-nu-SB",
        family="noncentral_chi2",
        parameter="df",
        letter="nu",
        kernel=lambda f, c, z, e: (f(z + 2 * e) - f(z)) / (2 * e),
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(1/X) [f(z + X) - f(z)], X = 2 e, e ~ Exp(1)",
        source="Rao-Blackwellization of NCX-nu-U over u",
        remarks="log-infinite variance for jumps",
        lower_variance_than=(
            Claim("NCX-nu-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "Max(z-1,0)"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "cos(3*z)"),),
    ),
    Rule(
        id="NCX-nu-Shalf",
        family="noncentral_chi2",
        parameter="df",
        letter="nu",
        kernel=lambda f, c, z, g: c.math.sqrt(c.math.pi / g) * (f(z + 2 * g) - f(z)) / 2,
        noise={"g": Gamma(Rational(1, 2))},
        requires="F0",
        cost=Cost(f=2),
        formula="(sqrt(pi)/2) g^(-1/2) [f(z + 2 g) - f(z)], g ~ Gamma(1/2)",
        source="Levy kernel exp(-x/2)/(2 x) with a proposal between the kernel and its size-biased form",
        remarks="finite variance for jumps",
        wins=(Comparison("score-best", {"df": "0.1", "noncentrality": "0"}, "z"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "cos(3*z)"),),
    ),
    Rule(
        id="NCX-lam-U",
        family="noncentral_chi2",
        parameter="noncentrality",
        letter="lam",
        kernel=lambda f, c, z, e: f.derivative(z + 2 * e),
        noise={"e": Exponential()},
        formula="f'(z + 2 e), e ~ Exp(1)",
        source="Levy kernel exp(-x/2)/4 of the Poisson mixture; symbol i w/(1 - 2 i w)",
        remarks="constant weight: variance 0 for linear f",
        lower_variance_than=(
            Claim("pathwise", "linear f", "constant weight: variance 0"),
            Claim("score", "linear f", "constant weight: variance 0"),
        ),
        wins=(Comparison("score-best", {"df": "0.1", "noncentrality": "0"}, "z**2"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "cos(3*z)"),),
    ),
    Rule(
        id="NCX-lam-S",
        family="noncentral_chi2",
        parameter="noncentrality",
        letter="lam",
        kernel=lambda f, c, z, e: (f(z + 2 * e) - f(z)) / 2,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z + 2 e) - f(z)] / 2, e ~ Exp(1)",
        source="finite-activity shift rule: Poisson in the number of terms",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"df": "0.1", "noncentrality": "0"}, "z**2"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "cos(3*z)"),),
    ),
    Rule(
        id="NCX-lam-SB",
        family="noncentral_chi2",
        parameter="noncentrality",
        letter="lam",
        kernel=lambda f, c, z, g: (f(z + 2 * g) - f(z)) / (2 * g),
        noise={"g": Gamma(2)},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/X) [f(z + X) - f(z)], X = 2 g, g ~ Gamma(2)",
        source="Rao-Blackwellization of NCX-lam-U, written as f'(z + u X)",
        remarks="finite variance for jumps",
        lower_variance_than=(
            Claim("NCX-lam-U", "continuous f", "Rao-Blackwell over the uniform"),
            Claim("score", "linear f", "constant slope: variance 0"),
        ),
        wins=(Comparison("score-best", {"df": "0.1", "noncentrality": "0"}, "z**2"),),
        loses=(Comparison("score-best", {"df": "3", "noncentrality": "4"}, "cos(3*z)"),),
    ),
)

# constant weight and one f'; for jumps in the degrees of freedom the only one of finite variance
RECOMMENDED = {
    "df": ("NCX-nu-U", "NCX-nu-Shalf"),
    "noncentrality": ("NCX-lam-U", "NCX-lam-S"),
}
