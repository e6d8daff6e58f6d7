"""What trust is learnt from: the keys that postings carry now, whatever rows they have left behind (C.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Engine, select

from postings import trust as trusts
from postings.posting import Identifier, Posting
from postings.trust import Measured, Standing
from postings.visits import Absence
from storage.engine import reading
from storage.holders import open_holders, seen_holders
from storage.tables import postings
from tests.storage.watching import Watch, a_job


def job(number: int, identifier: str | None, **fields: object) -> Posting:
    """One of many that differ in all but perhaps their identifier."""
    value = None if identifier is None else Identifier(value=identifier, name="Acme")
    return a_job(f"Welder {number}", place=f"Town {number}", identifier=value, **fields)


def with_own_identifiers(count: int) -> dict[str, Posting]:
    return {f"/jobs/of-{number}": job(number, f"R-{number}") for number in range(count)}


def anonymous(jobs: Mapping[str, Posting]) -> dict[str, Posting]:
    return {path: replace(one, identifier=None) for path, one in jobs.items()}


def learnt_from(watch: Watch) -> tuple[Measured, Measured, int]:
    """The figures that the last visit has taught, those by what the postings say, and how many were unpacked."""
    with reading(watch.engine) as connection:
        visit = connection.scalars(select(postings.c.last_visit).where(postings.c.state == "open")).first()
        assert visit is not None
        holders = seen_holders(connection, watch.site.id, visit)
        every = open_holders(connection, watch.site.id)
    unpacked = sum(holder.posting is not None for holder in holders)
    return trusts.measure(holders), trusts.measure(every), unpacked


def test_an_identifier_that_a_posting_has_lost_speaks_for_no_other(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = with_own_identifiers(60)
    watch.visit()
    assert watch.current().trust.identifier is Standing.TRUSTED
    # a new template: old postings have none any more, all new ones the same
    new = {f"/jobs/of-{number}": job(number, "77-0815") for number in (91, 92)}
    watch.pages = anonymous(watch.pages) | new
    watch.later(hours=6).visit()
    assert watch.current().trust.identifier is Standing.DISTRUSTED
    # believed, it would make another job of theirs out of one that is gone
    del watch.pages["/jobs/of-91"]
    watch.pages["/jobs/of-93"] = replace(job(93, "77-0815"), title="Welder 91")
    before = len(watch.events())
    watch.later(hours=6).visit(looks={"/jobs/of-91": Absence.GONE})
    assert watch.told(before) == [("opened", "Welder 91"), ("closed", "Welder 91")]


def test_one_value_that_is_left_proves_as_little_as_one_value(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = with_own_identifiers(8)
    watch.visit()
    watch.pages = anonymous(watch.pages) | {"/jobs/of-0": watch.pages["/jobs/of-0"]}
    watch.later(hours=6).visit()
    # the visit has to teach something
    watch.pages["/jobs/of-9"] = job(9, None)
    watch.later(hours=6).visit()
    assert watch.current().trust.identifier is Standing.PROBATION


def test_a_long_identifier_is_one_value_however_its_posting_was_looked_at(engine: Engine) -> None:
    watch = Watch(engine)
    long = "req-" + "7" * 300
    watch.pages = {f"/jobs/of-{number}": job(number, long) for number in range(2)}
    # one of them has another address, too
    watch.pages["/jobs/of-0-en"] = watch.pages["/jobs/of-0"]
    watch.visit()
    learnt, truth, _ = learnt_from(watch)
    assert learnt.identifier.values == 1
    assert learnt.identifier.conflicts == truth.identifier.conflicts == 1


def test_what_is_learnt_by_rows_is_what_the_postings_say(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = with_own_identifiers(20)
    watch.pages |= {f"/jobs/of-{number}": job(number, None) for number in range(20, 24)}
    watch.pages |= {f"/jobs/of-{number}": job(number, "0815-1") for number in range(24, 27)}
    watch.visit()
    paths = list(watch.pages)
    watch.pages[paths[0]] = replace(watch.pages[paths[0]], identifier=None)
    watch.pages[paths[1]] = replace(watch.pages[paths[1]], identifier=Identifier(value="R-other", name="Acme"))
    watch.pages[paths[20]] = replace(watch.pages[paths[20]], identifier=Identifier(value="R-late", name="Acme"))
    watch.later(hours=6).visit()
    learnt, truth, unpacked = learnt_from(watch)
    assert replace(learnt.identifier, samples=()) == replace(truth.identifier, samples=())
    assert learnt.tokens == truth.tokens
    assert 0 < unpacked < 10
