"""Worlds: one worker process for all of them, a site and a database for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sites.scripted import ScriptedSite
from tests.sites.shelf import ShelfSite
from tests.worlds.crew import Crew
from tests.worlds.world import Time, World


@pytest.fixture(scope="session")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    crew = Crew(tmp_path_factory.mktemp("crew"))
    yield crew
    crew.close()


@pytest.fixture
def world(crew: Crew, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes a world around a site with so many jobs (or around an empty `ShelfSite`); options as of `ScriptedSite`."""
    made: list[World] = []

    def make(postings: int = 12, *, site: type[ScriptedSite] = ScriptedSite, **options: Any) -> World:
        time = Time()
        folder = tmp_path / str(len(made))
        folder.mkdir()
        watched = (
            site(clock=time, **options)
            if issubclass(site, ShelfSite)
            else ScriptedSite(postings, clock=time, **options)
        )
        watched.start()
        made.append(World(crew, folder, watched, time))
        return made[-1]

    yield make
    for one in made:
        one.close()
        one.site.stop()
