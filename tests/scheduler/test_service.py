"""The service as a process: what is due happens once, whatever dies, and it ends in order."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.engine import Engine

from crawler.job_words import names_a_job
from delivery.dispatch import Settled
from delivery.outlets import webhook
from postings.sites import Site
from postings.visits import Listing, Outcome, VisitReport
from scheduler import cadence
from scheduler.protocol import WorkerSettings
from scheduler.service import Service, describe
from storage import events, leases, outlets, sites, visits
from storage.leases import Outlook
from storage.ledger import Ledger, Plan
from tests.chaos import checker
from tests.delivery.loopback import loopback_context
from tests.scheduler.processes import PATIENCE, ServiceUnderTest, children, group, until
from tests.sites.scripted import ScriptedSite

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Serve = Callable[[], ServiceUnderTest]


@pytest.fixture
def serve(settings: WorkerSettings, tmp_path: Path) -> Iterator[Serve]:
    """Starts services on the test's database."""
    started: list[ServiceUnderTest] = []

    def start() -> ServiceUnderTest:
        started.append(ServiceUnderTest(settings, tmp_path / f"said{len(started)}"))
        return started[-1]

    yield start
    for one in started:
        one.close()


def watch(engine: Engine, site: ScriptedSite, name: str = "acme", *, since: datetime | None = None) -> Site:
    return sites.add(engine, name=name, start_url=site.url, every=None, now=since or datetime.now(UTC))


def ended(engine: Engine) -> list[str]:
    return [visit.site for visit in visits.recent(engine, None, 100) if visit.ended_at]


def hanging(site: ScriptedSite) -> None:
    # not the page that the visit tries first of all
    last = next(handle for handle in site.open_jobs() if not names_a_job(handle))
    site.slow(3600, on=f"/careers/jobs/{last}")


def at_the_jobs(site: ScriptedSite) -> bool:
    return len({access.path for access in site.log}) > 5


