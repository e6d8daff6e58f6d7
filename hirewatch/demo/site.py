"""A small career site on loopback whose jobs can be opened, edited, closed and reopened while it is served.

One invented employer, pages as real sites write them. `hirewatch demo` watches one; the tests build on it sites that
misbehave. Every method may be called from any thread.
"""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import islice
from typing import Any, Literal, Self

from hirewatch.demo import jobs, pages
from hirewatch.demo.http_server import Access, Answer, Request, Server, send
from hirewatch.demo.jobs import PLACES, Employer, Job, Salary

Layout = Literal["sitemap", "list", "both"]


class CareerSite:
    """An employer's career site, served by threads between `start` and `stop` (or as a context manager)."""

    #: jobs on one page of the list
    page_size = 20

    def __init__(
        self,
        postings: int = 45,
        seed: int = 1,
        layout: Layout = "both",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        sitemap_index: bool = False,
        today: date | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """A site with `postings` open jobs that follow from `seed`.

        Args:
            layout: how its jobs can be found: by its sitemap, by its list pages, or by both.
            port: 0 = one that is free.
            sitemap_index: `/sitemap.xml` is an index of a plain file of pages and a gzipped file of jobs.
            today: the day to which the dates of the first jobs refer; `clock`'s day if not given.
            clock: the time of changes made by the verbs; aware, UTC.
        """
        self.employer: Employer = jobs.employer(seed)
        self.layout: Layout = layout
        self.sitemap_index = sitemap_index
        self._clock = clock
        self._lock = threading.RLock()
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._log: list[Access] = []
        self._rng = random.Random(seed)
        self._today = today or clock().astimezone(UTC).date()
        first = 10_000 + 1_000 * (seed % 89)
        self._invented = jobs.invent(self._rng, employer=self.employer, first_number=first, today=self._today)
        #: by handle, closed ones too
        self._jobs: dict[str, Job] = {job.handle: job for job in islice(self._invented, postings)}
        #: handle of a closed job -> the status its page answers
        self._closed: dict[str, int] = {}
        #: the list and the start page changed last
        self._changed = max((job.modified for job in self._jobs.values()), default=clock())

    # Where it is

    @property
    def origin(self) -> str:
        """Scheme, address and port, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    @property
    def url(self) -> str:
        """The address to watch: the start page of the career site."""
        return f"{self.origin}/careers"

    def address(self, handle: str) -> str:
        """The address of a job's page."""
        return f"{self.origin}/careers/jobs/{handle}"

    # What the employer does

    def open(self, title: str | None = None, *, city: str | None = None, **fields: Any) -> str:
        """Opens a new job and returns its handle; what is not given is invented.

        Args:
            title: of the job.
            city: one of `hirewatch.demo.jobs.PLACES`.
            fields: other fields of `hirewatch.demo.jobs.Job`; `salary` may be a (low, high) pair.
        """
        with self._lock:
            job = next(self._invented)
            given = self._fields(job, {"title": title, "city": city, **fields})
            posted = self._clock().astimezone(UTC).date()
            job = replace(job, **{"posted": posted, **given, "modified": self._next_change()})
            if title or city:
                text = jobs.description(
                    self._rng,
                    title=job.title,
                    place=job.places[0],
                    department=job.department,
                    employer=self.employer,
                )
                slug = jobs.slug(f"{job.title} {job.places[0].city}")
                job = replace(job, slug=slug, description=given.get("description", text))
            self._jobs[job.handle] = job
            return job.handle

    def edit(self, handle: str, **fields: Any) -> None:
        """Changes fields of a job (those of `hirewatch.demo.jobs.Job`, or `city`); its address stays."""
        with self._lock:
            job = self._jobs[handle]
            self._jobs[handle] = replace(job, **self._fields(job, fields), modified=self._next_change())

    def close(self, handle: str, *, status: Literal[404, 410] = 404) -> None:
        """Takes a job off the lists; its page answers `status` from now on."""
        with self._lock:
            if handle not in self._jobs:
                raise KeyError(handle)
            self._closed[handle] = status
            self._next_change()

    def reopen(self, handle: str) -> None:
        """Puts a closed job back as it was."""
        with self._lock:
            del self._closed[handle]
            self._next_change()

    def job(self, handle: str) -> Job:
        """A job, open or closed, as the employer keeps it."""
        with self._lock:
            return self._jobs[handle]

    def open_jobs(self) -> list[str]:
        """Handles of the open jobs, in the order in which they were first opened."""
        with self._lock:
            return [handle for handle in self._jobs if handle not in self._closed]

    def _fields(self, job: Job, given: Mapping[str, Any]) -> dict[str, Any]:
        fields = {name: value for name, value in given.items() if name in ("salary", "until") or value is not None}
        if city := fields.pop("city", None):
            fields["places"] = (PLACES[city],)
        if isinstance(pay := fields.get("salary"), tuple):
            low, high = pay
            fields["salary"] = Salary(low, high, (fields.get("places") or job.places)[0].currency)
        return fields

    def _next_change(self) -> datetime:
        # two changes never share a time, so a `lastmod` tells them apart
        self._changed = max(self._clock().astimezone(UTC), self._changed + timedelta(microseconds=1))
        return self._changed

    # What it was asked

    @property
    def log(self) -> tuple[Access, ...]:
        """The finished requests so far, in the order in which they ended."""
        with self._lock:
            return tuple(self._log)

    def forget_log(self) -> None:
        """Empties the log."""
        with self._lock:
            self._log.clear()

    # What it answers

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path = request.path.rstrip("/") or "/"
        if path == "/robots.txt":
            return self.robots()
        if path.startswith("/sitemap"):
            return self.sitemap(path)
        if path in ("/", "/careers"):
            return self.start_page()
        if path == "/careers/jobs":
            return self.list_page(request.query.get("page", "1"))
        if path.startswith("/careers/jobs/"):
            return self.detail(path.removeprefix("/careers/jobs/"))
        if path in pages.OTHER_PAGES:
            return _html(pages.other_page(path, employer=self.employer))
        if path == "/jobs":
            return Answer(status=301, headers={"Location": f"{self.origin}/careers/jobs"})
        if path == "/static/logo.svg":
            return Answer(status=200, body=pages.LOGO.encode(), content_type="image/svg+xml")
        return self.not_found()

    def robots(self) -> Answer:
        """`/robots.txt`."""
        sitemap = f"{self.origin}/sitemap.xml" if self.layout != "list" else None
        return Answer(
            status=200, body=pages.robots_txt(sitemap=sitemap).encode(), content_type="text/plain; charset=utf-8"
        )

    def sitemap(self, path: str) -> Answer:
        """A sitemap file, or 404 where the site has none of that name."""
        if self.layout == "list":
            return self.not_found()
        with self._lock:
            changed = self._changed
            entries = [pages.Entry(self.address(job.handle), job.modified) for job in self._listed()]
        others = [pages.Entry(f"{self.origin}{where}") for where in ("/", "/careers", *pages.OTHER_PAGES)]
        names = {"/sitemap.xml": others + entries}
        if self.sitemap_index:
            names = {"/sitemap-pages.xml": others, "/sitemap-jobs.xml.gz": entries}
            if path == "/sitemap.xml":
                files = [
                    pages.Entry(f"{self.origin}/sitemap-pages.xml"),
                    pages.Entry(f"{self.origin}/sitemap-jobs.xml.gz", changed),
                ]
                return _xml(pages.sitemap_index(files), changed)
        if path not in names:
            return self.not_found()
        answer = _xml(pages.sitemap(names[path]), changed)
        if path.endswith(".gz"):
            return replace(answer, body=gzip.compress(answer.body, mtime=0), content_type="application/gzip")
        return answer

    def start_page(self) -> Answer:
        """`/` and `/careers`."""
        with self._lock:
            newest = [(job, self.address(job.handle)) for job in self._listed()[:5]]
            changed = self._changed
        listed = self.layout != "sitemap"
        return _html(pages.start_page(employer=self.employer, newest=newest, listed=listed), changed)

    def list_page(self, number: str) -> Answer:
        """`/careers/jobs?page=N`, counted from 1; 404 past the last page."""
        with self._lock:
            listed, changed = self._listed(), self._changed
        if self.layout == "sitemap":
            return self.start_page()
        last = max(1, -(-len(listed) // self.page_size))
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= last:
            return self.not_found()
        page = int(number)
        here = f"{self.origin}/careers/jobs"
        shown = listed[(page - 1) * self.page_size : page * self.page_size]
        text = pages.list_page(
            [(job, self.address(job.handle)) for job in shown],
            employer=self.employer,
            total=len(listed),
            number=page,
            address=here if page == 1 else f"{here}?page={page}",
            following=f"{here}?page={page + 1}" if page < last else None,
        )
        return _html(text, changed)

    def detail(self, handle: str) -> Answer:
        """A job's page."""
        with self._lock:
            job, closed = self._jobs.get(handle), self._closed.get(handle)
        if job is None or closed:
            return self.closed(handle, closed or 404)
        return self.job_page(job)

    def job_page(self, job: Job) -> Answer:
        """The page of an open job."""
        text = pages.job_page(job, employer=self.employer, origin=self.origin, address=self.address(job.handle))
        return _html(text, job.modified)

    def closed(self, handle: str, status: int) -> Answer:
        """What stands at the address of a job that is closed, or never was."""
        return Answer(status=status, body=pages.closed_page(employer=self.employer).encode())

    def not_found(self) -> Answer:
        """The answer to an address that is none of the site's."""
        text = pages.page(title="Page not found", employer=self.employer, body="<h1>Page not found</h1>")
        return Answer(status=404, body=text.encode())

    def _listed(self) -> Sequence[Job]:
        open_jobs = [job for handle, job in self._jobs.items() if handle not in self._closed]
        return sorted(open_jobs, key=lambda job: (job.posted, job.number), reverse=True)

    # The server

    def start(self) -> Self:
        """Serves the site; the port stays the same when it is stopped and started again."""
        self._server = Server((self._host, self._port), exchange=self.exchange, log=self._note)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="career-site", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends all connections and gives the port free; harmless when it is not running."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def exchange(self, handler: BaseHTTPRequestHandler, request: Request) -> int:
        """Answers one request on the wire and returns the status that was sent."""
        return self.reply(handler, request, self.answer(request))

    def reply(self, handler: BaseHTTPRequestHandler, request: Request, answer: Answer) -> int:
        """Writes this answer to the wire and returns the status that was sent."""
        return send(handler, request, answer, now=self._clock())

    def _note(self, access: Access) -> None:
        with self._lock:
            self._log.append(access)


def _html(text: str, modified: datetime | None = None) -> Answer:
    return Answer(status=200, body=text.encode(), modified=modified)


def _xml(text: str, modified: datetime) -> Answer:
    return Answer(status=200, body=text.encode(), content_type="application/xml; charset=utf-8", modified=modified)
