"""Laws with lists, matrices and laws as parameters: shapes, texts, samples, and what is refused."""

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy

from fsb_oracle.cli import main
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family, list_templates, resolve_family
from fsb_oracle.families.joint import positive_definite
from fsb_oracle.families.squared import by_squared_scale
from fsb_oracle.oracle.exact import exact

EDGES = [(template, edge) for template in list_templates() for edge in template.edges]


@pytest.mark.parametrize(("template", "edge"), EDGES, ids=[f"{t.name}-{t.edges.index(edge)}" for t, edge in EDGES])
def test_every_edge_point_resolves(template, edge):
    family, values = template.resolve(edge)
    assert family.name == template.name
    assert tuple(values) == family.names
    assert all(isinstance(value, Fraction) for value in values.values())
    again, _ = template.resolve(edge)
    assert again == family and hash(again) == hash(family)


def test_samples_are_named_by_component():
    def samples(name, **values):
        return [str(s) for s in resolve_family(name, values)[0].samples]

    assert samples("multivariate_normal", loc="[0, 1]", scale_tril="[[1, 0], [0, 1]]") == ["z0", "z1"]
    assert samples("wishart", df="3", covariance_matrix="[[1, 0], [0, 1]]") == ["z00", "z01", "z11"]
    assert samples("categorical", logits="[0, 1]") == ["z"]
    assert samples("mixture", logits="[0]", components="[dirichlet(concentration=[1, 2])]") == ["z0", "z1"]


def test_text_lists_and_arrays_are_read_alike():
    values = {"loc": [0.5, -1], "covariance_matrix": np.array([[2.0, 0.25], [0.25, 1.0]])}
    texts = {"loc": "[0.5, -1]", "covariance_matrix": "[[2, 1/4], [0.25, 1]]"}
    assert resolve_family("multivariate_normal", values) == resolve_family("multivariate_normal", texts)


def test_laws_of_one_name_and_another_shape_differ():
    two, _ = resolve_family("mixture", {"logits": "[0]", "components": "[normal(loc=0, scale=1)]"})
    other, _ = resolve_family("mixture", {"logits": "[0]", "components": "[laplace(loc=0, scale=1)]"})
    assert two != other


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("multivariate_normal", {"loc": "[0, 0]", "covariance_matrix": "[[1, 2], [2, 1]]"},
         "covariance_matrix=[[1, 2], [2, 1]] is not positive definite"),
        ("multivariate_normal", {"loc": "[0, 0]", "covariance_matrix": "[[1, 2], [1, 9]]"}, "is not symmetric"),
        ("multivariate_normal", {"loc": "[0, 0]", "covariance_matrix": "[[1, 1], [1, 1]]"}, "is not positive definite"),
        ("multivariate_normal", {"loc": "[0, 0]", "covariance_matrix": "[1, 1]"}, "must be a square matrix"),
        ("multivariate_normal", {"loc": "[0]", "covariance_matrix": "[[1, 0], [0, 1]]"}, "they must agree"),
        ("multivariate_normal", {"loc": "[0, 0]"}, "exactly one of covariance_matrix, scale_tril"),
        ("multivariate_normal", {"loc": "[0, 0]", "scale_tril": "[[1, 2], [0, 1]]"}, "above the diagonal must be 0"),
        ("multivariate_student_t", {"df": "3", "loc": "[0]", "scale_tril": "[[-1]]"}, "needs a positive diagonal"),
        ("wishart", {"df": "1", "covariance_matrix": "[[1, 0], [0, 1]]"}, "df=1 must be greater than 1"),
        ("dirichlet", {"concentration": "[1, -1]"}, "concentration.1=-1 must be greater than 0"),
        ("dirichlet", {"concentration": "[1]"}, "at least 2 are needed"),
        ("categorical", {"logits": "3"}, "must be a list of numbers"),
        ("multinomial", {"total_count": "2.5", "logits": "[0, 0]"}, "a whole number from 1 on"),
        ("mixture", {"logits": "[0, 1]", "components": "[normal(loc=0, scale=1)]"}, "they must agree"),
        ("mixture", {"logits": "[0]", "components": "[norml(loc=0, scale=1)]"}, "did you mean 'normal'"),
        ("mixture", {"logits": "[0]", "components": "[normal(loc=0, scale=-1)]"}, "scale=-1 must be greater than 0"),
        ("mixture",
         {"logits": "[0, 0]", "components": "[normal(loc=0, scale=1), dirichlet(concentration=[1, 2])]"},
         "normal has z and dirichlet has z0, z1"),
        ("compound_poisson", {"rate": "1", "jump": "dirichlet(concentration=[1, 2])"}, "no characteristic function"),
        ("compound_poisson", {"rate": "-1", "jump": "normal(loc=0, scale=1)"}, "rate=-1 must be greater than 0"),
    ],
    ids=[
        "indefinite", "asymmetric", "singular", "no-matrix", "sizes", "no-matrix-given", "not-triangular", "diagonal",
        "df", "negative", "too-short", "no-list", "count", "lengths", "unknown-law", "law-domain", "variables",
        "jump-of-two", "rate",
    ],
)  # fmt: skip
def test_one_sentence_refuses_what_is_no_parameter(name, values, words):
    with pytest.raises(UsageError) as caught:
        resolve_family(name, values)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tiny_determinant_is_still_positive():
    third = Fraction(1, 3)
    assert positive_definite(((third, third), (third, third + Fraction(1, 10**40))))
    assert not positive_definite(((third, third), (third, third)))