class Receiver:
    """A webhook receiver on loopback that remembers the ids it was sent."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.ids: list[str] = []
        self.times: list[float] = []
        self._released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.times.append(time.monotonic())
                if hangs:
                    receiver._released.wait()
                receiver.ids.append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    started: list[Receiver] = []

    def start(*, hangs: bool = False) -> Receiver:
        started.append(Receiver(hangs=hangs))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_visits_that_were_missed_for_days_are_made_up_for_once(
    engine: Engine, site: ScriptedSite, serve: Serve
) -> None:
    watch(engine, site, since=datetime.now(UTC) - timedelta(days=3))
    service = serve()

    service.says("acme: complete")
    service.process.terminate()

    assert service.process.wait(PATIENCE) == 0
    assert ended(engine) == ["acme"]
    assert "1 site, next visit now" in service.said.read_text()


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_two_services_visit_each_due_site_once(
    engine: Engine, sites: Callable[..., ScriptedSite], serve: Serve
) -> None:
    names = [f"site-{number}" for number in range(6)]
    for name in names:
        watch(engine, sites(5), name)
    services = [serve(), serve()]

    until(lambda: set(ended(engine)) == set(names), "not every site was visited")
    for service in services:
        service.process.terminate()

    assert [service.process.wait(PATIENCE) for service in services] == [0, 0]
    assert sorted(ended(engine)) == names
    assert events.last(engine) == 6 * 5
    assert checker.violations(engine) == []


def test_a_service_that_did_not_look_again_would_visit_a_site_once_more(engine: Engine, site: ScriptedSite) -> None:
    watch(engine, site, since=datetime.now(UTC) - timedelta(days=3))
    now, ledger = datetime.now(UTC), Ledger(engine)
    [due], [also] = leases.due(engine, now, 10), leases.due(engine, now, 10)
    claim = partial(leases.claim, engine, now=now, ttl=timedelta(hours=1), dead=lambda owner: False)
    first = claim(due.id, owner="one", only_if_due=True)
    assert first is not None
    visit = ledger.begin(sites.find(engine, "acme"), first, now)
    report = VisitReport(started_at=now, ended_at=now, source=None, listing=Listing())
    ledger.conclude(visit, report, now, lambda _: Plan(next_visit_at=now + timedelta(days=1)))
    assert claim(also.id, owner="two", only_if_due=True) is None
    assert claim(also.id, owner="two") is not None


def test_if_the_next_visit_were_counted_from_the_missed_one_each_missed_one_would_be_made(
    engine: Engine, site: ScriptedSite
) -> None:
    missed = datetime.now(UTC) - timedelta(days=3)
    watch(engine, site, since=missed)
    daily = replace(sites.find(engine, "acme"), every=timedelta(days=1))
    assert cadence.latest(daily, datetime.now(UTC), rng=Random(1)) > datetime.now(UTC)
    made, at = 0, missed
    while at < datetime.now(UTC):
        at, made = cadence.latest(daily, at, rng=Random(1)), made + 1
    assert made > 2


def test_a_worker_that_is_killed_in_a_visit_is_replaced_and_the_site_is_visited_again(
    engine: Engine, site: ScriptedSite, serve: Serve
) -> None:
    watched = watch(engine, site)
    hanging(site)
    service = serve()
    until(lambda: at_the_jobs(site), "the visit never came to the job pages")
    (worker,) = children(service.process.pid)

    os.kill(worker, signal.SIGKILL)

    service.says("the worker process ended (signal SIGKILL)")
    assert checker.violations(engine) == []
    site.mend()
    service.says("acme: complete")
    until(lambda: not group(worker), "a reader of the killed worker was left behind")
    outcomes = [visit.outcome for visit in visits.recent(engine, watched.id, 10)]
    assert outcomes == [Outcome.COMPLETE, None]
    assert events.last(engine) == len(site.open_jobs())
    assert checker.violations(engine) == []


def test_a_service_that_is_told_to_end_stops_its_visits_and_leaves_nothing_behind(
    engine: Engine, site: ScriptedSite, serve: Serve
) -> None:
    watched = watch(engine, site)
    hanging(site)
    service = serve()
    until(lambda: at_the_jobs(site), "the visit never came to the job pages")
    workers = children(service.process.pid)
    began = time.monotonic()

    service.process.send_signal(signal.SIGINT)

    assert service.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 10
    (visit,) = visits.recent(engine, watched.id, 10)
    assert visit.outcome is Outcome.PARTIAL
    assert "stopped" in str(visit.reason)
    assert not any(group(leader) for leader in [*workers, service.process.pid])


def test_a_worker_that_outlives_its_service_stops(engine: Engine, site: ScriptedSite, serve: Serve) -> None:
    watched = watch(engine, site)
    hanging(site)
    service = serve()
    until(lambda: at_the_jobs(site), "the visit never came to the job pages")
    (worker,) = children(service.process.pid)

    service.process.kill()

    until(lambda: not group(worker), "the worker went on without its service")
    (visit,) = visits.recent(engine, watched.id, 10)
    assert "stopped" in str(visit.reason)


def test_an_outlet_that_hangs_delays_no_other_outlet_and_no_end(
    engine: Engine, site: ScriptedSite, serve: Serve, receivers: Callable[..., Receiver]
) -> None:
    watch(engine, site)
    dead, well = receivers(hangs=True), receivers()
    for name, receiver in (("dead", dead), ("well", well)):
        address, options = webhook.prepare(receiver.url, {"with_baseline": True})
        outlets.add(engine, name=name, kind="webhook", address=address, options=options, now=NOW)
    service = serve()

    until(lambda: len(well.ids) == len(site.open_jobs()), "the events did not arrive")
    until(lambda: bool(dead.times), "the hanging outlet was never asked")
    began = time.monotonic()
    service.process.terminate()

    assert dead.ids == []
    assert service.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 10
    assert checker.violations(engine) == []


def test_who_is_left_out_of_several_is_said_once_and_once_that_all_hear_again(settings: WorkerSettings) -> None:
    said: list[str] = []
    service = Service(settings, context=loopback_context(), say=said.append)

    for left_out in ("is told, but not b@example.com (550)", "is told, but not b@example.com (550)", None):
        service._delivered(Settled(outlet="team", sent=1, left_out=left_out))
        service._delivered(Settled(outlet="team", busy=True))

    service._store.close()
    service._engine.dispose()
    assert [line for line in said if "delivered" not in line] == [
        "outlet team: is told, but not b@example.com (550)",
        "outlet team: works again",
    ]


def test_the_status_line_names_sites_and_the_next_visit() -> None:
    at = NOW + timedelta(hours=2)

    line = describe(Outlook(sites=2, paused=0, visiting=0, next_visit_at=at), NOW)

    assert line == f"2 sites, next visit {at.astimezone():%H:%M}"


def test_the_status_line_tells_paused_and_running_visits() -> None:
    line = describe(Outlook(sites=2, paused=1, visiting=1, next_visit_at=NOW), NOW)

    assert line == "2 sites, 1 paused, visiting 1 now, next visit now"


def test_the_status_line_of_an_empty_service_says_what_to_do() -> None:
    assert (
        describe(Outlook(sites=0, paused=0, visiting=0, next_visit_at=None), NOW)
        == "no site yet: add one with hirewatch add URL"
    )


def test_a_visit_of_another_day_is_shown_with_its_day() -> None:
    at = NOW + timedelta(days=3)

    line = describe(Outlook(sites=1, paused=0, visiting=0, next_visit_at=at), NOW)

    assert line == f"1 site, next visit {at.astimezone():%a %d %b %H:%M}"
