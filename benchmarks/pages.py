"""What a page of postings costs, and what it looks at: `python -m benchmarks.pages [--postings 300000]`.

Makes an SQLite database of invented postings by a few statements, in a temporary folder or at `--keep PATH`, where it is used
again; then asks for the first page that queries find, for its facets and for the next page. CPU of the fastest of five,
with the number of statements. Nothing is written but that database.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from postings.query import parse
from storage import paging
from storage.engine import connect, upgrade
from storage.facets import facets

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITES = 1_000
QUERIES = (
    "",
    "is:open OR is:closed",
    "site:site-5",
    "site:site-5 welder",
    "welder",
    "title:welder location:berlin",
    "remote:yes",
    "first:<30d nurse",
    "nobody",
)
_WORDS = "welder nurse baker cook engineer developer teacher driver clerk manager".split()
_PLACES = "Berlin Hamburg Oslo Paris London Madrid Rome Wien Zürich Graz Lyon Turin".split()
_TEXT = "we look for someone who works well every day with care in a team of nine people and likes what they do " * 10


def main() -> None:
    """Prints a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--postings", type=int, default=300_000)
    arguments.add_argument("--keep", type=Path, help="where the database is made, or already is")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "pages.sqlite"
        fresh = not path.exists()
        engine = connect(f"sqlite:///{path}")
        if fresh:
            upgrade(engine)
            begin = time.perf_counter()
            fill(engine, asked.postings)
            print(f"{asked.postings:,} postings made in {time.perf_counter() - begin:.0f} s")
        print("| query | first page | facets | next page | statements | count |\n| --- | --- | --- | --- | --- | --- |")
        for text in QUERIES:
            print(measured(engine, text))
        engine.dispose()


def fill(engine: Engine, count: int) -> None:
    """Postings of `SITES` sites, one found each minute up to now; every fourth is closed."""
    word, place = _chosen("i % 10", _WORDS), _chosen("(i / 7) % 12", _PLACES)
    first_seen = f"strftime('%Y-%m-%d %H:%M:%f000', {int(NOW.timestamp())} - ({count} - i) * 60, 'unixepoch')"
    kind = "CASE i % 3 WHEN 0 THEN 'PART_TIME' ELSE 'FULL_TIME' END"
    day = "'2026-11-24 00:00:00.000000'"
    closed = "CASE WHEN i % 4 = 0 THEN"
    posting_id = "'p_' || printf('%08x%08x', (i * 2654435761) % 4294967296, i)"
    body = f"""json_object('url', 'https://s.example/' || i, 'title', {word} || ' ' || i,
        'organization', json_object('name', 'Acme ' || (i % 400), 'url', NULL, 'logo', NULL), 'identifier', NULL,
        'locations', json_array(json_object('locality', {place}, 'region', NULL, 'country', 'DE', 'postal_code', NULL,
            'street', NULL, 'latitude', NULL, 'longitude', NULL, 'text', NULL)),
        'remote', json(CASE WHEN i % 9 = 0 THEN 'true' ELSE 'false' END), 'remote_regions', json_array(),
        'employment_types', json_array({kind}), 'salary', NULL, 'date_posted', NULL, 'valid_through', NULL,
        'description_text', '{_TEXT}', 'description_html', '<p>{_TEXT}</p>', 'language', 'en', 'direct_apply', NULL,
        'industry', NULL, 'skills', NULL, 'education', NULL, 'experience', NULL, 'syntax', 'json-ld')"""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"""{_numbers(SITES)} INSERT INTO sites (id, name, start_url, host_key, render, added_at, baseline_done, trust,
                health, fence) SELECT i + 1, 'site-' || i, 'https://s' || i || '.example/', 's' || i, 0, {day}, 1, '{{}}', '{{}}', 0
                FROM numbers"""
        )
        connection.exec_driver_sql(
            f"""{_numbers(count)} INSERT INTO postings (id, site_id, body, raw_hash, page, state, first_seen, last_seen,
                last_visit, last_read, missing_looks, links, closed_at, closed_reason, closed_recorded_at)
                SELECT {posting_id}, (i * 7919) % {SITES} + 1, {body}, printf('%032x', i), 's.example/' || i,
                {closed} 'closed' ELSE 'open' END, {first_seen}, {day}, 'v_1', {day}, 0, '[]',
                {closed} {day} END, {closed} 'gone' END, {closed} {day} END FROM numbers"""
        )
        connection.exec_driver_sql(
            f"""{_numbers(count)} INSERT INTO folded_postings (posting_id, title, employer, location, types, language, remote,
                described, text) SELECT {posting_id}, ' ' || {word} || ' ' || i || ' ', ' acme ' || (i % 400) || ' ',
                ' ' || lower({place}) || ' | germany | de ', ' ' || {kind} || ' ', ' en ', i % 9 = 0, 1,
                ' ' || {word} || ' ' || i || ' | acme ' || (i % 400) || ' | ' || lower({place}) || ' | {_TEXT}| ' FROM numbers"""
        )


def measured(engine: Engine, text: str) -> str:
    """A row of the table."""
    query = parse(text)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    first = _fastest(lambda: paging.first(engine, query, NOW, limit=50))
    statements.clear()
    found = paging.first(engine, query, NOW, limit=50)
    facets(engine, found.sample)
    asked_for = len(statements)
    counted = _fastest(lambda: facets(engine, found.sample))
    following = found.page.next
    after = _fastest(lambda: paging.page(engine, query, NOW, limit=50, after=following)) if following else None
    event.remove(engine, "before_cursor_execute", note)
    cells = (
        f"`{text}`",
        _shown(first),
        _shown(counted),
        _shown(after),
        asked_for,
        f"{found.count:,}{'+' if found.more else ''}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def _fastest(act: Callable[[], Any]) -> float:
    times = []
    for _ in range(5):
        begin = time.process_time()
        act()
        times.append(time.process_time() - begin)
    return min(times)


def _shown(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f} ms"


def _numbers(count: int) -> str:
    return f"WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count - 1})"


def _chosen(number: str, values: list[str]) -> str:
    cases = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return f"(CASE {number} {cases} END)"


if __name__ == "__main__":
    main()