def test_f_may_use_the_variables_of_the_law_alone():
    with pytest.raises(UsageError, match="f uses z0, but normal has the one variable z"):
        exact("normal", {"loc": 0, "scale": 1}, "sin(z0)")
    with pytest.raises(UsageError, match="f uses z, but dirichlet has the variables z0, z1"):
        exact("dirichlet", {"concentration": [1, 2]}, "z")
    with pytest.raises(UsageError, match="f uses z10, but wishart has the variables z00, z01, z11"):
        exact("wishart", {"df": 3, "covariance_matrix": [[1, 0], [0, 1]]}, "z10")


@pytest.mark.parametrize("name", ["normal", "laplace", "student_t"])
def test_the_square_of_the_scale_may_be_the_parameter(name):
    law = get_family(name)
    squared = by_squared_scale(law)
    variance = squared.symbol("scale_squared")
    assert "scale" not in squared.names
    for own, expected in ((squared.log_density, law.log_density), (squared.variance, law.variance)):
        back = own.subs(variance, law.symbol("scale") ** 2)
        assert sympy.simplify(back - expected) == 0


@pytest.mark.parametrize(
    ("arguments", "gradient"),
    [
        (["multivariate_normal", "loc=[0.1,-0.2]", "covariance_matrix=[[1,0.3],[0.3,2]]", "--f", "z0*z1"],
         {"loc": 2, "covariance_matrix": 2}),
        (["mixture", "logits=[0,1]", "components=[normal(loc=-1,scale=1),normal(loc=1,scale=1)]", "--f", "z**2"],
         {"logits": 2, "components": 2}),
        (["compound_poisson", "rate=2", "jump=normal(loc=0,scale=1)", "--f", "z**2"], {"rate": None, "jump": None}),
    ],
    ids=["matrix", "laws", "law"],
)  # fmt: skip
def test_the_command_line_reads_lists_and_laws(arguments, gradient, capsys):
    assert main(["exact", *arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["gradient"]
    assert set(found) == set(gradient)
    for name, length in gradient.items():
        assert length is None or len(found[name]) == length
    assert main(["exact", *arguments]) == 0


def test_a_matrix_error_is_a_usage_error_of_the_command_line(capsys):
    code = main(["exact", "multivariate_normal", "loc=[0,0]", "covariance_matrix=[[1, 2], [2, 1]]", "--f", "z0"])
    assert code == 2
    assert capsys.readouterr().err == "fsb-oracle: covariance_matrix=[[1, 2], [2, 1]] is not positive definite\n"


def test_a_named_probe_is_no_component():
    """z2 is the probe z**2 for a law of one variable, and the third component of a vector."""
    one = exact("normal", {"loc": 0, "scale": 1}, "z2")
    third = exact("dirichlet", {"concentration": [1, 1, 2]}, "z2")
    assert one.expectation.contains(1) and third.expectation.contains(Fraction(1, 2))
    with pytest.raises(UsageError, match="f uses z2, but dirichlet has the variables z0, z1"):
        exact("dirichlet", {"concentration": [1, 2]}, "z2")
