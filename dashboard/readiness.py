"""Whether the service can do its work right now, and if not, why. `/health/ready` asks."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.engine import Engine

from dashboard.probe import Probe
from postings.errors import DatabaseError
from storage.schema import is_current

log = logging.getLogger(__name__)

#: seconds without a tick that did its work; the service ticks every second
BEAT_LIMIT = 30.0
#: seconds that the database may take to answer
_PATIENCE = 3.0


class Readiness:
    """Asks the database and the scheduler."""

    def __init__(
        self,
        engine: Engine,
        *,
        since_beat: Callable[[], float | None],
        unstaffed: Callable[[], bool],
        patience: float = _PATIENCE,
    ) -> None:
        """`since_beat`: seconds since a tick last did its work, None before the first one. `unstaffed`: whether no
        worker process can be kept running."""
        self._since_beat = since_beat
        self._unstaffed = unstaffed
        self._patience = patience
        self._said: str | None = None
        self._is_current = Probe(lambda: is_current(engine), patience)

    async def problems(self) -> dict[str, str]:
        """What is wrong, in words, by the part that it is wrong with; empty if the service is ready."""
        found = {
            "database": await self._database(),
            "scheduler": judge_beat(self._since_beat()),
            "workers": "end soon after each start; the log says why" if self._unstaffed() else None,
        }
        return {part: problem for part, problem in found.items() if problem is not None}

    async def _database(self) -> str | None:
        try:
            current = await self._is_current()
        except TimeoutError:
            return f"has not answered within {self._patience:g} s"
        except DatabaseError as error:
            # what it says may tell where the database is, which whoever asks need not learn
            if str(error) != self._said:
                log.warning("database.unusable error=%s", error)
            self._said = str(error)
            return "cannot be used; the log says why"
        self._said = None
        return None if current else "has another schema than this version of hirewatch needs"


def judge_beat(seconds: float | None) -> str | None:
    """What is wrong with a scheduler whose last good tick was so long ago; None if nothing is."""
    if seconds is None:
        return "has not begun"
    return f"has not done its work for {seconds:.0f} s" if seconds > BEAT_LIMIT else None
