"""All postings, batch by batch, while the ledger goes on."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from postings.query import parse
from storage import exporting
from storage import postings as stored
from storage.searching import condition
from tests.delivery.eventlog import NOON
from tests.storage.watching import Watch, a_job


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{100 + number}": a_job(place=town) for number, town in enumerate(("Berlin", "Bonn", "Ulm"))}
    watch.visit()
    return watch


def test_every_posting_comes_once_in_the_order_of_its_id(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 2)
    batches = [[posting.id for posting in batch] for batch in exporting.batches(watch.engine)]
    assert [len(batch) for batch in batches] == [2, 1]
    ids = [one for batch in batches for one in batch]
    assert ids == sorted(posting.id for posting in stored.search(watch.engine, state="all"))


def test_what_opens_meanwhile_moves_nothing(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 1)
    before = {posting.id for posting in stored.search(watch.engine, state="all")}
    found: list[str] = []
    for number, batch in enumerate(exporting.batches(watch.engine)):
        found += [posting.id for posting in batch]
        if number == 0:
            watch.pages["/jobs/200"] = a_job(place="Kiel")
            watch.later(hours=6).visit()
    assert before <= set(found)
    assert len(found) == len(set(found))


def test_a_condition_takes_only_what_it_holds_for(watch: Watch) -> None:
    asked = condition(parse("location:bonn"), NOON)
    (batch,) = exporting.batches(watch.engine, condition=asked)
    assert [posting.record["locations"][0]["locality"] for posting in batch] == ["Bonn"]
    assert exporting.count(watch.engine, condition=asked) == 1
