from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from delivery import contents, messages
from delivery.outlets import Batch
from delivery.outlets.services import Form
from postings.events import Event, EventType
from tests.delivery.eventlog import event, posting_record, single


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
        "  Acme · Berlin, DE · remote · full time · 60,000-75,000 EUR a year\n"
        "  https://acme.example/jobs/1\n\n"
        "-- \n"
        "Sent by hirewatch to the outlet me. To end it: hirewatch outlets remove me\n"
    )
    for text in ("Welder 1", "60,000-75,000 EUR a year", 'href="https://acme.example/jobs/1"', "acme.example"):
        assert text in message.html


def test_a_change_shows_before_and_after_and_a_closing_its_reason() -> None:
    changes = {
        "salary": {"before": None, "after": {"currency": "EUR", "min": 50000.0, "max": 50000.0, "unit": "YEAR"}},
        "description_text": {"before": "a", "after": "b"},
        "remote": {"before": False, "after": True},
        "locations": {"before": [], "after": [{"locality": "Bonn", "country": "DE"}]},
    }
    text = messages.alert(batch(event(1, EventType.CHANGED, changes=changes)), "me").text
    for line in (
        "Salary: none → 50,000 EUR a year",
        "Description changed",
        "Remote: no → yes",
        "Locations: none → Bonn, DE",
    ):
        assert line in text
    assert "Because its page is gone" in messages.alert(batch(event(1, EventType.CLOSED, reason="gone")), "me").text


def test_a_message_shows_whole_postings_and_counts_the_others() -> None:
    message = messages.alert(batch(*(event(n) for n in range(1, 61)), total=400), "me")
    assert message.text.count("* New:") == contents.SHOWN
    assert "And 350 more" in message.text
    assert "And 350 more" in message.html


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


@pytest.mark.parametrize("form", Form)
@settings(max_examples=15)
@given(limit=st.integers(70, 2000), count=st.integers(1, 20))
def test_a_note_holds_whole_postings_and_counts_the_others(form: Form, limit: int, count: int) -> None:
    events = [event(number) for number in range(1, count + 1)]
    note = messages.note(batch(*events), "me", form, titled=True, fits=lambda body: len(body) <= limit)
    assert len(note.body) <= limit
    shown = note.body.count("https://acme.example/jobs/")
    assert note.body.count("Welder") == shown
    said = re.search(r"And (\d+) more", note.body) or re.fullmatch(r"(\d+) posting.*", note.body)
    assert int(said[1] if said else 0) == count - shown


@pytest.mark.parametrize("form", Form)
def test_a_note_that_is_too_long_for_one_posting_still_has_its_title_and_link(form: Form) -> None:
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
        "me", Form.HTML, titled=False, fits=lambda body: True,
    )  # fmt: skip
    tree = html.fromstring(note.body)
    assert {element.tag for element in tree.iter()} <= {"div", "b", "a", "br", "p", "span"}
    assert [element.text for element in tree.iter("a")] == [title]


def test_a_note_where_nothing_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="fits"):
        messages.note(batch(event(1)), "me", Form.TEXT, titled=True, fits=lambda body: False)
