from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.dates import FIRST_YEAR, LAST_YEAR, read_moment

TWO_HOURS = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-07-06", date(2026, 7, 6)),
        ("2026-7-6", date(2026, 7, 6)),
        ("2026/07/06", date(2026, 7, 6)),
        ("20260706", date(2026, 7, 6)),
        (" 2026-07-06 ", date(2026, 7, 6)),
        ("2026-12-31T23:59", datetime(2026, 12, 31, 23, 59)),
        ("2026-12-31T23:59:00.0000000", datetime(2026, 12, 31, 23, 59)),
        ("2026-07-10T00:00:00+0200", datetime(2026, 7, 10, tzinfo=TWO_HOURS)),
        ("2026-07-10T12:30:00.123456789Z", datetime(2026, 7, 10, 12, 30, 0, 123456, tzinfo=UTC)),
        ("2026-07-10 12:30:00 UTC", datetime(2026, 7, 10, 12, 30, tzinfo=UTC)),
        ("2026-07-10T24:00:00Z", datetime(2026, 7, 11, tzinfo=UTC)),
        ("2026-07-10T12:30:00+02:00[Europe/Berlin]", datetime(2026, 7, 10, 12, 30, tzinfo=TWO_HOURS)),
        ("August 5, 2026", date(2026, 8, 5)),
        ("5. August 2026", date(2026, 8, 5)),
        ("5 août 2026", date(2026, 8, 5)),
        ("5 мая 2026 г.", date(2026, 5, 5)),
        ("August 5, 2026 at 10:20:08 PM GMT+0", datetime(2026, 8, 5, 22, 20, 8, tzinfo=UTC)),
        ("Wed, 05 Aug 2026 10:20:08 GMT", datetime(2026, 8, 5, 10, 20, 8, tzinfo=UTC)),
        ("Wed Aug 05 2026 00:00:00 GMT+0200 (CEST)", datetime(2026, 8, 5, tzinfo=TWO_HOURS)),
        ("26.12.2026", date(2026, 12, 26)),
        ("12/26/2026", date(2026, 12, 26)),
        ("4.4.2026", date(2026, 4, 4)),
        ("2026-07-10T9:30Z", datetime(2026, 7, 10, 9, 30, tzinfo=UTC)),
        ("2026-07-10T12:30:00+2", datetime(2026, 7, 10, 12, 30, tzinfo=TWO_HOURS)),
        ("August 5, 2026 12:20 AM", datetime(2026, 8, 5, 0, 20)),
        ("August 5, 2026 12:20 PM", datetime(2026, 8, 5, 12, 20)),
        ("2026.07.06", date(2026, 7, 6)),
        ("2026. 7. 6.", date(2026, 7, 6)),
        ("2026年7月6日(月)", date(2026, 7, 6)),
        ("2026年07月06日 09:30", datetime(2026, 7, 6, 9, 30)),
        ("2026년 7월 6일", date(2026, 7, 6)),
        ("2026\u201107\u201106", date(2026, 7, 6)),
        ("2026-07-10 10:20:08 PM", datetime(2026, 7, 10, 22, 20, 8)),
        ("2026-07-10T12:20 am", datetime(2026, 7, 10, 0, 20)),
        ("Advertised until:\n 2026-07-06", date(2026, 7, 6)),
        ("Posted on 26/12/2026", date(2026, 12, 26)),
        ("Datum: 31/08/2026", date(2026, 8, 31)),
        ("掲載日：2026年7月6日", date(2026, 7, 6)),
        ("26.12.2026, 12.45 Uhr", datetime(2026, 12, 26, 12, 45)),
        ("26.12.2026 klo 12.45.30", datetime(2026, 12, 26, 12, 45, 30)),
        ("26.12.2026 - 12:45", datetime(2026, 12, 26, 12, 45)),
        ("26.12.2026 12:45 (GMT+0200)", datetime(2026, 12, 26, 12, 45)),
        ("26/12/2026 (6 PM)", date(2026, 12, 26)),
        ("August 5, 2026 10:20:08 GMT-330", datetime(2026, 8, 5, 10, 20, 8, tzinfo=timezone(-timedelta(hours=3.5)))),
    ],
)
def test_a_date_that_can_be_read_one_way_is_read(said: str, meant: date) -> None:
    assert read_moment(said) == meant
    assert type(read_moment(said)) is type(meant)


