"""What the outlets for search engines have in common: an address, a document, and the way to the server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit

from delivery.outlets.outlet import Context, OutletUnavailable
from delivery.outlets.webhook import read_retry_after
from delivery.safe_text import one_line
from network import client as http
from postings.errors import NetworkError, UsageError

#: engine -> port where an address without TLS names none
_PORTS = {"opensearch": 9200, "elasticsearch": 9200, "meilisearch": 7700, "typesense": 8108}
# what each takes as the name of an index
_LOWER = re.compile(r"[a-z0-9.][a-z0-9._-]{0,200}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_NAMES = {"opensearch": _LOWER, "elasticsearch": _LOWER, "meilisearch": re.compile(r"[A-Za-z0-9_-]{1,200}")}

#: bytes of an answer that are read: of a bulk request it says something about each document
_MOST = 8 * 1024 * 1024
#: characters of a reason that are kept
REASON_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Where an index is."""

    engine: str
    host: str
    port: int
    #: the address of the server, with what stands before the index
    base: str
    name: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, address: str) -> Self:
        """Raises UsageError, which never repeats the address: it may hold a password."""
        scheme, _, rest = address.partition("://")
        engine, _, layer = scheme.lower().partition("+")
        layer = layer or "https"
        remedy = f"write it like {engine if engine in _PORTS else 'opensearch'}+https://host/index"
        try:
            parts = urlsplit(f"{layer}://{rest}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        before, _, name = parts.path.rstrip("/").rpartition("/")
        name = unquote(name)
        if engine not in _PORTS or layer not in ("http", "https") or not host or parts.query or parts.fragment:
            raise UsageError("the address is none of a search engine", remedy=remedy)
        if not rest.isprintable() or " " in rest or not _NAMES.get(engine, _NAME).fullmatch(name):
            raise UsageError(f"the address names no index that {engine} could have", remedy=remedy)
        port = port or (443 if layer == "https" else _PORTS[engine])
        shown = f"[{host}]" if ":" in host else host
        return cls(
            engine=engine,
            host=host,
            port=port,
            base=f"{layer}://{shown}:{port}{before}",
            name=name,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A posting as it stood after an event."""

    id: str
    #: number of the event
    event: int
    #: as JSON
    body: bytes
    #: it has to go
    removed: bool


class Engine(Protocol):
    """A search engine that can be brought up to date."""

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document as this engine takes it."""

    def bring(self, documents: Sequence[Document]) -> dict[str, str]:
        """Writes and removes; returns the ids of those that never will be taken, with the reason.

        Raises OutletUnavailable, and everything may be sent again.
        """

    def look(self) -> None:
        """Raises OutletUnavailable if the index cannot be written as things are. Writes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way to an engine."""

    client: Any
    index: Index
    outlet: str
    context: Context

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None = None) -> http.Reply:
        """The answer to one request. Raises OutletUnavailable if there is none, or none but "not now"."""
        try:
            reply = http.exchange(
                self.client, method, f"{self.index.base}/{path}", content=content, headers=headers, most=_MOST
            )
        except NetworkError as error:
            problem = f"{error.subject} {error.problem}" if error.subject else error.problem
            raise OutletUnavailable(problem, subject=self.outlet, remedy=error.remedy) from None
        if reply.status == 429 or reply.status >= 500:
            raise self.unavailable(f"answered {reply.status}", reply)
        if reply.status in (401, 403):
            raise self.unavailable(
                f"answered {reply.status}", remedy="give the outlet an api_key, or user and password, that may write"
            )
        if 300 <= reply.status < 400:
            raise self.unavailable(
                f"answered {reply.status}",
                remedy="hirewatch follows no redirect: give the outlet the final address",
            )
        return reply

    def unavailable(
        self, problem: str, reply: http.Reply | None = None, *, remedy: str | None = None
    ) -> OutletUnavailable:
        """The error for something that the engine did not do."""
        wait = reply.headers.get("retry-after") if reply else None
        return OutletUnavailable(
            f"{self.index.host} {problem}",
            subject=self.outlet,
            remedy=remedy,
            retry_after=read_retry_after(wait, self.context.clock()),
        )

    def read(self, reply: http.Reply) -> Any:
        """An answer as JSON. Raises OutletUnavailable if it is none, or none of success."""
        if not 200 <= reply.status < 300:
            raise self.unavailable(f"answered {reply.status}{said_in(reply.body)}", reply)
        try:
            return json.loads(reply.body)
        except ValueError:
            raise self.unavailable("answered something that is no JSON") from None


def in_parts(
    documents: Sequence[Document], write: Callable[[Sequence[Document]], dict[str, str] | str]
) -> dict[str, str]:
    """What `write` refused. Where it refuses all together, and says why, it is given halves, down to the one at
    fault."""
    answer = write(documents)
    if not isinstance(answer, str):
        return answer
    if len(documents) == 1:
        return {documents[0].id: answer}
    middle = len(documents) // 2
    return in_parts(documents[:middle], write) | in_parts(documents[middle:], write)


def read_object(body: bytes) -> dict[str, Any] | None:
    """An answer as a JSON object; None if it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def said_in(body: bytes) -> str:
    """What an answer gives as its reason, for a message about it."""
    value = read_object(body) or {}
    error = value.get("error")
    said = error.get("reason") if isinstance(error, dict) else value.get("message") or error
    return f" ({one_line(said, REASON_LIMIT)})" if isinstance(said, str) and said else ""
