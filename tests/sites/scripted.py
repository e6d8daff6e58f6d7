"""A career site with verbs: what employers, their software and the network do to a site, on an address of its own.

`ScriptedSite` is the demonstration's career site plus damage. A damage lasts until `mend`.
"""

from __future__ import annotations

import gzip
import itertools
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

import brotli
from backports import zstd

from hirewatch.demo import pages
from hirewatch.demo.http_server import Answer, Request
from hirewatch.demo.jobs import Job
from hirewatch.demo.site import CareerSite

Part = Literal["everything", "details", "lists", "sitemap", "start", "robots"]
Coding = Literal["identity", "gzip", "deflate", "br", "zstd"]
#: how the end of a cut body is told: the whole length is announced, the cut length is announced (nothing on the
#: wire shows the cut), chunks without the last one, or nothing at all until the connection ends
Framing = Literal["length", "short length", "chunks", "connection end"]

CODINGS: tuple[Coding, ...] = ("identity", "gzip", "deflate", "br", "zstd")
FRAMINGS: tuple[Framing, ...] = ("length", "short length", "chunks", "connection end")

Wall = Literal["login", "captcha", "consent", "maintenance", "parked"]

#: title and body of what stands before a site
_WALLS: dict[Wall, tuple[str, str]] = {
    "login": ("Please sign in", '<form method="post"><input name="user"><input type="password"></form>'),
    "captcha": ("Are you human?", '<p>Checking your browser.</p><div class="g-recaptcha"></div>'),
    "consent": ("We value your privacy", "<p>We use cookies.</p><button>Accept all</button>"),
    "maintenance": ("Down for maintenance", "<p>We are improving our site. Please come back in an hour.</p>"),
    "parked": ("This domain is for sale", '<p>Buy it now.</p><a href="/buy">Offer</a>'),
}

_ENCODERS: dict[Coding, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}

_addresses = itertools.count(257)


def own_address() -> str:
    """A loopback address that no other site of this process has: its own host for crawlers, robots and delays."""
    number = next(_addresses)
    return f"127.0.{number // 250 % 250 + 1}.{number % 250 + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a body breaks off."""

    coding: Coding
    keep: float
    framing: Framing


#: takes a request and the answer so far, gives the answer that is sent; None closes the connection without one
Damage = Callable[[Request, Answer], Answer | None]


