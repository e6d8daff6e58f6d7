"""What is kept with a site, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from postings.sites import Health, Site
from postings.sliding import Sliding
from postings.trust import Choice, Overrides, Standing, Trust
from tests.postings.making import NOW

SITE = Site(id=1, name="acme", start_url="https://acme.example/", host_key="acme.example", added_at=NOW)
SLIDING = Sliding(days=30, since=NOW - timedelta(days=9), until=NOW, visits=9)


@pytest.mark.parametrize(
    ("health", "believed"),
    [(Health(), True), (Health(ignores_valid_through=True), False), (Health(sliding=SLIDING), False)],
)
def test_dates_are_believed_unless_they_slide_or_most_are_past(health: Health, believed: bool) -> None:
    assert health.believes_dates is believed


def test_a_site_that_nobody_gave_a_schedule_is_visited_when_hirewatch_thinks_best() -> None:
    assert SITE.auto
    assert not replace(SITE, every=timedelta(hours=1)).auto
    assert not replace(SITE, cron="0 8 * * *").auto


def test_a_person_overrides_what_was_learnt() -> None:
    site = replace(SITE, trust=Trust(identifier=Standing.TRUSTED), overrides=Overrides(identifier=Choice.OFF))
    assert site.believed.identifier is Standing.DISTRUSTED
