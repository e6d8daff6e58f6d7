"""What queries find: each sentence of docs/queries.md about a match."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from postings.posting import Identifier, Location, Organization, Posting, Salary
from postings.query import Query, Subject, parse
from tests.postings.query.postings import as_record, contents, lives, queries
from tests.storage.rows import NOW

JOB = Posting(
    title="Senior C++ Engineer (m/f/d)",
    organization=Organization(name="Müller & Söhne GmbH"),
    identifier=Identifier(value="R-1234"),
    locations=(Location(locality="München", region="Bayern", country="DE", postal_code="80331"),),
    remote=True,
    remote_regions=("Österreich",),
    employment_types=("FULL_TIME", "INTERN"),
    salary=Salary(currency="EUR", min=60_000, max=75_000, unit="YEAR"),
    date_posted=date(2026, 11, 17),
    valid_through=date(2026, 12, 8),
    language="de-AT",
    description_text="We use machine learning, Java and .NET.\nKein JavaScript.",
    skills="機械学習エンジニア",
)
SILENT = Posting(title=None)
LIFE = {"site": "acme", "state": "open", "first_seen": NOW - timedelta(days=3), "changed": False}


def finds(text: str, posting: Posting = JOB, now: datetime = NOW, **life: Any) -> bool:
    life = {**LIFE, **life}
    return parse(text).matches(Subject.of(as_record(posting, life), changed=life["changed"]), now)


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "engineer", "ENGINEER", "muller", "müller", "MÜLLER", "söhne", "c++", ".net", "java", "javascript",
            "r-1234", "bayern", "80331", "österreich", '"machine learning"', "machine-learning", "机* OR 機械", "エンジニア",
            "engin*", "*neer", "*ngine*", '"machine learn*"', '"*chine learn*"', "germany", "deutschland",
        ],
    )  # fmt: skip
    def test_a_whole_word_is_found_in_all_that_a_posting_says(self, text: str) -> None:
        assert finds(text)
        assert not finds(f"-({text})")

    @pytest.mark.parametrize(
        "text",
        [
            "engine", "script", "jav", "c", "c+", "neer*", "*engine", '"learning machine"', '"java learning"',
            '"use learning"', '"d muller"', "de",
        ],
    )  # fmt: skip
    def test_a_part_of_a_word_and_other_phrases_are_not(self, text: str) -> None:
        assert not finds(text)
        assert finds(f"-{text}")

    def test_words_side_by_side_must_all_occur(self) -> None:
        assert finds("java engineer")
        assert finds("java AND engineer")
        assert not finds("java cook")

    def test_one_of_two_is_enough_with_or(self) -> None:
        assert finds("cook OR java")
        assert finds("cook java OR engineer")
        assert not finds("cook OR (java baker)")

    def test_or_in_small_letters_is_a_word(self) -> None:
        assert not finds("cook or java")

    def test_a_group_can_be_negated(self) -> None:
        assert finds("-(cook OR baker)")
        assert finds("-(java baker)")
        assert not finds("-(cook OR java)")
        assert finds("--java")

    def test_a_posting_that_says_nothing_has_no_word(self) -> None:
        assert not finds("java", SILENT)
        assert finds("-java", SILENT)


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        [
            "title:engineer", "title:c++", "title:(cook OR engineer)", "title:(senior -cook)", "-title:cook", "employer:muller",
            'employer:"müller & söhne"', "location:münchen", "location:munchen", "location:de", "location:germany",
            "location:deutschland", "location:(berlin OR bayern)", "Title:engin*", "title=engineer",
        ],
    )  # fmt: skip
    def test_a_field_is_looked_through_alone(self, text: str) -> None:
        assert finds(text)

    @pytest.mark.parametrize("text", ["title:java", "employer:engineer", "location:muller", "title:(senior cook)"])
    def test_what_stands_elsewhere_is_not_found_in_it(self, text: str) -> None:
        assert not finds(text)

    @pytest.mark.parametrize("field", ["title", "employer", "location"])
    def test_a_field_that_is_not_stated_matches_neither_a_word_nor_its_opposite(self, field: str) -> None:
        assert not finds(f"{field}:x", SILENT)
        assert not finds(f"-{field}:x", SILENT)
        assert finds(f"-{field}:x OR -has:{field}", SILENT)


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "type:fulltime", "type:full-time", "type:FULL_TIME", 'type:"full time"', "type:vollzeit", "type:intern",
            "type:(parttime OR intern)", "-type:parttime", "lang:de", "lang:de-AT", "lang:german", "-lang:en", "-lang:de-ch",
            "site:acme", "-site:globex", "remote:yes", "-remote:no", "is:open", "-is:closed", "-is:changed",
        ],
    )  # fmt: skip
    def test_what_is_named_is_found(self, text: str) -> None:
        assert finds(text)
        assert not finds(f"-({text})")

    @pytest.mark.parametrize("term", ["type:intern", "lang:de"])
    def test_what_is_not_stated_is_neither_this_nor_something_else(self, term: str) -> None:
        assert not finds(term, SILENT)
        assert not finds(f"-{term}", SILENT)

    def test_a_posting_that_does_not_say_so_is_not_remote(self) -> None:
        assert finds("remote:no", SILENT)

    def test_life_is_asked_for_as_well(self) -> None:
        assert finds("is:closed", state="closed")
        assert finds("is:changed", changed=True)

    def test_a_site_has_its_exact_name(self) -> None:
        assert finds('site:"Acme Söhne"', site="Acme Söhne")
        assert not finds("site:Acme")

    def test_a_posting_from_a_file_has_no_life(self) -> None:
        record = {**as_record(JOB, LIFE), "site": None, "state": None, "first_seen": None}
        subject = Subject.of(record)
        for term in ("is:open", "site:acme", "first:<7d"):
            assert not parse(term).matches(subject, NOW)
            assert not parse(f"-{term}").matches(subject, NOW)

    @pytest.mark.parametrize(
        "name", ["title", "employer", "location", "type", "lang", "salary", "posted", "closes", "description"]
    )
    def test_what_is_stated_can_be_asked_for(self, name: str) -> None:
        assert finds(f"has:{name}")
        assert finds(f"-has:{name}", SILENT)
        assert not finds(f"has:{name}", SILENT)


class TestSalary:
    @pytest.mark.parametrize(
        ("text", "matches"),
        [
            ("salary>=70k", True), ("salary>=75k", True), ("salary>75k", False), ("salary>=75001", False),
            ("salary<=60k", True), ("salary<60k", False), ("salary<61k", True), ("salary:70k", True), ("salary=76k", False),
            ("salary>=70000EUR", True), ("salary>=€70k", True), ("salary>=70kEUR", True), ("salary>=EUR70,000", True),
            ("salary>=70.000", True), ("salary>=0.07M", True), ("salary:>=70k", True), ("salary>=35/hour", True),
            ("salary>=36.5€/h", False), ("salary>=5k/month", True), ("salary>=1500/w", False), ("salary>=250/day", True),
        ],
    )  # fmt: skip
    def test_a_range_matches_if_any_amount_in_it_does(self, text: str, matches: bool) -> None:
        assert finds(text) is matches
        assert finds(f"-{text}") is not matches

    @pytest.mark.parametrize(
        ("unit", "amount"), [("YEAR", 70_000), ("MONTH", 5_900), ("WEEK", 1_400), ("DAY", 280), ("HOUR", 35)]
    )
    def test_other_units_are_reckoned_to_a_year(self, unit: str, amount: float) -> None:
        job = replace(JOB, salary=Salary(currency="EUR", min=amount, max=amount, unit=unit))
        assert finds("salary>=70k salary<73k", job)

    @pytest.mark.parametrize(
        "salary",
        [
            None,
            Salary(text="competitive"),
            Salary(currency="EUR", min=70_000, max=80_000),
            Salary(currency="EUR", unit="YEAR"),
        ],
    )
    def test_pay_that_is_not_known_is_neither_more_nor_less(self, salary: Salary | None) -> None:
        job = replace(JOB, salary=salary)
        assert not finds("salary>=10k", job)
        assert not finds("-salary>=10k", job)
        assert finds("salary>=10k OR -has:salary", job)

    def test_pay_in_another_currency_is_neither_more_nor_less(self) -> None:
        assert not finds("salary>=1USD")
        assert not finds("-salary>=1USD")
        assert not finds("-salary>=1000000USD")

    @pytest.mark.parametrize("ends", [{"min": 60_000}, {"max": 60_000}])
    def test_one_end_alone_stands_for_both(self, ends: dict[str, float]) -> None:
        job = replace(JOB, salary=Salary(currency="EUR", unit="YEAR", **ends))
        assert finds("salary>=60k salary<=60k", job)
        assert not finds("salary>=61k", job)

    def test_an_amount_beyond_all_numbers_is_not_stated(self) -> None:
        job = replace(JOB, salary=Salary(min=1e308, max=1e308, unit="HOUR"))
        assert finds("-has:salary", job)


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "matches"),
        [
            ("first:<7d", True), ("first<7d", True), ("first:<3d", False), ("first:<=3d", True), ("first:>3d", False),
            ("first:>=3d", True), ("first:>2d", True), ("first:<73h", True), ("first:<1w", True), ("first:<1m", True),
            ("first:2026-11-21", True), ("first:2026-11-20", False), ("first>=2026-11-21", True),
            ("first>2026-11-21", False), ("first<=2026-11-21", True), ("first<2026-11-21", False), ("first:2026-11", True),
            ("first:2026", True), ("first:today", False), ("first<yesterday", True),
            ("posted>=2026-11-01", True), ("posted:2026-11-17", True), ("posted>2026-11-17", False), ("posted:<7d", False),
            ("posted:<=7d", True), ("posted:<8d", True), ("posted:>1w", False), ("posted<2026-12", True),
            ("posted:2025", False),
            ("closes:<14d", False), ("closes:<=14d", True), ("closes:<15d", True), ("closes:>2w", False),
            ("closes:>13d", True), ("closes:2026-12-08", True), ("closes:tomorrow", False), ("closes>today", True),
        ],
    )  # fmt: skip
    def test_a_time_is_a_date_or_a_span(self, text: str, matches: bool) -> None:
        assert finds(text) is matches
        assert finds(f"-{text}") is not matches

    def test_what_has_closed_does_not_close_soon(self) -> None:
        job = replace(JOB, valid_through=date(2026, 11, 23))
        assert not finds("closes:<14d", job)
        assert finds("closes<today", job)
        assert finds("closes:<14d", replace(JOB, valid_through=date(2026, 11, 24)))

    def test_days_are_those_of_utc(self) -> None:
        job = replace(JOB, date_posted=datetime.fromisoformat("2026-11-18T00:30:00+01:00"))
        assert finds("posted:2026-11-17", job)
        assert finds("posted:<=7d", now=NOW.replace(hour=23, minute=59))
        assert not finds("posted:<=7d", now=NOW.replace(hour=23) + timedelta(hours=2))

    @pytest.mark.parametrize("term", ["posted>=2026-11-01", "closes:<14d", "posted:<7d"])
    def test_a_day_that_is_not_stated_is_neither_before_nor_after(self, term: str) -> None:
        assert not finds(term, SILENT)
        assert not finds(f"-{term}", SILENT)

    @pytest.mark.parametrize("now", [datetime(1, 1, 2, tzinfo=NOW.tzinfo), datetime(9999, 12, 30, tzinfo=NOW.tzinfo)])
    def test_the_ends_of_the_calendar_are_no_limit(self, now: datetime) -> None:
        assert not finds("first:<999999y first:>999999y", now=now)
        assert finds("closes>today OR closes<yesterday", now=now)


class TestMisses:
    def test_the_terms_that_exclude_a_posting_are_named_as_typed(self) -> None:
        text = 'title:engineer -SENIOR salary>=80k (cook OR baker) remote:yes title:(c++ "x y") -(java .net)'
        subject = Subject.of(as_record(JOB, LIFE))
        assert parse(text).misses(subject, NOW) == (
            "-SENIOR", "salary>=80k", "(cook OR baker)", 'title:(c++ "x y")', "-(java .net)",
        )  # fmt: skip

    @settings(max_examples=settings.default.max_examples // 2)
    @given(contents, lives, queries)
    def test_a_posting_misses_something_or_matches_and_never_the_opposite_as_well(
        self, posting: Posting, life: Any, query: Query
    ) -> None:
        subject = Subject.of(as_record(posting, life), changed=life["changed"])
        matches = query.matches(subject, NOW)
        assert (query.misses(subject, NOW) == ()) is matches
        assert not (matches and parse(f"-({query.text})").matches(subject, NOW))
        assert parse(f"-(-({query.text}))").matches(subject, NOW) is matches


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_blank_query_finds_everything(text: str) -> None:
    assert finds(text, SILENT)
    assert parse(text).misses(Subject.of(as_record(JOB, LIFE)), NOW) == ()


def test_a_query_says_whether_it_asks_for_open_ones_itself() -> None:
    assert parse("java (is:closed OR -is:open)").asks_state
    assert not parse("java is:changed").asks_state


@pytest.mark.parametrize(
    "text", ["-(java .net)", "-(java OR cobol)", "-(-(java cobol))", "-(java (cobol OR fortran) c++)"]
)
def test_what_is_negated_is_found_where_the_whole_is_not(text: str) -> None:
    assert finds(text) is not finds(text[2:-1])


@pytest.mark.parametrize(("number", "found"), [(1, True), (2, True), (3, True), (4, True), (7, True)])
def test_any_number_of_words_must_all_be_there_or_one_of_them(number: int, found: bool) -> None:
    words = ["java", "senior", "engineer", "muller", "learning", "machine", "c++"][:number]
    assert finds(" ".join(words)) is found
    assert not finds(" ".join([*words, "cobol"]))
    assert not finds(" ".join(["cobol", *words]))
    assert finds(" OR ".join(["cobol", *words]))
    assert not finds(" OR ".join(["cobol", "fortran", "algol", "pascal"][:number]))
