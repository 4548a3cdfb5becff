from fsb_oracle.errors import UsageError, nearest


def test_nearest_names_the_closest_choice_as_it_is_spelt() -> None:
    assert nearest("gama", ["normal", "gamma"]) == " (did you mean 'gamma'?)"
    assert nearest("gam-k-u", ["GAM-k-U", "GAM-k-SB"]) == " (did you mean 'GAM-k-U'?)"


def test_nearest_says_nothing_where_nothing_is_close() -> None:
    assert nearest("quux", ["normal", "gamma"]) == ""
    assert nearest("gamma", []) == ""


def test_a_usage_error_is_a_value_error() -> None:
    assert issubclass(UsageError, ValueError)
