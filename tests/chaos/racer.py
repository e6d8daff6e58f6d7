"""Processes that write new postings, each of its site, as fast as they can, and fail at a tenth of their commits.

`python -m tests.chaos.racer DATABASE BATCHES SITE …` writes a line `kept` for each batch that the ledger acknowledged,
and ends with 0 if all of them did. A server that is away is waited for.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import Connection, event

from postings.errors import DatabaseError
from storage import leases, sites
from storage.engine import connect
from storage.ledger import Ledger
from tests.chaos.writer import NOW, sighting

#: postings of a batch
BATCH = 20
#: one commit of so many fails
FAILS = 10
#: how long a server may be away, in seconds
_PATIENCE = 300.0


class Failed(Exception):
    """The commit that was made to fail."""


def write(database: str, name: str, batches: int) -> None:
    engine = connect(database, patience=timedelta(seconds=60))
    site, ledger, rng = sites.find(engine, name), Ledger(engine), Random(name)
    ttl = timedelta(hours=1)
    lease = leases.claim(engine, site.id, owner=name, now=NOW, ttl=ttl, dead=lambda owner: True)
    assert lease is not None
    visit = ledger.begin(site, lease, NOW)

    def fail_sometimes(connection: Connection) -> None:
        if not connection.get_execution_options().get("readonly") and rng.randrange(FAILS) == 0:
            raise Failed

    event.listen(engine, "commit", fail_sometimes)
    for number in range(batches):
        batch = [
            replace(one, page=replace(one.page, address=f"{name}/{one.address}"), address=f"{name}/{one.address}")
            for one in (sighting(number * BATCH + place, f"Welder at {name}") for place in range(BATCH))
        ]
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                ledger.record(visit, batch, datetime.now(UTC))
            except Failed:
                continue
            except DatabaseError:
                # the server went away: whether the batch was kept, the next attempt finds out
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
                continue
            os.write(1, b"kept\n")
            break


def main(database: str, batches: int, names: list[str]) -> int:
    for name in names:
        if os.fork() == 0:
            try:
                write(database, name, batches)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
    failed = [os.wait()[1] for _ in names]
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
