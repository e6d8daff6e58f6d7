"""Each rule of a posting, with the smallest change to a clean posting that trips it alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postings.checks.values import number
from postings.markup import plain
from postings.posting import Posting
from postings.problems import find_problems, out_of_date
from postings.reading import read_posting
from postings.rules import GOOGLE, PROPERTIES, RULES

TEXT = "<p>You weld bridges, ships and cranes in our hall by the river.</p><p>Forty hours a week, from Monday to Friday.</p>"
PLACE = {
    "@type": "Place",
    "address": {"@type": "PostalAddress", "addressLocality": "Hamburg", "addressRegion": "HH", "addressCountry": "DE"},
}
CLEAN: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Welder",
    "description": TEXT,
    "datePosted": "2026-11-01",
    "validThrough": "2026-12-31T18:00+01:00",
    "employmentType": ["FULL_TIME"],
    "hiringOrganization": {"@type": "Organization", "name": "Acme", "sameAs": "https://acme.example/"},
    "identifier": {"@type": "PropertyValue", "name": "Acme", "value": "R-1234"},
    "jobLocation": PLACE,
    "baseSalary": {
        "@type": "MonetaryAmount",
        "currency": "EUR",
        "value": {"@type": "QuantitativeValue", "minValue": 3200, "maxValue": 3600.5, "unitText": "MONTH"},
    },
    "directApply": True,
}
REMOTE: dict[str, Any] = {
    **CLEAN,
    "jobLocationType": "TELECOMMUTE",
    "applicantLocationRequirements": {"@type": "Country", "name": "DE"},
}


def pay(**changes: Any) -> dict[str, Any]:
    """The clean pay with another value."""
    inner = {"@type": "QuantitativeValue", "value": 3200, "unitText": "MONTH", **changes}
    return {**CLEAN["baseSalary"], "value": {key: value for key, value in inner.items() if value is not None}}


def place(**changes: Any) -> dict[str, Any]:
    """The clean place with another address."""
    inner = {**PLACE["address"], **changes}  # type: ignore[dict-item]
    return {**PLACE, "address": {key: value for key, value in inner.items() if value is not None}}


#: rule, what is changed in the clean posting (None: left out), path of the finding
TRIPPED: list[tuple[str, dict[str, Any], str]] = [
    ("title-missing", {"title": None}, "/title"),
    ("title-missing", {"title": "N/A"}, "/title"),
    ("title-with-markup", {"title": "Welder &amp; Fitter"}, "/title"),
    ("title-with-markup", {"title": "<b>Welder</b>"}, "/title"),
    ("title-in-capitals", {"title": "SENIOR WELDER AND FITTER"}, "/title"),
    ("title-with-symbols", {"title": "*** Welder wanted ***"}, "/title"),
    ("title-with-symbols", {"title": "Welder! Now!"}, "/title"),
    ("title-long", {"title": "Welder for " + "very " * 20 + "large bridges"}, "/title"),
    ("title-names-employer", {"title": "Welder at Acme"}, "/title"),
    ("title-names-place", {"title": "Welder, Hamburg"}, "/title"),
    ("title-names-pay", {"title": "Welder 3.200 EUR"}, "/title"),
    ("title-names-pay", {"title": "Welder (€40k)"}, "/title"),
    ("title-holds-date", {"title": "Welder from 2026-12-01"}, "/title"),
    ("title-holds-code", {"title": "Welder (R-1234)"}, "/title"),
    ("title-holds-code", {"title": "Welder #88123"}, "/title"),
    ("description-missing", {"description": None}, "/description"),
    ("description-is-title", {"description": "<b>Welder</b>"}, "/description"),
    ("description-short", {"description": "<p>You weld bridges and ships.</p>"}, "/description"),
    ("description-escaped", {"description": TEXT.replace("<", "&lt;").replace(">", "&gt;")}, "/description"),
    ("description-unbroken", {"description": "You weld bridges and ships. " * 60}, "/description"),
    ("posted-missing", {"datePosted": None}, "/datePosted"),
    ("posted-unreadable", {"datePosted": "4.3.2026"}, "/datePosted"),
    ("posted-format", {"datePosted": "August 5, 2026"}, "/datePosted"),
    ("until-missing", {"validThrough": None}, "/validThrough"),
    ("until-unreadable", {"validThrough": "9999-12-31"}, "/validThrough"),
    ("until-format", {"validThrough": "31 December 2026"}, "/validThrough"),
    ("until-before-posted", {"validThrough": "2026-10-31"}, "/validThrough"),
    ("employer-missing", {"hiringOrganization": None}, "/hiringOrganization"),
    ("employer-missing", {"hiringOrganization": {"@type": "Organization"}}, "/hiringOrganization/name"),
    ("employer-is-text", {"hiringOrganization": "Acme"}, "/hiringOrganization"),
    ("employer-type", {"hiringOrganization": {"@type": "Place", "name": "Acme"}}, "/hiringOrganization/@type"),
    ("place-missing", {"jobLocation": None}, "/jobLocation"),
    ("place-without-country", {"jobLocation": place(addressCountry=None)}, "/jobLocation/address/addressCountry"),
    ("place-without-country", {"jobLocation": [PLACE, place(addressCountry=None, addressLocality="Rome")]},
     "/jobLocation/1/address/addressCountry"),
    ("place-without-locality", {"jobLocation": place(addressLocality=None, addressRegion=None)}, "/jobLocation/address"),
    ("place-is-text", {"jobLocation": "Germany, Hamburg"}, "/jobLocation"),
    ("address-is-text", {"jobLocation": {"@type": "Place", "address": "Hamburg, Germany"}}, "/jobLocation/address"),
    ("location-type-unknown", {"jobLocationType": "Office"}, "/jobLocationType"),
    ("remote-without-region", {"jobLocationType": "TELECOMMUTE"}, "/applicantLocationRequirements"),
    ("region-without-remote", {"applicantLocationRequirements": {"@type": "Country", "name": "DE"}},
     "/applicantLocationRequirements"),
    ("region-is-text", {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": "DE"},
     "/applicantLocationRequirements"),
    ("employment-missing", {"employmentType": None}, "/employmentType"),
    ("employment-format", {"employmentType": "Vollzeit"}, "/employmentType"),
    ("employment-unreadable", {"employmentType": "32"}, "/employmentType"),
    ("pay-missing", {"baseSalary": None}, "/baseSalary"),
    ("pay-unreadable", {"baseSalary": pay(value=0)}, "/baseSalary"),
    ("pay-in-words", {"baseSalary": pay(value="by agreement")}, "/baseSalary/value"),
    ("pay-is-bare", {"baseSalary": "3200 EUR"}, "/baseSalary"),
    ("pay-amount-is-text", {"baseSalary": pay(value="3.200,00")}, "/baseSalary/value/value"),
    ("pay-without-currency", {"baseSalary": {**pay(), "currency": None}}, "/baseSalary/currency"),
    ("pay-currency-format", {"baseSalary": {**pay(), "currency": "€"}}, "/baseSalary/currency"),
    ("pay-without-unit", {"baseSalary": pay(unitText=None)}, "/baseSalary/value/unitText"),
    ("pay-unit-format", {"baseSalary": pay(unitText="per month")}, "/baseSalary/value/unitText"),
    ("pay-reversed", {"baseSalary": pay(value=None, minValue=3600, maxValue=3200)}, "/baseSalary/value/minValue"),
    ("identifier-missing", {"identifier": None}, "/identifier"),
    ("identifier-unusable", {"identifier": {"@type": "PropertyValue", "name": "Acme"}}, "/identifier"),
    ("identifier-is-title", {"identifier": {"@type": "PropertyValue", "value": "welder"}}, "/identifier/value"),
    ("identifier-is-text", {"identifier": "R-1234"}, "/identifier"),
    ("direct-apply-is-text", {"directApply": "true"}, "/directApply"),
    ("education-unknown", {"educationRequirements": {"@type": "EducationalOccupationalCredential", "credentialCategory": "PhD"}},
     "/educationRequirements/credentialCategory"),
    ("experience-months", {"experienceRequirements": {"monthsOfExperience": "two years"}},
     "/experienceRequirements/monthsOfExperience"),
    ("experience-alone", {"experienceInPlaceOfEducation": True}, "/experienceInPlaceOfEducation"),
    ("property-unknown", {"company": "Acme"}, "/company"),
    ("property-unknown", {"jobLocaton": "Hamburg"}, "/jobLocaton"),
]  # fmt: skip

#: rules of the page, which extraction applies, and those that need the time
ELSEWHERE = {
    "json-invalid", "json-repaired", "json-control-character", "json-framed", "json-escaped", "script-type",
    "markup-in-comment", "context-missing", "posting-unreadable", "several-postings", "noindex", "withdrawn",
    "description-not-shown", "expired", "posted-in-future", "property-case",
}  # fmt: skip


def find(said: dict[str, Any]) -> list[tuple[str, str, str]]:
    short = plain(said)
    read = read_posting(said)
    found = find_problems(short, read if isinstance(read, Posting) else None, list(said))
    return [(one.rule, one.path, one.level) for one in found]


@pytest.mark.parametrize(
    "said", [CLEAN, REMOTE, {**REMOTE, "jobLocation": None}], ids=["on site", "remote", "remote only"]
)
def test_a_clean_posting_trips_no_rule(said: dict[str, Any]) -> None:
    assert find({key: value for key, value in said.items() if value is not None}) == []


@pytest.mark.parametrize(("rule", "changes", "path"), TRIPPED)
def test_each_rule_is_tripped_alone(rule: str, changes: dict[str, Any], path: str) -> None:
    said = {key: value for key, value in {**CLEAN, **changes}.items() if value is not None}
    assert find(said) == [(rule, path, RULES[rule].level)]


@pytest.mark.parametrize("title", [
    "Welder", "Senior C++/C# Developer (m/w/d)", "Schweißer*in", "Engineer II", "24/7 Support Agent", "Head of R&D",
    "Java 17 Developer", "Nurse – Night Shift!", "CNC-Dreher", "PLC S7 Programmer", "IT",
])  # fmt: skip
def test_titles_as_people_write_them_are_clean(title: str) -> None:
    assert find({**CLEAN, "title": title}) == []


def test_a_property_in_other_letters_is_read_and_named() -> None:
    said = {key: value for key, value in CLEAN.items() if key != "datePosted"} | {"dateposted": "2026-11-01"}
    assert find(said) == [("property-case", "/dateposted", "warning")]


def test_properties_of_other_vocabularies_are_nobodys_business() -> None:
    assert find({**CLEAN, "acme:colour": "red", "@id": "#job", "inLanguage": "de"}) == []


def test_a_finding_says_what_to_write_instead() -> None:
    (found,) = find_problems({**CLEAN, "company": "Acme"}, read_posting(CLEAN))  # type: ignore[arg-type]
    assert "write hiringOrganization" in found.message


@pytest.mark.parametrize(("now", "rules"), [
    ("2026-12-31T16:59:59", []),
    ("2026-12-31T17:00:00", ["expired"]),
    ("2026-10-31T09:59:59", ["posted-in-future"]),
    ("2026-10-31T10:00:00", []),
])  # fmt: skip
def test_dates_are_judged_by_the_time(now: str, rules: list[str]) -> None:
    read = read_posting(CLEAN)
    assert isinstance(read, Posting)
    assert [one.rule for one in out_of_date(read, datetime.fromisoformat(now).replace(tzinfo=UTC))] == rules


@pytest.mark.parametrize(("until", "last"), [
    ("2026-12-31", "2027-01-01T11:59:59"),
    ("2026-12-31T00:00", "2027-01-01T11:59:59"),
    ("2026-12-31T18:00", "2027-01-01T05:59:59"),
    ("2026-12-31T00:00Z", "2027-01-01T11:59:59"),
    ("2026-12-31T00:00-05:00", "2027-01-01T11:59:59"),
    ("2026-12-31T18:00+01:00", "2026-12-31T16:59:59"),
])  # fmt: skip
def test_a_posting_has_passed_when_it_expires_by_the_rules_and_not_before(until: str, last: str) -> None:
    read = read_posting({**CLEAN, "validThrough": until})
    assert isinstance(read, Posting)
    at = datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert out_of_date(read, at) == ()
    assert [one.rule for one in out_of_date(read, at.replace(microsecond=0, second=0, minute=0, hour=at.hour + 1))] == [
        "expired"
    ]


@pytest.mark.parametrize(("posted", "first"), [
    ("2026-11-01T08:00", "2026-10-31T18:00:00"),
    ("2026-11-01T08:00Z", "2026-11-01T08:00:00"),
    ("2026-11-01T08:00+02:00", "2026-11-01T06:00:00"),
])  # fmt: skip
def test_a_moment_of_posting_has_come_where_it_comes_first(posted: str, first: str) -> None:
    read = read_posting({**CLEAN, "datePosted": posted})
    assert isinstance(read, Posting)
    at = datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert out_of_date(read, at) == ()
    assert [one.rule for one in out_of_date(read, at - timedelta(seconds=1))] == ["posted-in-future"]


@pytest.mark.parametrize(("value", "read"), [
    (True, None), (7, 7.0), ([7.5], 7.5), (" 7.5 ", 7.5), ("seven", None), ("1" * 30, None), (None, None),
])  # fmt: skip
def test_a_number_is_one_or_plainly_written(value: object, read: float | None) -> None:
    assert number(value) == read


def test_every_rule_is_tripped_by_a_test() -> None:
    assert {rule for rule, _, _ in TRIPPED} | ELSEWHERE == RULES.keys()


def test_every_rule_has_an_address_and_a_sentence() -> None:
    for rule in RULES.values():
        assert rule.source.startswith("https://")
        assert rule.asks.endswith(".") or rule.asks.endswith('".')
        assert not rule.source.startswith("https://schema.org/") or rule.source.rpartition("/")[2]
    assert GOOGLE in {rule.source for rule in RULES.values()}
    assert len(PROPERTIES) > 45
