"""A webhook receiver on loopback, as an employer's own program would be: it believes only what is signed.

`hirewatch demo` is told by it which alerts arrived; the end-to-end tests count with it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery that carried a valid signature."""

    #: the header `webhook-id`: the same for every attempt
    id: str
    #: what was sent: a CloudEvent, or the summary of a baseline
    body: Mapping[str, Any]


class Receiver:
    """Takes signed webhooks (Standard Webhooks 1.0) between `start` and `stop`, or as a context manager."""

    def __init__(self, secret: str, *, told: Callable[[Received], None] = lambda received: None) -> None:
        """`secret` is the `whsec_…` of the outlet; `told` hears of each delivery, from a thread of the server."""
        self._webhook = Webhook(secret)
        self._told = told
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._refused = 0
        #: what is answered instead of 204, e.g. 503
        self.status: int | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="receiver", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it takes webhooks."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def received(self) -> list[Received]:
        """Everything that carried a valid signature, in the order of arrival."""
        with self._lock:
            return list(self._received)

    @property
    def refused(self) -> int:
        """Deliveries without a valid signature."""
        with self._lock:
            return self._refused

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """The HTTP status that answers this delivery."""
        if self.status is not None:
            return self.status
        try:
            self._webhook.verify(body, dict(headers))
        except WebhookVerificationError:
            with self._lock:
                self._refused += 1
            return 401
        received = Received(id=headers["webhook-id"], body=json.loads(body))
        with self._lock:
            self._received.append(received)
        self._told(received)
        return 204

    def start(self) -> Self:
        """Takes webhooks from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Takes no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """The demonstration tells what arrives; a log of requests would only disturb it."""

    return Handler
