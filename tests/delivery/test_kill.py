"""What a receiver hears when the sending process is killed for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy.engine import Engine

from delivery import outlets
from storage import deliveries
from tests.delivery.eventlog import NOON, EventLog
from tests.delivery.receiver import SECRET, Receiver, Request

ROOT = Path(__file__).parents[2]
KILLS = (2, 9, 16)


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
