"""The versions of a posting and what differs between them."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings import record as records
from postings.events import Event, EventType, Evidence
from postings.posting import Posting
from postings.versions import MOST_LINES, MOST_WORDS, Piece, changed_lines, differences, pieces, versions
from tests.postings.making import NOW, posting

EVIDENCE = Evidence(url=None, status=None, at=NOW, rule="C.6")


def event(number: int, kind: EventType, content: Posting, *, fields: tuple[str, ...] = (), **life: Any) -> Event:
    standing = records.Standing(id="p_1", site="acme", state="open", first_seen=NOW, last_seen=NOW, **life)
    return Event(
        number=number,
        type=kind,
        site="acme",
        visit="v_1",
        posting_id="p_1",
        at=NOW,
        record=records.record(records.body(content), standing),
        changes={name: {"before": None, "after": None} for name in fields},
        evidence=EVIDENCE,
    )


WELDER, SENIOR = posting("Welder"), posting("Senior Welder")


def test_each_event_with_which_the_content_differs_is_a_version() -> None:
    found = versions(
        [
            event(3, EventType.OPENED, WELDER),
            event(7, EventType.CHANGED, SENIOR, fields=("title",)),
            event(8, EventType.CLOSED, SENIOR, closed_at=NOW, closed_reason="gone"),
            event(12, EventType.REOPENED, SENIOR),
            event(15, EventType.CHANGED, WELDER, fields=("title",)),
        ]
    )
    assert [(one.number, one.event, one.type, one.fields) for one in found] == [
        (1, 3, EventType.OPENED, ()),
        (2, 7, EventType.CHANGED, ("title",)),
        (3, 15, EventType.CHANGED, ("title",)),
    ]


def test_a_version_has_the_same_number_whichever_events_are_asked_about() -> None:
    told = [
        event(3, EventType.OPENED, WELDER),
        event(7, EventType.CHANGED, SENIOR, fields=("title",)),
        event(8, EventType.CLOSED, SENIOR, closed_at=NOW, closed_reason="gone"),
        event(12, EventType.REOPENED, WELDER, fields=("title",)),
        event(15, EventType.CHANGED, SENIOR, fields=("title",)),
    ]
    numbers = [
        [one.number for one in versions(told[left:], earlier=before)] for left, before in enumerate((0, 1, 2, 2))
    ]
    assert numbers == [[1, 2, 3, 4], [2, 3, 4], [2, 3, 4], [3, 4]]


def test_a_posting_without_events_has_no_version() -> None:
    assert versions([]) == ()


def test_the_fields_that_differ_are_told_with_both_values() -> None:
    one, two = (records.record(records.body(content), None) for content in (WELDER, SENIOR))
    (found,) = differences(one, two)
    assert (found.name, found.before, found.after) == ("title", "Welder", "Senior Welder")
    assert differences(one, one) == ()


def test_the_life_of_a_posting_is_no_difference() -> None:
    life = records.Standing(id="p_1", site="acme", state="closed", first_seen=NOW, last_seen=NOW, closed_at=NOW)
    body = records.body(WELDER)
    assert differences(records.record(body, None), records.record(body, life)) == ()


def test_white_space_alone_is_no_difference() -> None:
    one, two = (
        records.body(posting("Welder", description_text=text)) for text in ("We weld.\nAll day.", " We weld. All day. ")
    )
    assert differences(one, two) == ()


def test_the_markup_of_a_description_goes_along_with_its_text() -> None:
    def names(**changed: str) -> list[str]:
        one, two = records.body(WELDER), records.body(replace(WELDER, **changed))  # type: ignore[arg-type]
        return [difference.name for difference in differences(one, two)]

    assert names(description_text="a", description_html="<p>a</p>") == ["description_text"]
    assert names(description_html="<p>a</p>") == ["description_html"]


def test_a_rewritten_line_is_compared_word_by_word() -> None:
    assert pieces("We weld.\nAll day.\nIn Berlin", "We weld well.\nAll day.\nIn Bonn") == (
        Piece(kind="same", text="We weld"),
        Piece(kind="new", text=" well"),
        Piece(kind="same", text=".\nAll day.\nIn "),
        Piece(kind="gone", text="Berlin"),
        Piece(kind="new", text="Bonn"),
    )


def test_a_blank_does_not_tear_a_rewritten_phrase_apart() -> None:
    assert pieces("We want a junior cook.", "We want a very senior welder.") == (
        Piece(kind="same", text="We want a "),
        Piece(kind="gone", text="junior cook"),
        Piece(kind="new", text="very senior welder"),
        Piece(kind="same", text="."),
    )


@pytest.mark.parametrize(("before", "after", "kind"), [("", "a", "new"), (None, "a", "new"), ("a", None, "gone")])
def test_a_text_that_comes_or_goes_is_one_piece(before: str | None, after: str | None, kind: str) -> None:
    assert [(piece.kind, piece.text) for piece in pieces(before, after)] == [(kind, "a")]


TEXTS = st.text(alphabet="ab .\n\r\u2028é", max_size=60)


@given(TEXTS, TEXTS)
def test_pieces_make_both_texts_again(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.text for piece in found if piece.kind != "new") == before
    assert "".join(piece.text for piece in found if piece.kind != "gone") == after
    assert all(one.kind != two.kind for one, two in itertools.pairwise(found))


@pytest.mark.parametrize("unit", ["a b ", "a\n", "ab"])
def test_a_text_of_any_length_is_compared_in_no_time(unit: str) -> None:
    before = unit * (MOST_LINES + MOST_WORDS)
    began = time.process_time()
    found = pieces(before, f"{before[::-1]}x")
    assert time.process_time() - began < 2
    assert "".join(piece.text for piece in found if piece.kind != "new") == before


def shown(before: str, after: str) -> list[str]:
    marks = {"same": "{}", "gone": "[-{}]", "new": "[+{}]"}
    return [
        "…" if line is None else "".join(marks[piece.kind].format(piece.text) for piece in line)
        for line in changed_lines(pieces(before, after))
    ]


def test_lines_that_changed_are_shown_with_their_neighbours() -> None:
    before = "one\ntwo\nthree\nfour\nfive\nsix"
    assert shown(before, before.replace("five", "5")) == ["…", "four", "[-five][+5]", "six"]
    assert shown(before, before.replace("one", "1")) == ["[-one][+1]", "two", "…"]
    assert shown(before, before.replace("two\n", "")) == ["one", "[-two]", "three", "…"]
    assert shown(before, before) == ["…"]


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30))
def test_no_changed_line_is_left_out(before: str, after: str) -> None:
    found = [piece for line in changed_lines(pieces(before, after)) if line is not None for piece in line]
    for kind in ("gone", "new"):
        whole = "".join(piece.text for piece in pieces(before, after) if piece.kind == kind)
        assert "".join(piece.text for piece in found if piece.kind == kind) == whole.replace("\n", "")
