from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import (
    Further,
    candidate_lists,
    choose,
    cover,
    further_lists,
    groups,
    lists_alike,
    own_jobs,
    sample,
)
from crawler.listing import Entry
from crawler.pages import Link
from crawler.sources.forms import FORM, SEARCH
from postings.sites import Source, SourceKind
from tests.crawler.answering import SITE

START = f"{SITE}/careers"


def entries(*paths: str) -> list[Entry]:
    return [Entry.of(SITE + path) for path in paths]


def chosen(*, in_sitemap: str = "", in_lists: str = "", on_start_page: int = 0) -> Source | None:
    """What is chosen where each letter stands for an address."""
    return choose(
        sitemaps=(f"{SITE}/sitemap.xml",),
        in_sitemap=frozenset(in_sitemap),
        lists=(START,),
        in_lists=frozenset(in_lists),
        start_url=START,
        on_start_page=on_start_page,
        shapes=("acme.example/jobs/*",),
        rejected=("acme.example/news/*",),
    )


def test_addresses_are_grouped_by_shape_those_that_speak_of_jobs_first() -> None:
    found = groups(entries(*(f"/news/{number}" for number in range(9)), "/jobs/1-welder", "/jobs/2-nurse", "/about"))
    assert [group.shape for group in found] == ["acme.example/jobs/*", "acme.example/news/*", "acme.example/about"]


def test_known_shapes_files_and_traps_are_left_out() -> None:
    found = groups(entries("/jobs/1", "/a.pdf", "/x/y/x/y/x/y", "/about"), without=["acme.example/jobs/*"])
    assert [group.shape for group in found] == ["acme.example/about"]


@given(st.integers(1, 500), st.integers(1, 20))
def test_a_sample_is_spread_over_the_group_and_holds_its_ends(count: int, size: int) -> None:
    [group] = groups(entries(*(f"/jobs/{number}" for number in range(1000, 1000 + count))))
    taken = sample(group, size)
    assert len(taken) == len({entry.url for entry in taken}) == min(count, size)
    assert taken[0] == group.entries[0]
    assert size == 1 or taken[-1] == group.entries[-1]


def test_the_sitemap_is_taken_where_it_covers_the_list() -> None:
    source = chosen(in_sitemap="abc", in_lists="ab")
    assert source is not None
    assert (source.kind, source.urls) == (SourceKind.SITEMAP, (f"{SITE}/sitemap.xml",))
    assert "names 3 addresses of postings and all 2" in source.reason


def test_the_list_is_taken_where_it_covers_the_sitemap() -> None:
    source = chosen(in_sitemap="a", in_lists="ab")
    assert source is not None
    assert (source.kind, source.urls) == (SourceKind.LIST, (START,))


def test_both_are_taken_where_neither_covers_the_other() -> None:
    source = chosen(in_sitemap="ab", in_lists="bc")
    assert source is not None
    assert source.urls == (f"{SITE}/sitemap.xml", START)
    assert "neither is enough alone" in source.reason


def test_the_start_page_is_taken_where_nothing_else_leads_to_postings() -> None:
    source = chosen(on_start_page=4)
    assert source is not None
    assert (source.kind, source.urls) == (SourceKind.PAGE, (START,))


def test_nothing_is_taken_where_there_is_nothing() -> None:
    assert chosen() is None


def test_what_was_tried_is_kept_with_the_source() -> None:
    source = chosen(in_lists="a")
    assert source is not None
    assert (source.shapes, source.rejected) == (("acme.example/jobs/*",), ("acme.example/news/*",))


@given(
    st.dictionaries(
        st.sampled_from(
            [START, f"{START}/it", f"{START}/hr", f"{START}/in/lyon", f"{START}/in/graz", f"{START}/in/oslo"]
        ),
        st.frozensets(st.sampled_from([f"acme.example/jobs/{n}" for n in range(20)])),
        max_size=6,
    )
)
def test_the_chosen_lists_name_all_that_any_list_names(lists: dict[str, frozenset[str]]) -> None:
    taken = cover(lists)
    assert frozenset().union(*(lists[url] for url in taken)) == frozenset().union(*lists.values())
    assert len(set(taken)) == len(taken)


