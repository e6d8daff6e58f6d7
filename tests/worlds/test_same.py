"""The same answers at the same times give the same log, byte for byte, in whatever process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def log(folder: Path, seed: int, count: int, days: int) -> bytes:
    """The export of so many days; sets and dictionaries of this process are ordered by `seed`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.worlds.export", f"sqlite:///{folder}/{seed}.db", str(count), str(days)],
        cwd=ROOT, capture_output=True, check=False, env={**os.environ, "PYTHONHASHSEED": str(seed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("count", "days"), [pytest.param(4, 10, marks=pytest.mark.slow), pytest.param(50, 30, marks=pytest.mark.chaos)]
)
def test_the_same_days_give_the_same_log_byte_for_byte(
    tmp_path: Path, count: int, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (log(tmp_path, seed, count, days) for seed in (1, 2))
    with capsys.disabled():
        lines = first.count(b"\n")
        print(f"\n{count} sites, {days} days, twice: {lines} events, {len(first)} bytes")
    assert lines > 5 * count
    assert b'"closed"' in first
    assert first == second
