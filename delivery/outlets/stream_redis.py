"""Writes entries to a stream of Redis or Valkey, each under the id `N-0`, which the server takes once and in order."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from delivery.outlets.outlet import Context
from delivery.outlets.stream_server import Entry, Server, Unwritable
from delivery.safe_text import one_line
from network import client as http
from network.addresses import AddressPolicy
from postings.errors import NetworkError

_SHARED = "give the outlet a stream of its own: another key in its address"


class RedisWriter:
    """One connection to one server."""

    def __init__(self, server: Server, options: Mapping[str, Any], context: Context) -> None:
        host, port = server.hosts[0]
        self._host = host
        self._stream = server.stream
        self._maxlen: int | None = options.get("maxlen")
        self._source = f"hirewatch:{context.instance}"
        pool = redis.ConnectionPool(
            connection_class=_JudgedTls if server.tls else _Judged,
            policy=context.policy,
            host=host,
            port=port,
            db=server.database,
            username=server.user or None,
            password=server.password,
            socket_timeout=context.timeout,
            socket_connect_timeout=context.timeout,
            retry=Retry(NoBackoff(), 0),
            # a server may not send its client elsewhere
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self._client = redis.Redis(connection_pool=pool)

    def write(self, entries: Sequence[Entry]) -> dict[int, str]:
        try:
            return self._add([entry for entry in entries if entry.number is not None])
        except NetworkError:
            raise
        except redis.RedisError as error:
            raise Unwritable(f"{self._host} {_explain(error)}") from None

    def close(self) -> None:
        self._client.close()
        self._client.connection_pool.disconnect()

    def _add(self, entries: Sequence[Entry]) -> dict[int, str]:
        kind = self._client.type(self._stream)
        if kind not in (b"none", b"stream"):
            raise Unwritable(f"{self._host} holds no stream at this key", remedy=_SHARED)
        if not entries:
            return {}
        # as one: if one of them were left out for want of memory, the next would close the door behind it
        pipeline = self._client.pipeline(transaction=True)
        for entry in entries:
            said = {name: entry.attributes[name] for name in ("id", "source", "type", "subject", "time")}
            fields: dict[Any, Any] = {**said, "event": entry.body}
            pipeline.xadd(self._stream, fields, id=f"{entry.number}-0", maxlen=self._maxlen, approximate=True)
        answers = pipeline.execute(raise_on_error=False)
        failed = [
            (entry, answer) for entry, answer in zip(entries, answers, strict=True) if isinstance(answer, Exception)
        ]
        if not failed:
            return {}
        for _, answer in failed:
            if not isinstance(answer, redis.ResponseError) or "equal or smaller" not in str(answer):
                raise answer
        return self._missing([entry for entry, _ in failed])

    def _missing(self, entries: Sequence[Entry]) -> dict[int, str]:
        """Of entries that came too late or twice, those that are not there."""
        pipeline = self._client.pipeline(transaction=False)
        for entry in entries:
            pipeline.xrange(self._stream, f"{entry.number}-0", f"{entry.number}-0")
        pipeline.xrevrange(self._stream, count=1)
        *found, newest = pipeline.execute()
        if newest and newest[0][1].get(b"source") != self._source.encode():
            raise Unwritable(f"{self._host} has entries of somebody else in this stream", remedy=_SHARED)
        missing = [
            entry
            for entry, there in zip(entries, found, strict=True)
            if not there or there[0][1].get(b"id") != entry.attributes["id"].encode()
        ]
        reason = "the stream has newer entries already, and takes none before them"
        return {entry.number: reason for entry in missing if entry.number is not None}


class _Judged(redis.Connection):
    """Connects to nothing but an address that was judged."""

    def __init__(self, *, policy: AddressPolicy, **options: Any) -> None:
        self._policy = policy
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def _connect(self) -> socket.socket:
        failure: OSError | None = None
        for address in http.judge(self._policy, self.host, int(self.port)):
            try:
                connection = socket.create_connection((address, int(self.port)), timeout=self.socket_connect_timeout)
            except OSError as error:
                failure = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(self.socket_timeout)
            return connection
        raise failure or OSError("no address")


class _JudgedTls(redis.SSLConnection, _Judged):
    """The same, and then TLS for the name that was asked for."""


def _explain(error: redis.RedisError) -> str:
    match error:
        case redis.TimeoutError():
            return "did not answer in time"
        case redis.AuthenticationError() | NoPermissionError():
            return "refused the user, the password, or what it may do"
        case redis.ConnectionError() if isinstance(error.__context__, ssl.SSLError):
            return "has a certificate that cannot be trusted, or speaks no TLS"
        case redis.ConnectionError():
            return "cannot be reached, or hung up"
        case _:
            return f"answered {one_line(error, 120)}"
