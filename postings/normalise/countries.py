"""Countries: a code or a name in some language, as its ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

#: languages whose names of countries are known; where two disagree, the earlier one is right
_LANGUAGES = (
    "en de fr es it pt nl sv da nb fi pl cs sk sl hr sr bg ro hu el tr ru uk et lv lt is ga ca eu gl ja ko zh zh_Hant "
    "vi th id ms fil ar he fa hi bn ta ur sw af sq mk bs hy ka az kk mt"
).split()

# names in use that CLDR does not give, by code
_OTHER_NAMES = {
    "AE": "uae|u.a.e.|emirates",
    "BO": "bolivia plurinational state of",
    "BY": "belorussia",
    "CD": "dr congo|drc|democratic republic of the congo",
    "CZ": "czech republic|ceska republika|tschechische republik",
    "DE": "brd|bundesrepublik deutschland|federal republic of germany",
    "GB": "uk|u.k.|great britain|england|scotland|wales|northern ireland|grossbritannien|gb",
    "IR": "islamic republic of iran|iran islamic republic of",
    "KR": "republic of korea|korea republic of|korea",
    "MD": "republic of moldova|moldova republic of",
    "MK": "macedonia",
    "NL": "holland|the netherlands",
    "PS": "palestine|palestine state of",
    "RU": "russian federation|rossiiskaia federatsiia|российская федерация",
    "SZ": "swaziland",
    "TR": "turkey|turkiye",
    "TW": "taiwan province of china|taiwan roc",
    "TZ": "united republic of tanzania|tanzania united republic of",
    "US": "usa|u.s.a.|u.s.|united states of america|america|vereinigte staaten von amerika",
    "VE": "venezuela bolivarian republic of",
    "VN": "viet nam",
    "CN": "peoples republic of china|prc|mainland china|china mainland",
    "HK": "hong kong|hongkong|hong kong sar china",
    "IE": "republic of ireland",
    "CI": "ivory coast|cote divoire",
    "MM": "burma",
}

#: codes in use that are no country's
_OTHER_CODES = {"UK": "GB", "EL": "GR"}

#: names that are also a US state, or a place that is much more likely meant behind a comma
AMBIGUOUS_BEHIND_A_COMMA = frozenset({"georgia", "jersey", "lebanon"})

# subdivisions of the USA, Canada and Australia whose code is also the code of a country
_ALSO_A_STATE = frozenset(
    "AL AR AZ CA CO DE GA ID IL IN LA MA MD ME MN MO MS MT NC NE PA SC SD TN VA AS GU MP PR VI BC MB NL NS NT NU PE SK "
    "SA WA".split()
)


@lru_cache(maxsize=4096)
def read_country(text: str | None) -> str | None:
    """The alpha-2 code of a country given as alpha-2, alpha-3, numeric code or name in one of 57 languages."""
    if not text or len(text) > 80:
        return None
    text = text.strip()
    if len(text) <= 3 and text.isascii() and (code := _code(text)) is not None:
        return code
    return _name(fold(text))


def read_country_behind_comma(text: str) -> str | None:
    """The country that the last part of `Brighton, United Kingdom` names; None for what may be a state or a town."""
    text = text.strip()
    if len(text) == 2 and (text.upper() in _ALSO_A_STATE or not text.isupper()):
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
    if upper in _OTHER_CODES:
        return _OTHER_CODES[upper]
    if upper in _codes():
        return upper
    replaced = _replaced().get(upper, ())
    return replaced[0] if len(replaced) == 1 and replaced[0] in _codes() else None


def _name(folded: str) -> str | None:
    if not folded:
        return None
    return _names_in("en").get(folded) or _all_names().get(folded)


@cache
def _codes() -> frozenset[str]:
    return frozenset(
        code
        for code in map(str, Locale.parse("en").territories)
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    )


_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})


@cache
def _replaced() -> dict[str, list[str]]:
    """Alpha-3 and numeric codes, and codes of countries that have changed their name."""
    return dict(get_global("territory_aliases"))


@cache
def _names_in(language: str) -> dict[str, str]:
    try:
        names = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return {}
    found = {folded: code for code, name in names.items() if code in _codes() and (folded := fold(name))}
    if language == "en":
        for code, others in _OTHER_NAMES.items():
            found.update((fold(other), code) for other in others.split("|"))
    return found


@cache
def _all_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for name, code in _names_in(language).items():
            found.setdefault(name, code)
    return found
