from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import candidate_lists, choose, cover, groups, sample
from crawler.listing import Entry
from crawler.pages import Link
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


@given(st.dictionaries(st.text(max_size=3), st.frozensets(st.integers(0, 20)), max_size=6))
def test_the_chosen_lists_name_all_that_any_list_names(lists: dict[str, frozenset[str]]) -> None:
    taken = cover(lists)
    assert frozenset().union(*(lists[url] for url in taken)) == frozenset().union(*lists.values())
    assert len(set(taken)) == len(taken)


def test_a_list_that_another_one_holds_is_not_chosen() -> None:
    assert cover({"start": frozenset("ab"), "all": frozenset("abcd")}) == ("all",)


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
