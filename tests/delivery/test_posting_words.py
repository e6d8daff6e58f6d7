from __future__ import annotations

from delivery import posting_words
from postings.events import EventType
from tests.delivery.eventlog import event, posting_record


def test_the_facts_of_a_posting_read_like_this() -> None:
    salary = {"currency": "EUR", "min": 60000, "max": 75000, "unit": "YEAR", "text": None}
    record = posting_record(1, salary=salary, remote=True)
    assert posting_words.facts(record) == ("Acme", "Berlin, DE", "remote", "full time", "60,000-75,000 EUR a year")


def test_more_than_three_places_are_counted() -> None:
    record = posting_record(1, locations=[{"locality": name} for name in ("Bonn", "Ulm", "Jena", "Kiel", "Trier")])
    assert posting_words.places(record) == ["Bonn", "Ulm", "Jena", "2 more places"]
    record["locations"] = record["locations"][:4]
    assert posting_words.places(record) == ["Bonn", "Ulm", "Jena", "1 more place"]


def test_a_change_is_told_before_and_after_in_words() -> None:
    changes = {
        "salary": {"before": None, "after": {"currency": "EUR", "min": 50000.0, "max": 50000.0, "unit": "YEAR"}},
        "description_text": {"before": "a", "after": "b"},
        "remote": {"before": False, "after": True},
        "employment_types": {"before": ["FULL_TIME"], "after": ["PART_TIME", "INTERN"]},
        "valid_through": {"before": "2026-12-31", "after": "2026-11-27T17:00:00Z"},
        "locations": {"before": [], "after": [{"locality": "Bonn", "country": "DE"}]},
    }
    assert posting_words.item(event(1, EventType.CHANGED, changes=changes)).changes == (
        ("Salary", "none", "50,000 EUR a year"),
        ("Description", "", ""),
        ("Remote", "no", "yes"),
        ("Employment types", "full time", "part time, intern"),
        ("Valid through", "2026-12-31", "2026-11-27 17:00:00Z"),
        ("Locations", "none", "Bonn, DE"),
    )


def test_a_closing_says_why() -> None:
    assert posting_words.item(event(1, EventType.CLOSED, reason="gone")).reason == "its page is gone"


def test_an_event_may_be_told_as_one_of_another_type() -> None:
    assert posting_words.item(event(1, EventType.CHANGED), EventType.OPENED).label == "New"
