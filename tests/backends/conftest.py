"""A file that needs a library is collected only where the library is: absent, not skipped.

`tox run -e torch` and `tox run -e jax` still fail without theirs, because then nothing is left to run.
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [
    f"test_{library}{part}.py"
    for library in ("torch", "jax")
    for part in ("", "_expectation", "_functions", "_libraries")
    if find_spec(library) is None
]
