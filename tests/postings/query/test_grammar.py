"""How a query is read, said back, and refused."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.query import QueryError, parse
from postings.query.fields import FIELDS
from postings.query.refusals import MOST_CHARACTERS, MOST_NESTING, MOST_TERMS
from tests.postings.query.postings import texts

IN_WORDS = {
    "title:engineer location:Berlin -senior salary>=70k":
        "title contains *engineer*, in Berlin, not senior, pays at least 70,000 a year",
    "title:engin* OR *neer": "title contains *engin…* or contains *…neer*",
    "python (data OR ml)": "contains *python*, (contains *data* or contains *ml*)",
    "-(data OR ml)": "not data and not ml".replace(" and", ","),
    "employer:(acme OR globex) -employer:initech": "(at acme or at globex), not at initech",
    "-salary>=70kEUR": "pays less than 70,000 EUR a year",
    "-salary:70k": "does not pay 70,000 a year",
    "salary<=35.50EUR/hour": "pays at most 73,840 EUR a year",
    "first:<7d closes:<=1w -posted>=2026-11-01":
        "first seen less than 7 days ago, closes in at most 1 week, not posted on or after 2026-11-01",
    "posted:2026-11 first:today closes:2026-12-24": "posted in 2026-11, first seen today, closes on 2026-12-24",
    "type:fulltime lang:de-at site:acme -remote:yes": "full time, written in German (AT), from site acme, not remote",
    "is:open -is:changed has:salary -has:employer": "open, not changed, states a salary, states no employer",
    '"machine learning" --java': "contains *machine learning*, contains *java*",
    "“machine learning”": "contains *machine learning*",
    "": "everything",
}  # fmt: skip

REFUSED = {
    "titel:x": (1, "there is no field `titel`; did you mean `title`?"),
    "java company:acme": (6, "did you mean `employer`?"),
    "TITEL:x": (1, "did you mean `title`?"),
    "https://acme.example/jobs": (1, 'put it into quotes: "https://acme.example/jobs"'),
    "foo:bar": (1, 'put it into quotes: "foo:bar"'),
    "x>y": (1, "there is no field `x`"),
    "title:": (1, "`title:` needs a value right behind it, as in title:engineer"),
    "java title: engineer": (6, "`title:` needs a value"),
    "salary>= 70k": (1, "`salary>=` needs a value"),
    "title:lang:de": (1, "`title:` needs a value"),
    "title:-senior": (7, "write -title:"),
    "title:()": (7, "the brackets are empty"),
    "title:(lang:de)": (8, "a field stands inside the values of another one"),
    "title>=x": (1, "`title` cannot be compared with `>=`"),
    "type:<intern": (1, "`type` cannot be compared with `<`"),
    "OR java": (1, "nothing stands before `OR`"),
    "java (OR x)": (7, "nothing stands before `OR`"),
    "java OR": (6, "nothing stands behind `OR`"),
    "java OR OR x": (9, "nothing stands before `OR`"),
    "(java OR) x": (7, "nothing stands behind `OR`"),
    "OR": (1, "nothing stands before `OR`"),
    "AND java": (1, "nothing stands before `AND`"),
    "java AND OR x": (10, "nothing stands before `OR`"),
    "java AND": (6, "nothing stands behind `AND`"),
    "(java": (1, "the bracket that opens here is never closed"),
    "java (a (b)": (6, "the bracket that opens here is never closed"),
    "java)": (5, "this bracket closes none"),
    "java ()": (6, "the brackets are empty"),
    "-": (1, "`-` needs a word right behind it"),
    "java - cook": (6, "`-` needs a word right behind it"),
    "-)": (1, "`-` needs a word right behind it"),
    "-OR x": (1, "`-` needs a word right behind it"),
    'java "open': (6, "the quote that opens here is never closed"),
    "jav*a": (1, "`*` stands at the beginning or the end of a word"),
    "*": (1, "`*` holds no letter or digit"),
    "java &": (6, "`&` holds no letter or digit"),
    '""': (1, "holds no letter or digit"),
    "title:%": (7, "`%` holds no letter or digit"),
    "java\0": (5, "a control character stands here"),
    "\x1b[2J": (1, "a control character stands here"),
    "a\ud800": (2, "a control character stands here"),
    f'"{"a " * 250}"': (1, "a word or phrase may have 500 letters, and this one has 501"),
    "java " + "ﷺ" * 200: (6, "this one has 3,"),
    "type:foo": (6, "`foo` is no employment type; types are fulltime"),
    "type:fultime": (6, "did you mean `fulltime`?"),
    "lang:klingonese": (6, "`klingonese` is no language"),
    'site:" "': (6, "a site has a name"),
    "remote:maybe": (8, "`remote` is yes or no, not `maybe`"),
    "is:opn": (4, "`is:` does not know `opn`; did you mean `open`?"),
    "is:remote": (4, "it takes open, closed, changed"),
    "has:pay": (5, "it takes title, employer"),
    "salary>=lots": (9, "`lots` is no amount of pay"),
    "salary>=70kXXQ": (9, "is no amount of pay"),
    "salary>=€70kUSD": (9, "is no amount of pay"),
    "salary>=70/fortnight": (9, "is no amount of pay"),
    "salary>=99999999999999999": (9, "is no amount of pay"),
    "salary>=1e5": (9, "is no amount of pay"),
    "salary:60k-70k": (8, "is no amount of pay"),
    "salary>=²": (9, "is no amount of pay"),
    "first:7d": (7, "write first:<7d or first:>7d"),
    "closes:<12h": (9, "`closes` is a day, and cannot be told in hours"),
    "posted:<7x": (9, "`7x` is no date and no span of time"),
    "posted:2026-02-30": (8, "is no date"),
    "posted:2026-13": (8, "is no date"),
    "posted:0000": (8, "is no date"),
    "posted:9999-12-31": (8, "is no date"),
    "posted:01.02.2026": (8, "is no date"),
    "posted>=٢٠٢٦": (9, "is no date"),
    "a" * (MOST_CHARACTERS + 1): (MOST_CHARACTERS + 1, "the query has 4,001 characters, and may have 4,000"),
    "a " * (MOST_TERMS + 1): (2 * MOST_TERMS + 1, "more than 200 words"),
    "(" * (MOST_NESTING + 1) + "a" + ")" * (MOST_NESTING + 1): (MOST_NESTING + 1, "more than 20 brackets"),
    "-" * (MOST_NESTING + 1) + "a": (MOST_NESTING + 1, "more than 20 brackets or minus signs"),
    "-(" * 1_999: (21, "more than 20 brackets or minus signs"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), IN_WORDS.items(), ids=IN_WORDS)
def test_a_query_is_said_in_words(text: str, words: str) -> None:
    assert parse(text).in_words() == words


@pytest.mark.parametrize(("text", "refusal"), REFUSED.items(), ids=[ascii(text)[:40] for text in REFUSED])
def test_what_cannot_be_read_is_refused_with_its_column(text: str, refusal: tuple[int, str]) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert refused.value.column == refusal[0]
    assert refusal[1] in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_of_each_field_can_be_read(name: str) -> None:
    assert parse(FIELDS[name].example).text.startswith(name)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ORacle", '"oracle"'),
        ("java OR(cook)", "java OR (cook)"),
        ("(java)OR(cook)", "java OR cook"),
        ("a(b)c", "a b c"),
        ('a"b c"d', 'a "b c" d'),
        ("e-mail", '"e mail"'),
        ("node.js:x", '"node js x"'),
        ("10:30", '"10 30"'),
        ("c++=x", '"c++ x"'),
        ("java\u00a0\u2028cook", "java cook"),
        ("a\u200bb", '"a b"'),
    ],
)
def test_odd_spellings_are_read_as_what_they_look_like(text: str, same: str) -> None:
    assert parse(text).formula == parse(same).formula


def refusal(text: str) -> QueryError | None:
    """Why a text cannot be read; None if it can."""
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


# every token of the language, and what has stopped a parser before
PIECES = (
    *"()-\"*:<>=|&%_\\'\0\x1b\ud800\u200b“”«», . + #", " ", "\n", "\u2028", " OR ", " AND ", "OR", "-(", "title:", "title:(",
    "salary>=", "70k", "€", "first:<", "7d", "posted:", "2026-11-01", "is:", "open", "has:", "type:", "lang:", "de", "site:",
    "remote:", "yes", "closes", "https://", "java", "c++", ".net", "機械", "ü", "ı", "ﬁ", "²", "٣", "😀", "nope:", "/hour",
)  # fmt: skip


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=60)))
def test_nothing_but_a_refusal_comes_of_any_text(text: str) -> None:
    refused = refusal(text)
    if refused is None:
        assert parse(text).text == text
        parse(text).in_words()
    else:
        assert str(refused).startswith(f"column {refused.column}: ")
        assert 1 <= refused.column <= len(text) + 1


@given(texts)
def test_a_query_in_brackets_or_with_more_blanks_is_the_same(text: str) -> None:
    if refusal(text) is not None:
        return
    query = parse(text)
    assert parse(f"  ( {text} )\n").formula == query.formula
    assert query.in_words() == parse(text.replace(" ", "   ") if '"' not in text else text).in_words()


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "-", '"', "*", "a", "a ", "a:", "title:", "title:(", "OR ", "1", "1.", "1,111,", "+", "#", ".", "\u0301", "ﷺ",
     "salary>=", "salary>=1", "first:<", "lang:", "type:a,", "/", "^", "|"],
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    def taken(length: int) -> float:
        start = time.process_time()
        refusal((piece * length)[:length])
        return time.process_time() - start

    parse("a")
    short, long = (min(taken(length) for _ in range(3)) for length in (MOST_CHARACTERS // 8, MOST_CHARACTERS))
    # eight times as long, sixteen times the time at most; what takes a few milliseconds is not measured
    assert long < 0.02 + 16 * short


def test_a_text_far_too_long_is_refused_at_once() -> None:
    with pytest.raises(QueryError, match="10,000,000 characters"):
        parse("(" * 10_000_000)


def test_random_queries_of_the_grammar_survive_random_damage() -> None:
    source = random.Random(8)
    whole = [text for text in IN_WORDS if text] + [text for text in REFUSED if len(text) < 100]
    for _ in range(300):
        text = source.choice(whole)
        for _ in range(source.randint(1, 4)):
            place = source.randrange(len(text) + 1)
            text = text[:place] + source.choice(PIECES) + text[place + source.randint(0, 3) :]
        refused = refusal(text)
        assert refused is None or re.match(r"column \d+: ", str(refused))
