from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from delivery import messages
from delivery.messages import clean, link
from delivery.outlets import Batch, single
from postings.events import Event, EventType
from tests.delivery.eventlog import event, posting_record


def batch(*events: Event, total: int | None = None) -> Batch:
    numbers = tuple(range(1, (total or len(events)) + 1))
    return Batch(events=events, numbers=numbers, counts=Counter(event.type for event in events))


def test_a_message_reads_like_this() -> None:
    happened = event(
        1,
        record=posting_record(
            1, salary={"currency": "EUR", "min": 60000, "max": 75000, "unit": "YEAR", "text": None}, remote=True
        ),
    )
    message = messages.alert(single(happened), "me")
    assert message.subject == "New at Acme: Welder 1 (Berlin, DE)"
    assert message.text == (
        "1 new at acme\n\n"
        "* New: Welder 1\n"
        "  Acme · Berlin, DE · remote · full time · EUR 60,000–75,000 a year\n"
        "  https://acme.example/jobs/1\n\n"
        "-- \n"
        "Sent by hirewatch to the outlet me. To end it: hirewatch outlets remove NAME\n"
    )
    for text in ("Welder 1", "EUR 60,000–75,000 a year", 'href="https://acme.example/jobs/1"', "acme.example"):
        assert text in message.html


def test_openings_come_first_and_the_subject_counts_each_type() -> None:
    message = messages.alert(batch(event(1, EventType.CLOSED), event(2), event(3)), "me")
    assert message.subject.startswith("2 new, 1 closed at acme: Welder 2, Welder 3, Welder 1")


def test_a_change_shows_before_and_after_and_a_closing_its_reason() -> None:
    changes = {
        "salary": {"before": None, "after": {"currency": "EUR", "min": 50000.0, "max": 50000.0, "unit": "YEAR"}},
        "description_text": {"before": "a", "after": "b"},
        "remote": {"before": False, "after": True},
        "locations": {"before": [], "after": [{"locality": "Bonn", "country": "DE"}]},
    }
    text = messages.alert(batch(event(1, EventType.CHANGED, changes=changes)), "me").text
    for line in (
        "Salary: none → EUR 50,000.0 a year",
        "Description changed",
        "Remote: no → yes",
        "Locations: none → Bonn, DE",
    ):
        assert line in text
    assert "Because its page is gone" in messages.alert(batch(event(1, EventType.CLOSED, reason="gone")), "me").text


def test_a_message_shows_whole_postings_and_counts_the_others() -> None:
    message = messages.alert(batch(*(event(n) for n in range(1, 61)), total=400), "me")
    assert message.text.count("* New:") == messages.SHOWN
    assert "And 350 more" in message.text
    assert "And 350 more" in message.html


def test_a_bare_record_makes_a_message_too() -> None:
    empty = dict.fromkeys(posting_record(1)) | {"title": None}
    message = messages.alert(single(event(1, record=empty)), "me")
    assert message.subject == "New at acme: (no title)"


