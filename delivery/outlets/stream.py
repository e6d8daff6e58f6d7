"""Tells Kafka, NATS JetStream or a Redis stream about events, in order, each under an id that is the store's own guard.

The address says which: `kafka://host:9092/topic`, `nats://host:4222/subject`, `redis://host:6379/0/stream`; with
`+tls` behind the scheme the connection is encrypted. The library for each loads when such an outlet is opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from delivery.outlets import options as read
from delivery.outlets.copying import selection, shown
from delivery.outlets.envelope import envelope, sample, to_json
from delivery.outlets.outlet import Batch, Context, Delivered, Limits, OutletUnavailable, tag
from delivery.outlets.stream_server import Entry, Server, Unwritable, Writer, read_server
from network import client as http
from postings.errors import ConfigurationError, NetworkError, UsageError, how_to_install
from storage import outlets

__all__ = ["StreamOutlet", "prepare", "selection", "shown"]

#: scheme -> the class of its module `stream_…`, the package that it needs, and the options that only it has
_KINDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "kafka": ("KafkaWriter", "confluent_kafka", ("mechanism",)),
    "nats": ("NatsWriter", "nats", ("stream", "create")),
    "redis": ("RedisWriter", "redis", ("maxlen",)),
}
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError, ConfigurationError without the library.

    Options: `description` (none, text or html), `events`, `with_baseline`; for Kafka `mechanism`, for NATS `stream`
    and `create`, for Redis `maxlen`.
    """
    address = address.strip()
    server = read_server(address)
    read.require_known(options, (*read.OF_EVENTS, *_KINDS[server.kind][2]), f"stream ({server.kind})")
    stored = read.of_events(options)
    if "mechanism" in options:
        stored["mechanism"] = read.choice("mechanism", str(options["mechanism"]).upper(), _MECHANISMS)
    in_the_clear = server.user is not None and not server.tls and stored.get("mechanism", "PLAIN") == "PLAIN"
    if server.kind == "kafka" and in_the_clear:
        raise UsageError(
            "a password is not sent in the clear",
            remedy="write kafka+tls://…, or choose mechanism SCRAM-SHA-256 or SCRAM-SHA-512",
        )
    if options.get("stream"):
        stored["stream"] = _stream_name(options["stream"])
    if "create" in options:
        stored["create"] = read.flag("create", options["create"])
        if stored["create"] and "stream" not in stored:
            raise UsageError("needs the name of what to create", subject="create", remedy="give `stream` as well")
    if options.get("maxlen"):
        stored["maxlen"] = _count("maxlen", options["maxlen"])
    _load(server.kind)
    return address, stored


class StreamOutlet:
    """A topic, a subject or a stream."""

    limits = Limits(most=500, each_alone=True)

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Opens nothing yet. Raises UsageError for a bad address, ConfigurationError without the library."""
        self._name = row.name
        self._tag = tag(row, context.instance)
        self._context = context
        self._description = row.options.get("description", "text")
        self._server = read_server(row.address)
        self._options = row.options
        self._class = _load(self._server.kind)
        self._writer: Writer | None = None

    def check(self) -> None:
        """Connects to one of the servers. Raises AddressRefused or NetworkError if that is possible with none."""
        failure: NetworkError | None = None
        for host, port in self._server.hosts:
            try:
                http.reach(self._context.policy, host, port, timeout=self._context.timeout)
            except NetworkError as error:
                failure = error
            else:
                return
        if failure is not None:
            raise failure

    def deliver(self, batch: Batch) -> Delivered:
        """All of them, and returns when the last was acknowledged."""
        refused: dict[int, str] = {}
        entries: list[Entry] = []
        for event in batch.events:
            try:
                said = envelope(event, self._context.instance, self._description)
                entries.append(
                    Entry(
                        number=event.number,
                        key=event.posting_id,
                        id=f"evt_{event.number}-{self._tag}",
                        attributes={name: value for name, value in said.items() if name != "data"},
                        body=to_json(said),
                    )
                )
            except (ValueError, TypeError) as error:
                refused[event.number] = f"cannot be written as JSON ({type(error).__name__})"
        if entries:
            refused |= self._write(entries)
        return Delivered(
            sent=tuple(number for number in batch.numbers if number not in refused),
            refused=tuple(sorted(refused.items())),
        )

    def test(self) -> None:
        """Sends an event of the type `hirewatch.test`; to Redis, where it would stand in the way, only looks."""
        message_id = f"test_{secrets.token_hex(8)}"
        said = sample(message_id, self._name, self._context.instance, self._context.clock())
        entry = Entry(
            number=None,
            key="hirewatch.test",
            id=message_id,
            attributes={name: value for name, value in said.items() if name != "data"},
            body=to_json(said),
        )
        self._write([entry])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, entries: Sequence[Entry]) -> dict[int, str]:
        try:
            if self._writer is None:
                self._writer = self._class(self._server, self._options, self._context)
            return self._writer.write(entries)
        except Unwritable as error:
            self.close()
            raise OutletUnavailable(error.problem, subject=self._name, remedy=error.remedy) from None
        except NetworkError as error:
            self.close()
            problem = f"{error.subject} {error.problem}" if error.subject else error.problem
            raise OutletUnavailable(problem, subject=self._name, remedy=error.remedy) from None


def judged(server: Server, context: Context) -> list[tuple[str, int, str]]:
    """Host, port and a judged address of each server that may be contacted.

    Raises AddressRefused or NetworkError if there is none.
    """
    found: list[tuple[str, int, str]] = []
    failure: NetworkError | None = None
    for host, port in server.hosts:
        try:
            found.append((host, port, http.judge(context.policy, host, port)[0]))
        except NetworkError as error:
            failure = error
    if not found and failure is not None:
        raise failure
    return found


def _load(kind: str) -> Any:
    name, package, _ = _KINDS[kind]
    try:
        import_module(package)
    except ImportError:
        raise ConfigurationError(
            f"needs the library for {kind}, which is not installed",
            subject=f"{kind}://",
            remedy=how_to_install(kind),
        ) from None
    return getattr(import_module(f"delivery.outlets.stream_{kind}"), name)


def _stream_name(value: Any) -> str:
    # what JetStream takes as a name
    if not isinstance(value, str) or not value.isprintable() or any(sign in value for sign in " .*>/\\"):
        raise UsageError("is no name of a JetStream stream", subject="stream", remedy="write it like JOBS")
    return value


def _count(name: str, value: Any) -> int:
    try:
        count = int(value)
    except (TypeError, ValueError):
        count = 0
    if isinstance(value, bool) or count <= 0:
        raise UsageError("takes a number above zero", subject=name)
    return count
