"""Postings and events as files: JSON Lines, CSV and Parquet, made piece by piece, so that memory does not grow with
them.

The `files` outlet and `hirewatch export` write by it; `hirewatch postings --csv` writes its cells by it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from delivery.flat import EVENT_WITH_POSTING, POSTING, Column, Kind, fit_all, typed
from postings.errors import ConfigurationError, how_to_install
from postings.events import Event, cloudevent
from postings.record import instant

#: format -> ending of the names of its files
ENDINGS: Final = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet"}

#: rows of one group of a Parquet file, and the characters of JSON after which a group ends early
_GROUP_ROWS, _GROUP_CHARACTERS = 10_000, 16 * 1024 * 1024

#: what a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), full-width forms included
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")

#: C0 and C1 controls but tab and line feed, DEL, and marks that turn the direction of what follows them
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")

#: ends of lines for some readers of text, though not for JSON
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What kind of things a file holds: how each is a row, and how each is a document."""

    columns: tuple[Column, ...]
    document: Callable[[Any], Mapping[str, Any]]

    def row(self, item: Any) -> list[Any]:
        """The values of the columns, typed."""
        return [typed(column.kind, column.read(item)) for column in self.columns]

    def json(self, item: Any) -> str:
        """The document as JSON in one line that every store takes. Raises TypeError for what is no JSON."""
        document = self.document(item)
        try:
            text = _to_json(document)
            text.encode()
        except ValueError:
            text = _to_json(fit_all(document))
        # a NUL is written so; a backslash and these letters in a text are looked at for nothing
        return _to_json(fit_all(document)) if "\\u0000" in text else text


#: public records
POSTINGS: Final = Shape(columns=POSTING, document=lambda record: record)


def events(instance: str) -> Shape:
    """Events, as CloudEvents of the installation of that id."""

    def document(event: Event) -> Mapping[str, Any]:
        return cloudevent(event, instance)

    return Shape(columns=EVENT_WITH_POSTING, document=document)


class Encoder(Protocol):
    """Makes one file: what all calls return, in order, is its content."""

    def add(self, items: Iterable[Any]) -> bytes: ...
    def finish(self) -> bytes: ...


def encoder(form: str, shape: Shape) -> Encoder:
    """A new file of that format. Raises ConfigurationError if a library for it is missing."""
    if form == "csv":
        return _Csv(shape)
    if form == "parquet":
        return _Parquet(shape)
    return _JsonLines(shape)


def require(form: str) -> None:
    """Raises ConfigurationError, which says what to install, if a library for the format is missing."""
    if form == "parquet":
        _pyarrow()


def cell(value: Any) -> str:
    """A value as a CSV cell that no spreadsheet runs as a formula, whatever a page wrote.

    Text that could be one gets an apostrophe in front, which spreadsheets take for "this is text".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # as JSON has it: 60000, not 60000.0
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if not isinstance(value, str):
        return str(value)
    text = _CONTROLS.sub("", value.replace("\r\n", "\n"))
    return f"'{text}" if _FORMULA.match(value) or _FORMULA.match(text) else text


class _JsonLines:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def add(self, items: Iterable[Any]) -> bytes:
        return "".join(f"{self._shape.json(item).translate(_LINE_ENDS)}\n" for item in items).encode()

    def finish(self) -> bytes:
        return b""


class _Csv:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._heading = True

    def add(self, items: Iterable[Any]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if self._heading:
            writer.writerow([column.name for column in self._shape.columns])
            self._heading = False
        writer.writerows([cell(value) for value in self._shape.row(item)] for item in items)
        return text.getvalue().encode()

    def finish(self) -> bytes:
        # a file without rows still says what its columns are
        return self.add(())


class _Parquet:
    """Typed columns, and the whole document as JSON in `data`."""

    def __init__(self, shape: Shape) -> None:
        pyarrow = _pyarrow()
        from pyarrow import parquet

        self._shape = shape
        self._pyarrow = pyarrow
        self._sink = _Sink()
        types = {
            Kind.TEXT: pyarrow.string(),
            Kind.KEY: pyarrow.string(),
            Kind.WHOLE: pyarrow.int64(),
            Kind.NUMBER: pyarrow.float64(),
            Kind.FLAG: pyarrow.bool_(),
            Kind.DAY: pyarrow.date32(),
            Kind.INSTANT: pyarrow.timestamp("us", tz="UTC"),
        }
        fields = [pyarrow.field(column.name, types[column.kind]) for column in shape.columns]
        self._schema = pyarrow.schema([*fields, pyarrow.field("data", pyarrow.string())])
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[list[Any]] = []
        self._characters = 0

    def add(self, items: Iterable[Any]) -> bytes:
        for item in items:
            document = self._shape.json(item)
            self._rows.append([*self._shape.row(item), document])
            self._characters += len(document)
            if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
                self._write_group()
        return self._sink.take()

    def finish(self) -> bytes:
        if self._rows:
            self._write_group()
        self._writer.close()
        return self._sink.take()

    def _write_group(self) -> None:
        columns: Sequence[Sequence[Any]] = list(zip(*self._rows, strict=True))
        arrays = [
            self._pyarrow.array(values, type=field.type) for values, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._characters = [], 0


class _Sink(io.RawIOBase):
    """A file that is taken away as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise ConfigurationError(
            "needs a library that is not installed", subject="Parquet", remedy=how_to_install("parquet")
        ) from None
    return pyarrow


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
