"""Addresses in the state that a page hands to its script (`__NEXT_DATA__` and its like).

Only addresses: what the state says of postings is nobody's contract. They are candidates like any link, and count once
a page of their shape has shown a posting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from postings import urls

_MARKS = (
    b"__NEXT_DATA__", b"__next_f", b"__NUXT", b"__appData", b"__INITIAL_STATE__", b"__PRELOADED_STATE__",
    b"__APOLLO_STATE__", b"__remixContext", b"__sveltekit", b"application/json",
)  # fmt: skip
_SCRIPT = re.compile(rb"<script\b([^>]{0,2000})>(.*?)</script", re.IGNORECASE | re.DOTALL)
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
    b"data-", b"onclick", b"routerlink", b"routerLink", b"<option", b"hx-get", b"<turbo-frame", b"<include-fragment",
)  # fmt: skip
_CLICKED = re.compile(
    rb"\b(?:data-(?:[a-z]{1,20}-){0,3}(?:href|url|link|permalink|next)|routerlink|hx-get)\s*=\s*[\"']([^\"'\s<>{}]{2,500})[\"']"
    rb"|\bonclick\s*=\s*\"[^\"]{0,100}?(?:location[.a-z]{0,10}\s*=\s*|location\.(?:assign|replace)\(\s*|window\.open\(\s*)'([^'\"\s<>]{2,500})'"
    rb"|<(?:turbo-frame|include-fragment)\b[^<>]{0,200}?\bsrc\s*=\s*[\"']([^\"'\s<>]{2,500})"
    rb"|<option\b[^<>]{0,200}?\bvalue\s*=\s*[\"']?((?:(?:https?:/)?(?:\.\.?)?/|\?)[^\"'\s<>]{2,500})",
    re.IGNORECASE,
)
_SLASH = re.compile(r"\\+/|\\u002[fF]")
_MOST = 5_000
_LARGEST = 5 * 1024 * 1024


def embedded_addresses(body: bytes, url: str) -> list[str]:
    """The addresses on the page's own site that its embedded state names, at most 5,000; in order, each once."""
    body = body[:_LARGEST]
    states, others = _scripts(body)
    states += (match[1] or match[2] for match in _STATE.finditer(body))
    found = [*_addresses(states, url), *_of_one_kind(_addresses(others, url)), *clicked_addresses(body, url)]
    return list(dict.fromkeys(found))


def _of_one_kind(addresses: Sequence[str]) -> list[str]:
    """Those that share their shape with others: a list in a script that nothing else tells from a program."""
    count = Counter(map(urls.shape, addresses))
    return [address for address in addresses if "*" in (shape := urls.shape(address)) and count[shape] > 1]


def clicked_addresses(body: bytes, url: str) -> list[str]:
    """Where what a script makes links leads on the page's own site: `data-href`, an `onclick` that sets the address, an
    `option` to choose, what is loaded into the page."""
    if not any(mark in body for mark in _CLICK_MARKS):
        return []
    found: dict[str, None] = {}
    for match in islice(_CLICKED.finditer(body[:_LARGEST]), _MOST):
        said = match[match.lastindex or 0].decode("utf-8", "replace").replace("&amp;", "&")
        address = urls.parse(said, url)
        if address is not None and urls.same_site(address, url):
            found[address] = None
    return list(found)


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
    for match in _SCRIPT.finditer(body):
        attributes, text = match[1], match[2]
        if b"ld+json" in attributes or not text:
            continue
        if any(mark in attributes or mark in text[:2000] for mark in _MARKS):
            states.append(text)
        elif b'"/' in text or b'"\\/' in text or b'"http' in text:
            others.append(text)
    return states, others
