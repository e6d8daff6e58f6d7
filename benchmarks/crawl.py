"""What crawling costs beside Scrapy itself: `python -m benchmarks.crawl`.

    pages     a whole crawl (fetched, read in reader processes, normalised, stored in SQLite), an empty Scrapy spider
              with default settings and an empty one with ours, each in a process of its own, in turns
    visits    a further visit in a living worker, in processes of `scrapy crawl`; and how its memory grows
    unchanged visits of a site with a sitemap that has not changed, in its first visit
    board     visits of a board that has not changed, and of one of whose jobs one has

The site is served on loopback by a process of its own (`benchmarks.crawled_site`), whose CPU is nobody's: pages of
about 100 KB, one in three with a JobPosting. CPU is user and system time of a process and its children, from the first
request to the end of the crawl; start-up is told apart. Prints tables and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.crawled_boards import BOARDS, Boards, parsing
from benchmarks.living_worker import LOOPBACK, Visited, World, asked, work
from benchmarks.processes import cpu_seconds


class Loopback:
    """The site in its process."""

    def __init__(self, pages: int, every: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crawled_site", str(pages), str(every)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


@contextmanager
def _site(pages: int, every: int = 3) -> Iterator[str]:
    """One page in `every` has a JobPosting."""
    site = Loopback(pages, every)
    try:
        yield site.url
    finally:
        site.close()


def _play(role: str, *arguments: str) -> tuple[dict[str, Any], float]:
    """What a process of this module says of itself, and the CPU seconds that it and its children took in all."""
    before = sum(os.times()[2:4])
    played = subprocess.run(
        [sys.executable, "-m", "benchmarks.crawl", "--play", role, *arguments], stdout=subprocess.PIPE, check=True
    )
    said: dict[str, Any] = json.loads(played.stdout.splitlines()[-1])
    return said, sum(os.times()[2:4]) - before


# a whole crawl


def pages(arguments: argparse.Namespace) -> None:
    """Prints what a page costs in each kind of crawl."""
    roles = {
        "an empty Scrapy spider, default settings": "default",
        "an empty spider with our settings": "ours",
        "a whole crawl: fetched, read, normalised, stored": "whole",
    }
    said: dict[str, list[tuple[dict[str, Any], float]]] = {role: [] for role in roles.values()}
    with _site(arguments.pages) as url:
        for _ in range(arguments.rounds):
            for role in roles.values():
                with tempfile.TemporaryDirectory() as folder:
                    said[role].append(_play(role, url, str(arguments.pages), folder))
    print(f"\n{arguments.pages} pages, {arguments.rounds} rounds, medians\n")
    print("| | CPU ms a page | of default | of ours | with start-up, of default |")
    print("| --- | --- | --- | --- | --- |")
    for name, role in roles.items():
        own = [one["cpu"] / one["requests"] for one, _ in said[role]]
        ratios = [
            statistics.median(
                mine / (other["cpu"] / other["requests"]) for mine, (other, _) in zip(own, said[than], strict=True)
            )
            for than in ("default", "ours")
        ]
        total = statistics.median(
            mine / other for (_, mine), (_, other) in zip(said[role], said["default"], strict=True)
        )
        print(f"| {name} | {statistics.median(own) * 1e3:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} | {total:.2f} |")


def _play_default(url: str, pages: str, folder: str) -> dict[str, Any]:
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    began = 0.0
    answered = 0

    class Empty(Spider):
        name = "empty"

        async def start(self) -> AsyncIterator[Any]:
            nonlocal began
            began = cpu_seconds()
            for address in addresses(url, int(pages)):
                yield Request(address)

        def parse(self, response: Any, **_: Any) -> None:
            nonlocal answered
            answered += 1

    process = AsyncCrawlerProcess({"LOG_FILE": f"{folder}/log"})
    process.crawl(Empty)
    process.start()
    return {"cpu": cpu_seconds() - began, "requests": answered}


def _play_ours(url: str, pages: str, folder: str) -> dict[str, Any]:
    from crawler.process import run_crawling

    async def main(runner: Any) -> dict[str, Any]:
        return await asked(runner, url, list(addresses(url, int(pages))))

    return run_crawling(main, allow_addresses=LOOPBACK)


def addresses(url: str, pages: int) -> Iterator[str]:
    """The addresses of the site's pages."""
    return (f"{url}jobs/{number}" for number in range(pages))


