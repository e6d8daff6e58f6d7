"""What is believed of a site, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from postings.lastmod import Lastmod
from postings.site_words import facts
from postings.sites import Health, Site, Source, SourceKind
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
