from __future__ import annotations

from dataclasses import replace
from typing import Any

from crawler.pages import Reading, ReadPosting
from crawler.sighted import canonical_of, disagree, page_read, sight
from postings.posting import Location, Organization, Posting
from postings.sightings import Sighting
from tests.crawler.answering import SITE, answer

URL = f"{SITE}/jobs/1234-welder"


def read(title: str = "Welder", own_url: str | None = None, city: str = "Berlin") -> ReadPosting:
    posting = Posting(title=title, organization=Organization(name="Acme"), locations=(Location(locality=city),))
    return ReadPosting(posting=posting, raw="{}", own_url=own_url)


def canonical(link: str | None, url: str = URL, lists: tuple[str, ...] = ()) -> str | None:
    return canonical_of(Reading(url=url, canonical=link), url, SITE, lists.__contains__)


def see(*postings: ReadPosting, url: str = URL, listed: tuple[str, ...] = (), **options: Any) -> list[Sighting]:
    page = page_read(answer(url))
    options.setdefault("canonical", None)
    return sight(Reading(url=url, postings=postings), page, start_url=SITE, is_listed=listed.__contains__, **options)


def test_a_canonical_link_on_the_site_stands_for_the_posting() -> None:
    assert canonical(f"{SITE}/en/jobs/1234-welder") == f"{SITE}/en/jobs/1234-welder"


def test_a_canonical_link_elsewhere_or_to_a_list_or_home_does_not() -> None:
    assert canonical("https://board.example/jobs/1234-welder") is None
    assert canonical(f"{SITE}/jobs", url=f"{SITE}/jobs/welder", lists=("acme.example/jobs",)) is None
    assert canonical(f"{SITE}/", url=f"{SITE}/jobs/welder") is None
    assert canonical(None) is None


def test_a_canonical_link_without_the_id_of_the_address_does_not() -> None:
    assert canonical(f"{SITE}/job", url=f"{SITE}/job?id=4711") is None
    assert canonical(f"{SITE}/jobs/detail") is None


def test_one_posting_has_the_address_of_its_page() -> None:
    [sighting] = see(read(own_url="https://acme.example/somewhere/else"))
    assert (sighting.address, sighting.posting.url) == ("acme.example/jobs/1234-welder", URL)


def test_one_posting_has_the_canonical_address_where_there_is_one() -> None:
    [sighting] = see(read(), canonical=f"{SITE}/en/jobs/1234")
    assert (sighting.address, sighting.posting.url) == ("acme.example/en/jobs/1234", f"{SITE}/en/jobs/1234")


def test_several_postings_have_their_own_addresses_where_these_are_unique_and_on_the_site() -> None:
    sightings = see(
        read("Welder", own_url=f"{SITE}/jobs/1"),
        read("Nurse", own_url=f"{SITE}/jobs/2"),
        read("Cook", own_url=f"{SITE}/jobs/3"),
        read("Baker", own_url=f"{SITE}/jobs/3"),
        read("Driver", own_url="https://board.example/9"),
        read("Clerk"),
        url=f"{SITE}/jobs",
    )
    found = {sighting.posting.title: sighting.address for sighting in sightings}
    assert found == {
        "Welder": "acme.example/jobs/1", "Nurse": "acme.example/jobs/2",
        "Cook": None, "Baker": None, "Driver": None, "Clerk": None,
    }  # fmt: skip


def test_a_posting_of_several_that_has_a_page_of_its_own_is_left_to_it() -> None:
    sightings = see(read("Welder"), read("Nurse", own_url=f"{SITE}/jobs/2"), listed=("acme.example/jobs/2",))
    assert [sighting.posting.title for sighting in sightings] == ["Welder"]


def test_a_page_that_shows_its_posting_with_those_of_other_pages_is_the_address_of_its_own() -> None:
    sightings = see(read("Welder", own_url=URL), read("Nurse", own_url=f"{SITE}/jobs/2"))
    assert [sighting.address for sighting in sightings] == ["acme.example/jobs/1234-welder", "acme.example/jobs/2"]


def test_a_page_is_no_address_where_others_of_its_postings_have_none_of_their_own() -> None:
    sightings = see(read("Welder", own_url=URL), read("Nurse"))
    assert [sighting.address for sighting in sightings] == [None, None]


def test_the_same_posting_twice_on_a_page_is_one_sighting() -> None:
    twice = read()
    other = replace(twice, posting=replace(twice.posting, syntax="microdata"))
    assert [sighting.address for sighting in see(twice, other)] == ["acme.example/jobs/1234-welder"]


def test_pages_disagree_where_title_or_place_differ() -> None:
    assert not disagree([read()], [read("WELDER")])
    assert disagree([read()], [read("Nurse")])
    assert disagree([read()], [read(city="Oslo")])


def test_a_page_remembers_where_it_was_redirected_from() -> None:
    page = page_read(answer(URL, hops=(f"{SITE}/old/1", f"{SITE}/jobs/1234-welder?utm_source=x")))
    assert page.redirected_from == ("acme.example/old/1",)


def test_the_posting_without_an_address_among_those_of_other_pages_is_the_pages_own() -> None:
    rows = (read("Nurse", own_url=f"{SITE}/jobs/2"), read("Cook", own_url=f"{SITE}/jobs/3"))
    sightings = see(read("Welder"), *rows, listed=("acme.example/jobs/2", "acme.example/jobs/3"))
    assert [(one.posting.title, one.address) for one in sightings] == [("Welder", "acme.example/jobs/1234-welder")]


def test_on_a_list_it_has_no_address() -> None:
    sightings = see(read("Welder"), read("Nurse", own_url=f"{SITE}/jobs/2"), is_list=True)
    assert [one.address for one in sightings] == [None, "acme.example/jobs/2"]


def test_of_several_postings_without_addresses_the_one_in_the_heading_is_the_pages_own() -> None:
    def shown(heading: str | None, *, is_list: bool = False) -> dict[str | None, str | None]:
        reading = Reading(url=URL, heading=heading, postings=(read("Welder"), read("Cook"), read("Nurse")))
        page = page_read(answer(URL))
        sightings = sight(reading, page, start_url=SITE, canonical=None, is_listed=lambda _: False, is_list=is_list)
        return {one.posting.title: one.address for one in sightings}

    assert shown("WELDER") == {"Welder": "acme.example/jobs/1234-welder", "Cook": None, "Nurse": None}
    assert set(shown("Open positions").values()) == {None}
    assert set(shown("Welder", is_list=True).values()) == {None}
