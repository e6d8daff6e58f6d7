"""One inspection in a process of its own: `hirewatch.inspecting` starts it. What to look at comes in over standard
input.

The service never fetches and never parses; and a process that has crawled cannot crawl again.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from postings.errors import HirewatchError

#: seconds that it may live beyond its deadline, should whoever started it be gone
_GRACE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to look at, and how."""

    url: str
    #: seconds that it may take
    deadline: float
    #: settings of the section `crawl`, by name
    crawl: dict[str, Any]
    #: networks that may be contacted although they are not public
    allow_addresses: tuple[str, ...]

    def to_json(self) -> str:
        """The order as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The order that `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "allow_addresses": tuple(values["allow_addresses"])})


def main() -> None:
    """Answers with one JSON object: what `inspect --json --explain` says, or the `error` in words."""
    order = Order.from_json(sys.stdin.readline())
    signal.alarm(int(order.deadline) + _GRACE)
    json.dump(_looked_at(order), sys.stdout)


def _looked_at(order: Order) -> dict[str, Any]:
    from hirewatch import inspection, inspector
    from hirewatch.settings import Crawl, Network, Settings

    # what the environment says is in the order already, where it counts
    settings = Settings.model_construct(
        crawl=Crawl(**order.crawl), network=Network(allow_addresses=order.allow_addresses)
    )
    found: list[inspection.Inspection] = []
    try:
        inspector.inspect([order.url], settings, found.append, now=lambda: datetime.now(UTC))
    except HirewatchError as error:
        return {"error": {"problem": error.problem, "subject": error.subject, "remedy": error.remedy}}
    return found[0].as_json(explain=True)


if __name__ == "__main__":
    main()
