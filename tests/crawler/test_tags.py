"""What a tag says, and what is in a heading, as it stands in the text of a page."""

from __future__ import annotations

import pytest

from crawler.tags import Odd, inner_texts


@pytest.mark.parametrize(
    ("inner", "texts"),
    [
        (b"Welder", ["Welder"]),
        (b"Wel<!-- x -->der <b>f/m</b>", ["Welder ", "f/m"]),
        (b"<a href=/1>Welder</a> <A href=/2>nights</A>", ["Welder", " ", "nights"]),
    ],
)
def test_a_heading_has_a_text_for_each_stretch_without_a_tag(inner: bytes, texts: list[str]) -> None:
    assert inner_texts(inner) == texts


@pytest.mark.parametrize(
    "inner",
    [
        b"<!-- - Welder",
        b"Welder <!--> f/m",
        b"1 < 2",
        b"</b>",
        b"<b><i></b></i>",
        b"<a>x<b><a>y</a></b></a>",
        b"<p>x</p>",
        b"<!-- -" * 2_000,
    ],
)
def test_what_readers_might_understand_differently_is_odd(inner: bytes) -> None:
    with pytest.raises(Odd):
        inner_texts(inner)
