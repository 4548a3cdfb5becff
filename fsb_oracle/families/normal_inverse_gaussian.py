"""Normal inverse Gaussian(loc, scale, tailweight, skewness): normal(loc + skewness V, sqrt(V)), V inverse Gaussian."""

from sympy import Abs, I, Symbol, exp, sqrt

from fsb_oracle.backends.noise import Normal, Uniform
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Conditional, Family, Parameter, Recipe, v, w
from fsb_oracle.families.inverse_gaussian import inverse_gaussian

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
_tailweight, _skewness = Parameter("tailweight", POSITIVE), Parameter("skewness", REAL)
loc, scale, tailweight, skewness = (p.symbol for p in (_loc, _scale, _tailweight, _skewness))
eps, eta, u = Symbol("eps", real=True), Symbol("eta", real=True), Symbol("u", real=True)

above, below = tailweight - skewness, tailweight + skewness
gap = sqrt(above) * sqrt(below)
mixing = {"loc": scale / gap, "concentration": scale**2}
jump = inverse_gaussian.recipe.expression.xreplace(
    {inverse_gaussian.symbol(name): value for name, value in mixing.items()} | {Symbol("eps", real=True): eta}
)

normal_inverse_gaussian = Family(
    name="normal_inverse_gaussian",
    parameters=(_loc, _scale, _tailweight, _skewness),
    support=LINE,
    log_density=None,
    # Barndorff-Nielsen 1997
    characteristic_function=exp(I * loc * w + scale * (gap - sqrt(above - I * w) * sqrt(below + I * w))),
    strip=(-above, below),
    mean=loc + scale * skewness / gap,
    variance=scale * tailweight**2 / gap**3,
    conditional=Conditional("inverse_gaussian", mixing, loc + skewness * v, v),
    constraint=(Abs(skewness) < tailweight, "|skewness| < tailweight"),
    recipe=Recipe({"eta": Normal(), "u": Uniform(), "eps": Normal()}, loc + skewness * jump + sqrt(jump) * eps),
    catalogue={"mu": loc, "delta": scale, "alpha": tailweight, "beta": skewness},
    edges=(
        {"loc": "0", "scale": "1", "tailweight": "1", "skewness": "0"},
        {"loc": "0.2", "scale": "0.8", "tailweight": "1.5", "skewness": "0.6"},
        {"loc": "0", "scale": "1", "tailweight": "10", "skewness": "-9.99"},
        {"loc": "-0.5", "scale": "0.01", "tailweight": "0.1", "skewness": "0.05"},
        {"loc": "1", "scale": "30", "tailweight": "20", "skewness": "3"},
    ),
)
