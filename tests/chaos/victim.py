"""The process that is killed: it visits a site and delivers its events, over and over, until it dies.

`main`, with the arguments SETTINGS SITE DESCRIPTOR, is a nursery: it loads everything once, then forks a victim for
each line on its input and prints the victim's process number, so that a death costs milliseconds instead of seconds.
A victim writes what it is doing, a letter at a time, to the file descriptor.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import forkserver
from random import Random

from sqlalchemy import Engine

from delivery.dispatch import deliver_all
from delivery.outlets import Context, SmtpSettings
from network.addresses import AddressPolicy, parse_networks
from scheduler.protocol import WorkerSettings
from scheduler.worker import Worker, run
from storage import sites
from storage.engine import instance, reading
from tests.chaos.steps import Steps

#: what a victim says: a visit began, a delivery began, both are done
VISITING, DELIVERING, ROUND = b"v", b"d", b"r"


@dataclass(frozen=True)
class Order:
    """How a victim is to live."""

    #: visits and deliveries; None = until it is killed
    rounds: int | None = None
    #: it kills itself at this step, see `tests.chaos.steps`
    die_at: int | None = None


def live(settings: WorkerSettings, name: str, order: Order) -> None:
    """Visits and delivers, and dies as it was told."""

    async def rounds(worker: Worker) -> None:
        engine, store = worker.equipment.engine, worker.equipment.store
        if order.die_at is not None:
            die_at(order.die_at, engine)
        site = sites.find(engine, name)
        with reading(engine) as connection:
            context = context_of(settings, instance(connection))
        done = 0
        while done != order.rounds and not worker.stop.is_set():
            tell(VISITING)
            await worker.visit_all([site])
            tell(DELIVERING)
            await store(deliver_all, engine, context, datetime.now(UTC), Random(1))
            tell(ROUND)
            done += 1

    run(settings, rounds)


def die_at(step: int, engine: Engine) -> None:
    """Kills this process at its n-th step, once it has said which kind of moment that is."""

    def act(number: int, name: str) -> None:
        if number == step:
            tell(f"[{name}]".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    Steps(engine, act)


def context_of(settings: WorkerSettings, instance: str) -> Context:
    policy = AddressPolicy(allow=parse_networks(",".join(settings.allow_addresses)))
    return Context(policy=policy, instance=instance, smtp=SmtpSettings(), user_agent="hirewatch-test", timeout=5.0)


def tell(what: bytes) -> None:
    os.write(int(sys.argv[3]), what)


def main() -> None:
    """The nursery. Not the main module itself: reader processes would load it, and with it the crawler."""
    settings, name = WorkerSettings.from_json(sys.argv[1]), sys.argv[2]
    # Victims share one server of reader processes, started here: loading the parsers for each would take seconds.
    forkserver.set_forkserver_preload(
        ["crawler.extractors", "crawler.extraction", "crawler.readers", "crawler.sources.boards"]
    )
    forkserver.ensure_running()
    # a victim would wait for it as for a child of its own
    setattr(forkserver._forkserver, "ensure_running", lambda: None)  # noqa: B010
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.setsid()
            live(settings, name, Order(**json.loads(line)))
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
