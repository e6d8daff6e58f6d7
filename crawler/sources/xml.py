"""Reads XML that strangers wrote: no entities, no network, no huge trees; leniently where it has to be."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

#: an ampersand that begins no reference, and what may hold one as it is
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:[A-Za-z]\w{0,30}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)", re.DOTALL
)
#: so many are mended: each takes half a microsecond, and a hostile file has nothing else
_MOST_AMPERSANDS = 1_000_000


def parse_xml(body: bytes) -> tuple[Any, bool]:
    """The root element, and whether a strict parse got there (it has seen the root's end tag); None if neither did.

    A bare ampersand, as addresses have that nobody escaped, counts as one that was: what recovers from it would leave
    it out, with the name behind it.
    """
    for recover, mended in ((False, False), (False, True), (True, False)):
        if mended and b"\0" not in body[:100] and body.count(b"&") <= _MOST_AMPERSANDS:
            body = _AMPERSAND.sub(lambda match: match[0] if match[0][:1] == b"<" else b"&amp;", body)
        # not collect_ids=False as well: that sets a flag for which libxml2 opens the files that a DTD names
        parser = etree.XMLParser(
            recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None and isinstance(root.tag, str):
            return root, not recover
    return None, False


def local_name(element: Any) -> str:
    """The name of an element without its namespace, lower case; "" for what is no element (a comment).

    Not by QName, which raises on the name that a prefix without a declaration gives.
    """
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""
