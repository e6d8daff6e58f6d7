"""Servers that misbehave: every visit ends soon, in little memory and with a verdict, and no posting closes by it.

`verdicts.txt` is what the visits say.
"""

from __future__ import annotations

import pytest

from postings.events import EventType
from postings.visits import Outcome
from tests.crawler.hostile.careers import JOBS
from tests.crawler.hostile.cases import CASES
from tests.crawler.hostile.verdicts import Trying, table

SECONDS = 20.0
MEGABYTES = 300
#: pages that say something else of a job, if only with odd characters
CHANGED = {"NUL bytes"}


@pytest.mark.parametrize("name", CASES)
def test_a_visit_of_a_hostile_site_ends_with_a_verdict_and_harms_nothing(trying: Trying, name: str) -> None:
    tried = trying.try_out(name)
    assert tried.during.error is None
    assert tried.during.seconds < SECONDS
    assert tried.during.megabytes < MEGABYTES
    assert tried.verdict == table()[name]
    assert tried.events.keys() <= ({EventType.CHANGED} if name in CHANGED else set())
    assert (tried.after.outcome, tried.after.read) == (Outcome.COMPLETE, len(JOBS))


def test_every_verdict_of_the_table_is_that_of_a_case() -> None:
    assert list(table()) == list(CASES)


def test_a_verdict_other_than_complete_says_why() -> None:
    assert [name for name, verdict in table().items() if verdict != "complete" and ": " not in verdict] == []
