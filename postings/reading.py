"""Reads a JobPosting object into a posting, or says why it is none.

Called for each object that extraction finds on a page, and by the readers of boards and feeds for objects that they
put into the same shape. Nothing here raises on any content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postings import urls
from postings.markup import plain as plain_markup
from postings.markup import short
from postings.normalise import text as texts
from postings.normalise.dates import read_moment
from postings.normalise.descriptions import Description, plain, read_description
from postings.normalise.employment import read_employment_types
from postings.normalise.languages import read_language
from postings.normalise.organizations import read_identifier, read_organization, read_url
from postings.normalise.places import read_locations, read_regions
from postings.normalise.salary import read_salary
from postings.posting import Posting, Syntax


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A JobPosting object that says too little to be a posting, and what it lacks."""

    reason: str


def read_posting(
    raw: Mapping[str, Any],
    *,
    syntax: Syntax = "json-ld",
    page_url: str | None = None,
    language: str | None = None,
    canonical: str | None = None,
    several: bool = False,
) -> Posting | Unreadable:
    """The posting that a JobPosting object describes.

    `page_url` and `canonical` are parsed addresses of the page and of its canonical link, `language` the page's own
    language (BCP 47), `several` says that the page holds more than one posting. A posting needs a title, or two of
    organisation, description and places (C.1).
    """
    said = plain_markup(raw)
    return read_object(
        said,
        syntax=syntax,
        page_url=page_url,
        own_url=own_url(said, page_url),
        language=read_language(language),
        canonical=canonical,
        several=several,
    )


def read_object(
    said: Mapping[str, Any],
    *,
    syntax: Syntax,
    page_url: str | None,
    own_url: str | None,
    language: str | None,
    canonical: str | None,
    several: bool,
) -> Posting | Unreadable:
    """The same for an object that `postings.markup.plain` has made, whose own address is known already.

    `language` is what `postings.normalise.languages` made of the page's.
    """
    title = texts.line(said.get("title")) or texts.line(said.get("name"))
    organization = read_organization(said.get("hiringOrganization"))
    locations = read_locations(said.get("jobLocation"))
    description = _description(said)
    if title is None and sum(map(bool, (organization, locations, description.text))) < 2:
        return Unreadable("no title, and not two of organisation, description and place")
    language = read_language(said.get("inLanguage")) or language
    remote = _is_remote(said.get("jobLocationType"))
    return Posting(
        title=title,
        url=_url(own_url, page_url, canonical, several=several),
        organization=organization,
        identifier=read_identifier(said.get("identifier")),
        locations=locations,
        remote=remote,
        remote_regions=read_regions(said.get("applicantLocationRequirements")) if remote else (),
        employment_types=read_employment_types(said.get("employmentType")),
        salary=read_salary(said.get("baseSalary"), said.get("salaryCurrency")),
        date_posted=read_moment(said.get("datePosted"), language),
        valid_through=read_moment(said.get("validThrough"), language),
        description_text=description.text,
        description_html=description.html,
        language=language,
        direct_apply=_truth(said.get("directApply")),
        industry=texts.lines(said.get("industry")),
        skills=_requirement(said.get("skills")),
        education=_requirement(said.get("educationRequirements")),
        experience=_requirement(said.get("experienceRequirements")),
        syntax=syntax,
    )


def own_url(raw: Mapping[str, Any], page_url: str | None) -> str | None:
    """The address that the markup itself gives for the posting, absolute; None if it gives none."""
    return read_url(raw.get("url"), page_url) or read_url(raw.get("mainEntityOfPage"), page_url)


def _url(own: str | None, page_url: str | None, canonical: str | None, *, several: bool) -> str | None:
    if page_url is None:
        return (own or canonical) if several else (canonical or own)
    # Canonical links to another site or to the start page, and markup naming the employer's home page, are common.
    candidates = (own, canonical) if several else (canonical,)
    for candidate in candidates:
        if candidate == page_url:
            break
        if candidate and urls.same_site(candidate, page_url) and not _is_start_page(candidate):
            return candidate
    return page_url


def _is_start_page(url: str) -> bool:
    return "/" not in urls.key(url) and "?" not in urls.key(url)


def _description(said: Mapping[str, Any]) -> Description:
    description = read_description(said.get("description"))
    if description.text is None:
        parts = [said.get(key) for key in ("responsibilities", "qualifications", "jobBenefits")]
        if any(parts):
            return read_description(parts)
    return description


def _is_remote(value: object) -> bool:
    """`TELECOMMUTE` in any spelling (Google's JobPosting rules, `jobLocationType`)."""
    return any(
        short(text).strip().replace("_", "").replace("-", "").casefold() in ("telecommute", "remote", "fullyremote")
        for one in texts.each(value)
        if (text := texts.name(one))
    )


def _truth(value: object) -> bool | None:
    one = texts.first(value)
    if one is None or isinstance(one, bool):
        return one
    text = short(texts.line(one) or "").casefold()
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text)


def _requirement(value: object) -> str | None:
    """A requirement as text: given as text, as a credential, or as months of experience."""
    found: dict[str, None] = {}
    for one in texts.each(value):
        if isinstance(one, dict):
            text = plain(one.get("credentialCategory")) or texts.name(one) or plain(one.get("description"))
            months = texts.scalar(one.get("monthsOfExperience"))
            if text is None and months and months.strip().isdecimal() and len(months) < 5:
                text = f"{int(months)} months"
        else:
            text = plain(one)
        if text and not texts.is_null_like(text):
            found[text] = None
    return ", ".join(found)[:4_000] or None
