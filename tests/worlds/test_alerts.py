"""Weeks of three sites that mirror, translate, repost and flicker: who wants alerts hears of each job once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from delivery import duplicates, outlets
from delivery.dispatch import deliver_due
from delivery.outlets import Context, SmtpSettings
from storage import events
from storage import outlets as stored
from storage.engine import connect
from storage.schema import upgrade
from tests.delivery.loopback import loopback_context
from tests.delivery.mailbox import Mailbox, mail_server
from tests.sites.shelf import ShelfSite, identifier, markup, text
from tests.worlds.simulation import Simulation

CITIES = (("Lyon", "FR"), ("Porto", "PT"), ("Graz", "AT"), ("Turku", "FI"), ("Brno", "CZ"))
TRADES = ("Welder", "Nurse", "Painter", "Baker", "Driver", "Weaver", "Tailor", "Miller", "Joiner", "Roofer")


def job(number: int, title: str | None = None, **fields: Any) -> dict[str, Any]:
    """A job that no other number has."""
    city, country = CITIES[number % len(CITIES)]
    title = title or title_of(number)
    place = {
        "@type": "Place",
        "address": {"@type": "PostalAddress", "addressLocality": city, "addressCountry": country},
    }
    given = {"description": f"<p>{text(title)}</p>", "identifier": identifier(f"REQ-{number}"), "jobLocation": place}
    return markup(title, **{**given, **fields})


def title_of(number: int) -> str:
    return f"{TRADES[number % len(TRADES)]} in hall {number}"


class Months:
    """Three employers and what they do each day; `expected` is what an alert has to be about."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.sites = {name: ShelfSite(clock=simulation.time, port=80) for name in ("acme", "globex", "initech")}
        for name, site in self.sites.items():
            simulation.watch(name, site)
        self.acme, self.globex, self.initech = self.sites.values()
        self.expected: list[str] = []
        self._numbers = iter(range(20_000, 30_000))
        self._later: dict[int, list[Callable[[], object]]] = {}
        for number in range(10_000, 10_010):
            # a first visit is no news
            self.acme.put(f"/jobs/{number}-role", job(number))
            self.globex.put(f"/jobs/{number + 500}-role", job(number + 500))
            self.initech.put(f"/jobs/{number + 900}-role", job(number + 900))

    def day(self, day: int) -> None:
        """What happens on a day, and what was put off until it."""
        for happens in self._later.pop(day, []):
            happens()
        happenings = (
            self.news,
            self.translations,
            self.flicker,
            self.repost,
            self.address_change,
            self.edit,
            self.mirror,
        )
        happenings[day % len(happenings)](day)

    def at(self, day: int, happens: Callable[[], object]) -> None:
        self._later.setdefault(day, []).append(happens)

    def news(self, day: int) -> None:
        """A new job."""
        number = next(self._numbers)
        self.initech.put(f"/jobs/{number}-role", job(number))
        self.expected.append(title_of(number))

    def translations(self, day: int) -> None:
        """A new job in three languages."""
        number = next(self._numbers)
        paths = {lang: f"/{lang}/jobs/{number}-role" for lang in ("en", "de", "fr")}
        for lang, path in paths.items():
            title = title_of(number) if lang == "en" else f"{lang} {title_of(number)}"
            self.globex.put(path, job(number, title), lang=lang, alternates=paths)
        self.expected.append(title_of(number))

    def flicker(self, day: int) -> None:
        """A job that is off the list for two days and was never gone."""
        path = self.acme.paths()[day % 10]
        self.acme.take_off_list([path])
        self.at(day + 2, lambda: self.acme.take_off_list([]))

    def repost(self, day: int) -> None:
        """A new job that is taken down after five days and put up anew three days later."""
        number, again = next(self._numbers), next(self._numbers)
        path = f"/jobs/{number}-role"
        self.acme.put(path, job(number))
        self.expected.append(title_of(number))
        self.at(day + 5, lambda: self.acme.take(path))
        anew = job(number, identifier=identifier(f"REQ-{again}"), datePosted="2026-11-20")
        self.at(day + 8, lambda: self.acme.put(f"/jobs/{again}-role", anew))

    def mirror(self, day: int) -> None:
        """A new job that another site shows as well, a day later."""
        number = next(self._numbers)
        path = f"/jobs/{uuid5(NAMESPACE_URL, str(number))}"
        self.acme.put(path, job(number))
        self.expected.append(title_of(number))
        self.at(day + 1, lambda: self.globex.put(path, job(number)))

    def address_change(self, day: int) -> None:
        """A job moves to another address."""
        path = self.globex.paths()[0]
        self.globex.move(
            path, f"/jobs/{day}{path.removeprefix('/jobs/')}" if path.startswith("/jobs/") else path + "-2"
        )

    def edit(self, day: int) -> None:
        """The words of a job change a little."""
        path = self.initech.paths()[day % 10]
        posting = self.initech.posting(path)
        self.initech.put(path, {**posting, "description": posting["description"] + f"<p>Edited {day} times.</p>"})


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


_TITLE = re.compile(rf"(?:de |fr )?(?:{'|'.join(TRADES)}) in hall \d+")


def alerts(mailbox: Mailbox) -> list[str]:
    """What the alerts are about, but for the welcome after a first visit."""
    said: list[str] = []
    for mail in mailbox.mails:
        body = mail.get_body(("plain",))
        assert body is not None
        if not str(mail["Subject"]).startswith("Now watching"):
            # whichever language was seen first is told
            said += [title.removeprefix("de ").removeprefix("fr ") for title in set(_TITLE.findall(body.get_content()))]
    return said


async def live(simulation: Simulation, months: Months, tell: Callable[[], object], days: int) -> None:
    for day in range(days):
        if day:
            months.day(day)
        for name in months.sites:
            await simulation.visit(name)
        simulation.ledger.expire(simulation.time())
        tell()
        simulation.later(days=1)


def alerted(folder: Path, mailbox: Mailbox, days: int) -> tuple[list[str], list[str], int]:
    """The alerts that should have come in so many days, those that came, and how many events there were."""
    engine = connect(f"sqlite:///{folder}/hirewatch.sqlite")
    upgrade(engine)
    simulation = Simulation(engine, 0, share_of_faults=0)
    months = Months(simulation)
    context: Context = loopback_context(smtp=SmtpSettings(url=mailbox.url, sender="jobs@example.org"))
    outlets.add(engine, name="me", address="mailto:me@example.org", options={}, now=simulation.time())

    def tell() -> None:
        deliver_due(engine, stored.find(engine, "me"), context, simulation.time(), Random(1))

    asyncio.run(live(simulation, months, tell, days))
    recorded = events.last(engine)
    engine.dispose()
    return sorted(months.expected), sorted(alerts(mailbox)), recorded


@pytest.mark.slow
@pytest.mark.parametrize("days", [21, pytest.param(60, marks=pytest.mark.chaos)])
def test_over_weeks_each_new_job_is_one_alert_and_nothing_else_is(
    tmp_path: Path, mailbox: Mailbox, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, heard, recorded = alerted(tmp_path, mailbox, days)
    with capsys.disabled():
        print(f"\n{days} days, {recorded} events: {len(expected)} alerts expected, {len(heard)} came")
    assert heard == expected


def test_if_no_duplicate_were_kept_quiet_jobs_would_be_told_again(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "silent", lambda *_: {})
    expected, heard, _ = alerted(tmp_path, mailbox, 9)
    assert set(heard) == set(expected)
    assert len(heard) > len(expected)
