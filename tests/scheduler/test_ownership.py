"""Whether the holder of a lease still lives."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.ownership import machine, owner, owner_dead

NAME_AND_WAIT = "from scheduler.ownership import owner; print(owner(), flush=True); input()"


def named_process() -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", NAME_AND_WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_this_process_lives() -> None:
    assert not owner_dead(owner())


def test_a_process_is_dead_once_it_is_killed_and_alive_before_that() -> None:
    process, name = named_process()
    with process:
        alive = not owner_dead(name)
        process.kill()
        process.wait()
        assert alive
        assert owner_dead(name)


def test_a_killed_process_that_nobody_has_collected_is_dead() -> None:
    process, name = named_process()
    with process:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process.returncode is None
        assert owner_dead(name)


def test_another_process_under_the_same_number_is_not_the_owner() -> None:
    where, pid, started = owner().rsplit(":", 2)

    assert owner_dead(f"{where}:{pid}:{int(started) - 1}")


@pytest.mark.parametrize("place", ["elsewhere", f"{machine()}x", ""])
def test_a_process_on_another_machine_is_not_certainly_dead(place: str) -> None:
    assert not owner_dead(f"{place}:999999999:1")


@given(st.text())
def test_a_name_that_is_none_is_not_certainly_dead(name: str) -> None:
    assert not owner_dead(name)
