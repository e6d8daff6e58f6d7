from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.selection import EVERY_TYPE, Selection, Verdict, judge, settle, view
from postings.events import Event, EventType, Significance
from postings.query import parse
from tests.delivery.eventlog import event, posting_record


def happened(type: EventType, title: str, *, before: str | None = None, **fields: Any) -> Event:
    changes = {"title": {"before": before, "after": title}} if before is not None else {}
    state = "closed" if type is EventType.CLOSED else "open"
    return event(7, type, record=posting_record(7, title=title, state=state), changes=changes, **fields)


def verdict(query: str, event: Event, types: frozenset[EventType] = EVERY_TYPE) -> Verdict:
    return judge(Selection(types=types, queries=(parse(query),)), event, lambda number: view(event))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (happened(EventType.OPENED, "Nurse"), Verdict.YES),
        (happened(EventType.OPENED, "Cook"), Verdict.NO),
        (happened(EventType.CHANGED, "Nurse", before="Nurse (f)"), Verdict.YES),
        (happened(EventType.CHANGED, "Nurse", before="Cook"), Verdict.ARRIVES),
        (happened(EventType.CHANGED, "Cook", before="Nurse"), Verdict.YES),
        (happened(EventType.CHANGED, "Cook", before="Baker"), Verdict.IF_TOLD),
        (happened(EventType.CLOSED, "Nurse"), Verdict.YES),
        (happened(EventType.CLOSED, "Cook"), Verdict.IF_TOLD),
        (happened(EventType.REOPENED, "Nurse"), Verdict.YES),
        (happened(EventType.REOPENED, "Cook"), Verdict.IF_TOLD),
    ],
)
def test_an_event_is_told_if_its_posting_matches_or_did(event: Event, expected: Verdict) -> None:
    assert verdict("title:nurse is:open", event) is expected


def test_who_hears_only_of_new_postings_hears_of_those_that_begin_to_match_and_of_no_other_change() -> None:
    new = frozenset({EventType.OPENED})
    assert verdict("title:nurse", happened(EventType.CHANGED, "Nurse", before="Cook"), new) is Verdict.ARRIVES
    assert verdict("title:nurse", happened(EventType.CHANGED, "Nurse", before="Nurse!"), new) is Verdict.NO
    assert verdict("title:nurse", happened(EventType.CHANGED, "Cook", before="Nurse"), new) is Verdict.NO
    assert verdict("title:nurse", happened(EventType.CLOSED, "Nurse"), new) is Verdict.NO


def test_a_posting_that_begins_to_match_again_is_no_news_for_who_was_told_of_it() -> None:
    change = happened(EventType.CHANGED, "Nurse", before="Cook")
    new = Selection(types=frozenset({EventType.OPENED}))
    assert settle(Verdict.ARRIVES, new, change, told=False)
    assert not settle(Verdict.ARRIVES, new, change, told=True)
    assert settle(Verdict.ARRIVES, Selection(), change, told=True)


def test_all_queries_have_to_match() -> None:
    both = Selection(queries=(parse("title:nurse"), parse("location:berlin")))
    neither = Selection(queries=(parse("title:nurse"), parse("location:bonn")))
    nurse = happened(EventType.OPENED, "Nurse")
    assert judge(both, nurse, lambda number: view(nurse)) is Verdict.YES
    assert judge(neither, nurse, lambda number: view(nurse)) is Verdict.NO


@given(
    type=st.sampled_from(EventType),
    significance=st.sampled_from(Significance),
    baseline=st.booleans(),
    types=st.frozensets(st.sampled_from(EventType)),
)
def test_without_a_query_no_record_is_read(
    type: EventType, significance: Significance, baseline: bool, types: frozenset[EventType]
) -> None:
    one = happened(type, "Nurse", significance=significance, baseline=baseline)
    decided = judge(Selection(types=types), one, lambda number: pytest.fail("a record was read"))
    wanted = type in types and significance is Significance.MATERIAL and not baseline
    assert (decided is Verdict.YES) is wanted
    assert decided in (Verdict.YES, Verdict.NO)
