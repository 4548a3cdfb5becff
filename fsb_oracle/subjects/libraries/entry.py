"""How a class of a library says one of our laws: a line of a table, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.families import Family, Parameters, get_family, resolve_family
from fsb_oracle.families.vector_recipe import carrier
from fsb_oracle.subjects.libraries.events import SAME, Event

LOGIT = "log(probs/(1 - probs))"
OF_CATEGORIES = ("mean", "variance")  # not a number for laws of categories
TWO_CLASSES = "with two classes: of more, the oracle has no route to expectations"
TWO_VARIABLES = "of two variables: of more, the law of all correlations is not among ours"

# where laws with lists and matrices are verified, by sampling
POINTS: dict[str, tuple[Mapping[str, str], ...]] = {
    "categorical": ({"logits": "[0.1, -0.2, 0.5]"},),
    "multinomial": ({"total_count": "5", "logits": "[0.1, -0.2, 0.5]"},),
    "beta_binomial": (
        {"total_count": "10", "concentration1": "2", "concentration0": "3"},
        {"total_count": "5", "concentration1": "0.01", "concentration0": "0.02"},
        {"total_count": "50", "concentration1": "1000", "concentration0": "200"},
    ),
    "dirichlet": ({"concentration": "[1.5, 2, 0.7]"}, {"concentration": "[0.1, 0.2, 0.4]"}),
    "dirichlet_multinomial": (
        {"total_count": "5", "concentration": "[1.5, 2, 0.7]"},
        {"total_count": "5", "concentration": "[0.01, 0.01, 0.02]"},
    ),
    "covariance_matrix": ({"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},),
    "scale_tril": (
        {"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"},
        {"loc": "[0.1, -0.2, 0.3]", "scale_tril": "[[1, 0, 0], [0.3, 1.4, 0], [-0.2, 0.1, 0.7]]"},
    ),
    "multivariate_student_t": ({"df": "12", "loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"},),
    "diagonal": ({"loc": "[0.1, -0.2]", "scale_tril": "[[0.8, 0], [0, 1.4]]"},),
    "mixture": (
        {"logits": "[0.3, -0.4]", "components": "[normal(loc=-1, scale=0.8), normal(loc=1, scale=1.5)]"},
        {"logits": "[0, 3]", "components": "[normal(loc=0, scale=0.1), normal(loc=10, scale=5)]"},
    ),
    "wishart": ({"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},),
}


@dataclass(frozen=True)
class Of:
    """An argument as array code of our vectors and matrices: `function(c)`, with `c.math` and the parameters as arrays
    with leading axes. It depends on `parameters`, which may be single components ("scale_tril.0.0")."""

    parameters: tuple[str, ...]
    function: Callable[[Any], Any]


@dataclass(frozen=True)
class Entry:
    """One class, in one parameterisation.

    Attributes:
        law: the family's name here.
        arguments: the class's argument -> one of our parameters, or an expression in them ("log(probs/(1 - probs))"),
            or array code of them (`Of`).
        constants: arguments that are no parameter (a truncation, a flag).
        fixed: values of our parameters that the class fixes.
        points: for laws whose parameters are lists or matrices, where it is verified; else the law's own edges.
        one_noise: whether dz/dtheta is a function of z alone (one noise variable, monotone): only then is there a
            pointwise truth for it.
        offers: what is verified of the class, of "rsample" and "log_prob".
        without: statistics that the class defines as not a number (a mean of categories).
        event: how a sample is represented where it is not ours.
        build: `build(module, **arguments)` makes the law, where the class is not called with the arguments themselves.
        variant: a word that tells several parameterisations of one class apart.
        remark: what is not verified, and why.
    """

    law: str
    arguments: Mapping[str, str | Of]
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    fixed: Mapping[str, str] = field(default_factory=dict[str, str])
    points: tuple[Mapping[str, str], ...] = ()
    one_noise: bool = True
    offers: tuple[Literal["rsample", "log_prob"], ...] = ("rsample", "log_prob")
    without: tuple[str, ...] = ()
    event: Event = SAME
    build: Callable[..., Any] | None = None
    variant: str = ""
    remark: str = ""

    def families(self) -> tuple[Family, ...]:
        """The law: once, or for each shape of the points, carrying the points of that shape as its edges."""
        if not self.points:
            return (get_family(self.law),)
        by_shape: dict[Family, list[Parameters]] = {}
        for point in self.points:
            law, values = resolve_family(self.law, point)
            by_shape.setdefault(law, []).append(values)
        return tuple(
            replace(law, edges=tuple({name: str(value) for name, value in at.items()} for at in points))
            for law, points in by_shape.items()
        )

    def called_with(self, m: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """The class's arguments as arrays of the back end `m`, from the scalar components of our parameters."""
        ours = carrier(m, values)

        def value(of: str | Of) -> Any:
            if isinstance(of, Of):
                return of.function(ours)
            return vars(ours)[of] if of in vars(ours) else _expression(of, tuple(values))(m, *values.values())

        return {argument: value(of) for argument, of in self.arguments.items()} | dict(self.constants)

    def claimed(self, law: Family) -> tuple[str, ...]:
        """The scalar components of our parameters that the class takes, and that have a gradient."""
        used = frozenset[str]().union(
            *(of.parameters if isinstance(of, Of) else _names(of) for of in self.arguments.values())
        )
        return tuple(
            name for name in law.continuous_names if {name, name.partition(".")[0]} & used and not _above_diagonal(name)
        )


