"""What changed between two readings, and who wants to hear of it (C.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings import record
from postings.changes import compare, earlier_values, marked, muted, significance, site_wide, still_site_wide
from postings.events import Significance
from postings.posting import Identifier, Location, Organization, Posting, Salary
from tests.postings.making import NOW, text

MATERIAL, MINOR, SITE_WIDE = Significance.MATERIAL, Significance.MINOR, Significance.SITE_WIDE

ORGANIZATION = Organization(name="Acme", url="https://acme.example/", logo="https://cdn.example/a.png?t=1")
SALARY = Salary(currency="EUR", min=60000, max=75000, unit="YEAR")
BEFORE = Posting(
    title="Welder",
    url="https://acme.example/jobs/1",
    organization=ORGANIZATION,
    identifier=Identifier(value="R-1", name="Acme"),
    locations=(Location(locality="Berlin", country="DE"), Location(locality="Rome", country="IT")),
    employment_types=("FULL_TIME", "TEMPORARY"),
    salary=SALARY,
    date_posted=date(2026, 11, 1),
    valid_through=date(2026, 12, 1),
    description_text=text("a", 200),
    description_html="<p>" + text("a", 200) + "</p>",
    language="en",
)


def changed(**fields: Any) -> dict[str, Significance]:
    return {change.name: change.significance for change in compare(BEFORE, replace(BEFORE, **fields))}


@pytest.mark.parametrize(
    ("fields", "significances"),
    [
        ({"title": "Senior Welder"}, {"title": MATERIAL}),
        ({"title": "WELDER "}, {"title": MINOR}),
        ({"title": "Wel&shy;der"}, {"title": MINOR}),
        ({"title": "Welder!"}, {"title": MINOR}),
        ({"title": None}, {"title": MATERIAL}),
        ({"organization": Organization(name="Globex")}, {"organization": MATERIAL}),
        ({"organization": replace(ORGANIZATION, name="ACME")}, {"organization": MINOR}),
        ({"organization": replace(ORGANIZATION, url="https://acme.example/about")}, {"organization": MINOR}),
        ({"locations": BEFORE.locations[:1]}, {"locations": MATERIAL}),
        ({"locations": ()}, {"locations": MATERIAL}),
        (
            {"locations": (Location(locality="Berlin, Berlin, Germany"), Location(locality="rome", region="Lazio"))},
            {"locations": MINOR},
        ),
        ({"locations": (Location(locality="Berlin", country="US"), BEFORE.locations[1])}, {"locations": MATERIAL}),
        ({"remote": True}, {"remote": MATERIAL}),
        ({"remote_regions": ("DE",)}, {"remote_regions": MATERIAL}),
        ({"employment_types": ("FULL_TIME",)}, {"employment_types": MATERIAL}),
        ({"salary": replace(SALARY, max=80000)}, {"salary": MATERIAL}),
        ({"salary": None}, {"salary": MATERIAL}),
        ({"salary": replace(SALARY, text="60k to 75k")}, {"salary": MINOR}),
        ({"valid_through": None}, {"valid_through": MATERIAL}),
        ({"valid_through": date(2026, 12, 15)}, {"valid_through": MATERIAL}),
        ({"valid_through": datetime(2026, 12, 1)}, {"valid_through": MINOR}),
        (
            {"valid_through": date(2026, 12, 15), "date_posted": date(2026, 11, 15)},
            {"valid_through": MINOR, "date_posted": MINOR},
        ),
        (
            {"valid_through": date(2026, 12, 15), "date_posted": date(2026, 11, 2)},
            {"valid_through": MATERIAL, "date_posted": MINOR},
        ),
        ({"description_text": text("b", 200)}, {"description_text": MATERIAL}),
        ({"description_text": text("a", 200) + " now"}, {"description_text": MINOR}),
        ({"description_text": text("a", 200) + " " + text("c", 20)}, {"description_text": MATERIAL}),
        ({"description_text": "Short."}, {"description_text": MATERIAL}),
        ({"description_html": "<ul>" + text("a", 200) + "</ul>"}, {"description_html": MINOR}),
        ({"description_text": text("b", 200), "description_html": "<p>b</p>"}, {"description_text": MATERIAL}),
        ({"date_posted": date(2026, 11, 2)}, {"date_posted": MINOR}),
        ({"url": "https://acme.example/jobs/2"}, {"url": MINOR}),
        ({"identifier": Identifier(value="R-2")}, {"identifier": MINOR}),
        ({"industry": "Metal"}, {"industry": MINOR}),
        ({"syntax": "microdata"}, {"syntax": MINOR}),
    ],
)
def test_a_field_that_differs_is_told_with_its_significance(
    fields: dict[str, Any], significances: dict[str, Significance]
) -> None:
    assert changed(**fields) == significances


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"organization": replace(ORGANIZATION, logo="https://cdn.example/a.png?t=2")},
        {"locations": BEFORE.locations[::-1]},
        {"employment_types": BEFORE.employment_types[::-1]},
        {"url": "http://www.acme.example/jobs/1/?utm_source=x"},
        {"identifier": Identifier(value="R-1", name="Other")},
        {"title": "Welder  "},
        {"description_text": text("a", 200).replace(" ", "\n")},
        {"description_html": '<p class="x">' + text("a", 200) + "</p>"},
    ],
)
def test_what_moves_although_nothing_changed_is_no_change(fields: dict[str, Any]) -> None:
    assert changed(**fields) == {}


def test_short_texts_differ_by_any_character() -> None:
    before = replace(BEFORE, description_text="We weld.")
    after = replace(BEFORE, description_text="We weld!")
    assert [change.significance for change in compare(before, after)] == [MATERIAL]


@pytest.mark.parametrize(("seconds", "names"), [(20, []), (90, ["valid_through"])])
def test_valid_through_is_compared_to_the_minute(seconds: int, names: list[str]) -> None:
    before = replace(BEFORE, valid_through=datetime(2026, 12, 1, 18, tzinfo=UTC))
    after = replace(BEFORE, valid_through=datetime(2026, 12, 1, 18, tzinfo=UTC) + timedelta(seconds=seconds))
    assert [change.name for change in compare(before, after)] == names


def test_a_renewal_may_cross_midnight() -> None:
    before = replace(
        BEFORE,
        date_posted=datetime(2026, 11, 1, 23, 30, tzinfo=UTC),
        valid_through=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
    )
    after = replace(
        BEFORE,
        date_posted=datetime(2026, 11, 2, 0, 30, tzinfo=UTC),
        valid_through=datetime(2026, 12, 1, 2, 0, tzinfo=UTC),
    )
    assert {change.significance for change in compare(before, after)} == {MINOR}


def test_an_offset_that_storing_has_turned_into_utc_is_no_change() -> None:
    fresh = replace(BEFORE, valid_through=datetime(2026, 12, 1, tzinfo=timezone(timedelta(hours=1))))
    assert compare(record.posting(record.body(fresh)), fresh) == ()


def test_changes_hold_the_values_of_the_record() -> None:
    (change,) = compare(BEFORE, replace(BEFORE, salary=None))
    assert change.before == {"currency": "EUR", "min": 60000, "max": 75000, "unit": "YEAR", "text": None}
    assert change.after is None
    (change,) = compare(BEFORE, replace(BEFORE, title="Cook"))
    assert (change.before, change.after) == ("Welder", "Cook")


def test_a_value_that_returns_within_two_days_is_minor() -> None:
    now = NOW
    history = [
        (now - timedelta(hours=13), {"title": {"before": "AI Platform", "after": "Agentic Platform"}}),
        (now - timedelta(hours=49), {"title": {"before": "Platform", "after": "AI Platform"}}),
    ]
    earlier = earlier_values(history, now=now)
    before = replace(BEFORE, title="Agentic Platform")
    for title, expected in (("AI Platform", MINOR), ("Platform", MATERIAL)):
        (change,) = compare(before, replace(before, title=title), earlier)
        assert change.significance is expected


def test_an_event_is_as_significant_as_its_weightiest_field() -> None:
    changes = compare(BEFORE, replace(BEFORE, title="Cook", date_posted=date(2026, 11, 2)))
    assert significance(changes) is MATERIAL
    assert significance(marked(changes, {"title"})) is SITE_WIDE
    assert significance(changes[1:]) is MINOR
    assert significance(()) is MINOR


def test_what_was_minor_stays_minor_in_a_rewrite() -> None:
    changes = compare(BEFORE, replace(BEFORE, date_posted=date(2026, 11, 2)))
    assert marked(changes, {"date_posted"}) == changes


def test_only_the_fields_that_were_rewritten_are_site_wide() -> None:
    changes = compare(BEFORE, replace(BEFORE, title="Cook", salary=None))
    assert [one.significance for one in marked(changes, {"salary"})] == [MATERIAL, SITE_WIDE]


@pytest.mark.parametrize(
    ("name", "count", "reread", "rewritten"),
    [
        ("description_text", 10, 333, True),
        ("description_text", 5, 5, True),
        ("description_text", 4, 4, False),
        ("description_text", 9, 10, True),
        ("description_text", 8, 9, False),
        ("description_text", 10, 334, False),
        ("locations", 16, 100, True),
        ("title", 17, 459, False),
        ("title", 18, 20, True),
        ("title", 17, 20, False),
        ("title", 30, 100, True),
        ("salary", 29, 100, False),
        ("employment_types", 20, 20, True),
        ("employment_types", 19, 22, False),
        ("organization", 20, 67, False),
    ],
)
def test_a_field_that_differs_on_many_postings_at_once_is_a_site_wide_rewrite(
    name: str, count: int, reread: int, rewritten: bool
) -> None:
    assert (name in site_wide({name: count}, reread)) is rewritten


@pytest.mark.parametrize(
    "marks",
    [
        "(m/w/d)",
        "(M/F/D)",
        "[w|m|x]",
        "H/F",
        "(f, m, x)",
        "(all genders)",
        "(gn)",
        "(mwd)",
        "(m/w/divers)",
        "m/w/d",
        "(k/m)",
        "(m·w·d)",
    ],
)
def test_whom_a_title_addresses_is_not_what_the_job_is(marks: str) -> None:
    assert changed(title=f"Welder {marks}") == {"title": MINOR}
    assert changed(title=f"{marks} Welder") == {"title": MINOR}
    assert changed(title=f"Senior Welder {marks}") == {"title": MATERIAL}


@pytest.mark.parametrize("more", ["(I/II)", "(n/a)", "C/D", "(R)", "(m)", "24/7", "I/O", "(ISO/IEC)", "H/Frankfurt"])
def test_other_short_words_of_a_title_say_what_the_job_is(more: str) -> None:
    assert changed(title=f"Welder {more}") == {"title": MATERIAL}


TEXTS = st.none() | st.text(max_size=30)
DAYS = st.none() | st.dates() | st.datetimes() | st.datetimes(timezones=st.just(UTC))


@st.composite
def any_posting(draw: st.DrawFn) -> Posting:
    return Posting(
        title=draw(TEXTS),
        url=draw(TEXTS),
        organization=draw(st.none() | st.builds(Organization, name=TEXTS, url=TEXTS)),
        locations=tuple(draw(st.lists(st.builds(Location, locality=TEXTS, country=TEXTS, text=TEXTS), max_size=3))),
        salary=draw(st.none() | st.builds(Salary, min=st.none() | st.floats(0, 9e6), text=TEXTS)),
        date_posted=draw(DAYS),
        valid_through=draw(DAYS),
        description_text=draw(TEXTS),
        description_html=draw(TEXTS),
    )


@given(any_posting(), any_posting())
def test_any_two_postings_can_be_compared_and_a_posting_never_differs_from_itself(one: Posting, other: Posting) -> None:
    assert compare(one, one) == ()
    assert {change.name for change in compare(one, other)} == {change.name for change in compare(other, one)}


def weight(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Significance]:
    one, two = replace(BEFORE, **before), replace(BEFORE, **after)
    return {change.name: change.significance for change in compare(one, two)}


@pytest.mark.parametrize(
    ("before", "after", "significances"),
    [
        ({"url": None}, {"url": "https://acme.example/jobs/1"}, {"url": MINOR}),
        ({"organization": None}, {"organization": ORGANIZATION}, {"organization": MATERIAL}),
        ({"organization": ORGANIZATION}, {"organization": None}, {"organization": MATERIAL}),
        (
            {"organization": replace(ORGANIZATION, name=None)},
            {"organization": Organization(name=None)},
            {"organization": MINOR},
        ),
        ({"identifier": None}, {"identifier": Identifier(value="R-1")}, {"identifier": MINOR}),
        ({"remote_regions": ("DE", "AT")}, {"remote_regions": ("AT", "DE")}, {}),
        ({"remote_regions": ("Germany",)}, {"remote_regions": ("GERMANY",)}, {"remote_regions": MINOR}),
        ({"remote_regions": ("Germany",)}, {"remote_regions": ("Austria",)}, {"remote_regions": MATERIAL}),
        ({"remote": True}, {"remote": False}, {"remote": MATERIAL}),
        ({"title": None}, {"title": ""}, {}),
        ({"title": "Welder"}, {"title": "Welder ", "salary": None}, {"salary": MATERIAL}),
        ({"description_html": None}, {"description_html": ""}, {}),
        # pay
        ({"salary": None}, {"salary": Salary(currency="EUR", unit="YEAR")}, {}),
        ({"salary": Salary(text="good pay")}, {"salary": Salary(text="Good pay!")}, {"salary": MINOR}),
        ({"salary": Salary(text="good pay")}, {"salary": Salary(text=" good  pay")}, {}),
        ({"salary": Salary(text="good pay")}, {"salary": Salary(text="better pay")}, {"salary": MATERIAL}),
        ({"salary": SALARY}, {"salary": replace(SALARY, text=" ")}, {}),
        ({"salary": SALARY}, {"salary": replace(SALARY, currency="USD")}, {"salary": MATERIAL}),
        ({"salary": SALARY}, {"salary": replace(SALARY, unit="MONTH")}, {"salary": MATERIAL}),
        ({"salary": SALARY}, {"salary": replace(SALARY, min=None)}, {"salary": MATERIAL}),
        ({"salary": replace(SALARY, min=None)}, {"salary": replace(SALARY, max=None, min=75000)}, {"salary": MATERIAL}),
        ({"salary": Salary(min=10, text="a")}, {"salary": Salary(min=10, text="b")}, {"salary": MINOR}),
        ({"salary": Salary(min=10)}, {"salary": Salary(min=20)}, {"salary": MATERIAL}),
        ({"salary": Salary(max=10)}, {"salary": Salary(max=20)}, {"salary": MATERIAL}),
        # dates
        ({"valid_through": None}, {"valid_through": date.max}, {"valid_through": MATERIAL}),
        ({"valid_through": date.max}, {"valid_through": None}, {"valid_through": MATERIAL}),
        ({"valid_through": None}, {"valid_through": date(2026, 12, 1)}, {"valid_through": MATERIAL}),
        ({"valid_through": date.max}, {"valid_through": datetime.max}, {"valid_through": MINOR}),
        ({"valid_through": date.max}, {"valid_through": date(2026, 12, 1)}, {"valid_through": MATERIAL}),
        (
            {"date_posted": None},
            {"date_posted": date(2026, 11, 15), "valid_through": date(2026, 12, 15)},
            {"date_posted": MINOR, "valid_through": MATERIAL},
        ),
        (
            {},
            {"date_posted": None, "valid_through": date(2026, 12, 15)},
            {"date_posted": MINOR, "valid_through": MATERIAL},
        ),
        # texts
        ({"description_text": "x" * 199}, {"description_text": "x" * 200}, {"description_text": MATERIAL}),
        ({"description_text": "x" * 200}, {"description_text": "x" * 199}, {"description_text": MATERIAL}),
        ({"description_text": "x " * 100 + "y"}, {"description_text": "X " * 100 + "y"}, {"description_text": MINOR}),
        ({"description_text": None}, {"description_text": text("a")}, {"description_text": MATERIAL}),
        ({"description_html": None}, {"description_html": "<p>a</p>"}, {"description_html": MINOR}),
        ({"description_html": "<p>a</p>"}, {"description_html": "<p >a </p>\n"}, {"description_html": MINOR}),
        ({"description_html": "<h1 id=a>a</h1>"}, {"description_html": "<h1 id=b>a</h1>"}, {}),
        ({"description_html": "<p>a</p>"}, {"description_html": "<b>a</b>"}, {"description_html": MINOR}),
        *(({name: None}, {name: "x"}, {name: MINOR}) for name in ("industry", "skills", "education", "experience")),
        ({"language": "en"}, {"language": "de"}, {"language": MINOR}),
        ({"direct_apply": None}, {"direct_apply": True}, {"direct_apply": MINOR}),
    ],
)
def test_any_field_is_told_by_what_it_says_and_not_by_how(
    before: dict[str, Any], after: dict[str, Any], significances: dict[str, Significance]
) -> None:
    assert weight(before, after) == significances


@pytest.mark.parametrize(("same", "expected"), [(970, MINOR), (969, MATERIAL)])
def test_two_texts_that_are_ninety_seven_hundredths_alike_say_the_same(same: int, expected: Significance) -> None:
    before, after = text("a", same + 2), f"{text('a', same + 2)} {text('b', 1000 - same)}"
    assert weight({"description_text": before}, {"description_text": after}) == {"description_text": expected}


def at(hour: int, minute: int = 0, *, day: int, month: int = 12, utc: bool = True) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC if utc else None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((date(2026, 11, 1), date(2026, 12, 1)), (date(2026, 11, 8), date(2026, 12, 8)), MINOR),
        ((date(2026, 11, 1), date(2026, 12, 1)), (date(2026, 11, 8), date(2026, 12, 9)), MATERIAL),
        ((at(9, day=1, month=11), at(9, day=1)), (at(11, day=1, month=11), at(11, day=1)), MINOR),
        ((at(9, day=1, month=11), at(9, day=1)), (at(11, day=1, month=11), at(12, day=1)), MATERIAL),
        ((at(9, day=1, month=11), at(9, day=1)), (at(9, day=1, month=11), at(11, day=1)), MATERIAL),
        (
            (at(9, day=1, month=11, utc=False), at(9, day=1, utc=False)),
            (at(11, day=1, month=11, utc=False), at(11, day=1, utc=False)),
            MINOR,
        ),
        (
            (at(9, day=1, month=11, utc=False), at(9, day=1)),
            (at(11, day=1, month=11), at(11, day=1)),
            MATERIAL,
        ),
        ((date(2026, 11, 1), at(9, day=1)), (date(2026, 11, 1), at(11, day=1)), MATERIAL),
    ],
)
def test_a_posting_was_renewed_where_both_its_dates_moved_as_far(
    old: tuple[date, date], new: tuple[date, date], expected: Significance
) -> None:
    found = weight({"date_posted": old[0], "valid_through": old[1]}, {"date_posted": new[0], "valid_through": new[1]})
    assert found["valid_through"] is expected


@pytest.mark.parametrize(("seconds", "same"), [(29, True), (30, False), (-30, True), (-31, False)])
def test_the_nearest_minute_is_the_same(seconds: int, same: bool) -> None:
    moment = datetime(2026, 12, 1, 18, tzinfo=UTC)
    assert (weight({"valid_through": moment}, {"valid_through": moment + timedelta(seconds=seconds)}) == {}) is same


def test_for_thirty_days_after_a_rewrite_descriptions_are_no_news() -> None:
    assert still_site_wide(NOW - timedelta(days=30), now=NOW) == {"description_text"}
    assert still_site_wide(NOW - timedelta(days=30, seconds=1), now=NOW) == frozenset()
    assert still_site_wide(None, now=NOW) == frozenset()


def test_muted_fields_are_minor_and_the_others_stay() -> None:
    changes = compare(BEFORE, replace(BEFORE, title="Cook", salary=None))
    assert [one.significance for one in muted(changes, {"salary"})] == [MATERIAL, MINOR]
    assert muted(changes, ()) == changes


def test_a_value_that_was_there_in_the_last_two_days_is_counted_to_the_second() -> None:
    said: dict[str, dict[str, Any]] = {
        "title": {"before": "Cook", "after": "Welder"},
        "salary": {"before": None, "after": {}},
    }
    assert earlier_values([(NOW - timedelta(hours=48), said), (NOW, said)], now=NOW) == {
        "title": ["Cook", "Cook"], "salary": [None, None],
    }  # fmt: skip
    assert earlier_values([(NOW - timedelta(hours=48, seconds=1), said)], now=NOW) == {}


def test_only_the_field_that_had_a_value_before_may_return_to_it() -> None:
    (change,) = compare(BEFORE, replace(BEFORE, title="Cook"), {"salary": ["Cook"]})
    assert change.significance is MATERIAL


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(200, 200, MINOR), (199, 199, MATERIAL), (199, 200, MATERIAL), (200, 199, MATERIAL)],
)
def test_two_texts_of_two_hundred_characters_are_compared_by_their_words(
    before: int, after: int, expected: Significance
) -> None:
    words = "ab " * 65 + "abc"
    old, new = f"{words}{'.' * (before - len(words))}", f"{words}{'!' * (after - len(words))}"
    assert weight({"description_text": old}, {"description_text": new}) == {"description_text": expected}


def test_parts_of_a_second_are_no_change() -> None:
    moment = datetime(2026, 12, 1, 18, tzinfo=UTC)
    assert weight({"valid_through": moment}, {"valid_through": moment.replace(microsecond=500_000)}) == {}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Posted 3 days ago.", "Posted 2 weeks ago."),
        ("Viewed 12 times.", "Viewed 1,340 times."),
        ("25 applicants", "31 applicants"),
        ("Closing in 12 days", "Closing in 1 day"),
        ("12 days left to apply", "3 days left to apply"),
        ("Noch 12 Tage", "noch 3 Tage"),
        ("Vor 3 Tagen veröffentlicht", "Vor einem Monat veröffentlicht"),
        ("il y a 4 jours", "il y a 5 jours"),
        ("3日前", "12日前"),
    ],
)
def test_what_counts_by_itself_in_a_description_is_minor(earlier: str, later: str) -> None:
    before = replace(BEFORE, description_text=f"We weld. {earlier}")
    after = replace(BEFORE, description_text=f"We weld. {later}")
    found = {change.name: change.significance for change in compare(before, after)}
    assert found == {"description_text": MINOR}


def test_hours_and_days_of_work_are_none_of_that() -> None:
    before, after = (replace(BEFORE, description_text=f"We weld {days} days a week.") for days in (3, 4))
    assert {change.name: change.significance for change in compare(before, after)} == {"description_text": MATERIAL}
