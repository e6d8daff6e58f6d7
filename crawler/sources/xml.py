"""Reads XML that strangers wrote: no entities, no network, no huge trees; leniently where it has to be."""

from __future__ import annotations

from typing import Any

from lxml import etree


def parse_xml(body: bytes) -> tuple[Any, bool]:
    """The root element, and whether a strict parse got there (it has seen the root's end tag); None if neither did."""
    for recover in (False, True):
        parser = etree.XMLParser(
            recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
        )
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None and isinstance(root.tag, str):
            return root, not recover
    return None, False
