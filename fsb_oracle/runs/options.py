"""Options of `verify`: command line before environment before file, each value with its source."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsb_oracle.backends import NAMES
from fsb_oracle.errors import UsageError, nearest


@dataclass(frozen=True)
class Option:
    """An option that may also stand in the environment (FSB_ORACLE_NAME) or in [tool.fsb_oracle]."""

    convert: Callable[[Any], Any]
    default: Any
    allowed: str


PREFIX = "FSB_ORACLE_"


def _rate(value: Any) -> float:
    number = float(value)
    if not 0 < number < 1:
        raise ValueError
    return number


def _positive(value: Any) -> float:
    number = float(value)
    if not 0 < number < float("inf"):
        raise ValueError
    return number


def _count(value: Any) -> int:
    number = int(value)
    if number < 0 or number != float(value):
        raise ValueError
    return number


def _flag(value: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    return words[str(value).lower()]


def _back_ends(value: Any) -> tuple[str, ...]:
    """Names, as a list or as one text with commas."""
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else list(value)
    for name in names:
        if name not in NAMES:
            raise UsageError(f"unknown backend {name!r}; there are {', '.join(NAMES)}{nearest(str(name), NAMES)}")
    if not names:
        raise ValueError
    return tuple(name for name in NAMES if name in names)


def _shard(value: Any) -> str:
    """I/N with 1 <= I <= N, as it was written."""
    part, of = (int(number) for number in str(value).split("/"))
    if not 1 <= part <= of:
        raise ValueError
    return f"{part}/{of}"


def _text(value: Any) -> str:
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ValueError
    return str(os.fspath(value))


def _files(value: Any) -> tuple[str, ...]:
    """File names, as a list or as one text with commas."""
    names = value.split(",") if isinstance(value, str) else [value] if isinstance(value, os.PathLike) else list(value)
    return tuple(_text(name.strip() if isinstance(name, str) else name) for name in names)


OPTIONS: dict[str, Option] = {
    "profile": Option(_text, "default", "smoke, default or deep"),
    "select": Option(_text, None, "a glob on case ids"),
    "backend": Option(_back_ends, NAMES, f"some of {', '.join(NAMES)}"),
    "margin": Option(_positive, None, "a number greater than 0, in units of S"),
    "false_fail_rate": Option(_rate, 1e-6, "a number between 0 and 1"),
    "seed": Option(_count, 0, "an integer of at least 0"),
    "min_checks": Option(_count, 1, "an integer of at least 0"),
    "jobs": Option(_count, 1, "an integer of at least 0 (0: one process for each core)"),
    "dask": Option(_text, None, "the address of a Dask scheduler, as in tcp://host:8786"),
    "shard": Option(_shard, None, "I/N with I from 1 to N, as in 2/4"),
    "resume": Option(_text, None, "a record of an interrupted run"),
    "ledger": Option(_text, None, "a file, which is made where it is missing"),
    "strict": Option(_flag, False, "true or false"),
    "known_failures": Option(_files, (), "a file, or a list of files"),
    "update_known_failures": Option(_flag, False, "true or false"),
    "record": Option(_text, None, "a file"),
    "html": Option(_text, None, "a file"),
    "junit": Option(_text, None, "a file"),
    "benchmarks": Option(_text, None, "a file"),
    "json": Option(_flag, False, "true or false"),
}


def gather(
    given: Mapping[str, Any], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Values of all options, and for the record each with its source.

    Args:
        given: what the caller set; None means not set.
        environment: os.environ by default.
        folder: where pyproject.toml is looked for; the current folder by default.

    Raises:
        UsageError: a value is not allowed, or the file or the environment holds an unknown key.
    """
    for name in given:
        if name not in OPTIONS:
            raise TypeError(f"verify() got an unexpected keyword argument {name!r}{nearest(name, OPTIONS)}")
    environment = os.environ if environment is None else environment
    file = _from_file(folder or Path.cwd())
    for variable in environment:
        if variable.startswith(PREFIX) and variable.removeprefix(PREFIX).lower() not in OPTIONS:
            known = [f"{PREFIX}{name.upper()}" for name in OPTIONS]
            raise UsageError(f"unknown environment variable {variable!r}{nearest(variable, known)}")
    values: dict[str, Any] = {}
    sources: dict[str, dict[str, Any]] = {}
    for name, option in OPTIONS.items():
        variable = f"{PREFIX}{name.upper()}"
        if given.get(name) is not None:
            raw, source = given[name], "command line"
        elif environment.get(variable):  # set to nothing is not set
            raw, source = environment[variable], "environment"
        elif name in file:
            raw, source = file[name], "file"
        else:
            raw, source = option.default, "default"
        values[name] = _converted(name, option, raw)
        shown = list(values[name]) if isinstance(values[name], tuple) else values[name]
        sources[name] = {"value": shown, "source": source}
    return values, sources


def _converted(name: str, option: Option, raw: Any) -> Any:
    if raw is None:
        return None
    try:
        return option.convert(raw)
    except UsageError:
        raise
    except (ValueError, TypeError, KeyError):
        raise UsageError(f"{name.replace('_', '-')}={raw!r} must be {option.allowed}") from None


def _from_file(folder: Path) -> dict[str, Any]:
    path = folder / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not valid TOML: {error}") from None
    table = content.get("tool", {}).get("fsb_oracle", {})
    found = {key.replace("-", "_"): value for key, value in table.items()}
    for key in found:
        if key not in OPTIONS:
            raise UsageError(
                f"unknown key {key!r} in [tool.fsb_oracle]; there are {', '.join(OPTIONS)}{nearest(key, OPTIONS)}"
            )
    return found
