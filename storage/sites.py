"""The watched sites: which there are, which are paused, and which are new or gone.

Asked by the command line and the pages. How a site is visited, and what it is believed, is changed by
`storage.site_settings`; who visits it is kept by `storage.leases`, what a visit may know beforehand comes from
`storage.pages`, and what it learnt of its site is written by the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from postings import urls
from postings.errors import NotFoundError, UsageError
from postings.sites import Health, Site, Source
from postings.trust import Trust
from storage.engine import can_hold, reading, writing
from storage.leases import NO_LEASE, queue_for_host
from storage.site_rows import from_row, health_json, read_health, read_source, state_columns
from storage.tables import postings, sites

#: sites that a list reads at a time
_BATCH: Final = 1000

#: characters of a name; it is a word on the command line and in every message
NAME_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list of many sites shows of one (as `postings.sites.Site` has it)."""

    name: str
    start_url: str
    every: timedelta | None
    cron: str | None
    zone: str | None
    requests_a_day: int | None
    render: bool
    scope: str | None
    added_at: datetime
    paused_at: datetime | None
    next_visit_at: datetime | None
    baseline_done: bool
    source: Source | None
    patience: int
    attention: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """A site that is to be watched; see `add`."""

    name: str
    start_url: str
    every: timedelta | None = None
    cron: tuple[str, str] | None = None
    render: bool = False
    scope: str | None = None


def add(
    engine: Engine,
    *,
    name: str,
    start_url: str,
    every: timedelta | None,
    now: datetime,
    cron: tuple[str, str] | None = None,
    render: bool = False,
    scope: str | None = None,
) -> Site:
    """Watches a site from now on; its first visit is due at once. With `render` a browser runs its scripts.

    `scope`: the part of the host that the site is, as a path ("" = all of it); without it the visits find out.
    `cron`: a line and its time zone, instead of an interval. With neither, hirewatch works out when to visit.

    A site that was watched before under the same address comes back with its postings. Raises UsageError if the name
    or the address is watched already, or cannot be one.
    """
    wanted = NewSite(name=name, start_url=start_url, every=every, cron=cron, render=render, scope=scope)
    values = _columns(wanted, now)
    with writing(engine) as connection:
        queue_for_host(connection, urls.host_key(values["start_url"]))
        return from_row(_add(connection, values, now))


def add_all(engine: Engine, wanted: Iterable[NewSite], now: datetime) -> None:
    """Watches several sites from now on, all of them or none: a transaction a site would take 20 ms each.

    Raises UsageError as `add` does. Nobody else writes to SQLite meanwhile: some hundreds at a time.
    """
    new = [_columns(one, now) for one in wanted]
    with writing(engine) as connection:
        # in one order, so that two who add do not wait for each other
        for host in sorted({urls.host_key(values["start_url"]) for values in new}):
            queue_for_host(connection, host)
        for values in new:
            _add(connection, values, now)


def _columns(wanted: NewSite, now: datetime) -> dict[str, Any]:
    address = urls.parse(wanted.start_url)
    if address is None:
        raise UsageError(
            "this is no address that can be watched",
            # it may hold a password
            subject=None if "@" in wanted.start_url else wanted.start_url,
            remedy="give an http or https address without user and password",
        )
    _require_name(wanted.name)
    line, zone = wanted.cron or (None, None)
    return {
        "name": wanted.name,
        "start_url": address,
        "every": seconds(wanted.every),
        "cron": line,
        "zone": zone,
        "requests_a_day": None,
        "render": wanted.render,
        "scope": wanted.scope,
        "next_visit_at": now,
    }


def _add(connection: Connection, values: Mapping[str, Any], now: datetime) -> Row[Any]:
    """Writes a new site, or one that comes back; whoever asks has the queue of its host."""
    name, address = values["name"], values["start_url"]
    twin = _by_address(connection, address)
    if twin is not None and twin.removed_at is None:
        raise UsageError(
            f"is watched already as `{twin.name}`",
            subject=address,
            remedy=f"visit it with `hirewatch visit {twin.name}`",
        )
    try:
        return _insert(connection, values, now) if twin is None else _revive(connection, twin, values)
    except IntegrityError as error:
        raise UsageError(
            "another site has this name",
            subject=name,
            remedy=f"choose another with --name; `hirewatch sites show {name}` shows the one that has it",
        ) from error


def find(engine: Engine, name_or_url: str) -> Site:
    """The watched site of that name or start address. Raises NotFoundError, with the nearest name if one is near."""
    with reading(engine) as connection:
        row = _by_name(connection, name_or_url) if can_hold(name_or_url) else None
        if row is None:
            address = urls.parse(name_or_url) or urls.parse(f"https://{name_or_url}")
            row = _by_address(connection, address) if address else None
        if row is not None and row.removed_at is None:
            return from_row(row)
        names = connection.scalars(select(sites.c.name).where(sites.c.removed_at.is_(None))).all()
    near = get_close_matches(name_or_url, names, n=1)
    raise NotFoundError(
        "no site of this name or address is watched",
        subject=name_or_url,
        remedy=f"did you mean `{near[0]}`?" if near else "`hirewatch sites list` shows the sites that are",
    )


def of_posting(engine: Engine, posting_id: str) -> Site:
    """The site of a posting, watched or removed."""
    query = select(sites).join(postings, postings.c.site_id == sites.c.id).where(postings.c.id == posting_id)
    with reading(engine) as connection:
        return from_row(connection.execute(query).one())


def watched(engine: Engine) -> list[Site]:
    """All sites that are not removed, by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(sites).where(sites.c.removed_at.is_(None)).order_by(sites.c.name))
        return sorted(map(from_row, rows), key=lambda site: site.name)


def number(engine: Engine) -> int:
    """How many sites are watched."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(sites.c.removed_at.is_(None))).scalar_one()


