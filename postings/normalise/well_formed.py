"""Descriptions in markup that every parser reads alike: written down at once, without a tree.

Most descriptions are paragraphs, lists and emphasis, each closed where it was opened. HTML's rules for mending markup
have nothing to do there, so neither has a parser nor the sanitiser behind it. Whatever is more than that is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from postings.normalise import text as texts

#: elements inside of one another; the parser has a limit of its own
_DEEPEST = 60
_VOID = frozenset({"br", "hr"})
_INLINE = frozenset("a b strong i em u small span br".split())
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6".split())
_LISTS = frozenset({"ul", "ol"})
_FLOW = _INLINE | _PARAGRAPHS | _LISTS | {"div", "hr", "li"}
#: a second one ends the first
_ONCE = frozenset({"a", "li"})
#: what each element may hold for all parsers to agree
_HOLDS = {
    **dict.fromkeys(_INLINE - _VOID, _INLINE),
    **dict.fromkeys(_PARAGRAPHS, _INLINE),
    **dict.fromkeys(_LISTS, frozenset({"li"})),
    "li": _FLOW - {"li"},
    "div": _FLOW,
}
_TAG = re.compile(r"(</?[a-zA-Z][^<>]*>)")
_PLAIN_TAG = re.compile(
    r"<(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?:\s++[a-zA-Z][a-zA-Z0-9_:-]*+(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'))?)*\s*+(?P<void>/?)>"
    r"|</(?P<closed>[a-zA-Z][a-zA-Z0-9]*)\s*+>"
)
# addresses that nobody writes in another way
_TARGET = re.compile(
    r"\shref=(?P<quote>[\"'])(?P<url>https?://(?:[a-z0-9]++(?:-[a-z0-9]++)*\.)+[a-z]{2,}(?:[/?#][A-Za-z0-9_~=+/.?#-]*+)?)(?P=quote)"
)
_REL = ' rel="nofollow noopener noreferrer">'
#: references that all decode alike; none but the last is part of another
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\xa0"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))
#: elements that the sanitiser dissolves
_DISSOLVED = frozenset({"<div>", "</div>", "<span>", "</span>"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of markup in one element: tags in lower case without attributes, and a text after each but the last."""

    tags: list[str]
    texts: list[str]
    #: the texts with what would be read as markup escaped
    escaped: list[str]

    def html(self) -> str:
        """As lxml writes it."""
        return _woven(self.tags, self.escaped)

    def safe(self) -> str:
        """As the sanitiser writes it."""
        tags = ["" if tag in _DISSOLVED else tag[:-1] + _REL if tag[:3] == "<a " else tag for tag in self.tags]
        written = _woven(tags, self.escaped)
        return written.replace("\xa0", "&nbsp;")

    def plain(self, breaks: Mapping[str, str]) -> str:
        """Its text, with `breaks` in place of tags and line breaks for blanks."""
        return _woven([breaks.get(tag, "") for tag in self.tags], [text.replace("\n", " ") for text in self.texts])


def _woven(tags: list[str], texts_: list[str]) -> str:
    parts = [""] * (2 * len(tags) - 1)
    parts[::2] = tags
    parts[1::2] = texts_
    return "".join(parts)


def read_fragment(raw: str) -> Fragment | None:
    """The fragment that clean markup is; None if parsers might read it differently.

    A block that holds nothing but text is a paragraph.
    """
    if "&" in raw and raw.count("&") != sum(raw.count(reference) for reference, _ in _REFERENCES):
        return None
    parts = _TAG.split(raw)
    said = parts[1::2]
    if raw.count("<") != len(said):
        return None
    tags = ["<div>", *said, "</div>"]
    stack = ["div"]
    # where the elements on the stack begin; less than nothing once one of them holds another that is kept
    begins = [0]
    for at, tag in enumerate(said, 1):
        name, written = _read(tag)
        if written is None:
            return None
        if name[0] == "/":
            if name[1:] != stack[-1] or len(stack) == 1:
                return None
            if name == "/li" and tags[at - 1] == "<li>" and not parts[2 * at - 2]:
                # lxml leaves out the end of an empty item: what follows falls into it
                return None
            _close(tags, at, stack.pop(), begins.pop())
        else:
            above = stack[-1]
            if name not in _HOLDS[above] or (name in _ONCE and above not in _LISTS and name in stack):
                return None
            tags[at] = written
            if name != "span":
                begins[-1] = -1
            if name not in _VOID:
                if len(stack) == _DEEPEST:
                    return None
                stack.append(name)
                begins.append(at)
        if stack[-1] in _LISTS and parts[2 * at].strip():
            return None
    if len(stack) > 1:
        return None
    _close(tags, len(tags) - 1, "div", begins[0])
    pieces = parts[::2]
    if "&" in raw:
        decoded = [*map(_decoded, pieces)]
        if decoded.count("") != pieces.count(""):
            return None
        pieces = decoded
    # the only sign left that might be one of markup
    escaped = [*map(_escaped, pieces)] if "&" in raw or raw.count(">") != len(said) else pieces
    return Fragment(tags=tags, texts=pieces, escaped=escaped)


def _close(tags: list[str], at: int, name: str, begins: int) -> None:
    tags[at] = f"</{name}>"
    if name == "div" and begins >= 0:
        tags[begins], tags[at] = "<p>", "</p>"


@lru_cache(maxsize=1024)
def _read(tag: str) -> tuple[str, str | None]:
    """The name of a tag, with a slash before that of a closing one, and the tag as it is written down.

    That is None for a tag that parsers might not agree on.
    """
    match = _PLAIN_TAG.fullmatch(tag)
    if match is None:
        return "", None
    if closed := match["closed"]:
        return f"/{closed.lower()}", f"</{closed.lower()}>"
    name = match["name"].lower()
    if name == "a":
        target = _TARGET.search(tag)
        alone = target is not None and tag.lower().count("href") == 1 and not match["void"]
        return name, f'<a href="{target["url"]}">' if target and alone else None
    return name, None if match["void"] and name not in _VOID else f"<{name}>"


def _decoded(text: str) -> str:
    if "&" not in text:
        return text
    for reference, character in _REFERENCES:
        text = text.replace(reference, character)
    # what is still escaped was escaped twice
    return texts.clean(texts.unescape(text) if "&" in text else text)


def _escaped(text: str) -> str:
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text
