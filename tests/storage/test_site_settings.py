"""What a person decides about a site is kept whole, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError
from postings.trust import Choice, Overrides
from storage import site_settings, sites
from tests.storage.rows import NOW


def watched(engine: Engine) -> int:
    return sites.add(engine, name="acme", start_url="https://acme.example/", every=None, now=NOW).id


def test_several_settings_count_together(engine: Engine) -> None:
    overrides = Overrides(identifier=Choice.OFF)
    with site_settings.changing(engine, watched(engine)) as change:
        change.set_every(timedelta(hours=6), now=NOW)
        change.set_requests_a_day(500)
        change.set_render(True)
        change.set_scope("/jobs")
        change.set_overrides(overrides)
    site = sites.find(engine, "acme")
    assert (site.every, site.requests_a_day) == (timedelta(hours=6), 500)
    assert (site.render, site.scope, site.overrides) == (True, "/jobs", overrides)


def test_a_change_that_ends_in_the_middle_changes_nothing(engine: Engine) -> None:
    site_id = watched(engine)
    before = sites.find(engine, "acme")

    def change_and_fail() -> None:
        with site_settings.changing(engine, site_id) as change:
            change.set_every(timedelta(hours=6), now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert sites.find(engine, "acme") == before


def test_of_a_site_that_is_not_there_nothing_can_be_set(engine: Engine) -> None:
    for name, value in (("requests_a_day", 5), ("render", True), ("scope", ""), ("overrides", Overrides())):
        with pytest.raises(NotFoundError), site_settings.changing(engine, 99) as change:
            getattr(change, f"set_{name}")(value)