class ScriptedSite(CareerSite):
    """A career site on an address of its own which can be damaged while it is served."""

    def __init__(self, postings: int = 12, seed: int = 1, **options: Any) -> None:
        options.setdefault("host", own_address())
        super().__init__(postings, seed, **options)
        self._mended = threading.Event()
        self._damages: list[tuple[Callable[[Request], bool], Damage]] = []
        self._cuts: list[tuple[Callable[[Request], bool], Cut]] = []
        self._waits: list[tuple[Callable[[Request], bool], float]] = []
        self._moved: int = 0
        self._moved_answer: int = 404
        self._closed_answer: str | None = None
        self._style = 0
        self._hidden: set[str] = set()
        self._unmarked: set[str] = set()
        self._noindex: set[str] = set()

    def mend(self) -> None:
        """Ends all damage. What the employer did (moves, templates, closed jobs) stays."""
        self._damages.clear()
        self._cuts.clear()
        self._waits.clear()
        self._mended.set()
        self._mended = threading.Event()

    def stop(self) -> None:
        self._mended.set()
        super().stop()

    # What the network and broken software do

    def outage(
        self,
        status: int = 503,
        *,
        on: Part | str = "everything",
        retry_after: int | str | None = None,
        after: int = 0,
    ) -> None:
        """Answers `status` and an error page, but for the first `after` requests; `retry_after` becomes the header."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._damage(on, _from(after, lambda: Answer(status=status, body=b"<h1>Sorry</h1>", headers=headers)))

    def hang_up(self, *, on: Part | str = "everything", after: int = 0) -> None:
        """Closes the connection instead of answering; the first `after` requests are answered."""
        self._damage(on, _from(after, lambda: None))

    def slow(self, seconds: float, *, on: Part | str = "everything", after: int = 0) -> None:
        """Waits before each answer, or until it is mended or stopped; the first `after` of them come at once."""
        concerns, left = self._part(on), itertools.count(-after)
        self._waits.append((lambda request: concerns(request) and next(left) >= 0, seconds))

    def cut(
        self,
        *,
        on: Part | str = "everything",
        coding: Coding = "identity",
        keep: float = 0.5,
        framing: Framing = "length",
    ) -> None:
        """Breaks bodies off after the share `keep` of their coded bytes."""
        self._cuts.append((self._part(on), Cut(coding=coding, keep=keep, framing=framing)))

    def empty_sitemap(self) -> None:
        """Sitemaps are whole and valid, and list nothing."""
        self._damage("sitemap", lambda request, answer: replace(answer, body=pages.sitemap([]).encode()))

    def html_sitemap(self) -> None:
        """Sitemap addresses answer the start page, with status 200."""
        self._damage("sitemap", lambda request, answer: self.start_page())

    def wall(self, kind: Wall = "login", *, on: Part | str = "details") -> None:
        """Another page stands before all jobs, with status 200."""
        title, body = _WALLS[kind]
        page = pages.page(title=title, employer=self.employer, body=f"<h1>{title}</h1>{body}")
        self._damage(on, lambda request, answer: Answer(status=200, body=page.encode()))

    def break_scripts(self) -> None:
        """JSON-LD scripts break off in the middle of a string; the pages are whole."""

        def broken(request: Request, answer: Answer) -> Answer:
            body = re.sub(rb'("description": ".{20}).*?</script>', rb"\1</script>", answer.body, flags=re.S)
            return replace(answer, body=body)

        self._damage("details", broken)

    def vary(self) -> None:
        """Each answer carries a new nonce, so that no body comes twice."""
        numbers = itertools.count(1)

        def varied(request: Request, answer: Answer) -> Answer:
            nonce = f'<meta name="csrf-token" content="{next(numbers):032x}"></head>'.encode()
            return replace(answer, body=answer.body.replace(b"</head>", nonce))

        self._damage("everything", varied)

    def robots_answer(self, status: int = 200, text: str = "") -> None:
        """`/robots.txt` answers this."""
        self._damage(
            "robots", lambda request, answer: Answer(status=status, body=text.encode(), content_type="text/plain")
        )

    def redirect(self, to: str, *, on: Part | str) -> None:
        """Answers with a redirect to an address."""
        self._damage(on, lambda request, answer: Answer(status=302, body=b"", headers={"Location": to}))

    def repeat_first_page(self) -> None:
        """Every page of the list is the first one and promises another: lists of some systems do that past a limit."""

        def repeated(request: Request, answer: Answer) -> Answer:
            number = int(request.query.get("page", "1"))
            first = self.list_page("1")
            following = f'<a rel="next" href="/careers/jobs?page={number + 1}">More jobs</a></main>'.encode()
            return replace(first, body=first.body.replace(b"</main>", following), modified=None)

        self._damage("/careers/jobs", repeated)

    def broken_build(self) -> None:
        """The site is published without its jobs: lists are empty, the jobs' pages answer 404."""
        self._damage("details", lambda request, answer: self.not_found())
        self.empty_sitemap()
        empty = pages.list_page(
            [], employer=self.employer, total=0, number=1, address=f"{self.origin}/careers/jobs", following=None
        )
        self._damage("/careers/jobs", lambda request, answer: Answer(status=200, body=empty.encode()))

    # What employers do

    def move_all(self, *, redirect: int | None = None) -> None:
        """Gives every job a new address; the old ones answer 404, or redirect with this status."""
        with self._lock:
            self._moved += 1
            self._moved_answer = redirect or 404
            self._next_change()

    def move_closed(self, to: Literal["list", "start", "soft 404"]) -> None:
        """Closed jobs redirect to the list or the start page, or say with status 200 that they are closed."""
        self._closed_answer = to

    def drop_markup(self, *handles: str) -> None:
        """The pages of these jobs (of all, if none is named) lose their JSON-LD."""
        self._unmarked.update(handles or self.open_jobs())

    def noindex(self, *handles: str) -> None:
        """The pages of these jobs (of all, if none is named) ask not to be indexed."""
        self._noindex.update(handles or self.open_jobs())

    def unlist(self, *handles: str) -> None:
        """Takes jobs off the lists while their pages go on answering."""
        with self._lock:
            self._hidden.update(handles)
            self._next_change()

    def relist(self, *handles: str) -> None:
        """Puts unlisted jobs back on the lists."""
        with self._lock:
            self._hidden.difference_update(handles)
            self._next_change()

    def change_template(self) -> None:
        """Writes all pages and their JSON-LD in another way; what they say of the jobs stays."""
        with self._lock:
            self._style += 1
            self._touch_all()

    def retitle(self, suffix: str) -> None:
        """Puts `suffix` behind the title of every open job."""
        for handle in self.open_jobs():
            self.edit(handle, title=f"{self.job(handle).title} {suffix}")

    def open_many(self, count: int) -> list[str]:
        """Opens many jobs at once."""
        return [self.open() for _ in range(count)]

    # How it is done

    def address(self, handle: str) -> str:
        if not self._moved:
            return super().address(handle)
        slug, _, number = handle.rpartition("-")
        return f"{self.origin}/en/positions-{self._moved}/{number}/{slug}"

    def answer(self, request: Request) -> Answer:
        path = request.path.rstrip("/")
        if moved := re.fullmatch(r"/en/positions-(\d+)/(\d+)/([^/]+)", path):
            handle = f"{moved[3]}-{moved[2]}"
            answer = self.detail(handle) if int(moved[1]) == self._moved else self._old(handle)
        elif self._moved and path.startswith("/careers/jobs/"):
            answer = self._old(path.removeprefix("/careers/jobs/"))
        else:
            answer = super().answer(request)
        return answer

    def _old(self, handle: str) -> Answer:
        if self._moved_answer == 404 or handle not in self.open_jobs():
            return self.closed(handle, 404)
        return Answer(status=self._moved_answer, headers={"Location": self.address(handle)})

    def job_page(self, job: Job) -> Answer:
        text = pages.job_page(
            job,
            employer=self.employer,
            origin=self.origin,
            address=self.address(job.handle),
            style=job.number + self._style,
            markup=job.handle not in self._unmarked,
            robots="noindex" if job.handle in self._noindex else "",
        )
        if self._style % 2:
            text = text.replace("<article>", '<div class="grid"><section>').replace("</article>", "</section></div>")
        return Answer(status=200, body=text.encode(), modified=job.modified)

    def closed(self, handle: str, status: int) -> Answer:
        if self._closed_answer is None or handle not in self._closed:
            return super().closed(handle, status)
        if self._closed_answer == "soft 404":
            return replace(super().closed(handle, status), status=200)
        target = f"{self.origin}/careers/jobs" if self._closed_answer == "list" else self.url
        return Answer(status=302, headers={"Location": target})

    def exchange(self, handler: BaseHTTPRequestHandler, request: Request) -> int:
        for concerns, seconds in list(self._waits):
            if concerns(request):
                self._mended.wait(seconds)
        for concerns, cut in list(self._cuts):
            if concerns(request):
                return _send_cut(handler, self._damaged(request) or self.not_found(), cut)
        answer = self._damaged(request)
        if answer is None:
            handler.close_connection = True
            return 0
        return self.reply(handler, request, answer)

    def _damaged(self, request: Request) -> Answer | None:
        answer: Answer | None = self.answer(request)
        for concerns, damage in list(self._damages):
            if answer is not None and concerns(request):
                answer = damage(request, answer)
        return answer

    def _damage(self, on: Part | str, damage: Damage) -> None:
        self._damages.append((self._part(on), damage))

    def _part(self, on: Part | str) -> Callable[[Request], bool]:
        def concerns(request: Request) -> bool:
            path = request.path.rstrip("/") or "/"
            is_detail = path.startswith(("/careers/jobs/", "/en/positions-"))
            is_sitemap = path.startswith("/sitemap")
            parts = {
                "everything": True,
                "details": is_detail,
                "sitemap": is_sitemap,
                "lists": is_sitemap or path == "/careers/jobs",
                "start": path in ("/", "/careers"),
                "robots": path == "/robots.txt",
            }
            return parts.get(on, path == on)

        return concerns

    def _listed(self) -> list[Job]:
        return [job for job in super()._listed() if job.handle not in self._hidden]

    def _touch_all(self) -> None:
        for handle in self.open_jobs():
            self.edit(handle)


def _from(after: int, damaged: Callable[[], Answer | None]) -> Damage:
    left = itertools.count(-after)
    return lambda request, answer: damaged() if next(left) >= 0 else answer


def _send_cut(handler: BaseHTTPRequestHandler, answer: Answer, cut: Cut) -> int:
    whole = _ENCODERS[cut.coding](answer.body)
    part = whole[: int(len(whole) * cut.keep)]
    handler.close_connection = True
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if cut.coding != "identity":
        handler.send_header("Content-Encoding", cut.coding)
    if cut.framing == "chunks":
        handler.send_header("Transfer-Encoding", "chunked")
        part = b"%x\r\n%s\r\n" % (len(part), part) if part else b""
    elif cut.framing == "connection end":
        handler.send_header("Connection", "close")
    else:
        handler.send_header("Content-Length", str(len(whole if cut.framing == "length" else part)))
    handler.end_headers()
    handler.wfile.write(part)
    handler.wfile.flush()
    return answer.status


def at(text: str) -> datetime:
    """A time in UTC from `2026-11-25` or `2026-11-25T08:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
