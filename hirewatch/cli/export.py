"""`hirewatch export`: postings as they stand, or the log of events, into a file, a bucket or a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, Group, command, pass_front
from postings.cleaning import clean
from postings.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from delivery.formats import Shape
    from postings.query import Query

_FORMATS = ("jsonl", "csv", "parquet")

#: events that are read at a time
_BATCH = 500


@click.group("export", cls=Group)
def export() -> None:
    """Write postings or events into a file, a bucket or a pipe."""


def _arguments(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The parameters that both commands have."""
    decorators = (
        click.argument("destination", metavar="DEST", help="A file, s3://bucket/name (gs://, az://), or - for stdout."),
        click.option("--only", metavar="QUERY", help=f"Only {what}: 'title:engineer'."),
        click.option("--format", "form", type=click.Choice(_FORMATS), help="As the name of DEST ends, else jsonl."),
    )

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


@command("postings", json_output=False)
@_arguments("postings that match, open or closed")
@pass_front
def export_postings(front: Front, destination: str, only: str | None, form: str | None) -> None:
    """Write every posting as it stands, open or closed; 'is:open' in --only leaves the closed ones out.

    Each posting is written as it stands when it is reached. How far the log of events was at the beginning is said at
    the end: `hirewatch events --after` that number tells what has happened since, and a little of what the file has.

    A file of this machine takes its name, and the place of an older one, when it is whole.
    """
    from delivery import formats
    from postings.query import parse
    from storage import events, exporting, searching

    query = _parsed(only, parse)
    engine = wiring.open_database(front.settings)
    last = events.last(engine)
    condition = searching.condition(query, front.now()) if query else None
    total = exporting.count(engine, condition=condition)
    batches = ([posting.record for posting in batch] for batch in exporting.batches(engine, condition=condition))
    written = _write(front, engine, destination, form, formats.POSTINGS, batches, total=total)
    front.say(
        f"{written:,} posting{'' if written == 1 else 's'} written; what comes next: hirewatch events --after {last}"
    )


@command("events", json_output=False)
@_arguments("events of postings that match, as they stood then")
@pass_front
def export_events(front: Front, destination: str, only: str | None, form: str | None) -> None:
    """Write the log of events as it is at the beginning, in order.

    A file of this machine takes its name, and the place of an older one, when it is whole.
    """
    from delivery import formats
    from postings.query import parse
    from storage import events

    query = _parsed(only, parse)
    engine = wiring.open_database(front.settings)
    last = events.last(engine)
    shape = formats.events(wiring.instance(engine))
    written = _write(
        front, engine, destination, form, shape, _events(engine, query, last), total=None if query else last
    )
    front.say(
        f"{written:,} event{'' if written == 1 else 's'} written; what comes next: hirewatch events --after {last}"
    )


def _parsed(only: str | None, parse: Any) -> Query | None:
    return parse(only) if only else None


def _events(engine: Engine, query: Query | None, last: int) -> Iterator[Sequence[Any]]:
    from hirewatch.cli.events import matches
    from storage import events

    number = 0
    while number < last:
        batch = [event for event in events.after(engine, number, _BATCH) if event.number <= last]
        if not batch:
            return
        number = batch[-1].number
        yield [event for event in batch if query is None or matches(query, event)]


def _write(
    front: Front,
    engine: Engine,
    destination: str,
    form: str | None,
    shape: Shape,
    batches: Iterable[Sequence[Any]],
    *,
    total: int | None,
) -> int:
    """Writes the batches; how many things were in them."""
    from delivery import formats

    encoder = formats.encoder(form or _format_of(destination), shape)
    written = 0
    with _opened(front, engine, destination, form) as stream, _progress(front, total) as progress:
        for batch in batches:
            if content := encoder.add(batch):
                stream.write(content)
            written += len(batch)
            progress(written)
        if content := encoder.finish():
            stream.write(content)
    return written


def _format_of(destination: str) -> str:
    """Raises UsageError for an ending that promises something else."""
    ending = Path(destination).suffix.lower().removeprefix(".")
    if not ending or destination == "-":
        return "jsonl"
    if ending not in (*_FORMATS, "ndjson"):
        raise UsageError(
            f"no export ends in .{clean(ending)}",
            subject=destination,
            remedy=f"choose {', '.join(f'.{form}' for form in _FORMATS)}, or say --format",
        )
    return "jsonl" if ending == "ndjson" else ending


def _opened(front: Front, engine: Engine, destination: str, form: str | None) -> AbstractContextManager[Any]:
    if destination == "-":
        return _stdout(form)
    scheme, separator, _ = destination.partition("://")
    if not separator:
        return _file(Path(destination))
    if scheme == "file":
        from delivery import folder_addresses

        return _file(Path(folder_addresses.parse(destination).path))
    return _bucket(front, engine, destination)


@contextmanager
def _stdout(form: str | None) -> Iterator[BinaryIO]:
    if form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is no text", subject="stdout", remedy="name a file, or lead it into another program")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    from delivery.local_folder import whole_file

    if path.is_dir():
        raise UsageError("is a folder", subject=str(path), remedy="name a file in it")
    if not path.parent.is_dir():
        raise UsageError("is no folder", subject=str(path.parent), remedy="make it, or name another one")
    if not os.access(path.parent, os.W_OK):
        raise ConfigurationError("may not be written by this user", subject=str(path.parent), remedy="let it")
    with whole_file(path, replace=True) as file:
        yield file


@contextmanager
def _bucket(front: Front, engine: Engine, destination: str) -> Iterator[Any]:
    from delivery import folder_addresses, folders

    whole = folder_addresses.parse(destination)
    folder, _, name = whole.path.rpartition("/")
    if whole.scheme not in folders.OPTIONS or not name:
        raise UsageError(
            "is nothing to write to", subject=destination[:60], remedy="give a file, s3://bucket/name, or - for stdout"
        )
    place = folder_addresses.Address(whole.scheme, whole.bucket, folder)
    context = wiring.outlet_context(front.settings, wiring.instance(engine))
    with folders.open_folder(place, {}, context, "export").open(name) as stream:
        yield stream


@contextmanager
def _progress(front: Front, total: int | None) -> Iterator[Any]:
    """Shows a person who waits how far it is."""
    if front.quiet or not sys.stderr.isatty():
        yield lambda written: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=front.err(), transient=True
    ) as progress:
        task = progress.add_task("", total=total)
        yield lambda written: progress.update(task, completed=written)


for _command in (export_postings, export_events):
    export.add_command(_command)
