"""Kept responses where the visit that kept them has died: the next one rests on them, and so does a replay."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from scheduler.protocol import WorkerSettings
from storage import events, visits
from tests.chaos.conftest import OpenHouse
from tests.chaos.world import House
from tests.end_to_end.house import House as CommandLine


def die_with_an_opening_recorded(house: House) -> None:
    """A job opens; a visit records that, and dies before it is concluded."""
    before = events.last(house.engine)
    house.site.open()
    for step in itertools.count(1):
        house.nursery.start(rounds=1, die_at=step)
        assert house.nursery.end() != 0
        if events.last(house.engine) > before:
            assert visits.recent(house.engine, None, 1)[0].outcome is None
            return


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_opening_that_a_visit_recorded_before_it_died_is_replayed_with_the_next_visit(
    open_house: OpenHouse, settings: WorkerSettings, tmp_path: Path
) -> None:
    house = open_house(settings, 4, 1)
    house.nursery.start(rounds=1)
    assert house.nursery.end() == 0
    die_with_an_opening_recorded(house)
    house.nursery.start(rounds=1)
    assert house.nursery.end() == 0

    told = CommandLine(tmp_path / "home", DATABASE=settings.database).document("replay", "acme")

    assert told["visits"] == 2
    assert (told["same"], told["differences"], told["lacking"]) == (1, [], [])
