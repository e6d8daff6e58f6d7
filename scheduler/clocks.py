"""One clock for many machines: the database server's.

Leases, and the pauses between two requests to a host, are times that processes write for each other. Between machines
whose clocks differ, two would ask a host at once. Used by the service and the workers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from scheduler.threads import StorageThread, utc_now
from storage.engine import reading

log = logging.getLogger(__name__)

#: seconds between two looks at the server's clock
LOOK_EVERY = 60.0
#: a machine whose clock differs by more should be told its time
NOTABLE = timedelta(seconds=2)


class ServerClock:
    """The time of the database server, aware, in UTC: the clock of this machine, set right by what the server says."""

    def __init__(self, engine: Engine, local: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._local = local
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return self._local() + self.offset

    def look(self) -> None:
        """Asks the server. Raises DatabaseError."""
        with reading(self._engine) as connection:
            began = self._local()
            server: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            ended = self._local()
        offset = server - (began + (ended - began) / 2)
        if abs(offset) > NOTABLE >= abs(self.offset):
            log.warning(
                "clock.off seconds=%s: this machine's clock differs from the database server's",
                offset.total_seconds(),
            )
        self.offset = offset


def common(engine: Engine, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock to use on a database: the server's on PostgreSQL, unless `clock` is none of a machine."""
    if engine.dialect.name == "postgresql" and clock is utc_now:
        return ServerClock(engine)
    return clock


async def keep_right(clock: Callable[[], datetime], store: StorageThread) -> None:
    """Looks at the server's clock again and again, until it is cancelled. Ends at once for any other clock."""
    while isinstance(clock, ServerClock):
        try:
            await store(clock.look)
        except DatabaseError as error:
            log.warning("clock.not-read: %s", error)
        await asyncio.sleep(LOOK_EVERY)
