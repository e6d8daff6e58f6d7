"""What a robots.txt allows: RFC 9309 around Protego, which compares paths.

Pure. The robots middleware fetches, this decides what the answer means, how long it holds and which group is ours
(Protego takes any group whose name is a part of ours, and lets an unknown line end a group).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from protego import Protego

from postings.sites import RobotsAnswer

#: RFC 9309 §2.5: at least this much is read; what follows is not
MOST_BYTES = 500 * 1024
_LINE = re.compile(r"\s*(user-agent|allow|disallow|crawl-delay|sitemap)(?:\s*:|\s)\s*(.*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
#: RFC 9309 §2.4
_HOLDS = timedelta(hours=24)
_ERROR_HOLDS = timedelta(hours=1)
_LONGEST_DELAY = 60.0
_MOST_SITEMAPS = 100
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to one crawler."""

    _parsed: Protego | None
    _agent: str
    #: why nothing may be asked; None if the rules decide
    closed: str | None = None

    def allows(self, url: str) -> bool:
        """Whether the address may be asked for."""
        if self.closed is not None:
            return False
        return self._parsed is None or bool(self._parsed.can_fetch(url, self._agent))

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between two requests, at most a minute; None if it does not say. Not in the RFC, but used."""
        delay = self._parsed.crawl_delay(self._agent) if self._parsed else None
        if delay is None or not math.isfinite(delay) or delay <= 0:
            return None
        return min(float(delay), _LONGEST_DELAY)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The Sitemap lines as they stand."""
        return tuple(list(self._parsed.sitemaps)[:_MOST_SITEMAPS]) if self._parsed else ()


def read_rules(answer: RobotsAnswer, agent: str) -> Rules:
    """What the answer means for the product token `agent` (RFC 9309 §2.3.1).

    2xx: the rules. "Unavailable" (other 4xx, a redirect that leads nowhere): everything is allowed. "Unreachable" (5xx,
    no answer, and 429 as Google reads it): nothing is.
    """
    status = answer.status
    if status is None:
        return Rules(None, agent, "robots.txt could not be fetched")
    if status >= 500 or status == _TOO_MANY_REQUESTS:
        return Rules(None, agent, f"robots.txt answered {status}")
    if not 200 <= status < 300:
        return Rules(None, agent)
    return Rules(Protego.parse("\n".join(_lines(_text(answer.body), agent))), agent)


def agent_of(settings: Mapping[str, Any]) -> str:
    """The product token that robots.txt files know this crawler by, from the settings of a crawl."""
    agent = settings.get("ROBOTSTXT_USER_AGENT") or settings["USER_AGENT"]
    return str(agent).split("/")[0].strip()


def holds(answer: RobotsAnswer, now: datetime) -> bool:
    """Whether the answer may still be used: a day, one that closes the site an hour."""
    age = now - answer.fetched_at
    life = _ERROR_HOLDS if is_error(answer) else _HOLDS
    return timedelta(0) <= age < life


def is_error(answer: RobotsAnswer) -> bool:
    """The answer says nothing about the rules, it only closes the site."""
    return answer.status is None or answer.status >= 500 or answer.status == _TOO_MANY_REQUESTS


def _lines(text: str, agent: str) -> Iterator[str]:
    """The lines that count, with group names reduced to ours, `*`, or one that is nobody's (RFC 9309 §2.2.1)."""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match[1].lower(), match[2].strip()
        if name == "user-agent":
            token = _TOKEN.match(value)
            ours = token is not None and token[0].lower() == agent.lower()
            value = agent if ours else "*" if value.split("#")[0].strip().startswith("*") else "-"
        yield f"{name}: {value}"


def _text(body: bytes) -> str:
    cut = body[:MOST_BYTES]
    if len(body) > MOST_BYTES:
        cut = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    return cut.decode("utf-8-sig", errors="replace").replace("\0", "")
