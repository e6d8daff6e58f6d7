"""Many postings of one site that share what they are known by: what is looked at stays little, and nothing moves by
chance."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import Engine

from postings import identity
from postings.keys import keys
from postings.posting import Posting
from postings.trust import Standing, Trust
from postings.urls import tokens
from postings.visits import Absence
from storage import candidates
from storage.candidates import MOST_ALIKE, Candidates
from storage.engine import reading
from tests.postings.making import sighting, text
from tests.storage.watching import Watch, a_job

CROWD = MOST_ALIKE + 20


def alike(number: int) -> Posting:
    """One of many with the same title, organisation and place; only the text differs."""
    return a_job("Welder", identifier=None, description_text=text(f"of{number}x"))


def crowd(size: int) -> dict[str, Posting]:
    return {f"/jobs/{1000 + number}": alike(number) for number in range(size)}


def looked_at(
    watch: Watch, address: str, posting: Posting, *, visit: str = "v_none", trust: Trust | None = None
) -> Candidates:
    known_by = keys(sighting(address, posting))
    with reading(watch.engine) as connection:
        asked = identity.asked(known_by, trust or watch.current().believed)
        return candidates.candidates(connection, watch.site.id, visit, asked)


def test_what_all_addresses_of_a_site_have_is_no_reason_to_look_at_all_its_postings(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/careers2024/jobs/{1000 + number}": a_job(f"Welder {number}") for number in range(9)}
    assert set(tokens("https://acme.example/careers2024/jobs/1000").values()) == {"1000", "careers2024"}
    watch.visit()
    assert not looked_at(watch, "acme.example/careers2024/jobs/2000", a_job("Pilot")).stored
    believed = Trust(identifier=Standing.DISTRUSTED, token=Standing.TRUSTED, token_place="path:-3")
    assert len(looked_at(watch, "acme.example/careers2024/jobs/2000", a_job("Pilot"), trust=believed).stored) == 9


def test_of_very_many_with_one_title_and_place_those_seen_last_are_looked_at(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = crowd(CROWD)
    watch.visit()
    seen = crowd(CROWD // 2)
    watch.later(hours=6).visit(only=seen)
    found = looked_at(watch, "acme.example/jobs/9999", alike(9999))
    assert len(found.stored) == MOST_ALIKE
    assert {f"acme.example{path}" for path in seen} <= {stored.page for stored in found.stored.values()}
    assert found.crowded == {("print", keys(sighting("acme.example/x", alike(1))).print)}


def test_a_posting_is_known_at_its_address_however_many_are_like_it(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = crowd(CROWD)
    watch.visit()
    before = len(watch.events())
    watch.pages = {path: replace(one, employment_types=("full-time",)) for path, one in watch.pages.items()}
    watch.batch = CROWD
    watch.later(hours=6).visit()
    assert {event.type for event in watch.events()[before:]} <= {"changed"}
    assert len(watch.open()) == CROWD


@pytest.mark.parametrize(("size", "moved"), [(20, True), (CROWD, False)])
def test_where_more_have_left_than_are_looked_at_none_of_them_is_held_to_have_moved(
    engine: Engine, size: int, moved: bool
) -> None:
    watch = Watch(engine)
    watch.pages = crowd(size)
    watch.visit()
    before = len(watch.events())
    gone = dict.fromkeys(watch.pages, Absence.NOT_FOUND)
    # whether another one that is not looked at says the same, nobody knows
    watch.pages = {"/new/1": alike(3)}
    watch.later(hours=6).visit(looks=gone)
    opened = [event for event in watch.events()[before:] if event.type == "opened"]
    assert len(opened) == (0 if moved else 1)


def test_a_flood_of_postings_alike_is_looked_at_in_part(engine: Engine) -> None:
    watch = Watch(engine, batch=5, rng=Random(1))
    watch.pages = crowd(1) | {"/about": a_job("Pilot")}
    watch.visit()
    watch.pages |= crowd(CROWD)
    watch.later(hours=6).visit()
    assert len(watch.open()) == CROWD + 1
