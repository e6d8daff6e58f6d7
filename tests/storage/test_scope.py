"""The part of a host that a person says a site is."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError
from storage import site_settings, sites, tables
from storage.engine import writing
from tests.storage.rows import NOW

SOURCE = {"kind": "sitemap", "urls": ["https://jobs.example/sitemap.xml"], "scope": "/acme", "led": False}


def watched(engine: Engine) -> int:
    """A site whose first visit was complete."""
    site = sites.add(engine, name="acme", start_url="https://jobs.example/acme/", every=None, now=NOW)
    with writing(engine) as connection:
        connection.execute(update(tables.sites).values(source=SOURCE, baseline_done=True))
    return site.id


@pytest.mark.parametrize("scope", ["", "/acme/jobs"])
def test_another_scope_is_a_new_beginning(engine: Engine, scope: str) -> None:
    with site_settings.changing(engine, watched(engine)) as change:
        change.set_scope(scope)
    site = sites.find(engine, "acme")
    assert (site.scope, site.source, site.baseline_done) == (scope, None, False)


def test_the_same_scope_again_changes_nothing(engine: Engine) -> None:
    site_id = watched(engine)
    with site_settings.changing(engine, site_id) as change:
        change.set_scope(None)
    site = sites.find(engine, "acme")
    assert site.source is not None
    assert (site.scope, site.source.scope, site.baseline_done) == (None, "/acme", True)


def test_a_site_can_be_added_with_its_scope(engine: Engine) -> None:
    sites.add(engine, name="acme", start_url="https://jobs.example/", every=None, now=NOW, scope="/acme")
    assert sites.find(engine, "acme").scope == "/acme"


def test_of_a_site_that_is_not_watched_nothing_is_set(engine: Engine) -> None:
    with pytest.raises(NotFoundError), site_settings.changing(engine, 7) as change:
        change.set_scope("/acme")
