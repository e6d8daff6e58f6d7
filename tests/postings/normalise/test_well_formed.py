"""Descriptions that are written down without a parser: always what the parser and the sanitiser would have made."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from postings.normalise import descriptions, text
from postings.normalise.well_formed import read_fragment

NAMES = ["p", "h2", "ul", "ol", "li", "div", "span", "b", "strong", "em", "i", "a", "table", "font", "center", "pre"]
ATTRIBUTES = [
    "", "", "", ' class="x"', " style='a: b'", " hidden", ' a="1" a="2"', ' href="https://acme.example/a?b=c#d"',
    " href='http://a-b.example'", ' href="/x"', ' HREF="https://b.example/"', " data-href=\"x\" title=\" href='https://b.example/'\"",
    ' title="&amp;"', " title=\"x", " x=y",
]  # fmt: skip
PIECES = st.sampled_from([
    "We weld", " ", "\n", "", "&amp;", "&lt;p&gt;", "&nbsp;", "\xa0", "a > b", "&amp;amp;", "&amp;lt;b&amp;gt;", "&copy;",
    '"', "&quot;", "&#39;", "é", "\u0301", "日本", "N/A", "<br>", "<br/>", "<BR >", "<hr>", "<", "</p>", "<b>", "<!-- x -->",
    "&amp;#8203;",
])  # fmt: skip


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, attributes, parts: f"<{name}{attributes}>{''.join(parts)}</{name}>",
        st.sampled_from(NAMES),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=4),
    )


MARKUP = st.lists(st.recursive(PIECES, element, max_leaves=12), max_size=4).map("".join)


@given(MARKUP)
@settings(max_examples=500)
@example("<ul><li></li> <li>x</li></ul>")
@example("<div>a<br>b</div><div><span>c</span></div><li>d</li>")
@example("<p><a href='https://acme.example/'>x</a> &amp;lt;b&amp;gt;</p>")
@example("<li>&amp;#8203;</li> x")
def test_a_fragment_is_what_the_parser_and_the_sanitiser_make_of_its_markup(raw: str) -> None:
    raw = text.clean(raw)
    fragment = read_fragment(raw)
    if fragment is None:
        return
    tree = descriptions._parse(raw)
    assert tree is not None
    descriptions._simplify(tree, escapes="&" in raw)
    source = descriptions._inner(tree)
    assert fragment.html() == source
    assert fragment.safe() == descriptions._SANITISER.clean(source)
    assert text.folded(fragment.plain(descriptions._BREAKS)) == text.folded(descriptions._render(source))


@pytest.mark.parametrize(
    "raw",
    [
        "<p>We <b>weld</b> &amp; cut.<br/>By hand.</p>\n<UL class='x'>\n<li>Ships</li><li><p>Bridges</p></li></UL>",
        '<h2>Welder</h2><div style="color: red"><span>x</span></div><li>no list around it</li>',
        'See <a target="_blank" href="https://acme.example/jobs?a=b">our jobs</a>.',
    ],
)
def test_ordinary_descriptions_need_no_parser(raw: str) -> None:
    assert read_fragment(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        "<p>x", "x</p>", "<b><i>x</b></i>", "<p><div>x</div></p>", "<ul>x</ul>", "<ul><ul></ul></ul>", "<p/>x",
        "<li><div><li>x</li></div></li>", "<a href='https://a.example'><b><a href='https://b.example'>x</a></b></a>",
        "<a href='javascript:alert(1)'>x</a>", "<a>x</a>", "<script>x</script>", "<p onclick=x>x</p>", '<p title="x>y</p>',
        "a < b", "&copy;", "&amp", "<table><tr><td>x</td></tr></table>", "<p><!-- x --></p>", "<b>" * 61 + "</b>" * 61,
    ],
)  # fmt: skip
def test_markup_that_parsers_mend_is_left_to_them(raw: str) -> None:
    assert read_fragment(raw) is None
