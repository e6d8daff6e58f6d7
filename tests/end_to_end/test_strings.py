"""Strings that break programs: each comes back from everywhere as it was read, whatever is made of it on the way."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import Engine

from crawler.extraction import read_page
from crawler.pages import Page
from delivery import formats
from postings.events import cloudevent
from postings.normalise import text as normalise_text
from postings.query import parse
from storage import events, exporting, postings, searching
from storage.engine import connect
from storage.schema import upgrade
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job

#: comes back as it is
PLAIN = [
    "true", "Infinity", "0", "00", "1e400", "0x7f", "-1", "1/0",
    "9" * 400, "1,000.00", "$1.00", "08", "2026-02-30", "9999-12-31T23:59:59-05:00", "Scunthorpe General", "Null O'Hara",
    "'", "''", '"', "`", "\\", "\\\\", "\\0", "\\u0000", "\\ud83d", "%00", "%s%n%x", "%(title)s", "{0}", "{title}",
    "$(touch x)", "`touch x`", "; rm -rf /", "| cat", "../../etc/passwd", "C:\\con\\aux", "con", "--help", "-e", "@x",
    "=1+1", "+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "1;DROP TABLE postings", "' OR 1=1 --", "1' UNION SELECT 1",
    "<%= 7 %>", "[[x]]", "* _x_ ~y~ #z", "title:welder", "-title:x OR y", '"unclosed', "(", "a OR",
    "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "ЁЂЃЄЅІЇЈ", "ثم نفس سقطت وبالتحديد", "社會科學院語學研究所", "찦차를 타고 온 펲시맨",
    "ﷺ ﷽", "Ⱥ Ⱦ İ ı ſ ẞ ß ŉ", "ﬁ ﬂ ﬀ", "Ａ＝１", "𝕋𝕙𝕖 𝔮𝔲𝔦𝔠𝔨", "👩🏽‍🏭🏳️‍🌈👨‍👩‍👧‍👦", "❤️ 💔", "e" + "\N{COMBINING ACUTE ACCENT}" * 60,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞", "ｶﾞｷﾞ", "Ϻ ϻ", "𐐀𐐨", "🇦🇧🇨", "ꙮ", "\N{MONGOLIAN VOWEL SEPARATOR}x",
    "=?utf-8?q?x?=", "Subject: x", "a,b;c\td".replace("\t", " "), "x" * 500, "👷" * 200,
]  # fmt: skip
#: what a program writes that has nothing to say, and what a template has left unfilled: no title of a page, and kept
#: where it comes some other way
NOTHING = ["undefined", "null", "NULL", "None", "nil", "NaN", "${HOME}", "{{7*7}}", "{% raw %}"]
#: forbidden characters in it, and what is left
CLEANED = {
    "NUL\0in it": "NULin it",
    "bell\a and escape\x1b[31m": "bell and escape[31m",
    "surrogate\ud83d": "surrogate",
    "not a letter\ufffe\uffff": "not a letter",
}


def page_of(title: str) -> Page:
    # escaped, so that what stands there is the very string
    script = json.dumps(
        {"@context": "https://schema.org", "@type": "JobPosting", "title": title, "description": "x " * 50}
    )
    body = '<script type="application/ld+json">' + script.replace("<", "\\u003c") + "</script>"
    return Page(url="https://acme.example/jobs/1", body=body.encode(), content_type="text/html; charset=utf-8")


def as_read(title: str) -> str:
    reading = read_page(page_of(title), links=True)
    assert reading.unreadable is None
    (found,) = reading.postings
    assert found.posting is not None
    return found.posting.title or ""


@pytest.mark.parametrize("text", PLAIN, ids=range(len(PLAIN)))
def test_a_string_is_read_as_it_stands(text: str) -> None:
    assert as_read(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", CLEANED, ids=range(len(CLEANED)))
def test_of_a_string_only_forbidden_characters_go(text: str) -> None:
    assert as_read(text) == CLEANED[text]


def test_without_cleaning_a_string_would_be_read_in_another_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise_text, "clean", lambda text: text)
    decomposed = "Cafe\N{COMBINING ACUTE ACCENT} \u200bmanager\ufffe"
    assert as_read(decomposed) != unicodedata.normalize("NFC", as_read(decomposed))


TITLES = {
    f"/jobs/{number}": unicodedata.normalize("NFC", text)
    for number, text in enumerate([*PLAIN, *NOTHING, *CLEANED.values()])
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An installation that has read all of them."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('strings')}/hirewatch.sqlite"
    engine = connect(url)
    upgrade(engine)
    watch = Watch(engine)
    job = a_job()
    watch.pages = {
        path: replace(job, title=title, organization=replace(job.organization, name=title), identifier=None)  # type: ignore[type-var]
        for path, title in TITLES.items()
    }
    watch.visit()
    yield engine
    engine.dispose()


def told(records: list[Any]) -> dict[str, tuple[str, str]]:
    """Titles and organisations by path."""
    return {
        record["url"].removeprefix("https://acme.example"): (record["title"], record["organization"]["name"])
        for record in records
    }


WHOLE = {path: (title, title) for path, title in TITLES.items()}


def records(engine: Engine) -> list[Any]:
    return [posting.record for batch in exporting.batches(engine) for posting in batch]


def test_a_string_is_kept(engine: Engine) -> None:
    assert told([posting.record for posting in postings.search(engine, state="all", limit=1_000)]) == WHOLE
    assert told([event.record for event in events.after(engine, 0, 1_000)]) == WHOLE


def test_a_string_is_told_in_json(engine: Engine) -> None:
    lines = [json.dumps(cloudevent(event, "0" * 32)) for event in events.after(engine, 0, 1_000)]
    assert told([json.loads(line)["data"]["posting"] for line in lines]) == WHOLE


def encoded(form: str, engine: Engine) -> bytes:
    encoder = formats.encoder(form, formats.POSTINGS)
    return encoder.add(records(engine)) + encoder.finish()


def test_a_string_is_exported(engine: Engine, tmp_path: Path) -> None:
    assert told([json.loads(line) for line in encoded("jsonl", engine).decode().splitlines()]) == WHOLE
    (tmp_path / "all.parquet").write_bytes(encoded("parquet", engine))
    rows = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert sorted(row["title"] for row in rows) == sorted(TITLES.values())
    cells = [row["title"] for row in csv.DictReader(io.StringIO(encoded("csv", engine).decode(), newline=""))]
    # what would be a formula stands behind an apostrophe
    assert sorted(cell[1:] if cell not in TITLES.values() else cell for cell in cells) == sorted(TITLES.values())


def test_a_string_is_answered_by_the_api(engine: Engine) -> None:
    found: list[Any] = []
    asked = "/api/v1/postings?state=all&limit=100"
    with browsing(Board(engine).app()) as client:
        while asked:
            answer = client.get(asked).json()
            found += answer["items"]
            asked = answer["next"]
    assert told(found) == WHOLE


def test_a_string_is_found(engine: Engine) -> None:
    missed = []
    for title in TITLES.values():
        # a quote ends what is quoted, and is no letter
        quoted = title.replace('"', " ")
        # an asterisk stands for any ending
        if not any(letter.isalnum() for letter in title) or len(title) > 300 or "*" in title:
            continue
        condition = searching.condition(parse(f'title:"{quoted}"'), Watch.now)
        found = [one.record["title"] for batch in exporting.batches(engine, condition=condition) for one in batch]
        if title not in found:
            missed.append(title)
    assert missed == []
