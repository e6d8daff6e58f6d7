"""Pay: schema.org `baseSalary` as currency, range and unit.

Amounts are taken from numbers and from strings with one amount in them. A string with two ("55,000 to 75,000") or
with words beside ("up to 100k") is kept as `text`: guessing which is meant would be inventing. Zero is no amount.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from postings.normalise import names
from postings.normalise import text as texts
from postings.normalise.countries import fold
from postings.posting import Salary

#: no pay of any currency and period is more
AMOUNT_LIMIT = 1e12

_UNITS = {
    "HOUR": "hour|hourly|hours|h|hr|hrs|hur|stunde|stundlich|std|stundenlohn|heure|hora|ora|allora|uur|time|timme|timen|"
    "tunti|tunnissa|godzina|godzine|hodina|hodinu|hod|saat|oranként|час|годину|gio|jam|時間|時|時給|小时|小時|时薪|時薪|시간|시급|pt1h",
    "DAY": "day|daily|days|d|tag|taglich|tagessatz|jour|dia|giorno|dag|paiva|dzien|den|gun|день|ngay|hari|日|日給|天|日薪|일|일급|p1d",
    "WEEK": "week|weekly|weeks|w|wk|wee|woche|wochentlich|semaine|semana|settimana|vecka|uge|viikko|tydzien|tyden|"
    "неделя|неделю|週|周|周薪|週給|주|주급|p1w",
    "MONTH": "month|monthly|months|m|mo|mon|mth|monat|monatlich|monatsgehalt|mois|mes|mensual|mensuel|mensile|mese|maand|"
    "manad|maned|maneden|kuukausi|kuukaudessa|kk|miesiac|mies|miesiecznie|mesic|mesicne|ay|ayda|aylık|honap|havonta|luna|"
    "lunar|месяц|ежемесячно|місяць|thang|bulan|月|月給|月薪|每月|毎月|월|월급|p1m",
    "YEAR": "year|yearly|years|y|yr|ann|annual|annually|annum|pa|jahr|jahrlich|jahresgehalt|an|annee|annuel|ano|anual|anno|"
    "allanno|annuale|jaar|ar|vuosi|vuodessa|rok|rocznie|rocne|yıl|yıllık|ev|evente|год|рік|nam|tahun|年|年収|年俸|年薪|연|연봉|p1y",
}
_UNIT_OF = {fold(word): unit for unit, words in _UNITS.items() for word in words.split("|")}
# words before a unit that change nothing of it: "per hour", "al mes", "za godzinę"
_PER = re.compile(r"(?:1|a|al|an|ao|every|i|na|par|pe|per|por|pr|pro|za|в|за|на)\s")

#: signs that stand for one currency only; a bare `$` or `kr` does not
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₴": "UAH",
    "₺": "TRY",
    "₪": "ILS",
    "₩": "KRW",
    "₫": "VND",
    "₱": "PHP",
    "฿": "THB",
    "₦": "NGN",
    "zł": "PLN",
    "kč": "CZK",
    "us$": "USD",
    "r$": "BRL",
    "a$": "AUD",
    "c$": "CAD",
    "s$": "SGD",
    "hk$": "HKD",
    "nt$": "TWD",
    "円": "JPY",
    "원": "KRW",
    "ft": "HUF",
    "руб": "RUB",
    "руб.": "RUB",
}
#: the names that people use, ahead of those of currencies long gone
_NAMES = {
    "euro": "EUR",
    "euros": "EUR",
    "us dollars": "USD",
    "usd dollars": "USD",
    "pound sterling": "GBP",
    "pounds": "GBP",
    "rubles": "RUB",
    "rupees": "INR",
    "swiss franc": "CHF",
    "swiss francs": "CHF",
}
#: codes that were replaced without the unit changing for today's pay
_REPLACED = {"RUR": "RUB", "RMB": "CNY"}

_AMOUNT = re.compile(
    r"(?P<before>[^\d\s.,+-]{0,4})\s*(?P<number>\d[\d\s.,'’\u00a0\u202f]*)(?P<thousand>k\b)?\s*"
    r"(?P<after>[^\d\s.,+-]{0,4})(?:[.,][-–—])?",
    re.IGNORECASE,
)

#: with less than this "ft" says full time, or feet
_LEAST_FORINTS = 1_000

_BARE_NUMBER = re.compile(r"[-+]?[\d\s.,]*")


def read_salary(value: object, currency: object = None) -> Salary | None:
    """The pay that a `baseSalary` says; `currency` is the `salaryCurrency` beside it.

    One amount is both minimum and maximum; a minimum alone leaves the maximum open. None where there is neither a
    positive amount nor words.
    """
    for one in texts.each(value):
        if (pay := _read_one(one, currency)) is not None:
            return pay
    return None


def _read_one(one: object, outer_currency: object) -> Salary | None:
    if not isinstance(one, dict):
        return _from_text(texts.line(one), read_currency(outer_currency), None)
    code = (
        read_currency(one.get("currency")) or read_currency(one.get("priceCurrency")) or read_currency(outer_currency)
    )
    unit = _unit(one)
    inner = texts.first(one.get("value"))
    if isinstance(inner, dict):
        unit = _unit(inner) or unit
        code = code or read_currency(inner.get("currency"))
        found = _from_object(inner, code, unit)
        if found is not None:
            return found
    elif (found := _from_text(texts.line(inner), code, unit)) is not None:
        return found
    return _from_object(one, code, unit)


def _from_object(one: Mapping[str, Any], currency: str | None, unit: str | None) -> Salary | None:
    low = read_amount(one.get("minValue")) or read_amount(one.get("minPrice"))
    high = read_amount(one.get("maxValue")) or read_amount(one.get("maxPrice"))
    if low is None and high is None:
        for key in ("value", "price", "amount"):
            if not isinstance(texts.first(one.get(key)), dict) and (
                found := _from_text(texts.line(one.get(key)), currency, unit)
            ):
                return found
        words = [text for key in ("minValue", "maxValue", "description") if (text := _words(one.get(key)))]
        return Salary(currency=currency, unit=unit, text=" – ".join(dict.fromkeys(words))) if words else None
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Salary(currency=currency, min=low, max=high, unit=unit)


def _from_text(text: str | None, currency: str | None, unit: str | None) -> Salary | None:
    if text is None:
        return None
    if (amount := _amount(text)) is not None:
        value, sign = amount
        return Salary(currency=currency or sign, min=value, max=value, unit=unit) if value > 0 else None
    words = _words(text)
    return Salary(currency=currency, unit=unit, text=words) if words else None


def _words(value: object) -> str | None:
    """A text that says something of pay in words: zeros and bare units do not."""
    text = texts.line(value)
    if text is None or _unit_of(text) or _BARE_NUMBER.fullmatch(text) or _amount(text) is not None:
        return None
    return text


def read_amount(value: object) -> float | None:
    """The one positive amount of a number or a string (`"1.400,50"`, `"45 000 €"`, `"60k"`), else None."""
    text = texts.line(value)
    amount = _amount(text) if text is not None else None
    return amount[0] if amount is not None and amount[0] > 0 else None


def read_currency(value: object) -> str | None:
    """The ISO 4217 code of a currency given as code, unmistakable sign or English name."""
    text = texts.name(value)
    if text is None or len(text) > 40:
        return None
    code = text.upper().strip()
    if code in _REPLACED:
        return _REPLACED[code]
    if code in names.english("currencies"):
        return code
    name = fold(text)
    return _SIGNS.get(text.casefold().strip()) or _NAMES.get(name) or names.by_name("currencies").get(name)


def _amount(text: str) -> tuple[float, str | None] | None:
    """The amount, not negative, and the currency of a text that is one amount and nothing else."""
    if len(text) > 60:
        return None
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    currency = None
    for side in (match["before"], match["after"]):
        if side:
            found = read_currency(side)
            if found is None and side not in ("$", "¥", "kr"):
                return None
            currency = currency or found
    value = _number(match["number"])
    if value is None:
        return None
    value *= 1000 if match["thousand"] else 1
    if value < _LEAST_FORINTS and "ft" in (match["before"].casefold(), match["after"].casefold()):
        return None
    return (value, currency) if value <= AMOUNT_LIMIT else None


def _number(digits: str) -> float | None:
    """`1.234,5`, `1,234.5`, `12.500` (thousands: pay has no three decimals), `15.50`, `45 000`."""
    digits = re.sub(r"[\s'’]", "", digits).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark, head, tail = digits[last], digits[:last], digits[last + 1 :]
        other = "," if mark == "." else "."
        grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}", digits)
        if grouped and not head.startswith("0") and other not in digits:
            digits = digits.replace(mark, "")
        elif mark in head:
            return None
        else:
            digits = head.replace(other, "") + "." + tail
    try:
        return float(digits)
    except ValueError:
        return None


def _unit(one: Mapping[str, Any]) -> str | None:
    for key in ("unitText", "unitCode", "duration"):
        text = texts.name(one.get(key))
        if text is None:
            continue
        if unit := _unit_of(text.rsplit("/", 1)[-1] if "://" in text else text):
            return unit
    return None


def _unit_of(text: str) -> str | None:
    """The unit that a text names, and nothing else: `hour`, `per hour`."""
    folded = fold(text)
    return _UNIT_OF.get(folded) or _UNIT_OF.get(_PER.sub("", folded, count=1))
