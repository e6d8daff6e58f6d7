"""The JobPosting behind a posting, as it stood in its page."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.engine import Engine

from storage import evidence, raws
from storage.engine import writing
from storage.tables import raw_postings
from tests.storage.rows import add_event, add_posting, add_site


def keep(engine: Engine, raw_hash: str, text: str) -> None:
    with writing(engine) as connection:
        connection.execute(insert(raw_postings).values(hash=raw_hash, content=raws.pack(text, None)))


def test_evidence_comes_back_as_it_stood_in_the_page(engine: Engine) -> None:
    text = '{"@type": "JobPosting", "title": "Schweißer \\ud83d\\udd25 ' + "x" * 5000 + '"}'
    keep(engine, "ff", text)
    site = add_site(engine)
    add_posting(engine, site, "p_1", raw_hash="ff")
    add_posting(engine, site, "p_2", raw_hash="00")
    assert evidence.of_posting(engine, "p_1") == text
    assert evidence.of_posting(engine, "p_2") is None


def test_a_reading_that_said_the_same_in_other_words_is_proved_by_the_newest_that_is_kept(engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1", raw_hash="00")
    for number, raw_hash in enumerate(("aa", "bb", None), 1):
        add_event(engine, site, number, "p_1", type="changed", raw_hash=raw_hash)
    keep(engine, "aa", "first")
    keep(engine, "bb", "second")
    assert evidence.of_posting(engine, "p_1") == "second"
