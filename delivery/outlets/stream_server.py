"""What the three kinds of streams have in common: an address, an entry, and what a writer of entries offers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

from postings.errors import NetworkError, UsageError

_PORTS = {"kafka": 9092, "nats": 4222, "redis": 6379}
_EXAMPLES = {
    "kafka": "kafka://host:9092/topic",
    "nats": "nats://host:4222/subject",
    "redis": "redis://host:6379/0/stream",
}
#: what Kafka takes as the name of a topic
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
#: tokens of a NATS subject, without wildcards
_SUBJECT = re.compile(r"[!-~]+")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s]+)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a stream is."""

    kind: str
    tls: bool
    #: names and ports, never empty
    hosts: tuple[tuple[str, int], ...]
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    #: topic, subject or key
    stream: str
    #: number of a Redis database
    database: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as it is written."""

    #: of the event; None for a test
    number: int | None
    #: what belongs together: id of the posting
    key: str
    #: the same whenever the event is sent again
    id: str
    #: CloudEvents attributes
    attributes: Mapping[str, Any]
    #: the CloudEvent as JSON
    body: bytes


class Unwritable(NetworkError):
    """The server did not take what it was sent; it may later."""


class Writer(Protocol):
    """A connection that writes entries. Made in the thread that uses it."""

    def write(self, entries: Sequence[Entry]) -> dict[int, str]:
        """Writes all, in order, and waits for their acknowledgement; returns those that never will be taken.

        Raises Unwritable, AddressRefused or NetworkError. What was taken before that may be sent again.
        """

    def close(self) -> None:
        """Hangs up."""


def read_server(address: str) -> Server:
    """Where an address leads. Raises UsageError, which never repeats it: it may hold a password."""
    scheme, _, rest = address.partition("://")
    kind, _, layer = scheme.lower().partition("+")
    if kind == "rediss":
        kind, layer = "redis", layer or "tls"
    if kind not in _PORTS or layer not in ("", "tls", "ssl"):
        raise UsageError("the address is none of a stream", remedy="write it like " + ", ".join(_EXAMPLES.values()))
    authority, _, path = rest.partition("/")
    login, _, hosts = authority.rpartition("@")
    user, colon, password = login.partition(":")
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    stream, database = _stream(kind, path)
    ports = [int(host[2] or _PORTS[kind]) for host in found if host]
    if stream is None or not all(found) or not all(0 < port < 65536 for port in ports):
        raise UsageError(f"the address is none of {kind}", remedy=f"write it like {_EXAMPLES[kind]}")
    if kind == "redis" and len(found) > 1:
        raise UsageError("the address names several servers", remedy=f"write it like {_EXAMPLES[kind]}")
    return Server(
        kind=kind,
        tls=bool(layer),
        hosts=tuple((host[1].strip("[]"), port) for host, port in zip(found, ports, strict=True) if host),
        user=unquote(user) if login else None,
        password=unquote(password) if colon else None,
        stream=stream,
        database=database,
    )


def _stream(kind: str, path: str) -> tuple[str | None, int]:
    """The name of the stream, None if there is none that can be used, and the number of the database."""
    if "?" in path or "#" in path:
        return None, 0
    name = unquote(path.rstrip("/"))
    if kind == "kafka":
        return (name if _TOPIC.fullmatch(name) else None), 0
    if kind == "nats":
        usable = _SUBJECT.fullmatch(name) and all(name.split(".")) and not any(sign in name for sign in "*>/")
        return (name if usable else None), 0
    first, slash, key = name.partition("/")
    if slash and first.isdecimal() and len(first) < 6:
        return (key or None), int(first)
    # a number alone would be a database, and no stream
    return (None if name.isdecimal() else name or None), 0
