"""When two texts, organisations or places say the same thing: the comparison forms that the rules work on.

Identity, trust and changes ask here; nothing here knows a site, a key or a visit.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from postings.posting import Location, Posting

#: a text of at least this many characters says enough to be compared (C.2, K5)
LONG_TEXT = 400
#: texts at least this much alike are one text (C.2, K5)
ALIKE = 0.9

_LANGUAGE = re.compile(r"(?:^|/)(?P<language>[a-z]{2})(?:[-_][a-z]{2})?(?=/|$|\?)", re.IGNORECASE)
_LANGUAGES = frozenset({
    "ar", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "he",
    "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lb", "lt", "lv", "mk", "ms", "mt", "nb", "nl", "nn", "no", "pl",
    "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "vi", "zh",
})  # fmt: skip


class _Folding(dict[int, str]):
    """Letters, digits and their marks stay, invisible characters go, everything else becomes a space.

    `+` and `#` stay too: C, C++ and C# are three languages.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] in "LNM" or character in "+#":
            folded = character
        elif category == "Cf":
            folded = ""
        else:
            folded = " "
        self[code] = folded
        return folded


_FOLDING = _Folding()


#: names and titles come again and again; descriptions do not, and are long
_SHORT = 200


def fold(text: str | None) -> str:
    """The comparison form: case, punctuation, entities and white space folded. Folding twice changes nothing."""
    if not text:
        return ""
    return _short(text) if len(text) <= _SHORT else _fold(text)


def _fold(text: str) -> str:
    plain = html.unescape(text) if "&" in text else text
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold()).casefold()
    words = (word.lstrip("+#") for word in folded.translate(_FOLDING).split())
    return " ".join(word for word in words if word)


_short = lru_cache(maxsize=4_096)(_fold)


@lru_cache(maxsize=512)
def shingles(text: str | None) -> frozenset[int]:
    """The runs of three words of a text, as numbers that hold for this process only; the whole of a shorter text."""
    words = fold(text).split()
    if not words:
        return frozenset()
    if len(words) < 3:
        return frozenset((hash(tuple(words)),))
    return frozenset(hash(run) for run in zip(words, words[1:], words[2:], strict=False))


def alike(a: str | None, b: str | None) -> float:
    """How much of two texts is the same, 0 to 1: Jaccard over runs of three words. Two empty texts are alike."""
    if a == b:
        return 1.0
    first, second = shingles(a), shingles(b)
    if not first and not second:
        return 1.0
    common = len(first & second)
    return common / (len(first) + len(second) - common)


def contained(a: str | None, b: str | None) -> float:
    """How much of the shorter text stands in the longer one, 0 to 1, over runs of three words; 0 where one is empty."""
    first, second = shingles(a), shingles(b)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def is_long(posting: Posting) -> bool:
    """Whether its text says enough to be compared."""
    return len(posting.description_text or "") >= LONG_TEXT


def organization(posting: Posting) -> str:
    """The comparison form of the employer's name; empty if there is none."""
    return fold(posting.organization.name) if posting.organization else ""


def place(location: Location) -> str:
    """The comparison form of a place: town, region, country; what the markup said where it has none of them."""
    parts = [fold(part) for part in (location.locality, location.region, location.country)]
    return ", ".join(part for part in parts if part) or fold(location.text)


def places(posting: Posting) -> frozenset[str]:
    """The places of a posting in comparison form; remote work is a place too."""
    found = {place(location) for location in posting.locations} - {""}
    if posting.remote:
        found.add("remote")
    return frozenset(found)


def same_places(a: Iterable[Location], b: Iterable[Location]) -> bool:
    """Whether two lists name the same places, order and format folded: what only one of them says does not count."""
    first, second = [_town(one) for one in a], [_town(one) for one in b]
    return all(any(_compatible(one, two) for two in second) for one in first) and all(
        any(_compatible(one, two) for one in first) for two in second
    )


def _town(location: Location) -> tuple[str, str, str]:
    """Town, region, country; `Berlin, Berlin, Germany` in one field is the town Berlin."""
    town = location.locality or (location.text if not (location.region or location.country) else None)
    return fold(town.split(",")[0]) if town else "", fold(location.region), fold(location.country)


def _compatible(a: tuple[str, str, str], b: tuple[str, str, str]) -> bool:
    if bool(a[0]) != bool(b[0]) or not any(a) or not any(b):
        return a == b
    return all(not one or not two or one == two for one, two in zip(a, b, strict=True))


def fingerprint(posting: Posting) -> str:
    """The print of a posting (K5 of C.2): a digest of title, organisation and places in comparison form.

    A posting without a title has nothing that people tell jobs apart by: its text takes part.
    """
    title = fold(posting.title)
    parts = [title, organization(posting), *sorted(places(posting))]
    if not title:
        parts.append(fold(posting.description_text))
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def same_title(a: Posting, b: Posting) -> bool:
    """Whether both have a title and it reads the same."""
    return bool(a.title) and fold(a.title) == fold(b.title)


def same_day(a: date | datetime | None, b: date | datetime | None) -> bool:
    """Whether both are given and fall on the same day (UTC where a zone is known)."""
    return a is not None and b is not None and day(a) == day(b)


def day(value: date | datetime) -> date:
    """The day of a date or a time, in UTC where a zone is known."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date()
    return value


def agree(a: Posting, b: Posting) -> bool:
    """Whether two postings may be one job (C.3): same organisation, and the same title, or a common place and the
    same day of publication."""
    if organization(a) != organization(b):
        return False
    return same_title(a, b) or (bool(places(a) & places(b)) and same_day(a.date_posted, b.date_posted))


def all_places_differ(a: Posting, b: Posting) -> bool:
    """Whether both name places and have none in common."""
    first, second = places(a), places(b)
    return bool(first) and bool(second) and not first & second


def language(tag: str | None) -> str | None:
    """The language of a BCP 47 tag: `de` of `de-AT`."""
    return re.split(r"[-_]", tag.strip().lower())[0] or None if tag else None


def path_language(address: str) -> str | None:
    """The language that a path names in a segment of its own: `de` of `acme.example/de/jobs/1`."""
    path = address.partition("/")[2]
    for match in _LANGUAGE.finditer(path):
        language = match["language"].lower()
        if language in _LANGUAGES:
            return language
    return None