def _above_diagonal(name: str) -> bool:
    """Whether a component of a triangular matrix is no parameter: libraries read it or not, as it is 0 either way."""
    head, *index = name.split(".")
    return head == "scale_tril" and int(index[0]) < int(index[1])


@lru_cache(maxsize=256)  # asked for at every draw
def _names(text: str) -> frozenset[str]:
    return frozenset(str(symbol) for symbol in _read(text, _local(text)).free_symbols)


@lru_cache(maxsize=256)
def _expression(text: str, names: tuple[str, ...]) -> Any:
    symbols = tuple(sympy.Symbol(name, real=True) for name in names)
    return compile_expression(_read(text, {str(s): s for s in symbols}), symbols)


def _read(text: str, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    return sympy.sympify(text, locals=symbols)  # pyright: ignore[reportCallIssue]


def _local(text: str) -> dict[str, sympy.Symbol]:
    """Our parameter names as symbols: some (beta) are functions to SymPy."""
    import re

    return {
        name: sympy.Symbol(name) for name in re.findall(r"[A-Za-z_]\w*", text) if name not in ("log", "exp", "sqrt")
    }


def _diagonal(c: Any) -> Any:
    return c.math.stack([c.scale_tril[..., i, i] for i in range(c.loc.shape[-1])])


def _softmax(powers: Any) -> Any:
    return powers / powers.sum(-1)[..., None]


DIAGONAL = Of(("scale_tril.0.0", "scale_tril.1.1"), _diagonal)
PAIR_OF_PROBS = Of(("probs",), lambda c: c.math.stack([c.probs, 1 - c.probs]))
PAIR_OF_LOGITS = Of(("probs",), lambda c: c.math.stack([c.math.log(c.probs / (1 - c.probs)), 0 * c.probs]))
PROBABILITIES = Of(("logits",), lambda c: _softmax(c.math.exp(c.logits)))

# a mixture of normals by its logits, and the vectors of the components' parameters
MIXTURE: dict[str, str | Of] = {
    "logits": "logits",
    "loc": Of(("components",), lambda c: c.math.stack([part.loc for part in c.components])),
    "scale": Of(("components",), lambda c: c.math.stack([part.scale for part in c.components])),
}

NOISE = 0.0625  # the diagonal part of a low-rank covariance


def low_rank_factor(c: Any) -> Any:
    """A W with W W' + NOISE = L L': of the law's triangular root L, which is differentiated."""
    return c.math.cholesky(c.scale_tril @ c.scale_tril.mT - NOISE * c.math.identity(c.loc.shape[-1], c.loc))


LOW_RANK = Of(("scale_tril",), low_rank_factor)
LOW_RANK_DIAGONAL = Of((), lambda c: NOISE + 0 * c.loc)


def same(law: str, *names: str, **options: Any) -> Entry:
    """The entry of a class whose arguments carry our parameters' names."""
    return Entry(law, {name: name for name in names}, **options)


__all__ = [
    "DIAGONAL", "LOGIT", "LOW_RANK", "LOW_RANK_DIAGONAL", "MIXTURE", "OF_CATEGORIES", "PAIR_OF_LOGITS", "PAIR_OF_PROBS",
    "POINTS", "PROBABILITIES", "TWO_CLASSES", "TWO_VARIABLES",
    "Entry", "Of", "same",
]  # fmt: skip
