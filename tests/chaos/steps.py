"""Numbers the moments at which something leaves a process, and lets a test do its worst at one of them.

The moments lie before and after each commit that writes, each message that is sent, and before each file that is made.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event

from delivery.outlets.webhook import WebhookOutlet


class Steps:
    """Counts from 1, over all threads. Once a process only: a hook on files cannot be taken away."""

    def __init__(self, engine: Engine, act: Callable[[int, str], None]) -> None:
        """`act` is called at each moment with its number and its name."""
        self._act = act
        self._numbers = itertools.count(1)
        self._committing = threading.local()
        event.listen(engine, "commit", self._before_commit)
        event.listen(engine, "checkin", self._after_commit)
        self._surround_sends()
        sys.addaudithook(self._audit)

    def _at(self, name: str) -> None:
        self._act(next(self._numbers), name)

    def _before_commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("readonly"):
            self._at("before commit")
            self._committing.now = True

    def _after_commit(self, connection: object, record: object) -> None:
        if getattr(self._committing, "now", False):
            self._committing.now = False
            self._at("after commit")

    def _surround_sends(self) -> None:
        send = WebhookOutlet._send

        def surrounded(outlet: WebhookOutlet, message_id: str, body: bytes) -> None:
            self._at("before send")
            send(outlet, message_id, body)
            self._at("after send")

        WebhookOutlet._send = surrounded  # type: ignore[method-assign, assignment]

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
            self._at("before file")