def test_a_small_list_leaves_no_other_out_that_names_the_same() -> None:
    postings = frozenset({"acme.example/careers/jobs/1", "acme.example/careers/jobs/2"})
    lists = {START: postings, f"{START}/more": frozenset(), f"{START}/jobs": postings}
    assert cover(lists) == (f"{START}/jobs", START)


def test_of_large_lists_that_name_the_same_one_is_enough() -> None:
    postings = frozenset(f"acme.example/careers/jobs/{number}" for number in range(51))
    assert cover({START: postings, f"{START}/jobs": postings}) == (f"{START}/jobs",)


def test_a_list_that_another_one_holds_is_not_chosen() -> None:
    assert cover({"start": frozenset("ab"), "all": frozenset("abcd")}) == ("all",)


def test_where_no_list_names_all_those_of_one_shape_are_taken_together() -> None:
    departments = {f"{START}/in/{name}": frozenset(named) for name, named in (("it", "ab"), ("hr", "cd"), ("law", ""))}
    places = {f"{START}/place/at/lyon": frozenset("ac"), f"{START}/place/at/graz": frozenset("b")}
    assert set(cover({START: frozenset(), **departments, **places})) == set(departments)


def test_of_very_many_lists_of_one_shape_those_that_name_nothing_are_left_out() -> None:
    lists = {f"{START}/in/{number}": frozenset({f"job {number}"} if number else ()) for number in range(40)}
    assert set(cover(lists)) == {url for url, named in lists.items() if named}


def test_pages_of_the_shape_of_a_list_are_alike() -> None:
    links = [Link(f"{START}/in/hr"), Link(f"{START}/in/it"), Link(f"{SITE}/about/us/it"), Link(f"{START}/7")]
    lists = [START, f"{START}/in/law"]
    assert lists_alike(links, START, lists=lists, without=["acme.example/careers/*"]) == [
        link.url for link in links[:2]
    ]
    assert lists_alike(links, START, lists=[START], without=()) == []


def test_links_with_a_word_for_jobs_may_be_lists() -> None:
    links = [
        Link(url=f"{SITE}/about"),
        Link(url=f"{SITE}/careers/stellenangebote"),
        Link(url=f"{SITE}/x", text="Vacancies"),
        Link(url=f"{SITE}/jobs/1"),
        Link(url="https://evil.example/jobs"),
        Link(url=START),
    ]
    assert candidate_lists(links, START, without=["acme.example/jobs/*"]) == [
        f"{SITE}/x",
        f"{SITE}/careers/stellenangebote",
    ]


def test_addresses_for_machines_are_no_candidates_for_lists() -> None:
    said = f"{SITE}/wp-json/oembed/1.0/embed?url=https%3A%2F%2Facme.example%2Fjobs"
    links = [Link(said, tag="link", rel=frozenset({"alternate"})), Link(f"{SITE}/jobs", "Jobs")]
    assert candidate_lists(links, f"{SITE}/", without=()) == [f"{SITE}/jobs"]


def test_five_addresses_of_one_shape_with_ids_look_like_jobs_of_the_sites_own() -> None:
    jobs = [f"{SITE}/careers/openings/{number}" for number in range(4001, 4006)]
    others = [f"{SITE}/news/{number}" for number in range(100, 140)] + ["https://else.example/careers/openings/7"]
    assert own_jobs(map(Link, [*others, *jobs]), START) == jobs
    assert own_jobs(map(Link, [*others, *jobs[:4]]), START) == []


def test_pages_about_working_somewhere_do_not_look_like_jobs_of_the_sites_own() -> None:
    about = ["how-we-hire", "benefits", "our-teams", "locations", "students", "values"]
    assert own_jobs([Link(f"{SITE}/careers/{name}") for name in about], START) == []


def further(*links: Link, lists: tuple[str, ...] = ()) -> list[Further]:
    return further_lists(
        links,
        START,
        lists=lists,
        named=["acme.example/careers/jobs/1"],
        without=["acme.example/careers/jobs/*"],
    )


@pytest.mark.parametrize(
    "text",
    ["View all jobs", "All open positions", "Alle Stellen", "Toutes nos offres", "Todas las ofertas", "Alle vacatures",
     "Wszystkie oferty", "Alla lediga jobb", "Tutte le offerte di lavoro", "Všechny volné pozice"],
)  # fmt: skip
def test_a_link_to_all_jobs_leads_to_a_fuller_list(text: str) -> None:
    assert further(Link(f"{SITE}/x", text)) == [Further(f"{SITE}/x", says_all=True)]


