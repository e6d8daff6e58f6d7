"""Descriptions: markup of any kind in, safe HTML and plain text out.

The HTML goes through lxml before nh3: html5ever takes seconds and gigabytes over some inputs of a few
kilobytes (nested formatting elements, `<p><a>` ladders) that lxml's parser with its own limits flattens first.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.etree
import lxml.html
import nh3

from postings.normalise import text as texts

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
_PREFORMATTED = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
_PARAGRAPHS = re.compile(r"</?(?:p|h[1-6]|dl|table|blockquote|pre)(?:\s[^<>]*)?>|</(?:ul|ol)>", re.IGNORECASE)
_BREAKS = re.compile(
    r"</?(?:div|section|article|header|footer|main|aside|nav|figure|address|center|fieldset|form)(?:\s[^<>]*)?>"
    r"|<(?:br|li|ul|ol|tr|dt|dd|hr|caption)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CELLS = re.compile(r"</t[dh]>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")
# libxml2's HTML parser is quadratic in the attributes of one tag
_HUGE_TAG = re.compile(r"<[a-zA-Z][^<>]{4000,}>")
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
    parts = [part for one in texts.each(value) if (part := texts.scalar(one))]
    raw = texts.clean("\n\n".join(parts)[:RAW_LIMIT])
    for _ in range(texts.UNESCAPE_LIMIT):
        if texts.has_markup(raw) or "&" not in raw:
            break
        decoded = html.unescape(raw)
        if decoded == raw:
            break
        raw = decoded
    raw = texts.clean(texts.reveal_markup(raw)) if texts.has_markup(raw) else texts.clean(raw)
    if texts.is_null_like(raw.strip()):
        return NOTHING
    return _from_html(raw) if texts.has_markup(raw) else _from_text(raw)


def plain(value: object, *, limit: int = 4_000) -> str | None:
    """The plain text of a value that may hold markup, cut to `limit` characters."""
    text = read_description(value).text
    return text[:limit].rstrip() if text else None


def _from_text(raw: str) -> Description:
    text = texts.block(raw)
    return Description(html=_paragraphs(text), text=text) if text else NOTHING


def _from_html(raw: str) -> Description:
    raw = _HUGE_TAG.sub(" ", raw)
    tree = _parse(raw)
    if tree is None:
        return _from_text(_render(raw))
    _simplify(tree)
    source = _inner(tree)
    text = texts.block(_render(source))
    if text is None or texts.is_null_like(text):
        return NOTHING
    if len(source) > HTML_LIMIT:
        return Description(html=_paragraphs(text), text=text)
    safe = _SANITISER.clean(source).strip()
    if len(safe) > GROWTH_LIMIT * len(source) + 200:
        safe = _paragraphs(text)
    return Description(html=safe or None, text=text)


def _parse(raw: str) -> Any | None:
    # No huge_tree: its limit of 256 nested elements is what keeps the sanitiser behind it fast.
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        tree = lxml.html.document_fromstring(f"<div>{raw}</div>".encode(), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None
    # past a fatal error (too deep) everything is missing from the tree
    return None if any(entry.level == lxml.etree.ErrorLevels.FATAL for entry in parser.error_log) else tree


def _simplify(tree: Any) -> None:
    """Leaves only elements that the sanitiser keeps, without attributes but a web link's target."""
    for element in list(tree.iter()):
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED_WITH_CONTENT:
            if element.getparent() is not None:
                element.drop_tree()
            continue
        href = element.get("href") if tag == "a" else None
        element.attrib.clear()
        if href and len(href) <= HREF_LIMIT:
            element.set("href", texts.clean(href).replace("<", "%3C").replace(">", "%3E"))
        if element.text:
            element.text = _node_text(element.text)
        if element.tail:
            element.tail = _node_text(element.tail)
        if tag in _BLOCKS and not any(child.tag in _BLOCKS or child.tag in _TAGS for child in element):
            # a block of text alone is a paragraph; other blocks are dissolved by the sanitiser
            element.tag = "p"


def _node_text(text: str) -> str:
    # what is still escaped inside a parsed text was escaped twice
    return texts.clean(texts.unescape(text) if "&" in text else text)


def _inner(tree: Any) -> str:
    body = tree.find("body")
    return "".join(_serialised(tree if body is None else body))


def _serialised(body: Any) -> Iterator[str]:
    if body.text:
        yield html.escape(body.text, quote=False)
    for child in body:
        yield lxml.etree.tostring(child, encoding="unicode", method="html")


def _paragraphs(text: str) -> str:
    return "\n".join(
        "<p>" + html.escape(paragraph, quote=False).replace("\n", "<br>") + "</p>" for paragraph in text.split("\n\n")
    )


def _render(source: str) -> str:
    """The text of HTML as lxml wrote it: a line for each block and list item, an empty line between paragraphs."""
    if "<pre>" in source:
        # odd parts are preformatted: their line breaks are the page's own
        parts = _PREFORMATTED.split(source)
        source = "".join(part if i % 2 else part.replace("\n", " ") for i, part in enumerate(parts))
    else:
        source = source.replace("\n", " ")
    source = _CELLS.sub(" ", _BREAKS.sub("\n", _PARAGRAPHS.sub("\n\n", source)))
    return html.unescape(_ANY_TAG.sub("", source))
