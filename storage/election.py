"""Which of the services on one database schedules: one of them, the others stand by. Asked by the service.

On PostgreSQL the elected one holds a session's advisory lock, which ends with its process: when it dies, the next
that asks is elected. On SQLite every service is: there claims alone keep them apart.
"""

from __future__ import annotations

import contextlib

from sqlalchemy import Connection, exc, text
from sqlalchemy.engine import Engine

from storage.engine import explained
from storage.sessions import open_session

#: "sche" as a number: the key of our advisory lock
_SCHEDULER = 0x7363_6865
#: a candidate asks every second: one that has not for so many seconds stands still, and the server ends its session
STANDSTILL = 15

# a server before version 14 does not know the setting: there a stopped process stays elected until it goes on or dies
_LIMIT_STANDSTILL = text(
    "SELECT set_config(name, :seconds, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)


class Candidate:
    """One service that wants to be elected. Used from one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None
        self._holds = False

    def elected(self) -> bool:
        """Whether this is the one, now. Asking is what keeps it so; never waits for another. Raises DatabaseError."""
        if self._engine.dialect.name == "sqlite":
            return True
        with explained(self._engine):
            try:
                return self._ask()
            except exc.DBAPIError:
                # the session is gone, and with it the lock
                self.resign()
                return self._ask()

    def resign(self) -> None:
        """Lets another be elected."""
        session, self._session, self._holds = self._session, None, False
        if session is not None:
            with contextlib.suppress(exc.DBAPIError):
                session.close()

    def _ask(self) -> bool:
        if self._session is None:
            self._session = open_session(self._engine, idle=5, interval=2, count=3)
            self._session.execute(_LIMIT_STANDSTILL, {"seconds": f"{STANDSTILL}s"})
        if self._holds:
            self._session.execute(text("SELECT 1"))
        else:
            answer = self._session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SCHEDULER})
            self._holds = bool(answer.scalar_one())
        return self._holds
