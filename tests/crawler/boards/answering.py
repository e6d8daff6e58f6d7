"""Invented answers of every vendor, one file each in `answers/`, and a board that is read from them.

docs/add-a-board.md says what stands in such a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from crawler.sources import boards
from crawler.sources.boards import Board, BoardList, Gathering, Request, Vendor

ANSWERS = Path(__file__).parent / "answers"
VENDORS = sorted(path.stem for path in ANSWERS.glob("*.json"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer."""

    url: str
    post: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Invented:
    """A vendor's file."""

    said: Mapping[str, Any]
    vendor: Vendor

    @classmethod
    def of(cls, name: str) -> Self:
        return cls(json.loads((ANSWERS / f"{name}.json").read_text()), boards.VENDORS[name])

    @property
    def board(self) -> Board:
        found = boards.recognise(self.said["addresses"][0])
        assert found is not None
        return found

    @property
    def exchanges(self) -> list[Exchange]:
        return [Exchange(one["url"], one.get("post"), body_of(one)) for one in self.said["exchange"]]

    @property
    def details(self) -> dict[str, bytes]:
        return {one["url"]: body_of(one) for one in self.said.get("details", ())}

    @property
    def empty(self) -> bytes:
        text = self.said.get("empty_body")
        return text.encode() if text else json.dumps(self.said["empty"]).encode()

    def ask(self, request: Request) -> bytes:
        """The answer to a request; an empty list for what the file does not foresee."""
        found = {(one.url, one.post): one.body for one in self.exchanges}
        return found.get((request.url, request.post), self.empty)

    def gather(self, ask: Callable[[Request], bytes] | None = None) -> tuple[BoardList, list[Request]]:
        """The board's list as a visit reads it, and what was asked for it."""
        gathering, asked = Gathering(self.vendor, self.board), []
        while gathering.request is not None:
            asked.append(gathering.request)
            assert len(asked) <= 100, "the list does not end"
            gathering.take(boards.read_list(self.board, gathering.request, (ask or self.ask)(gathering.request)))
        return gathering.result(), asked


def body_of(one: Mapping[str, Any]) -> bytes:
    """The body of an answer: text as it stands, or JSON."""
    return one["body"].encode() if "body" in one else json.dumps(one["answer"], ensure_ascii=False).encode()
