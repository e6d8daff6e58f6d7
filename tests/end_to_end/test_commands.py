"""Exit codes and outputs of whole commands, in processes of their own."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from hirewatch.demo import run
from hirewatch.demo.http_server import Answer, Request
from hirewatch.demo.site import CareerSite
from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

pytestmark = pytest.mark.slow


def test_an_address_that_is_not_public_is_refused_unless_allowed(tmp_path: Path, site: ScriptedSite) -> None:
    house = House(tmp_path, NETWORK__ALLOW_ADDRESSES="")
    added = house.document("add", site.url, code=1)
    assert added["visit"]["outcome"] == "failed"
    assert site.log == ()
    assert house.run("inspect", site.url).code == 5
    assert site.log == ()


def test_a_page_is_inspected_without_a_database(house: House, site: ScriptedSite) -> None:
    (found,) = house.lines("inspect", site.address(site.open_jobs()[0]))
    assert found["kind"] == "posting"
    assert found["postings"][0]["title"] == site.job(site.open_jobs()[0]).title
    assert found["postings"][0]["id"] is None
    assert not (house.home / "hirewatch.db").exists()


def test_a_list_page_is_told_from_a_posting(house: House, site: ScriptedSite) -> None:
    (found,) = house.lines("inspect", f"{site.origin}/careers/jobs")
    assert found["kind"] == "list"
    assert found["postings"] == []


def test_a_title_that_would_steer_the_terminal_is_shown_as_text(house: House, site: ScriptedSite) -> None:
    site.open("Welder [red]\x1b[2J\u202e", city="Berlin")
    house.document("add", site.url, "--name", "acme")
    for arguments in (["postings"], ["events"], ["postings", "--csv"]):
        shown = house.run(*arguments).out
        assert "Welder [red]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_the_demonstration_plays_to_its_end(house: House) -> None:
    told = house.document("demo", "--pause", "0")
    assert told["visits"] == 6
    assert told["alerts"] == 3
    assert told["alerts_refused"] == 0
    assert told["open"] == run.JOBS


def test_the_demonstration_ends_when_nobody_looks_any_more(house: House) -> None:
    with house.start("demo", "--pause", "0") as playing:
        assert playing.stdout
        assert playing.stderr
        playing.stdout.readline()
        playing.stdout.close()
        assert playing.wait(60) == 0
        assert playing.stderr.read() == ""


def test_the_service_visits_what_is_due_and_ends_cleanly_when_asked(house: House, site: ScriptedSite) -> None:
    house.document("add", site.url, "--name", "acme", "--no-visit")
    with house.start("serve", "--no-http") as service:
        assert service.stderr
        said: list[str] = []
        for line in iter(service.stderr.readline, ""):
            said.append(line)
            if "acme: complete" in line:
                break
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=20)
    assert service.returncode == 0
    assert "12 opened" in said[-1]
    (state,) = house.document("status")
    assert (state["open"], state["last_visit"]["outcome"]) == (12, "complete")


class Unending(CareerSite):
    """A site whose pages never come."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked = threading.Event()
        self.given_up = threading.Event()

    def answer(self, request: Request) -> Answer:
        if request.path != "/robots.txt":
            self.asked.set()
            self.given_up.wait(60)
        return super().answer(request)


def test_an_inspection_can_be_interrupted(house: House) -> None:
    with Unending() as site, house.start("inspect", site.url) as inspecting:
        assert site.asked.wait(60)
        inspecting.send_signal(signal.SIGINT)
        _, said = inspecting.communicate(timeout=20)
        site.given_up.set()
    assert inspecting.returncode == 130
    assert "Traceback" not in said


def test_a_visit_that_is_interrupted_is_kept_and_closes_nothing(house: House) -> None:
    with Unending() as site:
        site.given_up.set()
        house.document("add", site.url, "--name", "acme")
        site.asked.clear()
        site.given_up.clear()
        with house.start("visit", "acme", "--json") as visiting:
            assert site.asked.wait(60)
            visiting.send_signal(signal.SIGINT)
            out, said = visiting.communicate(timeout=20)
            site.given_up.set()
    assert visiting.returncode == 130
    assert "Traceback" not in said
    visit = json.loads(out)
    assert visit["outcome"] in ("partial", "failed")
    assert visit["reason"]
    assert visit["closed"] == 0
