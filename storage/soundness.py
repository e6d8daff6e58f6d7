"""Whether the database is whole: its file, the event log, and the postings against the log. For the command line.

The log is the truth and the tables are made from it, so the tables can be held against it. Everything is read from one
snapshot: between two queries a running visit would look like damage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Connection, LargeBinary, func, select, type_coerce
from sqlalchemy.engine import Engine

from postings import record as records
from postings.errors import DatabaseError
from storage import raws, word_index
from storage.contents import BODY, TOLD, record_told
from storage.engine import reading
from storage.packed import PackedJson
from storage.tables import (
    contents,
    deliveries,
    events,
    folded_postings,
    installation,
    outlets,
    posting_keys,
    postings,
    raw_postings,
    site_days,
    sites,
)

#: problems of one kind that are told one by one
SHOWN: Final = 20

#: how a problem ends that is none of what the database holds
REINDEX: Final = "run `hirewatch db reindex`"

#: rows that are read at a time
_BATCH: Final = 500

#: what may follow an event of a posting
_FOLLOWS: Final[Mapping[str | None, frozenset[str]]] = {
    None: frozenset({"opened"}),
    "opened": frozenset({"changed", "closed"}),
    "changed": frozenset({"changed", "closed"}),
    "reopened": frozenset({"changed", "closed"}),
    "closed": frozenset({"reopened"}),
}

#: parts of the record that move without an event: being seen again, links found later, a site that was added anew
#: under another name
_SILENT: Final = frozenset({"last_seen", "duplicates", "site"})


def problems(engine: Engine) -> list[str]:
    """What is wrong with the database, a line each; empty if nothing is. Reads all of it.

    Of each kind the first twenty are told, and how many more there are. Raises DatabaseError if it cannot be read.
    """
    with reading(engine) as connection:
        unreadable = list(_first(_contents(connection)))
        # what cannot be read can be held against nothing
        read = () if unreadable else (_state, _evidence)
        checks = (_file, _numbers, _order, *read, _days, _keys, _folded, _words, _cursors)
        return [*unreadable, *(line for check in checks for line in _first(check(connection)))]


def _first(found: Iterator[str]) -> Iterator[str]:
    yield from islice(found, SHOWN)
    if more := sum(1 for _ in found):
        yield f"and {more} more of this kind"


def _file(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for line in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
        if line != "ok":
            yield str(line)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"row {row[1]} of `{row[0]}` refers to a missing row of `{row[2]}`"


def _numbers(connection: Connection) -> Iterator[str]:
    last = connection.execute(select(installation.c.last_event)).scalar_one()
    number, lowest, highest = connection.execute(
        select(func.count(), func.min(events.c.number), func.max(events.c.number))
    ).one()
    if not (number == (highest or 0) == last and lowest in (None, 1)):
        held = f"up to {highest}" if number else "none of them"
        yield f"the event log should hold {last} events numbered without gaps; it holds {number}, {held}"


def _order(connection: Connection) -> Iterator[str]:
    """Opened, then changed or closed, then reopened: each posting's events alternate."""
    last: dict[str, str] = {}
    query = select(events.c.number, events.c.posting_id, events.c.type).order_by(events.c.number)
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        before = last.get(row.posting_id)
        if row.type not in _FOLLOWS[before]:
            yield f"event {row.number}: {row.posting_id} is {row.type} after {before or 'nothing'}"
        last[row.posting_id] = row.type


def _contents(connection: Connection) -> Iterator[str]:
    """What postings and events say is there, and can be unpacked."""
    told = select(events.c.content.label("number")).union(select(postings.c.content)).subquery()
    lacking = select(told.c.number).where(told.c.number.not_in(select(contents.c.number))).order_by(told.c.number)
    for number in connection.scalars(lacking):
        yield f"what event {number} told first is not there"
    for number in _packed_badly(connection, contents.c.number, contents.c.body):
        yield f"what event {number} told first cannot be unpacked"
    for number in _packed_badly(connection, events.c.number, events.c.changes):
        yield f"the changes of event {number} cannot be unpacked"


def _packed_badly(connection: Connection, numbers: Column[int], column: Column[Any]) -> Iterator[int]:
    if connection.dialect.name != "sqlite":
        # a server packs by itself
        return
    query = select(numbers, type_coerce(column, LargeBinary)).order_by(numbers)
    for number, packed in connection.execute(query, execution_options={"yield_per": _BATCH}):
        try:
            PackedJson().process_result_value(packed, connection.dialect)
        except DatabaseError:
            yield number


def _evidence(connection: Connection) -> Iterator[str]:
    """JobPostings as they stood in their pages can be unpacked."""
    query = (
        select(raw_postings.c.hash, raw_postings.c.content, contents.c.body)
        .outerjoin(contents, contents.c.number == raw_postings.c.packed_with)
        .order_by(raw_postings.c.hash)
    )
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        try:
            whole = raws.digest(raws.unpack(row.content, row.body)) == row.hash
        except (DatabaseError, UnicodeDecodeError):
            whole = False
        if not whole:
            yield f"the JobPosting {row.hash} is not as it stood in its page"


