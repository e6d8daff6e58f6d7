"""The web hosts that processes share: which process asks there now, when the next request may go, and who rests.

Used by the scheduler, which hands it to the crawler's gate. A host is taken for as long as a process has visits there,
and given up with the time of the next request; what a killed process had is taken over after the longest pause that it
may have owed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, or_, select, update
from sqlalchemy.engine import Engine

from postings.hosts import Host
from storage.engine import holding, reading
from storage.tables import hosts
from storage.upserts import insert_missing

#: a process that waits for a host says so again within this time, or is forgotten
WANTED_FOR = timedelta(seconds=5)
#: seconds; what a host asks for beyond that is a rest and no pause
LONGEST_PAUSE = 60.0

# Making a statement costs more than running it on one row.

_HOST = select(hosts).where(hosts.c.name == bindparam("name")).with_for_update()
_NAMED = update(hosts).where(hosts.c.name == bindparam("host"))
_STANDING: Final[dict[str, Any]] = {
    name: bindparam(name) for name in ("next_at", "delay", "failures", "failed_at", "rests_until", "reason", "wished")
}
_TAKE = _NAMED.values(owner=bindparam("owner"), until=bindparam("until"), wanted_by=bindparam("wanted_by"), **_STANDING)
_NOTE = _NAMED.where(hosts.c.owner == bindparam("mine")).values(_STANDING)
_GIVE = _NOTE.values(owner=None, until=None)


def take(
    engine: Engine,
    name: str,
    *,
    owner: str,
    now: datetime,
    ttl: timedelta,
    pause: float,
    delay: float | None,
    dead: Callable[[str], bool],
) -> Host | None:
    """The host for `owner` until `now + ttl`; None if another process has it or waited for it first.

    `pause` seconds lie between two requests anyway, `delay` is what robots.txt asks for. Where the process before was
    killed, its last request may have been a moment ago.
    """
    with holding(engine) as connection:
        row = connection.execute(_HOST, {"name": name}).one_or_none()
        if row is None:
            insert_missing(connection, hosts, [{"name": name, "delay": 0.0, "failures": 0, "wished": False}])
            row = connection.execute(_HOST, {"name": name}).one()
        if not _is_free(row, owner, now, dead):
            if row.wanted_until is None or row.wanted_until <= now or row.wanted_by == owner:
                wanted = {"wanted_by": owner, "wanted_until": now + WANTED_FOR}
                connection.execute(update(hosts).where(hosts.c.name == name).values(**wanted))
            return None
        host = _host(row)
        if row.owner is not None and row.owner != owner:
            owed = now + timedelta(seconds=max(pause, host.delay))
            host = replace(host, next_at=max(host.next_at or owed, owed))
        if host.next_at is not None:
            # one that ends later was written before the clock was set back
            latest = now + timedelta(seconds=max(pause, host.delay, LONGEST_PAUSE))
            host = replace(host, next_at=min(host.next_at, latest))
        if delay is not None:
            host = replace(host, delay=delay)
        wanted_by = None if row.wanted_by == owner else row.wanted_by
        taken = {"host": name, "owner": owner, "until": now + ttl, "wanted_by": wanted_by}
        connection.execute(_TAKE, taken | _values(host))
        return host


def is_free(engine: Engine, name: str, *, owner: str, now: datetime, dead: Callable[[str], bool]) -> bool:
    """Whether `take` would succeed now; asks without writing."""
    with reading(engine) as connection:
        row = connection.execute(select(hosts).where(hosts.c.name == name)).one_or_none()
    return row is None or _is_free(row, owner, now, dead)


def give(engine: Engine, standing: Mapping[str, Host], *, owner: str) -> None:
    """The hosts are free, and stand like this. What another process has taken over is left alone."""
    with holding(engine) as connection:
        for name, host in sorted(standing.items()):
            connection.execute(_GIVE, {"host": name, "mine": owner, **_values(host)})


def free(engine: Engine, name: str, *, owner: str) -> None:
    """The host is free, and stands as it did when it was taken."""
    with holding(engine) as connection:
        mine = hosts.c.name == name, hosts.c.owner == owner
        connection.execute(update(hosts).where(*mine).values(owner=None, until=None))


def note(engine: Engine, name: str, host: Host, *, owner: str) -> None:
    """How a host stands that `owner` goes on using."""
    with holding(engine) as connection:
        connection.execute(_NOTE, {"host": name, "mine": owner, **_values(host)})


def renew(engine: Engine, names: Sequence[str], *, owner: str, now: datetime, ttl: timedelta) -> list[str]:
    """Keeps the hosts until `now + ttl`; answers those that `owner` still has."""
    with holding(engine) as connection:
        kept = connection.execute(
            update(hosts)
            .where(hosts.c.name.in_(sorted(names)), hosts.c.owner == owner)
            .values(until=now + ttl)
            .returning(hosts.c.name)
        )
        return list(kept.scalars())


def wanted(engine: Engine, *, owner: str, now: datetime) -> list[str]:
    """The hosts of `owner` that another process waits for."""
    query = select(hosts.c.name).where(
        hosts.c.owner == owner,
        hosts.c.wanted_until > now,
        or_(hosts.c.wanted_by.is_(None), hosts.c.wanted_by != owner),
    )
    with reading(engine) as connection:
        return list(connection.scalars(query))


def resting(engine: Engine, now: datetime) -> dict[str, Host]:
    """The hosts that nobody asks now, by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(hosts).where(hosts.c.rests_until > now).order_by(hosts.c.name))
        return {row.name: _host(row) for row in rows}


def _is_free(row: Row[Any], owner: str, now: datetime, dead: Callable[[str], bool]) -> bool:
    if row.owner is not None and row.owner != owner and row.until > now and not dead(row.owner):
        return False
    # who waited first is first, unless it has given up waiting
    waits = row.wanted_by is not None and row.wanted_by != owner and row.wanted_until > now
    return row.owner == owner or not waits


def _host(row: Row[Any]) -> Host:
    return Host(
        next_at=row.next_at,
        delay=row.delay,
        failures=row.failures,
        failed_at=row.failed_at,
        rests_until=row.rests_until,
        reason=row.reason,
        wished=row.wished,
    )


def _values(host: Host) -> dict[str, Any]:
    return {
        "next_at": host.next_at,
        "delay": host.delay,
        "failures": host.failures,
        "failed_at": host.failed_at,
        "rests_until": host.rests_until,
        "reason": host.reason,
        "wished": host.wished,
    }
