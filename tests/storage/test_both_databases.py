"""One script, two databases: the same visits tell the same story on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, update

from postings.visits import Absence
from storage import visits
from storage.engine import writing
from storage.tables import installation
from tests.storage.watching import Watch, a_job

SIGNS = [Absence.NOT_FOUND, Absence.GONE, Absence.UNKNOWN, Absence.REDIRECTED, Absence.NOINDEX]


def live(engine: Engine, seed: int) -> Watch:
    """Two dozen visits to a site on which everything happens that can, drawn from `seed` alone."""
    with writing(engine) as connection:
        # ids follow from it
        connection.execute(update(installation).values(instance="0123456789abcdef" * 2))
    rng = Random(seed)
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Job {number}", place=f"Town {number % 9}") for number in range(100, 130)}
    watch.visit()
    gone: dict[str, Absence] = {}
    for turn in range(25):
        watch.later(hours=rng.choice([1, 6, 13, 49, 200])).batch = rng.choice([1, 7, 100])
        path = rng.choice(sorted(watch.pages))
        match rng.randrange(7):
            case 0:
                gone[path] = rng.choice(SIGNS)
            case 1:
                watch.pages[path] = replace(watch.pages[path], title=f"Job {path}, turn {turn}")
            case 2:
                last = watch.now.date() + timedelta(days=rng.randrange(-2, 9))
                watch.pages[path] = replace(watch.pages[path], valid_through=last)
            case 3:
                watch.pages[f"/new/{500 + turn}"] = watch.pages.pop(path)
                gone.pop(path, None)
            case 4:
                watch.pages[f"/second/{600 + turn}"] = watch.pages[path]
            case 5:
                watch.pages[f"/jobs/{700 + turn}"] = a_job(f"Newcomer {turn}", place="Rome")
            case _:
                gone.clear()
        watch.ledger.expire(watch.now)
        watch.visit(
            only=[one for one in watch.pages if one not in gone],
            looks={one: sign for one, sign in gone.items() if one in watch.pages},
            unlisted=rng.sample(sorted(watch.pages), 2),
            whole=rng.random() < 0.8,
        )
    return watch


@pytest.mark.parametrize("seed", [1, 4])
def test_the_same_visits_tell_the_same_on_both_databases(
    seed: int, request: pytest.FixtureRequest, tmp_path: Path, opening: Callable[..., Engine]
) -> None:
    path = tmp_path / "hirewatch.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    urls = [f"sqlite:///{path}", str(request.getfixturevalue("fresh_postgres"))]
    told = []
    for url in urls:
        watch = live(opening(url), seed)
        told.append((watch.events(), visits.recent(watch.engine, watch.site.id, 100), watch.current()))
    assert {str(event.type) for event in told[0][0]} == {"opened", "changed", "closed", "reopened"}
    assert told[0] == told[1]
