"""Boards with all their jobs in one answer, for `benchmarks.crawl`: the answers of Greenhouse's public interface."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

#: how many jobs a board has, and whether one of them is another with each answer
BOARDS = {"same-1": (1, False), "same-150": (150, False), "changing-100": (100, True), "changing-1000": (1000, True)}


class Boards(dict[Any, Any]):
    """The answers of boards of Greenhouse."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, int] = {}
        # all but the last job; written once, so that the visits do not wait for it
        self._begins = {
            name: "".join(f"{json.dumps(_job(number))}," for number in range(jobs - 1))
            for name, (jobs, _) in BOARDS.items()
        }

    def get(self, key: Any, default: Any = None) -> Any:
        """The answer to an address."""
        from tests.crawler.boards.vendors import Answered

        name = key[0].partition("/boards/")[2].partition("/")[0]
        if name not in BOARDS or not key[0].endswith("content=true"):
            return default
        return Answered(self.answer(name), headers={"Content-Type": "application/json"})

    def answer(self, name: str) -> bytes:
        """The next answer of a board."""
        jobs, changes = BOARDS[name]
        at = self._asked[name] = self._asked.get(name, 0) + changes
        last = json.dumps(_job(jobs - 1, f"Welder, grade {at}"))
        return f'{{"jobs": [{self._begins[name]}{last}], "meta": {{"total": {jobs}}}}}'.encode()


def parsing(answer: bytes) -> float:
    """CPU seconds that it takes to parse an answer and no more, as a reader does."""
    from crawler.sources.boards.board import read_json

    costs = []
    for _ in range(9):
        began = time.thread_time()
        read_json(answer)
        costs.append(time.thread_time() - began)
    return statistics.median(costs)


def _job(number: int, title: str = "Welder") -> dict[str, Any]:
    """A job as Greenhouse tells it, with a description of 4 KB."""
    return {
        "absolute_url": f"https://job-boards.greenhouse.io/northmill/jobs/{number}",
        "id": number,
        "title": f"{title} {number}",
        "location": {"name": "Leeds, United Kingdom"},
        "updated_at": "2026-10-30T10:00:00-04:00",
        "content": "&lt;p&gt;You weld beams, plates and pipes for bridges. &lt;/p&gt;" * 64,
    }
