"""A career site that is nothing but the pages that were put on it: for worlds in which addresses, identifiers and
languages matter. Served and damaged like any scripted site."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hirewatch.demo import pages
from hirewatch.demo.http_server import Answer, Request
from tests.sites.scripted import ScriptedSite

_WORDS = (
    "weld measure paint plan carry check repair teach drive count sell order build test wire cut lift write read "
    "cook nurse guard clean ship pack load grind polish draw print bind sort file bake brew sew weave mill forge"
).split()


def text(seed: str, words: int = 120) -> str:
    """A description that no other seed has."""
    rng = Random(seed)
    return " ".join(rng.choice(_WORDS) for _ in range(words)).capitalize() + "."


def markup(title: str, **fields: Any) -> dict[str, Any]:
    """A JobPosting; `fields` are further properties, or other values of these; None leaves one out."""
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": title,
        "description": f"<p>{text(title)}</p>",
        "datePosted": "2026-10-20",
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
        "jobLocation": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": "Lyon", "addressCountry": "FR"},
        },
        **fields,
    }
    return {name: value for name, value in posting.items() if value is not None}


def identifier(value: str | int) -> dict[str, Any]:
    """An identifier as most sites write it."""
    return {"@type": "PropertyValue", "name": "Acme", "value": value}


class ShelfSite(ScriptedSite):
    """Pages by path; all of them are listed in the sitemap unless they are taken off it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(0, layout="sitemap", **options)
        self._pages: dict[str, tuple[dict[str, Any], str, Mapping[str, str]]] = {}
        self._off: set[str] = set()
        self._redirects: dict[str, str] = {}
        self._stamp: dict[str, datetime] = {}

    def put(self, path: str, posting: dict[str, Any], *, lang: str = "en", alternates: Mapping[str, str] = {}) -> None:
        """A page with this JobPosting; `alternates` are the paths of its translations by language."""
        with self._lock:
            self._pages[path] = (posting, lang, dict(alternates))
            self._redirects.pop(path, None)
            self._stamp[path] = self._next_change()

    def take(self, *paths: str) -> None:
        """The pages are gone: 404, and off the sitemap."""
        with self._lock:
            for path in paths:
                del self._pages[path]
            self._next_change()

    def move(self, old: str, new: str, *, redirect: bool = False) -> None:
        """The page has another path; the old one answers 404, or leads to it."""
        with self._lock:
            self._pages[new] = self._pages.pop(old)
            if redirect:
                self._redirects[old] = new
            self._stamp[new] = self._next_change()

    def take_off_list(self, paths: Iterable[str]) -> None:
        """Exactly these pages are missing in the sitemap, and answer."""
        with self._lock:
            self._off = set(paths)
            self._next_change()

    def paths(self) -> list[str]:
        """Where the pages are."""
        with self._lock:
            return list(self._pages)

    def posting(self, path: str) -> dict[str, Any]:
        """The JobPosting on a page; change it by `put`."""
        with self._lock:
            return dict(self._pages[path][0])

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path = request.path
        if path == "/sitemap.xml":
            return self._sitemap()
        if path in self._redirects:
            return Answer(status=301, headers={"Location": self.origin + self._redirects[path]})
        if path in self._pages:
            return self._page(path)
        if path in ("/careers", "/robots.txt"):
            return super().answer(request)
        return self.not_found()

    def _sitemap(self) -> Answer:
        with self._lock:
            entries = [
                pages.Entry(self.origin + path, self._stamp[path]) for path in self._pages if path not in self._off
            ]
        return Answer(status=200, body=pages.sitemap(entries).encode(), content_type="application/xml")

    def _page(self, path: str) -> Answer:
        posting, lang, alternates = self._pages[path]
        script = json.dumps(posting, ensure_ascii=False).replace("</", "<\\/")
        links = "".join(
            f'<link rel="alternate" hreflang="{code}" href="{self.origin}{where}">'
            for code, where in alternates.items()
        )
        body = (
            f'<!doctype html><html lang="{lang}"><head><title>{html.escape(posting["title"])}</title>{links}'
            f'<script type="application/ld+json">{script}</script></head><body><h1>{html.escape(posting["title"])}</h1>'
            f"{posting.get('description', '')}<a href='/apply'>Apply</a></body></html>"
        )
        return Answer(status=200, body=body.encode(), modified=self._stamp[path])


def yesterday(now: datetime) -> str:
    """A date for `datePosted`."""
    return str((now.astimezone(UTC) - timedelta(days=1)).date())
