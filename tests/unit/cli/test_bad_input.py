"""Every kind of bad input to `fsb-oracle exact` is one clear sentence with the value and what is allowed, and exit
code 2.
"""

from __future__ import annotations

import pytest

from fsb_oracle.cli import main

GAMMA = ["gamma", "concentration=2.5", "rate=1"]
NORMAL = ["normal", "loc=0", "scale=1"]

CASES = {
    "unknown family": (["gama", "concentration=1", "rate=1", "--f", "z"], "did you mean 'gamma'"),
    "misspelt parameter": (["gamma", "concentraton=1", "rate=1", "--f", "z"], "did you mean 'concentration'"),
    "missing parameter": (["gamma", "concentration=1", "--f", "z"], "'rate' is missing"),
    "parameter given twice": (["gamma", "rate=1", "rate=2", "--f", "z"], "'rate' is given twice"),
    "out of domain": (["gamma", "concentration=-1", "rate=1", "--f", "z"], "greater than 0"),
    "not a number": (["gamma", "concentration=two", "rate=1", "--f", "z"], "concentration=two is not a finite number"),
    "not finite": (["gamma", "concentration=inf", "rate=1", "--f", "z"], "not a finite number"),
    "not a whole number": (["binomial", "total_count=2.5", "probs=0.3", "--f", "z"], "a whole number from 1 on"),
    "joint condition": (["uniform", "low=1", "high=0", "--f", "z"], "low < high"),
    "no NAME=VALUE": (["gamma", "2.5", "--f", "z"], "write NAME=VALUE"),
    "unknown function": ([*GAMMA, "--f", "sine(z)"], "unknown function 'sine'"),
    "free symbol": ([*GAMMA, "--f", "a*z"], "unknown name 'a'"),
    "syntax error": ([*GAMMA, "--f", "sin(z"], "cannot read the expression"),
    "caret for a power": ([*GAMMA, "--f", "z^2"], "write z**2"),
    "code in place of f": ([*GAMMA, "--f", "__import__('os')"], "unknown function '__import__'"),
    "division by zero": ([*GAMMA, "--f", "1/(z-z)"], "divides by zero"),
    "not real": ([*NORMAL, "--f", "log(z)"], "not a finite real number"),
    "divergent integral": ([*NORMAL, "--f", "exp(z**2)"], "E exp(z**2) does not exist for normal with loc=0,scale=1"),
    "divergent moment": (
        ["student_t", "df=1.5", "loc=0", "scale=1", "--f", "z**2"],
        "E z**2 does not exist for student_t with df=1.5",
    ),
    "pole on the support": ([*NORMAL, "--f", "1/z"], "1/z"),
    "digits not positive": ([*GAMMA, "--f", "z", "--digits", "-1"], "digits=-1 must be a whole number from 1 to"),
    "digits no integer": ([*GAMMA, "--f", "z", "--digits", "many"], "must be an integer"),
    "too many digits": ([*GAMMA, "--f", "z", "--digits", "100000"], "digits=100000 must be"),
    "matrix not positive definite": (
        ["multivariate_normal", "loc=[0,0]", "covariance_matrix=[[1,2],[2,1]]", "--f", "z0"],
        "positive definite",
    ),
    "matrix not symmetric": (
        ["multivariate_normal", "loc=[0,0]", "covariance_matrix=[[1,0.5],[0.2,1]]", "--f", "z0"],
        "symmetric",
    ),
    "matrix of another size": (
        ["multivariate_normal", "loc=[0,0,0]", "covariance_matrix=[[1,0],[0,1]]", "--f", "z0"],
        "covariance_matrix",
    ),
    "both of two alternatives": (
        ["multivariate_normal", "loc=[0]", "covariance_matrix=[[1]]", "scale_tril=[[1]]", "--f", "z0"],
        "exactly one of covariance_matrix, scale_tril",
    ),
    "number for a list": (["dirichlet", "concentration=2", "--f", "z0"], "concentration=2 must be a list of numbers"),
    "unknown nested law": (
        ["mixture", "logits=[0,0]", "components=[norml(loc=0,scale=1),normal(loc=1,scale=1)]", "--f", "z"],
        "did you mean 'normal'",
    ),
    "number for a law": (["compound_poisson", "rate=1", "jump=3", "--f", "z"], "jump=3"),
    "variable of another dimension": (
        ["multivariate_normal", "loc=[0,0]", "covariance_matrix=[[1,0],[0,1]]", "--f", "z2"],
        "z2",
    ),
    "f of several variables for a law of one": ([*NORMAL, "--f", "z0*z1"], "z0"),
    "f not periodic on the circle": (["von_mises", "loc=0", "concentration=1", "--f", "exp(-z**2)"], "2 pi-periodic"),
    "unknown option": ([*GAMMA, "--f", "z", "--digit", "3", "--colour"], "unrecognized arguments"),
}


@pytest.mark.parametrize("kind", CASES)
def test_bad_input_is_one_sentence_and_exit_code_2(kind, capsys):
    arguments, words = CASES[kind]
    assert main(["exact", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
