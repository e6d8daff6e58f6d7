"""SIGKILL in the middle of visits and deliveries: the log stays whole, and every event arrives."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import pytest
from sqlalchemy.engine import Engine

from postings.visits import Outcome
from storage import events, visits
from tests.chaos import checker
from tests.chaos.world import Employer, Nursery, Receiver, doubled, for_webhooks, in_order, shown, titles, until
from tests.sites.scripted import ScriptedSite

#: SQLite's share, and PostgreSQL's
KILLS = {"sqlite": int(os.environ.get("CHAOS_KILLS", "50")), "postgresql": int(os.environ.get("CHAOS_KILLS", "10"))}
#: decides the moments and the employer's deeds, as far as two processes allow
SEED = int(os.environ.get("CHAOS_SEED", "20261125"))


def kill_at(moment: str, nursery: Nursery, site: ScriptedSite, receiver: Receiver, rng: random.Random) -> None:
    """Kills the victim at a moment of this kind."""
    if moment == "visit":
        site.forget_log()
        enough = rng.randrange(3 * len(site.open_jobs()))
        until(lambda: len(site.log) >= enough, "the victim stopped asking")
        time.sleep(rng.uniform(0, 0.05))  # the moment of death is the input of this test
        nursery.kill()
    elif moment == "before the answer":
        receiver.before_answer = nursery.kill
    else:
        receiver.after_answer = nursery.kill


@pytest.mark.parametrize("watched", [16], indirect=True)
@pytest.mark.parametrize("settings", KILLS, indirect=True)
@pytest.mark.timeout(400)
def test_kills_lose_nothing_and_double_only_sends_that_were_under_way(
    engine: Engine, watched: ScriptedSite, receiver: Receiver, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)
    employer = Employer(watched, rng)
    deaths: Counter[str] = Counter()
    kills = KILLS[engine.dialect.name]
    for _ in range(kills):
        moment = rng.choice(["visit", "visit", "before the answer", "after the answer"])
        nursery.start()
        kill_at(moment, nursery, watched, receiver, rng)
        # with news on the way, each delivery has something to send
        watched.edit(rng.choice(watched.open_jobs()), title=f"Turner {rng.randrange(10**9)}")
        employer.act()
        assert nursery.end() == -signal.SIGKILL
        deaths[nursery.told()[-1:]] += 1
        assert checker.violations(engine) == [], f"CHAOS_SEED={SEED}"
    nursery.start(rounds=2)
    assert nursery.end() == 0

    log, received = for_webhooks(engine), receiver.received
    lost = log - set(received)
    with capsys.disabled():
        print(
            f"\n{engine.dialect.name}: kills {kills} ({deaths['v']} in a visit, {deaths['d']} in a delivery), "
            f"events {events.last(engine)}, lost {len(lost)}, doubled {doubled(received)} (under the same id)"
        )
    assert checker.violations(engine) == []
    assert lost == set()
    assert set(received) == log
    assert doubled(received) <= deaths["d"]
    assert in_order(received)
    assert titles(engine) == shown(watched)
    assert visits.recent(engine, None, 1)[0].outcome is Outcome.COMPLETE
    assert min(deaths["v"], deaths["d"]) > 0


@pytest.mark.timeout(400)
def test_death_before_or_after_any_commit_leaves_a_whole_log_and_loses_no_event(
    engine: Engine, watched: ScriptedSite, receiver: Receiver, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    employer = Employer(watched, random.Random(SEED))
    nursery.start(rounds=1)
    assert nursery.end() == 0
    end, step = -signal.SIGKILL, 0
    while end != 0:
        # not at each step: what waits to be sent adds steps
        if step % 4 == 0:
            employer.act()
        step += 1
        nursery.start(rounds=1, die_at=step)
        end = nursery.end()
        assert end in (0, -signal.SIGKILL)
        assert checker.violations(engine) == [], f"after death at step {step}"
    # what was settled by others since, and a visit that nothing disturbs
    nursery.start(rounds=1)
    assert nursery.end() == 0

    log, received = for_webhooks(engine), receiver.received
    with capsys.disabled():
        print(
            f"\nkills {step - 1} (one at each step), events {events.last(engine)}, lost {len(log - set(received))}, "
            f"doubled {doubled(received)} (under the same id)"
        )
    assert set(received) == log
    assert in_order(received)
    assert titles(engine) == shown(watched)
    assert step > 20
