from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postings.markup import plain
from postings.posting import Identifier, Location, Organization, Posting, Salary
from postings.problems import find_problems
from postings.reading import Unreadable, own_url, read_posting
from postings.record import body, posting

WELDER: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Welder &amp; Fitter",
    "description": "<p>Weld pipes.</p>",
    "datePosted": "2026-11-01",
    "validThrough": "2026-12-31",
    "employmentType": "FULL_TIME",
    "hiringOrganization": {"@type": "Organization", "name": "Acme", "sameAs": "https://acme.example"},
    "identifier": {"@type": "PropertyValue", "name": "Acme", "value": "R-1"},
    "jobLocation": {"@type": "Place", "address": {"addressLocality": "Berlin", "addressCountry": "DE"}},
    "baseSalary": {
        "@type": "MonetaryAmount",
        "currency": "EUR",
        "value": {"@type": "QuantitativeValue", "minValue": 60000, "maxValue": 75000, "unitText": "YEAR"},
    },
    "directApply": True,
    "inLanguage": "en",
    "industry": ["Metal", "Shipping"],
    "skills": "<ul><li>TIG</li></ul>",
    "educationRequirements": {"@type": "EducationalOccupationalCredential", "credentialCategory": "bachelor degree"},
    "experienceRequirements": {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 24},
}


def read(**changes: Any) -> Posting:
    found = read_posting({**WELDER, **changes})
    assert isinstance(found, Posting)
    return found


def test_every_field_of_the_record_is_read() -> None:
    assert read() == Posting(
        title="Welder & Fitter",
        organization=Organization(name="Acme", url="https://acme.example/"),
        identifier=Identifier(value="R-1", name="Acme"),
        locations=(Location(locality="Berlin", country="DE"),),
        employment_types=("FULL_TIME",),
        salary=Salary(currency="EUR", min=60000, max=75000, unit="YEAR"),
        date_posted=date(2026, 11, 1),
        valid_through=date(2026, 12, 31),
        description_text="Weld pipes.",
        description_html="<p>Weld pipes.</p>",
        language="en",
        direct_apply=True,
        industry="Metal, Shipping",
        skills="TIG",
        education="bachelor degree",
        experience="24 months",
    )


@pytest.mark.parametrize("spell", [lambda k: f"schema:{k}", lambda k: f"http://schema.org/{k}", str.upper])
def test_properties_are_known_by_prefix_by_iri_and_in_any_case(spell: Any) -> None:
    said = {key if key.startswith("@") else spell(key): value for key, value in WELDER.items()}
    assert read_posting(said) == read()


def test_unknown_properties_change_nothing() -> None:
    assert read(estimatedSalary=5, acme={"title": "Boss"}, dateModified="2026-11-20", image="x") == read()


def test_without_title_two_other_facts_make_a_posting() -> None:
    assert read(title="None Available").title is None
    bare = {"@type": "JobPosting", "hiringOrganization": "Acme", "description": "Weld."}
    assert isinstance(read_posting(bare), Posting)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"title": ""},
        {"title": "N/A", "hiringOrganization": {"name": ""}, "description": "Weld."},
        {
            "title": None,
            "description": "",
            "jobLocation": {"address": {"addressLocality": "-"}},
            "hiringOrganization": "A",
        },
    ],
)
def test_an_object_that_says_too_little_is_unreadable_and_says_why(said: dict[str, Any]) -> None:
    found = read_posting(said)
    assert isinstance(found, Unreadable)
    assert "no title" in found.reason


def test_requirements_stand_in_for_a_missing_description() -> None:
    assert (
        read(description="", responsibilities="Weld.", qualifications="<p>TIG</p>").description_text == "Weld.\n\nTIG"
    )


@pytest.mark.parametrize("said", ["TELECOMMUTE", ["telecommute"], "https://schema.org/TELECOMMUTE", "Remote"])
def test_a_remote_job_is_remote_and_says_where_from(said: object) -> None:
    found = read(jobLocationType=said, applicantLocationRequirements={"@type": "Country", "name": "Germany"})
    assert found.remote
    assert found.remote_regions == ("DE",)


def test_regions_for_applicants_alone_do_not_make_a_job_remote() -> None:
    found = read(applicantLocationRequirements={"@type": "Country", "name": "Germany"})
    assert not found.remote
    assert found.remote_regions == ()


@pytest.mark.parametrize(
    ("said", "meant"), [(False, False), ("false", False), ("TRUE", True), ("maybe", None), (None, None)]
)
def test_direct_apply_is_true_false_or_unsaid(said: object, meant: bool | None) -> None:
    assert read(directApply=said).direct_apply is meant


class TestWhereAPersonReadsIt:
    PAGE = "https://acme.example/jobs/1?utm_source=x"

    def url(self, said: str | None = None, canonical: str | None = None, *, several: bool = False) -> str | None:
        found = read_posting({**WELDER, "url": said}, page_url=self.PAGE, canonical=canonical, several=several)
        assert isinstance(found, Posting)
        return found.url

    def test_a_canonical_link_on_the_same_site_wins(self) -> None:
        assert (
            self.url("https://acme.example/x", "https://www.acme.example/jobs/1") == "https://www.acme.example/jobs/1"
        )

    @pytest.mark.parametrize("canonical", ["https://acme.example/", "https://other.example/jobs/1", None])
    def test_otherwise_it_is_the_page_itself(self, canonical: str | None) -> None:
        assert self.url("https://employer.example/", canonical) == self.PAGE

    def test_on_a_page_of_several_it_is_the_posting_s_own_address(self) -> None:
        assert self.url("/jobs/2", "https://acme.example/jobs", several=True) == "https://acme.example/jobs/2"

    def test_in_a_file_it_is_the_canonical_link_or_what_the_markup_says(self) -> None:
        said = {**WELDER, "url": "https://acme.example/x"}
        for canonical, url in [(None, "https://acme.example/x"), ("https://acme.example/c", "https://acme.example/c")]:
            found = read_posting(said, canonical=canonical)
            assert isinstance(found, Posting)
            assert found.url == url

    def test_the_markup_s_own_address_is_resolved(self) -> None:
        assert own_url({"url": "2"}, "https://acme.example/jobs/1") == "https://acme.example/jobs/2"
        assert own_url({"url": "javascript:x"}, self.PAGE) is None


