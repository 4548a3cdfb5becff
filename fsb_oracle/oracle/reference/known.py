"""What is known of some cases from elsewhere: points at which other software has computed 12 digits, and formulas."""

from __future__ import annotations

# The golden points: d E f / d parameter has been computed there by the literature's formulas in 30-digit arithmetic,
# by two quadratures that agree to 1e-15 or by sums; the tests compare the stored values with those 12 digits.
GOLDEN_PROBES = ("sin", "cos3", "bump", "tanh")
GOLDEN_POINTS: dict[str, tuple[dict[str, str], ...]] = {
    "normal": ({"loc": "0.3", "scale": "0.8"},),
    "laplace": ({"loc": "0.3", "scale": "1.2"},),
    "gamma": ({"concentration": "2.5", "rate": "10/7"}, {"concentration": "0.1", "rate": "1"}),
    "exponential": ({"rate": "10/13"},),
    "beta": (
        {"concentration1": "2", "concentration0": "3"},
        {"concentration1": "0.3", "concentration0": "0.4"},
    ),
    "uniform": ({"low": "-0.4", "high": "1.7"},),
    "poisson": ({"rate": "2.5"},),
    "logistic": ({"loc": "0.2", "scale": "0.8"},),
    "gumbel": ({"loc": "0.2", "scale": "0.6"},),
    "cauchy": ({"loc": "0.2", "scale": "1.3"},),
    "inverse_gaussian": ({"loc": "1", "concentration": "2"},),
    "normal_inverse_gaussian": ({"loc": "0", "scale": "0.8", "tailweight": "2", "skewness": "0.5"},),
    "stable": (
        {"alpha": "1.5", "beta": "-0.6", "loc": "-0.3", "scale": "0.8"},
        {"alpha": "0.7", "beta": "0.5", "loc": "0.2", "scale": "1.3"},
    ),
    "tempered_stable": ({"alpha": "0.5", "intensity": "0.7", "rate": "1.2"},),
    "noncentral_chi2": ({"df": "1.5", "noncentrality": "2"},),
    "variance_gamma": ({"loc": "0", "drift": "0.3", "scale": "0.9", "variance_rate": "0.5"},),
    "student_t": ({"df": "3", "loc": "0.4", "scale": "1"}, {"df": "10", "loc": "0.4", "scale": "1"}),
    "binomial": ({"total_count": "5", "probs": "0.2"},),
    "negative_binomial": ({"total_count": "2.3", "probs": "0.6"},),
    "geometric": ({"probs": "0.3"},),
}

# (law, f) -> E f, in the syntax of f; i is the imaginary unit.
FORMULAS = {
    ("normal", "z**2"): "loc**2 + scale**2",
    ("normal", "sin(3*z)"): "sin(3*loc)*exp(-9*scale**2/2)",
    ("normal", "sin(z)"): "sin(loc)*exp(-scale**2/2)",
    ("normal", "cos(3*z)"): "cos(3*loc)*exp(-9*scale**2/2)",
    ("normal", "exp(-z**2)"): "exp(-loc**2/(1 + 2*scale**2))/sqrt(1 + 2*scale**2)",
    ("laplace", "z**2"): "loc**2 + 2*scale**2",
    ("laplace", "sin(3*z)"): "sin(3*loc)/(1 + 9*scale**2)",
    ("laplace", "sin(z)"): "sin(loc)/(1 + scale**2)",
    ("gamma", "z**2"): "concentration*(concentration + 1)/rate**2",
    ("gamma", "sin(3*z)"): "im((1 - 3*i/rate)**(-concentration))",
    ("gamma", "cos(3*z)"): "re((1 - 3*i/rate)**(-concentration))",
    ("exponential", "z**2"): "2/rate**2",
    ("exponential", "sin(3*z)"): "3*rate/(rate**2 + 9)",
    ("exponential", "Heaviside(z - 1/2)"): "exp(-rate/2)",
    ("exponential", "Max(z - 1/2, 0)"): "exp(-rate/2)/rate",
    ("uniform", "z**2"): "(low**2 + low*high + high**2)/3",
    ("uniform", "sin(3*z)"): "(cos(3*low) - cos(3*high))/(3*(high - low))",
    ("bernoulli", "sin(3*z)"): "probs*sin(3)",
    ("bernoulli", "tanh(z)"): "probs*tanh(1)",
    ("poisson", "z**2"): "rate + rate**2",
    ("poisson", "sin(3*z)"): "im(exp(rate*(exp(3*i) - 1)))",
    ("dirac", "tanh(z)"): "tanh(loc)",
    ("cauchy", "sin(3*z)"): "sin(3*loc)*exp(-3*scale)",
}
