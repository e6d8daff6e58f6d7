"""How pages lead to each other in one visit: by redirects, and as translations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from postings.sites import KnownPage


class Leads:
    """What led to which page, by address keys."""

    def __init__(self, known: Mapping[str, KnownPage], listed: set[str]) -> None:
        """`known` is what is remembered of the site's pages, `listed` what its list names, filled by the visit."""
        self._known = known
        self._listed = listed
        self._leading = frozenset(page.via for page in known.values() if page.via is not None)
        #: what led to pages that the list does not name: the address key of a page, by theirs
        self._via: dict[str, str] = {}
        #: listed address > address that it redirects to, where that shows a posting
        self.led_to: dict[str, str] = {}
        #: the pages that were read in other languages
        self.alternates: dict[str, str] = {}

    def via(self, key: str) -> str | None:
        """The page that led to this one, in this visit or in an earlier one."""
        known = self._known.get(key)
        return self._via.get(key) or (known.via if known else None)

    def led_before(self, key: str) -> bool:
        """Whether the page led to another one in an earlier visit."""
        return key in self._leading

    def lead(self, origin: str, key: str) -> None:
        """Notes that a page leads to another one; it is its root in the list that counts."""
        root = self.via(origin) or origin
        if key not in self._listed and key != root:
            self._via.setdefault(key, root)

    def lead_back(self, key: str, alternates: Iterable[str]) -> None:
        """Notes that a page which the list no longer names is a translation of one that it does."""
        listed = next((other for other in alternates if other != key and other in self._listed), None)
        if listed is not None:
            self._via[key] = listed
