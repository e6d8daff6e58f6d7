"""The visits as they are shown."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError
from postings.visits import Outcome, VisitSummary
from storage import visits
from tests.storage.rows import HOUR, NOW, add_site, add_visit


def test_a_visit_is_shown_with_its_site_and_its_length(engine: Engine) -> None:
    site = add_site(engine)
    add_visit(
        engine,
        site,
        "v_1",
        NOW,
        ended_at=NOW + HOUR,
        outcome="suspect",
        reason="too few",
        listed=120,
        answers={"2xx": 118, "none": 2},
        bytes=2**40,
        notes=["one", "two"],
    )
    assert visits.find(engine, "v_1") == VisitSummary(
        id="v_1",
        site="acme",
        started_at=NOW,
        ended_at=NOW + HOUR,
        outcome=Outcome.SUSPECT,
        reason="too few",
        listed=120,
        answers={"2xx": 118, "none": 2},
        bytes=2**40,
        seconds=3600.0,
        notes=("one", "two"),
    )


def test_a_visit_that_runs_has_no_outcome_yet(engine: Engine) -> None:
    add_visit(engine, add_site(engine), "v_1", NOW)
    running = visits.find(engine, "v_1")
    assert (running.ended_at, running.outcome, running.seconds) == (None, None, 0.0)


@pytest.mark.parametrize("visit_id", ["v_2", "", "\0", "\udfff"])
def test_an_unknown_visit_is_not_found(engine: Engine, visit_id: str) -> None:
    add_visit(engine, add_site(engine), "v_1")
    with pytest.raises(NotFoundError):
        visits.find(engine, visit_id)


def test_the_newest_visits_come_first(engine: Engine) -> None:
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    for number, site in enumerate((acme, other, acme, acme)):
        add_visit(engine, site, f"v_{number}", NOW + number * HOUR)
    assert [visit.id for visit in visits.recent(engine, None, 3)] == ["v_3", "v_2", "v_1"]
    assert [visit.id for visit in visits.recent(engine, acme.id, 9)] == ["v_3", "v_2", "v_0"]


def test_when_the_newest_visit_began(engine: Engine) -> None:
    assert visits.last_begun(engine) is None
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    for number, site in enumerate((acme, other, acme)):
        add_visit(engine, site, f"v_{number}", NOW + number * HOUR)
    assert visits.last_begun(engine) == NOW + 2 * HOUR
