"""What C.4 can say of a sighting: which known posting it is, or that it is new, and to which one it is linked.

`identity` gives these answers, the ledger acts on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from postings.keys import KeyRow
from postings.posting import Posting

#: how two postings are one job; `likely` ones are not certain
LinkKind = Literal[
    "translation", "same requisition", "repost", "twin", "likely repost", "same job", "likely",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPosting:
    """A known posting that shares a key with a sighting, as it stands while the question is asked."""

    id: str
    posting: Posting
    open: bool
    #: seen in this visit
    seen: bool
    missing_since: datetime | None
    closed_at: datetime | None
    #: address key of the page that it was last seen on
    page: str
    keys: frozenset[KeyRow]
    #: went missing in this or the last visit; only a complete visit can say so
    vanished: bool = False
    #: seen in this visit, and a whole list lacks it; known at the end of the visit
    unlisted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A new posting is the same job as a known one, or may be."""

    #: id of the known posting
    to: str
    kind: LinkKind
    #: why, in words
    evidence: str


@dataclass(frozen=True, slots=True)
class Same:
    """The sighting is this posting, where it was expected."""

    posting: KnownPosting


@dataclass(frozen=True, slots=True)
class Moved:
    """The sighting is this posting, at a new address: no event for that."""

    posting: KnownPosting
    #: had this address before and was not seen in this visit: it closes as `replaced`
    replaces: KnownPosting | None = None


@dataclass(frozen=True, slots=True)
class SecondAddress:
    """The sighting is this posting once more, at another address than the one it is read from: no event at all."""

    posting: KnownPosting


@dataclass(frozen=True, slots=True)
class New:
    """A posting that was not known, with the link to the one it may come from."""

    link: Link | None = None
    #: its address had been taken for another one of this posting, which the visit sees elsewhere: that was wrong (C.3)
    corrects: KnownPosting | None = None


@dataclass(frozen=True, slots=True)
class Recycled:
    """The address of this posting now carries another one: it closes as `replaced`, the sighting is new."""

    posting: KnownPosting
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Whether it is this posting depends on what else the visit sees: ask again at its end."""

    posting: KnownPosting


Decision = Same | Moved | SecondAddress | New | Recycled | Wait
