"""Words of places, times as numbers, and texts in parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.boards import markup
from postings.normalise.descriptions import read_description
from postings.normalise.places import read_locations


@pytest.mark.parametrize(
    ("text", "place", "remote"),
    [
        ("Remote", None, True),
        ("Remote - US", "US", True),
        ("Remote (Canada)", "Canada", True),
        ("Bangalore, India - Remote", "Bangalore, India", True),
        ("US, NC, Remote", "US, NC", True),
        ("Remote job", None, True),
        ("100% remote", None, True),
        ("New York or Remote", "New York", True),
        ("London / Remote", "London", True),
        ("Home Office, Berlin", "Berlin", True),
        ("Berlin (Hybrid)", "Berlin", False),
        ("Hybrid Remote, Paris", "Paris", False),
        ("Remote Sensing Center, Bonn", "Remote Sensing Center, Bonn", False),
        ("Bremen", "Bremen", False),
        ("Frankfurt (Oder)", "Frankfurt (Oder)", False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_words_for_remote_work_are_no_part_of_a_place(text: Any, place: str | None, remote: bool) -> None:
    assert markup.without_remote(text) == place
    assert markup.says_remote(text) is remote


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("Bombay, MH", "IN", ("Bombay", "MH", "IN")),
        ("Amsterdam, Netherlands", "NL", ("Amsterdam", None, "NL")),
        ("San Francisco, CA, USA", "US", ("San Francisco", "CA", "US")),
        ("Lisse", "NL", ("Lisse", None, "NL")),
        ("Oslo, Norway", None, ("Oslo", None, "NO")),
        ("Remote", "PL", (None, None, "PL")),
    ],
)
def test_a_place_in_words_lies_in_the_country_beside_it(
    text: str, country: str | None, expected: tuple[str | None, ...]
) -> None:
    (found,) = read_locations(markup.worded_place(text, country))
    assert (found.locality, found.region, found.country) == expected


def test_a_city_that_repeats_the_country_is_no_city() -> None:
    (found,) = read_locations(markup.place(locality="Poland", region="Poland", country="Poland"))
    assert (found.locality, found.region, found.country) == (None, None, "PL")


def test_places_are_separated_by_semicolons_and_bars() -> None:
    assert markup.worded_places(["Austin | Chicago; Salt Lake City", "Remote", None, "Hull"]) == [
        "Austin", "Chicago", "Salt Lake City", "Hull",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (1790000000000, 0.001, "2026-09-21T14:13:20Z"),
        (1790000000, 1.0, "2026-09-21T14:13:20Z"),
        (1e300, 1.0, None),
        (float("nan"), 1.0, None),
        (True, 1.0, None),
        ("1790000000", 1.0, None),
        (None, 1.0, None),
    ],
)
def test_a_time_as_a_number(number: Any, unit: float, expected: str | None) -> None:
    assert markup.moment(number, unit=unit) == expected


def test_parts_keep_their_headings_and_plain_text_its_lines() -> None:
    made = markup.sections(
        [("Tasks & duties", "<p>Weld</p>"), ("Profile", "Calm\nSharp\n\nKind"), ("Empty", "  "), (None, None)]
    )
    assert read_description(made).text == "Tasks & duties\n\nWeld\n\nProfile\n\nCalm\nSharp\n\nKind"


def test_a_part_that_is_escaped_is_read_like_one_that_is_not() -> None:
    made = markup.sections([(None, "&lt;p&gt;Weld &amp;amp; grind&lt;/p&gt;")])
    assert read_description(made).text == "Weld & grind"


@given(st.text(max_size=80))
def test_any_text_can_be_a_place(text: str) -> None:
    bare = markup.without_remote(text)
    assert bare is None or bare == bare.strip()
    markup.worded_places([text])
    markup.worded_place(text, text)


@given(st.lists(st.tuples(st.text(max_size=20) | st.none(), st.text(max_size=60) | st.none()), max_size=4))
def test_any_texts_can_be_parts(parts: list[tuple[str | None, str | None]]) -> None:
    read_description(markup.sections(parts))
