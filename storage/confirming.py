"""Pages that are as they were and the postings on them, and JobPostings that are: most of what most visits see, so
written as one set.

What is not plain (a posting that is missing, closed, or known to stand elsewhere) is left to `storage.recording`, which
looks at each posting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, TextClause, and_, bindparam, select, text

from postings.sightings import PageRead
from storage import raws
from storage.gathering import chunks
from storage.tables import posting_keys, postings

_SHOWN = select(
    postings.c.id,
    postings.c.page,
    postings.c.valid_until,
    and_(postings.c.state == "open", postings.c.missing_since.is_(None)).label("plain"),
).where(postings.c.site_id == bindparam("of_site"), postings.c.page.in_(bindparam("pages", expanding=True)))

_KNOWN = (
    select(posting_keys.c.value, posting_keys.c.posting_id)
    .where(
        posting_keys.c.site_id == bindparam("of_site"),
        posting_keys.c.kind == "address",
        posting_keys.c.value.in_(bindparam("pages", expanding=True)),
    )
    .order_by(posting_keys.c.since, posting_keys.c.posting_id)
)

_HELD: Final = (
    select(
        posting_keys.c.value,
        postings.c.id,
        postings.c.page,
        postings.c.raw_hash,
        postings.c.valid_until.is_not(None),
        and_(postings.c.state == "open", postings.c.missing_since.is_(None)),
    )
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        posting_keys.c.site_id == bindparam("of_site"),
        posting_keys.c.kind == "address",
        posting_keys.c.value.in_(bindparam("addresses", expanding=True)),
    )
    .order_by(posting_keys.c.since, posting_keys.c.posting_id)
)

# Only what moves is named: SQLite writes an index anew for each column that is, whether it changes or not. The rows
# come as one JSON text, {posting: time} and {address: [time, lastmod, via, site]}. The site is among them because
# SQLite would else begin at all pages of the site, and look through the text for each.

_SEE: Final = {
    "sqlite": text(
        "UPDATE postings SET last_visit = :visit, last_seen = max(last_seen, seen.value), last_read = seen.value"
        " FROM json_each(:rows) AS seen WHERE postings.id = seen.key"
    ),
    "postgresql": text(
        "UPDATE postings SET last_visit = :visit, last_seen = greatest(last_seen, CAST(seen.value AS timestamptz)),"
        " last_read = CAST(seen.value AS timestamptz)"
        " FROM json_each_text(CAST(:rows AS json)) AS seen WHERE postings.id = seen.key"
    ),
}
_REMEMBER: Final = {
    "sqlite": text(
        "UPDATE pages SET last_read_at = json_extract(read.value, '$[0]'), lastmod = json_extract(read.value, '$[1]'),"
        " via = json_extract(read.value, '$[2]')"
        " FROM json_each(:rows) AS read"
        " WHERE pages.site_id = json_extract(read.value, '$[3]') AND pages.address = read.key"
    ),
    "postgresql": text(
        "UPDATE pages SET last_read_at = CAST(read.value ->> 0 AS timestamptz), lastmod = read.value ->> 1,"
        " via = read.value ->> 2"
        " FROM json_each(CAST(:rows AS json)) AS read"
        " WHERE pages.site_id = CAST(read.value ->> 3 AS integer) AND pages.address = read.key"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What was plain, and is written."""

    pages: frozenset[str]
    #: of each posting with a last day: when it was read, and the end of that day
    ends: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A JobPosting that a page shows."""

    page: str
    at: datetime
    #: as it stood in the page
    raw: str
    #: whether its date counts
    dated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The addresses whose JobPosting is the known one, to the byte and on the same page."""

    #: what was plain, and is written
    written: frozenset[str]
    #: what is not
    left: frozenset[str]


def confirm_shown(
    conn: Connection, site_id: int, visit_id: str, shown: Mapping[str, Shown], touched: Callable[[str], bool]
) -> Known:
    """Writes that the postings of these addresses say what they said, as far as that is plain.

    `touched` is asked whether this transaction has something to write of a posting: that is left.
    """
    seen: dict[str, str] = {}
    written, left = set(), set()
    for address, posting_id, plain in _alike(conn, site_id, shown):
        if not plain or posting_id in seen or touched(posting_id):
            left.add(address)
        else:
            written.add(address)
            seen[posting_id] = _text(shown[address].at)
    if seen:
        _write(conn, _SEE, seen, visit=visit_id)
    return Known(written=frozenset(written), left=frozenset(left))


def _alike(conn: Connection, site_id: int, shown: Mapping[str, Shown]) -> Iterator[tuple[str, str, bool]]:
    """The addresses whose JobPosting is the known one: each with the posting, and whether that is plain."""
    for chunk in chunks(shown):
        # of several, the one that was known last by an address comes last
        holders = {row[0]: row for row in conn.execute(_HELD, {"of_site": site_id, "addresses": chunk}).all()}
        for address, posting_id, page, raw_hash, dated, plain in holders.values():
            one = shown[address]
            if page == one.page and dated == one.dated and raw_hash == raws.digest(one.raw):
                yield address, posting_id, plain


def confirm(conn: Connection, site_id: int, visit_id: str, read: Mapping[str, PageRead]) -> Confirmed:
    """Writes that these pages were read and found as they were, as far as all on them is plain; says which."""
    seen: dict[str, str] = {}
    pages: dict[str, tuple[str, str | None, str | None, int]] = {}
    ends: list[tuple[datetime, datetime]] = []
    for address, shown in _plain(conn, site_id, read):
        page = read[address]
        at = _text(page.at)
        pages[address] = at, page.lastmod, page.via, site_id
        for posting_id, valid_until in shown:
            seen[posting_id] = at
            if valid_until is not None:
                ends.append((page.at, valid_until))
    if seen:
        _write(conn, _SEE, seen, visit=visit_id)
    if pages:
        _write(conn, _REMEMBER, pages)
    return Confirmed(pages=frozenset(pages), ends=tuple(ends))


def _plain(
    conn: Connection, site_id: int, read: Mapping[str, PageRead]
) -> Iterator[tuple[str, list[tuple[str, datetime | None]]]]:
    """The pages on which all is plain, with the postings that they show and the ends of these."""
    for chunk in chunks(read):
        values = {"of_site": site_id, "pages": chunk}
        shown: dict[str, list[tuple[str, datetime | None]]] = defaultdict(list)
        special: set[str] = set()
        for posting_id, page, valid_until, plain in conn.execute(_SHOWN, values).all():
            shown[page].append((posting_id, valid_until))
            if not plain:
                special.add(page)
        # the last one that was known by the address of the page
        holders = dict(conn.execute(_KNOWN, values).all())
        for address in chunk:
            here = shown.get(address, [])
            holder = holders.get(address)
            if address not in special and (holder is None or any(posting_id == holder for posting_id, _ in here)):
                yield address, here


def _write(conn: Connection, statements: Mapping[str, TextClause], rows: Mapping[str, Any], **values: Any) -> None:
    conn.execute(statements[conn.dialect.name], {"rows": msgspec.json.encode(rows).decode(), **values})


def _text(at: datetime) -> str:
    """A time as SQLite keeps it, and PostgreSQL reads it in a session in UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
