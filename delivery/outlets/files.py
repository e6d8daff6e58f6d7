"""Writes events into files: JSON Lines, CSV or Parquet, in a folder of this machine or a bucket. docs/stores.md.

A file is named for its first and last event and never written twice. What goes into one is written down before it is
sent, so that after a crash the same events make the same file.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from delivery import folder_addresses, folders, formats
from delivery.outlets import options as read
from delivery.outlets.copying import selection
from delivery.outlets.outlet import Batch, Context, Delivered, Limits, OutletUnavailable, tag
from postings.errors import ConfigurationError, UsageError
from postings.events import Event
from storage import outlets

__all__ = ["FilesOutlet", "place", "prepare", "selection", "shown"]

#: how the folders of a partition are named: as Hive, Spark, DuckDB and Athena read them
_PARTITIONS: Final = {"none": "", "day": "date=%Y-%m-%d/", "month": "month=%Y-%m/"}

_OWN: Final = ("format", "partition", "events", "with_baseline")


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError.

    Options: `format` (jsonl, csv or parquet), `partition` (none, day or month), `events`, `with_baseline`, and those of
    the store (`folders.OPTIONS`).
    """
    where = folder_addresses.parse(address)
    read.require_known(options, (*_OWN, *folders.OPTIONS[where.scheme]), "files")
    stored: dict[str, Any] = dict(folders.read_options(where, options))
    if "format" in options:
        stored["format"] = read.choice("format", options["format"], tuple(formats.ENDINGS))
    if "partition" in options:
        stored["partition"] = read.choice("partition", options["partition"], tuple(_PARTITIONS))
    stored |= read.of_events(options)
    return str(where), stored


def shown(address: str) -> str:
    """The address as it is: secrets are options."""
    try:
        return str(folder_addresses.parse(address))
    except UsageError:
        return f"{address.partition(':')[0][:20]}://…"


def place(address: str, options: Mapping[str, Any]) -> str:
    """The folder as it is, by whatever name: only one outlet may write there, or two files would have one name."""
    where = folder_addresses.parse(address)
    if where.bucket is None:
        return os.path.realpath(where.path)
    return " ".join([str(where), *(str(options.get(name, "")) for name in ("endpoint", "account_name"))])


class FilesOutlet:
    """A folder or a bucket that gets one file a batch."""

    limits = Limits(most=1000)

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Contacts nothing yet. Raises ConfigurationError or UsageError if what is stored cannot be used."""
        address, options = prepare(row.address, row.options)
        where = folder_addresses.parse(address)
        self._name = row.name
        self._format: str = options.get("format", "jsonl")
        self._partition: str = _PARTITIONS[options.get("partition", "none")]
        self._clock = context.clock
        self._shape = formats.events(context.instance)
        self._folder = folders.open_folder(
            where, folders.read_options(where, options), context, row.name, writer=tag(row, context.instance)
        )
        formats.require(self._format)

    def check(self) -> None:
        """Looks at the folder or the bucket and puts nothing there.

        Raises ConfigurationError, AddressRefused, or OutletUnavailable if it cannot be reached.
        """
        self._folder.check()

    def deliver(self, batch: Batch) -> Delivered:
        """One file; one that is there with these events counts as delivered.

        Raises OutletUnavailable, or ConfigurationError if other events are there under its name.
        """
        content, refused = self._encode(batch.events)
        fit = [event for event in batch.events if event.number not in refused]
        if fit:
            name = self._file_name(fit)
            if not self._folder.create(name, content):
                self._compare(name, content, fit)
        return Delivered(sent=tuple(event.number for event in fit), refused=tuple(refused.items()))

    def test(self) -> None:
        """Puts a small file there that says that it is a test, under a name that no reader of events takes."""
        moment = self._clock().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        text = f"This is a test of the hirewatch outlet {self._name}. It may be deleted.\n"
        if not self._folder.create(f"hirewatch-test-{moment}.txt", text.encode()):
            raise OutletUnavailable("has a file of the test's name already", subject=self._name, remedy="try again")

    def close(self) -> None:
        pass

    def _encode(self, events: Sequence[Event]) -> tuple[bytes, dict[int, str]]:
        """The file of those events that can be written, and why the others cannot."""
        try:
            return self._encoded(events), {}
        except (TypeError, ValueError, OverflowError):
            refused = {}
        for event in events:
            try:
                self._encoded([event])
            except (TypeError, ValueError, OverflowError) as error:
                refused[event.number] = f"cannot be written as {self._format} ({type(error).__name__})"
        return self._encoded([event for event in events if event.number not in refused]), refused

    def _encoded(self, events: Sequence[Event]) -> bytes:
        encoder = formats.encoder(self._format, self._shape)
        return encoder.add(events) + encoder.finish()

    def _file_name(self, events: Sequence[Event]) -> str:
        first, last = events[0], events[-1]
        folder = first.at.astimezone(UTC).strftime(self._partition) if self._partition else ""
        return f"{folder}events-{first.number:020d}-{last.number:020d}{formats.ENDINGS[self._format]}"

    def _compare(self, name: str, content: bytes, events: Sequence[Event]) -> None:
        """Raises ConfigurationError unless the file that is there has these events."""
        there = self._folder.read(name)
        # another version of a library may have written the same events in other bytes
        if there == content or _held(self._format, there) == [(event.number, event.posting_id) for event in events]:
            return
        raise ConfigurationError(
            f"has a file {name} with other events",
            subject=self._name,
            remedy="give each outlet of each installation a folder of its own",
        )


def _held(form: str, content: bytes) -> list[tuple[int, str]] | None:
    """Number and posting of each event in a file; None if it is none of ours."""
    try:
        if form == "parquet":
            from pyarrow import parquet

            table = parquet.read_table(io.BytesIO(content), columns=["event", "posting_id"])
            return [(row["event"], row["posting_id"]) for row in table.to_pylist()]
        text = content.decode()
        if form == "csv":
            return [(int(row["event"]), row["posting_id"]) for row in csv.DictReader(io.StringIO(text, newline=""))]
        documents = [json.loads(line) for line in text.splitlines()]
        return [(int(document["sequence"]), document["subject"]) for document in documents]
    except (ValueError, KeyError, TypeError, OSError):
        return None