def _state(connection: Connection) -> Iterator[str]:
    """Every posting is as its last event left it."""
    ids = list(connection.scalars(select(postings.c.id).order_by(postings.c.id)))
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        told = _told(connection, chunk)
        stored = select(postings, BODY, sites.c.name.label("site")).join(sites, sites.c.id == postings.c.site_id)
        for row in connection.execute(stored.where(postings.c.id.in_(chunk)).order_by(postings.c.id)):
            if row.id not in told:
                yield f"{row.id} has no event that tells of it"
                continue
            kept = records.record(
                row.body,
                records.Standing(
                    id=row.id,
                    site=row.site,
                    state=row.state,
                    first_seen=row.first_seen,
                    last_seen=row.last_seen,
                    closed_at=row.closed_at,
                    closed_reason=row.closed_reason,
                ),
            )
            differing = _differing(kept, told[row.id])
            if differing:
                yield f"{row.id} is not as its last event left it: {', '.join(differing)}"


def _days(connection: Connection) -> Iterator[str]:
    """The days of each site add up to what the log tells, and to what is open."""
    names = ("opened", "changed", "closed", "reopened")
    told: dict[int, Counter[str]] = {}
    counted = (
        select(events.c.site_id, events.c.type, func.count())
        .where(events.c.baseline.is_(False))
        .group_by(events.c.site_id, events.c.type)
    )
    for site_id, kind, count in connection.execute(counted):
        told.setdefault(site_id, Counter())[kind] = count
    are_open = select(postings.c.site_id, func.count()).where(postings.c.state == "open").group_by(postings.c.site_id)
    for site_id, count in connection.execute(are_open):
        told.setdefault(site_id, Counter())["growth"] = count
    sums = [func.sum(site_days.c[name]).label(name) for name in (*names, "growth")]
    kept = {
        row.site_id: row for row in connection.execute(select(site_days.c.site_id, *sums).group_by(site_days.c.site_id))
    }
    for site_id in sorted(told.keys() | kept.keys()):
        row, truth = kept.get(site_id), told.get(site_id, Counter())
        wrong = [
            f"{found} {'open' if name == 'growth' else name}, not {truth[name]}"
            for name in (*names, "growth")
            if (found := getattr(row, name, 0)) != truth[name]
        ]
        if wrong:
            yield f"the days of site {site_id} add up to {'; '.join(wrong)}"
    for site_id, count in connection.execute(select(sites.c.id, sites.c.open).order_by(sites.c.id)):
        if count != (found := told.get(site_id, Counter())["growth"]):
            yield f"site {site_id} says that {count} of its postings are open; {found} are"


def _told(connection: Connection, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The record after the last event of each of these postings."""
    last = select(func.max(events.c.number)).where(events.c.posting_id.in_(ids)).group_by(events.c.posting_id)
    query = select(events.c.posting_id, events.c.standing, TOLD).where(events.c.number.in_(last))
    return {row.posting_id: record_told(row) for row in connection.execute(query)}


def _differing(kept: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    # an event of an older version may lack a field of this one's records
    return [name for name in kept if name not in _SILENT and name in told and kept[name] != told[name]]


def _keys(connection: Connection) -> Iterator[str]:
    known = select(posting_keys.c.posting_id)
    for posting in connection.scalars(select(postings.c.id).where(postings.c.id.not_in(known)).order_by(postings.c.id)):
        yield f"{posting} has no key to be known by"


def _folded(connection: Connection) -> Iterator[str]:
    held = select(folded_postings.c.posting_id)
    for posting in connection.scalars(select(postings.c.id).where(postings.c.id.not_in(held)).order_by(postings.c.id)):
        yield f"{posting} is found by no query"


def _words(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        # a server keeps its indexes itself
        return
    query = select(folded_postings.c.posting_id, folded_postings.c.text).order_by(folded_postings.c.posting_id)
    rows = connection.execute(query, execution_options={"yield_per": _BATCH})
    lacking = [
        posting
        for batch in rows.partitions()
        for posting in word_index.lacking(connection, [(row.posting_id, row.text) for row in batch])
    ]
    if lacking:
        yield f"{len(lacking)} postings are not found by their words, {lacking[0]} for one: {REINDEX}"
    if wrong := word_index.passed_over(connection):
        yield f"the index of words holds {wrong} postings for older than they are: {REINDEX}"


def _cursors(connection: Connection) -> Iterator[str]:
    last = connection.execute(select(installation.c.last_event)).scalar_one()
    for row in connection.execute(select(outlets.c.name, outlets.c.cursor).where(outlets.c.cursor > last)):
        yield f"outlet `{row.name}` has heard event {row.cursor}, and the last one is {last}"
    query = (
        select(outlets.c.name, deliveries.c.event)
        .join(outlets, outlets.c.id == deliveries.c.outlet_id)
        .outerjoin(events, events.c.number == deliveries.c.event)
        .where(events.c.number.is_(None))
        .order_by(outlets.c.name, deliveries.c.event)
    )
    for row in connection.execute(query):
        yield f"outlet `{row.name}` was sent event {row.event}, which is not in the log"
