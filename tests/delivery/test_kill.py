"""What a receiver hears when the sending process is killed for real."""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.engine import Engine

from delivery import outlets
from storage import deliveries
from tests.delivery import sender
from tests.delivery.eventlog import NOON, EventLog
from tests.delivery.receiver import SECRET, Receiver, Request

ROOT = Path(__file__).parents[2]
KILLS = (2, 9, 16)
MANY_KILLS = 300


def start(engine: Engine) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.sender", str(engine.url), "hook"], cwd=ROOT, stdout=subprocess.DEVNULL
    )


def test_killed_before_it_can_settle_a_sender_loses_nothing_and_doubles_only_that_send(
    engine: Engine, log: EventLog, receiver: Receiver
) -> None:
    outlets.add(engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=NOON)
    numbers = log.add(20)
    victims: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> None:
        # the receiver has the event; its sender will never know
        if len(receiver.requests) in KILLS:
            os.kill(victims[-1].pid, signal.SIGKILL)
            victims[-1].wait()

    receiver.before_answer = kill
    for _ in range(len(KILLS) + 1):
        victims.append(start(engine))
        victims[-1].wait(60)
    assert [victim.returncode for victim in victims] == [-signal.SIGKILL] * len(KILLS) + [0]
    assert sorted(set(receiver.numbers)) == numbers
    assert receiver.numbers == sorted(receiver.numbers)
    doubled = [count for count in Counter(receiver.accepted).values() if count > 1]
    print(f"{len(KILLS)} kills, {len(numbers)} events, 0 lost, {len(doubled)} doubled")
    assert doubled == [2] * len(KILLS)
    assert deliveries.status(engine)[0].lag == 0


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_three_hundred_kills_lose_nothing_and_double_only_in_the_crash_window_under_the_same_id(
    engine: Engine, log: EventLog, receiver: Receiver
) -> None:
    rng = Random(8)
    outlets.add(engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=NOON)
    numbers = log.add(3 * MANY_KILLS)
    # a server that has imported everything forks the senders: they start at once, and are processes like any other
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.delivery.sender"])
    victims: list[multiprocessing.process.BaseProcess] = []
    killed = 0

    def strike(request: Request) -> None:
        chance = rng.random()
        if chance < 0.25:
            victims[-1].kill()
            victims[-1].join()
        elif chance < 0.5:
            # within the answer, the settling, or the next send
            threading.Timer(rng.random() * 0.03, victims[-1].kill).start()

    receiver.before_answer = strike
    while killed < MANY_KILLS and deliveries.status(engine)[0].lag:
        victims.append(forks.Process(target=sender.main, args=(str(engine.url), "hook")))
        victims[-1].start()
        victims[-1].join(60)
        killed += victims[-1].exitcode == -signal.SIGKILL
    receiver.before_answer = lambda request: None
    assert start(engine).wait(300) == 0
    lost = set(numbers) - set(receiver.numbers)
    doubled = [count for count in Counter(receiver.accepted).values() if count > 1]
    print(f"{killed} kills, {len(numbers)} events, {len(lost)} lost, {len(doubled)} doubled")
    assert killed == MANY_KILLS
    assert sorted(set(receiver.numbers)) == numbers
    assert len(set(receiver.accepted)) == len(numbers)
    assert receiver.numbers == sorted(receiver.numbers)
    assert len(receiver.accepted) - len(numbers) <= killed
