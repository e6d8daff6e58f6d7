"""The rules that the markup of a posting is held against, each with where it comes from.

`problems` applies those of one posting, extraction those of a page; `inspect` shows what they find, and docs/inspect.md
lists them. An error is what keeps a posting, or one of its values, from being read or shown; the rest are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]

GOOGLE = "https://developers.google.com/search/docs/appearance/structured-data/job-posting"
_GENERAL = "https://developers.google.com/search/docs/appearance/structured-data/sd-policies"
_SYNTAX = "https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents"
_JSON = "https://www.rfc-editor.org/rfc/rfc8259"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: what it asks, and who asks it."""

    #: lower case with hyphens; stays as it is once released
    id: str
    level: Level
    #: address of the page or term that says so
    source: str
    #: what is asked, as a sentence
    asks: str


def _schema(term: str) -> str:
    return f"https://schema.org/{term}"


def _rules() -> Iterator[Rule]:
    def rule(id: str, level: Level, source: str, asks: str) -> Rule:  # noqa: A002 - the name it has in a Rule
        return Rule(id=id, level=level, source=source, asks=asks)

    # the page
    yield rule("json-invalid", "error", _JSON, "JSON-LD is valid JSON.")
    yield rule("json-repaired", "error", _JSON, "JSON-LD is valid JSON; what only repair can read, others do not see.")
    yield rule("json-control-character", "error", _JSON, "Line breaks and tabs within a JSON string are escaped.")
    yield rule("json-framed", "warning", _SYNTAX, "A script holds JSON alone: no comments, CDATA marks or semicolons.")
    yield rule("json-escaped", "error", _SYNTAX, "A script is neither escaped nor a string; its quotes are straight.")
    yield rule("script-type", "error", _SYNTAX, "JSON-LD stands in a script of the type application/ld+json.")
    yield rule("markup-in-comment", "warning", _SYNTAX, "Markup that is meant stands outside of comments.")
    yield rule(
        "context-missing",
        "error",
        "https://www.w3.org/TR/json-ld11/#the-context",
        'JSON-LD names its vocabulary: "@context": "https://schema.org".',
    )
    yield rule(
        "posting-unreadable", "error", GOOGLE, "A posting has a title, or two of employer, description and places."
    )
    yield rule(
        "several-postings", "warning", GOOGLE, "A posting stands on the page of this one job, not on a list of jobs."
    )
    yield rule("noindex", "warning", GOOGLE, "The page of an open job may be indexed.")
    yield rule("withdrawn", "error", GOOGLE, "The page of a job that is gone answers 404 or 410, or loses its markup.")
    yield rule("description-not-shown", "warning", _GENERAL, "What the markup says can be read on the page.")
    # title
    yield rule("title-missing", "error", GOOGLE, "`title` is required.")
    yield rule("title-with-markup", "warning", GOOGLE, "The title is plain text.")
    yield rule("title-in-capitals", "warning", GOOGLE, "The title is written as people write it, not in capitals.")
    yield rule("title-with-symbols", "warning", GOOGLE, "The title does without decoration such as ! and *.")
    yield rule("title-long", "warning", GOOGLE, "The title is concise.")
    yield rule(
        "title-names-employer",
        "warning",
        GOOGLE,
        "The employer's name stands in `hiringOrganization`, not in the title.",
    )
    yield rule("title-names-place", "warning", GOOGLE, "The place of work stands in `jobLocation`, not in the title.")
    yield rule("title-names-pay", "warning", GOOGLE, "The pay stands in `baseSalary`, not in the title.")
    yield rule(
        "title-holds-date", "warning", GOOGLE, "Dates stand in `datePosted` and `validThrough`, not in the title."
    )
    yield rule("title-holds-code", "warning", GOOGLE, "The job's number stands in `identifier`, not in the title.")
    # description
    yield rule("description-missing", "error", GOOGLE, "`description` is required.")
    yield rule("description-is-title", "error", GOOGLE, "The description is not the title again.")
    yield rule("description-short", "warning", GOOGLE, "The description represents the job completely.")
    yield rule("description-escaped", "warning", GOOGLE, "The description is HTML as it is, not escaped.")
    yield rule(
        "description-unbroken", "warning", GOOGLE, "A long description has paragraphs: <p>, <br> or line breaks."
    )
    # dates
    yield rule("posted-missing", "error", GOOGLE, "`datePosted` is required.")
    yield rule("posted-unreadable", "error", _schema("datePosted"), "`datePosted` is a date.")
    yield rule("posted-format", "warning", GOOGLE, "`datePosted` is in ISO 8601 format.")
    yield rule(
        "posted-in-future", "warning", _schema("datePosted"), "`datePosted` is the day on which the job was posted."
    )
    yield rule("until-missing", "warning", GOOGLE, "`validThrough` is recommended where the posting has an end.")
    yield rule(
        "until-unreadable", "error", _schema("validThrough"), "`validThrough` is a date, and no placeholder for one."
    )
    yield rule("until-format", "warning", GOOGLE, "`validThrough` is in ISO 8601 format.")
    yield rule("until-before-posted", "error", _schema("validThrough"), "A posting ends after it was posted.")
    yield rule("expired", "error", GOOGLE, "A posting whose `validThrough` has passed is taken down.")
    # employer
    yield rule("employer-missing", "error", GOOGLE, "`hiringOrganization` with a name is required.")
    yield rule("employer-is-text", "warning", _schema("hiringOrganization"), "`hiringOrganization` is an Organization.")
    yield rule(
        "employer-type",
        "warning",
        _schema("hiringOrganization"),
        "`hiringOrganization` is an Organization or a Person.",
    )
    # places
    yield rule("place-missing", "error", GOOGLE, "`jobLocation` is required, or a remote job within a named region.")
    yield rule("place-without-country", "error", GOOGLE, "`addressCountry` is required for each place.")
    yield rule(
        "place-without-locality", "warning", GOOGLE, "A place says as much as it can: at least its town or region."
    )
    yield rule("place-is-text", "warning", _schema("jobLocation"), "`jobLocation` is a Place.")
    yield rule("address-is-text", "warning", GOOGLE, "The `address` of a place is a PostalAddress.")
    yield rule("location-type-unknown", "warning", GOOGLE, "`jobLocationType` is TELECOMMUTE or not there.")
    yield rule("remote-without-region", "warning", GOOGLE, "A remote job says from which countries one may apply.")
    yield rule(
        "region-without-remote",
        "warning",
        GOOGLE,
        "`applicantLocationRequirements` goes with `jobLocationType` TELECOMMUTE.",
    )
    yield rule(
        "region-is-text",
        "warning",
        _schema("applicantLocationRequirements"),
        "`applicantLocationRequirements` is a Country, State or other AdministrativeArea.",
    )
    # employment
    yield rule("employment-missing", "warning", GOOGLE, "`employmentType` is recommended.")
    yield rule(
        "employment-format", "warning", GOOGLE, "`employmentType` is one or more of the values that Google lists."
    )
    yield rule("employment-unreadable", "error", GOOGLE, "`employmentType` says something that can be told.")
    # pay
    yield rule("pay-missing", "warning", GOOGLE, "`baseSalary` is recommended.")
    yield rule(
        "pay-unreadable", "error", _schema("baseSalary"), "`baseSalary` holds a positive amount, or is left out."
    )
    yield rule("pay-in-words", "error", GOOGLE, "The pay is a number, or minValue and maxValue.")
    yield rule("pay-is-bare", "warning", GOOGLE, "`baseSalary` is a MonetaryAmount.")
    yield rule("pay-amount-is-text", "warning", _schema("value"), "Amounts are plain numbers: 60000, 15.5.")
    yield rule("pay-without-currency", "error", GOOGLE, "The pay has a currency.")
    yield rule("pay-currency-format", "warning", _schema("currency"), "The currency is a code of ISO 4217.")
    yield rule("pay-without-unit", "error", GOOGLE, "The pay says what it is for: HOUR, DAY, WEEK, MONTH or YEAR.")
    yield rule("pay-unit-format", "warning", GOOGLE, "`unitText` is HOUR, DAY, WEEK, MONTH or YEAR.")
    yield rule("pay-reversed", "error", _schema("minValue"), "minValue is not above maxValue.")
    # identifier, applying
    yield rule("identifier-missing", "warning", GOOGLE, "`identifier` is recommended.")
    yield rule("identifier-unusable", "warning", GOOGLE, "`identifier` has a value that tells the posting from others.")
    yield rule(
        "identifier-is-title", "warning", GOOGLE, "The identifier is the employer's number for the job, not its title."
    )
    yield rule("identifier-is-text", "warning", GOOGLE, "`identifier` is a PropertyValue.")
    yield rule(
        "direct-apply-is-text", "warning", _schema("directApply"), "`directApply` is true or false, without quotes."
    )
    # education and experience
    yield rule("education-unknown", "warning", GOOGLE, "`credentialCategory` is one of the values that Google lists.")
    yield rule("experience-months", "warning", GOOGLE, "`monthsOfExperience` is a number.")
    yield rule(
        "experience-alone",
        "warning",
        GOOGLE,
        "`experienceInPlaceOfEducation` goes with requirements of both education and experience.",
    )
    # spelling
    yield rule(
        "property-unknown",
        "warning",
        _schema("JobPosting"),
        "Properties are those that schema.org has for a JobPosting.",
    )
    yield rule("property-case", "warning", _schema("JobPosting"), "Properties are spelt as schema.org spells them.")


