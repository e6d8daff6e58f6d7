"""Reads the text of one JSON-LD script, tolerantly (C.1): the ladder from strict JSON down to repair.

Each script is read for itself, so that a broken one does not hide the others. No step is worse than linear.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import json_repair
import msgspec

from postings.markup import is_job_posting, walk
from postings.normalise import text as texts

#: characters of a broken script that repair is tried on: from about there on it takes more than in step with the text
REPAIR_LIMIT = 40 * 1024
#: documents one after the other in one script
DOCUMENT_LIMIT = 1_000

_TYPE = "application/ld+json"
_SPACE = " \t\r\n\x0b\x0c\xa0\u200b\ufeff"
_OPENERS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_ESCAPED_STARTS = ('{\\"', '[{\\"')
_STRAIGHT = str.maketrans(dict.fromkeys("“”„‟″", '"'))
_CLOSERS = ("//-->", "// -->", "-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";")


@dataclass(frozen=True, slots=True)
class Script:
    """What a script holds. `broken` says why it could not be read, None if it was read."""

    documents: tuple[Any, ...] = ()
    broken: str | None = None
    repaired: bool = False
    #: the text ends before its JSON does: what came after is missing in the documents
    breaks_off: bool = False


@dataclass(slots=True)
class Scripts:
    """What the JSON-LD scripts of a page hold."""

    documents: list[Any] = field(default_factory=list)
    #: why each script that names JobPosting could not be read
    broken: list[str] = field(default_factory=list)
    repaired: int = 0
    #: a script that was read ends before its JSON does
    breaks_off: bool = False
    #: some script names ItemList
    names_list: bool = False
    #: some script may refer to things by their names
    names_things: bool = False


def _is_whole() -> bool:
    return False


def read_scripts(elements: Sequence[Any], ends_in_script: Callable[[], bool] = _is_whole) -> Scripts:
    """Reads the JSON-LD scripts among a page's script elements, each for itself.

    `ends_in_script` says whether the page breaks off in the last of them: that one is not repaired. It is asked where
    that one is broken.
    """
    found = Scripts()
    for element in elements:
        if not is_json_ld(element):
            continue
        text = "".join(element.itertext()) if len(element) else element.text or ""
        script = read_script(text, is_cut=ends_in_script if element is elements[-1] else _is_whole)
        found.names_list = found.names_list or "ItemList" in text
        found.names_things = found.names_things or '"@id"' in text or "\\u00" in text
        found.repaired += script.repaired
        found.breaks_off = found.breaks_off or script.breaks_off
        if script.broken and names_job_posting(text):
            found.broken.append(script.broken)
        found.documents.extend(document for document in script.documents if document)
    return found


def is_json_ld(element: Any) -> bool:
    """Whether a script element says that it holds JSON-LD."""
    kind = element.get("type")
    return bool(kind) and (kind == _TYPE or kind.strip().lower().startswith(_TYPE))


def read_script(text: str, *, is_cut: Callable[[], bool] = _is_whole) -> Script:
    """The JSON documents of a script's text: usually one, sometimes several one after the other.

    A text that breaks off is not repaired: what would come of it is a posting that has lost what stood after the cut.
    """
    text = text.strip(_SPACE)
    if not text:
        return Script()
    try:
        documents = _decode(text)
        if documents is None and is_escaped(text):
            plain = _without_escapes(text)
            # straightened, quotes within the strings end them: what comes of it is no text to repair
            documents = _decode(plain) or _decode(_with_straight_quotes(text))
            text = plain
    except RecursionError:
        return Script(broken="the JSON is nested too deep")
    if documents is not None:
        return Script(documents=documents)
    return Script(broken="the page breaks off within it") if is_cut() else _repair(text)


def is_escaped(text: str) -> bool:
    """Whether a template has escaped the JSON as a whole: there are no quotes as JSON has them."""
    return '"' not in text or text.startswith(_ESCAPED_STARTS)


def _without_escapes(text: str) -> str:
    """Text that is escaped as HTML or as a string of JSON is, without that; any other text as it is."""
    if text.startswith(_ESCAPED_STARTS):
        try:
            return str(_DECODER.decode(f'"{text}"')).strip(_SPACE)
        except ValueError:
            return text
    plain = text
    for _ in range(texts.UNESCAPE_LIMIT):
        plain = texts.unescape_once(plain)
        if '"' in plain:
            # what is escaped still is so within the strings
            return plain.strip(_SPACE)
    return text


def _with_straight_quotes(text: str) -> str:
    straight = text.translate(_STRAIGHT)
    return straight if '"' in straight else texts.unescape_once(text).translate(_STRAIGHT)


def names_job_posting(text: str) -> bool:
    """Whether a script's text may hold a JobPosting, escapes considered."""
    return "jobposting" in text.lower() or ("\\u00" in text and "jobposting" in _unescaped(text).lower())


