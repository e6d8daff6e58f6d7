"""Which settings there are, what each means, and which values it takes.

`hirewatch.config` fills them from the file and the environment; lower packages get plain values from
`hirewatch.wiring`, never this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from hirewatch import spans
from network import addresses
from postings.errors import ConfigurationError
from postings.sites import MOST_REQUESTS_A_DAY_OF_ALL
from postings.visits import MOST_SECONDS, SECONDS

#: what every variable of the environment begins with that is a setting
PREFIX = "HIREWATCH_"
#: what is written for a time that never ends
FOREVER = "forever"


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
    seconds: float = Field(
        default=SECONDS, gt=0, le=MOST_SECONDS, allow_inf_nan=False, description="seconds that one visit may take"
    )
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
        return value if isinstance(value, timedelta) else spans.read(value, besides='"0" for none')

    @field_validator("user_agent_contact")
    @classmethod
    def _fits_in_a_header(cls, text: str) -> str:
        if not text.isascii() or not (text.isprintable() or text == ""):
            raise ValueError("must be plain ASCII on one line")
        return text


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
        _networks(parts)
        return parts


class Mail(_Section):
    """The server that takes the alerts sent by e-mail."""

    url: SecretStr | None = Field(default=None, description="smtp://user:password@host:587, or smtps://…:465")
    sender: str | None = Field(default=None, description="the address in From")

    @field_validator("url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().lower().startswith(("smtp://", "smtps://")):
            raise ValueError("must begin with smtp:// or smtps://")
        return value

    @field_validator("sender")
    @classmethod
    def _is_a_mailbox(cls, text: str | None) -> str | None:
        if text and "@" not in text:
            raise ValueError("must hold a mail address, as in hirewatch <jobs@example.org>")
        return text


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
        span = value if isinstance(value, timedelta) else spans.read(value)
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
        if any(network.prefixlen == 0 for network in _networks(parts)):
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
        if str(value).strip().lower() == FOREVER:
            return None
        span = spans.read(value, besides='"forever"')
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
        # postgres: is what many hosters give
        known = ("sqlite:", "postgresql:", "postgresql+psycopg:", "postgres:")
        if value and not value.get_secret_value().startswith(known):
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


def meanings() -> dict[str, str]:
    """What every setting means, by its name in the file: `crawl.delay`."""
    return dict(_meanings(Settings))


def variable(name: str) -> str:
    """The variable of the environment that sets the setting of that name: `HIREWATCH_CRAWL__DELAY`."""
    return PREFIX + name.upper().replace(".", "__")


def _meanings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _meanings(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.description or ""


def _networks(parts: Iterable[str]) -> tuple[addresses.Network, ...]:
    try:
        return addresses.parse_networks(",".join(parts))
    except ConfigurationError as error:
        raise ValueError(error.problem) from error


def _listed(value: Any) -> Any:
    """In the environment several values stand side by side with commas, in the file they are a list."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
