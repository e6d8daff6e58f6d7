from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from delivery.safe_text import link, markdown, one_line


@given(st.text(max_size=400), st.integers(1, 150))
def test_cleaned_text_is_one_safe_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "=?" not in line
    assert line == line.strip()
    assert all(c in "\u200c\u200d" or unicodedata.category(c)[0] not in "C" for c in line)
    assert len(line.splitlines()) <= 1
    line.encode()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=100))
def test_text_that_is_fit_already_stays_as_it_is(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    if "=?" not in normal:
        assert one_line(text, 400) == normal


def test_what_is_cut_ends_in_an_ellipsis_and_keeps_its_accents() -> None:
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("ab" + "x\u0323\u0323\u0323", 5) == "ab…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "//a.example/", "/jobs/1", "", None, 5,
        "https://a.example/\r\nb", "https://a.example/ b", 'https://a.example/"onclick=', "https://user:pw@a.example/",
        "https://a.example/<b>", "https://", "https://[::1", "http:\\\\a.example", "https://a.example/" + "a" * 3000,
        "https://ä.example/", "\u202ehttps://a.example",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(url: object) -> None:
    assert link(url) is None


@pytest.mark.parametrize(
    "url", ["https://a.example/jobs/1?x=%22&y=2#z", "http://127.0.0.1:8000/", "https://xn--4ca.example/"]
)
def test_web_addresses_do(url: str) -> None:
    assert link(url) == url


def markdown_children(text: str) -> list[Token]:
    """What a reader of Markdown makes of a line that is one paragraph; fails if it is anything else."""
    opened, inline, closed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    assert (opened.type, closed.type) == ("paragraph_open", "paragraph_close")
    return inline.children or []


@given(st.text(min_size=1))
@example("# head")
@example("1. one")
@example("- one")
@example("[Login](https://evil.example)")
@example("![x](https://evil.example)")
@example("<https://evil.example>")
@example("a `b` **c** ~~d~~ _e_ \\")
@example("| a | b |")
@example("===")
def test_no_text_of_a_page_is_markup_in_markdown(text: str) -> None:
    cleaned = one_line(text, 200)
    if not cleaned:
        return
    kinds = {child.type for child in markdown_children(markdown(cleaned))}
    assert kinds <= {"text", "text_special"}


@given(st.text(min_size=1))
@example("](https://evil.example) [")
@example("\\](https://evil.example)")
def test_a_link_in_markdown_leads_where_it_should(text: str) -> None:
    title = one_line(text, 200) or "x"
    children = markdown_children(f"New: [{markdown(title)}](https://acme.example/jobs/1)")
    assert [child.attrs["href"] for child in children if child.type == "link_open"] == ["https://acme.example/jobs/1"]


@pytest.mark.parametrize("text", ["@all", "@here now", "a@channel", "@@everyone"])
def test_nobody_is_called_by_a_text_of_a_page(text: str) -> None:
    assert not re.search(r"@\w", markdown(text))


def test_most_titles_read_in_markdown_as_they_are() -> None:
    for title in ("Schweißer (m/w/d)", "Sales & Marketing", "C++ / C# Engineer", "Nurse @ Acme", "R&D: 100%!"):
        assert markdown(title) == title
    assert markdown("Mitarbeiter*in [m/w/d]") == "Mitarbeiter∗in \\[m/w/d\\]"
