"""What a tag says as it stands in the text of a page: its attributes, and the texts between it and its end.

`crawler.skimming` finds the tags. Each answers as an element of a tree does, as far as reading asks; what it says is
read when it is asked for. Whatever two readers might understand differently is `Odd`: then the page has to be parsed.
"""

from __future__ import annotations

import html
import re
from functools import cache
from html.entities import html5

# What follows a tag's name: values in quotes right behind their equals signs, or without quotes. Quotes anywhere else,
# a sign that opens a tag, and blanks around an equals sign are rare, and nothing to be sure of.
ATTRIBUTES = (
    rb"[^<>\"'=]*+(?:(?<![ \t\n\f\r/\"'])=(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'= \t\n\f\r]++(?=[ \t\n\f\r>]))[^<>\"'=]*+)*"
)
_ATTRIBUTE = re.compile(rb"([^ \t\n\f\r/=]+)(?:=(\"[^\"]*\"|'[^']*'|[^ \t\n\f\r]*))?")
_QUOTES = (b'"', b"'")
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+))|([a-zA-Z][a-zA-Z0-9]*+))(;?)")
#: a reference by number that all understand alike
_CHARACTERS = (range(0x20, 0x7F), range(0xA0, 0xD800), range(0xE000, 0xFDD0))
_LONGEST_NUMBER = 6
#: no name of a reference is longer
_LONGEST_NAME = 32

# what may stand in a heading and changes nothing of what is around it
_INLINE = frozenset(b"a span strong b em i small u font label time mark".split())
_VOID = frozenset({b"br", b"img"})
# a tag, or a comment; what else begins like one ends the search, for each might look for its end up to the last
_INNER = re.compile(
    rb"<(?P<closes>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?=[ \t\n\f\r/>])" + ATTRIBUTES + rb">"
    rb"|<!--(?!-?>)[^-]*+(?:-(?!-!?>)[^-]*+)*-->"
    rb"|(?P<odd><)"
)


class Odd(Exception):
    """What is written here is for the parser to read."""


class Tag:
    """An element: what its tag says, and what is in it where nothing in it is a tag, as in a script."""

    __slots__ = ("_attributes", "_raw")

    def __init__(self, attributes: bytes, raw: bytes = b"") -> None:
        self._attributes = attributes
        self._raw = raw

    def __len__(self) -> int:
        """How many elements are in it."""
        return 0

    def get(self, name: str) -> str | None:
        """An attribute. Raises Odd."""
        key, plain = _named(name)
        raw = self._attributes
        if key not in raw.lower():
            return None
        match = plain.match(raw)
        said = match[1] if match is not None else attributes(raw).get(key)
        return None if said is None else value(said)

    @property
    def text(self) -> str:
        """The text in it. Raises Odd."""
        return decoded(self._raw)


@cache
def _named(name: str) -> tuple[bytes, re.Pattern[bytes]]:
    """An attribute's name, and where its value is behind others in double quotes."""
    key = name.encode()
    said = re.escape(key)
    before = rb"(?:[ \t\n\f\r]*+[^<>\"'= \t\n\f\r/]++=\"[^\"]*+\")*?"
    return key, re.compile(before + rb"[ \t\n\f\r]*+(?i:" + said + rb")=(\"[^\"]*+\")")


def attributes(raw: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag by their names in lower case, each as it is written; of two of one name the first
    counts."""
    pairs = _ATTRIBUTE.findall(raw)
    found = dict(pairs)
    names = b"".join(found)
    if len(found) == len(pairs) and names == names.lower():
        return found
    found.clear()
    for name, said in pairs:
        found.setdefault(name.lower(), said)
    return found


def inner_texts(inner: bytes) -> list[str]:
    """The texts between the tag of a heading and its end, one for each stretch without a tag. Raises Odd."""
    parts: list[list[bytes]] = [[]]
    within: list[bytes] = []
    in_link = False
    at = 0
    for tag in _INNER.finditer(inner):
        if tag["odd"]:
            raise Odd
        parts[-1].append(inner[at : tag.start()])
        at = tag.end()
        if tag["name"] is None:
            # parsers forget where a comment was
            continue
        parts.append([])
        name = tag["name"].lower()
        if tag["closes"]:
            if not within or within.pop() != name:
                raise Odd
            in_link = in_link and name != b"a"
        elif name in _INLINE and not (in_link and name == b"a"):
            within.append(name)
            in_link = in_link or name == b"a"
        elif name not in _VOID:
            raise Odd
    parts[-1].append(inner[at:])
    if within:
        raise Odd
    return [text(part) for part in map(b"".join, parts) if part]


def value(raw: bytes) -> str:
    """The value of an attribute without its quotes, its character references decoded. Raises Odd."""
    said = decoded(raw[1:-1] if raw[:1] in _QUOTES else raw)
    return _REFERENCE.sub(_in_value, said) if b"&" in raw else said


def _in_value(reference: re.Match[str]) -> str:
    name = reference[3]
    if name is None:
        return _by_number(reference)
    if reference[4] and f"{name};" in html5:
        return html5[f"{name};"]
    if name in html5:
        # without its semicolon it counts, unless an equals sign follows
        raise Odd
    return reference[0]


def text(raw: bytes) -> str:
    """A text with its character references decoded. Raises Odd."""
    said = decoded(raw)
    return _REFERENCE.sub(_in_text, said) if "&" in said else said


def _in_text(reference: re.Match[str]) -> str:
    name = reference[3]
    if name is None:
        return _by_number(reference)
    if reference[4] and f"{name};" in html5:
        return html5[f"{name};"]
    if any(name[:length] in html5 for length in range(2, _LONGEST_NAME + 1)):
        # without its semicolon it counts in texts, for some
        raise Odd
    return reference[0]


def _by_number(reference: re.Match[str]) -> str:
    digits = reference[1] or reference[2]
    code = int(digits, 16 if reference[1] else 10) if len(digits) <= _LONGEST_NUMBER else -1
    if not reference[4] or not any(code in usual for usual in _CHARACTERS):
        raise Odd
    return html.unescape(reference[0])


def decoded(raw: bytes) -> str:
    """A text as it is written. Raises Odd."""
    try:
        said = raw.decode()
    except UnicodeDecodeError:
        raise Odd from None
    return said.replace("\r\n", "\n").replace("\r", "\n") if "\r" in said else said
