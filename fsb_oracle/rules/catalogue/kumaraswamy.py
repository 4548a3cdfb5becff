"""Rules of the Kumaraswamy law; catalogue letters a = concentration1, b = concentration0: 1 - z**a = exp(-e/b), e
exponential."""

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.rules.rule import Rule


def _log_point(c, e):
    return c.math.log1mexp(-e / c.b) / c.a


def _path_of_power(f, c, e):
    log_z = _log_point(c, e)
    z = c.math.exp(log_z)
    return -z * log_z / c.a * f.derivative(z)


def _path_of_tail(f, c, e):
    z = c.math.exp(_log_point(c, e))
    return -z * e / (c.a * c.b * c.b * c.math.expm1(e / c.b)) * f.derivative(z)


RULES = (
    Rule(
        id="KUM-a-path",
        family="kumaraswamy",
        parameter="concentration1",
        letter="a",
        space="log",
        kernel=_path_of_power,
        noise={"e": Exponential()},
        formula="-(z log(z)/a) f'(z), z = (1 - exp(-e/b))^(1/a)",
        source="log z scales with 1/a",
        remarks="equals reparameterization",
    ),
    Rule(
        id="KUM-b-path",
        family="kumaraswamy",
        parameter="concentration0",
        letter="b",
        space="log",
        kernel=_path_of_tail,
        noise={"e": Exponential()},
        formula="-(z e/(a b^2 (exp(e/b) - 1))) f'(z), z = (1 - exp(-e/b))^(1/a)",
        source="reparameterization: Kingma and Welling 2014",
    ),
)

RECOMMENDED = {"concentration1": ("KUM-a-path",), "concentration0": ("KUM-b-path",)}
