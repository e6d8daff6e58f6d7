"""Plain text: what a string of the markup says, cleaned of everything that no store or page can carry.

Called for every text of a posting and a page. Nothing here raises on any string.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any

#: longest single-line text that is kept; a longer one is cut
LINE_LIMIT = 1_000
#: longest text of several lines
BLOCK_LIMIT = 100_000
#: how often an escaped text is unescaped before it is taken as it stands
UNESCAPE_LIMIT = 3
#: texts of which all marks on one letter may be put in order
_SHORT = 5_000
_MOST_MARKS = 30
# so many references are as cheap one by one
_FEW = 12
# objects of JSON-LD that stand for what is in them
_WRAPPERS = ("@value", "@list", "@set")
# none of the characters can be part of a reference, or end one sooner
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\xa0"), ("&quot;", '"'), ("&#39;", "'"))

_NULL_LIKE = frozenset(
    "|-|--|---|–|—|.|..|...|?|*|#|n/a|n.a.|n.a|na|n.v.|k.a.|none|null|nil|nan|undefined|unknown|unspecified|"
    "not specified|not available|not applicable|not provided|not set|none available|none specified|no data|"
    "tbd|tba|unavailable|[object object]|{}|[]".split("|")
)
# what a template has left unfilled: {{title}}, ${job.title}, %%TITLE%%, {% … %}, <?php … ?>
_UNFILLED = re.compile(
    r"(?:(?>\{{2,3}[^{}]*+\}{2,3}|\$\{[^{}]*+\}|%%[\w.-]++%%|\{%.*?%\}|<\?.*?\?>)[\s,|/–-]*+)++", re.DOTALL
)
_UNFILLED_STARTS = ("{{", "${", "%%", "{%", "<?")

# C0 and C1 controls but white space, surrogates, non-characters, soft hyphen, zero-width space and joiner of words,
# byte order mark, and the marks that turn the direction of a line (they disguise what a text says). Those outside of
# the basic plane have a pattern of their own: the other one is a table look-up a character without them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
_FAR_FORBIDDEN = re.compile(
    "[" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)) + "]"
)
# the same for texts in ASCII, in one go
_ASCII = {
    **dict.fromkeys([*range(0x20), 0x7F]),
    0x09: 0x09,
    **dict.fromkeys([*range(0x0A, 0x0E), *range(0x1C, 0x1F)], 0x0A),
}
_LINE_BREAK = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")

#: elements of HTML that a text is taken to be marked up by
_ELEMENTS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|center|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|"
    "figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|main|mark|meta|nav|o:p|ol|option|p|"
    "pre|q|s|script|section|select|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|"
    "title|tr|tt|u|ul|video"
)
_TAG = re.compile(rf"<(?=[/!a-z])/?(?:(?:{_ELEMENTS})(?:[\s/][^<>]*)?>|!--)", re.IGNORECASE)
_ESCAPED_TAG = re.compile(
    rf"&(?:amp;){{0,2}}lt;(/?(?:{_ELEMENTS})(?:(?:[\s/]|&nbsp;)(?:[^<>&]|&(?!(?:amp;){{0,2}}[lg]t;))*)?)"
    r"&(?:amp;){0,2}gt;",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """NFC without forbidden characters; white space and line breaks stay, the latter all as `\\n`."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.translate(_ASCII)
    # all that is forbidden or breaks a line is unprintable to Python, and asking is cheaper than the patterns
    rest = text.replace("\n", "")
    if not rest.isprintable() and not rest.replace("\t", "").replace("\xa0", "").isprintable():
        text = _FAR_FORBIDDEN.sub("", _LINE_BREAK.sub("\n", _FORBIDDEN.sub("", text)))
    return unicodedata.normalize("NFC", text if len(text) <= _SHORT else _marks().sub("", text))


@cache
def _marks() -> re.Pattern[str]:
    """Marks behind the thirtieth on one letter, as no language writes them (Unicode Annex 15, stream-safe text).

    To put the marks of a letter in order takes the square of their number.
    """
    marks = "".join(mark for mark in map(chr, range(0x300, 0x20000)) if unicodedata.combining(mark))
    return re.compile(f"(?<=[{marks}]{{{_MOST_MARKS}}})[{marks}]+")


def unescape(text: str) -> str:
    """The text with its character references decoded, as often as it was escaped (three times at most)."""
    for _ in range(UNESCAPE_LIMIT):
        if "&" not in text:
            break
        decoded = unescape_once(text)
        if decoded == text:
            break
        text = decoded
    return text


def unescape_once(text: str) -> str:
    """`html.unescape`, without its cost for the references that nearly all are."""
    if text.count("&") < _FEW:
        return html.unescape(text)
    for reference, character in _REFERENCES:
        if reference in text:
            text = text.replace(reference, character)
    if "&" not in text:
        return text
    return text.replace("&amp;", "&") if text.count("&") == text.count("&amp;") else html.unescape(text)


