"""Bytes to tree: which character set a page is in, and one parse that knows whether it was whole."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.etree
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
    to_unicode,
)

from crawler.pages import Page

_ENCODING = "utf-8"
_READABLE = ("html", "xml", "text/plain", "json", "octet-stream")
_START = 4_096
#: attributes of one tag that are read: what libxml2 takes for one grows with those before it
MOST_ATTRIBUTES = 750
#: so many bytes in which no tag begins are looked at: twice as many are sure to be noticed
_STRETCH = 2_048
#: the end of a page
END = re.compile(rb"</html\s*>", re.IGNORECASE)
# behind no tag but comments and declarations
_CLOSED_HTML = re.compile(
    rb"(?:[^<]++|<!--(?:-?>|.*?-->)|<[!?](?!--)[^<>]*+>)*+"
    rb"<html(?=[\s/])(?:[^<>=]|=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+(?=\s)))*?(/)>",
    re.IGNORECASE | re.DOTALL,
)
_TAG_NAME = re.compile(rb"<[A-Za-z][^\s/<>]*+")
_ATTRIBUTE = re.compile(rb"[\s/]*+[^\s/<>][^\s/<>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s<>\"'][^\s<>]*+))?")
_CHARSETS = (
    "ascii", "utf-8", "iso8859", "cp", "koi8", "kz1048", "mac", "gb", "hz", "big5", "euc", "shift", "iso2022", "tis", "johab",
)  # fmt: skip


_LATIN = frozenset({"cp1252", "windows-1252", "iso-8859-1", "iso8859-1", "latin-1", "latin1"})
#: bytes of a letter in UTF-8, at most
_LONGEST_LETTER = 4


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: the tree, and the bytes and encoding that it was made from."""

    tree: Any
    source: bytes
    encoding: str


@dataclass(frozen=True, slots=True)
class NoDocument:
    """Why a page could not be parsed to its end."""

    reason: str


def prepare(page: Page) -> bytes | NoDocument:
    """A page in UTF-8, as it is to be read; `parse_prepared` puts an early end right."""
    media_type = (page.content_type or "").split(";")[0].strip().lower()
    if media_type and not any(part in media_type for part in _READABLE):
        return NoDocument(f"it is {media_type[:80]}, not HTML")
    source, _ = decoded(page)
    return without_surplus(source)


def parse(page: Page) -> Document | NoDocument:
    """Parses a page once, with room for deep nesting and long texts.

    A page that libxml2 gives up on is no document: the rest of it is missing from the tree, without any other sign.
    """
    source = prepare(page)
    return source if isinstance(source, NoDocument) else parse_prepared(source)


