"""The options that say when a site is visited, and how many requests that may take, as people type them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import rich_click as click

from hirewatch.timing import interval
from postings.errors import UsageError
from postings.sites import MOST_REQUESTS_A_DAY


class Interval(click.ParamType[timedelta]):
    """A Click type for the time between two visits. "auto" comes out as `hirewatch.timing.AUTO`."""

    name = "interval"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return interval(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


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


_OPTIONS = (
    click.option("--every", type=Interval(), metavar="6h|auto", help="Time between two visits; auto works it out."),
    click.option("--cron", metavar="LINE", help='Visit by a cron line instead, as in "0 7 * * 1-5".'),
    click.option("--zone", metavar="ZONE", help="Time zone of --cron, as in Europe/Berlin; this machine's if none."),
)


def timing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say when a site is visited."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
