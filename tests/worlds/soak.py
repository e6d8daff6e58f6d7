"""Days of many sites in one process that tells a receiver, and what the process holds after each of them.

`python -m tests.worlds.soak DATABASE SITES DAYS` prints a line of JSON for each day. With a further word it leaks a
file handle each day.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
import time
from pathlib import Path

from delivery import outlets
from delivery.dispatch import deliver_all
from network.addresses import AddressPolicy, parse_networks
from scheduler.maintenance import Maintenance
from storage.engine import connect
from storage.retention import Keep
from storage.schema import upgrade
from tests.chaos.checker import violations
from tests.delivery.receiver import SECRET, receiving
from tests.worlds.simulation import Simulation
from tests.worlds.world import BEGINNING

_PAGE = os.sysconf("SC_PAGE_SIZE")


def handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident() -> int:
    """Bytes of memory that this process has."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def main(database: str, count: int, days: int, leaks: bool) -> None:
    engine = connect(database)
    upgrade(engine, now=BEGINNING)
    leaked: list[int] = []
    context = outlets.Context(
        policy=AddressPolicy(allow=parse_networks("127.0.0.0/8")),
        instance="0" * 32,
        smtp=outlets.SmtpSettings(),
        user_agent="hirewatch-test",
        timeout=5.0,
    )
    simulation = Simulation(engine, count, share_of_faults=0.01)
    keep = Keep()
    with receiving() as receiver:
        outlets.add(engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=BEGINNING)
        for day in range(days):
            asyncio.run(simulation.days(1))
            deliver_all(engine, context, simulation.time(), random.Random(day))
            Maintenance(engine, keep).run(simulation.time())
            receiver.requests.clear()
            if leaks:
                leaked.append(os.open("/dev/null", os.O_RDONLY))
            said = {"day": day, "seconds": time.monotonic(), "bytes": resident(), "handles": handles()}
            print(json.dumps(said), flush=True)
    print(
        json.dumps(
            {
                "visits": sum(simulation.outcomes.values()),
                "faults": simulation.faults.total(),
                "events": simulation.told(),
                "wrong": simulation.wrong,
                "violations": violations(engine),
            }
        )
    )
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), len(sys.argv) > 4)
