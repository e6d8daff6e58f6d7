"""Whole responses of visits, kept for a time: what `hirewatch replay` reads again. Bodies are kept once each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, exists, func, insert, select, update
from sqlalchemy.engine import Engine

from postings.responses import KeptResponse, KeptVisit
from postings.sites import Site
from storage import raws, site_rows
from storage.engine import instance, reading, writing
from storage.tables import installation, kept_bodies, kept_responses, kept_visits, sites, visits
from storage.upserts import insert_missing

_NOT_MODIFIED = 304
#: "body" as a number: who holds this advisory lock alone deletes bodies
_BODIES = 0x626F_6479
_NOTHING = ""


def keep(engine: Engine, site_id: int, visit_id: str, first: int, responses: Sequence[KeptResponse]) -> None:
    """Keeps responses of a running visit; `first` is how many of it are kept already."""
    bodies: dict[str, bytes] = {}
    rows = []
    for number, response in enumerate(responses, first):
        digest = hashlib.blake2b(response.body, digest_size=16).hexdigest() if response.body else _NOTHING
        if digest:
            bodies[digest] = response.body
        rows.append(
            {
                "visit_id": visit_id,
                "number": number,
                "site_id": site_id,
                "request": _request(response.asked, response.sent),
                "asked": response.asked,
                "sent": response.sent,
                "at": response.at,
                "status": response.status,
                "body": digest or None,
                "facts": dict(response.facts),
            }
        )
    if not rows:
        return
    packed = [{"hash": digest, "content": raws.squeeze(body)} for digest, body in sorted(bodies.items())]
    with writing(engine) as conn:
        _lock_bodies(conn, alone=False)
        insert_missing(conn, kept_bodies, packed)
        conn.execute(insert(kept_responses), rows)


def conclude(
    engine: Engine, site: Site, visit_id: str, *, asked_from: datetime, thorough: bool, cut_short: str | None
) -> None:
    """The responses of the visit are all there: it can be replayed. `site` is the site as the visit found it."""
    # a replay has events of its own, and other postings when it begins
    trust = replace(site.trust, margin=0)
    state = {**site_rows.state_columns(site.source, trust, site.health), "baseline_done": site.baseline_done}
    row = {
        "visit_id": visit_id,
        "asked_from": asked_from,
        "thorough": thorough,
        "cut_short": cut_short,
        "site": state,
    }
    with writing(engine) as conn:
        insert_missing(conn, kept_visits, [row])


def start(engine: Engine, again: Engine, site_id: int, oldest: KeptVisit) -> None:
    """Makes `again`, an empty database, the place of a replay: the same installation, and the site as its oldest kept
    visit found it, with no posting."""
    found = select(kept_visits.c.site).where(kept_visits.c.visit_id == oldest.id)
    with reading(engine) as conn:
        site = dict(conn.execute(select(sites).where(sites.c.id == site_id)).one()._mapping)
        state = conn.execute(found).scalar_one()
        whose = instance(conn)
    free = dict.fromkeys(("lease_owner", "lease_until", "paused_at", "removed_at", "next_visit_at")) | {"open": 0}
    with writing(again) as conn:
        conn.execute(update(installation).values(instance=whose))
        conn.execute(insert(sites).values({**site, **state, **free}))


def follows(engine: Engine, site_id: int) -> bool:
    """Whether the newest visit of the site is kept: then a further one can rest on its answers."""
    newest = (
        select(kept_visits.c.visit_id)
        .select_from(visits.outerjoin(kept_visits))
        .where(visits.c.site_id == site_id, visits.c.ended_at.is_not(None))
        .order_by(visits.c.started_at.desc())
        .limit(1)
    )
    with reading(engine) as conn:
        return conn.execute(newest).scalar() is not None


def kept(engine: Engine, site_id: int) -> list[KeptVisit]:
    """The visits of a site that can be replayed: all since the last one that was not kept, the oldest first."""
    gap = (
        select(func.max(visits.c.started_at))
        .select_from(visits.outerjoin(kept_visits))
        .where(visits.c.site_id == site_id, visits.c.ended_at.is_not(None), kept_visits.c.visit_id.is_(None))
    )
    with reading(engine) as conn:
        since = conn.execute(gap).scalar_one()
        query = _visits(site_id).order_by(visits.c.started_at)
        rows = conn.execute(query if since is None else query.where(visits.c.started_at > since)).all()
    return [
        KeptVisit(
            id=row.id,
            begun_at=row.started_at,
            asked_from=row.asked_from,
            ended_at=row.ended_at,
            thorough=row.thorough,
            cut_short=row.cut_short,
        )
        for row in rows
    ]


def of_visit(engine: Engine, visit_id: str) -> list[KeptResponse]:
    """The responses of a visit, in the order of their requests."""
    query = _responses().where(kept_responses.c.visit_id == visit_id).order_by(kept_responses.c.number)
    with reading(engine) as conn:
        return [_response(row) for row in conn.execute(query)]


def before(engine: Engine, site_id: int, at: datetime, asked: str, sent: str | None) -> KeptResponse | None:
    """The newest response to this request before `at` that had something to say; None if none is kept."""
    query = (
        _responses()
        .where(
            kept_responses.c.site_id == site_id,
            kept_responses.c.request == _request(asked, sent),
            kept_responses.c.at < at,
            kept_responses.c.status != _NOT_MODIFIED,
        )
        .order_by(kept_responses.c.at.desc())
        .limit(1)
    )
    with reading(engine) as conn:
        row = conn.execute(query).one_or_none()
    return None if row is None else _response(row)


def forget(conn: Connection, visit_id: str, first: int, limit: int) -> tuple[int, int | None]:
    """Forgets what nothing rests on any more now that this visit is old, from its response number `first` on.

    Of each request the newest answer is kept; so what goes is what was answered before this visit did, and of this
    visit what said nothing. The visit itself must not be kept as one to replay. Looks at `limit` responses; returns how
    many it forgot, and the number to go on at, None if there is none.
    """
    this, older = kept_responses.alias(), kept_responses.alias()
    of_visit = (
        select(this.c.number, this.c.status)
        .where(this.c.visit_id == visit_id, this.c.number >= first)
        .order_by(this.c.number)
        .limit(limit)
    )
    looked_at = conn.execute(of_visit).all()
    if not looked_at:
        return 0, None
    last = looked_at[-1].number
    replaced = (
        select(older.c.visit_id, older.c.number)
        .join(this, and_(older.c.site_id == this.c.site_id, older.c.request == this.c.request, older.c.at < this.c.at))
        .where(
            this.c.visit_id == visit_id,
            this.c.number.between(first, last),
            this.c.status != _NOT_MODIFIED,
            ~exists().where(kept_visits.c.visit_id == older.c.visit_id),
        )
    )
    going = {(visit_id, row.number) for row in looked_at if row.status in (None, _NOT_MODIFIED)}
    going |= {(row.visit_id, row.number) for row in conn.execute(replaced)}
    return drop(conn, going), last + 1 if len(looked_at) == limit else None


def drop(conn: Connection, going: Collection[tuple[str, int]]) -> int:
    """Deletes these responses, by visit and number, and bodies that no other has; returns how many responses."""
    _lock_bodies(conn, alone=True)
    numbers: dict[str, list[int]] = {}
    for visit_id, number in sorted(going):
        numbers.setdefault(visit_id, []).append(number)
    gone, bodies = 0, set[str]()
    for visit_id, some in numbers.items():
        these = and_(kept_responses.c.visit_id == visit_id, kept_responses.c.number.in_(some))
        bodies |= {body for body in conn.scalars(select(kept_responses.c.body).where(these)) if body is not None}
        gone += conn.execute(delete(kept_responses).where(these)).rowcount
    conn.execute(
        delete(kept_bodies).where(
            kept_bodies.c.hash.in_(sorted(bodies)), ~exists().where(kept_responses.c.body == kept_bodies.c.hash)
        )
    )
    return gone


def _lock_bodies(conn: Connection, *, alone: bool) -> None:
    """A body that is there already is not dropped before the response that needs it refers to it."""
    if conn.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        conn.execute(select(lock(_BODIES)))


def _visits(site_id: int) -> Select[Any]:
    return (
        select(visits.c.id, visits.c.started_at, visits.c.ended_at, kept_visits)
        .join(kept_visits, kept_visits.c.visit_id == visits.c.id)
        .where(visits.c.site_id == site_id, visits.c.ended_at.is_not(None))
    )


def _responses() -> Select[Any]:
    return select(kept_responses, kept_bodies.c.content).outerjoin(
        kept_bodies, kept_bodies.c.hash == kept_responses.c.body
    )


def _response(row: Row[Any]) -> KeptResponse:
    return KeptResponse(
        asked=row.asked,
        sent=row.sent,
        at=row.at,
        status=row.status,
        body=raws.expand(row.content) if row.content is not None else b"",
        facts=row.facts,
    )


def _request(asked: str, sent: str | None) -> str:
    """What tells a request from others: short, for the index; addresses may be long."""
    digest = hashlib.blake2b(f"{asked}\n{sent or ''}".encode(), digest_size=12).digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")
