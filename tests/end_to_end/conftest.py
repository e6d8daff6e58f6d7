"""Houses and sites for tests through the front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty installation."""
    return House(tmp_path / "home")


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    """A career site with twelve jobs."""
    with ScriptedSite(12) as site:
        yield site
