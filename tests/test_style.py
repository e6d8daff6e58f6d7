"""The code is in the house style: what `make lint` says, as part of the tests."""

from __future__ import annotations

import pytest

from tests.repository import PROGRAMS, run


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["rules", "format"])
def test_ruff_has_nothing_to_say(arguments: list[str]) -> None:
    done = run(PROGRAMS / "ruff", *arguments, ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(600)
def test_types_hold() -> None:
    # a cache of its own: runs with other options leave in the shared one what misleads this one
    done = run(PROGRAMS / "mypy", "--cache-dir", ".mypy_cache/whole")
    assert done.returncode == 0, done.stdout
