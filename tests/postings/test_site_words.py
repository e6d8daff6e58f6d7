"""What is believed of a site, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postings.lastmod import Lastmod
from postings.site_words import facts
from postings.sites import Health, Site, Source, SourceKind
from postings.sliding import Sliding
from postings.trust import Choice, Figures, Measured, Overrides, Standing, Trust

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SITE = Site(id=1, name="acme", start_url="https://acme.example/", host_key="acme.example", added_at=NOW)
NOTHING = Measured(identifier=Figures(postings=0, carriers=0, values=0, conflicts=0), tokens=())


def said(site: Site, about: str, measured: Measured | None = NOTHING) -> tuple[str, ...]:
    return next(fact.lines for fact in facts(site, measured) if fact.about == about)


def test_of_a_new_site_nothing_is_known() -> None:
    assert [fact.about for fact in facts(SITE, NOTHING)] == [
        "source", "scope", "identifiers", "address ids", "lastmod", "dates", "patience",
    ]  # fmt: skip
    assert said(SITE, "source") == ("not worked out yet: the next visit does that",)
    assert said(SITE, "identifiers") == ("not used: no complete visit has shown any", "there are no open postings")


def test_a_person_is_told_apart_from_the_visits() -> None:
    site = replace(SITE, trust=Trust(identifier=Standing.TRUSTED), overrides=Overrides(identifier=Choice.OFF))
    assert said(site, "identifiers", None) == ("not trusted, because a person said so (the visits show: trusted)",)


def test_figures_say_why_and_are_left_out_where_nobody_measured() -> None:
    figures = Figures(postings=40, carriers=20, values=10, conflicts=3, samples=("ACME | R-1", "ACME | R-2"))
    lines = said(SITE, "identifiers", Measured(identifier=figures, tokens=()))
    assert lines[1] == "20 of 40 postings have one, 10 different, 30.0% in conflict (R-1, R-2)"
    assert lines[2] == "different jobs share one in 3 of 10; 2% is the most"
    assert len(said(SITE, "identifiers", None)) == 1


def test_a_token_without_a_place_is_said_not_to_be_used() -> None:
    site = replace(SITE, overrides=Overrides(token=Choice.ON))
    assert "no place is known, so it is not used: name one, such as path:-1" in said(site, "address ids")


def test_a_lastmod_is_told_with_its_tests_only_of_a_sitemap() -> None:
    source = Source(kind=SourceKind.SITEMAP, urls=("https://acme.example/sitemap.xml",))
    site = replace(SITE, source=source, health=Health(lastmod=Lastmod(clean_visits=1, lies=2)))
    first, second = said(site, "lastmod")
    assert first.startswith("not trusted yet: 1 of ")
    assert second == "2 pages had changed, ever, that it called unchanged"
    assert said(SITE, "lastmod") == ("not asked: the source is no sitemap",)


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health(), "validThrough is believed: a posting closes when it has passed"),
        (
            Health(ignores_valid_through=True),
            "validThrough is ignored: more than half of what the site lists is past it",
        ),
    ],
)
def test_whether_dates_are_believed_is_said(health: Health, words: str) -> None:
    assert said(replace(SITE, health=health), "dates") == (words,)


SITEMAP = Source(kind=SourceKind.SITEMAP, urls=("https://acme.example/sitemap.xml",))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (SourceKind.BOARD, "the public interface of its applicant tracking system: u, v"),
        (SourceKind.SITEMAP, "its sitemap: u, v"),
        (SourceKind.FEED, "a feed: u, v"),
        (SourceKind.LIST, "its list pages: u, v"),
        (SourceKind.PAGE, "the page that carries the postings: u, v"),
    ],
)
def test_a_source_is_told_with_its_addresses(kind: SourceKind, words: str) -> None:
    assert said(replace(SITE, source=Source(kind=kind, urls=("u", "v"))), "source") == (words,)


def test_what_else_is_known_of_a_source_is_told_line_by_line() -> None:
    source = replace(
        SITEMAP, reason="it names postings", shapes=("a/*", "b/*"), rejected=("c/*",), checks=("d",), feeds=("e", "f")
    )
    assert said(replace(SITE, source=source, render=True), "source")[1:] == (
        "because it names postings",
        "its pages are shown by a browser, which runs their scripts",
        "postings stand at a/*, b/*",
        "nothing stands at c/*",
        "checked against d: what they name counts, what they lack proves nothing",
        "new postings early from e, f; what these lack proves nothing",
    )


WHY = "because the postings elsewhere on acme.example are other employers'"


@pytest.mark.parametrize(
    ("scope", "source", "words"),
    [
        (None, None, ("all of acme.example so far: nothing has shown postings of other employers there",)),
        (None, SITEMAP, ("all of acme.example so far: nothing has shown postings of other employers there",)),
        (None, replace(SITEMAP, scope="/acme"), ("what lies below acme.example/acme", WHY)),
        (None, replace(SITEMAP, scope=""), ("all of acme.example",)),
        ("", replace(SITEMAP, scope="/acme"), ("all of acme.example, because a person said so",)),
        ("/x", None, ("what lies below acme.example/x, because a person said so",)),
        (
            None,
            replace(SITEMAP, scope="/acme", led=True),
            ("what the list pages at acme.example/acme name, wherever on acme.example that lies", WHY),
        ),
        (None, Source(kind=SourceKind.BOARD, urls=("u",)), ("what the board lists",)),
    ],
)
def test_the_scope_of_a_site_is_told_with_who_decided_it(
    scope: str | None, source: Source | None, words: tuple[str, ...]
) -> None:
    assert said(replace(SITE, scope=scope, source=source), "scope") == words


def test_tokens_are_told_for_the_three_best_places_and_where_they_are_read_from() -> None:
    site = replace(SITE, trust=Trust(token=Standing.TRUSTED, token_place="path:-1"))
    places = tuple(
        Figures(place=f"path:-{n}", postings=10, carriers=10, values=10, conflicts=0, samples=("4711",))
        for n in range(1, 5)
    )
    lines = said(site, "address ids", replace(NOTHING, tokens=places))
    assert lines[0] == "trusted, read from path:-1"
    assert lines[1] == "path:-1: 10 of 10 addresses have one, 10 different, 0.0% in conflict (4711)"
    assert len(lines) == 4
    assert said(site, "address ids") == ("trusted, read from path:-1", "no address of an open posting holds one")
    assert said(site, "address ids", None) == ("trusted, read from path:-1",)


def test_a_place_that_is_not_believed_says_why() -> None:
    few = Figures(place="path:-1", postings=10, carriers=4, values=3, conflicts=0)
    lines = said(SITE, "address ids", replace(NOTHING, tokens=(few,)))
    assert lines[1:] == (
        "path:-1: 4 of 10 addresses have one, 3 different, 0.0% in conflict ()",
        "path:-1: 40% is too few to go by; 80% is the least",
        "path:-1: too many share one: 75% are distinct, 90% is the least",
        "path:-1: fewer than 5 prove nothing",
    )
    none = Figures(postings=7, carriers=0, values=0, conflicts=0)
    assert said(SITE, "identifiers", replace(NOTHING, identifier=none))[1] == "none of 7 open postings has one"


def test_an_identifier_is_not_asked_to_cover_all_postings() -> None:
    some = Figures(postings=10, carriers=6, values=5, conflicts=0)
    assert len(said(SITE, "identifiers", replace(NOTHING, identifier=some))) == 2


def test_a_lastmod_that_never_lied_says_nothing_of_lies() -> None:
    trusted = replace(SITE, source=SITEMAP, health=Health(lastmod=Lastmod(clean_visits=3)))
    assert said(trusted, "lastmod") == ("trusted: 3 of 3 visits in a row found it true",)
    once = replace(trusted, health=Health(lastmod=Lastmod(lies=1)))
    assert said(once, "lastmod")[1] == "1 page had changed, ever, that it called unchanged"


def test_dates_that_slide_along_are_told_first() -> None:
    sliding = Sliding(days=30, since=NOW - timedelta(days=9), until=NOW, visits=9)
    site = replace(SITE, health=Health(sliding=sliding, ignores_valid_through=True))
    assert said(site, "dates") == ("validThrough is ignored: whenever the site is read it says in 30 days",)


def test_patience_is_told_with_its_beginning() -> None:
    assert said(SITE, "patience") == ("as usual: no closing has proven premature of late",)
    for raised, words in ((None, ""), (NOW, " at 2026-11-20 09:00:00Z")):
        site = replace(SITE, health=Health(patience=2, patience_raised_at=raised))
        assert said(site, "patience") == (
            f"a closing proved premature{words}: waits before a closing are 2 times as long, at most 48 h more",
        )
