"""Addresses that show a page once more: its print or AMP version, and the same path in other capitals. Pure."""

from __future__ import annotations

import re

from postings import urls

_VERSION = r"amp|print|printable|printview|druck"
#: a segment of its own at the beginning or the end of a path
_SEGMENT = re.compile(rf"(?:^/(?:{_VERSION})(?=/))|(?:/(?:{_VERSION})\Z)|(?:\.amp(?=\.html?\Z))", re.IGNORECASE)
_FLAG = re.compile(rf"(?:{_VERSION})(?:=(?:1|true|yes|y|on))?", re.IGNORECASE)
_CHOICE = re.compile(rf"(?:view|format|output|outputtype|layout|mode|version)=(?:{_VERSION})", re.IGNORECASE)
_FRAMELESS = "tmpl=component"


def plain_form(key: str) -> str:
    """The address key of the page that another one may be a version of: without what asks for print or AMP, and in
    small letters. The key itself where it asks for nothing of the kind."""
    rest = urls.below_host(key)
    host = key[: len(key) - len(rest)]
    path, _, query = rest.partition("?")
    pairs = query.split("&") if query else []
    kept = [pair for pair in pairs if not _FLAG.fullmatch(pair) and not _CHOICE.fullmatch(pair)]
    if len(kept) < len(pairs):
        kept = [pair for pair in kept if pair != _FRAMELESS]
    bare = _SEGMENT.sub("", path)
    path = bare if bare.strip("/") else path
    return host + path.lower() + ("?" + "&".join(kept) if kept else "")
