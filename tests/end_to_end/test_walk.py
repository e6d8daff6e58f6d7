"""One site from its first visit through everything that happens to it, as its watcher sees it."""

from __future__ import annotations

import base64
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import referencing

from hirewatch.demo.receiver import Receiver
from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

pytestmark = pytest.mark.slow

SECRET = "whsec_" + base64.b64encode(b"a key that only the tests know").decode()


@dataclass
class Walk:
    """What every command answered on the way."""

    house: House
    visits: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: by step, the events of its visit
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: by step, the ids of the events that the webhook was told
    alerts: dict[str, list[str]] = field(default_factory=dict)
    before_move: list[dict[str, Any]] = field(default_factory=list)
    after_move: list[dict[str, Any]] = field(default_factory=list)

    def step(self, name: str, receiver: Receiver) -> None:
        """A visit, and what is told by it."""
        heard = len(receiver.received)
        (self.visits[name],) = self.house.lines("visit", "acme")
        self.house.lines("deliver")
        self.alerts[name] = [received.body["id"] for received in receiver.received[heard:]]

    def sort_events(self) -> None:
        """Gives each step the events of its visit."""
        told = self.house.lines("events")
        for name, visit in self.visits.items():
            self.events[name] = [event for event in told if event["data"]["visit"] == visit["visit"]]
        assert sum(map(len, self.events.values())) == len(told)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    house = House(tmp_path_factory.mktemp("walk"))
    walk = Walk(house)
    with ScriptedSite(12) as site, Receiver(SECRET) as receiver:
        walk.visits["add"] = house.document("add", site.url, "--name", "acme")["visit"]
        house.document("outlets", "add", "hook", receiver.url, "--secret", SECRET)

        opened = site.open("Welder", city="Berlin", salary=(40_000, 50_000))
        walk.step("open", receiver)
        site.edit(opened, title="Senior Welder")
        walk.step("edit", receiver)
        site.close(site.open_jobs()[2])
        walk.step("close", receiver)
        walk.step("again", receiver)
        walk.before_move = house.lines("postings")
        site.move_all()
        walk.step("move", receiver)
        walk.after_move = house.lines("postings")
        walk.sort_events()
        yield walk


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_the_first_visit_opens_what_was_there_as_a_baseline(walk: Walk) -> None:
    assert walk.visits["add"]["outcome"] == "complete"
    assert walk.visits["add"]["opened"] == 12
    assert types(walk.events["add"]) == ["posting.opened"] * 12
    assert all(event["data"]["baseline"] for event in walk.events["add"])


def test_a_job_that_opens_is_one_event_and_one_alert(walk: Walk) -> None:
    (event,) = walk.events["open"]
    assert event["type"] == "posting.opened"
    assert event["data"]["posting"]["title"] == "Welder"
    assert event["data"]["posting"]["salary"]["min"] == 40_000
    assert not event["data"]["baseline"]
    assert walk.alerts["open"] == [event["id"]]


def test_a_new_title_is_a_material_change_of_the_same_posting(walk: Walk) -> None:
    (event,) = walk.events["edit"]
    assert event["type"] == "posting.changed"
    assert event["subject"] == walk.events["open"][0]["subject"]
    assert event["data"]["changes"]["title"] == {"before": "Welder", "after": "Senior Welder"}
    assert event["data"]["significance"] == "material"
    assert walk.alerts["edit"] == [event["id"]]


def test_a_job_that_is_off_the_list_and_answers_404_closes_at_once(walk: Walk) -> None:
    (event,) = walk.events["close"]
    assert event["type"] == "posting.closed"
    assert event["data"]["reason"] == "gone"
    assert event["data"]["posting"]["state"] == "closed"
    assert event["data"]["evidence"]["status"] == 404
    assert walk.alerts["close"] == [event["id"]]


def test_a_visit_to_a_site_that_did_not_change_brings_nothing(walk: Walk) -> None:
    visit = walk.visits["again"]
    assert visit["outcome"] == "complete"
    assert (visit["opened"], visit["changed"], visit["closed"], visit["reopened"]) == (0, 0, 0, 0)
    assert visit["not_modified"] > 0
    assert walk.events["again"] == []
    assert walk.alerts["again"] == []