def listed(engine: Engine, after: str, limit: int) -> list[Site]:
    """The `limit` watched sites whose names follow `after`, by name."""
    query = select(sites).where(sites.c.removed_at.is_(None), sites.c.name > after).order_by(sites.c.name).limit(limit)
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query)]


def listing(engine: Engine, *, batch: int = _BATCH) -> Iterator[Listed]:
    """All watched sites by name, `batch` at a time; each batch is a snapshot of its own.

    Half of the time that a whole site takes goes to what its visits have learnt, which no list shows.
    """
    health = sites.c.health
    columns = [sites.c[column.name] for column in fields(Listed) if column.name in sites.c]
    query = (
        select(
            *columns, health["patience"].as_integer().label("patience"), health["attention"].as_string().label("why")
        )
        .where(sites.c.removed_at.is_(None))
        .order_by(sites.c.name)
        .limit(batch)
    )
    after = ""
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query.where(sites.c.name > after)).all()
        yield from map(_listed, rows)
        if len(rows) < batch:
            return
        after = rows[-1].name


def limited(engine: Engine) -> list[Site]:
    """The watched sites that have a budget of requests of their own, by name."""
    query = select(sites).where(sites.c.removed_at.is_(None), sites.c.requests_a_day.is_not(None))
    with reading(engine) as connection:
        return sorted(map(from_row, connection.execute(query)), key=lambda site: site.name)


def rendered(engine: Engine) -> list[str]:
    """The names of the watched sites whose scripts a browser runs, in order."""
    query = select(sites.c.name).where(sites.c.removed_at.is_(None), sites.c.render).order_by(sites.c.name)
    with reading(engine) as connection:
        return list(connection.scalars(query))


def pause(engine: Engine, site_id: int, now: datetime) -> None:
    """No visit is due until `resume`; one that runs goes on to its end. Raises NotFoundError."""
    _set(engine, site_id, {"paused_at": func.coalesce(sites.c.paused_at, now), "next_visit_at": None})


def resume(engine: Engine, site_id: int, now: datetime) -> None:
    """Visits go on, the next one at once. Raises NotFoundError."""
    _set(engine, site_id, {"paused_at": None, "next_visit_at": now})


def remove(engine: Engine, site_id: int, now: datetime) -> None:
    """The site is watched no longer; its postings and events stay. A running visit loses its lease.

    Raises NotFoundError.
    """
    _set(engine, site_id, {"removed_at": now, "next_visit_at": None, **NO_LEASE, "fence": sites.c.fence + 1})


def request_visit(engine: Engine, site_id: int, now: datetime) -> None:
    """The site is due now. Raises NotFoundError."""
    _set(engine, site_id, {"next_visit_at": now})


def write(connection: Connection, site_id: int, values: Mapping[str, Any]) -> None:
    """Sets columns of a site, as part of a change of it. Raises NotFoundError if it is not watched."""
    done = connection.execute(update(sites).where(sites.c.id == site_id, sites.c.removed_at.is_(None)).values(**values))
    if done.rowcount == 0:
        raise NotFoundError(
            "no site of this number is watched",
            subject=f"site {site_id}",
            remedy="`hirewatch sites list` shows the sites that are",
        )


def _listed(row: Row[*tuple[Any, ...]]) -> Listed:
    return Listed(
        name=row.name,
        start_url=row.start_url,
        every=None if row.every is None else timedelta(seconds=row.every),
        cron=row.cron,
        zone=row.zone,
        requests_a_day=row.requests_a_day,
        render=row.render,
        scope=row.scope,
        added_at=row.added_at,
        paused_at=row.paused_at,
        next_visit_at=row.next_visit_at,
        baseline_done=row.baseline_done,
        source=read_source(row.source),
        patience=1 if row.patience is None else row.patience,
        attention=row.why,
    )


def _require_name(name: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
        raise UsageError(
            "is no name for a site",
            subject=repr(name[:NAME_LIMIT]),
            remedy=f"choose one of 1 to {NAME_LIMIT} visible characters with --name",
        )


def seconds(every: timedelta | None) -> int | None:
    """An interval as it is kept."""
    return None if every is None else round(every.total_seconds())


def _by_name(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(sites).where(sites.c.name == name, sites.c.removed_at.is_(None))).one_or_none()


def _by_address(connection: Connection, address: str) -> Row[Any] | None:
    """The site whose start address is the same page; a watched one before a removed one."""
    rows = connection.execute(select(sites).where(sites.c.host_key == urls.host_key(address)).order_by(sites.c.id))
    twins = [row for row in rows if urls.key(row.start_url) == urls.key(address)]
    return min(twins, key=lambda row: row.removed_at is not None, default=None)


def _insert(connection: Connection, values: Mapping[str, Any], now: datetime) -> Row[Any]:
    return connection.execute(
        sites.insert()
        .values(
            **values,
            host_key=urls.host_key(values["start_url"]),
            added_at=now,
            baseline_done=False,
            fence=0,
            **state_columns(None, Trust(), Health()),
        )
        .returning(sites)
    ).one()


def _revive(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    # what its last visits looked like says nothing of today; how patient it made us does
    health = replace(
        read_health(row.health),
        suspects=(),
        accepted=None,
        failures=0,
        first_failure_at=None,
        gone_since=None,
        gone_visits=0,
        attention=None,
    )
    return connection.execute(
        update(sites)
        .where(sites.c.id == row.id)
        .values(**values, removed_at=None, paused_at=None, health=health_json(health))
        .returning(sites)
    ).one()


def _set(engine: Engine, site_id: int, values: Mapping[str, Any]) -> None:
    with writing(engine) as connection:
        write(connection, site_id, values)
