"""An old address that leads to a page that nothing else is known of (C.4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from postings.decisions import Moved, New, Wait
from postings.identity import asked
from postings.keys import keys
from postings.posting import Organization, Posting
from postings.trust import Trust
from tests.postings.deciding import decide
from tests.postings.making import NOW, known, posting, sighting, text

LED = ("acme.example/jobs/welder",)


@pytest.mark.parametrize(
    "content",
    [
        posting("Senior Welder"),
        posting("Senior Welder", description_text=text("b")),
        posting("Senior Welder", date_posted=date(2026, 11, 20)),
        posting(
            "Senior Welder", date_posted=None, description_text=text("intro") + " " + text("a") + " " + text("end")
        ),
        posting(organization=Organization(name="Globex"), date_posted=None),
    ],
)
def test_a_posting_whose_old_address_leads_to_a_reworded_one_has_moved(content: Posting) -> None:
    old = known("acme.example/jobs/welder")
    seen = sighting("acme.example/jobs/senior", content, redirected_from=LED)
    assert decide(seen, old) == Moved(old)
    assert decide(seen, old, final=False) == Wait(old)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (posting("Cook", description_text=text("b"), date_posted=date(2026, 11, 20)), {}),
        (posting("Cook", town="Rome", description_text=text("b")), {}),
        (posting("Cook", organization=Organization(name="Globex")), {}),
        (posting("Schweißer", language="de"), {}),
        (posting("Senior Welder"), {"seen": True}),
        (posting("Senior Welder"), {"closed_at": NOW - timedelta(days=3)}),
    ],
)
def test_a_job_that_ended_may_lead_to_another_one(content: Posting, state: dict[str, Any]) -> None:
    old = known("acme.example/jobs/welder", posting(language="en"), **state)
    seen = sighting("acme.example/jobs/senior", content, redirected_from=LED)
    assert isinstance(decide(seen, old), New)


def test_another_trusted_identifier_contradicts_the_redirect() -> None:
    old = known("acme.example/jobs/welder", posting(value="R-1"))
    seen = sighting("acme.example/jobs/senior", posting("Senior Welder", value="R-2"), redirected_from=LED)
    assert isinstance(decide(seen, old), New)


def test_what_two_known_addresses_lead_to_is_neither() -> None:
    first = known("acme.example/jobs/welder", posting("Welder I"), name="p_1")
    second = known("acme.example/jobs/welder-2", posting("Welder II"), name="p_2")
    led = (*LED, "acme.example/jobs/welder-2")
    seen = sighting("acme.example/jobs/senior", posting("Senior Welder"), redirected_from=led)
    assert decide(seen, first, second) == New()


def test_the_addresses_that_led_here_are_looked_up() -> None:
    seen = keys(sighting("acme.example/jobs/senior"))
    assert asked(seen, Trust(), LED) == asked(seen, Trust()) | {("address", LED[0])}
