from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.encoding import html_body_declared_encoding, resolve_encoding

from crawler.documents import MOST_ATTRIBUTES, Document, decoded, parse, without_early_end, without_surplus
from crawler.pages import Page

PIECES = st.sampled_from([
    "<meta ", "<META ", 'charset="utf-8"', "charset=UTF-8", "charset=koi8-r", "charset = 'utf-8 '", ">", "<", "<p ", "/>",
    '<?xml version="1.0" encoding="koi8-r"?>', 'http-equiv="Content-Type" content="text/html; ', '"', "<!--", "-->", "<title>x",
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
    ("said", "body", "text"),
    [
        ("utf-8", "Köchin für Genève".encode("cp1252"), "Köchin für Genève"),
        ("iso-8859-1", "Köchin für Genève".encode(), "Köchin für Genève"),
        # one broken letter among good ones, and one that is cut off at the end, say nothing
        ("utf-8", "Köchin für Gen".encode() + b"\xe8ve", None),
        ("utf-8", b"Koch f" + "ü".encode()[:1], None),
        ("iso-8859-1", "Köchin".encode("cp1252") + "ü".encode(), "KöchinÃ¼"),
    ],
)
def test_the_bytes_decide_where_a_page_says_the_wrong_one_of_two_encodings(
    said: str, body: bytes, text: str | None
) -> None:
    got, _ = decoded(Page(url="https://acme.example/", body=body, content_type=f"text/html; charset={said}"))
    assert got == (body if text is None else text.encode())


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


def tag_of(attributes: int) -> bytes:
    return b"<p id=x " + b" ".join(b"a%d='>'" % number for number in range(attributes - 1)) + b">text</p>"


def test_a_tag_keeps_its_first_attributes_and_loses_those_that_are_too_many() -> None:
    page = b"<h1>A</h1>" + tag_of(5_000) + b"<h2>B</h2>" + tag_of(3_000) + b"<i>C</i>"
    document = parse(Page(url="https://acme.example/", body=page))
    assert isinstance(document, Document)
    paragraphs = document.tree.findall(".//p")
    assert [len(one.attrib) for one in paragraphs] == [MOST_ATTRIBUTES] * 2
    assert [one.text for one in paragraphs] == ["text", "text"]
    assert "".join(document.tree.itertext()) == "AtextBtextC"


def test_a_tag_with_as_many_attributes_as_are_read_is_left_alone() -> None:
    page = tag_of(MOST_ATTRIBUTES) + b"<p>" + b"words and more words " * 1_000
    assert without_surplus(page) == page


def test_what_looks_like_a_tag_within_a_script_is_left_alone() -> None:
    page = b'<script type="application/ld+json">{"description": "a <b ' + b"word and more " * 1_000 + b'"}</script>'
    assert without_surplus(page) == page


@given(
    st.lists(
        st.one_of(
            PIECES, st.sampled_from(["x" * 600, "a b " * 300, "='", "</script>", "<script>", "<p\n", 'a="' + ">" * 900])
        ),
        max_size=12,
    ).map("".join)
)
def test_a_page_with_fewer_attributes_than_are_read_stays_as_it_is(text: str) -> None:
    body = text.encode()
    if len(body.split()) + body.count(b"/") + body.count(b"=") < MOST_ATTRIBUTES:
        assert without_surplus(body) is body


@pytest.mark.parametrize("end", ["</html>", "</HTML>", "</html >", "</html><!-- cached -->", "</html></html>"])
def test_what_stands_behind_the_end_of_a_page_is_part_of_it(end: str) -> None:
    body = f"<html><body><p>first</p></body>{end}\n<script>1</script><p>last</p></body></html>".encode()
    document = parse(Page(url="https://acme.example/", body=body))
    assert isinstance(document, Document)
    assert [element.text for element in document.tree.iter("p", "script")] == ["first", "1", "last"]


@pytest.mark.parametrize(
    "start",
    [
        "<html/>",
        "<!---->\n<!-- x <html> -->\n<!doctype html>\n<HTML lang='de' />",
        '<html a=""b=""/>',
        "<html amp lang=de />",
    ],
)
def test_a_page_whose_first_tag_closes_it_is_read_to_its_end(start: str) -> None:
    document = parse(Page(url="https://acme.example/", body=f"{start}<body><p>first</p></body></html>".encode()))
    assert isinstance(document, Document)
    assert [element.text for element in document.tree.iter("p")] == ["first"]


@pytest.mark.parametrize(
    "body", ["<html lang=de/><p>x", "<p>x<html/>", "<html><script><html/></script>", "<html a='/>'>"]
)
def test_a_slash_that_closes_no_page_stays(body: str) -> None:
    assert without_early_end(body.encode()) == body.encode()


@pytest.mark.parametrize("end", ["", "</html>", "</html>\n", "</html><!-- x <b> -->\n<!-- y -->", "</html><!-- cut"])
def test_a_page_that_ends_where_it_says_stays_as_it_is(end: str) -> None:
    body = f"<html><body><p>first</p></body>{end}".encode()
    assert without_early_end(body) is body


@given(st.lists(st.sampled_from(["</html>", "<!--", "-->", "<p>", "x", "</HTML >", "<"])).map("".join))
def test_any_end_of_a_page_can_be_read(text: str) -> None:
    found = without_early_end(text.encode())
    assert found.replace(b"</html>", b"").replace(b"</HTML >", b"") in (
        text.encode().replace(b"</html>", b"").replace(b"</HTML >", b""),
    )


@pytest.mark.parametrize("at", [0, 4_093, 4_094, 4_095, 9_000])
def test_letters_of_utf_8_anywhere_tell_that_a_page_is_in_it_whatever_else_is_broken(at: int) -> None:
    body = b" " * at + "grüße".encode() + b" " * 5_000 + b"\xff broken"
    page = Page(url="https://acme.example/", body=body, content_type="text/html; charset=utf-8")
    assert decoded(page) == (body, "utf-8")


@pytest.mark.parametrize("at", [0, 4_094, 9_000])
def test_single_bytes_anywhere_are_told_from_utf_8(at: int) -> None:
    body = b" " * at + "grüße".encode("cp1252") + b" " * 5_000
    page = Page(url="https://acme.example/", body=body, content_type="text/html; charset=utf-8")
    assert decoded(page) == (body.decode("cp1252").encode(), "utf-8")
