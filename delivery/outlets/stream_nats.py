"""Writes entries to NATS JetStream, each with its id in `Nats-Msg-Id`, so that a repeat is stored once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from delivery.outlets.envelope import CONTENT_TYPE
from delivery.outlets.outlet import Context
from delivery.outlets.stream_server import Entry, Server, Unwritable
from delivery.safe_text import one_line
from network import client as http
from postings.errors import NetworkError


class NatsWriter:
    """One connection, with an event loop that only the thread that writes has."""

    def __init__(self, server: Server, options: Mapping[str, Any], context: Context) -> None:
        self._server = server
        self._context = context
        self._stream: str | None = options.get("stream")
        self._create = bool(options.get("create"))
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._said: Exception | None = None

    def write(self, entries: Sequence[Entry]) -> dict[int, str]:
        host = self._server.hosts[0][0]
        try:
            return self._runner.run(asyncio.wait_for(self._publish(entries), self._context.timeout))
        except NetworkError:
            raise
        except NoStreamResponseError:
            subject = self._server.stream
            raise Unwritable(
                f"{host} has no stream for the subject {subject}",
                remedy=f'make one with `nats stream add JOBS --subjects "{subject}"`, or let hirewatch do it: '
                "--set stream=JOBS --set create=true",
            ) from None
        except TimeoutError:
            raise Unwritable(f"{host} did not answer in time") from None
        except APIError as error:
            raise Unwritable(f"{host} answered {one_line(error.description, 120)}") from None
        except (NatsError, OSError) as error:
            raise Unwritable(f"{host} {_explain(self._said or error)}") from None

    def close(self) -> None:
        try:
            if self._client is not None:
                self._runner.run(self._client.close())
        finally:
            self._client = None
            self._runner.close()

    async def _publish(self, entries: Sequence[Entry]) -> dict[int, str]:
        jetstream = await self._connected()
        refused: dict[int, str] = {}
        promised: list[Awaitable[PubAck]] = []
        for entry in entries:
            headers = {"Nats-Msg-Id": entry.id, "Content-Type": CONTENT_TYPE}
            try:
                promised.append(
                    await jetstream.publish_async(self._server.stream, entry.body, stream=self._stream, headers=headers)
                )
            except MaxPayloadError:
                if entry.number is None:
                    raise
                refused[entry.number] = f"is larger than this server takes ({len(entry.body):,} bytes)"
        # none is left alone, or it would complain about it
        for answer in await asyncio.gather(*promised, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
        return refused

    async def _connected(self) -> JetStreamContext:
        if self._client is None or not self._client.is_connected:
            client = await self._connect()
            await self._ensure_stream(client.jetstream(timeout=self._context.timeout))
            return client.jetstream(timeout=self._context.timeout)
        return self._client.jetstream(timeout=self._context.timeout)

    async def _connect(self) -> Client:
        failure: Exception | None = None
        for host, port in self._server.hosts:
            try:
                address = http.judge(self._context.policy, host, port)[0]
                self._client = await self._open(host, address, port)
            except (NatsError, OSError, NetworkError) as error:
                failure = self._said or error
            else:
                return self._client
        raise failure or OSError("no server")

    async def _open(self, host: str, address: str, port: int) -> Client:
        server = self._server
        client = _EncryptedClient() if server.tls else Client()
        try:
            await client.connect(
                # only the address that was judged: what a server says of its neighbours is not followed
                f"nats://{f'[{address}]' if ':' in address else address}:{port}",
                allow_reconnect=False,
                # it tries for ever otherwise: this is twice
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=max(1, int(self._context.timeout)),
                error_cb=self._hear,
                tls=ssl.create_default_context() if server.tls else None,
                tls_hostname=host if server.tls else None,
                user=server.user if server.password is not None else None,
                password=server.password,
                # `nats://TOKEN@host`
                token=server.user if server.password is None else None,
                name="hirewatch",
            )
        except ssl.SSLError:
            # closed by the failure itself: to wait for its end would be to wait for ever
            raise
        except BaseException:
            # it leaves its connection open where the server was not to its liking
            await client.close()
            raise
        return client

    async def _ensure_stream(self, jetstream: JetStreamContext) -> None:
        if not self._stream or not self._create:
            return
        try:
            await jetstream.stream_info(self._stream)
        except NotFoundError:
            await jetstream.add_stream(name=self._stream, subjects=[self._server.stream])

    async def _hear(self, error: Exception) -> None:
        self._said = error


_NO_TLS = "the server offers no tls"


class _EncryptedClient(Client):
    """Says nothing to a server that does not speak TLS: the library would send the password in the clear."""

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        if not info.get("tls_required"):
            raise NatsError(_NO_TLS)
        await super()._process_info(info, initial_connection)


def _explain(error: Exception) -> str:
    said = str(error).lower()
    if "authorization" in said or "authentication" in said or "permissions" in said:
        return "refused the user, the password, or what it may do"
    if isinstance(error, ssl.SSLError) or _NO_TLS in said:
        return "has a certificate that cannot be trusted, or speaks no TLS"
    return "cannot be reached, or hung up"
