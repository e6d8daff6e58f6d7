"""What sitemap files said when this process read them last: one that has not changed is neither sent nor read again."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.answers import Answer
from crawler.sources.sitemap_file import SitemapFile
from postings.recheck import ROUND
from postings.sites import KnownPage

_NOT_MODIFIED = 304
#: entries that are kept in all, about half a kilobyte each
_MOST_ENTRIES = 50_000


class AskFile(Protocol):
    """Asks for a file; `known` makes the request conditional."""

    def __call__(self, url: str, *, known: KnownPage | None = None, large: bool = False) -> Awaitable[Answer]: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    known: KnownPage
    file: SitemapFile
    #: when it was sent whole
    sent_at: datetime


class SitemapFiles:
    """The files of many sites, the last used last."""

    def __init__(self, most: int = _MOST_ENTRIES) -> None:
        self._most = most
        self._kept: dict[str, _Kept] = {}
        self._entries = 0

    def known(self, url: str, now: datetime) -> KnownPage | None:
        """What makes a request for the file conditional. None where it was not sent whole for most of a day: a server
        whose validators stand still must not hide what is new for longer."""
        kept = self._kept.get(url)
        return kept.known if kept is not None and now - kept.sent_at < ROUND else None

    def as_before(self, url: str, answer: Answer) -> SitemapFile | None:
        """What the file says, where the answer shows that it has not changed."""
        kept = self._kept.get(url)
        if kept is None or answer.trouble is not None or not answer.whole:
            return None
        if answer.status != _NOT_MODIFIED and not (answer.ok and answer.body_hash == kept.known.body_hash):
            return None
        sent_at = answer.at if answer.ok else kept.sent_at
        self._forget(url)
        self._keep(url, _Kept(kept.known, kept.file, sent_at))
        return kept.file

    def keep(self, url: str, answer: Answer, file: SitemapFile) -> None:
        """Remembers what a file says, if nothing is doubtful about it."""
        self._forget(url)
        if file.doubt or not answer.ok or len(file.entries) > self._most:
            return
        known = KnownPage(
            url=url, etag=answer.etag, last_modified=answer.last_modified, body_hash=answer.body_hash, open=False
        )
        self._keep(url, _Kept(known, file, answer.at))

    def _keep(self, url: str, kept: _Kept) -> None:
        self._kept[url] = kept
        self._entries += len(kept.file.entries)
        while self._entries > self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, url: str) -> None:
        if (kept := self._kept.pop(url, None)) is not None:
            self._entries -= len(kept.file.entries)


class Before:
    """The files as one visit sees them."""

    def __init__(self, files: SitemapFiles, ask: AskFile, now: datetime) -> None:
        self.files = files
        self._ask = ask
        self._now = now

    async def ask(self, url: str) -> Answer:
        """Asks for a file, with what is known of it."""
        return await self._ask(url, known=self.files.known(url, self._now), large=True)
