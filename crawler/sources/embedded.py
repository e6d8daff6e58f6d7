"""Addresses in the state that a page hands to its script (`__NEXT_DATA__` and its like).

Only addresses: what the state says of postings is nobody's contract. They are candidates like any link, and count once
a page of their shape has shown a posting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from postings import urls

_MARKS = (
    b"__NEXT_DATA__", b"__NUXT", b"__appData", b"__INITIAL_STATE__", b"__PRELOADED_STATE__", b"__APOLLO_STATE__",
    b"__remixContext", b"application/json",
)  # fmt: skip
_SCRIPT = re.compile(rb"<script\b([^>]{0,2000})>(.*?)</script", re.IGNORECASE | re.DOTALL)
#: a whole string that is a path or an address, slashes perhaps escaped
_ADDRESS = re.compile(
    rb'\\?"((?:https?:(?:\\*/|\\u002[fF]){2}|\\*/|\\u002[fF])[^"\\\s<>{}]{2,500}'
    rb'(?:(?:\\+/|\\u002[fF]|\\u0026)[^"\\\s<>{}]{0,500}){0,20})\\?"'
)
_CLICK_MARKS = (b"data-href", b"data-url", b"onclick")
_CLICKED = re.compile(
    rb"\bdata-(?:href|url)\s*=\s*[\"']([^\"'\s<>]{2,500})[\"']"
    rb"|\bonclick\s*=\s*\"[^\"]{0,100}?location[.a-z]{0,10}\s*=\s*'([^'\"\s<>]{2,500})'"
)
_SLASH = re.compile(r"\\+/|\\u002[fF]")
_MOST = 5_000
_LARGEST = 5 * 1024 * 1024


def embedded_addresses(body: bytes, url: str) -> list[str]:
    """The addresses on the page's own site that its embedded state names, at most 5,000; in order, each once."""
    found = _addresses(_states(body[:_LARGEST]), url) if any(mark in body for mark in _MARKS) else []
    return [*found, *_clicked(body[:_LARGEST], url)] if any(mark in body for mark in _CLICK_MARKS) else found


def _clicked(body: bytes, url: str) -> Iterator[str]:
    """Where rows lead that a script makes links: `data-href`, or an `onclick` that sets the address."""
    for match in islice(_CLICKED.finditer(body), _MOST):
        said = (match[1] or match[2]).decode("utf-8", "replace").replace("&amp;", "&")
        address = urls.parse(said, url)
        if address is not None and urls.same_site(address, url):
            yield address


def is_data(body: bytes) -> bool:
    """Whether an answer is JSON in place of a page, as scripts ask for to show more of a list."""
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def data_addresses(body: bytes, url: str) -> list[str]:
    """The same for an answer that is JSON; links in HTML that stands in it count too."""
    return _addresses([body[:_LARGEST]], url)


def _addresses(states: Iterable[bytes], url: str) -> list[str]:
    found: dict[str, None] = {}
    for state in states:
        for match in _ADDRESS.finditer(state):
            text = _SLASH.sub("/", match[1].decode("utf-8", "replace")).replace("\\u0026", "&")
            address = urls.parse(text, url)
            if address is not None and urls.same_site(address, url):
                found[address] = None
                if len(found) >= _MOST:
                    return list(found)
    return list(found)


def _states(body: bytes) -> Iterator[bytes]:
    for match in _SCRIPT.finditer(body):
        attributes, text = match[1], match[2]
        if b"ld+json" not in attributes and any(mark in attributes or mark in text[:2000] for mark in _MARKS):
            yield text
