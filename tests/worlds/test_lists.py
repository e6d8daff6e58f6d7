"""Career sites whose start page shows a few jobs and whose whole list is elsewhere: what is told of them over a
month."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hirewatch.demo.http_server import Answer, Request
from postings.visits import Outcome
from storage import events
from storage.engine import connect
from storage.schema import upgrade
from tests.sites.scripted import ScriptedSite
from tests.worlds.simulation import Simulation

#: what stands at a path, given the addresses of the listed jobs, newest first, and the number of a page; None: nothing
#: special
Layout = Callable[[str, Sequence[str], int], str | int | None]

#: on which days of the month a job opens; one of the first five closes, and another one is taken off the lists
_OPENS = frozenset({1, 2, 4, 6, 8})
_CLOSES, _UNLISTED = 10, 12


def html(*parts: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>Acme</title>{head}</head><body>{''.join(parts)}</body></html>"


def rows(jobs: Iterable[str]) -> str:
    return "".join(f'<li><a href="{job}">Job {number}</a></li>' for number, job in enumerate(jobs))


def link(path: str, text: str) -> str:
    return f'<a href="{path}">{text}</a>'


def paged(jobs: Sequence[str], number: int, size: int, path: str) -> str:
    """A page of a list with `rel=next`."""
    shown = jobs[(number - 1) * size : number * size]
    more = f'<link rel="next" href="{path}?page={number + 1}">' if number * size < len(jobs) else ""
    return html(rows(shown), head=more)


def teaser(*links: str, whole: Layout | None = None, shows: int = 5) -> Layout:
    """The newest jobs on the start page, and what `whole` says elsewhere."""

    def layout(path: str, jobs: Sequence[str], number: int) -> str | int | None:
        if path == "/careers":
            return html(rows(jobs[:shows]), *links)
        return whole(path, jobs, number) if whole else (404 if path == "/careers/jobs" else None)

    return layout


def at(path: str, page: Callable[[Sequence[str], int], str | int]) -> Layout:
    def layout(asked: str, jobs: Sequence[str], number: int) -> str | int | None:
        if asked == path:
            return page(jobs, number)
        return 404 if asked == "/careers/jobs" else None

    return layout


def departments(path: str, jobs: Sequence[str], number: int) -> str | int | None:
    """Each department has a page, also those that come later."""
    found: dict[str, list[str]] = {}
    for job in jobs:
        found.setdefault(f"/departments/team-{int(job.rpartition('-')[2]) % 4}-jobs", []).append(job)
    if path == "/careers":
        return html(*(link(where, where[-6:]) for where in sorted(found)))
    if path == "/careers/jobs":
        return 404
    return html(rows(found[path])) if path in found else None


def stated(path: str, jobs: Sequence[str], number: int) -> str | int | None:
    """The list says how many there are, and a script shows those beyond the first five."""
    if path == "/careers":
        return html(f"<p><b>{len(jobs)}</b> open positions</p>", rows(jobs[:5]), "<button>Load more</button>")
    return 404 if path == "/careers/jobs" else None


def chained(path: str, jobs: Sequence[str], number: int) -> str | int | None:
    if path == "/careers":
        return paged(jobs, number, 5, "/careers")
    return 404 if path == "/careers/jobs" else None


def whole(jobs: Sequence[str], number: int) -> str:
    return html(rows(jobs))


#: how the site lists its jobs, and whether hirewatch can see a list of all of them
LAYOUTS: dict[str, tuple[Layout, bool]] = {
    "all jobs in the folder of the postings": (
        teaser(link("/careers/jobs", "All open jobs"), whole=at("/careers/jobs", whole)),
        True,
    ),
    "all jobs elsewhere, in German": (
        teaser(link("/uebersicht", "Alle Stellenangebote"), whole=at("/uebersicht", whole)),
        True,
    ),
    "the folder under a text that says nothing": (
        teaser(link("/careers/jobs", "Discover"), whole=at("/careers/jobs", whole)),
        True,
    ),
    "the folder, linked from nowhere": (teaser(whole=at("/careers/jobs", whole)), True),
    "all jobs on pages of three": (
        teaser(
            link("/careers/all", "View all vacancies"),
            whole=at("/careers/all", lambda jobs, number: paged(jobs, number, 3, "/careers/all")),
        ),
        True,
    ),
    "rel=next from the sixth job on": (chained, True),
    "departments that come and go": (departments, True),
    "all jobs by script only": (
        teaser(link("/search", "All jobs"), whole=at("/search", lambda *_: html("<div id=app></div>"))),
        False,
    ),
    "all jobs behind an error": (teaser(link("/search", "All jobs"), whole=at("/search", lambda *_: 503)), False),
    "all jobs that robots.txt forbids": (
        teaser(link("/internal/jobs", "See all openings"), whole=at("/internal/jobs", whole)),
        False,
    ),
    "a number that is larger than the list": (stated, False),
    "an extract of three and a link named open positions": (
        teaser(link("/offers-today", "Open positions"), whole=at("/offers-today", whole), shows=3),
        True,
    ),
}


class Laid(ScriptedSite):
    """A career site that lists its jobs in another way."""

    def __init__(self, layout: Layout, simulation: Simulation) -> None:
        super().__init__(5, layout="list", port=80, clock=simulation.time)
        self.lays = layout

    def answer(self, request: Request) -> Answer:
        path = request.path.rstrip("/") or "/"
        jobs = [self.address(job.handle) for job in self._listed()]
        page = self.lays(path, jobs, int(request.query.get("page", "1")))
        if page is None:
            return super().answer(request)
        if isinstance(page, int):
            return replace(self.not_found(), status=page)
        return Answer(status=200, body=page.encode())


@pytest.mark.parametrize("kind", LAYOUTS)
def test_jobs_close_only_where_a_list_of_all_of_them_lacks_them(kind: str, tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/hirewatch.sqlite")
    upgrade(engine)
    simulation = Simulation(engine, 0)
    layout, is_seen = LAYOUTS[kind]
    site = Laid(layout, simulation)
    simulation.watch("acme", site)
    first = site.open_jobs()
    opened: list[str] = []

    async def month() -> None:
        for day in range(26):
            if day in _OPENS:
                opened.append(site.open())
            if day == _CLOSES:
                site.close(first[0])
            if day == _UNLISTED:
                site.unlist(first[1])
            await simulation.visit("acme")
            simulation.later(days=1)

    asyncio.run(month())
    told = [
        (str(event.type), event.reason, event.record["url"].rpartition("/")[2])
        for event in events.after(engine, 0, 1000)
        if not event.baseline
    ]
    engine.dispose()
    expected: list[tuple[str, str | None, str]] = [("opened", None, handle) for handle in opened]
    expected.append(("closed", "gone", first[0]))
    if is_seen:
        expected.append(("closed", "unlisted", first[1]))
    assert told == expected
    assert simulation.outcomes == {Outcome.COMPLETE: 26}


class Bilingual(ScriptedSite):
    """Each job has a German page, which the sitemap names for a while."""

    names_german = True

    def answer(self, request: Request) -> Answer:
        path = request.path.rstrip("/")
        for handle in self.open_jobs():
            if f"{self.origin}{path}" in (self.address(handle), self._german(handle)):
                return self._page(handle, german=path.startswith("/de/"))
        answer = super().answer(request)
        if path == "/sitemap.xml" and self.names_german:
            german = "".join(f"<url><loc>{self._german(one)}</loc></url>" for one in self.open_jobs())
            answer = replace(answer, body=answer.body.replace(b"</urlset>", f"{german}</urlset>".encode()))
        return answer

    def _german(self, handle: str) -> str:
        return f"{self.origin}/de/stellen/stelle-9{handle.rpartition('-')[2]}"

    def _page(self, handle: str, *, german: bool) -> Answer:
        page = self.job_page(self.job(handle))
        body, number = page.body.decode(), handle.rpartition("-")[2]
        if german:
            body = body.replace(self.address(handle), self._german(handle)).replace(f"-{number}", f"-9{number}")
            body = body.replace(self.job(handle).title, f"Stelle {number}").replace('lang="en"', 'lang="de"')
        alternates = (
            f'<link rel="alternate" hreflang="en" href="{self.address(handle)}">'
            f'<link rel="alternate" hreflang="de" href="{self._german(handle)}"></head>'
        )
        return replace(page, body=body.replace("</head>", alternates).encode())


def test_a_translation_stays_while_its_page_and_that_of_its_original_are_there(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/hirewatch.sqlite")
    upgrade(engine)
    simulation = Simulation(engine, 0)
    site = Bilingual(4, layout="sitemap", port=80, clock=simulation.time)
    simulation.watch("acme", site)

    async def days() -> None:
        for day in range(14):
            site.names_german = day < 2
            await simulation.visit("acme")
            simulation.later(days=1)

    asyncio.run(days())
    found = events.after(engine, 0, 1000)
    engine.dispose()
    told = [(str(event.type), urlsplit(event.record["url"]).path) for event in found]
    assert sorted(told) == sorted(
        ("opened", urlsplit(address).path)
        for handle in site.open_jobs()
        for address in (site.address(handle), site._german(handle))
    )


@pytest.mark.parametrize(("before", "after"), [("list", "sitemap"), ("sitemap", "list"), ("both", "list")])
def test_a_site_that_lists_its_jobs_in_another_way_from_one_day_on_tells_nothing(
    before: str, after: str, tmp_path: Path
) -> None:
    engine = connect(f"sqlite:///{tmp_path}/hirewatch.sqlite")
    upgrade(engine)
    simulation = Simulation(engine, 0)
    site = ScriptedSite(12, layout=before, port=80, clock=simulation.time)
    simulation.watch("acme", site)

    async def days() -> None:
        for day in range(20):
            if day == 3:
                site.layout = after  # type: ignore[assignment]
            if day in (1, 14):
                site.open()
            await simulation.visit("acme")
            simulation.later(days=1)

    asyncio.run(days())
    told = [(str(one.type), one.record["url"].rpartition("/")[2]) for one in events.after(engine, 0, 1000)]
    engine.dispose()
    assert sorted(told) == sorted(("opened", handle) for handle in site.open_jobs())