def parse_prepared(source: bytes) -> Document | NoDocument:
    """The same for a page that is prepared."""
    source = without_early_end(source)
    # not lxml.html's parser: it asks Python for the class of each element that is looked at
    parser = lxml.etree.HTMLParser(
        encoding=_ENCODING,
        huge_tree=True,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        # a table of all ids costs one part in twenty, and is asked for by next to no page
        collect_ids=False,
    )
    try:
        tree = lxml.etree.fromstring(source, parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        return NoDocument("it is empty" if not source.strip() or "empty" in str(error) else f"it is no HTML: {error}")
    except AssertionError:
        # lxml: no root element at all
        return NoDocument("it is no HTML")
    if tree is None:
        return NoDocument("it is empty")
    for entry in parser.error_log.filter_from_fatals():
        if entry.type_name in ("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY") or "Excessive depth" in entry.message:
            return NoDocument(f"it cannot be parsed to its end: {entry.message.split(',')[0][:120]}")
    return Document(tree=tree, source=source, encoding=_ENCODING)


def without_early_end(source: bytes) -> bytes:
    """A page without its `</html>` where more follows, as plug-ins and included pages leave it, and without the slash
    of `<html/>`: libxml2 drops all that stands behind, and browsers show it (HTML standard, 13.2.6.4.19 and
    13.2.6.4.22)."""
    if (closed := _CLOSED_HTML.match(source, 0, _START)) is not None:
        source = source[: closed.start(1)] + b" " + source[closed.end(1) :]
    end = END.search(source)
    return END.sub(b"", source) if end is not None and goes_on(source, end.end()) else source


def goes_on(source: bytes, at: int) -> bool:
    """Whether more than texts and comments follow."""
    at = source.find(b"<", at)
    while at >= 0 and source.startswith(b"<!--", at):
        at = source.find(b"<", source.find(b"-->", at) + 1 or len(source))
    return at >= 0


def without_surplus(source: bytes) -> bytes:
    """A page without what comes behind the first 750 attributes of a tag of 4 KiB or more; nobody writes half as many.

    Tags with a `<` among their attributes are not seen: nothing but the deadline of a reader process bounds those.
    """
    find = source.find
    without = [at for at in range(0, len(source), _STRETCH) if find(b"<", at, at + _STRETCH) < 0]
    kept: list[bytes] = []
    done = looked = 0
    for at in without:
        if at < looked:
            continue
        starts, ends = _surplus(source, source.rfind(b"<", looked, at))
        if starts < ends:
            kept.append(source[done:starts])
            done = ends
        following = find(b"<", max(at, ends))
        looked = following if following >= 0 else len(source)
    return b"".join((*kept, source[done:])) if kept else source


def _surplus(source: bytes, opened: int) -> tuple[int, int]:
    """Where those attributes of a tag start that are too many, and where all its attributes end."""
    tag = _TAG_NAME.match(source, opened) if opened >= 0 else None
    if tag is None:
        return 0, 0
    starts = ends = tag.end()
    count = 0
    while (attribute := _ATTRIBUTE.match(source, ends)) is not None:
        ends = attribute.end()
        count += 1
        if count <= MOST_ATTRIBUTES:
            starts = ends
    if starts < ends:
        script = source.rfind(b"<script", 0, opened)
        if script >= 0 and source.find(b"</script", script, opened) < 0:
            # within a script, it is no tag
            starts = ends
    return starts, ends


def decoded(page: Page) -> tuple[bytes, str]:
    """The body and its encoding: UTF-8 bytes as they are, everything else turned into UTF-8.

    In order of trust: byte order mark, HTTP header, what the page declares, UTF-8 if it is valid, Windows-1252. Of
    UTF-8 and a Latin alphabet of single bytes a page may declare the wrong one: the bytes tell them apart.
    """
    body = page.body
    marked, mark = read_bom(body)
    if marked is not None:
        body = body[len(mark or b"") :]
        encoding = marked
    else:
        encoding = _wide(body) or _declared(page, body[:_START]) or _guessed(body)
    if encoding.replace("_", "-").lower() in ("utf-8", "utf8", "ascii"):
        return (body if marked or not _is_single_bytes(body) else to_unicode(body, "cp1252").encode()), "utf-8"
    if encoding.replace("_", "-").lower() in _LATIN and not body.isascii() and _is_utf_8(body):
        return body, "utf-8"
    return to_unicode(body, encoding).encode("utf-8", "replace"), "utf-8"


def _declared(page: Page, start: bytes) -> str | None:
    for said in _said(page, start):
        # a page whose ASCII bytes can be read is not UTF-16, whatever it says
        if said and not said.lower().startswith(("utf-16", "utf-32")) and _is_charset(said):
            return said
    return None


def _is_charset(name: str) -> bool:
    """Whether a codec of Python's is a character set of the web; some others stop at any byte or unpack bombs."""
    try:
        return codecs.lookup(name).name.startswith(_CHARSETS)
    except LookupError:
        return False


def _said(page: Page, start: bytes) -> Iterator[str | None]:
    if page.charset:
        yield resolve_encoding(page.charset)
    if page.content_type and "charset" in page.content_type.lower():
        yield http_content_type_encoding(page.content_type)
    yield _said_inside(start)


def _said_inside(start: bytes) -> str | None:
    lowered = start.lower()
    at = lowered.find(b"charset")
    if at < 0:
        return html_body_declared_encoding(start) if b"encoding" in lowered else None
    if lowered[at + 7 : at + 20].lstrip(b" =\"'").startswith(b"utf-8") and b"encoding" not in lowered[:at]:
        tag = lowered.rfind(b"<", 0, at)
        if lowered.startswith(b"<meta", tag) and b">" not in lowered[tag:at]:
            # what nearly every page says; the general answer takes patterns over all of its start
            return "utf-8"
    return html_body_declared_encoding(start)


def _wide(body: bytes) -> str | None:
    """UTF-16 without a byte order mark shows in the first tag."""
    start = body[:_START].lstrip(b"\x00 \r\n\t")
    if start[:4:2] and start[1:8:2] == b"\x00\x00\x00\x00"[: len(start[1:8:2])] and len(start) > 8:
        return "utf-16-be" if body[:1] == b"\x00" else "utf-16-le"
    return None


def _guessed(body: bytes) -> str:
    return "utf-8" if _is_utf_8(body) else "cp1252"


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_single_bytes(body: bytes) -> bool:
    """Whether a page that is said to be UTF-8 cannot be: it has letters beyond ASCII, and not one of them as UTF-8
    writes it. A letter that is cut off at the end says nothing."""
    if body.isascii():
        return False
    parts = (body[at : at + _START] for at in range(0, len(body), _START))
    if not next(part for part in parts if not part.isascii()).decode("utf-8", "ignore").isascii():
        # the first letters are enough
        return False
    if _is_utf_8(body):
        return False
    start = body[:-_LONGEST_LETTER]
    return not start.isascii() and start.decode("utf-8", "ignore").isascii()