def _play_whole(url: str, pages: str, folder: str) -> dict[str, Any]:
    async def visit(worker: Any, world: World) -> dict[str, Any]:
        site = world.add("site", url)
        visited = await world.visit(worker, site)
        return {"cpu": visited.cpu, "requests": visited.requests}

    return work(url, folder, visit)


# one visit more


def visits(arguments: argparse.Namespace) -> None:
    """Prints what a visit more costs, and how much memory many take."""
    with _site(1, 1) as url, tempfile.TemporaryDirectory() as folder:
        processes = []
        for _ in range(arguments.rounds):
            before = sum(os.times()[2:4])
            subprocess.run([sys.executable, "-m", "scrapy", "crawl", "one"], cwd=_project(folder, url), check=True)
            processes.append(sum(os.times()[2:4]) - before)
        said, _ = _play("visits", url, str(arguments.visits), folder)
    process = statistics.median(processes)
    print(
        f"\n| | CPU | of `scrapy crawl` |\n| --- | --- | --- |\n| `scrapy crawl`, one request | {process * 1e3:.0f} ms | 1 |"
    )
    for name in ("crawl", "visit"):
        cost = said[name]
        print(f"| {name} | {cost * 1e3:.1f} ms | 1/{process / cost:.0f} |")
    print(
        f"\n{said['requests']} requests a visit; memory grew by {said['grown']:.1f} MiB over {arguments.visits} visits."
    )


def _project(folder: str, url: str) -> str:
    """A Scrapy project with one spider that asks for one page."""
    root = Path(folder, "project")
    (root / "one").mkdir(parents=True, exist_ok=True)
    (root / "scrapy.cfg").write_text("[settings]\ndefault = one.settings\n")
    (root / "one" / "__init__.py").touch()
    (root / "one" / "settings.py").write_text('SPIDER_MODULES = ["one"]\nLOG_FILE = "log"\n')
    (root / "one" / "spider.py").write_text(
        "from scrapy import Spider\n\n\nclass One(Spider):\n    name = 'one'\n"
        f"    start_urls = ['{url}robots.txt']\n\n    def parse(self, response):\n        pass\n"
    )
    return str(root)


def _play_visits(url: str, number: str, folder: str) -> dict[str, Any]:
    async def all_visits(worker: Any, world: World) -> dict[str, Any]:
        site = world.add("site", url)
        for _ in range(20):
            visited = await world.visit(worker, site)
        crawls, memory = cpu_seconds(), _resident()
        for _ in range(50):
            await asked(worker.equipment.runner, url, [f"{url}robots.txt"])
        crawls = (cpu_seconds() - crawls) / 50
        costs = [await world.visit(worker, site) for _ in range(int(number))]
        return {
            "crawl": crawls,
            "visit": sum(one.cpu for one in costs) / len(costs),
            "requests": visited.requests,
            "grown": (_resident() - memory) / 1024**2,
        }

    return work(url, folder, all_visits)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# nothing changed


def unchanged(arguments: argparse.Namespace) -> None:
    """Prints what visits of an unchanged site with a sitemap cost."""
    with _site(arguments.postings, 1) as url, tempfile.TemporaryDirectory() as folder:
        said, _ = _play("unchanged", url, str(arguments.postings), folder)
    first = said["visits"][0]
    print(f"\n{arguments.postings} pages in a sitemap, a visit an hour\n")
    print("| visit | requests | CPU | CPU, of the first | bytes, of the first | events |")
    print("| --- | --- | --- | --- | --- | --- |")
    for number, one in enumerate(said["visits"], 1):
        print(
            f"| {number} | {one['requests']} | {one['cpu'] * 1e3:.0f} ms | {one['cpu'] / first['cpu']:.2%} "
            f"| {one['bytes'] / first['bytes']:.3%} | {one['events']} |"
        )


