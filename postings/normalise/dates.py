"""Dates and times of the markup.

Read are the ISO 8601 forms, the same with `UTC` or `GMT` behind, with dots or with the signs of East Asia, dates with
the name of a month in one of many languages, and numeric dates whose day and month cannot be mistaken for each other; a
label may stand before them ("Posted on"). All else is None: a posting without a date is right, one with the wrong date
is not.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from functools import cache

from postings.normalise import names
from postings.normalise import text as texts

#: years outside of these are placeholders (1970-01-01, 9999-12-31) or slips
FIRST_YEAR, LAST_YEAR = 1990, 2089

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.?|\d{8})"
    r"(?:[T\s,]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?|\d{6}|\d{4})(?:[.,](?P<fraction>\d{1,12}))?"
    r"(?:\s*(?P<half>[ap]\.?m\.?))?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?\s*[+-]\s*\d{1,2}:?(?:\d{2})?(?::\d{2})?|UTC|GMT)?(?:\[[^\]]{1,40}\])?)?"
    r"(?P<dayzone>Z|[+-]\d{2}:\d{2})?",
    re.IGNORECASE,
)
# 2026年7月3日(金)
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](?:\s*[(（]\w{1,3}[)）])?")
_ODD_HYPHEN = re.compile(r"(?<=\d)[\u2010-\u2015\u2212](?=\d)")
# eight digits behind a label are rather a number of something
_LABEL = re.compile(
    r"(?:(?:date )?(?:posted|published|advertised|listed|added|created|updated|modified)(?: on| at| until)?|"
    r"(?:(?:posting|publication|start|end|closing|expiry) )?date|(?:application )?deadline|apply (?:by|before|until)|"
    r"(?:closes|expires|ends|starts)(?: on| at)?|(?:valid )?(?:until|through)|since|"
    r"datum|veröffentlicht(?: am)?|online seit|(?:gültig )?bis|bewerbungs(?:frist|schluss)|"
    r"publiée?(?: le)?|date limite|publicad[oa](?: el| em)?|fecha(?: límite)?|data|pubblicato(?: il)?|scadenza|"
    r"掲載日|公開日|応募締切|发布日期|截止日期|등록일|마감일)(?:\s*[:：]\s*|\s+)(?!\d{8}(?!\d))",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})\b")
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:\.\d+)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z\b|(?:UTC|GMT)?\s*[+-]\d{1,2}:?(?:\d{2})?\b|UTC\b|GMT\b)?",
    re.IGNORECASE,
)
# before "10.12." it makes that the second of two dates
_RANGE = re.compile(r"(?:[-–—~〜/]|\b(?:to|till?|until|bis|au|al|do|tot))\s*$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_NUMBER = re.compile(r"\d+")


def read_moment(value: object, language: str | None = None) -> date | datetime | None:
    """The date or time that a value says: a date stays a date, a time without a zone stays without one.

    `language` (BCP 47) helps with names of months. Numbers, relative words ("3 days ago"), dates whose day and
    month can be read two ways, and years outside of 1990 to 2089 give None.
    """
    text = texts.first(value)
    if not isinstance(text, str) or not 8 <= len(text := text[:200].strip()) <= 80:
        return None
    found = _usual(text)
    if found is None:
        text = _plain(text)
        label = _LABEL.match(text)
        bare = text[label.end() :] if label else text
        found = _iso(bare) or _numeric(bare)
    if found is None:
        found = _named(text, language)
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _plain(text: str) -> str:
    """The text of a date in the signs that are looked for."""
    text = texts.clean(texts.unescape(text)).strip()
    return text if text.isascii() else _EAST_ASIAN.sub(r"\1-\2-\3 ", _ODD_HYPHEN.sub("-", text)).strip()


def _usual(text: str) -> date | datetime | None:
    """What nearly all markup says, `2026-08-05` and `2026-08-05T10:20:08+02:00`, without the cost of a pattern."""
    if not text.isascii() or text[4] != "-" or text[7] != "-":
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        if (
            text[10:11] == "T"
            and text[13:14] == text[16:17] == ":"
            and (len(text) == 19 or (len(text) == 20 and text[19] == "Z") or (len(text) == 25 and text[22] == ":"))
        ):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    return None


def _iso(text: str) -> date | datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    digits = match["day"]
    year, month, day = (digits[:4], digits[4:6], digits[6:]) if digits.isdigit() else _NUMBER.findall(digits)
    the_day = _date(int(year), int(month), int(day))
    if the_day is None or match["time"] is None:
        return the_day
    clock = match["time"].replace(":", "")
    if len(clock) in (3, 5):
        clock = "0" + clock
    hour = _hour(int(clock[:2]), match["half"])
    return (
        None
        if hour is None
        else _time(
            the_day,
            hour,
            int(clock[2:4]),
            int(clock[4:6] or 0),
            int((match["fraction"] or "")[:6].ljust(6, "0")),
            match["zone"] or match["dayzone"],
        )
    )


def _numeric(text: str) -> date | datetime | None:
    match = _NUMERIC.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    if _holds_a_date(rest):
        return None
    one, other, year = int(match[1]), int(match[3]), int(match[4])
    if one == other or (one > 12) != (other > 12):
        the_day = _date(year, min(one, other), max(one, other))
        return _with_clock(the_day, rest)
    return None


def _holds_a_date(rest: str) -> bool:
    """Whether there is another date behind a date, as in "15.09.2026 - 10.12.2026"."""
    if not rest:
        return False
    words = _CLOCK.sub(" ", rest, count=1)
    year = any(len(number) == 4 and FIRST_YEAR <= int(number) <= LAST_YEAR for number in _NUMBER.findall(words))
    return year or _NUMERIC.search(rest) is not None or any(_month(word, None) for word in _WORD.findall(words))


def _named(text: str, language: str | None) -> date | datetime | None:
    """`August 5, 2026 at 10:20:08 PM GMT+0`, `5. August 2026`, `Wed, 05 Aug 2026 10:20:08 GMT`."""
    named = [(month, word.end()) for word in _WORD.finditer(text) if (month := _month(word[0], language))]
    if len({month for month, _ in named}) != 1:
        return None
    clock = _CLOCK.search(text)
    words = text if clock is None else text[: clock.start()] + " " * len(clock[0]) + text[clock.end() :]
    numbers = [int(number[0]) for number in _NUMBER.finditer(words) if len(number[0]) in (1, 2, 4)]
    years = [number for number in numbers if number > 99]
    days = [number for number in numbers if 1 <= number <= 31]
    if len(years) != 1 or len(days) != 1:
        return None
    return _with_clock(_date(years[0], named[0][0], days[0]), text)


def _with_clock(the_day: date | None, text: str) -> date | datetime | None:
    match = _CLOCK.search(text)
    if the_day is None or match is None:
        return the_day
    if text[match.end("hour")] == "." and _RANGE.search(text[: match.start()]):
        return None
    hour = _hour(int(match["hour"]), match["half"])
    if hour is None:
        return None
    return _time(the_day, hour, int(match["minute"]), int(match["second"] or 0), 0, match["zone"])


def _hour(hour: int, half: str | None) -> int | None:
    """The hour of the day; `half` is `am` or `pm` where the clock has twelve hours."""
    if half is None:
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0) if 1 <= hour <= 12 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(the_day: date, hour: int, minute: int, second: int, microsecond: int, zone: str | None) -> datetime | None:
    next_day = (hour, minute, second) == (24, 0, 0)
    try:
        at = datetime.combine(the_day, time(0 if next_day else hour, minute, second, microsecond))
        if next_day:
            at += timedelta(days=1)
        return at.replace(tzinfo=_zone(zone)) if zone else at
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone:
    """The zone of `Z`, `UTC`, `+02:00`, `GMT+2`. Raises ValueError for an offset of a day or more."""
    compact = re.sub(r"[\s:]", "", text.upper()).removeprefix("UTC").removeprefix("GMT").removeprefix("Z")
    if not compact:
        return timezone.utc  # noqa: UP017 - the type says timezone
    digits = compact[1:]
    if len(digits) < 3:
        digits = digits.zfill(2) + "00"
    elif len(digits) == 3:
        digits = "0" + digits
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return timezone(-offset if compact[0] == "-" else offset)


def _month(word: str, language: str | None) -> int | None:
    folded = word.casefold()
    if len(folded) < 3:
        return None
    if language and (month := months_in(language.replace("_", "-").split("-")[0].lower()).get(folded)):
        return month
    return _unmistakable().get(folded)


@cache
def _unmistakable() -> dict[str, int]:
    """Names of months that mean one month only, whatever the language (Czech `listopad` and Croatian differ)."""
    return {name: int(month) for name, month in names.by_name("months").items()}


@cache
def months_in(language: str) -> dict[str, int]:
    """The names of months in a language, with their numbers; none for a language that Babel does not know."""
    from babel import Locale, UnknownLocaleError  # takes 50 ms

    try:
        months = Locale.parse(language).months
    except (UnknownLocaleError, ValueError, TypeError):
        return {}
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in months[context][width].items():
                word = name.casefold().strip(". ")
                if word.isalpha() and len(word) >= 3:
                    found[word] = month
    if language == "en":
        found["sept"] = 9
    return found
