"""Dirac(loc): the point mass at loc; its Fourier rule is classical backpropagation."""

from sympy import I, S, exp

from fsb_oracle.families.family import REAL, Family, Parameter, Recipe, Support, w

_loc = Parameter("loc", REAL)
loc = _loc.symbol

dirac = Family(
    name="dirac",
    parameters=(_loc,),
    support=Support("point", loc, loc),
    log_density=None,
    characteristic_function=exp(I * loc * w),
    mean=loc,
    variance=S.Zero,
    recipe=Recipe({}, loc),
    catalogue={"x": loc},
    edges=({"loc": "0.3"}, {"loc": "-2"}),
)
