"""Any site, any visits, any time: the ledger against a small model of a posting's life (C.5, C.7).

The model knows the pages of a site and what a visit says of them; it knows no rule of identity and no table. Jobs are
told apart by their identifiers, which the site uses well: whatever happens, one job is one posting.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from postings.events import Event
from postings.posting import Posting
from postings.visits import Absence, Outcome, VisitSummary
from storage import leases, postings
from storage.engine import connect
from storage.schema import upgrade
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: jobs that nothing happens to: beside them a few that go are no reason for doubt
STEADY = 30
BY_ABSENCE = {"gone", "absent", "unlisted"}
FAR = date(2028, 1, 1)

UP, UNLISTED = "up", "unlisted"
PAGES = [UP, UP, UNLISTED, UNLISTED, "404", "410", "503"]
SIGNS = {"404": Absence.NOT_FOUND, "410": Absence.GONE, "503": Absence.UNKNOWN}
HAPPENINGS = ["page", "page", "page", "edit", "date", "move", "new", "displace"]
TEXTS = ["with care", "at night", "for good pay"]


@dataclass
class Job:
    """One job as it is in truth."""

    path: str
    posting: Posting
    #: what its page says from now on
    page: str = UP
    #: complete visits in a row that lacked it, by the same kind of sign
    lacking: list[datetime] = field(default_factory=list)
    kind: str = ""
    #: another job has its address
    displaced: bool = False
    #: where a visit has seen it last: that page is asked, also after it has moved on unseen
    seen_at: str = ""

    @property
    def key(self) -> str:
        assert self.posting.identifier is not None
        return self.posting.identifier.value

    def is_past(self, now: datetime) -> bool:
        last = self.posting.valid_through
        return last is not None and datetime.combine(last, time(12), UTC) + DAY <= now


class AnySite(RuleBasedStateMachine):
    """A site with many steady jobs and a few that come, go, change, move and fail."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "hirewatch.sqlite"
        shutil.copy(template(), path)
        self.engine = connect(f"sqlite:///{path}")
        self.watch = Watch(self.engine)
        self.jobs: list[Job] = []
        self.log: list[Event] = []
        #: which job each posting is
        self.postings: dict[str, str] = {}
        #: the first of the visits in a row that nobody believes
        #: the suspect visits in a row
        self.doubts: list[datetime] = []
        self.last_seen: dict[str, str] = {}
        self.numbers = 100
        for _ in range(STEADY):
            self._new_job()
        for job in self.jobs[:3]:
            job.posting = replace(job.posting, valid_through=FAR)
        self.steady = len(self.jobs)
        self._new_job()
        self.visit(True)
        assert self.watch.current().trust.identifier == "trusted"

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            assert violations(self.engine) == []
            self.engine.dispose()
            self.folder.cleanup()

    # --- what happens to the site

    def _new_job(self) -> None:
        self.numbers += 1
        posting = a_job(f"Job {self.numbers}", place=f"Town {self.numbers}")
        self.jobs.append(Job(f"/jobs/{self.numbers}", posting))

    def happen(self, what: str, which: int, more: int) -> None:
        """One thing that happens to one of the restless jobs."""
        restless = self.jobs[self.steady :]
        job = restless[which % len(restless)]
        if what == "page" and not job.displaced:
            job.page = PAGES[more % len(PAGES)]
        elif what == "edit":
            job.posting = replace(
                job.posting, title=f"{(job.posting.title or '').partition(',')[0]}, {TEXTS[more % 3]}"
            )
        elif what == "date":
            last = None if more > 8 else self.watch.now.date() + (more - 2) * DAY
            job.posting = replace(job.posting, valid_through=last)
        elif what == "move":
            self.numbers += 1
            job.path, job.page, job.displaced = f"/careers/{self.numbers}", UP, False
        elif what == "new" and len(restless) < 5:
            self._new_job()
        elif what == "displace" and len(restless) < 5 and not job.displaced:
            self._new_job()
            self.jobs[-1].path, self.jobs[-1].page = job.path, UP
            job.displaced = True

    @rule(hours=st.integers(1, 24 * 9))
    def clock_ticks(self, hours: int) -> None:
        self.watch.later(hours=hours)
        before = self._states()
        self.watch.ledger.expire(self.watch.now)
        for event in self._news():
            assert (event.type, event.reason) == ("closed", "expired")
            assert self._job(event).is_past(self.watch.now)
            assert before[event.posting_id] == "open"

    # --- what visits make of it

    @rule(
        happening=st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 9), st.integers(0, 9)), max_size=3),
        hours=st.sampled_from([0, 1, 6, 13, 49, 24 * 8]),
        whole=st.sampled_from([True, True, True, False]),
        batch=st.sampled_from([1, 7, 100]),
    )
    def visited(self, happening: list[tuple[str, int, int]], hours: int, whole: bool, batch: int) -> None:
        for what, which, more in happening:
            self.happen(what, which, more)
        self.watch.later(hours=hours)
        self.watch.batch = batch
        self.visit(whole)

    @rule(
        which=st.integers(0, 9),
        page=st.sampled_from(PAGES),
        times=st.integers(2, 5),
        hours=st.sampled_from([6, 60, 200]),
    )
    def it_stays_so(self, which: int, page: str, times: int, hours: int) -> None:
        self.happen("page", which, PAGES.index(page))
        for _ in range(times):
            self.watch.later(hours=hours)
            self.visit(True)

    def visit(self, whole: bool) -> None:
        there = [job for job in self.jobs if not job.displaced]
        shown = [job for job in there if job.page in (UP, UNLISTED)]
        summary = self._visit(
            shown,
            looks={job.seen_at or job.path: SIGNS[job.page] for job in there if job.page in SIGNS},
            unlisted=[job.path for job in there if job.page == UNLISTED],
            whole=whole,
        )
        if not whole:
            assert summary.outcome is Outcome.PARTIAL
        self._check(summary, {job.key: job.page for job in there})

    @rule(hours=st.sampled_from([1, 13]))
    def broken_visit(self, hours: int) -> None:
        """The site answers every page with 404, and its list is empty."""
        self.watch.later(hours=hours)
        there = [job for job in self.jobs if not job.displaced]
        summary = self._visit([], looks={job.seen_at or job.path: Absence.NOT_FOUND for job in there})
        believed = len(self.doubts) >= 2 and self.watch.now - self.doubts[0] >= 12 * HOUR
        nothing_left = not self.open_before & {job.key for job in self.jobs[: self.steady]}
        assert summary.outcome is (Outcome.COMPLETE if believed or nothing_left else Outcome.SUSPECT)
        self._check(summary, {job.key: "404" for job in there})

    @rule()
    def failed_visit(self) -> None:
        there = [job for job in self.jobs if not job.displaced]
        summary = self._visit(
            [], looks={job.seen_at or job.path: Absence.UNKNOWN for job in there}, whole=False, start_status=503
        )  # fmt: skip
        assert summary.outcome is Outcome.FAILED
        self._check(summary, {job.key: "503" for job in there})

    @rule(share=st.integers(0, 3))
    def visit_that_dies(self, share: int) -> None:
        watch = self.watch
        self._show([job for job in self.jobs if not job.displaced and job.page == UP])
        lease = leases.claim(
            self.engine, watch.site.id, owner="gone", now=watch.now, ttl=timedelta(seconds=90), dead=lambda _: True
        )
        assert lease is not None
        visit = watch.ledger.begin(watch.current(), lease, watch.now)
        paths = sorted(watch.pages)[: len(watch.pages) * share // 3]
        watch.ledger.record(visit, [watch._sighting(path, {}) for path in paths], watch.now)
        leases.release(self.engine, lease)
        assert not [event for event in self._news() if event.type == "closed" and event.reason != "expired"]
        for job in self.jobs:
            if job.path in paths:
                job.seen_at = job.path
                if job.kind == "page":
                    job.lacking = []

    def _visit(self, shown: list[Job], **saw: object) -> VisitSummary:
        self.open_before = self._opened()
        self._show(shown)
        for job in shown:
            job.seen_at = job.path
        return self.watch.visit(**saw)  # type: ignore[arg-type]

    def _show(self, shown: list[Job]) -> None:
        self.watch.pages = {job.path: job.posting for job in shown}

    # --- what must hold then

    def _check(self, summary: VisitSummary, said: dict[str, str]) -> None:
        now, before = self.watch.now, self.open_before
        news = self._news()
        complete = summary.outcome is Outcome.COMPLETE
        if summary.outcome is Outcome.SUSPECT:
            self.doubts.append(now)
        elif summary.outcome is not Outcome.FAILED:
            self.doubts = []
        patience = self.watch.current().health.patience
        if not complete:
            closings = [event for event in news if event.type == "closed"]
            assert {event.reason for event in closings} <= {"expired"}, "nothing closes by a visit that is not complete"
        stored = {_key(one): one for one in self._stored()}
        now_open = {key for key, one in stored.items() if one["state"] == "open"}
        for job in self.jobs:
            sign = said.get(job.key)
            closing = next((e for e in news if e.type == "closed" and self._job(e) is job), None)
            if sign is None:
                assert closing is None or closing.reason in ("expired", "replaced"), '"no answer" is no reason'
            if sign == "503" and closing is not None:
                assert closing.reason in ("expired", "replaced", "unlisted"), "only the list speaks of it"
            if closing is not None and closing.reason == "replaced":
                assert job.displaced
            if sign in (UP, UNLISTED) and closing is not None:
                assert closing.reason in ("expired", "unlisted")
            if complete and sign == UP and not job.is_past(now):
                assert job.key in now_open, "not past, listed and answering is open"
            if sign == UP and job.key in now_open and job.key in before:
                assert stored[job.key]["title"] == job.posting.title, "what is open says what its page says"
            self._count(job, sign, complete)
            if closing is not None and closing.reason == "unlisted":
                assert len(job.lacking) >= 3
                assert now - job.lacking[0] >= 7 * DAY
            if job.key in now_open and complete and sign in SIGNS.keys() | {UNLISTED}:
                span = now - job.lacking[0]
                if job.kind == "page" and sign != "503":
                    assert patience > 1, "its page says so, a whole list lacks it: closed at once"
                    assert len(job.lacking) < 2 or span < 48 * HOUR
                elif job.kind == "list":
                    assert len(job.lacking) < 3 or span < 9 * DAY
            if job.key in stored and job.key not in now_open:
                job.lacking, job.kind = [], ""

    def _count(self, job: Job, sign: str | None, complete: bool) -> None:
        if sign in ("404", "410"):
            kind = "page"
        elif sign == UNLISTED or (sign == "503" and job.kind != "page"):
            kind = "list"
        else:
            kind = ""
        if (sign == UP and (complete or job.kind == "page")) or (sign == UNLISTED and job.kind == "page"):
            job.lacking, job.kind = [], ""
        if complete and kind:
            if job.kind != kind:
                job.lacking, job.kind = [], kind
            if not job.lacking or self.watch.now > job.lacking[-1]:
                job.lacking.append(self.watch.now)

    def _news(self) -> list[Event]:
        """The events since the last question; those before are as they were."""
        log = self.watch.events()
        assert log[: len(self.log)] == self.log, "what was recorded is never rewritten"
        news, self.log = log[len(self.log) :], log
        for event in news:
            key = _key(event.record)
            assert self.postings.setdefault(event.posting_id, key) == key, "a posting became another job"
            if event.type == "closed":
                assert datetime.fromisoformat(event.record["closed_at"]) <= event.at
        return news

    def _stored(self) -> list[dict[str, object]]:
        found = postings.search(self.engine, state="all", limit=None)
        return [dict(one.record) for one in found]

    def _states(self) -> dict[str, object]:
        return {str(one["id"]): one["state"] for one in self._stored()}

    def _opened(self) -> set[str]:
        return {_key(one) for one in self._stored() if one["state"] == "open"}

    def _job(self, event: Event) -> Job:
        return next(job for job in self.jobs if job.key == _key(event.record))

    @invariant()
    def one_job_is_one_posting(self) -> None:
        if not hasattr(self, "log"):
            return
        stored = self._stored()
        keys = [_key(one) for one in stored]
        assert len(keys) == len(set(keys)), "a job was opened twice"
        assert set(keys) <= {job.key for job in self.jobs}
        for one in stored:
            before = self.last_seen.get(str(one["id"]), "")
            assert str(one["last_seen"]) >= before, "last_seen never falls"
            self.last_seen[str(one["id"])] = str(one["last_seen"])


def _key(record: object) -> str:
    assert isinstance(record, dict)
    return str(record["identifier"]["value"])


_TEMPLATES: list[Path] = []


def template() -> Path:
    """An empty SQLite database with the newest schema, to copy."""
    if not _TEMPLATES:
        path = Path(tempfile.mkdtemp(prefix="hw-machine-")) / "hirewatch.sqlite"
        engine = connect(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
        _TEMPLATES.append(path)
    return _TEMPLATES[0]


AnySite.TestCase.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
TestAnySite = AnySite.TestCase
