"""Rules of the half-Cauchy law; catalogue letter gamma (scale)."""

from fsb_oracle.backends.noise import StudentKhinchine, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _khinchine(f, c, x, u):
    far = c.gamma * c.math.abs(x)
    return (f(far) - f(far * u)) / c.gamma


RULES = (
    Rule(
        id="HCA-g-D",
        family="half_cauchy",
        parameter="scale",
        letter="gamma",
        space="log",
        kernel=lambda f, c, z: z / c.gamma * f.derivative(z),
        formula="(z/gamma) f'(z)",
        source="symbol of the location of log z",
        remarks="equals reparameterization; no variance for f' that does not die out",
    ),
    Rule(
        id="HCA-g-K",
        family="half_cauchy",
        parameter="scale",
        letter="gamma",
        space="log",
        kernel=_khinchine,
        noise={"x": StudentKhinchine(1), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(gamma x) - f(gamma u x)] / gamma, x of density 4 x^2/(pi (1 + x^2)^2) on x > 0",
        source="Khinchine rule, as CAU-g-K",
        remarks="for bounded f, jumps included: variance at most (sup f - inf f)^2/gamma^2",
    ),
)

# bounded whatever f does, as for the Cauchy law
RECOMMENDED = {"scale": ("HCA-g-K",)}
