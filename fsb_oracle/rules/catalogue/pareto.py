"""Rules of the Pareto law: log(z/xm) is exponential of scale 1/al; catalogue letters xm (scale), al (alpha)."""

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.rules.rule import Comparison, Cost, Rule


def _stretched(c, z, e):
    return z * c.math.exp(e / c.al)


def _slope(f, point):
    return point * f.derivative(point)


RULES = (
    Rule(
        id="PAR-xm-P",
        family="pareto",
        parameter="scale",
        letter="xm",
        space="log",
        kernel=lambda f, c, z: c.al / c.xm * (f(z) - f(c.xm)),
        requires="F0",
        cost=Cost(f=2),
        formula="(al/xm) [f(z) - f(xm)]",
        source="weak derivative: the law minus a point mass at the moving end",
        remarks="f continuous at xm; f(xm) may be computed once",
        wins=(Comparison("pathwise", {"scale": "1", "alpha": "0.1"}, "exp(-z**2)"),),
        loses=(Comparison("pathwise", {"scale": "0.4", "alpha": "5"}, "tanh(z)"),),
    ),
    Rule(
        id="PAR-xm-D",
        family="pareto",
        parameter="scale",
        letter="xm",
        space="log",
        kernel=lambda f, c, z: _slope(f, z) / c.xm,
        formula="(z/xm) f'(z)",
        source="symbol of the location of log z",
        remarks="equals reparameterization",
        wins=(Comparison("PAR-xm-P", {"scale": "0.4", "alpha": "5"}, "tanh(z)"),),
        loses=(Comparison("PAR-xm-P", {"scale": "1", "alpha": "0.1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="PAR-al-S",
        family="pareto",
        parameter="alpha",
        letter="al",
        space="log",
        kernel=lambda f, c, z, e: (f(z) - f(_stretched(c, z, e))) / c.al,
        noise={"e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="-(1/al) [f(z exp(e/al)) - f(z)], e ~ Exp(1)",
        source="EXP-s-S in log z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("pathwise", {"scale": "1", "alpha": "3"}, "cos(3*z)"),),
        loses=(Comparison("pathwise", {"scale": "1", "alpha": "3"}, "tanh(z)"),),
    ),
    Rule(
        id="PAR-al-A",
        family="pareto",
        parameter="alpha",
        letter="al",
        space="log",
        kernel=lambda f, c, z, e: -_slope(f, _stretched(c, z, e)) / c.al**2,
        noise={"e": Exponential()},
        formula="-(1/al^2) y f'(y), y = z exp(e/al), e ~ Exp(1)",
        source="EXP-s-U in log z",
        remarks="needs E |y f'(y)|^2",
        wins=(Comparison("pathwise", {"scale": "0.4", "alpha": "5"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"scale": "1", "alpha": "0.1"}, "exp(-z**2)"),),
    ),
)

# scale: the value at the moving end is computed once; alpha: no derivative, bounded for bounded f
RECOMMENDED = {"scale": ("PAR-xm-P",), "alpha": ("PAR-al-S",)}
