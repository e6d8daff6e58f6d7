"""Kills one outlet's senders at random moments: `zygote.py DATABASE OUTLET MOST KILLS SEED`.

Starting Python takes longer than sending, so each sender is a fork of this process, which has everything loaded and
nothing open. Prints how many senders were killed, and what the last one, which is left alone, has settled.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from random import Random
from typing import Any

from delivery.dispatch import deliver_due
from delivery.outlets import KINDS
from storage import outlets
from storage.engine import connect
from tests.delivery.loopback import loopback_context

#: a sender dies after so many steps, at most, and so many seconds later, at most
STEPS, SECONDS = 8, 0.03


def send(url: str, name: str, most: int, step: Callable[[], object]) -> str:
    """Tells the outlet until nothing is left, `most` events at a time; what was settled.

    `step` is called before each batch is handed to the outlet, and when the outlet has told it.
    """
    engine = connect(url)
    row = outlets.find(engine, name)
    kind: Any = getattr(import_module(f"delivery.outlets.{row.kind}"), KINDS[row.kind])
    kind.limits = replace(kind.limits, most=most)
    tell = kind.deliver

    def deliver(outlet: Any, batch: Any) -> Any:
        step()
        delivered = tell(outlet, batch)
        step()
        return delivered

    kind.deliver = deliver
    settled = deliver_due(engine, row, loopback_context(), datetime.now(UTC), Random(1))
    return json.dumps({**asdict(settled), "error": settled.error}, default=str)


def killed(url: str, name: str, most: int, random: Random) -> bool:
    """Whether a sender was killed in the middle of things."""
    listening, speaking = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            send(url, name, most, partial(os.write, speaking, b"."))
        finally:
            os._exit(0)
    os.close(speaking)
    for _ in range(random.randint(1, STEPS)):
        if not os.read(listening, 1):
            break
    time.sleep(random.uniform(0, SECONDS))
    os.kill(child, signal.SIGKILL)
    os.close(listening)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def main(url: str, name: str, most: int, kills: int, seed: int) -> None:
    random = Random(seed)
    # loads what a sender needs, without opening anything
    for module in ("psycopg", f"delivery.outlets.{name}"):
        import_module(module)
    count = sum(killed(url, name, most, random) for _ in range(kills))
    print(count, send(url, name, most, lambda: None))


if __name__ == "__main__":
    url, name, *figures = sys.argv[1:]
    main(url, name, *map(int, figures))
