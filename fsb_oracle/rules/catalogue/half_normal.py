"""Rules of the half-normal law: z^2 is gamma of concentration 1/2; catalogue letter sigma (scale)."""

from sympy import S

from fsb_oracle.rules.squares import scale_rules

RULES = scale_rules(
    "HNO",
    "half_normal",
    S.Half,
    lambda c: c.math.rational(1, 2),
    lambda c: 2 * c.sigma**2,
    "k = 1/2, theta = 2 sigma^2",
)

# the plain derivative serves every other parameter too; for jumps the bounded difference
RECOMMENDED = {"scale": ("HNO-sig-D", "HNO-sig-S")}