def test_the_folder_of_the_postings_is_a_fuller_list_whatever_its_link_says() -> None:
    assert further(Link(f"{SITE}/careers/jobs", "Discover")) == [Further(f"{SITE}/careers/jobs", says_all=False)]


def test_pages_of_the_form_of_a_list_are_lists_too() -> None:
    known = (f"{SITE}/departments/1-sales",)
    assert further(Link(f"{SITE}/departments/2-legal", "Legal"), lists=known) == [
        Further(f"{SITE}/departments/2-legal", says_all=False)
    ]


@pytest.mark.parametrize(
    "link",
    [
        Link(f"{SITE}/news", "View all news"),
        Link(f"{SITE}/careers/jobs/2", "All jobs are great: Welder"),
        Link(f"{SITE}/about", "About our jobs"),
        Link("https://other.example/jobs", "All jobs"),
        Link(f"{SITE}/jobs.pdf", "All jobs"),
        Link(f"{SITE}/x", "All jobs", tag="link"),
        Link(f"{SITE}/blog", "Of all the things that we learnt about work and jobs in the last few years"),
    ],
)
def test_other_links_lead_to_no_fuller_list(link: Link) -> None:
    assert further(link) == []


@pytest.mark.parametrize("text", ["Past vacancies", "Archive", "Expired jobs", "Abgelaufene Stellen"])
def test_an_archive_is_no_list_of_postings(text: str) -> None:
    link = Link("https://acme.example/jobs/old", text)
    assert candidate_lists([link], "https://acme.example/", without=()) == []
    named = ["acme.example/jobs/old/1"]
    assert further_lists([link], "https://acme.example/", lists=(), named=named, without=()) == []


@pytest.mark.parametrize(
    "link",
    [
        Link(f"{SITE}/jobs/x", "Archiv & Bibliothek"),
        Link(f"{SITE}/jobs/closed-captioning", "Captioning jobs"),
        Link(f"{SITE}/jobs/x", "Past & Pastry"),
        Link(f"{SITE}/jobs/x", "Jobs in Archive & Library"),
        Link(f"{SITE}/jobs/archive-library", "Library"),
    ],
)
def test_a_department_is_no_archive_for_a_word_in_its_name(link: Link) -> None:
    assert candidate_lists([link], f"{SITE}/", without=()) == [link.url]


@pytest.mark.parametrize(
    "link",
    [
        Link(f"{SITE}/jobs/archive.html", "Older ones"),
        Link(f"{SITE}/jobs/past-vacancies/", "See"),
        Link(f"{SITE}/jobs?status=closed", "See"),
        Link(f"{SITE}/jobs/x", "Archive of jobs"),
        Link(f"{SITE}/jobs/x", "Vacantes cerradas"),
    ],
)
def test_an_archive_is_told_by_its_address_or_its_link(link: Link) -> None:
    assert candidate_lists([link], f"{SITE}/", without=()) == []


def test_beside_lists_of_its_form_an_archive_is_a_department() -> None:
    links = [Link(f"{START}/in/archive", "Archive"), Link(f"{START}/in/x", "Past vacancies")]
    two = [f"{START}/in/law", f"{START}/in/hr"]
    assert lists_alike(links, START, lists=two, without=()) == [links[0].url]
    assert lists_alike(links, START, lists=two[:1], without=()) == []
    assert further(*links, lists=tuple(two)) == [Further(links[0].url, says_all=False)]
    assert further(*links, lists=tuple(two[:1])) == []


def test_where_a_form_leads_is_no_list() -> None:
    links = [Link(f"{START}/in/it", "All jobs", tag=FORM)]
    assert candidate_lists(links, START, without=()) == []
    assert lists_alike(links, START, lists=[f"{START}/in/law"], without=()) == []
    assert further(*links) == []


def test_a_form_to_look_for_jobs_leads_to_a_list() -> None:
    link = Link("https://acme.example/stellenangebote", "", tag=SEARCH)
    assert candidate_lists([link], "https://acme.example/", without=()) == [link.url]
