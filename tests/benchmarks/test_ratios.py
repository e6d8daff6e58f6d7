"""The cheap ratios of the benchmarks, held to twice the figures of `docs/performance.md`: a guard against what makes
something several times slower, not a measurement. Each is the median of turns of two things on the same machine.
"""

from __future__ import annotations

import pytest

from benchmarks import reading, start, storage
from postings.sightings import Sighting

#: twice the figures of docs/performance.md
HELP = 0.52
NEW = 16.0
UNCHANGED = 1.0
SAME = 1.1
ROOM = 6.0
TICK = 3.0
NORMALISED = 9.0


@pytest.fixture(scope="module")
def seen() -> list[Sighting]:
    return storage.invented(100)


def test_the_help_page_starts_in_a_part_of_scrapy_list() -> None:
    assert start.ratios(3, ["hirewatch --help"])["hirewatch --help"] < HELP


def test_new_postings_cost_a_few_times_their_rows(seen: list[Sighting]) -> None:
    assert storage.new(seen, 3)[0] < NEW


def test_postings_that_are_as_they_were_cost_less_than_row_by_row(seen: list[Sighting]) -> None:
    _, same, alike = storage.unchanged(seen, 5)
    assert same < UNCHANGED
    assert alike < SAME


def test_a_posting_takes_a_few_times_its_text(seen: list[Sighting]) -> None:
    room = storage.room(seen)
    assert sum(room.tables.values()) < ROOM * room.text
    assert room.tables["postings"] < 0.5 * room.text
    assert room.tables["contents"] < 1.3 * room.text


def test_a_page_with_a_posting_is_read_in_a_few_parses() -> None:
    marked = [sample for sample in reading.samples(None) if sample.marked][:6]
    (ratio,) = reading.compare(marked, reading.bare, [reading.normalise], 9)
    assert ratio.whole < NORMALISED


def test_a_tick_costs_the_same_with_ten_times_the_sites() -> None:
    """Growth with the number of sites would be ten times; an index makes it none."""
    assert storage.ticks(200, 2_000, 15)[0] < TICK
