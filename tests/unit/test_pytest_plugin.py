"""The options and markers that the plugin gives to pytest, in a fresh pytest process."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SHOW_OPTIONS = """
def test_options(request):
    names = ("backend", "target", "profile")
    print("options:", *(request.config.getoption(f"--fsb-{name}") for name in names))
"""


def test_defaults(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FSB_ORACLE_PROFILE", raising=False)
    pytester.makepyfile(SHOW_OPTIONS)
    pytester.runpytest_subprocess("-s").stdout.fnmatch_lines(["*options: None fsb_oracle None*"])


def test_the_command_line_comes_before_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSB_ORACLE_PROFILE", "deep")
    pytester.makepyfile(SHOW_OPTIONS)
    pytester.runpytest_subprocess("-s").stdout.fnmatch_lines(["*options: None fsb_oracle deep*"])
    given = ("--fsb-backend", "jax", "--fsb-target", "mine.py", "--fsb-profile", "smoke")
    pytester.runpytest_subprocess("-s", *given).stdout.fnmatch_lines(["*options: jax mine.py smoke*"])


def test_an_unknown_profile_or_backend_is_a_usage_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSB_ORACLE_PROFILE", "thorough")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*FSB_ORACLE_PROFILE is 'thorough'; it must be one of smoke, *"])
    monkeypatch.delenv("FSB_ORACLE_PROFILE")
    assert pytester.runpytest_subprocess("--fsb-backend", "pandas").ret == pytest.ExitCode.USAGE_ERROR


def test_the_markers_are_known_and_a_misspelt_one_is_not(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.torch
        @pytest.mark.jax
        def test_marked():
            pass
        """
    )
    pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=1)
    pytester.makepyfile("import pytest\n\n@pytest.mark.pytorch\ndef test_marked():\n    pass\n")
    assert pytester.runpytest_subprocess("--strict-markers").ret == pytest.ExitCode.INTERRUPTED
