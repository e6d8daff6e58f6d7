"""What the crawler hands over during a visit: postings it read, and pages that did not change.

Made by the spider, taken by the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from postings.posting import Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """A page as it was fetched: the evidence behind each sighting on it."""

    #: address key of the final address (`postings.urls.key`)
    address: str
    #: the final address as it was fetched
    url: str
    status: int
    #: when the answer had arrived; aware, UTC
    at: datetime
    #: hex digest (blake2b, 16 bytes) of the decoded body
    body_hash: str
    etag: str | None = None
    last_modified: str | None = None
    lastmod: str | None = None
    #: a redirect led here from these address keys
    redirected_from: tuple[str, ...] = ()
    #: address key of the listed page that led here, by a redirect or as its translation
    via: str | None = None
    #: language of the page (html lang), if it says
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A posting read from a page or an answer."""

    page: PageRead
    #: K1, the address key of this posting; None where one page carries several postings without own addresses
    address: str | None
    posting: Posting
    #: the JobPosting as it stood in the page, as JSON text
    raw: str
    #: K4, "vendor/board/id"; None unless read from a board
    board_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A page that is as it was when last read (304, or the same body): its postings are seen again."""

    page: PageRead


Seen = Sighting | Unchanged
