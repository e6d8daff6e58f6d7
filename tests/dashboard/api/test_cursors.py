"""Cursors lead on from where a page ended, and whatever else is given in their place is refused."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api import cursors
from postings.errors import UsageError
from storage.engine import can_hold

names = st.text().filter(can_hold)


@given(names)
def test_a_name_comes_back(name: str) -> None:
    assert cursors.name_after(cursors.at_name(name)) == name


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)), names)
def test_a_time_and_an_id_come_back(at: datetime, id_: str) -> None:
    assert cursors.time_after(cursors.at_time(at, id_)) == (at, id_)


def test_there_is_a_beginning() -> None:
    assert cursors.name_after(None) == ""
    assert cursors.time_after(None) is None


@given(st.one_of(st.text(), st.binary().map(lambda raw: urlsafe_b64encode(raw).decode())))
def test_whatever_is_no_cursor_is_refused_and_not_repeated(text: str) -> None:
    said = "after: is no cursor of this list; give `next` of the page before, unchanged"
    for read in (cursors.name_after, cursors.time_after):
        # now and then a word of chance is a cursor
        try:
            read(text)
        except UsageError as error:
            assert str(error) == said  # noqa: PT017  # nothing has to be raised


def packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "[1]", "{}", '"a"', "[null]", '["a","b"]', '["2026-11-24T12:00:00","p_1"]', '["2026-11-24","p_1"]',
     '["0001-01-01T00:00:00+14:00","p_1"]', '["2026-11-24T12:00:00Z",1]', '["\\u0000"]', '["\\ud800"]',
     "[" * 100_000, '["a","b","c"]', "NaN"],
)  # fmt: skip
def test_what_is_packed_like_a_cursor_and_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        cursors.time_after(packed(text))
    with pytest.raises(UsageError):
        cursors.name_after(packed(text.replace('["\\u0000"]', "[1]")))


def test_a_time_of_another_zone_is_the_same_time() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    found = cursors.time_after(cursors.at_time(at.astimezone(timezone(timedelta(hours=5))), "v_1"))
    assert found == (at, "v_1")