def test_the_language_of_the_markup_wins_over_that_of_the_page() -> None:
    for said, language in [("en_GB", "en-GB"), ("", "de")]:
        found = read_posting({**WELDER, "inLanguage": said}, language="de")
        assert isinstance(found, Posting)
        assert found.language == language


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(codec=None), max_size=12)
    | st.sampled_from(["2026-11-01", "TELECOMMUTE", "&lt;p&gt;x", "https://acme.example/#x", "60k", "Berlin, Germany"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*WELDER, "name", "value", "address", "addressCountry", "@value", "@list", "minValue", "geo"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from([*WELDER, "url", "jobLocationType"]), JSON, max_size=12))
def test_no_markup_makes_reading_fail(said: dict[str, Any]) -> None:
    found = read_posting({"title": "Welder", **said})
    find_problems(plain({"title": "Welder", **said}), found if isinstance(found, Posting) else None, list(said))
    if isinstance(found, Posting):
        text = json.dumps(body(found), allow_nan=False, ensure_ascii=False)
        assert text.encode()
        assert "\x00" not in text
        assert "\\u0000" not in text


@given(st.dictionaries(st.sampled_from([*WELDER, "url"]), JSON, max_size=12))
def test_a_posting_survives_its_record(said: dict[str, Any]) -> None:
    found = read_posting({"title": "Welder", **said})
    if isinstance(found, Posting):
        again = posting(body(found))
        assert body(again) == body(found)


def rendered(found: Posting) -> dict[str, Any]:
    """A posting as a site that knows the rules would mark it up."""
    salary, organization = found.salary, found.organization
    return {
        "@type": "JobPosting",
        "title": found.title,
        "url": found.url,
        "hiringOrganization": organization
        and {"name": organization.name, "sameAs": organization.url, "logo": organization.logo},
        "identifier": found.identifier and {"name": found.identifier.name, "value": found.identifier.value},
        "jobLocation": [place(location) for location in found.locations],
        "jobLocationType": "TELECOMMUTE" if found.remote else None,
        "applicantLocationRequirements": [{"@type": "Country", "name": region} for region in found.remote_regions],
        "employmentType": list(found.employment_types),
        "baseSalary": salary
        and {
            "currency": salary.currency,
            "value": {"minValue": salary.min, "maxValue": salary.max, "value": salary.text, "unitText": salary.unit},
        },
        "datePosted": found.date_posted and found.date_posted.isoformat(),
        "validThrough": found.valid_through and found.valid_through.isoformat(),
        "description": found.description_html or found.description_text,
        "inLanguage": found.language,
        "directApply": found.direct_apply,
        "industry": found.industry,
        "skills": found.skills,
        "educationRequirements": found.education,
        "experienceRequirements": found.experience,
    }


def place(location: Location) -> dict[str, Any]:
    geo = {"latitude": location.latitude, "longitude": location.longitude}
    if location.text and location.country:
        # an address in one text, of which only the country was understood
        return {"geo": geo, "address": location.text}
    return {
        "geo": geo,
        "address": {
            "addressLocality": location.locality,
            "addressRegion": location.region,
            "addressCountry": location.country or location.text,
            "postalCode": location.postal_code,
            "streetAddress": location.street,
        },
    }


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from([*WELDER, "url", "jobLocationType", "applicantLocationRequirements"]), JSON, max_size=10
    )
)
def test_what_was_read_reads_the_same_again(said: dict[str, Any]) -> None:
    found = read_posting({**WELDER, **said})
    if isinstance(found, Posting):
        again = read_posting(json.loads(json.dumps(rendered(found))))
        assert isinstance(again, Posting)
        assert replace(again, description_text=None, description_html=None) == replace(
            found, description_text=None, description_html=None
        )
        assert words(again.description_text) == words(found.description_text)


def words(text: str | None) -> str:
    return "".join((text or "").split())


def test_poison_is_cleaned_out_of_every_text() -> None:
    found = read(
        title="Wel\x00der\ud800",
        description="<p>Weld\x00\udfff</p>",
        identifier={"value": "R\x00-1", "name": "\ud83d"},
        baseSalary={"value": float("nan")},
        jobLocation={"address": {"addressLocality": "Ber\x07lin", "postalCode": 10**400}},
    )
    assert (found.title, found.description_text, found.salary) == ("Welder", "Weld", None)
    assert found.identifier == Identifier(value="R-1")
    assert found.locations == (Location(locality="Berlin"),)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"name": value, "address": value} if depth < 10 else {"name": value}
    return value


def test_deep_nesting_ends_where_no_posting_nests() -> None:
    assert isinstance(read_posting({**WELDER, "hiringOrganization": nested(5_000)}), Posting)
