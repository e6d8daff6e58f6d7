"""What always holds (C.7), through the ledger: generated sites, visited in any order and any batches."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from postings.posting import Identifier, Posting
from storage.engine import connect
from tests.chaos.checker import violations
from tests.storage.test_life_machine import template
from tests.storage.watching import Watch, a_job


@st.composite
def sites(draw: st.DrawFn) -> dict[str, Posting]:
    """Pages of a site, on which titles, towns, identifiers, texts and ids in addresses repeat."""
    pages = {}
    for number in range(draw(st.integers(1, 9))):
        job = a_job(
            draw(st.sampled_from(["Welder", "Fitter", "Cook"])),
            place=draw(st.sampled_from(["Berlin", "Rome"])),
            date_posted=draw(st.sampled_from([None, date(2026, 11, 1), date(2026, 11, 2)])),
        )
        value = draw(st.sampled_from([None, "R-1", "R-2", f"R-{100 + number}"]))
        job = replace(job, identifier=None if value is None else Identifier(value=value, name="Acme"))
        if draw(st.booleans()):
            job = replace(job, description_text="A teaser.")
        pages[f"/{draw(st.sampled_from(['jobs', 'en/jobs', 'new']))}/{100 + draw(st.integers(0, 5))}"] = job
    return pages


@contextmanager
def watched() -> Iterator[Watch]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hirewatch.sqlite"
        shutil.copy(template(), path)
        engine = connect(f"sqlite:///{path}")
        yield Watch(engine)
        assert violations(engine) == []
        engine.dispose()


@settings(max_examples=25, deadline=None)
@given(sites(), sites(), st.integers(0, 99), st.sampled_from([1, 2, 100]))
def test_c7_1_the_same_visit_again_yields_no_event(
    first: dict[str, Posting], second: dict[str, Posting], seed: int, batch: int
) -> None:
    """Whatever the site was before: once its postings are settled, another look at the same pages is no news."""
    with watched() as watch:
        watch.pages = first
        watch.visit()
        watch.pages = first | second
        for _ in range(3):
            watch.later(hours=49).visit()
        log = watch.events()
        watch.rng, watch.batch = Random(seed), batch
        watch.later(hours=6).visit()
        assert watch.events() == log


@settings(max_examples=20, deadline=None)
@given(sites(), sites(), st.integers(0, 99), st.sampled_from([1, 2, 3]))
def test_c7_2_any_order_and_any_batches_yield_the_same_events(
    first: dict[str, Posting], second: dict[str, Posting], seed: int, batch: int
) -> None:
    told = []
    for order, size in ((Random(1), 100), (Random(seed), batch)):
        with watched() as watch:
            watch.pages = first
            watch.visit()
            watch.pages = second
            watch.rng, watch.batch = order, size
            watch.later(hours=6).visit()
            told.append(
                sorted(
                    (str(event.type), event.reason or "", str(event.record["url"]), sorted(event.changes))
                    for event in watch.events()
                )
            )
    assert told[0] == told[1]
