"""Special functions as SymPy classes, with derivatives in their parameters too, which SymPy's own lack.

They stay unevaluated until `flint_special` (balls) or `mpmath_math` evaluate them. Derivatives: NIST Digital Library of
Mathematical Functions, 8.8, 10.29 and 16.3.
"""

from __future__ import annotations

from typing import Any

import sympy

from fsb_oracle.backends.mpmath_math import MpmathMath


class _Special(sympy.Function):
    """A function that is never simplified; `evalf` takes its numbers from mpmath."""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return super().__new__(cls, *args, **options)

    def _eval_mpmath(self) -> tuple[Any, tuple[Any, ...]]:
        return getattr(MpmathMath, type(self).__name__), self.args


class expm1(_Special):
    """exp(x) - 1, with its digits near 0."""

    nargs = 1

    @classmethod
    def eval(cls, x: Any) -> Any:
        """exp(-log(1 - exp(y))) - 1 is 1/(exp(-y) - 1)."""
        return 1 / expm1(-(-x).args[0]) if isinstance(-x, log1mexp) else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sympy.exp(self.args[0])


class log1mexp(_Special):
    """log(1 - exp(x)) for x < 0, with its digits at both ends; it is its own inverse."""

    nargs = 1
    is_extended_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        if x == -sympy.log(2):  # the middle, where both ends of the interval meet
            return x
        return x.args[0] if isinstance(x, log1mexp) else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return -1 / expm1(-self.args[0])  # pyright: ignore[reportOperatorIssue]


class normal_mass(_Special):
    """P(low < X < high) of a standard normal X, with its digits in either tail."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        density = sympy.exp(-(self.args[argindex - 1] ** 2) / 2) / sympy.sqrt(2 * sympy.pi)  # pyright: ignore[reportOperatorIssue]
        return -density if argindex == 1 else density


class hyp0f1(_Special):
    """The confluent limit function 0F1(; b; x)."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        b, x = self.args
        return hyp0f1_db(b, x) if argindex == 1 else hyp0f1(b + 1, x) / b  # pyright: ignore[reportOperatorIssue]


class hyp0f1_db(_Special):
    """d/db 0F1(; b; x)."""

    nargs = 2


class besseli(_Special):
    """The modified Bessel function I of a constant order, at x."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        order, x = self.args
        assert argindex == 2, "the order of I is a constant"
        return (besseli(order - 1, x) + besseli(order + 1, x)) / 2  # pyright: ignore[reportOperatorIssue]


class log_besseli(_Special):
    """log I of a constant order >= 0 at x > 0, finite where I is beyond the numbers of a dtype."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        order, x = self.args
        assert argindex == 2, "the order of I is a constant"
        return besseli_ratio(order, x) + order / x  # pyright: ignore[reportOperatorIssue]


class besseli_ratio(_Special):
    """I of order + 1 over I of a constant order >= 0, at x > 0; between 0 and 1."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        order, x = self.args
        assert argindex == 2, "the order of I is a constant"
        return 1 - self**2 - (2 * order + 1) * self / x  # pyright: ignore[reportOperatorIssue]


class besselk(_Special):
    """The modified Bessel function K of any order, at x."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        order, x = self.args
        return besselk_dorder(order, x) if argindex == 1 else _slope_of_k(besselk, order, x)


class besselk_dorder(_Special):
    """The derivative of K in its order."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        assert argindex == 2, "K has no second derivative in its order here"
        return _slope_of_k(besselk_dorder, *self.args)


def _slope_of_k(function: type[sympy.Function], order: Any, x: Any) -> sympy.Expr:
    return -(function(order - 1, x) + function(order + 1, x)) / 2  # pyright: ignore[reportOperatorIssue]


class uppergamma(_Special):
    """The upper incomplete gamma function Gamma(s, x)."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        s, x = self.args
        return uppergamma_ds(s, x) if argindex == 1 else -(x ** (s - 1)) * sympy.exp(-x)  # pyright: ignore[reportOperatorIssue]


class uppergamma_ds(_Special):
    """The derivative of Gamma(s, x) in s."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        s, x = self.args
        assert argindex == 2, "Gamma(s, x) has no second derivative in s here"
        return -sympy.log(x) * x ** (s - 1) * sympy.exp(-x)  # pyright: ignore[reportOperatorIssue]


LOWERED = (
    expm1, log1mexp, normal_mass, hyp0f1, hyp0f1_db, besseli, log_besseli, besseli_ratio, besselk, besselk_dorder,
    uppergamma, uppergamma_ds,
)  # fmt: skip
