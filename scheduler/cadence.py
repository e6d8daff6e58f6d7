"""Answers when a site is visited next. `scheduler.visits` asks at the end of each visit; nothing here knows a clock.

A site is visited at its own interval, a little early or late so that many sites never march in step. A visit that
is not believed is repeated soon, a site that does not answer is left alone for longer each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from postings.health import revisit_after
from postings.sites import Health, Site
from postings.visits import Outcome, Verdict

#: between visits to a site that has no interval of its own
DEFAULT_EVERY = timedelta(hours=6)
#: the interval is stretched or shortened by at most this share of itself
JITTER = 0.05
#: the wait after the first failed visit; doubled for each further one, up to the site's interval
FIRST_BACK_OFF = timedelta(minutes=10)
#: a visit that was stopped on purpose has not done its work
AFTER_STOP = timedelta(minutes=1)


def next_visit(
    site: Site,
    verdict: Verdict,
    health: Health,
    *,
    now: datetime,
    rng: Random,
    not_before: datetime | None = None,
) -> datetime:
    """When to visit `site` again after a visit that ended with `verdict`.

    `health` is the site's health with this visit counted in; `now` is aware, and so is the answer, which always
    lies after `now`. A repetition after a visit in doubt never comes later than the site's interval would bring it.
    `not_before`: the site asked to be left alone until then (Retry-After).
    """
    every = site.every or DEFAULT_EVERY
    wait = every
    if verdict.outcome is Outcome.SUSPECT:
        wait = min(every, revisit_after(health) or every)
    elif verdict.outcome is Outcome.FAILED:
        wait = min(every, back_off(health.failures))
    at = now + wait * rng.uniform(1 - JITTER, 1 + JITTER)
    return at if not_before is None else max(at, not_before)


def back_off(failures: int) -> timedelta:
    """The wait after `failures` failed visits in a row (at least one): 10 minutes, doubled each time, up to a week."""
    doublings = min(max(failures, 1) - 1, 10)
    return min(FIRST_BACK_OFF * float(2**doublings), timedelta(days=7))


def after_stop(now: datetime) -> datetime:
    """When to visit a site again whose visit was stopped before its work was done."""
    return now + AFTER_STOP
