"""The few elements of a page that reading looks at, found in its text: no tree is built where none is needed.

A page's scripts, what its head says and its heading are a hundredth of its elements, and its tree is what a reading
costs most. Here those tags are looked for that may count, and what stands between them is gone through as well: what
stands in comments, in scripts and in attributes is no tag (HTML standard, 13.2.5). Whatever two readers might
understand differently is left to the parser: then there is nothing to skim.
"""

from __future__ import annotations

import re

from crawler.documents import goes_on
from crawler.head import TELLING_LINKS, TELLING_METAS, Elements
from crawler.links import line_of
from crawler.tags import ATTRIBUTES, Odd, Tag, inner_texts, text

#: what is in these is text up to their own closing tag, whatever it looks like
_RAW = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
# The names of these, and of the others that are looked at. Most tags are passed over by their first letters.
_NAMES = (
    rb"[sS](?:[cC](?i:ript)|[tT](?i:yle))|[tT](?:[iI](?i:tle)|[eE](?i:xtarea))"
    rb"|[hHmMlLiInN](?:[tT](?i:ml)|1|[eE](?i:ad|ta)|[iI](?i:nk)|[fF](?i:rame)|[oO](?i:embed|frames))"
    rb"|[bBpPxX](?:[aA](?i:se)|[lL](?i:aintext)|[mM](?i:p))"
)
# tags of these names, and what else is no plain tag
_STOP = re.compile(
    rb"<(?:(?P<name>" + _NAMES + rb")(?P<attributes>(?=[ \t\n\f\r/>])" + ATTRIBUTES + rb")>"
    rb"|!(?:(?P<comment>--)(?!-?>)|(?i:doctype)[^<>]*+>))"
)
# Nearly all: texts, and all other tags, so many at a time. What is in the end tag of a page ends it for some.
_PLAIN = re.compile(
    rb"(?:[^<]*+<(?:(?!(?:" + _NAMES + rb")[ \t\n\f\r/>])[a-zA-Z]" + ATTRIBUTES + rb">"
    rb"|/(?![hH](?i:tml)[ \t\n\f\r/](?![ \t\n\f\r]*+>))[a-zA-Z]" + ATTRIBUTES + rb">"
    rb"|(?![a-zA-Z/!?]))){0,500}[^<]*+"
)
_ENDS = {name.encode(): re.compile(rb"(?i:</" + name.encode() + rb"[ \t\n\f\r/>])") for name in _RAW}
_CLOSED = re.compile(rb"[^<>\"'=]*+>")
_HEADING_ENDS = re.compile(rb"(?i:</h1[ \t\n\f\r]*+>)")
# a character reference may stand for a slash or a plus sign, and one by its number for any letter
_MAY_BE_JSON_LD = re.compile(rb"(?i:ld\+json)|&(?:#|plus;|sol;)")
# where something may stand that counts, and where the page ends
_SPOT = re.compile(
    rb"<(?:[hHtTlLmMbB](?:1|(?i:itle|ink|eta|ase|tml))[ \t\n\f\r/>]"
    rb"|[sS](?i:cript)(?=[ \t\n\f\r/])(?=(?P<script>" + ATTRIBUTES + rb">)?)"
    rb"|(?P<end>/(?i:html)\s*>))"
)
_TELLING_METAS = tuple(name.encode() for name in TELLING_METAS)
_TELLING_LINKS = tuple(name.encode() for name in TELLING_LINKS)


def skim(source: bytes) -> Elements | None:
    """What `crawler.head.gather` finds in the tree of a page that counts; None for a page that has to be parsed.

    That are scripts of JSON-LD, what `crawler.head.Head` reads of links and meta data, title and heading; no links to
    other pages. What they say may yet be odd (`crawler.tags.Odd`). `source` is the page in UTF-8. Time and memory grow
    in step with it.
    """
    try:
        return None if b"\x00" in source else _Skimming(source).found
    except Odd:
        return None


