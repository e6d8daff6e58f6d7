"""How a visit finds out which part of a host its site is."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.listing import Entry, Listed
from crawler.scope import WHOLE, Scope
from crawler.scoping import Scoping
from postings import urls
from postings.posting import Organization, Posting
from postings.sites import KnownPage

HOST = "https://jobs.example"


class Pages:
    """Pages with postings of these employers, by path."""

    def __init__(self, employers: Mapping[str, str | None], host: str) -> None:
        self.employers = employers
        self.host = host
        self.asked: list[str] = []

    async def peek(self, url: str) -> tuple[Any, ...]:
        path = url.removeprefix(self.host)
        self.asked.append(path)
        if path not in self.employers:
            return ()
        name = self.employers[path]
        organization = Organization(name=name) if name else None
        return (SimpleNamespace(posting=Posting(title="Cook", organization=organization)),)


def found(
    start: str,
    employers: Mapping[str, str | None],
    *,
    named: Collection[str] = (),
    others: Collection[str] = (),
    known: Collection[str] = (),
    chosen: str | None = None,
    before: Scope | None = None,
    host: str = HOST,
) -> tuple[Scope | None, list[str]]:
    """The scope that a visit finds, and the pages that it looks at. `named` by the start page, `others` hold no
    posting."""
    listed = Listed()
    for path in (*employers, *others):
        listed.add(Entry.of(host + path))
    pages = Pages(employers, host)
    scoping = Scoping(
        host + start,
        chosen=chosen,
        found=before,
        known={urls.key(HOST + path): KnownPage(url=HOST + path) for path in known},
        details=pages,  # type: ignore[arg-type]
        list_keys={urls.key(host + start)},
    )
    asyncio.run(scoping.decide(listed, {urls.key(host + path) for path in named}))
    return scoping.scope, pages.asked


def jobs(folder: str, employer: str | None, count: int = 4) -> dict[str, str | None]:
    return {f"{folder}/{number}": employer for number in range(count)}


def test_other_employers_elsewhere_on_the_host_narrow_the_site_to_its_path() -> None:
    scope, _ = found("/acme/", {**jobs("/acme/job", "Acme"), **jobs("/globex/job", "Globex")})
    assert scope == Scope("/acme")


def test_postings_of_the_same_employer_elsewhere_are_the_sites_own() -> None:
    scope, _ = found("/careers/", {**jobs("/careers", "Acme"), **jobs("/jobs", "ACME")})
    assert scope == WHOLE


def test_a_board_of_many_employers_is_all_of_its_host() -> None:
    own = {f"/jobs/{number}": f"Employer {number}" for number in range(4)}
    assert found("/jobs/", {**own, **jobs("/internships", "Another")})[0] == WHOLE


def test_without_employers_names_the_whole_host_stays() -> None:
    assert found("/acme/", {**jobs("/acme/job", None), **jobs("/globex/job", None)})[0] == WHOLE
    assert found("/acme/", {**jobs("/acme/job", "Acme"), **jobs("/globex/job", None)})[0] == WHOLE


def test_a_path_of_a_language_or_a_word_for_jobs_is_all_of_its_host_without_a_look() -> None:
    employers = {**jobs("/en/jobs", "Acme"), **jobs("/other/job", "Globex")}
    assert found("/en/jobs/", employers) == (WHOLE, [])


def test_a_host_that_is_called_like_the_employer_is_all_its_own() -> None:
    employers = {**jobs("/holding/job", "Acme Inc."), **jobs("/subsidiary/job", "Globex")}
    assert found("/holding/", employers)[0] == Scope("/holding")
    assert found("/holding/", employers, host="https://www.acme-group.example")[0] == WHOLE


@pytest.mark.parametrize("count", [2, 4])
def test_an_agency_is_all_of_its_host_whatever_client_its_list_shows_first(count: int) -> None:
    own = {f"/stellen/{number}": f"Client {number % 2}" for number in range(count)}
    others = {f"/stellen/{number}": f"Client {number}" for number in range(10, 40)}
    scope, _ = found("/bewerber/", {**own, **others}, named=own)
    assert scope == WHOLE


def test_one_posting_that_a_list_names_tells_no_employer() -> None:
    employers = {f"/stellen/{number}": f"Client {number}" for number in range(30)}
    assert found("/people/", employers, named=["/stellen/3"])[0] is None
    assert found("/company/client-3", employers, named=["/stellen/3"])[0] == Scope("/company/client-3", led=True)


def test_where_nothing_shows_postings_elsewhere_nothing_is_decided_yet() -> None:
    scope, asked = found("/acme/", jobs("/acme/job", "Acme"), others=["/about", "/blog/our-new-office"])
    assert scope is None
    assert len(asked) < 8


def test_what_was_seen_before_decides_nothing_and_costs_nothing() -> None:
    employers = {**jobs("/acme/job", "Acme"), **jobs("/globex/job", "Globex")}
    assert found("/acme/", employers, known=employers) == (None, [])


def test_new_postings_of_others_narrow_a_site_that_had_its_host_for_itself() -> None:
    own = jobs("/acme/job", "Acme")
    assert found("/acme/", {**own, **jobs("/globex/job", "Globex")}, known=own)[0] == Scope("/acme")


@pytest.mark.parametrize("start", ["/company/acme", "/job?company=acme"])
def test_where_no_posting_lies_below_the_path_the_list_there_says_which_are_its_own(start: str) -> None:
    own, others = {f"/job/{n}": "Acme" for n in (1, 2, 3)}, {f"/job/{n}": "Globex" for n in (4, 5, 6)}
    path = urls.below_host(urls.key(HOST + start))
    assert found(start, {**own, **others}, named=own)[0] == Scope(path, led=True)


def test_what_only_the_sitemap_names_is_the_sites_own_if_its_employer_is() -> None:
    own = {f"/job/{n}": "Acme" for n in range(6)}
    assert found("/careers", own, named=list(own)[:3])[0] == WHOLE


def test_the_folder_above_the_start_address_counts_where_the_postings_lie_there() -> None:
    employers = {**jobs("/acme/job", "Acme"), **jobs("/globex/job", "Globex")}
    assert found("/acme/careers", employers)[0] == Scope("/acme")


def test_a_person_decides_without_a_look_at_other_employers() -> None:
    own = {**jobs("/acme/job", "Acme"), **jobs("/globex/job", "Acme")}
    assert found("/acme/", own, chosen="/acme")[0] == Scope("/acme")
    assert found("/acme/", own, chosen="") == (WHOLE, [])


def test_a_person_may_choose_a_path_that_only_lists_lie_at() -> None:
    assert found("/acme/", jobs("/job", "Acme"), chosen="/acme")[0] == Scope("/acme", led=True)


def test_what_was_found_before_stays() -> None:
    assert found("/acme/", jobs("/globex/job", "Globex"), before=WHOLE) == (WHOLE, [])
