"""Rules of the Maxwell law: z^2 is gamma of concentration 3/2; catalogue letter sigma (scale)."""

from sympy import Rational

from fsb_oracle.rules.squares import scale_rules

RULES = scale_rules(
    "MAX",
    "maxwell",
    Rational(3, 2),
    lambda c: c.math.rational(3, 2),
    lambda c: 2 * c.sigma**2,
    "k = 3/2, theta = 2 sigma^2",
)

# the plain derivative serves every other parameter too; for jumps the bounded difference
RECOMMENDED = {"scale": ("MAX-sig-D", "MAX-sig-S")}
