from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from network.addresses import AddressPolicy, parse_networks
from network.proxy import ForwardProxy
from network.resolver import PolicyResolver
from tests.network.test_resolver import Table


@dataclass(slots=True)
class Server:
    """Answers every request with its own head, and notes what came."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def behind(
    allow: str = "127.0.0.0/8", most_bytes: int = 10_000, **names: list[str]
) -> AsyncIterator[tuple[ForwardProxy, Server]]:
    """A proxy, and a server on a port that it may contact."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    resolver = PolicyResolver(None, AddressPolicy(parse_networks(allow)), inner=Table(**names))
    proxy = ForwardProxy(resolver, most_bytes=most_bytes, ports=[server.port])
    await proxy.start()
    try:
        yield proxy, server
    finally:
        await proxy.close()
        listening.close()


async def ask(proxy: ForwardProxy, first: str, *lines: str, body: bytes = b"", password: str | None = None) -> bytes:
    """What the proxy answers to a request, to the end of the connection."""
    token = base64.b64encode(f"{proxy.user}:{proxy.password if password is None else password}".encode()).decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
    head = "\r\n".join([f"{first} HTTP/1.1", f"Proxy-Authorization: Basic {token}", *lines, "", ""])
    writer.write(head.encode() + body)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scene()

    asyncio.run(whole())


def test_a_plain_request_is_passed_on_without_what_is_for_the_proxy() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, server):
            url = f"http://acme:{server.port}/jobs?page=2"
            answer = await ask(proxy, f"GET {url}", f"Host: acme:{server.port}", "Proxy-Connection: keep-alive")
            assert answer.endswith(b"hello")
            [head] = server.heads
            assert head.startswith(b"GET /jobs?page=2 HTTP/1.1\r\n")
            assert b"proxy" not in head.lower()
            assert b"Connection: close" in head
            assert (proxy.connections, proxy.bytes) == (1, len(answer))

    run(scene)


def test_a_tunnel_leads_to_the_judged_address() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, server):
            answer = await ask(proxy, f"CONNECT acme:{server.port}", body=b"GET /x HTTP/1.1\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(b"hello")

    run(scene)


def test_an_address_that_is_refused_is_not_contacted() -> None:
    async def scene() -> None:
        async with behind(allow="", acme=["127.0.0.1"]) as (proxy, server):
            for first in (f"GET http://acme:{server.port}/", f"CONNECT acme:{server.port}"):
                assert (await ask(proxy, first)).startswith(b"HTTP/1.1 403 Address Refused")
            assert server.heads == []
            assert proxy.refused == {"acme"}
            assert proxy.connections == 0

    run(scene)


def test_only_the_ports_of_the_web_and_of_the_site_are_contacted() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, server):
            assert (await ask(proxy, f"CONNECT acme:{server.port + 1}")).startswith(b"HTTP/1.1 403 Port Refused")
            assert (await ask(proxy, "GET http://acme:25/")).startswith(b"HTTP/1.1 403 Port Refused")

    run(scene)


def test_who_does_not_know_the_password_is_sent_away() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, server):
            answer = await ask(proxy, f"GET http://acme:{server.port}/", password="guess")
            assert answer.startswith(b"HTTP/1.1 407")
            assert server.heads == []

    run(scene)


def test_a_second_request_on_the_connection_of_a_first_goes_nowhere() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, server):
            await ask(proxy, f"GET http://acme:{server.port}/a", body=b"GET http://inner/b HTTP/1.1\r\n\r\n")
            [head] = server.heads
            assert b"inner" not in head

    run(scene)


def test_nothing_comes_in_once_the_bytes_are_spent() -> None:
    async def scene() -> None:
        async with behind(most_bytes=20, acme=["127.0.0.1"]) as (proxy, server):
            assert b"hello" not in await ask(proxy, f"GET http://acme:{server.port}/")
            assert (await ask(proxy, f"GET http://acme:{server.port}/")).startswith(b"HTTP/1.1 509")
            assert len(server.heads) == 1

    run(scene)


def test_what_is_no_request_is_refused() -> None:
    async def scene() -> None:
        async with behind(acme=["127.0.0.1"]) as (proxy, _):
            for first in (
                "GET /jobs",
                "GET ftp://acme/",
                "CONNECT acme",
                "CONNECT acme:x",
                "GET http://acme:99999999/",
            ):
                assert (await ask(proxy, first)).startswith(b"HTTP/1.1 400"), first
            assert (await ask(proxy, "POST http://acme/", "Transfer-Encoding: chunked")).startswith(b"HTTP/1.1 411")

    run(scene)
