"""Days of some sites in a process of their own: `python -m tests.worlds.export DATABASE SITES DAYS` prints the log.

The installation has the same id each time: ids of postings and visits follow from it.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from unittest import mock

from delivery import formats
from storage import events
from storage.engine import connect, instance, reading
from storage.schema import upgrade
from tests.worlds.simulation import Simulation
from tests.worlds.world import BEGINNING


def main(database: str, count: int, days: int) -> None:
    engine = connect(database)
    with mock.patch("storage.schema.uuid.uuid4", return_value=uuid.UUID(int=1)):
        upgrade(engine, now=BEGINNING)
    simulation = Simulation(engine, count, share_of_faults=0.02)
    asyncio.run(simulation.days(days))
    with reading(engine) as connection:
        encoder = formats.encoder("jsonl", formats.events(instance(connection)))
    number = 0
    while page := events.after(engine, number, 500):
        number = page[-1].number
        sys.stdout.buffer.write(encoder.add(page))
    sys.stdout.buffer.write(encoder.finish())
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
