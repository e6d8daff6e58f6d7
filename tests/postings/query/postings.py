"""Postings and queries at random, of the same few words, so that they meet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from postings import record as records
from postings.posting import Identifier, Location, Organization, Posting, Salary
from postings.query import Query, QueryError, parse
from tests.storage.rows import NOW

WORDS = (
    "Java", "javascript", "C++", "c#", ".NET", "node.js", "R&D", "senior", "Müller", "Straße", "İSTANBUL", "naïve", "100%",
    "a_b", "50\\50", "'; --", "%", "_", "機械学習", "エンジニア", "ｱﾙﾊﾞｲﾄ", "개발자", "วิศวกร", "हिन्दी", "инженер", "Ёлка", "ﬁne",
    "مهندس", "Ὀδυσσεύς", "5+", "l’ingénieur", "or", "e-mail", "😀", "\0", "\u200b", "\ud800", "Ⅷ", "ǅ", "ẞ", "||", "…",
)  # fmt: skip
SITES = ("acme", "Acme Söhne", "site 'x'")

_texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=3).map("".join),
)
_some_text = st.none() | _texts | st.text(max_size=20)
_amounts = st.none() | st.sampled_from([0.5, 15, 35, 5_000, 70_000, 69_999.99, 1e15, 1e308])
_days = st.dates(date(2025, 1, 1), date(2027, 12, 31)) | st.sampled_from(
    [date(1, 1, 1), date(9999, 12, 31), NOW.date(), NOW.date() + timedelta(days=14), NOW.date() - timedelta(days=7)]
)
_moments = st.none() | _days | st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1))

contents = st.builds(
    Posting,
    title=_some_text,
    organization=st.none() | st.builds(Organization, name=_some_text),
    identifier=st.none() | st.builds(Identifier, value=_texts),
    locations=st.lists(
        st.builds(
            Location,
            locality=_some_text,
            region=_some_text,
            text=_some_text,
            country=st.sampled_from([None, "DE", "IT", "TR", "JP", "ZZ"]),
        ),
        max_size=2,
    ).map(tuple),
    remote=st.booleans(),
    remote_regions=st.lists(_texts, max_size=1).map(tuple),
    employment_types=st.lists(st.sampled_from(["FULL_TIME", "PART_TIME", "INTERN", "OTHER"]), max_size=2).map(tuple),
    salary=st.none()
    | st.builds(
        Salary,
        currency=st.sampled_from([None, "EUR", "USD"]),
        min=_amounts,
        max=_amounts,
        unit=st.sampled_from([None, "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]),
    ),
    date_posted=_moments,
    valid_through=_moments,
    description_text=_some_text,
    language=st.sampled_from([None, "de", "de-AT", "zh-Hans-CN", "ja"]),
    skills=_some_text,
)

lives = st.fixed_dictionaries(
    {
        "site": st.sampled_from(SITES),
        "state": st.sampled_from(["open", "closed"]),
        "first_seen": st.sampled_from([NOW, NOW - timedelta(days=7), NOW - timedelta(days=7, microseconds=1)])
        | st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=NOW.tzinfo)),
        "changed": st.booleans(),
    }
)


def as_record(posting: Posting, life: dict[str, Any]) -> dict[str, Any]:
    """The public record of a posting with that life."""
    standing = records.Standing(
        id="p_1", site=life["site"], state=life["state"], first_seen=life["first_seen"], last_seen=life["first_seen"]
    )
    return records.record(records.body(posting), standing)


def _wild(word: str, begin: bool, end: bool) -> str:
    return f"{'*' * begin}{word}{'*' * end}"


_queried = st.sampled_from([word.replace('"', "") for word in WORDS if word not in {"\0", "\ud800", "'; --"}])
_bare = st.builds(_wild, _queried.filter(lambda word: word != "\u200b"), st.booleans(), st.booleans())
_phrases = st.lists(_queried, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
_parts = st.builds(lambda word, n: f"*{word[1 : 1 + n]}*", _queried, st.integers(1, 3))
_values = st.one_of(_bare, _phrases, _parts)
_signs = st.sampled_from([":", ">=", "<=", ":>", ":<", "=", ":="])
_fields = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["title", "employer", "location"]), _values),
    st.builds("title:({} OR -{})".format, _values, _values),
    st.builds("employer:({} {})".format, _values, _values),
    st.sampled_from(["location:germany", "location:de", "location:türkei", "location:japan"]),
    st.sampled_from(["type:fulltime", "type:part-time", "type:(intern OR other)", "lang:de", "lang:de-at", "lang:zh-hans"]),
    st.sampled_from([f'site:"{name}"' for name in SITES] + ["site:ACME", "remote:yes", "remote:no"]),
    st.sampled_from(["is:open", "is:closed", "is:changed"]),
    st.sampled_from("title employer location type lang salary posted closes description".split()).map("has:{}".format),
    st.builds("salary{}{}{}".format, _signs, st.sampled_from(["70k", "70000", "35/hour", "5k/m", "1.5M", "69,999.99", "72.8k"]),
              st.sampled_from(["", "EUR", "USD"])).map(lambda text: text if "/" not in text else text.rstrip("EURSD")),
    st.builds("{}{}{}".format, st.sampled_from(["first", "posted", "closes"]), _signs,
              st.sampled_from(["2026-11-24", "2026-11", "2026", "2026-11-17", "today", "yesterday", "tomorrow"])),
    st.builds("{}{}{}".format, st.sampled_from(["first", "posted", "closes"]), st.sampled_from([":<", ">", "<=", ":>="]),
              st.sampled_from(["7d", "14d", "2w", "1m", "1y", "999999y"])),
    st.sampled_from(["first:<12h", "first:>=168h"]),
)  # fmt: skip

texts = st.recursive(
    st.one_of(_values, _fields),
    lambda part: st.one_of(
        part.map("-({})".format),
        part.map("({})".format),
        st.lists(part, min_size=2, max_size=3).map(" ".join),
        st.lists(part, min_size=2, max_size=3).map(" OR ".join),
    ),
    max_leaves=6,
)


def _parsed(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError:
        return None


#: queries that can be read; a word of signs alone cannot
queries = texts.map(_parsed).filter(lambda query: query is not None)
