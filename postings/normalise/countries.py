"""Countries: a code or a name in some language, as its ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from postings.normalise import names

# names in use that CLDR does not give, by code
_OTHER_NAMES = {
    "AE": "uae|u.a.e.|emirates",
    "BO": "bolivia plurinational state of",
    "BA": "bosnia",
    "BY": "belorussia",
    "CD": "dr congo|drc|democratic republic of the congo",
    "CZ": "czech republic|ceska republika|tschechische republik",
    "DE": "brd|bundesrepublik deutschland|federal republic of germany",
    "GB": "uk|u.k.|united kingdom of great britain and northern ireland|great britain|england|scotland|wales|northern ireland|grossbritannien|gb",
    "IR": "islamic republic of iran|iran islamic republic of",
    "KR": "republic of korea|korea republic of|korea|한국",
    "MD": "republic of moldova|moldova republic of",
    "MK": "macedonia",
    "NL": "holland|the netherlands",
    "PS": "palestine|palestine state of",
    "RU": "russian federation|rossiiskaia federatsiia|российская федерация",
    "SA": "ksa",
    "SZ": "swaziland",
    "TR": "turkey|turkiye",
    "TW": "taiwan province of china|taiwan roc|republic of china",
    "TZ": "united republic of tanzania|tanzania united republic of",
    "US": "usa|u.s.a.|u.s.|ee uu|eeuu|ee.uu.|united states of america|america|vereinigte staaten von amerika",
    "VE": "venezuela bolivarian republic of",
    "VN": "viet nam",
    "CN": "peoples republic of china|pr china|p.r. china|prc|mainland china|china mainland",
    "HK": "hong kong|hongkong|hong kong sar|hong kong sar china",
    "MO": "macao|macau",
    "IE": "republic of ireland",
    "CI": "ivory coast|cote divoire",
    "MM": "burma",
}

_FORM_OF_STATE = re.compile(r"^(?:(?:federal|federative|islamic|arab|socialist) )*(?:republic|kingdom) of (?:the )?")
_BRACKETS = re.compile(r"\s*[()\[\]/|]\s*|\s+[-–—]\s+")

#: codes in use that are no country's
_OTHER_CODES = {"UK": "GB", "EL": "GR"}

#: names that are also a US state, or a place that is much more likely meant behind a comma
AMBIGUOUS_BEHIND_A_COMMA = frozenset({"georgia", "jersey", "lebanon"})

# subdivisions of the USA, Canada and Australia whose code is also the code of a country
_ALSO_A_STATE = frozenset(
    "AL AR AZ CA CO CT DE GA ID IL IN KY LA MA MD ME MI MN MO MS MT NC NE NH PA SC SD TN VA AS GU MP PR VI BC MB NL NS "
    "NT NU PE SK YT SA WA".split()
)


@lru_cache(maxsize=4096)
def read_country(text: str | None) -> str | None:
    """The alpha-2 code of a country given as alpha-2, alpha-3, numeric code or name in one of 57 languages."""
    if not text or len(text) > 80:
        return None
    text = text.strip()
    if len(text) <= 3 and text.isascii() and (code := _code(text)) is not None:
        return code
    return _name(fold(text)) or _said_twice(text)


def read_country_behind_comma(text: str) -> str | None:
    """The country that the last part of `Brighton, United Kingdom` names; None for what may be a state or a town."""
    text = text.strip()
    # a number there is one of a room or a house
    if text.isdigit():
        return None
    if len(text) == 2 and text.isascii() and (text in _ALSO_A_STATE or not text.isupper()):
        return None
    if fold(text) in AMBIGUOUS_BEHIND_A_COMMA:
        return None
    return read_country(text)


def fold(text: str) -> str:
    """The comparison form of a name: no case, no accents, no punctuation, no leading article."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(
        char if char.isalnum() else "" if char in "'’.`´" or unicodedata.combining(char) else " " for char in plain
    )
    return " ".join(plain.split()).removeprefix("the ")


def _code(text: str) -> str | None:
    upper = text.upper()
    if upper in names.english("countries"):
        return upper
    return _OTHER_CODES.get(upper) or names.by_name("country_codes").get(upper)


def _name(folded: str) -> str | None:
    known = _other_names().get(folded) or names.by_name("countries").get(folded)
    return known or (_name(rest) if (rest := _FORM_OF_STATE.sub("", folded)) != folded else None)


def _said_twice(text: str) -> str | None:
    """The country of `Deutschland (DE)` and `DE - Germany`: all parts name the same one."""
    parts = [part for part in _BRACKETS.split(text) if part]
    if len(parts) < 2:
        return None
    named = {read_country(part) for part in parts}
    return named.pop() if len(named) == 1 else None


@cache
def _other_names() -> dict[str, str]:
    return {fold(name): code for code, others in _OTHER_NAMES.items() for name in others.split("|")}