@pytest.mark.parametrize("said", ["4.3.2026", "03/04/2026", "1-2-2026"])
def test_day_and_month_that_could_be_either_give_no_date(said: str) -> None:
    assert read_moment(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "1970-01-01T00:00:00.000Z",
        "0001-01-01",
        "9999-12-31T23:59:59-05:00",
        "2026-02-30",
        "2026-13-01",
        "2026-07-06T12:00:00+99:00",
        "2026-07-06T25:00:00Z",
        "1785283200000",
        1785283200,
        1785283200000,
        float("nan"),
        True,
        "3 days ago",
        "today",
        "2026",
        "2026-08",
        "May 2026",
        "May 5",
        "",
        None,
        {},
        "9" * 5_000,
        "August 5, 2026 13:20 PM",
        "2026-07-10 13:20 PM",
        "from 2026-07-10 to 2026-07-12",
        "Posted on 4.3.2026",
        "Bewerbungsfrist: 15.09.2026 - 10.12.2026",
        "15.09.2026 - 10.12.2026",
        "15.09.2026 bis 10. Dezember",
        "15.09.2026 - 10.12.",
        "15.09.2026 - 10.12.26",
        "19/08/2026 to 17/09/2026",
        "26.12.2026 2026-12-28",
        "from 13.07.2026 to 01.01.2027",
        "5. August 2026 - 10.12.",
        "Requisition 20190412",
        "Date: 20190412",
        "Room 2010.10.10",
        "Ref. 19990101",
        "2026年13月6日",
        "August 5, 2026 0:20 AM",
    ],
)
def test_a_placeholder_or_a_riddle_gives_no_date(said: object) -> None:
    assert read_moment(said) is None


def test_a_month_that_means_two_things_follows_the_language_of_the_page() -> None:
    assert read_moment("5. listopad 2026") is None
    assert read_moment("5. listopad 2026", "cs") == date(2026, 11, 5)
    assert read_moment("5. listopad 2026", "hr-HR") == date(2026, 10, 5)


@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
def test_every_iso_date_comes_back_as_it_was(day: date) -> None:
    assert read_moment(day.isoformat()) == day


def minutes_east(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


@given(
    st.datetimes(
        datetime(FIRST_YEAR, 1, 1),
        datetime(LAST_YEAR, 12, 31),
        timezones=st.one_of(st.none(), st.integers(-720, 840).map(minutes_east)),
    )
)
def test_every_iso_time_comes_back_as_it_was(at: datetime) -> None:
    read = read_moment(at.isoformat())
    assert read == at
    assert isinstance(read, datetime)
    assert read.utcoffset() == at.utcoffset()


@given(st.from_regex(r"\A[0-9]{4}-[0-9W][0-9]-[0-9]{2}(T[0-2][0-9]:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"))
def test_the_short_way_of_reading_a_date_is_the_long_one(said: str) -> None:
    # a fraction of no seconds is beside the short way
    longer = said[:19] + ".0" + said[19:] if "T" in said else f"{said} "
    assert read_moment(said) == read_moment(longer)
    assert type(read_moment(said)) is type(read_moment(longer))


@given(st.text(st.characters(codec=None), max_size=60) | st.from_regex(r"[0-9]{1,4}[-./ T:][0-9A-Za-z:+ .,-]{0,30}"))
def test_no_text_makes_reading_fail(text: str) -> None:
    read = read_moment(text)
    assert read is None or FIRST_YEAR <= read.year <= LAST_YEAR


@pytest.mark.parametrize("language", ["xx", "no such language", "", None])
def test_an_unknown_language_reads_the_months_that_mean_one_thing(language: str | None) -> None:
    assert read_moment("5 août 2026", language) == date(2026, 8, 5)
    assert read_moment("5. listopad 2026", language) is None
