from __future__ import annotations

import html
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise import text as texts

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = texts.clean(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\x00" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in cleaned)


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert texts.clean(texts.clean(text)) == texts.clean(text)


@given(ANY_TEXT)
def test_a_line_read_again_is_the_same_line_unless_it_still_holds_escapes(text: str) -> None:
    line = texts.line(text)
    if line is not None and "&" not in line and "<" not in line:
        assert texts.line(line) == line


def test_a_line_has_no_breaks_and_no_outer_or_double_blanks() -> None:
    assert texts.line("  Senior\n Welder\u2028 (m/f)\t") == "Senior Welder (m/f)"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("R&amp;D", "R&D"),
        ("R&amp;amp;D", "R&D"),
        ("https://acme.example/?a=1&amp;#038;b=2", "https://acme.example/?a=1&b=2"),
        ("Caf\u0065\u0301", "Café"),
        ("Wel\u00adder", "Welder"),
        ("\ufeffWelder\u200b", "Welder"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("Welder\ud800", "Welder"),
        ("<b>Welder</b>", "Welder"),
        ("C++ <3 years", "C++ <3 years"),
        ("List<String> engineer", "List<String> engineer"),
    ],
)
def test_a_line_says_what_the_page_meant(said: str, meant: str) -> None:
    assert texts.line(said) == meant


@pytest.mark.parametrize("nothing", ["", " ", "-", "N/A", "null", "None Available", "Not Specified", "undefined", None])
def test_words_for_nothing_are_nothing(nothing: str | None) -> None:
    assert texts.line(nothing) is None


@pytest.mark.parametrize(
    "unfilled",
    [
        "{{title}}",
        "{{{ job.description }}}",
        "${job.title}",
        "%%JOB_TITLE%%",
        "{% block title %}{{ job.title }}{% endblock %}",
        "<?php echo esc_attr( $post->post_title ); ?>",
        "{{ job.title }} - {{ job.company }}",
    ],
)
def test_what_a_template_has_left_unfilled_is_nothing(unfilled: str) -> None:
    assert texts.line(unfilled) is None
    assert texts.is_null_like(unfilled)


@pytest.mark.parametrize("unit", ["{%%}", "<??>", "{{}}", "{{", "{%", "<?", "%%a%%", "${", "${}"])
def test_a_hostile_template_is_told_in_bounded_time(unit: str) -> None:
    started = time.process_time()
    assert not texts.is_null_like(unit * 20_000 + "x")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("said", ["Welder {{m/f/d}}", "{{ title }} wanted", "${", "%% Sales %%", "{Welder}"])
def test_braces_beside_words_are_no_template(said: str) -> None:
    assert texts.line(said) == said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (float("nan"), None),
        (float("inf"), None),
        pytest.param(10**5_000, None, id="5001 digits"),
        (True, None),
        ({"@value": "x", "@language": "de"}, "x"),
        ([None, [], ["y"], "z"], "y"),
        ({"@list": ["a", "b"]}, "a"),
        ({"name": "no text itself"}, None),
    ],
)
def test_a_scalar_is_the_first_text_or_number_of_a_value(value: object, text: str | None) -> None:
    assert texts.scalar(value) == text


def test_joiners_inside_emoji_and_persian_words_stay() -> None:
    assert texts.line("👩\u200d💻 developer") == "👩\u200d💻 developer"


def test_a_long_line_is_cut() -> None:
    assert texts.line("x" * 5_000) == "x" * texts.LINE_LIMIT


def test_lines_and_names_of_a_list_are_joined_once_each() -> None:
    assert texts.lines(["Retail", {"name": "Software"}, "Retail", None, ""]) == "Retail, Software"


def test_members_of_a_hostile_list_are_counted() -> None:
    assert len(list(texts.each([[0]] * 50_000))) < 50_000


REFERENCES = st.lists(
    st.sampled_from(
        "&lt; &gt &amp; &amp &nbsp; &quot; &#39; &#3 &#x27; &no t; lt; #39; x & < ; &copy &notin; 9; &#60 &#0; &#38;".split()
    ),
    max_size=40,
).map("".join)


@given(REFERENCES)
def test_references_are_decoded_as_html_has_it(text: str) -> None:
    assert texts.unescape_once(text) == html.unescape(text)


@given(st.text(st.characters(codec="ascii"), max_size=100))
def test_texts_in_ascii_are_cleaned_like_all_others(text: str) -> None:
    # a letter outside of it that combines with nothing
    assert texts.clean(text) + "\u4e00" == texts.clean(text + "\u4e00")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(" \t\n\xa0\u2003\u3000"), max_size=60))
def test_lines_are_folded_and_empty_ones_are_few(text: str) -> None:
    block = texts.block(text) or ""
    assert block.split() == texts.clean(text).split()
    assert "\n\n\n" not in block
    assert all(line == " ".join(line.split()) for line in block.split("\n"))


@pytest.mark.parametrize("often", [1, 2, 3])
def test_references_are_decoded_as_often_as_they_were_escaped_and_at_most_three_times(often: int) -> None:
    text = "R&D " * 20
    escaped = text
    for _ in range(often):
        escaped = html.escape(escaped)
    assert texts.unescape(escaped) == text
    assert texts.unescape(html.escape(escaped)) == (html.escape(text) if often == 3 else text)


@pytest.mark.parametrize("text", ["a & b; " * 20, "a &amp; b &eacute; &#233; " * 9, "&nosuch; " * 20, "&amp" * 20])
def test_the_short_way_of_decoding_is_the_long_one(text: str) -> None:
    assert texts.unescape_once(text) == html.unescape(text)


def test_marks_that_no_language_writes_are_left_out_of_a_long_text() -> None:
    """To sort them would take seconds."""
    assert len(texts.clean("e" + "\u0316\u0301" * 100_000)) < 32


def test_a_long_text_with_as_many_marks_as_any_language_writes_keeps_them() -> None:
    written = ("q" + "\u0316\u0301" * 10) * 1_000
    assert texts.clean(written) == unicodedata.normalize("NFC", written)
