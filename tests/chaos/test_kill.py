"""SIGKILL in the middle of visits and deliveries: the log stays whole, every event arrives, and nothing else
happens."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from scheduler.protocol import WorkerSettings
from storage import events
from tests.chaos import checker
from tests.chaos.conftest import OpenHouse
from tests.chaos.world import House, doubled, for_webhooks, in_order, until
from tests.end_to_end.house import House as CommandLine

#: decides the moments and the employer's deeds, as far as two processes allow
SEED = int(os.environ.get("CHAOS_SEED", "20261125"))
#: deeds of a day, and deaths; then the work is done, and both houses have to stand alike
DEEDS, DEATHS = 5, 5
#: a day's worth of seconds at the worst; a hang ends here, a slow machine does not
PATIENCE = 120


class Days:
    """Lives through the days of two houses, and counts."""

    def __init__(self, shaken: House, calm: House) -> None:
        self.shaken = shaken
        self.calm = calm
        self.kills = 0
        self.in_visits = 0
        self.under_way = 0
        self.differences = 0

    def begin(self, deeds: int) -> None:
        """The employers work; the calm house takes notice."""
        self.shaken.employer.work(deeds)
        self.calm.employer.work(deeds)
        self.calm.nursery.start(rounds=1)

    def died(self) -> str:
        """The victim is dead, and what it left is whole; returns its last words."""
        words = self.died_or_done()
        assert words is not None
        return words

    def died_or_done(self) -> str | None:
        """The same; None if the victim has done its work before anything killed it."""
        end, words = self.shaken.nursery.end(), self.shaken.nursery.told()
        assert end in (0, -signal.SIGKILL)
        if end == 0:
            return None
        self.kills += 1
        assert checker.violations(self.shaken.engine) == [], self._where()
        due, received = for_webhooks(self.shaken.engine, until_cursor=True), set(self.shaken.receiver.received)
        assert due <= received, self._where()
        assert len(received - due) <= 1, self._where()
        self.under_way += len(received - due)
        self.in_visits += words.rfind("v") > words.rfind("d")
        return words

    def end(self) -> None:
        """One round that nothing disturbs; then both houses stand alike."""
        self.shaken.nursery.start(rounds=1)
        assert self.shaken.nursery.end() == 0
        assert self.calm.nursery.end() == 0
        self.shaken.nursery.told()
        shaken, calm = self.shaken.log(), self.calm.log()
        apart = (shaken - calm) + (calm - shaken)
        self.differences += apart.total()
        assert apart == Counter(), self._where()
        assert self.shaken.standing() == self.calm.standing()
        assert self.shaken.held() == []
        assert self.shaken.unheard() == set()

    def _where(self) -> str:
        return f"CHAOS_SEED={SEED}, after kill {self.kills}"

    def report(self) -> str:
        """The figures of one line."""
        sends = self.shaken.receiver.received
        return (
            f"{self.shaken.engine.dialect.name}: kills {self.kills} ({self.in_visits} in a visit), "
            f"events {events.last(self.shaken.engine)}, lost {len(self.shaken.unheard())}, "
            f"doubled {doubled(sends)} (of {self.under_way} sends under way, same id), differences {self.differences}"
        )

    def judge(self) -> None:
        """What has to hold when all is over."""
        sends = self.shaken.receiver.received
        assert set(sends) == for_webhooks(self.shaken.engine)
        assert doubled(sends) <= self.under_way
        assert in_order(sends)
        assert checker.violations(self.shaken.engine) == []
        assert checker.violations(self.calm.engine) == []


def kill_at(moment: str, house: House, rng: random.Random) -> None:
    """Has the next victim killed at a moment of this kind."""
    if moment == "before the answer":
        house.receiver.before_answer = house.nursery.kill
        house.nursery.start()
    elif moment == "after the answer":
        house.receiver.after_answer = house.nursery.kill
        house.nursery.start()
    else:
        house.site.forget_log()
        enough = rng.randrange(2 * len(house.site.open_jobs()))
        house.nursery.start()
        until(lambda: len(house.site.log) >= enough, "the victim stopped asking")
        time.sleep(rng.uniform(0, 0.05))  # the moment of death is the input of this test
        house.nursery.kill()


def survive_random_kills(days: Days, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(SEED)
    house = days.shaken
    days.begin(0)
    days.end()
    while days.kills < kills:
        heard = len(set(house.receiver.received))
        days.begin(DEEDS)
        for _ in range(min(DEATHS, kills - days.kills)):
            # each deed is told once: where all are, no message comes that a death could wait for
            untold = DEEDS - (len(set(house.receiver.received)) - heard) > 1
            moments = ["visit", "before the answer", "after the answer"] if untold else ["visit"]
            kill_at(rng.choice(moments), house, rng)
            days.died()
        days.end()
    with capsys.disabled():
        print(f"\n{days.report()}")
    days.judge()
    assert 0 < days.in_visits < kills


def survive_each_step(days: Days, stride: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moments: Counter[str] = Counter()
    # the first visit dies a few times too: what it has opened stays, and is opened once
    days.begin(0)
    for step in range(6, 14):
        days.shaken.nursery.start(rounds=1, die_at=step)
        moments[last_moment(days.died())] += 1
    days.end()
    for step in itertools.count(1, stride):
        days.begin(3)
        days.shaken.nursery.start(rounds=1, die_at=step)
        words = days.died_or_done()
        days.end()
        if words is None:
            break
        moments[last_moment(words)] += 1
    with capsys.disabled():
        print(f"\n{days.report()}; at {dict(moments)}")
    days.judge()
    # what was kept of the visits, dead ones included, tells the same events again
    command = CommandLine(folder / "home", DATABASE=days.shaken.settings.database)
    replayed = command.run("replay", "acme", "--json", timeout=20 * PATIENCE)
    assert replayed.code == 0, replayed.out + replayed.err
    assert json.loads(replayed.out)["lacking"] == []
    if stride == 1:
        assert moments.keys() == {"before commit", "after commit", "before send", "after send", "before file"}


def last_moment(words: str) -> str:
    return words.rpartition("[")[2].removesuffix("]")


@pytest.fixture
def days(open_house: OpenHouse, settings: WorkerSettings, calm_settings: WorkerSettings) -> Days:
    jobs = 16
    return Days(open_house(settings, jobs, SEED), open_house(calm_settings, jobs, SEED))


@pytest.mark.slow
@pytest.mark.timeout(20 * PATIENCE)
@pytest.mark.parametrize(("settings", "kills"), [("sqlite", 20), ("postgresql", 6)], indirect=["settings"])
def test_kills_at_random_lose_nothing_and_double_only_sends_that_were_under_way(
    days: Days, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    survive_random_kills(days, kills, capsys)


@pytest.mark.chaos
@pytest.mark.timeout(200 * PATIENCE)
@pytest.mark.parametrize(("settings", "kills"), [("sqlite", 500), ("postgresql", 100)], indirect=["settings"])
def test_hundreds_of_kills_at_random_do_no_more(days: Days, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    survive_random_kills(days, kills, capsys)


@pytest.mark.slow
@pytest.mark.timeout(20 * PATIENCE)
@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_death_at_any_third_step_changes_nothing_that_is_told(
    days: Days, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survive_each_step(days, 3, tmp_path, capsys)


@pytest.mark.chaos
@pytest.mark.timeout(100 * PATIENCE)
@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_death_at_any_step_changes_nothing_that_is_told(
    days: Days, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survive_each_step(days, 1, tmp_path, capsys)