def has_markup(text: str) -> bool:
    """Whether the text holds a tag of an HTML element (`a < b` and `List<String>` do not)."""
    return "<" in text and _TAG.search(text) is not None


def reveal_markup(text: str) -> str:
    """The text with tags of HTML elements unescaped, however deep, and nothing else."""
    if "&" not in text:
        return text
    return _ESCAPED_TAG.sub(lambda tag: f"<{unescape(tag[1])}>", text)


def line(value: object, *, limit: int = LINE_LIMIT) -> str | None:
    """A single line of plain text; None where the value is no text, empty, or says "none" in some way."""
    text = value if isinstance(value, str) else scalar(value)
    if not text:
        return None
    # cut before the work: a text of megabytes is no title
    text = text[: limit * 20]
    if "&" in text:
        text = unescape(text)
    text = text.strip()
    # whether no blank but the space can be in it
    spaced = text.isascii() and text.isprintable()
    if not spaced:
        text = clean(text)
    if "<" in text and _TAG.search(text):
        text, spaced = _TAG.sub(" ", text), False
    if not spaced or "  " in text:
        text = " ".join(text.split())
    return None if is_null_like(text) else text[:limit].rstrip()


def block(text: str, *, limit: int = BLOCK_LIMIT) -> str | None:
    """Text of several lines: blanks folded, at most one empty line in a row; None where nothing is left."""
    return folded(clean(text[: limit * 2]), limit=limit)


def folded(text: str, *, limit: int = BLOCK_LIMIT) -> str | None:
    """The same for a text that is clean."""
    text = text[: limit * 2].replace("\t", " ").replace("\xa0", " ")
    # printable to Python means: no blank but the space; in ASCII there is no other left
    if text.isascii() or text.replace("\n", "").isprintable():
        text = "\n".join([" ".join(part.split()) if "  " in part else part.strip() for part in text.split("\n")])
    else:
        text = "\n".join([" ".join(part.split()) for part in text.split("\n")])
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()[:limit].rstrip() or None


def is_null_like(text: str) -> bool:
    """Whether a text stands for "no value": empty, a dash, `N/A`, `null`, `Not Specified`, `{{title}}` …"""
    if len(text) < 20 and text.strip().casefold() in _NULL_LIKE:
        return True
    return text.startswith(_UNFILLED_STARTS) and _UNFILLED.fullmatch(text) is not None


def scalar(value: object) -> str | None:
    """The text of a JSON-LD value: a string, a number, `{"@value": …}`, or the first of a list that has one."""
    if value is None or isinstance(value, str):
        return value
    for one in each(value):
        if isinstance(one, str):
            return one
        if isinstance(one, bool) or one is None:
            continue
        if isinstance(one, int):
            # str() of an integer of more than 4,300 digits raises
            return str(one) if one.bit_length() < 1_000 else None
        if isinstance(one, float) and isfinite(one):
            return str(int(one)) if one.is_integer() and abs(one) < 1e15 else str(one)
    return None


def name(value: object) -> str | None:
    """The name of a thing that is given as text or as an object with a `name`."""
    if value is None or isinstance(value, str):
        return line(value)
    for one in each(value):
        if isinstance(one, (dict, Mapping)):
            for key in ("name", "legalName", "title", "@id"):
                if (text := line(one.get(key))) and (key != "@id" or not text.startswith("_:")):
                    return text
        elif text := line(one):
            return text
    return None


def lines(value: object, *, limit: int = 4_000) -> str | None:
    """All texts and names of a value that may be a list, joined with commas; markup in them becomes blanks."""
    found: dict[str, None] = {}
    for one in each(value):
        if text := name(one) if isinstance(one, (dict, Mapping)) else line(one, limit=limit):
            found[text] = None
    return ", ".join(found)[:limit].rstrip(", ") or None


def each(value: object) -> Iterator[Any]:
    """The members of a value: a list's, nested ones too, `@list`, `@set` and `@value` unpacked; never None."""
    if value is None:
        return
    if isinstance(value, (str, int, float)):
        yield value
        return
    if isinstance(value, dict) and value.keys().isdisjoint(_WRAPPERS):
        yield value
        return
    pending = [value]
    for _ in range(10_000):
        if not pending:
            return
        one = pending.pop()
        if one is None:
            continue
        if isinstance(one, (str, int, float)):
            yield one
        elif isinstance(one, (dict, Mapping)):
            for key in _WRAPPERS:
                if key in one:
                    pending.append(one[key])
                    break
            else:
                yield one
        elif isinstance(one, Iterable) and not isinstance(one, bytes):
            pending.extend(reversed(list(one)))
        else:
            yield one


def first(value: object) -> Any:
    """The first member of a value, or None."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    return next(each(value), None)
