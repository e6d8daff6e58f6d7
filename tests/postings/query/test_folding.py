"""Texts as they are compared."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.query.folding import _SIGNS, BETWEEN, fold, together


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Senior  Engineer\n", " senior engineer "),
        ("Müller, Straße (m/w/d)", " muller strasse m w d "),
        ("İSTANBUL ŁÓDŹ", " istanbul łodz "),
        ("ﬁne Ⅷ １２", " fine viii 12 "),
        ("C++ and C# and .NET", " c++ and c# and .net "),
        ("C++/C#, F#.", " c++ c# f# "),
        ("C#.NET ASP.NET (.net)", " c# .net asp net .net "),
        ("...and so on. Next", " and so on next "),
        ("5+ years, A+B, c++b", " 5+ years a b c b "),
        ("e-mail R&D l’ingénieur", " e mail r d l ingenieur "),
        ("機械学習エンジニア", " 機 械 学 習 エ ン ジ ニ ア "),
        ("ｱﾙﾊﾞｲﾄ募集", " ア ル バ イ ト 募 集 "),
        ("개발자 Java경력", " 개 발 자 java 경 력 "),
        ("วิศวกร", " ว ิ ศ ว ก ร "),
        ("हिन्दी अनुवादक", " हिन्दी अनुवादक "),
        ("инженер Ёлка", " инженер елка "),
        ("a_b 100% 50\\50", " a b 100 50 50 "),
        ("\0 a\ud800b \u200b", " a b "),
        ("", ""),
        ("… — %", ""),
        ("+ # .", ""),
    ],
)
def test_a_text_is_its_words_without_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_a_folded_text_is_words_with_single_blanks_and_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert folded == "" or (folded[0] == folded[-1] == " " and "  " not in folded)
    assert fold(folded) == folded
    folded.encode()
    assert not set(folded) & {"\0", "%", "_", "\\", "*", '"', BETWEEN}


@given(st.text(), st.text())
def test_a_text_is_folded_word_by_word(first: str, second: str) -> None:
    assert fold(f"{first} {second}").split() == [*fold(first).split(), *fold(second).split()]


#: what has shown mistakes: marks that compose, signs that become others, and words with a dot, plus or hash
TRICKY = st.text(
    st.sampled_from("ab.+# \n,é\u0301\u0323\u05b0字가ﬁßİı\u1100\u1161\u11a8Ⅷ–’\u200b\0𝔸\u0345Σ"), max_size=40
)


def folded_at_once(text: str) -> str:
    """The definition: the whole text in one form, then its words."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))
    signs = unicodedata.normalize("NFKC", plain).casefold().translate(_SIGNS)
    words = re.findall(r"(?:(?<![^ +#])\.)?[^ .+#]+(?:[+#]+(?![^ .]))?", signs)
    return f" {' '.join(words)} " if words else ""


@given(st.text() | TRICKY)
def test_a_text_that_is_folded_in_pieces_is_folded_as_a_whole(text: str) -> None:
    assert fold(text) == folded_at_once(text)


def test_no_sign_beyond_ascii_composes_with_one_of_it_but_those_that_are_left_out() -> None:
    pairs = [unicodedata.decomposition(chr(code)).split() for code in range(0x110000)]
    composed = [(int(pair[0], 16), int(pair[1], 16)) for pair in pairs if len(pair) == 2 and "<" not in pair[0]]
    assert not [pair for pair in composed if pair[0] < 0x80 and not 0x300 <= pair[1] < 0x370]
    assert not [pair for pair in composed if pair[1] < 0x80]


def test_no_phrase_reaches_from_one_text_into_the_next() -> None:
    assert together("Data Engineer", None, "", "…", "Berlin") == " data engineer | berlin "
    assert together(None) == ""
