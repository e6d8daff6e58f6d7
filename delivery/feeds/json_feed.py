"""JSON Feed 1.1 (jsonfeed.org), with the whole public record of each posting under `_hirewatch`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from delivery.feeds.feed import Departed, Entry, Feed
from postings.record import instant

JSON_TYPE = "application/feed+json; charset=utf-8"


def json_feed(feed: Feed, entries: Sequence[Entry], departed: Sequence[Departed]) -> bytes:
    """The feed as JSON Feed; what has left it stands in its own `_hirewatch`."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "items": [
            {
                "id": entry.id,
                "title": entry.title,
                **({"url": entry.url} if entry.url else {}),
                "content_html": entry.html,
                "date_published": instant(entry.published),
                "date_modified": instant(entry.updated),
                **({"authors": [{"name": entry.employer}]} if entry.employer else {}),
                "_hirewatch": dict(entry.record),
            }
            for entry in entries
        ],
        "_hirewatch": {"departed": [{"id": gone.id, "at": instant(gone.at)} for gone in departed]},
    }
    return json.dumps(whole, ensure_ascii=False).encode()
