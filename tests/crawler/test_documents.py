from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.encoding import html_body_declared_encoding, resolve_encoding

from crawler.documents import Document, decoded, parse
from crawler.pages import Page

PIECES = st.sampled_from([
    "<meta ", "<META ", 'charset="utf-8"', "charset=UTF-8", "charset=iso-8859-1", "charset = 'utf-8 '", ">", "<", "<p ", "/>",
    '<?xml version="1.0" encoding="iso-8859-1"?>', 'http-equiv="Content-Type" content="text/html; ', '"', "<!--", "-->", "<title>x",
    "charset", "encoding", "=", "utf-8", "ä",
])  # fmt: skip


@given(st.lists(PIECES, max_size=10).map("".join))
def test_what_a_page_says_of_its_encoding_is_understood_as_by_w3lib(start: str) -> None:
    body = f"{start}ü".encode()
    said = html_body_declared_encoding(body)
    expected = resolve_encoding(said) if said else None
    text, _ = decoded(Page(url="https://acme.example/", body=body))
    if expected in (None, "utf-8"):
        assert text == body
    elif not str(expected).startswith("utf-16"):
        assert text == body.decode(str(expected), "replace").encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b"\n ", "it is empty"),
        (b"<div>" * 60_000, "depth"),
    ],
)
def test_why_a_page_is_no_document_is_said(body: bytes, reason: str) -> None:
    document = parse(Page(url="https://acme.example/", body=body))
    assert not isinstance(document, Document)
    assert reason in document.reason
