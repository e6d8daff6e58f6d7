"""Opens the database that a `sql` outlet fills: which addresses it takes, how it connects, what its errors mean.

Every connection to a host goes to an address that the policy allows. Nothing that is said repeats a password or a
value.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

from sqlalchemy import Connection, create_engine, event, exc
from sqlalchemy.engine import URL, Engine, make_url

from delivery.outlets.outlet import Context, OutletUnavailable
from network import client as http
from network import hosts
from postings.errors import ConfigurationError, HirewatchError, UsageError, how_to_install

_EXAMPLES: Final = "write it like postgresql://user:password@host/database, mysql://… or sqlite:////path/to/file.db"

_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    # one dialect for both: it finds out which server it is
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
}
_EXTRAS: Final = {"postgresql": ("PostgreSQL", "postgres"), "mysql": ("MySQL", "mysql")}
_PORTS: Final = {"postgresql": 5432, "mysql": 3306}

#: what an address may say beside host, user and database: nothing that leads the driver elsewhere
_PARAMETERS: Final[dict[str, frozenset[str]]] = {
    "postgresql": frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "require_auth"}),
    "mysql": frozenset({"unix_socket", "ssl_ca", "ssl_cert", "ssl_key"}),
    "sqlite": frozenset(),
}

#: characters of a driver's words that are kept
_WORDS: Final = 200


# -- addresses


def parse(address: str) -> URL:
    """The URL of a database, with its driver; the path of an SQLite file becomes absolute. Raises UsageError."""
    try:
        url = make_url(address)
        if url.port is not None and not 0 < url.port < 65536:
            raise ValueError
    except (exc.ArgumentError, ValueError):
        # the text is not repeated: it may hold a password
        raise UsageError("the address of a database cannot be used", remedy=_EXAMPLES) from None
    driver = _DRIVERS.get(url.drivername.lower())
    if driver is None:
        raise UsageError("is no driver that hirewatch knows", subject=url.drivername[:30], remedy=_EXAMPLES)
    url = url.set(drivername=driver)
    kind = url.get_backend_name()
    for name in url.query:
        if name not in _PARAMETERS[kind]:
            known = ", ".join(sorted(_PARAMETERS[kind])) or "none"
            raise UsageError("is no parameter that may stand here", subject=name[:30], remedy=f"there are: {known}")
    if any(not isinstance(value, str) for value in url.query.values()):
        raise UsageError("stands twice in the address", subject="a parameter", remedy=_EXAMPLES)
    if not url.database or url.database == ":memory:":
        raise UsageError("the address names no database", remedy=_EXAMPLES)
    if kind == "sqlite":
        if url.host or "\0" in url.database or url.database.startswith("file:"):
            raise UsageError("the path of an SQLite file has three or four slashes before it", remedy=_EXAMPLES)
        return url.set(database=os.path.abspath(os.path.expanduser(url.database)))
    if _socket(url) is None and not _host(url):
        raise UsageError("the address names no host", remedy=_EXAMPLES)
    return url


def shown(address: str) -> str:
    """The address without password and parameters."""
    try:
        url = parse(address)
    except UsageError:
        return f"{address.partition(':')[0][:20]}://…"
    plain = URL.create(url.get_backend_name(), url.username, None, url.host, url.port, url.database).render_as_string()
    where = _socket(url)
    return f"{plain} ({where})" if where else plain


def _host(url: URL) -> str:
    return str(url.query.get("host") or url.host or "")


def _socket(url: URL) -> str | None:
    """The Unix socket that the address names, or for PostgreSQL its folder."""
    named = url.query.get("unix_socket") if url.get_backend_name() == "mysql" else _host(url)
    return named if isinstance(named, str) and named.startswith("/") else None


# -- connections


def open_engine(url: URL, context: Context, name: str) -> Engine:
    """An engine with one connection at a time, made when first asked for. `name` is the outlet's.

    Raises ConfigurationError if the driver is not installed.
    """
    kind = url.get_backend_name()
    settings: dict[str, Any] = {"json_serializer": str, "hide_parameters": True}
    if kind == "sqlite":
        engine = create_engine(url, connect_args={"timeout": context.timeout}, **settings)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            # what SQLAlchemy would make of these its driver calls old-fashioned
            url.difference_update_query(["ssl_ca", "ssl_cert", "ssl_key"]),
            connect_args=_arguments(url, context.timeout),
            isolation_level="READ COMMITTED",
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            **settings,
        )
    except ModuleNotFoundError:
        title, extra = _EXTRAS[kind]
        raise ConfigurationError(
            f"needs a driver for {title} that is not installed",
            subject=name,
            remedy=how_to_install(extra),
        ) from None
    if kind == "postgresql":
        event.listen(engine, "begin", partial(_begin_postgresql, math.ceil(context.timeout * 1000)))
    if _socket(url) is None:
        event.listen(engine, "do_connect", partial(_CONNECT[kind], context, _host(url), url.port or _PORTS[kind]))
    return engine


def _arguments(url: URL, timeout: float) -> dict[str, Any]:
    seconds = math.ceil(timeout)
    if url.get_backend_name() == "mysql":
        # whoever names a certificate wants the server to be the one that it says
        tls = {"ssl_verify_cert": True, "ssl_verify_identity": True} if "ssl_ca" in url.query else {}
        return {
            **{parameter: value for parameter, value in url.query.items() if parameter.startswith("ssl_")},
            **tls,
            # the driver would write it in Latin-1, the server reads UTF-8
            "password": str(url.password or "").encode(),
            "charset": "utf8mb4",
            "connect_timeout": seconds,
            "read_timeout": seconds,
            "write_timeout": seconds,
            "local_infile": False,
            # a value that does not fit is an error, never cut
            "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
        }
    return {
        "application_name": "hirewatch",
        "client_encoding": "utf8",
        "connect_timeout": seconds,
        "tcp_user_timeout": seconds * 1000,
    }


def _connect_postgresql(
    context: Context, host: str, port: int, dialect: Any, _record: object, arguments: Any, parameters: dict[str, Any]
) -> Any:
    addresses = http.judge(context.policy, host, port)
    # libpq tries one after another; the name stays, for its certificate
    parameters |= {
        "host": ",".join([host] * len(addresses)),
        "hostaddr": ",".join(addresses),
        "port": ",".join([str(port)] * len(addresses)),
    }
    return dialect.connect(*arguments, **parameters)


def _connect_mysql(
    context: Context, host: str, port: int, dialect: Any, _record: object, arguments: Any, parameters: dict[str, Any]
) -> Any:
    parameters |= {"host": host, "port": port, "defer_connect": True}
    connection = dialect.connect(*arguments, **parameters)
    connection.connect(hosts.connect(context.policy, host, port, timeout=context.timeout))
    return connection


_CONNECT = {"postgresql": _connect_postgresql, "mysql": _connect_mysql}


def _begin_postgresql(milliseconds: int, connection: Connection) -> None:
    # for this transaction only: a pool of connections between here and the server may give the session to others
    for setting in ("statement_timeout", "lock_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {setting} = {milliseconds}")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # the driver's own transactions begin too late: `_begin_sqlite` begins them
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


# -- errors


class Unfit(Exception):
    """The database does not take one of the values."""


#: SQLSTATE or its class -> what is wrong, what to do; the longest match counts
_POSTGRESQL: Final = {
    "28": ("refuses the user or the password", "check both in the address of the outlet"),
    "3D000": ("has no database of that name", "create it, or name another one"),
    "3F000": ("has no schema of that name", "create it, or name another one"),
    "42501": (
        "does not let this user do that",
        "let it use the schema, create tables there, and read and write those of hirewatch",
    ),
    "42P01": ("has lost a table of hirewatch in the middle of things", "it is made again at the next try"),
    "25006": ("is read-only", "name the primary server"),
}
_REFUSALS: Final = {
    r"password authentication failed|no password supplied|role .* does not exist|no pg_hba\.conf entry": "28",
    r"database .* does not exist": "3D000",
}
#: https://mariadb.com/kb/en/mariadb-error-codes/
_MYSQL: Final = {
    1044: ("does not let this user into the database", "grant it the rights to the database of the outlet"),
    1045: ("refuses the user or the password", "check both in the address of the outlet"),
    1049: ("has no database of that name", "create it, or name another one"),
    1142: ("does not let this user do that", "grant it CREATE, ALTER, INDEX, SELECT, INSERT and UPDATE"),
    1290: ("is read-only", "name the primary server"),
    1698: ("refuses the user or the password", "check both in the address of the outlet"),
}
_SQLITE: Final = {
    "SQLITE_CANTOPEN": ("cannot be opened", "check that the folder exists and that this user may write there"),
    "SQLITE_READONLY": ("may not be written by this user", "let it write to the file and its folder"),
    "SQLITE_PERM": ("may not be opened by this user", "let it read and write the file and its folder"),
    "SQLITE_NOTADB": ("is no SQLite database", "name another file"),
    "SQLITE_CORRUPT": ("is damaged", "restore a copy of it, or name another file and replay the outlet"),
}

#: errors of MySQL and MariaDB that its driver does not count as errors of the data
_UNFIT_MYSQL: Final = frozenset({1118, 1153, 1264, 1265, 1292, 1366, 1406, 3140, 3141, 4025})


def explain(error: BaseException, url: URL, name: str) -> HirewatchError | Unfit | None:
    """What an error of the driver or of SQLAlchemy means; None if it is a fault of ours.

    ConfigurationError where a person has to change something, `Unfit` where a value is to blame, OutletUnavailable
    where it may go better later.
    """
    if isinstance(error, HirewatchError):
        return error
    if isinstance(error, exc.TimeoutError):
        return OutletUnavailable("is still busy with the last batch", subject=name)
    cause = (error.orig or error) if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, UnicodeError | OverflowError | ValueError):
        return Unfit(type(cause).__name__)
    said = _said(cause, url)
    words = _known(cause)
    if words:
        return ConfigurationError(f"{words[0]} ({said})", subject=name, remedy=words[1])
    if isinstance(error, exc.DataError | exc.IntegrityError) or _code(cause) in _UNFIT_MYSQL:
        return Unfit(said)
    if isinstance(error, exc.OperationalError | exc.InternalError) or _code(cause).__class__ is int:
        return OutletUnavailable(f"cannot be written ({said})", subject=name, remedy="check that the database runs")
    return None


def _known(cause: BaseException) -> tuple[str, str] | None:
    state = getattr(cause, "sqlstate", None) or ""
    code = getattr(cause, "sqlite_errorname", "")
    named = [words for start, words in _POSTGRESQL.items() if state.startswith(start)]
    named += [words for start, words in _SQLITE.items() if code.startswith(start)]
    if not named and not state:
        # libpq gives no SQLSTATE to what a server says before there is a session
        named = [_POSTGRESQL[start] for words, start in _REFUSALS.items() if re.search(words, str(cause))]
    number = _code(cause)
    return named[0] if named else _MYSQL.get(number) if isinstance(number, int) else None


def _code(cause: BaseException) -> object:
    """The number of a MySQL error."""
    return cause.args[0] if type(cause).__module__.startswith("pymysql") and cause.args else None


def _said(cause: BaseException, url: URL) -> str:
    """The first line of the driver's words, without the password in any spelling."""
    number = _code(cause)
    text = str(cause.args[1]) if number is not None and len(cause.args) > 1 else str(cause)
    line = next((line.strip() for line in text.splitlines() if line.strip()), type(cause).__name__)
    if url.password:
        password = str(url.password)
        for secret in sorted({password, quote(password, safe=""), quote_plus(password)}, key=len, reverse=True):
            line = line.replace(secret, "***")
    return line[:_WORDS]


def writable(path: Path, name: str) -> None:
    """Raises ConfigurationError if an SQLite file cannot be made or written there."""
    target = path if path.exists() else path.parent
    if not os.access(target, os.W_OK):
        raise ConfigurationError(
            "cannot be written" if target.exists() else "does not exist",
            subject=f"{name}: {target}",
            remedy="make the folder, and let this user write there",
        )
