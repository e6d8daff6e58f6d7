"""What passes between the service and its workers comes back as it was."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.visits import Outcome, VisitSummary
from scheduler.protocol import Done, Fate, Order, WorkerSettings

numbers = st.integers(0, 2**53)
times = st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1))
summaries = st.builds(
    VisitSummary,
    id=st.text(),
    site=st.text(),
    started_at=times,
    ended_at=st.none() | times,
    outcome=st.none() | st.sampled_from(Outcome),
    reason=st.none() | st.text(),
    baseline=st.booleans(),
    listed=numbers,
    bytes=numbers,
    seconds=st.floats(0, 1e9),
    notes=st.lists(st.text()).map(tuple),
)


@given(st.builds(Done, site=numbers, fate=st.sampled_from(Fate), summary=st.none() | summaries, problem=st.text()))
def test_an_answer_is_one_line_and_comes_back_as_it_was(done: Done) -> None:
    line = done.to_json()

    assert "\n" not in line
    assert Done.from_json(line) == done


@given(
    st.builds(
        WorkerSettings,
        database=st.text(),
        delay=st.floats(0, 100),
        allow_addresses=st.lists(st.text()).map(tuple),
        user_agent=st.none() | st.text(),
    )
)
def test_settings_are_one_line_and_come_back_as_they_were(settings: WorkerSettings) -> None:
    line = settings.to_json()

    assert "\n" not in line
    assert WorkerSettings.from_json(line) == settings


@given(st.builds(Order, numbers, st.text()))
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    assert Order.from_json(order.to_json()) == order


@pytest.mark.parametrize("line", ["", "x", "1", "[]", "{}", '{"site": 1}', '{"site": true, "name": "acme"}'])
def test_a_line_that_is_no_order_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"no site in the order|Expecting value"):
        Order.from_json(line)


def test_the_service_loads_neither_the_crawler_nor_a_parser() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import scheduler.service, sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert not {"scrapy", "twisted", "extruct", "lxml", "crawler"} & set(loaded)
