"""The `files` outlet: on this machine and in a bucket of a real S3 server, each event in one whole file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.engine import Engine

from delivery import folder_addresses, folders, outlets
from delivery.dispatch import deliver_due
from delivery.outlets import Context, OutletUnavailable
from delivery.outlets.files import FilesOutlet
from network.addresses import AddressPolicy
from postings.errors import ConfigurationError, UsageError
from storage import outlets as stored_outlets
from tests.delivery.buckets import SECRET, Bucket, serving_buckets
from tests.delivery.eventlog import NOON, EventLog, event
from tests.delivery.loopback import loopback_context
from tests.delivery.outlets.targets import batch

_PREFIXES = count()

ONE_TO_THREE = "events-00000000000000000001-00000000000000000003"


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with serving_buckets() as bucket:
        yield bucket


@dataclass
class Place:
    """Where an outlet writes, by the eyes of whoever reads it."""

    address: str
    options: dict[str, str]
    contents: Callable[[], dict[str, bytes]]
    put: Callable[[str, bytes], None]


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "local":
        folder = tmp_path / "jobs"
        folder.mkdir()

        def contents() -> dict[str, bytes]:
            found = [path for path in folder.rglob("*") if path.is_file()]
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

        return Place(f"file://{folder}", {}, contents, lambda name, content: write(folder / name, content))
    bucket: Bucket = request.getfixturevalue("server")
    prefix = f"{next(_PREFIXES)}/"

    def objects() -> dict[str, bytes]:
        return {name.removeprefix(prefix): body for name, body in bucket.contents().items() if name.startswith(prefix)}

    return Place(
        f"s3://{bucket.name}/{prefix}",
        bucket.options,
        objects,
        lambda name, content: bucket.put(prefix + name, content),
    )


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def open_files(engine: Engine, place: Place, context: Context, **options: str) -> FilesOutlet:
    row = outlets.add(engine, name="lake", address=place.address, options=place.options | options, now=NOON)
    opened = outlets.open_outlet(row, context)
    assert isinstance(opened, FilesOutlet)
    return opened


THREE = batch(event(1), event(2), event(3))


def test_a_batch_is_a_file_named_for_its_events(engine: Engine, place: Place, context: Context) -> None:
    assert open_files(engine, place, context).deliver(THREE).sent == (1, 2, 3)
    ((name, content),) = place.contents().items()
    assert name == f"{ONE_TO_THREE}.jsonl"
    assert [json.loads(line)["id"] for line in content.splitlines()] == ["evt_1", "evt_2", "evt_3"]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_file_that_is_there_with_these_events_is_delivered(
    engine: Engine, place: Place, context: Context, form: str
) -> None:
    outlet = open_files(engine, place, context, format=form)
    outlet.deliver(THREE)
    before = place.contents()
    assert list(before) == [f"{ONE_TO_THREE}.{form}"]
    assert outlet.deliver(THREE).sent == (1, 2, 3)
    assert place.contents() == before
    with pytest.raises(ConfigurationError, match="with other events"):
        outlet.deliver(batch(event(1), event(2, posting_id="p_9"), event(3)))
    assert place.contents() == before


def test_the_same_events_in_other_bytes_are_the_same(engine: Engine, place: Place, context: Context) -> None:
    # as another version of a library may have written them
    outlet = open_files(engine, place, context)
    outlet.deliver(THREE)
    ((name, content),) = place.contents().items()
    spaced = b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in content.splitlines())
    place.put(name, spaced)
    assert outlet.deliver(THREE).sent == (1, 2, 3)
    assert place.contents() == {name: spaced}


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"{}\n", b"[]\n", b"\xff\xfe"])
def test_a_file_of_somebody_else_is_left_alone(engine: Engine, place: Place, context: Context, rubbish: bytes) -> None:
    place.put(f"{ONE_TO_THREE}.jsonl", rubbish)
    with pytest.raises(ConfigurationError, match="with other events"):
        open_files(engine, place, context).deliver(THREE)
    assert place.contents() == {f"{ONE_TO_THREE}.jsonl": rubbish}


@pytest.mark.parametrize(
    ("partition", "folder"), [("none", ""), ("day", "date=2026-11-24/"), ("month", "month=2026-11/")]
)
def test_partitions_are_of_the_first_event_in_utc(
    engine: Engine, place: Place, context: Context, partition: str, folder: str
) -> None:
    first = event(1, at=datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    open_files(engine, place, context, partition=partition).deliver(batch(first, event(2), event(3)))
    assert list(place.contents()) == [f"{folder}{ONE_TO_THREE}.jsonl"]


def test_a_test_says_that_it_is_one_and_a_check_puts_nothing_there(
    engine: Engine, place: Place, context: Context
) -> None:
    outlet = open_files(engine, place, context)
    outlet.check()
    assert place.contents() == {}
    outlet.test()
    ((name, content),) = place.contents().items()
    assert name.startswith("hirewatch-test-")
    assert b"test of the hirewatch outlet lake" in content


def test_what_was_noted_makes_the_same_file_after_more_has_happened(
    engine: Engine, log: EventLog, place: Place, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the process died after the file was there and before that was noted; meanwhile two more events came
    row = outlets.add(engine, name="lake", address=place.address, options=place.options, now=NOON)
    log.add(3)

    class Died(BaseException):
        pass

    deliver = FilesOutlet.deliver

    def die(self: FilesOutlet, told: object) -> object:
        deliver(self, told)  # type: ignore[arg-type]
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(FilesOutlet, "deliver", die)
        with pytest.raises(Died):
            deliver_due(engine, row, context, NOON, Random(1))
    log.add(2)
    deliver_due(engine, row, context, NOON, Random(1))
    assert sorted(place.contents()) == [
        f"{ONE_TO_THREE}.jsonl", "events-00000000000000000004-00000000000000000005.jsonl",
    ]  # fmt: skip


# -- what goes wrong


def test_a_folder_that_is_not_there_is_not_made(engine: Engine, tmp_path: Path, context: Context) -> None:
    # it may be a disk that is not mounted
    place = Place(f"file://{tmp_path}/nowhere", {}, dict, write)  # type: ignore[arg-type]
    outlet = open_files(engine, place, context)
    for attempt in (outlet.check, outlet.test, lambda: outlet.deliver(THREE)):
        with pytest.raises(ConfigurationError, match="is no folder"):
            attempt()
    assert not (tmp_path / "nowhere").exists()


def test_a_bucket_that_is_not_there_is_said(engine: Engine, server: Bucket, context: Context) -> None:
    place = Place("s3://nowhere/a", server.options, dict, write)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="no bucket of that name"):
        open_files(engine, place, context).deliver(THREE)


def test_a_server_that_is_not_there_is_tried_again_later(engine: Engine, server: Bucket, context: Context) -> None:
    options = {**server.options, "endpoint": "http://127.0.0.1:1"}
    outlet = open_files(engine, Place("s3://jobs/a", options, dict, write), context)  # type: ignore[arg-type]
    with pytest.raises(OutletUnavailable) as error:
        outlet.deliver(THREE)
    assert SECRET not in str(error.value)


def test_the_environment_leads_nowhere_else_than_the_endpoint_that_was_judged(
    engine: Engine, server: Bucket, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    place = Place("s3://jobs/judged", server.options, server.contents, write)  # type: ignore[arg-type]
    assert open_files(engine, place, context).deliver(THREE).sent == (1, 2, 3)


@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_an_endpoint_that_is_not_public_is_not_contacted(
    engine: Engine, server: Bucket, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    options = dict(server.options)
    if variable:
        monkeypatch.setenv(variable, options.pop("endpoint"))
    before = server.contents()
    strict = loopback_context(policy=AddressPolicy())
    outlet = open_files(engine, Place("s3://jobs/strict", options, dict, write), strict)  # type: ignore[arg-type]
    for attempt in (outlet.check, lambda: outlet.deliver(THREE)):
        with pytest.raises(OutletUnavailable, match="not public"):
            attempt()
    assert server.contents() == before


def test_without_credentials_the_machine_is_asked_only_if_that_is_allowed(
    engine: Engine, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipaddress import ip_network

    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(name)
    for address in ("s3://jobs/a", "gs://jobs/a", "az://jobs/a"):
        where = folder_addresses.parse(address)
        with pytest.raises(ConfigurationError, match="no credentials"):
            folders.open_folder(where, {}, context, "lake")
        allowed = replace(context, policy=AddressPolicy(allow=(ip_network("169.254.169.254/32"),)))
        assert folders.open_folder(where, {}, allowed, "lake")


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    engine: Engine, server: Bucket, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ConfigurationError, match=r"uv tool install '.\[files\]'"):
        open_files(engine, Place("s3://jobs/a", server.options, dict, write), context)  # type: ignore[arg-type]


# -- addresses


@pytest.mark.parametrize(
    "address",
    [
        "file://host/folder", "file:folder", "file:///a\0b", "s3://", "s3:///key", "s3://b/a/../c", "s3://b//c",
        "s3://key:canary@bucket/a", "s3://bucket/a?x=canary", "s3://bucket:80/a", "s3://a b/c", "gs://b#canary",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as error:
        outlets.prepare("files", address, {})
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "xml"}, {"partition": "hour"}, {"region": "evil.example/"}, {"endpoint": "ftp://x"},
        {"endpoint": "http://u:canary@x"}, {"account_key": "x"}, {"secret_access_key": "a\nb"},
    ],
)  # fmt: skip
def test_options_that_cannot_be_used_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageError) as error:
        outlets.prepare("files", "s3://bucket/a", options)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("file:///var/data//jobs/", "file:///var/data/jobs"),
        ("file://localhost/var/a%20b", "file:///var/a b"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
        ("az://container", "az://container/"),
    ],
)
def test_an_address_is_stored_in_one_spelling(address: str, stored: str) -> None:
    assert outlets.prepare("files", address, {})[0] == stored


@pytest.mark.parametrize("address", ["file://{folder}", "file://{folder}/../jobs", "file://{link}"])
def test_a_folder_that_another_outlet_has_is_refused(
    engine: Engine, tmp_path: Path, context: Context, address: str
) -> None:
    folder, link = tmp_path / "jobs", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    outlets.add(engine, name="lake", address=f"file://{folder}", options={}, now=NOON)
    same = address.format(folder=folder, link=link)

    with pytest.raises(UsageError, match="is where the outlet lake writes already"):
        outlets.add(engine, name="other", address=same, options={"format": "csv"}, now=NOON)
    other = outlets.add(engine, name="other", address=f"file://{folder}/other", options={}, now=NOON)
    with pytest.raises(UsageError, match="is where the outlet lake writes already"):
        outlets.change(engine, other, {}, address=same)


def test_an_outlet_that_stays_where_it_is_can_be_changed_whoever_else_is_there(engine: Engine, tmp_path: Path) -> None:
    address = f"file://{tmp_path}"
    lake = outlets.add(engine, name="lake", address=address, options={}, now=NOON)
    # as an earlier version let it be added
    stored_outlets.add(engine, name="other", kind="files", address=address, options={}, now=NOON)

    assert outlets.change(engine, lake, {"when": "hourly"}).options["when"] == "hourly"


def test_a_prefix_of_another_server_is_another_place(engine: Engine) -> None:
    for endpoint in ("https://one.example", "https://two.example"):
        options = {"endpoint": endpoint}
        outlets.add(engine, name=endpoint, address="s3://bucket/jobs", options=options, now=NOON)
    with pytest.raises(UsageError, match="writes already"):
        outlets.add(engine, name="other", address="s3://bucket/jobs/", options=options, now=NOON)


def test_of_two_installations_that_write_one_file_at_a_time_one_is_told_and_no_event_is_lost(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    row = outlets.add(engine, name="lake", address=folder.as_uri(), options={}, now=NOON)
    one, other = (FilesOutlet(row, loopback_context(instance=digit * 32)) for digit in "12")
    theirs = batch(event(1), event(2, posting_id="p_9"), event(3))
    bring_to_disk = os.fsync
    told: list[tuple[int, ...]] = []

    def both_at_once(descriptor: int) -> None:
        if not told:
            told.append(())
            told[0] = other.deliver(theirs).sent
        bring_to_disk(descriptor)

    monkeypatch.setattr(os, "fsync", both_at_once)

    with pytest.raises(ConfigurationError, match="with other events"):
        one.deliver(THREE)
    assert told == [(1, 2, 3)]
    (file,) = folder.iterdir()
    assert [json.loads(line)["subject"] for line in file.read_bytes().splitlines()] == ["p_1", "p_9", "p_3"]


def test_if_each_sender_named_its_file_a_second_one_would_double_the_events(
    engine: Engine, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    row = outlets.add(engine, name="files", address=folder.as_uri(), options={}, now=NOON)
    tries = count()
    for own_names in (False, True):
        if own_names:
            monkeypatch.setattr(FilesOutlet, "_file_name", lambda self, events: f"events-{next(tries)}.jsonl")
        for _ in range(2):
            FilesOutlet(row, context).deliver(batch(event(1)))
        assert len(list(folder.iterdir())) == (3 if own_names else 1)