def _unescaped(text: str) -> str:
    parts = text.split("\\u00")
    return parts[0] + "".join(chr(int(part[:2], 16)) + part[2:] if _is_hex(part[:2]) else part for part in parts[1:])


def _is_hex(pair: str) -> bool:
    return len(pair) == 2 and all(char in "0123456789abcdefABCDEF" for char in pair)


def _decode(text: str) -> tuple[Any, ...] | None:
    """The documents of a text that is JSON, or JSON in a frame of comments; None if it is not."""
    documents: list[Any] = []
    rest = 0
    if text.startswith(("{", "[")):
        try:
            # takes valid JSON only, and reads it as the decoder below does in half the time
            return (_VALID.decode(text),)
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            pass
        try:
            document, rest = _DECODER.raw_decode(text)
        except ValueError:
            return None
        documents.append(document)
    while rest < len(text) and len(documents) < DOCUMENT_LIMIT:
        rest = _skip_frame(text, rest)
        if rest >= len(text):
            break
        try:
            document, rest = _DECODER.raw_decode(text, rest)
        except ValueError:
            return None
        documents.append(_inner(document))
    return tuple(documents) if documents else None


def _inner(document: Any) -> Any:
    """A document that is a string of JSON is that JSON (scripts written by a template that encodes twice)."""
    if isinstance(document, str) and document.lstrip(_SPACE)[:1] in ("{", "["):
        try:
            return _DECODER.decode(document.strip(_SPACE))
        except ValueError:
            pass
    return document


def _skip_frame(text: str, start: int) -> int:
    """Past white space, comments, CDATA and HTML comment marks, commas and semicolons between documents."""
    while start < len(text):
        if text[start] in "{[":
            break
        if text[start] in _SPACE or text[start] in ";,":
            start += 1
            continue
        mark = next((mark for mark in (*_OPENERS, *_CLOSERS) if text.startswith(mark, start)), None)
        if mark is not None:
            start += len(mark)
        elif text.startswith("/*", start):
            end = text.find("*/", start + 2)
            start = len(text) if end < 0 else end + 2
        elif text.startswith("//", start):
            end = text.find("\n", start)
            start = len(text) if end < 0 else end
        else:
            break
    return start


def _repair(text: str) -> Script:
    if len(text) > REPAIR_LIMIT:
        return Script(broken="the JSON is broken and too long to be repaired")
    if not names_job_posting(text):
        return Script(broken="the JSON is broken")
    start = _skip_frame(text, 0)
    try:
        document = json_repair.loads(text[start:], skip_json_loads=True)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return Script(broken="the JSON is broken beyond repair")
    # Repair makes something of anything: what it made counts only where it holds a posting with a title.
    titles = [thing.get("title", thing.get("schema:title")) for thing in walk(document) if is_job_posting(thing)]
    if any(texts.line(title) for title in titles):
        return Script(documents=(document,), repaired=True, breaks_off=_ends_early(text))
    return Script(broken="the JSON is broken, and repair found no posting with a title")


def _ends_early(text: str) -> bool:
    """Whether a text of JSON, with or without a frame, does not end with the bracket that closes it."""
    while closer := next((closer for closer in _CLOSERS if text.endswith(closer)), None):
        text = text.removesuffix(closer).rstrip(_SPACE)
    return not text.endswith(("}", "]"))


def _integer(digits: str) -> int | float:
    # int() refuses more than 4,300 digits
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")


#: digits of an integer that is told from an infinite one; no posting keeps more than 64 bits
_LONGEST_INTEGER = 1_000
_VALID = msgspec.json.Decoder()
_DECODER = json.JSONDecoder(strict=False, parse_int=_integer, parse_constant=lambda _: None)
