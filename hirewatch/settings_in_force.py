"""The settings as they are in force: each with its value, masked where it is secret, and where that came from.

`hirewatch config`, `hirewatch doctor` and the page of settings show them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from hirewatch import config, spans
from hirewatch.settings import FOREVER, Settings, meanings, variable

#: what stands in place of a password
MASK = ":***"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as `hirewatch config show` tells it."""

    name: str
    #: secrets are masked
    value: Any
    #: "default", the name of the environment variable, or the path of the file
    origin: str
    meaning: str


def describe(settings: Settings, file: Path | None = None) -> list[Setting]:
    """Every setting with its value and where the value came from. `file`: as it was given to `config.load`.

    Raises ConfigurationError where that does.
    """
    path = config.find_file(file)
    values = config.read(path) if path else {}
    told = []
    for name, meaning in meanings().items():
        from_file = str(path) if path and config.said(values, name) is not None else "default"
        origin = variable(name) if os.environ.get(variable(name)) else from_file
        told.append(Setting(name, _shown(settings, name), origin, meaning))
    return told


def _shown(settings: Settings, name: str) -> Any:
    """A value as it would be written in the file."""
    if name == "database":
        return _masked(settings.database_url)
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    if isinstance(value, SecretStr):
        return _masked(value.get_secret_value())
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, timedelta):
        return spans.written(value)
    if value is None and name.startswith("keep."):
        return FOREVER
    return value


def _masked(url: str) -> str:
    """A URL without the password that it may hold."""
    head, at, tail = url.rpartition("@")
    if not at:
        return url
    scheme, slashes, user = head.partition("://")
    return f"{scheme}{slashes}{user.split(':', 1)[0]}{MASK if ':' in user else ''}@{tail}"
