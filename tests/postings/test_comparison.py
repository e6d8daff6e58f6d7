"""When two texts, organisations or places say the same thing (C.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.comparison import (
    agree,
    alike,
    all_places_differ,
    contained,
    day,
    fingerprint,
    fold,
    is_long,
    language,
    organization,
    path_language,
    place,
    places,
    same_day,
    same_places,
    same_title,
    shingles,
)
from postings.posting import Location, Organization, Posting
from tests.postings.making import posting


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Welder &amp; Fitter\t(m/w/d) ", "welder fitter m w d"),
        ("STRASSE straße", "strasse strasse"),
        ("Wel\u00addder", "weldder"),
        ("C++ & C# | +1 #2", "c++ c# 1 2"),
        ("+ #", ""),
        ("ﬁn ①", "fin 1"),
        ("मराठी", "मराठी"),
        ("Ｉ", "i"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_text_is_folded_to_its_words(text: str | None, folded: str) -> None:
    assert fold(text) == folded


def test_a_long_text_is_folded_like_a_short_one() -> None:
    assert fold("Welder &amp; " * 40) == " ".join(["welder"] * 40)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("a b c d", "a b c d", 1.0),
        ("a b c d", "A, b; c d!", 1.0),
        ("a b c d", "a b c e", 1 / 3),
        ("a b", "a b", 1.0),
        ("a b", "a c", 0.0),
        ("a b", "a b c", 0.0),
        (None, "", 1.0),
        ("-", None, 1.0),
        (None, "a", 0.0),
        ("a", "", 0.0),
    ],
)
def test_texts_are_as_alike_as_their_runs_of_three_words(one: str | None, other: str | None, share: float) -> None:
    assert alike(one, other) == share


def test_the_runs_of_a_text_are_of_three_words_and_a_shorter_text_is_one_run() -> None:
    assert [len(shingles(text)) for text in (None, "-", "a", "a b", "a b c", "a b c d")] == [0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize(("text", "long"), [("x" * 400, True), ("x" * 399, False), ("", False), (None, False)])
def test_a_text_of_four_hundred_characters_says_enough(text: str | None, long: bool) -> None:
    assert is_long(posting(description_text=text)) is long


# ---- places


@pytest.mark.parametrize(
    ("location", "form"),
    [
        (Location(locality="Berlin", region="BE", country="DE", text="Somewhere"), "berlin, be, de"),
        (Location(region="Bavaria"), "bavaria"),
        (Location(locality="Berlin", country="DE"), "berlin, de"),
        (Location(text="Berlin (Mitte)"), "berlin mitte"),
        (Location(), ""),
    ],
)
def test_a_place_is_its_town_region_and_country_or_what_the_markup_said(location: Location, form: str) -> None:
    assert place(location) == form


def test_remote_work_is_a_place_and_nothing_is_none() -> None:
    assert places(posting(remote=True)) == {"berlin, de", "remote"}
    assert places(posting(town=None)) == set()
    assert places(replace(posting(), locations=(Location(), Location(locality="Rome")))) == {"rome"}


BERLIN, ROME = Location(locality="Berlin", country="DE"), Location(locality="Rome", country="IT")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([BERLIN, ROME], [ROME, BERLIN], True),
        ([BERLIN], [BERLIN, ROME], False),
        ([BERLIN, ROME], [BERLIN], False),
        ([BERLIN], [Location(text="Berlin, Berlin, Germany")], True),
        ([BERLIN], [Location(text="Berlin", country="DE")], False),
        ([Location(text="New York, NY")], [Location(locality="New York", country="US")], True),
        ([Location(text="New York, NY")], [Location(locality="New", country="US")], False),
        ([BERLIN], [Location(locality="BERLIN", region="BE")], True),
        ([BERLIN], [Location(locality="Berlin", country="US")], False),
        ([Location(locality="Berlin", region="BE")], [Location(locality="Berlin", region="MD")], False),
        ([BERLIN], [Location(country="DE")], False),
        ([Location(country="DE")], [Location(country="DE", region="BE")], True),
        ([Location(region="BE")], [Location(country="DE")], True),
        ([Location()], [Location()], True),
        ([Location()], [Location(country="DE")], False),
        ([Location(country="DE")], [Location()], False),
        ([], [BERLIN], False),
        ([], [], True),
    ],
)
def test_lists_name_the_same_places_where_none_contradicts(
    one: list[Location], other: list[Location], same: bool
) -> None:
    assert same_places(one, other) is same


def test_places_differ_only_where_both_name_some() -> None:
    assert all_places_differ(posting(), posting(town="Rome"))
    assert not all_places_differ(posting(), posting())
    assert not all_places_differ(posting(), posting(town=None))
    assert not all_places_differ(posting(town=None), posting())


# ---- prints, titles, days


def test_a_print_is_made_of_title_organisation_and_places_and_of_the_text_only_without_a_title() -> None:
    one = posting()
    for other in (posting("Cook"), posting(town="Rome"), posting(organization=Organization(name="Globex"))):
        assert fingerprint(other) != fingerprint(one)
    assert fingerprint(posting(description_text="b", date_posted=None)) == fingerprint(one)
    untitled = [posting(None, description_text=text) for text in ("a", "b", "A!")]
    assert fingerprint(untitled[0]) == fingerprint(untitled[2]) != fingerprint(untitled[1])
    assert len(fingerprint(one)) == 32
    assert fingerprint(posting("\ud800")) == fingerprint(posting("\ud801"))


def test_a_title_is_the_same_only_if_there_is_one() -> None:
    assert same_title(posting("Welder"), posting("WELDER!"))
    assert not same_title(posting("Welder"), posting("Cook"))
    assert not same_title(posting(None), posting(None))


def test_the_organisation_of_a_posting_without_one_is_empty() -> None:
    assert organization(posting()) == "acme"
    assert organization(replace(posting(), organization=None)) == ""


def test_a_day_is_that_of_utc_where_a_zone_is_known() -> None:
    east = timezone(timedelta(hours=9))
    assert day(date(2026, 11, 1)) == date(2026, 11, 1)
    assert day(datetime(2026, 11, 1, 3)) == date(2026, 11, 1)
    assert day(datetime(2026, 11, 1, 3, tzinfo=east)) == date(2026, 10, 31)
    assert same_day(datetime(2026, 11, 1, 3, tzinfo=east), datetime(2026, 10, 31, 3, tzinfo=UTC))
    assert not same_day(date(2026, 11, 1), date(2026, 11, 2))
    assert not same_day(None, None)
    assert not same_day(None, date(2026, 11, 1))
    assert not same_day(date(2026, 11, 1), None)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (posting(town="Rome", date_posted=None), True),
        (posting("Cook"), True),
        (posting("Cook", town="Rome"), False),
        (posting("Cook", date_posted=date(2026, 11, 2)), False),
        (posting("Cook", date_posted=None), False),
        (posting(organization=Organization(name="Globex")), False),
    ],
)
def test_postings_agree_by_title_or_by_place_and_day_and_only_within_one_organisation(
    other: Posting, same: bool
) -> None:
    assert agree(posting(), other) is same
    assert agree(other, posting()) is same


# ---- languages


@pytest.mark.parametrize(
    ("tag", "found"), [("de-AT", "de"), (" DE_at", "de"), ("zh", "zh"), ("-de", None), ("", None), (None, None)]
)
def test_the_language_of_a_tag_is_its_first_part(tag: str | None, found: str | None) -> None:
    assert language(tag) == found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("acme.example/de/jobs/1", "de"),
        ("acme.example/jobs/EN-us?x=1", "en"),
        ("acme.example/fr_FR", "fr"),
        ("acme.example/it?id=de", "it"),
        ("acme.example/it/de", "it"),
        ("acme.example/hr-team/jobs", None),
        ("acme.example/xx/en/1", "en"),
        ("acme.example/design/1", None),
        ("de/jobs", None),
        ("acme.example", None),
    ],
)
def test_a_path_names_a_language_in_a_segment_of_its_own(address: str, found: str | None) -> None:
    assert path_language(address) == found


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        ("one two three four", "zero one two three four five", 1.0),
        ("one two three four", "one two three nine", 0.5),
        ("one two three", "four five six", 0.0),
        ("", "one two three", 0.0),
        (None, None, 0.0),
    ],
)
def test_a_text_is_contained_as_far_as_its_runs_of_words_stand_in_the_longer_one(
    a: str | None, b: str | None, share: float
) -> None:
    assert contained(a, b) == contained(b, a) == share


def test_c_and_c_plus_plus_and_c_sharp_are_three_titles() -> None:
    assert len({fold("C developer"), fold("C++ developer"), fold("C# developer")}) == 3


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_mutual_and_whole_with_itself(one: str, other: str) -> None:
    assert alike(one, one) == 1.0
    assert 0.0 <= alike(one, other) == alike(other, one) <= 1.0
