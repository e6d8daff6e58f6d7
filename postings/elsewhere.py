"""Which postings of other sites are the same job as a new one (C.4, across sites).

Nothing is ever merged across sites: the new posting carries a link, certain (`same job`) or not (`likely`), and those
who tell people about it go by that. The ledger asks when it opens a posting.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postings.comparison import ALIKE, alike, is_long, same_title
from postings.decisions import Link
from postings.keys import KeyRow, Keys
from postings.posting import Posting

#: a posting that closed longer ago says nothing of a new one
WITHIN = timedelta(days=90)
#: links of one posting to other sites, the certain ones first
MOST_LINKS = 10

#: tokens of these shapes were never shared by different jobs of two sites; shorter numbers were
_TELLING = re.compile(r"\*=(?:[0-9]{5,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A posting of another site that shares a key with a new one."""

    id: str
    #: name of its site
    site: str
    posting: Posting
    closed_at: datetime | None
    #: of the rows that it was looked up by, those that it is known by
    keys: frozenset[KeyRow]


def rows(keys: Keys) -> tuple[KeyRow, ...]:
    """The keys by which the same job can be known on another site: board id, telling tokens of the address, print."""
    return tuple(
        (kind, value)
        for kind, value in keys.rows
        if kind in ("board", "print") or (kind == "token" and _TELLING.fullmatch(value))
    )


def links(posting: Posting, keys: Keys, others: Iterable[Other], *, now: datetime) -> tuple[Link, ...]:
    """The links of a new posting to those of other sites, the certain ones first, open ones before closed ones.

    `same job`: the same board id; or the same uuid or number of five or more digits in the address, and the same title
    or the same content. `likely`: the same content alone, which is print and text (C.2, K5).
    """
    own = frozenset(rows(keys))
    found = []
    for other in others:
        if other.closed_at is not None and now - other.closed_at > WITHIN:
            continue
        if link := _link(posting, other, own & other.keys):
            found.append((link.kind != "same job", other.closed_at is not None, other.id, link))
    return tuple(link for *_, link in sorted(found, key=lambda one: one[:3])[:MOST_LINKS])


def _link(posting: Posting, other: Other, shared: Collection[KeyRow]) -> Link | None:
    boards = _values(shared, "board")
    if boards:
        return Link(to=other.id, kind="same job", evidence=f"the same board id {boards[0]}, on {other.site}")
    content = bool(_values(shared, "print")) and _same_text(posting, other.posting)
    tokens = [value.removeprefix("*=") for value in _values(shared, "token")]
    if tokens and (content or same_title(posting, other.posting)):
        what = "content" if content else "title"
        evidence = f"the same id in the address, {tokens[0]}, and the same {what}, on {other.site}"
        return Link(to=other.id, kind="same job", evidence=evidence)
    if content:
        percent = int(alike(posting.description_text, other.posting.description_text) * 100)
        evidence = f"same title, organisation and places, texts {percent} % alike, on {other.site}"
        return Link(to=other.id, kind="likely", evidence=evidence)
    return None


def _values(rows: Collection[KeyRow], kind: str) -> Sequence[str]:
    return sorted(value for one, value in rows if one == kind)


def _same_text(posting: Posting, other: Posting) -> bool:
    both_long = is_long(posting) and is_long(other)
    return both_long and alike(posting.description_text, other.description_text) >= ALIKE
