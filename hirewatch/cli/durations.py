"""Reads intervals and budgets as people type them: "6h", "90m", "1d12h", or "auto"; 500 requests, or "none"."""

from __future__ import annotations

import re
from datetime import timedelta

import rich_click as click

from postings.errors import UsageError
from postings.sites import MOST_REQUESTS_A_DAY

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=30)

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Interval(click.ParamType[timedelta]):
    """A Click type for the time between two visits. "auto" comes out as `AUTO`."""

    name = "interval"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return interval(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


def interval(typed: str) -> timedelta:
    """The time between two visits; "auto" comes out as `AUTO`. Raises UsageError."""
    text = typed.strip().lower()
    if text == "auto":
        return AUTO
    if not text or _PART.sub("", text).strip():
        raise UsageError("is no interval", subject=repr(typed), remedy="write it as 6h, 90m, 1d12h, or auto")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise UsageError("lies outside 1 minute to 30 days", subject=repr(typed), remedy="choose another interval")
    return timedelta(seconds=round(seconds))


#: "auto" as typed: hirewatch works the interval out
AUTO = timedelta(0)


class Requests(click.ParamType[int]):
    """A Click type for a number of requests a day. "none" comes out as 0."""

    name = "requests"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = value.strip().lower()
        if text == "none":
            return 0
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            self.fail(f"{value!r} is no number of requests; write it as 500, or none for no limit", param, ctx)
        if len(text) > 15 or int(text) > MOST_REQUESTS_A_DAY:
            self.fail(
                f"{value!r} is more than any site answers; write at most {MOST_REQUESTS_A_DAY}, or none for no limit",
                param,
                ctx,
            )
        return int(text)
