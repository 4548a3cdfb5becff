"""Array libraries: NumPy, Torch, JAX. The only place that imports them; each is imported when it is first asked for."""

from importlib import import_module
from importlib.util import find_spec

from fsb_oracle.backends.backend import DTYPES, Array, Backend, Shape, Stream
from fsb_oracle.errors import UsageError, nearest

NAMES = ("numpy", "torch", "jax")
# plain dictionaries, since torch.compile warns of functools.lru_cache
_REASONS: dict[str, str | None] = {}
_LOADED: dict[str, Backend] = {}


def get_backend(name: str) -> Backend:
    """The back end called "numpy", "torch" or "jax".

    Raises:
        UsageError: there is no such back end, or its library is not installed.
    """
    if name in _LOADED:
        return _LOADED[name]
    if name not in NAMES:
        raise UsageError(f"unknown backend {name!r}; there are {', '.join(NAMES)}{nearest(name, NAMES)}")
    reason = unavailable(name)
    if reason:
        raise UsageError(reason)
    return _LOADED.setdefault(name, import_module(f"fsb_oracle.backends.{name}_backend").BACKEND)


def unavailable(name: str) -> str | None:
    """Why a back end cannot be used here, in one sentence; None if it can."""
    if name not in _REASONS:
        _REASONS[name] = _reason_against(name)
    return _REASONS[name]


def _reason_against(name: str) -> str | None:
    if find_spec(name) is None:
        return f"{name} is not installed: pip install 'fsb-oracle[{name}]'"
    try:
        import_module(f"fsb_oracle.backends.{name}_backend")
    except Exception as error:  # a broken installation must not hide the results of the others
        return f"{name} is installed but cannot be imported: {error}"
    return None


__all__ = ["DTYPES", "NAMES", "Array", "Backend", "Shape", "Stream", "get_backend", "unavailable"]