def test_a_site_that_gives_every_job_a_new_address_keeps_its_postings_and_alerts_nobody(walk: Walk) -> None:
    assert walk.visits["move"]["outcome"] == "complete"
    assert walk.alerts["move"] == []
    for event in walk.events["move"]:
        assert event["type"] == "posting.changed"
        assert set(event["data"]["changes"]) == {"url"}
        assert event["data"]["significance"] != "material"
    assert {posting["id"] for posting in walk.after_move} == {posting["id"] for posting in walk.before_move}
    assert {posting["url"] for posting in walk.after_move}.isdisjoint({posting["url"] for posting in walk.before_move})


def test_every_event_has_the_next_number(walk: Walk) -> None:
    told = [event for events in walk.events.values() for event in events]
    assert [int(event["sequence"]) for event in told] == list(range(1, len(told) + 1))


def test_every_event_is_as_its_schema_says(walk: Walk) -> None:
    validate = validator("event")
    for events in walk.events.values():
        for event in events:
            validate.validate(event)


def test_every_posting_is_as_its_schema_says(walk: Walk) -> None:
    validate = validator("posting")
    for posting in [*walk.after_move, *walk.house.lines("postings", "--state", "closed")]:
        validate.validate(posting)


def test_every_visit_has_the_promised_shape(walk: Walk) -> None:
    numbers = (
        "listed",
        "read",
        "unreadable",
        "opened",
        "changed",
        "closed",
        "reopened",
        "requests",
        "not_modified",
        "bytes",
    )
    for visit in walk.visits.values():
        assert visit["site"] == "acme"
        assert visit["visit"].startswith("v_")
        assert visit["reason"] is None
        assert all(isinstance(visit[name], int) for name in numbers)
        assert visit["seconds"] > 0


def test_a_posting_is_shown_by_the_first_letters_of_its_id(walk: Walk) -> None:
    posting = walk.after_move[0]
    assert walk.house.document("show", posting["id"][:10]) == posting


def test_why_tells_the_life_of_a_posting_rule_by_rule(walk: Walk) -> None:
    event = walk.events["close"][0]
    told = walk.house.run("why", event["subject"])
    assert told.code == 0
    assert "opened (baseline" in told.out
    assert "closed (gone)" in told.out
    assert event["data"]["evidence"]["rule"] in told.out
    document = walk.house.document("why", event["subject"], "--raw")
    assert [one["type"] for one in document["events"]] == ["posting.opened", "posting.closed"]
    assert json.loads(document["raw"])["@type"] == "JobPosting"


def test_a_healthy_site_needs_nobody(walk: Walk) -> None:
    (site,) = walk.house.document("status")
    assert site["open"] == 12
    assert not site["needs_person"]


def test_a_reader_that_has_seen_enough_ends_the_list_quietly(walk: Walk) -> None:
    with walk.house.start("events", "--json") as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == ""
    assert listing.returncode == 0


def test_events_are_followed_until_interrupted(walk: Walk) -> None:
    with walk.house.start("events", "--follow", "--json") as following:
        assert following.stdout
        assert json.loads(following.stdout.readline()) == walk.events["add"][0]
        following.send_signal(signal.SIGINT)
        following.communicate(timeout=30)
    assert following.returncode == 130


def validator(name: str) -> jsonschema.Draft202012Validator:
    schemas = [
        json.loads((files("postings") / "schemas" / f"{each}-1.json").read_text()) for each in ("posting", "event")
    ]
    registry: referencing.Registry[Any] = referencing.Registry().with_contents(
        [(schema["$id"], schema) for schema in schemas]
    )
    wanted = next(schema for schema in schemas if f":{name}:" in schema["$id"])
    jsonschema.Draft202012Validator.check_schema(wanted)
    return jsonschema.Draft202012Validator(wanted, registry=registry)
