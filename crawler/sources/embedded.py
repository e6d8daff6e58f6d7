"""Addresses in the state that a page hands to its script (`__NEXT_DATA__` and its like).

Only addresses: what the state says of postings is nobody's contract. They are candidates like any link, and count once
a page of their shape has shown a posting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import unquote_to_bytes

from postings import urls

#: what a program unpacks its state with
_ENCODED = b'decodeURIComponent("%'
_MARKS = (
    b"__NEXT_DATA__", b"__next_f", b"__NUXT", b"__appData", b"__INITIAL_STATE__", b"__PRELOADED_STATE__",
    b"__APOLLO_STATE__", b"__remixContext", b"__sveltekit", b"application/json", _ENCODED,
)  # fmt: skip
_SCRIPT = re.compile(rb"<script\b([^<>]{0,2000})>", re.IGNORECASE)
#: what a path or an address in a program begins with
_PATHS = (b'"/', b'"\\/', b'"http', b"'/", b"'\\/", b"'http")
#: a whole string that is a path or an address, slashes perhaps escaped; in an attribute quotes are character references
_ADDRESS = re.compile(
    rb'(?:\\?"|&(?:quot|#34|q);)((?:https?:(?:\\*/|\\u002[fF]){2}|\\*/|\\u002[fF])[^"\\\s<>{}&]{2,500}'
    rb'(?:(?:\\+/|\\u002[fF]|\\u0026|&(?!(?:quot|#34|q);))[^"\\\s<>{}&]{0,500}){0,20})(?:\\?"|&(?:quot|#34|q);)'
)
#: the value of an attribute that is JSON: what a server hands to a component (`data-page`, `props`, `:jobs`)
_STATE = re.compile(
    rb"=\s*(?:\"(\s*[\[{][^\"<>]{0,20}(?:&quot;|&#34;|&q;)[^\"<>]*)\"|'(\s*[\[{][^'<>]{0,20}\"[^'<>]*)')"
)
_CLICK_MARKS = (
    b"data-", b"onclick", b"javascript:", b"routerlink", b"routerLink", b"<option", b"hx-get", b"<turbo-frame",
    b"<include-fragment",
)  # fmt: skip
_CLICKED = re.compile(
    rb"\b(?:data-(?:[a-z]{1,20}-){0,3}(?:href|url|link|permalink|next)|routerlink|hx-get)\s*=\s*[\"']([^\"'\s<>{}]{2,500})[\"']"
    rb"|(?:\bonclick\s*=\s*[\"']|\bhref\s*=\s*[\"']\s*javascript:)[^\"<>]{0,100}?"
    rb"(?:location[.a-z]{0,10}\s*=\s*|location\.(?:assign|replace)\(\s*|window\.open\(\s*)"
    rb"(?:[\"']|&(?:quot|apos|#34|#0?39);)((?:[^\"'\s<>&]|&(?!(?:quot|apos|#34|#0?39);)){2,500})"
    rb"|<(?:turbo-frame|include-fragment)\b[^<>]{0,200}?\bsrc\s*=\s*[\"']([^\"'\s<>]{2,500})"
    rb"|<option\b[^<>]{0,200}?\bvalue\s*=\s*[\"']?((?:(?:https?:/)?(?:\.\.?)?/|\?)[^\"'\s<>]{2,500})",
    re.IGNORECASE,
)
#: an element of the page's own making that leads somewhere
_COMPONENT = re.compile(
    rb"<[a-z][a-z0-9]*-[a-z0-9-]*\s(?:[^<>]{0,500}?\s)?(?:href|url|link|to)\s*=\s*[\"']([^\"'\s<>{}]{2,500})[\"']",
    re.IGNORECASE,
)
#: a tag, and how one says what a page loads into itself, without anybody's click
_TAG = re.compile(rb"<[a-z][^<>]{0,4000}>", re.IGNORECASE)
_PART_MARKS = (b"hx-get", b"<turbo-frame", b"<include-fragment")
_PART_ADDRESS = re.compile(rb"\s(?:src|hx-get)\s*=\s*[\"']([^\"'\s<>{}]{2,500})[\"']", re.IGNORECASE)
_BY_ITSELF = re.compile(rb"\shx-trigger\s*=\s*[\"'][^\"'<>]*\b(?:load|revealed|intersect)\b", re.IGNORECASE)
#: a path or an address in the single quotes of a program
_SINGLE = re.compile(rb"'((?:https?:)?\\?/(?:[^'\"\\\s<>{}&]|\\/){2,500})'")
_SLASH = re.compile(r"\\+/|\\u002[fF]")
_MOST = 5_000
_LARGEST = 5 * 1024 * 1024


def embedded_addresses(body: bytes, url: str) -> list[str]:
    """The addresses on the page's own site that its embedded state names, at most 5,000; in order, each once."""
    body = body[:_LARGEST]
    states, others = _scripts(body)
    states += (match[1] or match[2] for match in _STATE.finditer(body))
    programs = [*_addresses(others, url), *_addresses(others, url, _SINGLE)]
    found = [*_addresses(states, url), *_of_one_kind(programs), *clicked_addresses(body, url)]
    return list(dict.fromkeys((*found, *_on_site(_COMPONENT.finditer(body), url))))


