"""The public form of an event (CloudEvents 1.0)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from postings.events import Event, EventType, Evidence, Significance, cloudevent
from tests.postings.making import NOW

EVIDENCE = Evidence(url="https://acme.example/1", status=200, at=NOW, rule="C.6 title")


def event(**fields: Any) -> Event:
    given = {
        "number": 42, "type": EventType.CHANGED, "site": "acme", "visit": "v_1", "posting_id": "p_1", "at": NOW,
        "record": {"title": "Welder"}, "evidence": EVIDENCE, **fields,
    }  # fmt: skip
    return Event(**given)


def test_an_event_is_told_whole() -> None:
    changes = {"title": {"before": "Cook", "after": "Welder"}}
    assert cloudevent(event(changes=changes, significance=Significance.SITE_WIDE), "i_1") == {
        "specversion": "1.0",
        "id": "evt_42",
        "source": "hirewatch:i_1",
        "type": "posting.changed",
        "subject": "p_1",
        "time": "2026-11-24T09:00:00Z",
        "sequence": "00000000000000000042",
        "datacontenttype": "application/json",
        "data": {
            "site": "acme",
            "visit": "v_1",
            "posting": {"title": "Welder"},
            "baseline": False,
            "reason": None,
            "changes": changes,
            "significance": "site-wide",
            "evidence": {
                "url": "https://acme.example/1",
                "status": 200,
                "at": "2026-11-24T09:00:00Z",
                "rule": "C.6 title",
            },
        },
    }


def test_an_event_without_a_visit_or_an_address_says_so_and_is_material() -> None:
    bare = Evidence(url=None, status=None, at=NOW, rule="C.5")
    told = cloudevent(event(type=EventType.CLOSED, visit=None, reason="expired", baseline=True, evidence=bare), "i_1")
    assert told["type"] == "posting.closed"
    assert (told["data"]["visit"], told["data"]["reason"], told["data"]["baseline"]) == (None, "expired", True)
    assert (told["data"]["significance"], told["data"]["changes"]) == ("material", {})
    assert (told["data"]["evidence"]["url"], told["data"]["evidence"]["status"]) == (None, None)


def test_times_are_told_in_utc() -> None:
    east = datetime(2026, 11, 24, 18, tzinfo=timezone(timedelta(hours=9)))
    assert cloudevent(event(at=east), "i_1")["time"] == "2026-11-24T09:00:00Z"


def test_the_words_that_are_kept_never_change() -> None:
    assert list(EventType) == ["opened", "changed", "closed", "reopened"]
    assert list(Significance) == ["material", "minor", "site-wide"]
