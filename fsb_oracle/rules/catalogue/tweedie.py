"""Rules of the Tweedie law: those of a random sum of gamma variables."""

from fsb_oracle.families.gamma import gamma
from fsb_oracle.families.tweedie import PREFIX, tweedie
from fsb_oracle.rules.catalogue.compound_poisson import compound_recommended, compound_rules

RULES = compound_rules(tweedie, gamma, PREFIX, "TWE")
RECOMMENDED = compound_recommended(gamma, PREFIX, "TWE")
