"""How a site is visited, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hirewatch import cadence_words
from postings import rhythm as rhythms
from postings.rhythm import Rhythm
from postings.sites import Site
from scheduler.cadence import BOUNDS, HOUSE

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


def watched(rhythm: Rhythm | None = None, **more: Any) -> Site:
    return Site(
        id=1,
        name="acme",
        start_url="https://acme.example/",
        host_key="acme.example",
        added_at=NOW,
        rhythm=rhythm or Rhythm(),
        **more,
    )


def office_hours() -> Rhythm:
    """A site that has opened a posting at 9, 11, 14 and 16 o'clock in Berlin on working days, for six weeks."""
    began = datetime(2026, 10, 5, tzinfo=UTC)
    rhythm = rhythms.begin(Rhythm(), began=began, open_now=20, requests=4)
    for hour in range(1, 6 * 168 + 1):
        local = (hour - 1) % 168 + 1
        news = 1 if local < 120 and local % 24 in (9, 11, 14, 16) else 0
        rhythm = rhythms.observe(rhythm, began=began + timedelta(hours=hour), news=news, requests=4)
    return rhythm


def words(site: Site) -> str:
    return cadence_words.in_words(site, bounds=BOUNDS, house=HOUSE, now=NOW)


def test_what_was_learnt_is_told_with_its_hours() -> None:
    told = words(watched(office_hours()))
    assert told.startswith("auto: about every ")
    assert " on weekdays 9-17, else " in told
    assert told.endswith("; 2.7 new a day; 4 requests a visit")


def test_busy_hours_are_visited_more_often_than_others() -> None:
    told = words(watched(office_hours()))
    inside, outside = told.partition(" on ")[0].split()[-2:], told.partition("else ")[2].partition(";")[0].split()
    assert outside[1] == "h"
    assert float(inside[0]) / (60 if inside[1] == "min" else 1) < float(outside[0])


def test_a_site_of_which_nothing_is_known_has_no_hours() -> None:
    assert words(watched()) == "auto: about every 8.2 h"


def test_other_cadences_are_told_as_they_were_set() -> None:
    assert words(watched(every=timedelta(hours=6))) == "every 6 h"
    told = words(watched(cron="0 7 * * 1-5", zone="Europe/Berlin"))
    assert told.startswith("by cron: At 07:00")
    assert told.endswith("(Europe/Berlin)")


def test_a_budget_that_does_not_suffice_says_so() -> None:
    told = words(watched(office_hours(), requests_a_day=2))
    assert told.endswith("at most 2 requests a day, too few for a visit every 24 h")
    assert words(watched(office_hours(), requests_a_day=500)).endswith("at most 500 requests a day")


def test_a_line_that_cannot_be_read_any_more_is_told() -> None:
    assert "cannot be read any more" in words(watched(cron="0 7 * * *", zone="Europe/Atlantis"))
