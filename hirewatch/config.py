"""Fills the settings: one optional file, the environment over it, all errors at once.

Order, the first that gives a value wins: environment (`HIREWATCH_SECTION__KEY`) > `hirewatch.toml` > default.
Read once per process by `load`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError
from pydantic_settings import SettingsError

from hirewatch.settings import PREFIX, Settings, meanings, variable
from postings.errors import ConfigurationError

FILE_NAME = "hirewatch.toml"


def load(file: Path | None = None) -> Settings:
    """The settings, from the environment and the file (`--config`, `./hirewatch.toml`, the user's config folder).

    Raises ConfigurationError that names every setting that is wrong.
    """
    path = find_file(file)
    values = read(path) if path else {}
    wrong = list(_unknown_variables())
    try:
        settings = Settings(**values)
    except ValidationError as error:
        wrong.extend(_in_words(error, values, path))
        settings = None
    except SettingsError as error:
        # a whole section as JSON in one variable, which is not how it is written
        wrong.append(f"{error}; set each key for itself, as in {PREFIX}CRAWL__DELAY")
        settings = None
    if wrong or settings is None:
        raise ConfigurationError(
            wrong[0] if len(wrong) == 1 else f"{len(wrong)} settings cannot be used\n  " + "\n  ".join(wrong),
            subject="configuration",
            remedy="correct it; docs/configuration.md and `hirewatch config show` list every setting",
        )
    return settings


def find_file(file: Path | None = None) -> Path | None:
    """The file that the settings are read from; None if there is none.

    Raises ConfigurationError if `file` is given and does not exist, or if this user may not look where one would be.
    """
    if file is not None:
        if not _is_there(file):
            raise ConfigurationError("there is no such file", subject=str(file), remedy="check the path after --config")
        return file
    folders = (Path.cwd(), Path(platformdirs.user_config_dir("hirewatch")))
    return next((folder / FILE_NAME for folder in folders if _is_there(folder / FILE_NAME)), None)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except PermissionError:
        raise ConfigurationError(
            "may not be looked into by this user",
            subject=str(file.parent),
            remedy="let it, or set HOME or XDG_CONFIG_HOME to a folder of this user's own (`sudo -H` does)",
        ) from None


def read(path: Path) -> dict[str, Any]:
    """What a file says, by section. Raises ConfigurationError if it cannot be read or is no TOML."""
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"is not TOML: {error}", subject=str(path), remedy="correct the line it names"
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read: {error.strerror}", subject=str(path), remedy="check its rights"
        ) from error


def said(values: Mapping[str, Any], name: str) -> Any:
    """What the values of a file say of the setting of that name; None if nothing."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _unknown_variables() -> Iterator[str]:
    """Variables that look like a setting and are none. Others beginning with HIREWATCH_ are left alone."""
    known = {variable(name) for name in meanings()}
    for given in sorted(os.environ):
        if not given.startswith(PREFIX) or given in known:
            continue
        near = difflib.get_close_matches(given, known, n=1, cutoff=0.8)
        if near:
            yield f"{given}: there is no such setting; did you mean {near[0]}?"
        elif "__" in given:
            yield f"{given}: there is no such setting"


def _in_words(error: ValidationError, values: Mapping[str, Any], path: Path | None) -> Iterator[str]:
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"] if not isinstance(part, int))
        from_environment = bool(os.environ.get(variable(name))) or said(values, name) is None
        if item["type"] == "extra_forbidden":
            if from_environment:
                continue  # `_unknown_variables` has said it, with the nearest name
            near = difflib.get_close_matches(name, [*meanings(), *Settings.model_fields], n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{name} in {path}: there is no such setting{hint}"
            continue
        where = variable(name) if from_environment else f"{name} in {path}"
        match item["type"]:
            case "string_pattern_mismatch":
                problem = f"must be {meanings()[name]}"
            case "model_type":
                says = (
                    "set each of its settings by itself"
                    if from_environment
                    else f"write [{name}], and its settings below"
                )
                problem = f"is a section: {says}"
            case _:
                problem = item["msg"].removeprefix("Value error, ")
        value = item["input"]
        secret = name in ("database", "mail.url")
        shown = "" if secret or isinstance(value, Mapping) else f" (it is {value!r})"
        yield f"{where}: {problem[:1].lower()}{problem[1:]}{shown}"
