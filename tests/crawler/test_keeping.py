"""Answers that were kept come back as they were, and stand in for the site in a visit that is made again."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer, Trouble
from crawler.connection import CutShort
from crawler.keeping import KeptAnswers, answer_of, kept
from postings.responses import KeptResponse, KeptVisit
from postings.sites import KnownPage

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
URL = "https://acme.example/jobs/1"
VISIT = KeptVisit(id="v_1", begun_at=AT, asked_from=AT, ended_at=AT + timedelta(minutes=1), thorough=True)

texts = st.none() | st.text(max_size=20)
answers = st.builds(
    Answer,
    asked=st.just(URL),
    url=st.just(URL),
    at=st.just(AT),
    status=st.none() | st.integers(100, 599),
    body=st.binary(max_size=50),
    content_type=texts,
    robots_tag=texts,
    etag=texts,
    last_modified=texts,
    hops=st.lists(st.text(max_size=10), max_size=3).map(tuple),
    whole=st.booleans(),
    measured=st.booleans(),
    trouble=st.none() | st.sampled_from(Trouble),
    detail=st.text(max_size=20),
    refused_target=texts,
    wait=st.none() | st.floats(0, 1e6),
)


def through_storage(response: KeptResponse) -> KeptResponse:
    """The response with its facts as JSON brings them back."""
    return KeptResponse(
        asked=response.asked,
        sent=response.sent,
        at=response.at,
        status=response.status,
        body=response.body,
        facts=json.loads(json.dumps(response.facts)),
    )


@given(answers)
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert answer_of(through_storage(kept(answer))) == answer


def an_answer(body: bytes = b"", status: int = 200, minutes: int = 0, sent: str | None = None) -> KeptResponse:
    return kept(Answer(asked=URL, url=URL, at=AT + timedelta(minutes=minutes), status=status, body=body), sent)


def connection(
    *responses: KeptResponse, earlier: KeptResponse | None = None, cut_short: str | None = None
) -> KeptAnswers:
    visit = KeptVisit(id="v_1", begun_at=AT, asked_from=AT, ended_at=VISIT.ended_at, thorough=True, cut_short=cut_short)
    return KeptAnswers(visit, responses, lambda asked, sent: earlier, "hirewatch")


def ask(connection: KeptAnswers, url: str = URL, known: KnownPage | None = None, post: str | None = None) -> Answer:
    return asyncio.run(connection.ask(url, known=known, post=post))


def test_each_request_gets_the_answers_of_its_kind_in_their_order_and_the_last_one_for_good() -> None:
    kept_answers = connection(an_answer(b"one"), an_answer(b"page", sent="{}"), an_answer(b"two", minutes=1))
    assert [ask(kept_answers).body for _ in range(3)] == [b"one", b"two", b"two"]
    assert ask(kept_answers, post="{}").body == b"page"


def test_time_goes_on_with_the_answers() -> None:
    kept_answers = connection(an_answer(minutes=3))
    assert kept_answers.now == AT
    ask(kept_answers)
    assert kept_answers.now == AT + timedelta(minutes=3)


def test_not_modified_is_told_as_the_page_it_refers_to_where_that_page_is_not_known() -> None:
    kept_answers = connection(an_answer(status=304), earlier=an_answer(b"as before"))
    assert ask(kept_answers).body == b"as before"
    assert ask(kept_answers, known=KnownPage(url=URL)).status == 304


def test_what_was_never_kept_is_no_answer_and_is_named() -> None:
    kept_answers = connection()
    answer = ask(kept_answers)
    assert (answer.trouble, answer.whole, kept_answers.lacking) == (Trouble.CONNECTION, False, [URL])


def test_a_visit_that_was_cut_short_goes_no_further_the_second_time() -> None:
    kept_answers = connection(an_answer(b"one"), cut_short="stopped")
    assert ask(kept_answers).body == b"one"
    with pytest.raises(CutShort, match="stopped"):
        ask(kept_answers, "https://acme.example/jobs/2")


def test_robots_txt_is_the_one_of_that_time() -> None:
    robots = KeptResponse(
        asked="https://acme.example/robots.txt", at=AT, status=200, body=b"User-agent: *\nDisallow: /x\n"
    )
    rules = asyncio.run(connection(robots).rules("https://acme.example"))
    assert (rules.allows("https://acme.example/x"), rules.allows(URL)) == (False, True)