RULES: dict[str, Rule] = {one.id: one for one in _rules()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding."""

    #: points into the markup of the posting (JSON Pointer, `/baseSalary`); empty for the page
    path: str
    #: id of a rule of `RULES`
    rule: str
    level: Level
    #: what is wrong and what to do
    message: str


def problem(rule: str, path: str, message: str) -> Problem:
    """A finding at the level of its rule."""
    return Problem(path=path, rule=rule, level=RULES[rule].level, message=message)


def pointer(name: str) -> str:
    """A name as one step of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


#: properties of schema.org's JobPosting, and of Thing above it
PROPERTIES = frozenset(
    "applicantLocationRequirements applicationContact baseSalary benefits datePosted directApply educationRequirements "
    "eligibilityToWorkRequirement employerOverview employmentType employmentUnit estimatedSalary "
    "experienceInPlaceOfEducation experienceRequirements hiringOrganization incentiveCompensation incentives industry "
    "jobBenefits jobDuration jobImmediateStart jobLocation jobLocationType jobStartDate occupationalCategory "
    "physicalRequirement qualifications relevantOccupation responsibilities salaryCurrency securityClearanceRequirement "
    "sensoryRequirement skills specialCommitments title totalJobOpenings validThrough workHours "
    "additionalType alternateName description disambiguatingDescription identifier image mainEntityOfPage name owner "
    "potentialAction sameAs subjectOf url".split()
)
#: words that people write for a property, in lower case
MEANT = {
    "company": "hiringOrganization", "companyname": "hiringOrganization", "employer": "hiringOrganization",
    "organization": "hiringOrganization", "location": "jobLocation", "place": "jobLocation", "address": "jobLocation",
    "city": "jobLocation", "salary": "baseSalary", "pay": "baseSalary", "wage": "baseSalary", "jobtitle": "title",
    "position": "title", "headline": "title", "jobdescription": "description", "body": "description",
    "dateposting": "datePosted", "date": "datePosted", "postdate": "datePosted", "published": "datePosted",
    "datepublished": "datePosted", "expirationdate": "validThrough", "expires": "validThrough", "deadline": "validThrough",
    "validuntil": "validThrough", "type": "employmentType", "jobtype": "employmentType", "jobid": "identifier",
    "id": "identifier", "reference": "identifier", "remote": "jobLocationType", "language": "inLanguage",
}  # fmt: skip
