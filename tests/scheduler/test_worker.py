"""The worker as a process: what it answers, and what it leaves behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Engine

from postings.sites import Site
from postings.visits import Outcome
from scheduler.protocol import Fate, WorkerSettings
from storage import events, leases, postings, sites, visits
from storage.engine import writing
from tests.chaos import checker
from tests.scheduler.processes import PATIENCE, WorkerUnderTest, group, until
from tests.sites import manners
from tests.sites.scripted import ScriptedSite

Start = Callable[[], WorkerUnderTest]


def watch(engine: Engine, site: ScriptedSite, name: str = "acme") -> Site:
    return sites.add(engine, name=name, start_url=site.url, every=None, now=datetime.now(UTC))


def read_some(site: ScriptedSite) -> bool:
    return any("/careers/jobs/" in access.path for access in site.log)


def half_way(site: ScriptedSite, worker: WorkerUnderTest, watched: Site) -> None:
    """Orders a visit and returns while it hangs in the middle of the job pages."""
    site.slow(3600, on="details", after=4)
    worker.order(watched)
    until(lambda: len({access.path for access in site.log}) > 5, "the visit never came to the job pages")


def test_an_ordered_visit_finds_the_jobs_and_plans_the_next_one(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    process = worker()
    process.order(watched)

    done = process.answer()

    assert (done.fate, done.problem) == (Fate.VISITED, None)
    assert done.summary is not None
    assert (done.summary.outcome, done.summary.opened) == (Outcome.COMPLETE, len(site.open_jobs()))
    assert done.summary == visits.find(engine, done.summary.id)
    next_visit = sites.find(engine, "acme").next_visit_at
    assert next_visit is not None
    assert timedelta(minutes=14) < next_visit - datetime.now(UTC) <= timedelta(days=1)
    assert checker.violations(engine) == []


def test_a_site_that_is_not_due_any_more_is_not_visited(engine: Engine, site: ScriptedSite, worker: Start) -> None:
    watched = watch(engine, site)
    process = worker()
    process.order(watched)
    process.order(watched)

    fates = {process.answer().fate, process.answer().fate}

    assert fates == {Fate.VISITED, Fate.NOT_NEEDED}
    assert len(visits.recent(engine, watched.id, 10)) == 1


def test_an_order_that_is_none_is_passed_over_and_the_next_is_fulfilled(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    process = worker()
    for nonsense in ("nonsense", "x" * 200_000):
        process.write(nonsense)
    process.order(watched)

    assert process.answer().fate is Fate.VISITED


def test_the_end_of_the_orders_stops_visits_and_keeps_them_as_partial(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    process = worker()
    half_way(site, process, watched)
    began = time.monotonic()

    process.end_of_orders()
    done = process.answer()

    assert process.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 8
    assert done.summary is not None
    assert done.summary.outcome is Outcome.PARTIAL
    assert "stopped" in str(done.summary.reason)
    next_visit = sites.find(engine, "acme").next_visit_at
    assert next_visit is not None
    assert next_visit - datetime.now(UTC) <= timedelta(minutes=1)
    until(lambda: not group(process.process.pid), "a process was left behind")


def test_a_terminated_worker_stops_visits_and_ends_in_order(engine: Engine, site: ScriptedSite, worker: Start) -> None:
    watched = watch(engine, site)
    process = worker()
    half_way(site, process, watched)

    process.process.terminate()
    done = process.answer()

    assert process.process.wait(PATIENCE) == 0
    assert done.summary is not None
    assert "stopped" in str(done.summary.reason)
    assert checker.violations(engine) == []


def test_a_crash_in_a_visit_is_kept_as_a_failed_visit_and_costs_no_other(
    engine: Engine, sites: Callable[..., ScriptedSite], worker: Start
) -> None:
    with writing(engine) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON postings WHEN NEW.site_id = 1 "
                "BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
            )
        )
    broken, well = watch(engine, sites(3), "broken"), watch(engine, sites(3), "well")
    process = worker()
    process.order(broken)
    process.order(well)

    done = {answer.site: answer.summary for answer in (process.answer(), process.answer())}

    failed, complete = done[broken.id], done[well.id]
    assert failed is not None
    assert complete is not None
    assert (failed.outcome, complete.outcome) == (Outcome.FAILED, Outcome.COMPLETE)
    assert failed.reason == "the crawler crashed: IntegrityError"


def test_two_visits_to_one_host_keep_the_delay_between_them(
    engine: Engine, settings: WorkerSettings, site: ScriptedSite
) -> None:
    watch(engine, site, "one")
    sites.add(engine, name="two", start_url=site.origin + "/careers/jobs", every=None, now=datetime.now(UTC))

    out, _ = visit_once(replace(settings, delay=0.25), "one", "two").communicate(timeout=PATIENCE)

    assert out.splitlines()[-1] == "visits one two"
    assert manners.violations(site.log, delay=0.25) == []


def test_a_killed_worker_leaves_no_process_and_a_whole_log_and_another_takes_over_at_once(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    first, second = worker(), worker()
    half_way(site, first, watched)

    first.kill()

    until(lambda: not group(first.process.pid), "a reader process was left behind")
    assert checker.violations(engine) == []
    site.mend()
    second.order(watched)
    done = second.answer()
    assert done.summary is not None
    assert done.summary.outcome is Outcome.COMPLETE
    assert postings.counts(engine)[watched.id] == {"open": len(site.open_jobs()), "closed": 0}
    assert events.last(engine) == len(site.open_jobs())
    assert checker.violations(engine) == []


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    process = worker()
    half_way(site, process, watched)
    os.killpg(process.process.pid, signal.SIGSTOP)
    later = datetime.now(UTC) + timedelta(seconds=91)
    lease = leases.claim(
        engine, watched.id, owner="other:1:1", now=later, ttl=timedelta(minutes=5), dead=lambda owner: False
    )
    assert lease is not None
    before = events.last(engine)

    site.mend()
    os.killpg(process.process.pid, signal.SIGCONT)
    done = process.answer()

    assert done.fate is Fate.LOST
    assert events.last(engine) == before
    assert leases.renew(engine, lease, later, timedelta(minutes=5)).fence == lease.fence


ONCE = """
import sys
from scheduler import worker
from scheduler.protocol import WorkerSettings
from storage import sites
from storage.engine import connect
settings = WorkerSettings.from_json(sys.argv[1])
wanted = [sites.find(connect(settings.database), name) for name in sys.argv[2:]]
try:
    visits = worker.run_once(
        wanted, settings,
        progress=lambda site, step: print("step", site.name, file=sys.stderr),
        finished=lambda visit: print("finished", visit.site, visit.outcome, visit.reason, flush=True),
        busy=lambda site: print("busy", site.name, flush=True),
    )
