"""What queries cost: `python -m benchmarks.queries`.

Ten thousand saved searches are asked of one posting, one after the other as an outlet asks; then queries of each kind
are asked of many postings in the database: SQLite, and PostgreSQL where `--postgresql URL` names an empty database.
Postings and searches are made of invented words, as often as words of a language are used (Zipf). Prints tables and
writes nothing else.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, exc, func, insert, select

from postings import record as records
from postings.posting import Location, Organization, Posting, Salary
from postings.query import Query, Subject, parse
from postings.query.subject import looked_at
from storage import engine as engines
from storage import paging, schema, sites, tables

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BATCH = 1_000
ROUNDS = 3

#: what is asked of the database, from rare to common
ASKED = (
    "title:{rare}",
    "{rare}",
    "nowhere",
    "{common}",
    '"{common} {other}"',
    "{rare}*",
    "title:({common} OR {other}) location:berlin -{rare} salary>=70k",
    "remote:yes first:<7d",
    "-{common}",
)


class Language:
    """Invented words, the first ones far more common than the last."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        letters = "bcdfghklmnprstvwz"
        words = {
            "".join(
                self._random.choice(letters) + self._random.choice("aeiou") for _ in range(self._random.randint(1, 4))
            )
            for _ in range(20_000)
        }
        self.words = sorted(words)
        self._random.shuffle(self.words)
        self._weights = list(accumulate(1 / (place + 1) for place in range(len(self.words))))

    def said(self, number: int) -> list[str]:
        """So many words, as often as each is used."""
        return self._random.choices(self.words, cum_weights=self._weights, k=number)

    def posting(self, words: int) -> Posting:
        """A posting whose description has so many words."""
        pick = self._random.choice
        low = pick([45_000, 60_000, 75_000])
        return Posting(
            title=" ".join(self.said(4)).title(),
            organization=Organization(name=f"{self.said(1)[0].title()} GmbH"),
            locations=(Location(locality=pick(["Berlin", "Bonn", "Köln", "Ulm"]), country="DE"),),
            remote=pick([True, False, False]),
            employment_types=(pick(["FULL_TIME", "PART_TIME", "INTERN"]),),
            salary=pick([None, Salary(currency="EUR", min=low, max=low + 15_000, unit="YEAR")]),
            date_posted=date(2026, 11, 1),
            valid_through=date(2026, 12, 31),
            language=pick(["de", "en"]),
            description_text=" ".join(self.said(words)),
        )

    def search(self) -> str:
        """A saved search as people write them."""
        pick = self._random.choice
        kinds = (
            lambda: " ".join(self._rare(2)),
            lambda: f"title:{self._rare(1)[0]} location:{pick(['berlin', 'bonn', 'paris', 'ulm'])}",
            lambda: f"title:({' OR '.join(self._rare(3))}) -{self._rare(1)[0]} salary>=70k",
            lambda: f'"{" ".join(self._rare(2))}" remote:yes',
            lambda: f"{self._rare(1)[0]}* type:fulltime first:<7d",
            lambda: f"employer:{self._rare(1)[0]}",
        )
        return pick(kinds)()

    def _rare(self, number: int) -> list[str]:
        return self._random.choices(self.words[20:5_000], k=number)


def seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The shortest of some runs: other programs only ever make one longer."""
    taken = []
    for _ in range(ROUNDS):
        start = clock()
        run()
        taken.append(clock() - start)
    return min(taken)


def ask_one_posting(language: Language, searches: int, words: int) -> None:
    """Many searches, one posting."""
    texts = [language.search() for _ in range(searches)]
    start = time.process_time()
    queries = [parse(text) for text in texts]
    parsing = time.process_time() - start
    standing = records.Standing(id="p_1", site="acme", state="open", first_seen=NOW, last_seen=NOW)
    record = records.record(records.body(language.posting(words)), standing)
    folding = seconds(lambda: Subject.of(record), time.process_time)
    subject = Subject.of(record)
    matching = seconds(lambda: [query.matches(subject, NOW) for query in queries], time.process_time)
    hits = sum(query.matches(subject, NOW) for query in queries)
    print(f"{searches:,} searches against one posting of {words} words ({len(subject.text):,} characters), CPU:")
    print(f"  read them once   {parsing * 1_000:9.1f} ms   {parsing / searches * 1e6:8.1f} µs a search")
    print(f"  fold the posting {folding * 1_000:9.2f} ms")
    print(f"  ask them all     {matching * 1_000:9.2f} ms   {matching / searches * 1e6:8.2f} µs a search, {hits} match")


#: of a posting: its row, what it says, and what queries look at
_Rows = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def fill(engine: Engine, language: Language, number: int, words: int) -> None:
    """A site with so many postings."""
    site = sites.add(engine, name="acme", start_url="https://acme.example/", every=None, now=NOW)
    for rows in _batched(_rows(language, site.id, number, words)):
        with engines.writing(engine) as connection:
            said = [{"number": row["content"], "body": body} for row, body, _ in rows]
            connection.execute(insert(tables.contents), said)
            connection.execute(insert(tables.postings), [row for row, _, _ in rows])
            connection.execute(insert(tables.folded_postings), [folded for _, _, folded in rows])


def _rows(language: Language, site_id: int, number: int, words: int) -> Iterator[_Rows]:
    for place in range(number):
        body = records.body(language.posting(words))
        # as they are found, one after the other
        seen = NOW - timedelta(minutes=number - 1 - place)
        row = {
            "id": f"p_{place}",
            "site_id": site_id,
            "content": place + 1,
            "raw_hash": "0",
            "page": f"acme.example/{place}",
            "state": "open",
            "first_seen": seen,
            "last_seen": seen,
            "last_visit": "v_1",
            "last_read": seen,
            "missing_looks": 0,
            "links": [],
        }
        yield row, body, {"posting_id": row["id"], **looked_at(body)}


def _batched(rows: Iterator[_Rows]) -> Iterator[Sequence[Any]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def ask_database(engine: Engine, language: Language) -> None:
    """Each kind of query, of all postings."""
    # SQLite works in this process, where other programs cost it nothing of its CPU; PostgreSQL in one of its own
    clock = time.process_time if engine.dialect.name == "sqlite" else time.perf_counter
    names = {"common": language.words[2], "other": language.words[5], "rare": language.words[3_000]}
    for kind in ASKED:
        query = parse(kind.format(**names))
        found = paging.count(engine, query, NOW)
        counting = seconds(partial(paging.count, engine, query, NOW), clock)
        # as the command line shows them
        newest = seconds(partial(_newest, engine, query), clock)
        print(f"  {kind:<64} {found:>7,} {counting * 1_000:9.1f} ms {newest * 1_000:9.1f} ms")


def _newest(engine: Engine, query: Query) -> None:
    list(islice(paging.walk(engine, query, NOW, batch=20), 20))


def sizes(engine: Engine) -> str:
    """Bytes a posting with and without what queries look at."""
    with engines.reading(engine) as connection:
        number = connection.execute(select(func.count()).select_from(tables.postings)).scalar_one()
        if engine.dialect.name == "sqlite":
            of_table = (
                "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = '{}')"
            )
            of_index = (
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'posting_words%' OR name IN"
                " (SELECT name FROM sqlite_master WHERE tbl_name IN ('posting_numbers', 'unindexed_postings'))"
            )
        else:
            of_table = "SELECT pg_total_relation_size('{}')"
            of_index = "SELECT pg_relation_size('ix_folded_postings_words')"
        asked = (of_table.format("postings"), of_table.format("folded_postings"), of_index)
        try:
            postings, folded, words = (connection.exec_driver_sql(one).scalar_one() / number for one in asked)
        except exc.OperationalError:
            return "their size is not known: this SQLite lacks dbstat"
    # PostgreSQL counts the index with its table
    folded -= words if engine.dialect.name == "postgresql" else 0
    return f"bytes a posting: {postings:,.0f}, {folded:,.0f} for queries, {words:,.0f} for the index of their words"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=150, help="words of a description")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    arguments = parser.parse_args()
    ask_one_posting(Language(1), arguments.searches, arguments.words)
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'queries.db'}", *([arguments.postgresql] if arguments.postgresql else [])]
        for url in urls:
            language = Language(2)
            engine = engines.connect(url)
            schema.upgrade(engine, now=NOW)
            fill(engine, language, arguments.postings, arguments.words)
            if engine.dialect.name == "postgresql":
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE")
            print(
                f"\n{arguments.postings:,} postings in {engine.dialect.name}; {sizes(engine)}; {'CPU' if engine.dialect.name == 'sqlite' else 'time'}:"
            )
            print(f"  {'query':<64} {'found':>7} {'count':>12} {'20 newest':>12}")
            ask_database(engine, language)
            engine.dispose()


if __name__ == "__main__":
    main()
