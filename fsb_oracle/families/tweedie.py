"""Tweedie(rate, jump_concentration, jump_rate): the sum of a Poisson(rate) number of gamma variables; 0 without any.

The exponential dispersion family of power between 1 and 2: its power is
(jump_concentration + 2)/(jump_concentration + 1), its mean rate jump_concentration/jump_rate.
"""

from dataclasses import replace

from fsb_oracle.families.compound_poisson import compound_family
from fsb_oracle.families.gamma import gamma

PREFIX = "jump_"

tweedie = replace(
    compound_family("tweedie", gamma, PREFIX),
    edges=(
        {"rate": "2", "jump_concentration": "2.5", "jump_rate": "1"},
        {"rate": "1.5", "jump_concentration": "0.7", "jump_rate": "2"},
        {"rate": "0.001", "jump_concentration": "5", "jump_rate": "0.1"},
        {"rate": "40", "jump_concentration": "0.01", "jump_rate": "3"},
    ),
)
