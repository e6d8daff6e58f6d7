"""The few elements of a page that reading looks at, found in its text: no tree is built where none is needed.

A page's scripts, what its head says and its heading are a hundredth of its elements, and its tree is what a reading
costs most. Here its tags are gone through one by one, told apart as the HTML standard does (13.2.5): what stands in
comments, in scripts and in attributes is no tag. Whatever two readers might understand differently is left to the
parser: then there is nothing to skim.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.entities import html5

from crawler.head import TELLING_LINKS, TELLING_METAS, Elements
from crawler.links import line_of

#: what is in these is text up to their own closing tag, whatever it looks like
_RAW = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_KEPT = ("link", "meta", "base", "html", "h1", "head", "plaintext")
_NAMES = "|".join((*_RAW, *_KEPT)).encode()
# What follows a tag's name: values in quotes right behind their equals signs, or without quotes. Quotes anywhere else,
# a sign that opens a tag, and blanks around an equals sign are rare, and nothing to be sure of.
_ATTRIBUTES = (
    rb"[^<>\"'=]*+(?:(?<![ \t\n\f\r/\"'])=(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'= \t\n\f\r]++(?=[ \t\n\f\r>]))[^<>\"'=]*+)*"
)
# nearly all: texts, and tags of which nothing is kept, told by their first letters; so many at a time
_PLAIN = re.compile(
    rb"(?:[^<]*+<(?:/(?![hH])[a-zA-Z][^<>\"'=]*+>|(?![sS][cCtT]|[tT][iIeE]|[hH][tT1eE]|[lL][iI][nN]|[mM][eE]|[iI][fF]|[nN][oO]"
    rb"|[bB][aA]|[pP][lL]|[xX])[a-zA-Z]" + _ATTRIBUTES + rb">)){0,500}[^<]*+"
)
_TAG = re.compile(
    rb"(?i:<(?:"
    rb"/?(?!(?:" + _NAMES + rb")[ \t\n\f\r/>])[a-z]" + _ATTRIBUTES + rb">"
    rb"|(?P<name>" + _NAMES + rb")(?P<attributes>(?=[ \t\n\f\r/>])" + _ATTRIBUTES + rb")>"
    rb"|/(?P<closed>" + _NAMES + rb")(?=[ \t\n\f\r/>])" + _ATTRIBUTES + rb">"
    rb"|(?P<comment>!--)(?!-?>)"
    rb"|(?P<doctype>!doctype[^<>]*+>)"
    rb"|(?P<text>)(?![a-z/!?])))"
)
_ENDS = {name: re.compile(rb"(?i:</" + name.encode() + rb"[ \t\n\f\r/>])") for name in _RAW}
_CLOSED = re.compile(rb"[^<>\"'=]*+>")
_ATTRIBUTE = re.compile(rb"([^ \t\n\f\r/=]+)(?:=(\"[^\"]*\"|'[^']*'|[^ \t\n\f\r]*))?")
# a character reference may stand for any letter
_MAY_BE_JSON_LD = re.compile(rb"&|(?i:ld\+json)")
# where something may stand that counts
_MAY_COUNT = re.compile(rb"<[hHtTlLmMbB](?:1|(?i:itle|ink|eta|ase|tml))[ \t\n\f\r/>]")
_MAY_TYPE_JSON_LD = re.compile(rb"/(?i:ld(?:\+|&[#a-z0-9]{1,8};?)json)")
#: elements that may stand in a heading and change nothing of what is around them
_IN_HEADING = re.compile(rb"(?i:<(?P<closes>/?)(?P<name>a|span|strong|b|em|i|small|br)" + _ATTRIBUTES + rb">)")
_HEADING_ENDS = re.compile(rb"(?i:</h1[ \t\n\f\r]*+>)")
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+))|([a-zA-Z][a-zA-Z0-9]*+))(;?)")
#: a reference by number that all understand alike
_CHARACTERS = (range(0x20, 0x7F), range(0xA0, 0xD800), range(0xE000, 0xFDD0))
_LONGEST_NUMBER = 6
#: no name of a reference is longer
_LONGEST_NAME = 32


class _Odd(Exception):
    """What is written here is for the parser to read."""


class Tag:
    """An element as far as it is needed: its attributes, and the text of a script."""

    __slots__ = ("get", "text")

    def __init__(self, attributes: Mapping[str, str], text: str | None = None) -> None:
        self.get = attributes.get
        self.text = text

    def __len__(self) -> int:
        """How many elements are in it."""
        return 0


def skim(source: bytes) -> Elements | None:
    """What `crawler.head.gather` finds in the tree of a page that counts; None for a page that has to be parsed.

    That are scripts of JSON-LD, what `crawler.head.Head` reads of links and meta data, title and heading; no links to
    other pages. `source` is the page in UTF-8. Time and memory grow in step with it.
    """
    try:
        return None if b"\x00" in source else _skimmed(source)
    except (_Odd, UnicodeDecodeError):
        return None


def _skimmed(source: bytes) -> Elements:
    found = Elements(root=None)
    # what was met: anything, an element that is of no head, the end of the root
    begun = in_body = ended = False
    has_title = has_heading = False
    at, (last, last_title, last_heading) = 0, _last(source)
    while at <= last or (not has_title and at <= last_title) or (not has_heading and at <= last_heading):
        start = _end_of_plain(source, at)
        if start > at:
            in_body = in_body or source.find(b"<", at, start) >= 0
            begun = begun or in_body or not source[at:start].isspace()
        match = _TAG.match(source, start)
        if match is None:
            if start == len(source):
                break
            raise _Odd
        at = match.end()
        kind = match.lastgroup
        if kind is None:
            begun = in_body = True
            continue
        if kind == "comment":
            at = _behind_comment(source, at)
            continue
        if kind == "closed":
            ended = ended or match["closed"].lower() == b"html"
            continue
        if kind != "attributes":
            begun = begun or kind == "text"
            continue
        if ended:
            raise _Odd
        name, attributes = match["name"].lower().decode(), match["attributes"]
        if name in _ENDS:
            text, at = _raw_text(name, source, match)
            if name == "script":
                _add_script(found, attributes, text)
            elif name == "title":
                if in_body and not has_title:
                    # of a picture, perhaps
                    raise _Odd
                if not has_title:
                    found.title = line_of([_text(text)])
                has_title = True
            elif name != "style":
                in_body = True
        if name == "link":
            _add_link(found, attributes)
        elif name == "meta":
            _add_meta(found, attributes)
        elif name == "base":
            found.base = found.base or _tag(_attributes(attributes), b"href").get("href")
        elif name == "html":
            if begun:
                raise _Odd
            found.root = _tag(_attributes(attributes), b"lang", b"xml:lang")
        elif name == "h1":
            in_body = True
            if not has_heading:
                found.heading = line_of(_heading(source, match.end()))
            has_heading = True
        elif name == "plaintext":
            raise _Odd
        begun = True
    if found.root is None:
        found.root = Tag({})
    return found


def _end_of_plain(source: bytes, at: int) -> int:
    plain = _PLAIN.match(source, at)
    return at if plain is None else plain.end()


def _last(source: bytes) -> tuple[int, int, int]:
    """Where the last tag may begin that counts wherever it is, and the last title and heading, of which one counts."""
    last = max((match.start() for match in _MAY_TYPE_JSON_LD.finditer(source)), default=0)
    title = heading = -1
    for match in _MAY_COUNT.finditer(source):
        start = match.start()
        name = source[start + 1 : start + 3].lower()
        if name == b"h1":
            heading = start
        elif name == b"ti":
            title = start
        else:
            last = max(last, start)
    return last, title, heading


def _behind_comment(source: bytes, start: int) -> int:
    end = source.find(b"-->", start)
    if end < 0 or source.find(b"--!>", start, end) >= 0:
        raise _Odd
    return end + 3


def _raw_text(name: str, source: bytes, tag: re.Match[bytes]) -> tuple[bytes, int]:
    """The text of an element in which nothing else is a tag, and where it ends with its closing tag."""
    end = _ENDS[name].search(source, tag.end())
    closed = _CLOSED.match(source, end.end() - 1) if end is not None else None
    if end is None or closed is None or tag["attributes"].endswith(b"/"):
        raise _Odd
    return source[tag.end() : end.start()], closed.end()


def _add_script(found: Elements, attributes: bytes, text: bytes) -> None:
    comment = text.find(b"<!--")
    if comment >= 0 and b"<script" in text[comment:].lower():
        # there a closing tag may close nothing
        raise _Odd
    if _MAY_BE_JSON_LD.search(attributes):
        found.scripts.append(_tag(_attributes(attributes), b"type", text=_decoded(text)))


def _add_link(found: Elements, attributes: bytes) -> None:
    said = _attributes(attributes)
    rel = _text(said.get(b"rel", b"")).lower()
    if any(one in rel for one in TELLING_LINKS):
        found.links.append(_tag(said, b"rel", b"href", b"hreflang", b"media"))


def _add_meta(found: Elements, attributes: bytes) -> None:
    said = _attributes(attributes)
    name = said.get(b"name") or said.get(b"property") or said.get(b"http-equiv") or b""
    if _text(name).lower() in TELLING_METAS:
        found.metas.append(_tag(said, b"name", b"property", b"http-equiv", b"content"))


def _heading(source: bytes, start: int) -> list[str]:
    """The texts of a heading that begins at `start`."""
    end = _HEADING_ENDS.search(source, start)
    if end is None:
        raise _Odd
    inner = source[start : end.start()]
    parts: list[str] = []
    within: list[bytes] = []
    at = 0
    for tag in _IN_HEADING.finditer(inner):
        parts.append(_text(inner[at : tag.start()]))
        at = tag.end()
        name = tag["name"].lower()
        if not tag["closes"]:
            if name == b"a" and name in within:
                raise _Odd
            if name != b"br":
                within.append(name)
        elif not within or within.pop() != name:
            raise _Odd
    parts.append(_text(inner[at:]))
    if within or any("<" in part for part in parts):
        raise _Odd
    return [part for part in parts if part]


def _tag(attributes: Mapping[bytes, bytes], *names: bytes, text: str | None = None) -> Tag:
    return Tag({name.decode(): _text(attributes[name]) for name in names if name in attributes}, text)


def _attributes(text: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag by their names in lower case; of two of one name the first counts."""
    found: dict[bytes, bytes] = {}
    for name, value in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), value[1:-1] if value[:1] in (b'"', b"'") else value)
    return found


def _text(raw: bytes) -> str:
    """A text or a value with its character references decoded."""
    text = _decoded(raw)
    if "&" not in text:
        return text
    for number in _REFERENCE.finditer(text):
        in_hex, digits, name, end = number.groups()
        if name is None:
            said = in_hex or digits
            code = int(said, 16 if in_hex else 10) if len(said) <= _LONGEST_NUMBER else -1
            if not end or not any(code in usual for usual in _CHARACTERS):
                raise _Odd
        elif not (end and f"{name};" in html5) and any(
            name[:length] in html5 for length in range(2, _LONGEST_NAME + 1)
        ):
            # without its semicolon it counts in texts, and not always in attributes
            raise _Odd
    return html.unescape(text)


def _decoded(raw: bytes) -> str:
    text = raw.decode()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
