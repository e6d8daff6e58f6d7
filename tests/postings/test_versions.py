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
from postings.events import Event, EventType, Evidence, Significance
from postings.posting import Posting
from postings.versions import MOST_LINES, MOST_WORDS, Piece, Version, changed_lines, differences, pieces, versions
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


def test_a_version_holds_what_its_event_says() -> None:
    told = replace(
        event(7, EventType.CHANGED, SENIOR, fields=("title", "salary")), significance=Significance.MINOR, baseline=True
    )
    assert versions([told], earlier=4) == (
        Version(
            number=5,
            event=7,
            type=EventType.CHANGED,
            at=NOW,
            significance=Significance.MINOR,
            baseline=True,
            fields=("title", "salary"),
            record=told.record,
        ),
    )


def test_an_event_that_changed_nothing_shows_the_version_before_it() -> None:
    closed = event(8, EventType.CLOSED, SENIOR, closed_at=NOW, closed_reason="gone")
    assert [one.number for one in versions([closed], earlier=3)] == [3]
    assert [one.number for one in versions([closed])] == [1]
    assert [one.number for one in versions([closed, event(9, EventType.REOPENED, WELDER, fields=("title",))])] == [1, 2]


def lines(number: int, *, first: int = 0) -> str:
    return "".join(f"line {n}\n" for n in range(first, first + number))


@pytest.mark.parametrize(("number", "compared"), [(MOST_LINES, True), (MOST_LINES + 1, False)])
def test_texts_of_too_many_lines_are_shown_one_after_the_other(number: int, compared: bool) -> None:
    for before, after in ((lines(number), "line 0\n"), ("line 0\n", lines(number))):
        found = pieces(before, after)
        assert any(piece.kind == "same" for piece in found) is compared
        assert "".join(piece.text for piece in found if piece.kind != "gone") == after


def words(number: int) -> str:
    return "word " * (number // 2)


@pytest.mark.parametrize(("number", "compared"), [(MOST_WORDS, True), (MOST_WORDS + 2, False)])
def test_lines_of_too_many_words_are_shown_one_after_the_other(number: int, compared: bool) -> None:
    for before, after in ((words(number), "word x"), ("word x", words(number))):
        found = pieces(before, after)
        assert any(piece.kind == "same" for piece in found) is compared
        assert "".join(piece.text for piece in found if piece.kind != "gone") == after


def test_blanks_at_either_end_of_a_rewritten_phrase_stay_outside() -> None:
    assert pieces("a b c", "x b y") == (
        Piece(kind="gone", text="a"),
        Piece(kind="new", text="x"),
        Piece(kind="same", text=" b "),
        Piece(kind="gone", text="c"),
        Piece(kind="new", text="y"),
    )
    assert pieces("a b", "x y") == (Piece(kind="gone", text="a b"), Piece(kind="new", text="x y"))
    assert pieces("a b c ", "x y c ") == (
        Piece(kind="gone", text="a b"),
        Piece(kind="new", text="x y"),
        Piece(kind="same", text=" c "),
    )
    assert pieces("a c", "a b c") == (
        Piece(kind="same", text="a "),
        Piece(kind="new", text="b "),
        Piece(kind="same", text="c"),
    )


def test_two_changes_far_apart_are_shown_with_a_gap_between_them() -> None:
    before = "1\n2\n3\n4\n5\n6\n7"
    assert shown(before, before.replace("1", "a").replace("7", "b")) == [
        "[-1][+a]", "2", "…", "6", "[-7][+b]",
    ]  # fmt: skip
    assert shown("1\n2\n3", "1\n2\nx\n3") == ["…", "2", "[+x]", "3"]
    assert shown("1", "1\n2") == ["1", "[+2]"]
    assert shown("", "") == ["…"]


def test_words_that_come_again_and_again_are_compared_like_any_other() -> None:
    same = " of the" * 300
    assert pieces(f"x{same}", f"y{same}") == (
        Piece(kind="gone", text="x"),
        Piece(kind="new", text="y"),
        Piece(kind="same", text=same),
    )


@pytest.mark.parametrize("end", ["\n", "\nb", "\n\nb", " \n\n \nb"])
def test_what_follows_a_rewritten_line_is_the_same(end: str) -> None:
    assert pieces(f"a{end}", f"x{end}") == (
        Piece(kind="gone", text="a"),
        Piece(kind="new", text="x"),
        Piece(kind="same", text=end),
    )


def test_an_empty_line_between_two_rewritten_ones_is_part_of_both() -> None:
    assert pieces("a\n\nc", "x\n\ny") == (Piece(kind="gone", text="a\n\nc"), Piece(kind="new", text="x\n\ny"))