def _of_one_kind(addresses: Sequence[str]) -> list[str]:
    """Those that share their shape with others: a list in a script that nothing else tells from a program."""
    count = Counter(map(urls.shape, addresses))
    return [address for address in addresses if "*" in (shape := urls.shape(address)) and count[shape] > 1]


def clicked_addresses(body: bytes, url: str) -> list[str]:
    """Where what a script makes links leads on the page's own site: `data-href`, an `onclick` that sets the address, an
    `option` to choose, what is loaded into the page."""
    if not any(mark in body for mark in _CLICK_MARKS):
        return []
    return list(_on_site(_CLICKED.finditer(body[:_LARGEST]), url))


def loaded_parts(body: bytes, url: str) -> list[str]:
    """What a page loads into itself from its own site, without anybody's click: a list may be in it, or go on there."""
    if not any(mark in body for mark in _PART_MARKS):
        return []
    tags = (match[0] for match in _TAG.finditer(body[:_LARGEST]))
    marked = (tag for tag in tags if any(mark in tag for mark in _PART_MARKS))
    loaded = (tag for tag in marked if b"hx-get" not in tag or _BY_ITSELF.search(tag))
    return list(_on_site(filter(None, map(_PART_ADDRESS.search, loaded)), url))


def _on_site(matches: Iterable[re.Match[bytes]], url: str) -> dict[str, None]:
    """The addresses that attributes hold, those of the page's own site, at most 5,000 of them."""
    found: dict[str, None] = {}
    for match in islice(matches, _MOST):
        said = match[match.lastindex or 0].decode("utf-8", "replace").replace("&amp;", "&")
        address = urls.parse(said, url)
        if address is not None and urls.same_site(address, url):
            found[address] = None
    return found


def is_data(body: bytes) -> bool:
    """Whether an answer is JSON in place of a page, as scripts ask for to show more of a list."""
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def data_addresses(body: bytes, url: str) -> list[str]:
    """The same for an answer that is JSON; links in HTML that stands in it count too."""
    return _addresses([body[:_LARGEST]], url)


def _addresses(states: Iterable[bytes], url: str, form: re.Pattern[bytes] = _ADDRESS) -> list[str]:
    found: dict[str, None] = {}
    for state in states:
        for match in form.finditer(state):
            text = _SLASH.sub("/", match[1].decode("utf-8", "replace")).replace("\\u0026", "&").replace("&amp;", "&")
            address = urls.parse(text, url)
            if address is not None and urls.same_site(address, url):
                found[address] = None
                if len(found) >= _MOST:
                    return list(found)
    return list(found)


def _scripts(body: bytes) -> tuple[list[bytes], list[bytes]]:
    """What the page hands to its scripts, and those of the scripts themselves in which a path stands."""
    states: list[bytes] = []
    others: list[bytes] = []
    lower = body.lower()
    place = 0
    while (match := _SCRIPT.search(body, place)) is not None and (end := lower.find(b"</script", match.end())) >= 0:
        attributes, text, place = match[1], body[match.end() : end], end
        if b"ld+json" in attributes or not text:
            continue
        if any(mark in attributes or mark in text[:2000] for mark in _MARKS):
            states.append(unquote_to_bytes(text) if _ENCODED in text[:2000] else text)
        elif any(mark in text for mark in _PATHS):
            others.append(text)
    return states, others
