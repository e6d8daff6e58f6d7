"""Nothing grows that should not: file handles and memory of a process that visits and tells for weeks."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def soak(folder: Path, count: int, days: int, *more: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the process held after each day, and what came of it all."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.worlds.soak", f"sqlite:///{folder}/soak.db", str(count), str(days), *more],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *each, last = map(json.loads, done.stdout.splitlines())
    return each, last


def growth(days: list[dict[str, Any]], what: str) -> float:
    """By how much it grew a day, once everything was loaded: the slope of the second half."""
    later = days[len(days) // 2 :]
    return statistics.linear_regression(range(len(later)), [day[what] for day in later]).slope


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_leak_would_be_seen(tmp_path: Path) -> None:
    days, _ = soak(tmp_path, 1, 6, "leaking")
    assert growth(days, "handles") == pytest.approx(1)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("count", "days"), [pytest.param(3, 8, marks=pytest.mark.slow), pytest.param(50, 24, marks=pytest.mark.chaos)]
)
def test_memory_and_handles_stay_level(
    tmp_path: Path, count: int, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    each, told = soak(tmp_path, count, days)
    seconds = each[-1]["seconds"] - each[len(each) // 2]["seconds"]
    slope = growth(each, "bytes") * (len(each) - len(each) // 2 - 1) / seconds * 3600 / 1e6
    with capsys.disabled():
        print(
            f"\n{count} sites, {days} days: {told['visits']} visits, {told['faults']} faults, {told['events']} events; "
            f"{each[-1]['handles']} handles, {each[-1]['bytes'] / 1e6:.0f} MB, {growth(each, 'bytes') / 1e3:.0f} kB a day, "
            f"{slope:.1f} MB an hour"
        )
    assert (told["wrong"], told["violations"]) == ([], [])
    assert each[-1]["handles"] <= each[len(each) // 2]["handles"]
    # a few days of a few sites still warm up what libraries keep
    assert growth(each, "bytes") < (400_000 if days < 20 else 150_000)
