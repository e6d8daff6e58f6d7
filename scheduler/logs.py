"""The log of the service and its workers: a line for each step of the way, with fields, as text or as JSON.

A message is an event and its fields, written as `log.info("visit.begun site=%s visit=%s", site, visit)`; the formatter
takes the fields from the arguments and never parses a value. What a page says does not get in: a value is short, in
one line and harmless to a terminal, and of an exception only its kind and place are told.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, cast

from postings.errors import HirewatchError
from postings.record import instant

#: what a message of ours looks like: an event, then fields, then perhaps a note in words
TEMPLATE: Final = re.compile(r"(?P<event>[a-z]+(?:[.-][a-z]+)+)(?P<fields>(?: [a-z_]+=%[sd])*)(?:: (?P<note>.+))?")
_NAME = re.compile(r"([a-z_]+)=%")
#: what needs no quotes in a line of text
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+~-]+")
_OURS: Final = frozenset(
    ("postings", "network", "crawler", "storage", "delivery", "scheduler", "dashboard", "hirewatch")
)
#: characters of a value, and of the message of a library
_VALUE_LIMIT, _MESSAGE_LIMIT = 300, 1000
#: frames of a traceback, the innermost first
_FRAMES = 8


class Formatter(logging.Formatter):
    """Writes a record as one line."""

    def __init__(self, form: str) -> None:
        """`form`: "text" or "json"."""
        super().__init__()
        self._as_json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = instant(datetime.fromtimestamp(record.created, UTC))
        event, fields = read(record)
        if self._as_json:
            head = {"time": time, "level": record.levelname.lower(), "logger": record.name}
            return json.dumps(head | ({"event": event} if event else {}) | fields)
        if event is None:
            event = _escaped(fields.pop("message"))
        words = [event, *(f"{name}={_quoted(value)}" for name, value in fields.items())]
        return f"{time} {record.levelname} {record.name} {' '.join(words)}"


def is_ours_or_grave(record: logging.LogRecord) -> bool:
    """Leaves out what libraries say of their daily work."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in _OURS


def read(record: logging.LogRecord) -> tuple[str | None, dict[str, Any]]:
    """The event of a record and its fields; the event is None, and `message` a field, if a library wrote it."""
    fields: dict[str, Any]
    match = TEMPLATE.fullmatch(record.msg) if isinstance(record.msg, str) else None
    if match is None:
        event, fields = None, {"message": _message(record)}
    else:
        names = _NAME.findall(match["fields"])
        # logging unpacks a lone mapping
        values = record.args if isinstance(record.args, tuple) else (record.args,)
        event, fields = match["event"], {name: _value(value) for name, value in zip(names, values, strict=False)}
        if match["note"]:
            fields["note"] = _filled(match["note"], [_value(value) for value in values[len(names) :]])
    if record.exc_info and record.exc_info[1] is not None:
        fields |= {"error": _words(record.exc_info[1]), "trace": list(_frames(record.exc_info[2]))}
    return event, {name: value for name, value in fields.items() if value is not None}


def start(form: str, level: str, stream: TextIO | None = None) -> None:
    """Begins to log to `stream` (standard error) from this level on; `form` is "text" or "json"."""
    handler = logging.StreamHandler(stream or cast("TextIO", _StandardError()))
    handler.setFormatter(Formatter(form))
    # on the handler: Scrapy opens the root logger wide
    handler.setLevel(level)
    if level != "DEBUG":
        handler.addFilter(is_ours_or_grave)
    logging.basicConfig(handlers=[handler], level=level)


class _StandardError:
    """Standard error without a buffer. What the disk behind it does not take is lost; in a buffer it would fail
    whatever flushes that next: the start of a process, in `multiprocessing`."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode(errors="backslashreplace"))

    def flush(self) -> None:
        """Nothing waits."""


def _message(record: logging.LogRecord) -> str:
    return _filled(str(record.msg), record.args)


def _filled(words: str, values: Any) -> str:
    try:
        filled = words % (tuple(values) if isinstance(values, list) else values) if values else words
    except (TypeError, ValueError, KeyError):
        filled = words
    return filled[:_MESSAGE_LIMIT]


def _value(value: object) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, BaseException):
        return _words(value)
    if isinstance(value, Mapping):
        return {str(name): _value(inner) for name, inner in value.items()}
    return str(value)[:_VALUE_LIMIT]


def _words(error: BaseException) -> str:
    """An error as far as it cannot repeat what a page said."""
    if isinstance(error, HirewatchError):
        return str(error)[:_VALUE_LIMIT]
    said = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{type(error).__name__}{said}" + (f", from {type(cause).__name__}" if cause else "")


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace)[: -_FRAMES - 1 : -1]:
        yield f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1].replace('\\"', '"')
