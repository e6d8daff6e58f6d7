"""When a site needs a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from postings.sites import Health, Site
from postings.verdicts import STOPPED_VISIT
from postings.visits import Outcome, VisitSummary
from postings.wording import attention

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SITE = Site(id=1, name="acme", start_url="https://acme.example/", host_key="acme.example", added_at=NOW)


def visit(outcome: Outcome, reason: str | None = None) -> VisitSummary:
    return VisitSummary(id="v_1", site="acme", started_at=NOW, ended_at=NOW, outcome=outcome, reason=reason)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.PARTIAL, Outcome.SUSPECT])
def test_a_visit_that_ended_badly_needs_a_person(outcome: Outcome) -> None:
    assert attention(SITE, visit(outcome, "the list was cut")) == f"the last visit was {outcome}: the list was cut"


def test_a_visit_that_was_stopped_by_whoever_runs_hirewatch_needs_nobody() -> None:
    assert attention(SITE, visit(Outcome.PARTIAL, STOPPED_VISIT)) is None


def test_what_the_health_of_a_site_says_needs_a_person_whatever_its_last_visit_was() -> None:
    ill = replace(SITE, health=Health(attention="is it gone?"))
    assert attention(ill, visit(Outcome.COMPLETE)) == "is it gone?"
