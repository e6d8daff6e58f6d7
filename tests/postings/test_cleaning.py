from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.cleaning import clean

hostile = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x07\x9b\u202e\u2066\u2028\r\n\x7f\ud800"))


@given(hostile)
def test_clean_text_holds_nothing_that_a_terminal_acts_on(text: str) -> None:
    for sign in clean(text):
        assert unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp")
        assert sign not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


@given(hostile)
def test_clean_lines_keep_line_breaks_and_nothing_else_of_that_kind(text: str) -> None:
    for sign in clean(text, keep_lines=True):
        assert sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Welder\x1b]0;owned\x07", "Welder]0;owned"),
        ("two\nlines\r\nand a\ttab", "two lines and a tab"),
        ("  Ingénieur  ", "Ingénieur"),
        ("日本 [bold]", "日本 [bold]"),
    ],
)
def test_clean_text_reads_like_the_original(text: str, shown: str) -> None:
    assert clean(text) == shown
