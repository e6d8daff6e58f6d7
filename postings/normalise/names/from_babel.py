"""Writes the tables of names: `python -m postings.normalise.names.from_babel` (`make names`), after each new Babel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.numbers import list_currencies

from postings.normalise.countries import fold
from postings.normalise.dates import months_in

#: languages whose names of countries are known; where two disagree, the earlier one is right
_OF_COUNTRIES = (
    "en de fr es it pt nl sv da nb fi pl cs sk sl hr sr bg ro hu el tr ru uk et lv lt is ga ca eu gl ja ko zh zh_Hant "
    "vi th id ms fil ar he fa hi bn ta ur sw af sq mk bs hy ka az kk mt"
).split()
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})

_OF_LANGUAGES = "en de fr es".split()
_NO_LANGUAGE = frozenset({"und", "zxx", "mul"})

_OF_MONTHS = (
    "en de fr es it pt nl sv da nb nn fi is pl cs sk sl hr sr bs mk bg ro hu el tr ru uk be et lv lt ga cy ca eu gl "
    "sq mt id ms vi fil sw af"
).split()


def tables() -> dict[str, str]:
    """The text of each table."""
    return {
        "countries": _text(_countries(), _first(_named(one, "territories", _countries()) for one in _OF_COUNTRIES)),
        "country_codes": _text(_countries(), _country_codes()),
        "languages": _text(_languages(), _first(_named(one, "languages", _languages()) for one in _OF_LANGUAGES)),
        "currencies": _text(_currencies(), _named("en", "currencies", _currencies())),
        "months": _text(_english_months(), _unmistakable(months_in(one) for one in _OF_MONTHS)),
    }


def _countries() -> dict[str, str]:
    names = Locale.parse("en").territories.items()
    return {code: name for code, name in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY}


def _country_codes() -> dict[str, str]:
    """Alpha-3 and numeric codes, and codes of countries that have changed their name."""
    known = _countries()
    aliases = get_global("territory_aliases").items()
    return {alias: codes[0] for alias, codes in aliases if len(codes) == 1 and codes[0] in known}


def _languages() -> dict[str, str]:
    names = Locale.parse("en").languages.items()
    return {code: name for code, name in names if code.isalpha() and code not in _NO_LANGUAGE}


def _currencies() -> dict[str, str]:
    names = Locale.parse("en").currencies
    return {code: names.get(code, code) for code in sorted(list_currencies())}


def _english_months() -> dict[str, str]:
    return {str(number): name for number, name in Locale.parse("en").months["format"]["wide"].items()}


def _named(language: str, kind: str, codes: Mapping[str, str]) -> dict[str, str]:
    """Code by name in one language."""
    names = getattr(Locale.parse(language), kind).items()
    return {folded: code for code, name in names if code in codes and (folded := fold(name))}


def _first(languages: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for names in languages:
        for name, code in names.items():
            found.setdefault(name, code)
    return found


def _unmistakable(languages: Iterable[Mapping[str, int]]) -> dict[str, str]:
    """Names that mean one month only, whatever the language (Czech `listopad` and Croatian differ)."""
    found: dict[str, set[int]] = {}
    for names in languages:
        for name, month in names.items():
            found.setdefault(name, set()).add(month)
    return {name: str(*months) for name, months in found.items() if len(months) == 1}


def _text(english: Mapping[str, str], code_by_name: Mapping[str, str]) -> str:
    lines = {code: [code, name] for code, name in english.items()}
    for name, code in code_by_name.items():
        lines[code].append(name)
    return "".join("|".join(line) + "\n" for line in lines.values())


if __name__ == "__main__":
    for name, text in tables().items():
        Path(__file__).with_name(f"{name}.txt").write_text(text, encoding="utf-8")
