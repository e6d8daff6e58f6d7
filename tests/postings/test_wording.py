"""How records, times, visits and events read to a person, and when a site needs one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postings import record as records
from postings import wording
from postings.cleaning import clean
from postings.events import Event, EventType, Evidence, Significance
from postings.posting import Location, Organization, Posting, Salary
from postings.sites import Health, Site
from postings.verdicts import STOPPED_VISIT
from postings.visits import Outcome, VisitSummary
from postings.wording import attention

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SITE = Site(id=1, name="acme", start_url="https://acme.example/", host_key="acme.example", added_at=NOW)


def visit(outcome: Outcome, reason: str | None = None) -> VisitSummary:
    return VisitSummary(id="v_1", site="acme", started_at=NOW, ended_at=NOW, outcome=outcome, reason=reason)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.PARTIAL, Outcome.SUSPECT])
def test_a_visit_that_ended_badly_needs_a_person(outcome: Outcome) -> None:
    assert attention(SITE, visit(outcome, "the list was cut")) == (
        f"the last visit {'failed' if outcome is Outcome.FAILED else f'was {outcome}'}: the list was cut"
    )


def test_a_visit_that_was_stopped_by_whoever_runs_hirewatch_needs_nobody() -> None:
    assert attention(SITE, visit(Outcome.PARTIAL, STOPPED_VISIT)) is None


def test_what_the_health_of_a_site_says_needs_a_person_whatever_its_last_visit_was() -> None:
    ill = replace(SITE, health=Health(attention="is it gone?"))
    assert attention(ill, visit(Outcome.COMPLETE)) == "is it gone?"


# ---- postings


def record(**fields: Any) -> dict[str, Any]:
    return records.body(Posting(**{"title": None, **fields}))


def test_a_posting_without_a_title_or_an_employer_says_so() -> None:
    assert wording.title(record(title="Welder")) == "Welder"
    assert wording.title(record()) == "(no title)"
    assert wording.employer(record(organization=Organization(name="Acme"))) == "Acme"
    assert wording.employer(record(organization=Organization(name=None))) == ""
    assert wording.employer(record()) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"locations": (Location(locality="Berlin", region="BE", country="DE"),)}, "Berlin, DE"),
        ({"locations": (Location(locality="New York", region="New York", country="US"),)}, "New York, US"),
        ({"locations": (Location(locality="Portland", region="OR", country="US"),)}, "Portland, OR, US"),
        ({"locations": (Location(region="Bavaria", text="Somewhere"),)}, "Bavaria"),
        ({"locations": (Location(text="Anywhere"), Location(), Location(text="Anywhere"))}, "Anywhere"),
        ({"locations": (Location(locality="Rome"),), "remote": True}, "Rome; remote"),
        ({"remote": True, "remote_regions": ("DE", "AT")}, "remote (DE, AT)"),
        ({"remote_regions": ("DE",)}, ""),
        ({}, ""),
    ],
)
def test_places_are_named_once_and_remote_work_last(fields: dict[str, Any], words: str) -> None:
    assert wording.places(record(**fields)) == words


def test_kinds_of_employment_are_words() -> None:
    assert wording.kinds(record(employment_types=("FULL_TIME", "CONTRACTOR"))) == "full time, contractor"
    assert wording.kinds(record()) == ""


@pytest.mark.parametrize(
    ("salary", "words"),
    [
        (Salary(currency="EUR", min=60000, max=75000, unit="YEAR"), "60,000-75,000 EUR a year"),
        (Salary(currency="EUR", min=60000, max=60000, unit="MONTH"), "60,000 EUR a month"),
        (Salary(min=20.5, unit="HOUR"), "from 20.50 an hour"),
        (Salary(currency="CHF", min=88.5, max=95, unit="HOUR"), "88.50-95.00 CHF an hour"),
        (Salary(min=15.375, unit="HOUR"), "from 15.375 an hour"),
        (Salary(max=100, unit="DAY"), "up to 100 a day"),
        (Salary(currency="CHF", min=900, unit="WEEK", text="by agreement"), "from 900 CHF a week"),
        (Salary(min=0), "from 0"),
        (Salary(currency="EUR", text="by agreement"), "by agreement"),
        (Salary(currency="EUR"), ""),
        (None, ""),
    ],
)
def test_pay_is_told_as_amounts_or_else_in_the_words_of_the_page(salary: Salary | None, words: str) -> None:
    assert wording.pay(record(salary=salary)) == words


@pytest.mark.parametrize(
    ("field", "said", "words"),
    [
        ("title", None, ""),
        ("locations", [], ""),
        ("remote", True, "yes"),
        ("skills", "a\nb\x1b", "a\nb"),
        ("remote_regions", ["DE", "AT"], "DE, AT"),
        ("employment_types", ["FULL_TIME", "INTERN"], "full time, intern"),
        (
            "salary",
            {"currency": "EUR", "min": 14.5, "max": None, "unit": "HOUR", "text": None},
            "from 14.50 EUR an hour",
        ),
        ("locations", [{"locality": "Bonn"}, {"text": "Ulm"}], "Bonn; Ulm"),
        ("valid_through", "2026-12-31", "2026-12-31"),
        ("valid_through", "2026-12-31T17:00:00Z", "2026-12-31 17:00:00Z"),
        ("identifier", {"name": "Acme", "value": "R-1"}, "Acme, R-1"),
    ],
)
def test_a_field_reads_like_this(field: str, said: Any, words: str) -> None:
    assert wording.value(field, said) == words


def test_a_change_that_the_words_leave_out_is_told_with_all_there_is() -> None:
    before = [{"locality": "Bonn", "region": None, "country": "DE", "postal_code": "53111"}]
    after = [{**before[0], "postal_code": "53113"}]
    assert wording.change("locations", before, [{"locality": "Ulm"}]) == ("Bonn, DE", "Ulm")
    assert wording.change("locations", before, after) == ("Bonn, DE, 53111", "Bonn, DE, 53113")


def test_pay_that_gets_or_loses_an_end_reads_differently() -> None:
    most = {"currency": "EUR", "min": None, "max": 50000, "unit": "YEAR"}
    least = {**most, "min": 50000, "max": None}
    assert wording.change("salary", most, least) == ("up to 50,000 EUR a year", "from 50,000 EUR a year")


def test_what_a_page_says_is_clean_wherever_it_is_told() -> None:
    dirty = record(
        title="a\x1b[2J",
        organization=Organization(name="b\u202e"),
        locations=(Location(text="c\x1b"),),
        salary=Salary(text="d\x1b"),
    )
    told = [say(dirty) for say in (wording.title, wording.employer, wording.places, wording.pay)]
    assert told == [clean(one) for one in ("a\x1b[2J", "b\u202e", "c\x1b", "d\x1b")]
    assert not any("\x1b" in one for one in told)


# ---- times


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172799, "47 h"), (172800, "2 d")],
)
def test_a_span_is_told_in_one_unit_rounded_down(seconds: int, words: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (9.9, "just now"),
        (10, "10 s ago"),
        (180, "3 min ago"),
        (-9.9, "now"),
        (-10, "in 10 s"),
        (-7200, "in 2 h"),
    ],
)
def test_a_moment_is_told_from_now(seconds: float, words: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_never_is_a_dash_and_moments_and_intervals_are_plain() -> None:
    assert wording.ago(None, NOW) == "-"
    assert wording.moment(NOW) == "2026-11-25 09:00:00Z"
    assert wording.parse("2026-11-25T09:00:00Z") == NOW
    assert wording.interval(timedelta(hours=6)) == "every 6 h"
    assert wording.interval(None) == "auto"


# ---- visits


def test_a_visit_without_an_end_is_running_for_six_hours() -> None:
    running = replace(visit(Outcome.COMPLETE), outcome=None, ended_at=None)
    assert wording.outcome(running, NOW + timedelta(hours=6) - timedelta(seconds=1)) == "running"
    assert wording.outcome(running, NOW + timedelta(hours=6)) == "never ended"
    assert wording.outcome(visit(Outcome.SUSPECT), NOW) == "suspect"


def test_a_visit_in_one_line_tells_what_happened_and_what_it_cost() -> None:
    quiet = replace(visit(Outcome.COMPLETE), listed=3, read=2, not_modified=1, requests=7, seconds=12.34)
    assert wording.visit_line(quiet) == "complete: nothing new; 3 listed, 2 read, 1 not modified; 7 requests, 12.3 s"
    busy = replace(
        visit(Outcome.PARTIAL, "cut short"), opened=1, changed=2, closed=3, reopened=4, unreadable=5, listed=9
    )
    assert wording.visit_line(busy) == (
        "partial (cut short): 1 opened, 2 changed, 3 closed, 4 reopened, 5 unreadable; "
        "9 listed, 0 read, 0 not modified; 0 requests, 0.0 s"
    )


@pytest.mark.parametrize("last", [None, visit(Outcome.COMPLETE), replace(visit(Outcome.COMPLETE), outcome=None)])
def test_a_site_whose_last_visit_was_complete_or_is_running_needs_nobody(last: VisitSummary | None) -> None:
    assert attention(SITE, last) is None


def test_a_visit_that_ended_badly_without_a_reason_says_so() -> None:
    assert attention(SITE, visit(Outcome.FAILED)) == "the last visit failed: no reason was kept"


# ---- events


def event(kind: EventType, **more: Any) -> Event:
    return Event(
        number=1,
        type=kind,
        site="acme",
        visit=None,
        posting_id="p_1",
        at=NOW,
        record=record(),
        evidence=Evidence(url=None, status=None, at=NOW, rule="C.5"),
        **more,
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            event(EventType.CHANGED, changes={"title": {}, "salary": {}}, significance=Significance.MINOR),
            "changed title, salary (minor)",
        ),
        (event(EventType.CLOSED, reason="gone"), "closed (gone)"),
        (event(EventType.OPENED), "opened"),
        (event(EventType.OPENED, baseline=True), "opened (baseline: it was there before anyone watched)"),
        (
            event(EventType.CLOSED, reason="expired", baseline=True),
            "closed (expired; baseline: it was there before anyone watched)",
        ),
    ],
)
def test_an_event_has_a_headline(told: Event, words: str) -> None:
    assert wording.headline(told) == words


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ("2026-11-26T06:36:28.430726Z", "2026-11-26 06:36:28Z"),
        ("2026-11-26", "2026-11-26"),
        ("2026-11-26T06:36:28", "2026-11-26T06:36:28"),
        (None, None),
    ],
)
def test_a_time_of_a_record_is_written_as_every_other_time(held: str | None, words: str | None) -> None:
    assert wording.stated(held) == words
