"""What a query looks at: the texts of a posting, folded, and its values in comparable form.

`looked_at` is the one place where they are made. Storage keeps what it returns beside each posting, so a query finds
the same in Python and in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from postings import record as records
from postings.normalise.names import english
from postings.query.folding import together

#: how often a unit of pay comes in a year of 52 weeks, 5 days and 40 hours
YEARLY: Final = {"HOUR": 2_080, "DAY": 260, "WEEK": 52, "MONTH": 12, "YEAR": 1}

#: places of a posting that are searched; a posting names hundreds at most
_MOST_PLACES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A posting as queries see it. None is what it does not state."""

    #: every text of it, folded: title, employer, places, what it says
    text: str
    #: the words of that text
    words: frozenset[str]
    title: str | None
    employer: str | None
    #: the places, with the country as code and by name
    location: str | None
    #: " FULL_TIME INTERN "
    types: str | None
    #: " de de-at "
    language: str | None
    remote: bool
    #: ISO 4217
    currency: str | None
    #: pay a year
    salary_low: float | None
    salary_high: float | None
    #: the day, as its page gives it
    posted: date | None
    closes: date | None
    described: bool
    #: its life; None for a posting that was read from a file
    site: str | None
    state: str | None
    first_seen: datetime | None
    #: it was changed in a way worth telling
    changed: bool

    @classmethod
    def of(cls, record: Mapping[str, Any], *, changed: bool = False) -> Subject:
        """The subject of a public record. Folds its texts, which is the dear part: make it once for many queries."""
        first_seen = record.get("first_seen")
        values = looked_at(record)
        return cls(
            **values,
            words=frozenset(values["text"].split()),
            site=record.get("site"),
            state=record.get("state"),
            first_seen=datetime.fromisoformat(first_seen).astimezone(UTC) if first_seen else None,
            changed=changed,
        )


def looked_at(body: Mapping[str, Any]) -> dict[str, Any]:
    """What queries look at in a posting's content (`postings.record.body` or the whole record), by name.

    A field that is missing is one that is not stated: an event of another version may lack it.
    """
    say = body.get
    places = (say("locations") or [])[:_MOST_PLACES]
    title, employer, language = say("title"), (say("organization") or {}).get("name"), say("language")
    parts = [place.get(part) for place in places for part in ("street", "locality", "region", "postal_code", "text")]
    codes = dict.fromkeys(place.get("country") for place in places)
    names = [name for code in codes for name in _country_names(code, language)]
    where = list(dict.fromkeys([*parts, *names, *(say("remote_regions") or [])[:_MOST_PLACES]]))
    identifier = (say("identifier") or {}).get("value")
    said = map(say, ("description_text", "industry", "skills", "education", "experience"))
    salary = say("salary") or {}
    low, high = _yearly(salary)
    types = say("employment_types")
    return {
        # a country's code is no word of the text: `it` and `no` would find Italy and Norway
        "text": together(title, employer, *where, identifier, *said),
        "title": together(title) or None,
        "employer": together(employer) or None,
        "location": together(*where, *codes) or None,
        "types": f" {' '.join(types)} " if types else None,
        "language": _language(language),
        "remote": bool(say("remote")),
        "currency": salary.get("currency"),
        "salary_low": low,
        "salary_high": high,
        "posted": _day(say("date_posted")),
        "closes": _day(say("valid_through")),
        "described": bool(say("description_text")),
    }


def _language(tag: str | None) -> str | None:
    """Every tag that a language answers to: de-AT is also de."""
    if not tag:
        return None
    parts = tag.lower().split("-")
    return f" {' '.join('-'.join(parts[: n + 1]) for n in range(len(parts)))} "


def _yearly(salary: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The least and the most a year. One end alone stands for both; without a unit nothing can be said."""
    times = YEARLY.get(salary.get("unit") or "")
    if times is None:
        return None, None
    amounts = [float(one) * times for one in (salary.get("min"), salary.get("max")) if one is not None]
    amounts = [one for one in amounts if isfinite(one)]
    return (min(amounts), max(amounts)) if amounts else (None, None)


def _day(moment: str | None) -> date | None:
    if not moment:
        return None
    value = records.parse_moment(moment)
    return value.date() if isinstance(value, datetime) else value


@lru_cache(maxsize=4_096)
def _country_names(code: str | None, language: str | None) -> tuple[str, ...]:
    """A country by name, in English and in the posting's language."""
    if not code:
        return ()
    found = [english("countries").get(code)]
    if language and (tag := language.split("-")[0]) != "en":
        from babel import Locale, UnknownLocaleError  # takes 50 ms

        with suppress(UnknownLocaleError, ValueError):
            found.append(Locale.parse(tag).territories.get(code))
    return tuple(dict.fromkeys(name for name in found if name))
