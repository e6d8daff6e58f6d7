"""The terms of a job and how to apply: employment, pay, number, requirements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from postings.checks.values import PLAIN_NUMBER, number, quoted, says_something
from postings.normalise import text as texts
from postings.normalise.countries import fold
from postings.normalise.employment import TYPES
from postings.normalise.salary import read_currency
from postings.posting import Posting
from postings.rules import Problem, problem

_UNITS = ("HOUR", "DAY", "WEEK", "MONTH", "YEAR")

# https://developers.google.com/search/docs/appearance/structured-data/job-posting, educationRequirements
_CREDENTIALS = ("high school", "associate degree", "bachelor degree", "professional certificate", "postgraduate degree")


def check_employment(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`employmentType`."""
    value = said.get("employmentType")
    if not says_something(value):
        yield problem(
            "employment-missing", "/employmentType", f"there is no employment type; say {', '.join(TYPES[:2])} …"
        )
        return
    if all(texts.line(one) in TYPES for one in texts.each(value)):
        return
    read = posting.employment_types if posting is not None else ()
    if read:
        yield problem(
            "employment-format",
            "/employmentType",
            f"{quoted(value)} was read as {', '.join(read)}; write it so, as a list",
        )
    else:
        yield problem(
            "employment-unreadable",
            "/employmentType",
            f"{quoted(value)} is none of {', '.join(TYPES)}; use one of them",
        )


def check_salary(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`baseSalary`."""
    value = said.get("baseSalary")
    if not says_something(value):
        yield problem("pay-missing", "/baseSalary", "the pay is not stated")
        return
    salary = posting.salary if posting is not None else None
    if salary is None:
        yield problem(
            "pay-unreadable", "/baseSalary", "it holds no positive amount; leave it out if the pay is not stated"
        )
        return
    if salary.min is None and salary.max is None:
        yield problem(
            "pay-in-words", "/baseSalary/value", f"{quoted(salary.text)} is no amount; use minValue and maxValue"
        )
        return
    outer = texts.first(value)
    if not isinstance(outer, Mapping):
        yield problem(
            "pay-is-bare", "/baseSalary", "the pay is a bare value; make it a MonetaryAmount with a QuantitativeValue"
        )
        return
    if salary.currency is None:
        yield problem(
            "pay-without-currency", "/baseSalary/currency", "the pay has no currency; give its code, as in EUR"
        )
    if salary.unit is None:
        yield problem(
            "pay-without-unit",
            "/baseSalary/value/unitText",
            f"the pay does not say whether it is by {', '.join(_UNITS)}",
        )
    yield from _amounts(outer)


def _amounts(pay: Mapping[str, Any]) -> Iterator[Problem]:
    inner = texts.first(pay.get("value"))
    holder, path = (inner, "/baseSalary/value") if isinstance(inner, Mapping) else (pay, "/baseSalary")
    for key in ("value", "minValue", "maxValue"):
        one = texts.first(holder.get(key))
        if isinstance(one, str) and texts.line(one) and not PLAIN_NUMBER.fullmatch(one.strip()):
            yield problem(
                "pay-amount-is-text", f"{path}/{key}", f"{quoted(one)} is not a plain number; write it as 60000"
            )
    low, high = (number(holder.get(key)) for key in ("minValue", "maxValue"))
    if low is not None and high is not None and low > high:
        yield problem("pay-reversed", f"{path}/minValue", f"minValue {low:g} is above maxValue {high:g}; exchange them")
    currency = texts.line(pay.get("currency"))
    if currency and read_currency(currency) and read_currency(currency) != currency:
        yield problem(
            "pay-currency-format",
            "/baseSalary/currency",
            f"{quoted(currency)} is no code; write {read_currency(currency)}",
        )
    unit = texts.line(holder.get("unitText")) or texts.line(pay.get("unitText"))
    if unit and unit not in _UNITS:
        yield problem(
            "pay-unit-format", f"{path}/unitText", f"{quoted(unit)} is none of {', '.join(_UNITS)}; use one of them"
        )


def check_identifier(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`identifier`."""
    identifier = posting.identifier if posting is not None else None
    if identifier is None:
        if says_something(said.get("identifier")):
            yield problem(
                "identifier-unusable",
                "/identifier",
                "the identifier has no value that tells this posting from others; give one",
            )
        else:
            yield problem(
                "identifier-missing", "/identifier", "there is no identifier; give the employer's number for the job"
            )
    elif posting is not None and posting.title and fold(identifier.value) == fold(posting.title):
        yield problem(
            "identifier-is-title", "/identifier/value", "the identifier is the title; give the employer's number"
        )
    elif not isinstance(texts.first(said.get("identifier")), Mapping):
        yield problem(
            "identifier-is-text",
            "/identifier",
            'the identifier is a bare value; write {"@type": "PropertyValue", "name": employer, "value": number}',
        )


def check_direct_apply(said: Mapping[str, Any], _posting: Posting | None) -> Iterator[Problem]:
    """`directApply`."""
    one = texts.first(said.get("directApply"))
    if one is not None and not isinstance(one, bool):
        yield problem(
            "direct-apply-is-text", "/directApply", f"{quoted(one)} is no boolean; write true or false without quotes"
        )


def check_requirements(said: Mapping[str, Any], _posting: Posting | None) -> Iterator[Problem]:
    """What education and experience are asked for."""
    for one in texts.each(said.get("educationRequirements")):
        if isinstance(one, Mapping) and (category := texts.line(one.get("credentialCategory"))):
            if category.lower() not in _CREDENTIALS:
                yield problem(
                    "education-unknown",
                    "/educationRequirements/credentialCategory",
                    f"{quoted(category)} is none of {', '.join(_CREDENTIALS)}; use one of them",
                )
            break
    for one in texts.each(said.get("experienceRequirements")):
        if isinstance(one, Mapping) and (months := texts.first(one.get("monthsOfExperience"))) is not None:
            if not isinstance(months, (int, float)) and not PLAIN_NUMBER.fullmatch(str(months).strip()):
                yield problem(
                    "experience-months",
                    "/experienceRequirements/monthsOfExperience",
                    f"{quoted(months)} is no number of months; write 24 for two years",
                )
            break
    if texts.first(said.get("experienceInPlaceOfEducation")) in (True, "true", "True") and not (
        says_something(said.get("educationRequirements")) and says_something(said.get("experienceRequirements"))
    ):
        yield problem(
            "experience-alone",
            "/experienceInPlaceOfEducation",
            "it says that experience replaces education; say both educationRequirements and experienceRequirements",
        )
