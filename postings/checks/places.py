"""Who hires, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from postings.checks.values import quoted, says_something, type_of
from postings.normalise import text as texts
from postings.posting import Posting
from postings.rules import Problem, problem

#: places of one posting that are told
_MOST = 10


def check_organization(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`hiringOrganization`."""
    organization = posting.organization if posting is not None else None
    value = texts.first(said.get("hiringOrganization"))
    if organization is None or organization.name is None:
        yield problem(
            "employer-missing",
            "/hiringOrganization/name" if isinstance(value, Mapping) else "/hiringOrganization",
            'there is no employer with a name; where it must not be told, say "confidential"',
        )
    elif not isinstance(value, Mapping):
        yield problem(
            "employer-is-text",
            "/hiringOrganization",
            'the employer is a text; write {"@type": "Organization", "name": …}',
        )
    elif (kind := type_of(value)) and kind in (
        "Place",
        "PostalAddress",
        "JobPosting",
        "Thing",
        "Text",
        "PropertyValue",
    ):
        yield problem(
            "employer-type", "/hiringOrganization/@type", f"the employer is a {kind}; make it an Organization"
        )


def check_places(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`jobLocation`, and what goes with remote jobs."""
    locations = posting.locations if posting is not None else ()
    remote = posting is not None and posting.remote
    regions = posting.remote_regions if posting is not None else ()
    if not locations and not (remote and regions):
        yield problem(
            "place-missing",
            "/jobLocation",
            "there is no place of work; for a remote job say jobLocationType and applicantLocationRequirements",
        )
    yield from _forms_of_places(said)
    several = len(locations) > 1
    for number, location in enumerate(locations[:_MOST]):
        path = f"/jobLocation/{number}/address" if several else "/jobLocation/address"
        if location.country is None:
            said_so = f": {quoted(location.text)} is none" if location.text else ""
            yield problem(
                "place-without-country",
                f"{path}/addressCountry",
                f"the place has no country that can be told{said_so}; give its code, as in DE",
            )
        elif location.locality is None and location.region is None and location.postal_code is None and not remote:
            yield problem(
                "place-without-locality", path, "the place is a whole country; give the town in addressLocality"
            )
    location_type, given = said.get("jobLocationType"), said.get("applicantLocationRequirements")
    if remote and not regions:
        yield problem(
            "remote-without-region",
            "/applicantLocationRequirements",
            'say from where one may apply: {"@type": "Country", "name": "DE"}',
        )
    if not remote and says_something(given):
        yield problem(
            "region-without-remote",
            "/applicantLocationRequirements",
            "it is for remote jobs only; add jobLocationType TELECOMMUTE or leave it out",
        )
    elif any(isinstance(one, str) for one in texts.each(given)):
        yield problem(
            "region-is-text",
            "/applicantLocationRequirements",
            'the region is a text; write {"@type": "Country", "name": …}',
        )
    if says_something(location_type) and "TELECOMMUTE" not in (texts.line(location_type) or ""):
        yield problem(
            "location-type-unknown",
            "/jobLocationType",
            f"{quoted(location_type)} is not TELECOMMUTE, the only value known; leave it out for a job on site",
        )


def _forms_of_places(said: Mapping[str, Any]) -> Iterator[Problem]:
    for one in texts.each(said.get("jobLocation")):
        if not isinstance(one, Mapping):
            if texts.line(one):
                yield problem("place-is-text", "/jobLocation", "the place is a text; make it a Place with an address")
                return
        elif isinstance(address := texts.first(one.get("address")), str) and texts.line(address):
            yield problem(
                "address-is-text",
                "/jobLocation/address",
                "the address is a text; make it a PostalAddress with addressLocality and addressCountry",
            )
            return
