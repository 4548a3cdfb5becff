"""Collected only where Dask is installed; `tox run -e dask` installs it, and fails where nothing is collected."""

from importlib.util import find_spec

collect_ignore = ["test_cluster.py"] if find_spec("distributed") is None else []
