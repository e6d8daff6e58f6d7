"""What trust is learnt from: the keys that postings carry now, whatever rows they have left behind (C.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, NoReturn

import pytest
from sqlalchemy import Connection, Engine, select

from postings import trust as trusts
from postings.posting import Identifier, Posting
from postings.trust import Holder, Measured, Standing
from postings.visits import Absence, Outcome, VisitSummary
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


# ---- when it is learnt


def told(summary: VisitSummary) -> int:
    return summary.opened + summary.changed + summary.closed + summary.reopened


class Killed(Exception):
    """The process dies."""


def fail(_: object) -> NoReturn:
    raise Killed


def career(watch: Watch, rng: Random) -> Iterator[VisitSummary]:
    """Visits of a site on which something small happens between most of them, in all the ways that move its keys."""
    born = 0
    away: dict[str, Posting] = {}
    for _ in range(30):
        paths = list(watch.pages)
        watch.later(hours=6)
        away, back = {}, away
        watch.pages |= back
        how: dict[str, Any] = {}
        match rng.choice(["open", "open", "close", "edit", "rename", "again", "hide", "expire", "die", "part", ""]):
            case "open":
                born += 1
                watch.pages[f"/jobs/{100 + born}"] = job(born, rng.choice([f"N-{born}", f"N-{born}", "R-1", None]))
            case "close":
                del watch.pages[gone := rng.choice(paths)]
                how["looks"] = {gone: Absence.GONE}
            case "edit":
                path = rng.choice(paths)
                value = rng.choice(["R-1", "R-2", f"E-{rng.random()}"])
                watch.pages[path] = replace(watch.pages[path], identifier=Identifier(value=value, name="Acme"))
            case "rename":
                path = rng.choice(paths)
                watch.pages[path] = replace(watch.pages[path], title=f"Cook {rng.random()}")
            case "again":
                watch.pages[f"/jobs/{500 + rng.randrange(99)}"] = watch.pages[rng.choice(paths)]
            case "hide":
                away = {path: watch.pages.pop(path) for path in rng.sample(paths, 2)}
            case "expire":
                path = rng.choice(paths)
                ends = watch.now - timedelta(days=2)
                watch.pages[path] = replace(watch.pages[path], valid_through=ends.date())
                watch.ledger.expire(watch.now)
            case "die":
                watch.pages[rng.choice(paths)] = job(rng.randrange(99), "R-3")
                with pytest.raises(Killed):
                    watch.visit(next_visit=fail)
                watch.later(minutes=5)
            case "part":
                how = {"only": rng.sample(list(watch.pages), len(watch.pages) // 2), "cut_short": "stopped"}
        yield watch.visit(**how)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The visits after which the whole site was asked; with limits that a small one comes near to."""
    for limit, value in {"MOST_CONFLICT": 0.3, "LEAST_COVER": 0.5, "LEAST_DISTINCT": 0.5}.items():
        monkeypatch.setattr(trusts, limit, value)
    visits: list[str] = []

    def counted(conn: Connection, site_id: int, visit_id: str) -> list[Holder]:
        visits.append(visit_id)
        return seen_holders(conn, site_id, visit_id)

    monkeypatch.setattr("storage.holders.seen_holders", counted)
    return visits


def forty(engine: Engine) -> Watch:
    """A site of forty postings that has been visited."""
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": job(number, f"R-{number}") for number in range(10, 50)}
    watch.visit()
    assert watch.current().trust.margin == 5
    return watch


@pytest.mark.parametrize("many", [4, 6])
@pytest.mark.parametrize("what", ["edited", "at other addresses", "hidden", "back", "opened by a visit that died"])
def test_the_whole_site_is_asked_once_more_postings_than_the_margin_may_be_others(
    engine: Engine, asked: list[str], what: str, many: int
) -> None:
    watch = forty(engine)
    some = {path: watch.pages[path] for path in list(watch.pages)[:many]}
    match what:
        case "edited":
            watch.pages |= {path: replace(one, title=f"Cook {one.title}") for path, one in some.items()}
        case "at other addresses":
            watch.pages |= {f"{path}5": one for path, one in some.items()}
        case "hidden":
            watch.pages = {path: one for path, one in watch.pages.items() if path not in some}
        case "back":
            everything = watch.pages
            watch.pages = {path: one for path, one in watch.pages.items() if path not in some}
            watch.pages["/jobs/98"] = job(98, "R-98")
            watch.later(hours=6).visit()
            watch.pages = everything | watch.pages
        case _:
            watch.pages |= {f"/jobs/{number}": job(number, f"R-{number}") for number in range(60, 60 + many)}
            with pytest.raises(Killed):
                watch.later(hours=6).visit(next_visit=fail)
    watch.pages["/jobs/99"] = job(99, "R-99")
    before = len(asked)
    watch.later(hours=6).visit()
    assert len(asked) - before == (many > 5)


@pytest.mark.parametrize("seed", range(2))
def test_the_trust_is_the_one_that_the_whole_site_teaches_though_it_is_seldom_asked(
    engine: Engine, asked: list[str], seed: int
) -> None:
    watch = forty(engine)
    before, taught = watch.current().trust, 0
    for summary in career(watch, Random(seed)):
        now = watch.current().trust
        if summary.outcome is Outcome.COMPLETE and told(summary):
            taught += 1
            with reading(engine) as connection:
                assert now == trusts.learn(before, seen_holders(connection, watch.site.id, summary.id))
        else:
            assert now == before
        before = now
    assert 1 < len(asked) < 0.8 * taught
