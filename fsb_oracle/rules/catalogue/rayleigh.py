"""Rules of the Rayleigh law: z^2 is exponential; catalogue letter sigma (scale)."""

from sympy import S

from fsb_oracle.rules.squares import scale_rules

RULES = scale_rules("RAY", "rayleigh", S.One, lambda c: 1, lambda c: 2 * c.sigma**2, "k = 1, theta = 2 sigma^2")

# the plain derivative serves every other parameter too; for jumps the bounded difference
RECOMMENDED = {"scale": ("RAY-sig-D", "RAY-sig-S")}
