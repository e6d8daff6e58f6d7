"""Descriptions: markup of any kind in, safe HTML and plain text out.

The HTML goes through lxml before nh3: html5ever takes seconds and gigabytes over some inputs of a few
kilobytes (nested formatting elements, `<p><a>` ladders) that lxml's parser with its own limits flattens first.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import lxml.etree
import nh3

from postings.normalise import text as texts
from postings.normalise.well_formed import read_fragment

#: characters of a raw description that are looked at
RAW_LIMIT = 1_000_000
#: characters of HTML that are sanitised; a longer description is kept as plain text in paragraphs
HTML_LIMIT = 64 * 1024
#: sanitised HTML may be this many times its input: some inputs make sanitisers repeat an element for each block
GROWTH_LIMIT = 4
HREF_LIMIT = 2_048

_TAGS = frozenset(
    "a abbr b blockquote br cite code dd del dl dt em h1 h2 h3 h4 h5 h6 hr i ins li mark ol p pre q s small strong "
    "sub sup table tbody td tfoot th thead tr u ul".split()
)
_DROPPED_WITH_CONTENT = frozenset(
    "script style template noscript svg math iframe object embed applet audio video canvas select textarea button "
    "title head xmp noframes noembed plaintext".split()
)
_BLOCKS = frozenset("div section article header footer main aside nav figure address center fieldset form".split())
_KNOWN = _TAGS | _BLOCKS | {"html", "body", "span", "font", "tt", "big", "strike", "center", "label", "img", "input"}
# what a tag stands for in plain text; nothing for all others
_PARAGRAPH = "p h1 h2 h3 h4 h5 h6 dl table blockquote pre".split()
_LINE = "div section article header footer main aside nav figure address center fieldset form".split()
_BREAKS = {
    **{mark: "\n\n" for tag in _PARAGRAPH for mark in (f"<{tag}>", f"</{tag}>")},
    **{mark: "\n" for tag in _LINE for mark in (f"<{tag}>", f"</{tag}>")},
    **dict.fromkeys(("<br>", "<li>", "<ul>", "<ol>", "<tr>", "<dt>", "<dd>", "<hr>", "<caption>"), "\n"),
    **dict.fromkeys(("</ul>", "</ol>"), "\n\n"),
    **dict.fromkeys(("</td>", "</th>"), " "),
}
_PREFORMATTED = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
_TAG = re.compile(r"(</?[a-zA-Z!?][^<>]*>)")
_LOOSE_TAG = re.compile(r"(</?[a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
# libxml2's HTML parser is quadratic in the attributes of one tag
_HUGE_TAG = re.compile(r"<[a-zA-Z][^<>]{4000,}>")
_WITH_ATTRIBUTES = lxml.etree.XPath("descendant-or-self::*[@*]")
_SANITISER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags={"script", "style"},
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)


@dataclass(frozen=True, slots=True)
class Description:
    """A description twice. `html` is sanitised and may be shown as it is; `text` is plain, lists keep their lines."""

    html: str | None = None
    text: str | None = None


NOTHING = Description()


def read_description(value: object) -> Description:
    """Reads a description that may be plain text, HTML, or HTML escaped once or twice; several are joined."""
    raw = (
        value
        if isinstance(value, str)
        else "\n\n".join(part for one in texts.each(value) if (part := texts.scalar(_text_of(one))))
    )
    raw = texts.clean(raw[:RAW_LIMIT])
    marked = texts.has_markup(raw)
    if "&" in raw:
        marked, raw = _unescaped(raw, marked=marked)
    if texts.is_null_like(raw.strip()):
        return NOTHING
    return _from_html(raw) if marked else _from_text(raw)


def _text_of(one: object) -> object:
    """What a schema.org TextObject says; anything else as it is."""
    return one.get("text") if isinstance(one, dict) else one


def _unescaped(raw: str, *, marked: bool) -> tuple[bool, str]:
    """Whether there is markup in the text that is unescaped as far as it takes to see that, and that text."""
    decoded = raw
    for _ in range(texts.UNESCAPE_LIMIT):
        if marked or "&" not in decoded:
            break
        again = texts.unescape_once(decoded)
        if again == decoded:
            break
        decoded = again
        marked = texts.has_markup(decoded)
    if marked:
        decoded = texts.reveal_markup(decoded)
    return marked, texts.clean(decoded) if decoded is not raw else raw


def plain(value: object, *, limit: int = 4_000) -> str | None:
    """The plain text of a value that may hold markup, cut to `limit` characters."""
    text = read_description(value).text
    return text[:limit].rstrip() if text else None


def _from_text(raw: str) -> Description:
    text = texts.folded(raw)
    return Description(html=_paragraphs(text), text=text) if text else NOTHING


def _from_html(raw: str) -> Description:
    raw = _HUGE_TAG.sub(" ", raw)
    if (fragment := read_fragment(raw)) is not None:
        text = texts.folded(fragment.plain(_BREAKS))
        return _checked(text, fragment.html(), fragment.safe)
    tree = _parse(raw)
    if tree is None:
        return _from_text(texts.clean(_render(_LOOSE_TAG.sub(_tightened, raw))))
    _simplify(tree, escapes="&" in raw)
    source = _inner(tree)
    return _checked(texts.folded(_render(source)), source, lambda: _SANITISER.clean(source))


def _checked(text: str | None, source: str, sanitised: Callable[[], str]) -> Description:
    if text is None or texts.is_null_like(text):
        return NOTHING
    if len(source) > HTML_LIMIT:
        return Description(html=_paragraphs(text), text=text)
    safe = sanitised().strip()
    if len(safe) > GROWTH_LIMIT * len(source) + 200:
        safe = _paragraphs(text)
    return Description(html=safe or None, text=text)


def _tightened(tag: re.Match[str]) -> str:
    return tag[1].lower() + ">"


def _parse(raw: str) -> Any | None:
    # No huge_tree: its limit of 256 nested elements is what keeps the sanitiser behind it fast.
    parser = lxml.etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False, collect_ids=False
    )
    try:
        tree = lxml.etree.fromstring(f"<div>{raw}</div>".encode(), parser)
    except (lxml.etree.LxmlError, ValueError):
        return None
    # past a fatal error (too deep) everything is missing from the tree
    return None if len(parser.error_log.filter_from_fatals()) else tree


def _simplify(tree: Any, *, escapes: bool) -> None:
    """Leaves only elements that the sanitiser keeps, without attributes but a web link's target.

    Without `escapes` the source had no character references: its texts are clean as they are.
    """
    lxml.etree.strip_elements(tree, *_DROPPED_WITH_CONTENT, with_tail=False)
    # Invented names, names of SVG, and what the parser makes of `<a<p>`: the sanitiser drops some with their content.
    if unknown := {element.tag for element in tree.iter()} - _KNOWN:
        lxml.etree.strip_tags(tree, *unknown)
    for element in cast("list[Any]", _WITH_ATTRIBUTES(tree)):
        href = element.get("href") if element.tag == "a" else None
        element.attrib.clear()
        if href and len(href) <= HREF_LIMIT:
            element.set("href", texts.clean(href).replace("<", "%3C").replace(">", "%3E"))
    for element in tree.iter(*_BLOCKS):
        if not any(child.tag in _BLOCKS or child.tag in _TAGS for child in element):
            # a block of text alone is a paragraph; other blocks are dissolved by the sanitiser
            element.tag = "p"
    if escapes:
        for element in tree.iter():
            text, tail = element.text, element.tail
            if text and (cleaned := _node_text(text)) != text:
                element.text = cleaned
            if tail and (cleaned := _node_text(tail)) != tail:
                element.tail = cleaned


def _node_text(text: str) -> str:
    # what is still escaped inside a parsed text was escaped twice
    return texts.clean(texts.unescape(text) if "&" in text else text)


def _inner(tree: Any) -> str:
    body = tree.find("body")
    written: str = lxml.etree.tostring(
        tree if body is None else body, encoding="unicode", method="html", with_tail=False
    )
    return written.removeprefix("<body>").removesuffix("</body>")


def _paragraphs(text: str) -> str:
    inner = html.escape(text, quote=False).replace("\n\n", "\x00").replace("\n", "<br>").replace("\x00", "</p>\n<p>")
    return f"<p>{inner}</p>"


def _render(source: str) -> str:
    """The text of HTML as lxml wrote it: a line for each block and list item, an empty line between paragraphs."""
    if "<pre>" in source:
        # odd parts are preformatted: their line breaks are the page's own
        parts = _PREFORMATTED.split(source)
        source = "".join(part if i % 2 else part.replace("\n", " ") for i, part in enumerate(parts))
    else:
        source = source.replace("\n", " ")
    # every other one is a tag
    parts = _TAG.split(source)
    parts[1::2] = [_BREAKS.get(tag, "") for tag in parts[1::2]]
    text = "".join(parts)
    return texts.unescape_once(text) if "&" in text else text
