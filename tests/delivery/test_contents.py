from __future__ import annotations

from collections import Counter
from dataclasses import replace

from delivery import contents
from delivery.outlets import Batch
from delivery.outlets.outlet import Part
from postings.events import Event, EventType
from tests.delivery.eventlog import event, posting_record, single


def batch(*events: Event) -> Batch:
    counts = Counter(event.type for event in events)
    return Batch(events=events, numbers=tuple(event.number for event in events), counts=counts)


def test_openings_come_first_and_the_subject_counts_each_type() -> None:
    said = contents.of_batch(batch(event(1, EventType.CLOSED), event(2), event(3)), "me")
    assert said.subject.startswith("2 new, 1 closed at acme: Welder 2, Welder 3, Welder 1")


def test_a_bare_record_makes_a_message_too() -> None:
    empty = dict.fromkeys(posting_record(1)) | {"title": None}
    assert contents.of_batch(single(event(1, record=empty)), "me").subject == "New at acme: (no title)"


def test_a_change_by_which_a_posting_matches_is_told_as_new() -> None:
    arrived = replace(batch(event(1, EventType.CHANGED), event(2, EventType.CHANGED)), arrived=frozenset({2}))
    said = contents.of_batch(arrived, "me")
    assert said.heading == "1 new, 1 changed at acme"
    assert [item.label for item in said.items] == ["New", "Changed"]


def test_of_several_sites_the_first_posting_of_each_says_how_the_site_stands() -> None:
    events = (event(1, site="acme"), event(2, site="northmill"), event(3, site="acme"))
    counts = {EventType.OPENED: 2}, {EventType.OPENED: 1}
    parts = tuple(
        Part(site=site, baseline=False, counts=of) for site, of in zip(("acme", "northmill"), counts, strict=True)
    )
    said = contents.of_batch(replace(batch(*events), parts=parts), "me")
    assert [item.section for item in said.items] == ["acme: 2 new", None, "northmill: 1 new"]
