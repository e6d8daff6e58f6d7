"""The dates of a posting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from postings.checks.values import is_iso, quoted, says_something
from postings.life import valid_until
from postings.normalise.dates import read_moment
from postings.posting import Posting
from postings.rules import Problem, problem


def check_dates(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`datePosted` and `validThrough`."""
    posted, until = said.get("datePosted"), said.get("validThrough")
    if not says_something(posted):
        yield problem("posted-missing", "/datePosted", "there is no date of posting; say it as YYYY-MM-DD")
    elif read_moment(posted) is None and (posting is None or posting.date_posted is None):
        yield problem(
            "posted-unreadable", "/datePosted", f"{quoted(posted)} is no date that can be read; use YYYY-MM-DD"
        )
    elif not is_iso(posted):
        yield problem("posted-format", "/datePosted", f"{quoted(posted)} is not in ISO 8601 format; use YYYY-MM-DD")
    if not says_something(until):
        yield problem("until-missing", "/validThrough", "there is no validThrough; say it if the posting has an end")
    elif posting is None or posting.valid_through is None:
        yield problem(
            "until-unreadable",
            "/validThrough",
            f"{quoted(until)} is no date that can be used; leave it out if the end is not known",
        )
    elif not is_iso(until):
        yield problem("until-format", "/validThrough", f"{quoted(until)} is not in ISO 8601 format; use YYYY-MM-DD")
    if (
        posting is not None
        and posting.date_posted
        and posting.valid_through
        and _day(posting.valid_through) < _day(posting.date_posted)
    ):
        yield problem(
            "until-before-posted", "/validThrough", "the posting ends before it was posted; one of the dates is wrong"
        )


def out_of_date(posting: Posting, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with the dates of a posting at `now` (aware)."""
    found = []
    end = valid_until(posting.valid_through)
    if posting.valid_through is not None and end is not None and end <= now:
        until = posting.valid_through.isoformat()
        found.append(
            problem(
                "expired",
                "/validThrough",
                f"the posting ended at {until}; take the page or its markup down, or renew it",
            )
        )
    if posting.date_posted is not None and _start_of(posting.date_posted) > now:
        found.append(
            problem(
                "posted-in-future",
                "/datePosted",
                f"{posting.date_posted.isoformat()} has not come yet; say when the job was posted",
            )
        )
    return tuple(found)


def _start_of(value: date | datetime) -> datetime:
    """When a moment begins where it begins first, at UTC+14."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return at.replace(tzinfo=UTC) - timedelta(hours=14)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
