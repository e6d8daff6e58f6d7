"""A receiver of webhooks on loopback: checks every signature, answers by script, counts what it accepted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
#: hangs up without an answer
HANG_UP = -1
#: takes the event, then hangs up without an answer: for the sender that is a failure
TAKE_AND_HANG_UP = -2


@dataclass
class Request:
    """What came in."""

    id: str
    headers: dict[str, str]
    event: dict[str, Any]
    body: bytes
    path: str
    port: int
    answer: int


@dataclass
class Receiver:
    """Answers 200, or what `script` says of the next requests; `before_answer` runs when the request is complete."""

    url: str = ""
    secret: str | None = SECRET
    script: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    before_answer: Callable[[Request], None] = lambda request: None
    body: bytes = b"ok"

    @property
    def accepted(self) -> list[str]:
        """Ids in the order in which they were accepted."""
        return [request.id for request in self.requests if request.answer in (200, TAKE_AND_HANG_UP)]

    @property
    def numbers(self) -> list[int]:
        """Event numbers in the order in which they were accepted."""
        return [int(message.partition("-")[0].removeprefix("evt_")) for message in self.accepted]


@contextmanager
def receiving(host: str = "127.0.0.1") -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            event = Webhook(receiver.secret).verify(body, headers) if receiver.secret else {}
            with lock:
                answer = receiver.script.pop(0) if receiver.script else 200
                request = Request(
                    headers.get("webhook-id", ""), headers, event, body, self.path, self.client_address[1], answer
                )
                receiver.requests.append(request)
            receiver.before_answer(request)
            if answer < 0:
                self.close_connection = True
                return
            self.send_response(answer)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            body = b"" if answer == 204 else receiver.body
            if answer != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://{host}:{server.server_address[1]}/hook?key=canary-in-url"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
