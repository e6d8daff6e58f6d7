"""RSS 2.0 and Atom (RFC 4287), with the entries that have left as tombstones (RFC 6721)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from feedgenerator import Atom1Feed, Rss201rev2Feed

from delivery.feeds.feed import Departed, Entry, Feed

RSS_TYPE = "application/rss+xml; charset=utf-8"
ATOM_TYPE = "application/atom+xml; charset=utf-8"

_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def rss(feed: Feed, entries: Sequence[Entry], departed: Sequence[Departed]) -> bytes:
    """The feed as RSS 2.0."""
    return _write(_Rss, feed, entries, departed)


def atom(feed: Feed, entries: Sequence[Entry], departed: Sequence[Departed]) -> bytes:
    """The feed as Atom."""
    return _write(_Atom, feed, entries, departed)


def _tombstones(handler: Any, departed: Sequence[Departed]) -> None:
    for gone in departed:
        handler.addQuickElement("at:deleted-entry", None, {"ref": gone.id, "when": gone.at.isoformat()})


class _Rss(Rss201rev2Feed):  # type: ignore[misc]  # the library has no types
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:at": _TOMBSTONES}

    def latest_post_date(self) -> Any:
        return self.feed["updated"]

    def write_items(self, handler: Any) -> None:
        super().write_items(handler)
        _tombstones(handler, self.feed["departed"])


class _Atom(Atom1Feed):  # type: ignore[misc]
    def root_attributes(self) -> Mapping[str, str]:
        return {**super().root_attributes(), "xmlns:at": _TOMBSTONES}

    def latest_post_date(self) -> Any:
        return self.feed["updated"]

    def write_items(self, handler: Any) -> None:
        super().write_items(handler)
        _tombstones(handler, self.feed["departed"])


def _write(kind: type[Any], feed: Feed, entries: Sequence[Entry], departed: Sequence[Departed]) -> bytes:
    made = kind(
        title=feed.title,
        link=feed.home,
        description=feed.description,
        feed_url=feed.address,
        feed_guid=feed.address,
        # an entry without an author needs one of the feed (RFC 4287 §4.1.1)
        author_name="hirewatch",
        updated=feed.updated,
        departed=departed,
    )
    for entry in entries:
        made.add_item(
            title=entry.title,
            link=entry.url or feed.home,
            description=entry.html,
            author_name=entry.employer or "unknown",
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=entry.id,
            unique_id_is_permalink=False,
        )
    out = StringIO()
    made.write(out, "utf-8")
    return out.getvalue().encode()