def _play_unchanged(url: str, pages: str, folder: str) -> dict[str, Any]:
    async def all_visits(worker: Any, world: World) -> dict[str, Any]:
        site = world.add("site", url)
        return {"visits": [_told(await world.visit(worker, site)) for _ in range(12)]}

    return work(url, folder, all_visits)


def _told(one: Visited) -> dict[str, Any]:
    return {"cpu": one.cpu, "requests": one.requests, "bytes": one.bytes, "events": one.events}


# a board


def board(arguments: argparse.Namespace) -> None:
    """Prints what visits of boards cost that have all their jobs in one answer."""
    from tests.crawler.boards.vendors import Vendors

    with tempfile.TemporaryDirectory() as folder:
        vendors = Vendors(Path(folder))
        vendors.answers = boards = Boards()
        os.environ["SSL_CERT_FILE"] = str(vendors.authority)
        try:
            said, _ = _play("board", json.dumps(vendors.ports), str(arguments.rounds * 4), folder)
        finally:
            del os.environ["SSL_CERT_FILE"]
            vendors.close()
    print("\n| board | requests | CPU | above parsing | of an empty visit | events |")
    print("| --- | --- | --- | --- | --- | --- |")
    above = {name: one["cpu"] - parsing(boards.answer(name)) for name, one in said.items()}
    for name, one in said.items():
        print(
            f"| {name} | {one['requests']} | {one['cpu'] * 1e3:.1f} ms | {above[name] * 1e3:.1f} ms"
            f" | {one['cpu'] / said['same-1']['cpu']:.2f} | {one['events']} |"
        )
    print(f"\n1,000 jobs above parsing, of 100 jobs: {above['changing-1000'] / above['changing-100']:.2f}")


def _play_board(ports: str, visits: str, folder: str) -> dict[str, Any]:
    from tests.crawler.boards.vendors import find_everywhere

    async def all_visits(worker: Any, world: World) -> dict[str, Any]:
        find_everywhere({int(port): at for port, at in json.loads(ports).items()})
        known = {
            name: world.add(name, f"https://boards-api.greenhouse.io/v1/boards/{name}/jobs?content=true")
            for name in BOARDS
        }
        costs: dict[str, list[Visited]] = {name: [] for name in known}
        for _ in range(int(visits) + 3):
            for name, site in known.items():
                costs[name].append(await world.visit(worker, site))
        return {
            name: _told(sorted(told[3:], key=lambda one: one.cpu)[len(told[3:]) // 2]) for name, told in costs.items()
        }

    return work(None, folder, all_visits)


_PLAYS: dict[str, Callable[[str, str, str], dict[str, Any]]] = {
    "default": _play_default,
    "ours": _play_ours,
    "whole": _play_whole,
    "visits": _play_visits,
    "unchanged": _play_unchanged,
    "board": _play_board,
}
_PARTS = {"pages": pages, "visits": visits, "unchanged": unchanged, "board": board}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=list(_PARTS), default=list(_PARTS))
    parser.add_argument("--pages", type=int, default=1000, help="of a whole crawl")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--visits", type=int, default=500, help="in a living worker")
    parser.add_argument("--postings", type=int, default=1263, help="of the site that does not change")
    parser.add_argument("--play", nargs=4, metavar=("ROLE", "URL", "NUMBER", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.play:
        role, *rest = given.play
        print(json.dumps(_PLAYS[role](*rest)))
    else:
        for part in given.parts:
            _PARTS[part](given)
