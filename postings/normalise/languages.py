"""Languages: a tag or an English name as BCP 47 tag, the primary subtag in lower case."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from postings.normalise import text as texts
from postings.normalise.countries import fold

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.@].*)?", re.IGNORECASE)


def read_language(value: object) -> str | None:
    """`de_DE` is `de-DE`, `English` is `en`; None for what names no language."""
    text = texts.name(value)
    if text is None or len(text) > 60:
        return None
    match = _TAG.fullmatch(text)
    if match is None or match[1].lower() not in _codes():
        return _names().get(fold(text))
    parts = [match[1].lower()]
    if match[2]:
        parts.append(match[2].title())
    if match[3]:
        parts.append(match[3].upper())
    return "-".join(parts)


@cache
def _codes() -> frozenset[str]:
    return frozenset(
        code for code in map(str, Locale.parse("en").languages) if code.isalpha() and code not in ("und", "zxx", "mul")
    )


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "de", "fr", "es"):
        for code, name in Locale.parse(language).languages.items():
            if code in _codes():
                found.setdefault(fold(name), code)
    return found