class _Skimming:
    """The way through a page from tag to tag, as far as there is something that counts."""

    def __init__(self, source: bytes) -> None:
        self.found = Elements(root=None)
        self._source = source
        # what was met: anything, an element that is of no head, the first title and heading
        self._begun = self._in_body = self._has_title = self._has_heading = False
        self._last, self._last_title, self._last_heading = _spots(source)
        self._walk()
        if self.found.root is None:
            self.found.root = Tag(b"")

    def _walk(self) -> None:
        source, at = self._source, 0
        while True:
            start = self._pass_plain(at)
            if start > self._last and not self._lacks(start):
                return
            tag = _STOP.match(source, start)
            if tag is None:
                if start == at:
                    raise Odd
                at = start
            elif tag["name"]:
                at = _OPENS.get(tag["name"].lower(), _Skimming._odd)(self, tag)
                self._begun = True
            else:
                at = _behind_comment(source, tag.end()) if tag["comment"] else tag.end()

    def _pass_plain(self, at: int) -> int:
        """Goes past texts and tags of which nothing is kept, and returns where."""
        plain = _PLAIN.match(self._source, at)
        end = at if plain is None else plain.end()
        if end > at and not self._in_body:
            self._in_body = self._source.find(b"<", at, end) >= 0
            self._begun = self._begun or self._in_body or not self._source[at:end].isspace()
        return end

    def _lacks(self, at: int) -> bool:
        """Whether the first title or heading may be yet to come."""
        return (at <= self._last_title and not self._has_title) or (at <= self._last_heading and not self._has_heading)

    def _raw(self, tag: re.Match[bytes]) -> tuple[int, int]:
        """Where the text ends of an element in which nothing else is a tag, and where its closing tag does."""
        end = _ENDS[tag["name"].lower()].search(self._source, tag.end())
        closed = _CLOSED.match(self._source, end.end() - 1) if end is not None else None
        if end is None or closed is None or tag["attributes"].endswith(b"/"):
            raise Odd
        return end.start(), closed.end()

    def _script(self, tag: re.Match[bytes]) -> int:
        start = tag.end()
        end, behind = self._raw(tag)
        comment = self._source.find(b"<!--", start, end)
        if comment >= 0 and b"<script" in self._source[comment:end].lower():
            # there a closing tag may close nothing
            raise Odd
        attributes = tag["attributes"]
        if attributes and _MAY_BE_JSON_LD.search(attributes):
            self.found.scripts.append(Tag(attributes, self._source[start:end]))
        return behind

    def _style(self, tag: re.Match[bytes]) -> int:
        return self._raw(tag)[1]

    def _title(self, tag: re.Match[bytes]) -> int:
        end, behind = self._raw(tag)
        if not self._has_title:
            if self._in_body:
                # of a picture, perhaps
                raise Odd
            self.found.title = line_of([text(self._source[tag.end() : end])])
            self._has_title = True
        return behind

    def _other_raw(self, tag: re.Match[bytes]) -> int:
        self._in_body = True
        return self._raw(tag)[1]

    def _link(self, tag: re.Match[bytes]) -> int:
        attributes = tag["attributes"]
        said = attributes.lower()
        if b"&" in said or any(map(said.__contains__, _TELLING_LINKS)):
            self.found.links.append(Tag(attributes))
        return tag.end()

    def _meta(self, tag: re.Match[bytes]) -> int:
        attributes = tag["attributes"]
        said = attributes.lower()
        if b"&" in said or any(map(said.__contains__, _TELLING_METAS)):
            self.found.metas.append(Tag(attributes))
        return tag.end()

    def _base(self, tag: re.Match[bytes]) -> int:
        self.found.base = self.found.base or Tag(tag["attributes"]).get("href")
        return tag.end()

    def _html(self, tag: re.Match[bytes]) -> int:
        if self._begun:
            raise Odd
        self.found.root = Tag(tag["attributes"])
        return tag.end()

    def _head(self, tag: re.Match[bytes]) -> int:
        return tag.end()

    def _heading(self, tag: re.Match[bytes]) -> int:
        self._in_body = True
        if not self._has_heading:
            end = _HEADING_ENDS.search(self._source, tag.end())
            if end is None:
                raise Odd
            self.found.heading = line_of(inner_texts(self._source[tag.end() : end.start()]))
            self._has_heading = True
        return tag.end()

    def _odd(self, tag: re.Match[bytes]) -> int:
        raise Odd


_OPENS = {
    b"script": _Skimming._script,
    b"style": _Skimming._style,
    b"title": _Skimming._title,
    **dict.fromkeys((b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"), _Skimming._other_raw),
    b"link": _Skimming._link,
    b"meta": _Skimming._meta,
    b"base": _Skimming._base,
    b"html": _Skimming._html,
    b"head": _Skimming._head,
    b"h1": _Skimming._heading,
}


def _behind_comment(source: bytes, start: int) -> int:
    end = source.find(b"-->", start)
    if end < 0 or source.find(b"--!>", start, end) >= 0:
        raise Odd
    return end + 3


def _spots(source: bytes) -> tuple[int, int, int]:
    """Where the last tag may begin that counts wherever it is, and the last title and heading, of which one counts."""
    last = title = heading = -1
    ended = False
    odd: list[int] = []
    for spot in _SPOT.finditer(source):
        start = spot.start()
        name = source[start + 1 : start + 3].lower()
        if name == b"sc":
            attributes = spot["script"]
            if attributes is None:
                odd.append(start)
            elif _MAY_BE_JSON_LD.search(attributes):
                last = start
        elif name == b"h1":
            heading = start
        elif name == b"ti":
            title = start
        elif name != b"/h":
            last = start
        elif not ended:
            if goes_on(source, spot.end()):
                raise Odd
            ended = True
    if odd:
        # where they end is not known
        said = max((match.start() for match in _MAY_BE_JSON_LD.finditer(source, odd[0])), default=-1)
        last = max(last, *(start for start in odd if start < said), -1)
    return last, title, heading
