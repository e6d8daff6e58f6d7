"""Receivers that fail in the ways that receivers fail in: the round ends in time, in words, and loses nothing."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest
from sqlalchemy.engine import Engine

from delivery import outlets
from delivery.dispatch import deliver_due
from storage import deliveries
from tests.delivery.eventlog import NOON, EventLog
from tests.delivery.loopback import loopback_context
from tests.delivery.receiver import SECRET

#: seconds that one send may take here
TIMEOUT = 0.5

Behaviour = Callable[[socket.socket, threading.Event], None]


def hangs(peer: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def resets(peer: socket.socket, over: threading.Event) -> None:
    # closing with nothing to linger for sends RST
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cuts_its_answer(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"HTTP/1.1 200 O")


def answers_nonsense(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"220 mail.example ESMTP\r\n")


def drips(peer: socket.socket, over: threading.Event) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 50:
        try:
            peer.sendall(bytes([byte]))
        except OSError:
            return
        if over.wait(0.1):
            return


def says(answer: bytes) -> Behaviour:
    def say(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(answer)

    return say


def never_ends(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"HTTP/1.1 500 Broken\r\nContent-Length: 1000000000000\r\n\r\n")
    piece = b"x" * 65536
    while not over.is_set():
        try:
            peer.sendall(piece)
        except OSError:
            return


@contextmanager
def receiving(behaviour: Behaviour) -> Iterator[int]:
    """The port of a receiver that reads what comes first and then behaves so."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(20)
                    peer.recv(65536)
                    behaviour(peer, over)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            thread.join(5)


@pytest.mark.parametrize(
    ("behaviour", "scheme", "words"),
    [
        (hangs, "http", "in time"),
        (resets, "http", ""),
        (cuts_its_answer, "http", ""),
        (answers_nonsense, "http", ""),
        (drips, "http", "in time"),
        (says(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"), "http", "answered 500"),
        (says(b"HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"), "http", "answered 429"),
        (says(b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), "http", "redirect"),
        (says(b"HTTP/1.1 400 This is no TLS\r\n\r\n"), "https", ""),
        (never_ends, "http", "answered 500"),
    ],
    ids=["hang", "reset", "cut", "nonsense", "drip", "500", "429", "301", "no TLS", "endless"],
)
def test_a_receiver_that_fails_costs_one_timeout_and_no_event(
    engine: Engine, log: EventLog, behaviour: Behaviour, scheme: str, words: str
) -> None:
    with receiving(behaviour) as port:
        address = f"{scheme}://127.0.0.1:{port}/hook/canary"
        outlet = outlets.add(engine, name="hook", address=address, options={"secret": SECRET}, now=NOON)
        log.add(2)
        began = time.monotonic()
        settled = deliver_due(engine, outlet, loopback_context(timeout=TIMEOUT), NOON, Random(1))
        assert time.monotonic() - began < TIMEOUT + 5
    assert (settled.sent, settled.parked, settled.disabled) == (0, 0, False)
    assert settled.next_attempt_at is not None
    assert settled.error is not None
    assert words in settled.error
    assert "canary" not in settled.error
    [stands] = deliveries.status(engine)
    assert stands.lag == 2
    assert stands.pending is not None
    if "429" in words:
        assert (settled.next_attempt_at - NOON).total_seconds() == 3600


def test_a_receiver_that_wants_no_more_is_left_alone_and_nothing_is_lost(engine: Engine, log: EventLog) -> None:
    with receiving(says(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")) as port:
        outlet = outlets.add(
            engine, name="hook", address=f"http://127.0.0.1:{port}/", options={"secret": SECRET}, now=NOON
        )
        log.add(2)
        assert deliver_due(engine, outlet, loopback_context(), NOON, Random(1)).disabled
    [stands] = deliveries.status(engine)
    assert stands.outlet.disabled_at is not None
    assert stands.lag == 2
