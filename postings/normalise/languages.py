"""Languages: a tag or an English name as BCP 47 tag, the primary subtag in lower case."""

from __future__ import annotations

import re

from postings.normalise import names
from postings.normalise import text as texts
from postings.normalise.countries import fold

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.@].*)?", re.IGNORECASE)


def read_language(value: object) -> str | None:
    """`de_DE` is `de-DE`, `English` is `en`; None for what names no language."""
    text = texts.name(value)
    if text is None or len(text) > 60:
        return None
    match = _TAG.fullmatch(text)
    if match is None or match[1].lower() not in names.english("languages"):
        return names.by_name("languages").get(fold(text))
    parts = [match[1].lower()]
    if match[2]:
        parts.append(match[2].title())
    if match[3]:
        parts.append(match[3].upper())
    return "-".join(parts)
