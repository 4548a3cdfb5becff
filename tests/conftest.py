"""A test whose parameters name an optional back end is marked by it: it runs where that library is installed."""

from importlib.util import find_spec

import pytest

OPTIONAL = {"torch", "jax"}
# The tests of the page run in `tox run -e browser`, which has a driver for Chromium.
collect_ignore = [] if find_spec("playwright") else ["browser"]
# A project of its own, which installs our wheel: the environment `wheel` runs it.
collect_ignore.append("downstream")


def pytest_collection_modifyitems(items):
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for name in OPTIONAL.intersection(value for value in parameters if isinstance(value, str)):
            item.add_marker(getattr(pytest.mark, name))