except KeyboardInterrupt:
    print("interrupted")
else:
    print("visits", *(visit.site for visit in visits))
"""


def visit_once(settings: WorkerSettings, *names: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ONCE, settings.to_json(), *names],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def test_a_round_in_the_foreground_visits_hosts_side_by_side_and_answers_in_order(
    engine: Engine, settings: WorkerSettings, sites: Callable[..., ScriptedSite]
) -> None:
    one, other = sites(), sites()
    watch(engine, one, "b-first")
    watch(engine, other, "a-second")

    out, err = visit_once(settings, "b-first", "a-second").communicate(timeout=PATIENCE)

    assert out.splitlines()[-1] == "visits b-first a-second"
    assert sorted(out.splitlines()[:-1]) == ["finished a-second complete None", "finished b-first complete None"]
    assert {"step a-second", "step b-first"} <= set(err.splitlines())
    assert max(one.log[0].began, other.log[0].began) < min(one.log[-1].ended, other.log[-1].ended)


def test_a_site_that_another_process_visits_is_reported_busy(
    engine: Engine, settings: WorkerSettings, site: ScriptedSite, worker: Start
) -> None:
    watched = watch(engine, site)
    process = worker()
    half_way(site, process, watched)

    out, _ = visit_once(settings, "acme").communicate(timeout=PATIENCE)

    assert out.splitlines() == ["busy acme", "visits"]


def test_an_interrupted_round_keeps_its_visits_as_partial(
    engine: Engine, settings: WorkerSettings, site: ScriptedSite
) -> None:
    watch(engine, site)
    site.slow(3600, on="details")
    process = visit_once(settings, "acme")
    until(lambda: read_some(site) or len(site.log) > 2, "the visit never began")

    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)

    assert out.splitlines() == ["finished acme partial the visit was cut short: stopped", "interrupted"]
    until(lambda: not group(process.pid), "a process was left behind")
