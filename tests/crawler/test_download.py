"""When a request counts as sent: the next one to its host waits from that moment. And which connections are used
again."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from typing import Any

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers
from zope.interface import implementer

from crawler.download import _BoundedFactory, _Pool


class Line(StringTransport):
    """A transport that hands its bytes to the system as Twisted's do: when the loop next finds that there is room."""

    def __init__(self, story: list[str], end: socket.socket) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._story = story
        self._end = end

    def writeSequence(self, data: Any) -> None:
        asyncio.get_running_loop().add_writer(self._end, self._hand_over)

    def _hand_over(self) -> None:
        asyncio.get_running_loop().remove_writer(self._end)
        self._story.append("written")


@implementer(ISSLTransport)
class SecureLine(StringTransport):
    """A transport over TLS."""

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Twisted's client asks for it, so that TLS does not wait for more to send."""


def ask(story: list[str], line: StringTransport) -> Any:
    """Sends a request; the story tells when it was told of. Answers the protocol."""
    factory = _BoundedFactory(1000, lambda host: story.append(f"told of {host}"), lambda _: None, repr)
    protocol = factory.buildProtocol(None)
    protocol.makeConnection(line)  # type: ignore[no-untyped-call]
    request = Request(b"GET", b"/", Headers({b"host": [b"a.example"]}), None)  # type: ignore[no-untyped-call]
    protocol.request(request)
    return protocol


async def turns(number: int) -> None:
    """So many turns of the loop."""
    for _ in range(number):
        await asyncio.sleep(0)


def test_a_request_is_told_of_once_the_system_has_it() -> None:
    async def main() -> list[str]:
        story: list[str] = []
        ours, theirs = socket.socketpair()
        with closing(ours), closing(theirs):
            ask(story, Line(story, ours))
            await turns(5)
        return story

    assert asyncio.run(main()) == ["written", "told of a.example"]


def test_over_tls_a_request_is_told_of_after_the_handshake() -> None:
    async def main() -> tuple[list[str], list[str]]:
        story: list[str] = []
        protocol = ask(story, SecureLine())  # type: ignore[no-untyped-call]
        await turns(5)
        before = list(story)
        protocol.handshakeCompleted()
        await turns(5)
        return before, story

    assert asyncio.run(main()) == ([], ["told of a.example"])


class Kept(StringTransport):
    """The transport of a connection that is kept, with its end of the line."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.socket = end


def kept(end: socket.socket) -> Any:
    """A connection over which nothing is asked now."""
    protocol = _BoundedFactory(1000, lambda _: None, lambda _: None, repr).buildProtocol(None)
    protocol.makeConnection(Kept(end))  # type: ignore[no-untyped-call]
    return protocol


def test_a_connection_that_the_site_has_hung_up_is_known_before_the_loop_comes_to_it() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        connection = kept(ours)
        assert not connection.has_hung_up()
        theirs.close()
        assert connection.has_hung_up()


def test_what_waits_to_be_read_from_a_connection_stays_there() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.send(b"ticket")
        assert not kept(ours).has_hung_up()
        assert ours.recv(100) == b"ticket"


def test_a_pool_hands_out_no_connection_that_was_hung_up() -> None:
    async def main() -> bool:
        clock = Clock()
        pool = _Pool(clock)  # type: ignore[no-untyped-call]
        pool.retryAutomatically = False
        pairs = [socket.socketpair() for _ in range(2)]
        gone, there = (kept(ours) for ours, _ in pairs)
        for connection in (gone, there):
            pool._putConnection("a.example", connection)  # type: ignore[no-untyped-call]
        pairs[0][1].close()
        handed = pool.getConnection("a.example", None).result
        for pair in pairs:
            for end in pair:
                end.close()
        # nothing is left to be ended when their time is over
        clock.advance(pool.cachedConnectionTimeout + 1)
        return handed is there

    assert asyncio.run(main())
