"""Reading opens no file, no connection and no program, whatever a page names: watched from outside, by the system's
calls."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import os, sys
from tests.crawler import alone

readers = alone.careless() if sys.argv[1:] == ["careless"] else alone.READERS
# the first reading loads what it needs
for kind, read in readers.items():
    for body in [*alone.HARMLESS[kind], *alone.HOSTILE[kind]]:
        alone.attempt(read, body)
known = alone.watch_environment()
for kind, read in readers.items():
    for number, body in enumerate(alone.HOSTILE[kind]):
        # a call that stands out in the trace
        os.access(f"/reads/{kind}/{number}", 0)
        alone.attempt(read, body)
os.access("/reads/nothing", 0)
print(sum(map(len, alone.HOSTILE.values())), *sorted(known))
"""


def calls(folder: Path, *arguments: str) -> tuple[dict[str, list[str]], list[str]]:
    """What the system was asked for while each input was read, and what the program said: how many, which variables."""
    trace = folder / "trace"
    command = ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=%file,%network,execve,fork,vfork"]
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = {}
    here = None
    for line in trace.read_text().splitlines():
        if begins := re.search(r'access\("/reads/([^"]+)"', line):
            here = None if begins[1] == "nothing" else begins[1]
            if here:
                found[here] = []
        elif here:
            found[here].append(line)
    return found, done.stdout.split()


@pytest.fixture(autouse=True)
def _strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace")


def test_nothing_is_opened_for_anything_that_an_input_names(tmp_path: Path) -> None:
    found, (count, *variables) = calls(tmp_path)
    assert len(found) == int(count) > 80
    assert {name: asked for name, asked in found.items() if asked} == {}
    assert variables == []


def test_readers_that_open_what_they_are_told_to_would_be_seen(tmp_path: Path) -> None:
    found, (_, *variables) = calls(tmp_path, "careless")
    asked = "\n".join(line for lines in found.values() for line in lines)
    assert "open" in asked
    assert "/etc/passwd" in asked
    assert "connect(" in asked
    assert variables == ["HOME"]