class Reader(HTMLParser):
    """Collects the tags and link targets of a message."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.targets: list[str | None] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.targets += [value for name, value in attrs if name in ("href", "src", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


NAUGHTY = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{ 7*7 }}",
            "{% for x in y %}", "</title></style><svg onload=alert(1)>", "&lt;b&gt;", "\r\nBcc: a@b", "]]>", "<!--",
        ]
    ),
)  # fmt: skip


@given(NAUGHTY, NAUGHTY, NAUGHTY, NAUGHTY)
def test_no_text_of_a_page_becomes_markup(title: str, name: str, place: str, url: str) -> None:
    def tags(title: str, name: str, place: str, url: str) -> Reader:
        record = posting_record(
            1,
            title=title,
            organization={"name": name},
            locations=[{"text": place, "locality": place}],
            employment_types=[name],
            url=url,
            salary={"text": place, "currency": name, "min": 1, "max": 2, "unit": title},
        )
        changes = {"title": {"before": title, "after": name}, name: {"before": [title], "after": {"a": place}}}
        message = messages.alert(single(event(1, record=record, changes=changes, site=place or "x")), name)
        assert "\n" not in message.subject
        reader = Reader()
        reader.feed(message.html)
        return reader

    reader = tags(title, name, place, url)
    assert set(reader.tags) <= {
        "html", "head", "meta", "title", "body", "div", "table", "tr", "td", "a", "bdi", "code",
    }  # fmt: skip
    assert all(target is not None and target.startswith(("http://", "https://")) for target in reader.targets)
    assert reader.handlers == []


@given(st.text(max_size=400), st.integers(1, 150))
def test_cleaned_text_is_one_safe_line_within_its_limit(text: str, limit: int) -> None:
    line = clean(text, limit)
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
        assert clean(text, 400) == normal


def test_what_is_cut_ends_in_an_ellipsis_and_keeps_its_accents() -> None:
    assert clean("abcdef", 4) == "abc…"
    assert clean("ab" + "x\u0323\u0323\u0323", 5) == "ab…"


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
    cleaned = clean(text, 200)
    if not cleaned:
        return
    kinds = {child.type for child in markdown_children(messages.markdown(cleaned))}
    assert kinds <= {"text", "text_special"}


@given(st.text(min_size=1))
@example("](https://evil.example) [")
@example("\\](https://evil.example)")
def test_a_link_in_markdown_leads_where_it_should(text: str) -> None:
    title = clean(text, 200) or "x"
    children = markdown_children(f"New: [{messages.markdown(title)}](https://acme.example/jobs/1)")
    assert [child.attrs["href"] for child in children if child.type == "link_open"] == ["https://acme.example/jobs/1"]


@pytest.mark.parametrize("text", ["@all", "@here now", "a@channel", "@@everyone"])
def test_nobody_is_called_by_a_text_of_a_page(text: str) -> None:
    assert not re.search(r"@\w", messages.markdown(text))


def test_most_titles_read_in_markdown_as_they_are() -> None:
    for title in ("Schweißer (m/w/d)", "Sales & Marketing", "C++ / C# Engineer", "Nurse @ Acme", "R&D: 100%!"):
        assert messages.markdown(title) == title
    assert messages.markdown("Mitarbeiter*in [m/w/d]") == "Mitarbeiter∗in \\[m/w/d\\]"


@pytest.mark.parametrize("form", messages.Form)
@settings(max_examples=15)
@given(limit=st.integers(70, 2000), count=st.integers(1, 20))
def test_a_note_holds_whole_postings_and_counts_the_others(form: messages.Form, limit: int, count: int) -> None:
    events = [event(number) for number in range(1, count + 1)]
    note = messages.note(batch(*events), "me", form, titled=True, fits=lambda body: len(body) <= limit)
    assert len(note.body) <= limit
    shown = note.body.count("https://acme.example/jobs/")
    assert note.body.count("Welder") == shown
    said = re.search(r"And (\d+) more", note.body) or re.fullmatch(r"(\d+) posting.*", note.body)
    assert int(said[1] if said else 0) == count - shown


@pytest.mark.parametrize("form", messages.Form)
def test_a_note_that_is_too_long_for_one_posting_still_has_its_title_and_link(form: messages.Form) -> None:
    changes = {f"field_{number}": {"before": "x" * 100, "after": "y" * 100} for number in range(9)}
    note = messages.note(
        batch(event(1, EventType.CHANGED, changes=changes)), "me", form, titled=True, fits=lambda body: len(body) < 200
    )
    assert "Welder 1" in note.body
    assert "https://acme.example/jobs/1" in note.body
    assert "x" * 100 not in note.body


def test_an_html_note_shows_a_title_and_nothing_else_of_it() -> None:
    title = '<b onload=x>"hi"</b> <!-- & &lt;script&gt;'
    note = messages.note(
        batch(event(1, record=posting_record(1, title=title))),
        "me", messages.Form.HTML, titled=False, fits=lambda body: True,
    )  # fmt: skip
    tree = html.fromstring(note.body)
    assert {element.tag for element in tree.iter()} <= {"div", "b", "a", "br", "p", "span"}
    assert [element.text for element in tree.iter("a")] == [title]


def test_a_note_where_nothing_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="fits"):
        messages.note(batch(event(1)), "me", messages.Form.TEXT, titled=True, fits=lambda body: False)
