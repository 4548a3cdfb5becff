"""Rules of the Frechet law: log(z/s) is Gumbel of scale 1/alpha; catalogue letters s (scale), alpha (concentration)."""

from fsb_oracle.backends.noise import Exponential, GumbelKhinchine, GumbelLayerAbove, GumbelLayerBelow, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _point(c, x):
    return c.s * c.math.exp(x / c.alpha)


def _layer(f, c, above, below):
    density_at_mode = c.alpha * c.math.exp(c.math.rational(-1, 1)) / c.s
    return density_at_mode * (f(_point(c, above)) - f(_point(c, -below)))


def _shape_path(f, c, e):
    log_e = c.math.log(e)
    z = _point(c, -log_e)
    return z * log_e / c.alpha**2 * f.derivative(z)


RULES = (
    Rule(
        id="FRE-s-D",
        family="frechet",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, z: z / c.s * f.derivative(z),
        formula="(z/s) f'(z)",
        source="GUM-mu-D in log z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="FRE-s-L",
        family="frechet",
        parameter="scale",
        letter="s",
        space="log",
        kernel=_layer,
        noise={"above": GumbelLayerAbove(), "below": GumbelLayerBelow()},
        requires="F0",
        cost=Cost(f=2),
        formula="(alpha/(e s)) [f(s exp(x/alpha)) - f(s exp(-y/alpha))], x, y layers of the standard Gumbel density",
        source="GUM-mu-L in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="FRE-al-K",
        family="frechet",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=lambda f, c, x, u: (f(_point(c, u * x)) - f(_point(c, x))) / c.alpha,
        noise={"x": GumbelKhinchine(), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/alpha) [f(s exp(u x/alpha)) - f(s exp(x/alpha))], x of the Khinchine law of the Gumbel density",
        source="GUM-be-K in log z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="FRE-al-path",
        family="frechet",
        parameter="concentration",
        letter="alpha",
        space="log",
        kernel=_shape_path,
        noise={"e": Exponential()},
        formula="-(z log(z/s)/alpha) f'(z), z = s e^(-1/alpha)",
        source="reparameterization: Kingma and Welling 2014",
    ),
)

# as for the Gumbel law
RECOMMENDED = {"scale": ("FRE-s-D", "FRE-s-L"), "concentration": ("FRE-al-path", "FRE-al-K")}
