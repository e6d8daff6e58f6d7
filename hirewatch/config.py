"""The settings: one optional file, the environment over it, all errors at once.

Order, the first that gives a value wins: environment (`HIREWATCH_SECTION__KEY`) > `hirewatch.toml` > default.
Read once per process by `load`; lower packages get plain values from `hirewatch.wiring`, never this.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from network.addresses import parse_networks
from postings.errors import ConfigurationError
from postings.sites import MOST_REQUESTS_A_DAY_OF_ALL

_SPAN = re.compile(r"(\d{1,4})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

_FOREVER = "forever"

FILE_NAME = "hirewatch.toml"
PREFIX = "HIREWATCH_"
#: what stands in place of a password
MASK = ":***"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth(cls, value: Any, info: ValidationInfo) -> Any:
        # pydantic takes true for 1
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise ValueError("must not be true or false")
        return value


class Crawl(_Section):
    """Manners and limits of a visit."""

    delay: float = Field(
        default=1.0, ge=0, le=3600, allow_inf_nan=False, description="seconds between two requests to a host"
    )
    concurrency_per_host: int = Field(default=1, ge=1, le=64, description="requests to one host at a time")
    timeout: float = Field(
        default=30.0, gt=0, le=3600, allow_inf_nan=False, description="seconds that one answer may take"
    )
    pages: int = Field(default=20_000, ge=1, description="requests that one visit may make")
    seconds: float = Field(default=7200.0, gt=0, allow_inf_nan=False, description="seconds that one visit may take")
    user_agent_contact: str = Field(
        default="", max_length=200, description="a URL or mail address in the user agent, so that a site can reach you"
    )
    readers: int = Field(default=1, ge=1, le=64, description="processes that read pages")
    browser: str = Field(
        default="", description="the Chromium that runs the scripts of sites that are told to; looked for otherwise"
    )
    keep_responses: Annotated[timedelta, NoDecode] = Field(
        default=timedelta(0),
        description='how long whole answers are kept for `hirewatch replay`, e.g. "30d"; "0" keeps none',
    )

    @field_validator("keep_responses", mode="before")
    @classmethod
    def _span(cls, value: Any) -> Any:
        return value if isinstance(value, timedelta) else _days(value, besides='"0" for none')

    @field_validator("user_agent_contact")
    @classmethod
    def _fits_in_a_header(cls, text: str) -> str:
        if not text.isascii() or not (text.isprintable() or text == ""):
            raise ValueError("must be plain ASCII on one line")
        return text


def _days(value: Any, *, besides: str = "") -> timedelta:
    """A time span as people write it: "30d", "12h", "2w"; "0" or "off" is none.

    `besides`: what may be written instead of a time, for the error.
    """
    text = str(value).strip().lower()
    if text in ("0", "off"):
        return timedelta(0)
    match = _SPAN.fullmatch(text)
    if match is None:
        instead = f", or {besides}" if besides else ""
        if text.isascii() and text.isdigit() and 0 < len(text) < 5:
            raise ValueError(
                f'has no unit: write "{text}d" for days, "{text}h" for hours or "{text}m" for minutes{instead}'
            )
        raise ValueError(f'must be a time like "15m", "12h", "30d" or "2w"{instead}')
    return int(match[1]) * _UNITS[match[2]]


def _span_text(span: timedelta) -> str:
    """The way back from `_days`."""
    minutes = span // _UNITS["m"]
    if minutes % 60:
        return f"{minutes}m"
    hours = minutes // 60
    return "0" if not hours else f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


def _listed(value: Any) -> Any:
    """In the environment several values stand side by side with commas, in the file they are a list."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Network(_Section):
    """Which addresses may be contacted."""

    allow_addresses: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="CIDRs that may be contacted although they are not public, e.g. 127.0.0.0/8"
    )

    @field_validator("allow_addresses", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("allow_addresses")
    @classmethod
    def _are_networks(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            parse_networks(",".join(parts))
        except ConfigurationError as error:
            raise ValueError(error.problem) from error
        return parts


class Mail(_Section):
    """The server that takes the alerts sent by e-mail."""

    url: SecretStr | None = Field(default=None, description="smtp://user:password@host:587, or smtps://…:465")
    sender: str | None = Field(default=None, description="the address in From")


class Cadence(_Section):
    """How often sites are visited, where hirewatch works that out."""

    shortest: Annotated[timedelta, NoDecode] = Field(
        default=timedelta(minutes=15), description='no site is visited more often than this: "15m", "1h"'
    )
    longest: Annotated[timedelta, NoDecode] = Field(
        default=timedelta(days=1),
        validate_default=True,
        description='each site is visited at least this often, if the budget allows: "24h"',
    )
    requests_a_day: int | None = Field(
        default=None,
        ge=1,
        le=MOST_REQUESTS_A_DAY_OF_ALL,
        description="requests that all visits together make, on average over a week; as many as they are worth if none",
    )

    @field_validator("shortest", "longest", mode="before")
    @classmethod
    def _span(cls, value: Any) -> Any:
        span = value if isinstance(value, timedelta) else _days(value)
        if not timedelta(minutes=1) <= span <= timedelta(days=30):
            raise ValueError('must lie between "1m" and "30d"')
        return span

    @field_validator("longest")
    @classmethod
    def _in_order(cls, span: timedelta, info: ValidationInfo) -> timedelta:
        if span < info.data.get("shortest", span):
            raise ValueError("must not be less than cadence.shortest")
        return span


class Serve(_Section):
    """The long-running service."""

    workers: int = Field(default=1, ge=1, le=64, description="processes that visit sites")
    visits: int = Field(default=8, ge=1, le=200, description="visits at a time in each of these processes")
    host: str = Field(default="127.0.0.1", min_length=1, description="the address that the web server listens on")
    port: int = Field(default=8777, ge=0, le=65535, description="its port; 0 picks a free one")
    names: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="further host names under which the web server is asked for"
    )

    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[!-~]+$",
        description="where people reach it, for links in mails: https://jobs.example.org",
    )
    only_health: bool = Field(
        default=False, description="show nothing but health, metrics and the links of mails, to nobody"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="CIDRs of proxies that are believed what they say of a request, e.g. 10.0.0.7/32"
    )
    user_header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="the field in which they name who has logged in there, e.g. Remote-User",
    )

    @field_validator("names", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _name_somebody(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks = parse_networks(",".join(parts))
        except ConfigurationError as error:
            raise ValueError(error.problem) from error
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("must name the proxies, and not everybody")
        return parts

    @field_validator("user_header")
    @classmethod
    def _comes_from_somebody(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and not info.data.get("trusted_proxies", True):
            raise ValueError("needs serve.trusted_proxies: everybody can send a field")
        return name


class Keep(_Section):
    """How long things are kept; events and postings stay for ever."""

    evidence: Annotated[timedelta | None, NoDecode] = Field(
        default=timedelta(days=365),
        description='how long JobPostings stay as they stood in the page, once they are past: "365d", or "forever"',
    )
    visits: Annotated[timedelta | None, NoDecode] = Field(
        default=timedelta(days=365), description="how long visits stay in which nothing happened"
    )
    deliveries: Annotated[timedelta | None, NoDecode] = Field(
        default=timedelta(days=90), description="how long accepted deliveries stay, once their posting has closed"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _span(cls, value: Any) -> Any:
        # true and false are refused by the section
        if value is None or isinstance(value, timedelta | bool):
            return value
        if str(value).strip().lower() == _FOREVER:
            return None
        span = _days(value, besides='"forever"')
        if span < timedelta(days=1):
            raise ValueError('must be at least a day, such as "90d", or "forever"')
        return span


class Log(_Section):
    """What the service says of each step."""

    format: Literal["text", "json"] = Field(default="text", description="how a line of the log is written")
    level: Literal["warning", "info", "debug"] = Field(
        default="warning", description="what is logged; info is a line for each step"
    )


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("hirewatch")), description="the data folder"
    )
    database: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL; default: hirewatch.db (SQLite) in the data folder"
    )
    crawl: Crawl = Crawl()
    network: Network = Network()
    mail: Mail = Mail()
    cadence: Cadence = Cadence()
    serve: Serve = Serve()
    keep: Keep = Keep()
    log: Log = Log()

    @field_validator("home")
    @classmethod
    def _whole_path(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database, with its password."""
        if self.database is not None:
            return self.database.get_secret_value()
        return f"sqlite:///{self.home / 'hirewatch.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the file says comes in as arguments, and the environment goes over it; no .env file is read."""
        return env_settings, init_settings


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as `hirewatch config show` tells it."""

    name: str
    #: secrets are masked
    value: Any
    #: "default", the name of the environment variable, or the path of the file
    origin: str
    meaning: str


def load(file: Path | None = None) -> Settings:
    """The settings, from the environment and the file (`--config`, `./hirewatch.toml`, the user's config folder).

    Raises ConfigurationError that names every setting that is wrong.
    """
    path = find_file(file)
    values = _read(path) if path else {}
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


def describe(settings: Settings, file: Path | None = None) -> list[Setting]:
    """Every setting with its value and where the value came from."""
    path = find_file(file)
    values = _read(path) if path else {}
    told = []
    for name, meaning in _keys(Settings):
        value: Any = settings
        written: Any = values
        for part in name.split("."):
            value = getattr(value, part)
            written = written.get(part) if isinstance(written, Mapping) else None
        variable = PREFIX + name.upper().replace(".", "__")
        if name == "database":
            value = _masked(settings.database_url)
        elif isinstance(value, SecretStr):
            value = _masked(value.get_secret_value())
        elif isinstance(value, Path):
            value = str(value)
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, timedelta):
            value = _span_text(value)
        elif value is None and name.startswith("keep."):
            value = _FOREVER
        from_file = str(path) if written is not None and path else "default"
        told.append(Setting(name, value, variable if os.environ.get(variable) else from_file, meaning))
    return told


def names() -> list[str]:
    """Every setting, as it is called in the file: `crawl.delay`."""
    return [name for name, _ in _keys(Settings)]


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.description or ""


def _read(path: Path) -> dict[str, Any]:
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


def _unknown_variables() -> Iterator[str]:
    """Variables that look like a setting and are none. Others beginning with HIREWATCH_ are left alone."""
    known = {PREFIX + name.upper().replace(".", "__") for name in names()}
    for variable in sorted(os.environ):
        if not variable.startswith(PREFIX) or variable in known:
            continue
        near = difflib.get_close_matches(variable, known, n=1, cutoff=0.8)
        if near:
            yield f"{variable}: there is no such setting; did you mean {near[0]}?"
        elif "__" in variable:
            yield f"{variable}: there is no such setting"


def _in_words(error: ValidationError, values: Mapping[str, Any], path: Path | None) -> Iterator[str]:
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"] if not isinstance(part, int))
        variable = PREFIX + name.upper().replace(".", "__")
        written: Any = values
        for part in name.split("."):
            written = written.get(part) if isinstance(written, Mapping) else None
        from_environment = bool(os.environ.get(variable)) or written is None
        if item["type"] == "extra_forbidden":
            if from_environment:
                continue  # `_unknown_variables` has said it, with the nearest name
            near = difflib.get_close_matches(name, [*names(), *Settings.model_fields], n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{name} in {path}: there is no such setting{hint}"
            continue
        where = variable if from_environment else f"{name} in {path}"
        said = item["msg"].removeprefix("Value error, ")
        value = item["input"]
        secret = name in ("database", "mail.url")
        shown = "" if secret or isinstance(value, Mapping) else f" (it is {value!r})"
        yield f"{where}: {said[:1].lower()}{said[1:]}{shown}"


def _masked(url: str) -> str:
    """A URL without the password that it may hold."""
    head, at, tail = url.rpartition("@")
    if not at:
        return url
    scheme, slashes, user = head.partition("://")
    return f"{scheme}{slashes}{user.split(':', 1)[0]}{MASK if ':' in user else ''}@{tail}"
