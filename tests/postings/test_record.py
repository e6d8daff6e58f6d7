"""The public record: how its times and numbers are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from postings import record as records
from postings.posting import Location, Posting, Salary
from postings.record import instant, moment, parse_moment
from tests.postings.making import NOW, posting


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 9), "2026-11-24T09:00:00"),
        (datetime(2026, 11, 24, 9, tzinfo=UTC), "2026-11-24T09:00:00Z"),
        (datetime(2026, 11, 24, 9, 0, 0, 5, tzinfo=UTC), "2026-11-24T09:00:00.000005Z"),
    ],
)
def test_a_moment_is_written_as_precisely_as_it_is_known_and_comes_back(
    value: date | None, written: str | None
) -> None:
    assert moment(value) == written
    assert parse_moment(written) == value
    assert type(parse_moment(written)) is type(value)


def test_an_instant_is_told_in_utc_and_needs_a_zone() -> None:
    assert instant(datetime(2026, 11, 24, 18, tzinfo=timezone(timedelta(hours=9)))) == "2026-11-24T09:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 11, 24))


def test_a_whole_number_is_written_without_a_fraction() -> None:
    body = records.body(
        Posting(title=None, salary=Salary(min=60000.0, max=0.5), locations=(Location(latitude=48.0, longitude=9.99),))
    )
    assert [str(body["salary"][name]) for name in ("min", "max")] == ["60000", "0.5"]
    place = body["locations"][0]
    assert [str(place[name]) for name in ("latitude", "longitude")] == ["48", "9.99"]


def test_a_record_without_a_life_has_none_and_with_one_tells_it() -> None:
    body = records.body(posting())
    bare = records.record(body, None)
    assert [
        bare[name] for name in ("id", "site", "state", "first_seen", "last_seen", "closed_at", "closed_reason")
    ] == [None] * 7
    assert bare["duplicates"] == []
    standing = records.Standing(
        id="p_1", site="acme", state="closed", first_seen=NOW, last_seen=NOW, closed_at=NOW, closed_reason="gone",
        duplicates=({"id": "p_2"},),
    )  # fmt: skip
    told = records.record(body, standing)
    assert [told[name] for name in ("id", "site", "state", "closed_at", "closed_reason", "duplicates")] == [
        "p_1", "acme", "closed", "2026-11-24T09:00:00Z", "gone", [{"id": "p_2"}],
    ]  # fmt: skip
    assert list(told) == list(bare)
    assert {name: told[name] for name in body} == dict(body)
