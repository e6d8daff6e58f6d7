from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.descriptions import HTML_LIMIT, read_description

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "<ul><li>",
            "</ul>",
            "&lt;p&gt;",
            "&amp;lt;br&amp;gt;",
            "<script>",
            "<a href='x'>",
            "<svg>",
        ]
    )
    | st.text(st.characters(codec=None), max_size=8),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    "raw",
    [
        "<p>Weld <b>pipes</b> &amp; tanks</p>",
        "&lt;p&gt;Weld &lt;b&gt;pipes&lt;/b&gt; &amp;amp; tanks&lt;/p&gt;",
        "&amp;lt;p&amp;gt;Weld &amp;lt;b&amp;gt;pipes&amp;lt;/b&amp;gt; &amp;amp;amp; tanks&amp;lt;/p&amp;gt;",
    ],
)
def test_markup_is_found_however_often_it_was_escaped(raw: str) -> None:
    description = read_description(raw)
    assert description.text == "Weld pipes & tanks"
    assert description.html == "<p>Weld <b>pipes</b> &amp; tanks</p>"


def test_the_text_of_a_text_object_is_the_description() -> None:
    assert read_description({"@type": "TextObject", "text": "<p>Weld.</p>"}).text == "Weld."
    assert read_description([{"@type": "TextObject"}, "Weld."]).text == "Weld."


def test_markup_escaped_inside_markup_is_markup_too() -> None:
    raw = "<p><strong>&Uuml;ber uns</strong></p><p>&lt;div class=&quot;x&quot;&gt;&lt;p&gt;Wir schweißen.&lt;/p&gt;"
    assert read_description(raw).text == "Über uns\n\nWir schweißen."


def test_a_list_keeps_its_lines_and_nothing_is_added_to_them() -> None:
    assert read_description("<p>You:</p><ul><li>weld</li><li>drill</li></ul><p>We pay.</p>").text == (
        "You:\n\nweld\ndrill\n\nWe pay."
    )


def test_cells_of_a_table_do_not_run_into_each_other() -> None:
    assert read_description("<table><tr><td>From</td><td>May</td></tr></table>").text == "From May"


def test_plain_text_keeps_its_paragraphs_and_comparison_signs() -> None:
    description = read_description("Less than < 5 years\r\n\r\n\r\n\r\nList<String> & more")
    assert description.text == "Less than < 5 years\n\nList<String> & more"
    assert description.html == "<p>Less than &lt; 5 years</p>\n<p>List&lt;String&gt; &amp; more</p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<p style='background:url(javascript:alert(1))' onclick=alert(1)>x</p>",
        "&lt;script&gt;alert(1)&lt;/script&gt;<p>x</p>",
        "<a href='//evil.example/x'>x</a>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript><p>x</p>",
    ],
)
def test_nothing_that_runs_or_loads_is_left(hostile: str) -> None:
    html = read_description(f"<p>before</p>{hostile}").html or ""
    assert not re.search(r"<(?!/?(?:p|a|br)\b)|\son\w+=|javascript|style=|src=|evil", html, re.IGNORECASE)


def test_links_to_the_web_stay() -> None:
    html = read_description('<p><a href="https://acme.example/apply?a=1&amp;b=2" onclick="x()">Apply</a></p>').html
    assert html == (
        '<p><a href="https://acme.example/apply?a=1&amp;b=2" rel="nofollow noopener noreferrer">Apply</a></p>'
    )


def test_text_below_three_hundred_nested_elements_is_not_lost() -> None:
    assert read_description("<div>" * 400 + "deep").text == "deep"


@pytest.mark.parametrize(
    "bomb",
    [
        "<p " + " ".join(f"a{i}=1" for i in range(50_000)) + ">x</p>",
        "<b><i>" * 20_000 + "x",
        "<p><a href=https://a.example/" + "x" * 2_000 + ">" + "<p>a" * 16_000,
        "<table><tr><td>" + "x" * 30_000 + "</td></tr>" + "<tr><td>y</td></tr>" * 5_000 + "</table>",
        "<b>x</b>" + "&lt;p " * 100_000,
        "<" * 500_000,
        "<ul><li>" * 20_000,
    ],
    ids=["attributes", "formatting", "ladder", "wide table", "half tags", "angles", "lists"],
)
def test_a_bomb_is_read_in_bounded_time_and_size(bomb: str) -> None:
    started = time.process_time()
    description = read_description(bomb)
    assert time.process_time() - started < 5
    assert len(description.html or "") <= 4 * max(len(bomb), HTML_LIMIT)


@given(FRAGMENTS)
def test_any_fragment_gives_text_that_can_be_stored(raw: str) -> None:
    description = read_description(raw)
    for text in (description.html, description.text):
        assert text is None or (text.encode() and "\x00" not in text)


@given(FRAGMENTS)
def test_safe_html_read_again_says_the_same(raw: str) -> None:
    once = read_description(raw)
    again = read_description(once.html)
    assert "".join((again.text or "").split()) == "".join((once.text or "").split())


@pytest.mark.parametrize("nothing", [None, "", "   ", "-", "<p></p>", "<p>&nbsp;</p>", [], {}, "N/A"])
def test_an_empty_description_is_none(nothing: object) -> None:
    assert read_description(nothing).text is None


def test_an_element_whose_name_is_none_leaves_no_trace() -> None:
    description = read_description("<p>Weld.<A")
    assert (description.html, description.text) == ("<p>Weld.</p>", "Weld.")


def test_html_that_no_parser_gets_through_is_rendered_all_the_same() -> None:
    description = read_description("<DIV class=a>" * 300 + "<P>Weld.</P><p>Drill.<br/>Turn. a < b")
    assert description.text == "Weld.\n\nDrill.\nTurn. a < b"


def test_lines_are_kept_where_they_are_preformatted_and_nowhere_else() -> None:
    assert read_description("<p>We\nweld</p><pre>Mon 9-17\n Tue 9-17</pre><p>all\nday</p>").text == (
        "We weld\n\nMon 9-17\nTue 9-17\n\nall day"
    )


def test_markup_that_is_too_long_to_be_kept_gives_way_to_its_text() -> None:
    said = read_description(f"<p><b>We</b> weld &lt;all&gt; day.</p><p>{'x' * HTML_LIMIT}</p>")
    assert said.html == f"<p>We weld &lt;all&gt; day.</p>\n<p>{'x' * HTML_LIMIT}</p>"
