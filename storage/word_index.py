"""The index of words: which postings a query can mean that names a word which few of them have.

It only sorts out: what it leaves is asked the whole question (`storage.searching`), so nothing here has to mean the
same as the query language. Its entries are the words of `folded_postings.text`, as they stand there between blanks.

PostgreSQL has it as a GIN index. SQLite has it as a table of FTS5, which knows a posting by a number, and which
triggers keep: nobody who writes has to know of it. They only note down which texts are new, since FTS5 takes 250
together in half of the time; those that are noted down are looked at by every search.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    DDL,
    ColumnElement,
    Connection,
    Select,
    Text,
    TextClause,
    and_,
    any_,
    case,
    column,
    event,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.engine import Engine

from postings.query import Query
from postings.query.folding import BETWEEN
from postings.query.formula import AllOf, AnyOf, Contains, Formula, of_words
from storage.engine import writing
from storage.tables import UtcDateTime, folded_postings, postings

#: signs of the longest word that is indexed: an index of PostgreSQL takes no entry of 2,712 bytes
LONGEST: Final = 199

#: where more than one of so many postings has the words, the index finds them no sooner than a look at all
_COMMON: Final = 4

#: how long after it was first seen a posting is recorded, at most
_SLOW: Final = timedelta(days=1)

#: the words of a text on PostgreSQL, by which queries must ask as it is written here. "C": in the order of bytes, which
#: no update of the server's system changes
_WORDS: Final = f"""string_to_array(regexp_replace(text COLLATE "C", '[^ ]{{{LONGEST + 1},}}', '', 'g'), ' ')"""
POSTGRESQL: Final = f"CREATE INDEX ix_folded_postings_words ON folded_postings USING gin ({_WORDS})"

#: how far back the numbers reach that are new; the last few of them come with the next texts
_SEEN: Final = """INSERT INTO posting_numbers_seen (number, newest)
        SELECT number, max(newest, coalesce((SELECT newest FROM posting_numbers_seen ORDER BY number DESC LIMIT 1), ''))
        FROM (
            SELECT number, max(first_seen) OVER (ORDER BY number) AS newest
            FROM posting_numbers CROSS JOIN postings ON postings.id = posting_id
            WHERE number > coalesce((SELECT max(number) FROM posting_numbers_seen), 0)
        ) WHERE number / 50 * 50 = number"""
#: what SQLite has instead, statement by statement
SQLITE: Final = (
    # the number by which the index knows a posting: those that SQLite gives rows itself may change in a copy
    """CREATE TABLE posting_numbers (
    number INTEGER NOT NULL PRIMARY KEY,
    posting_id TEXT NOT NULL UNIQUE
)""",
    # postings whose text the index does not know yet, and the text that it knows of them; null = none
    """CREATE TABLE unindexed_postings (
    place INTEGER NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    was TEXT
)""",
    # a row for each fifty numbers: when the last found of the postings up to that one was first seen
    """CREATE TABLE posting_numbers_seen (
    number INTEGER NOT NULL PRIMARY KEY,
    newest TEXT NOT NULL
)""",
    """CREATE VIEW posting_texts AS
SELECT number, text FROM posting_numbers CROSS JOIN folded_postings USING (posting_id)""",
    # a word is what stands between blanks: letters and digits of any script, and three signs that a folded word may
    # have
    """CREATE VIRTUAL TABLE posting_words USING fts5(
    text, content=posting_texts, content_rowid=number, detail=none, columnsize=0, tokenize="ascii tokenchars '.+#'"
)""",
    """CREATE TRIGGER folded_postings_added AFTER INSERT ON folded_postings BEGIN
    INSERT INTO posting_numbers (posting_id) VALUES (new.posting_id);
    INSERT INTO unindexed_postings (number)
        SELECT number FROM posting_numbers WHERE posting_id = new.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
END""",
    """CREATE TRIGGER folded_postings_changed AFTER UPDATE OF text ON folded_postings WHEN old.text <> new.text BEGIN
    INSERT INTO unindexed_postings (number, was)
        SELECT number, old.text FROM posting_numbers WHERE posting_id = new.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
END""",
    # the number may be given again, to a posting that was first seen later
    """CREATE TRIGGER folded_postings_removed AFTER DELETE ON folded_postings BEGIN
    INSERT INTO unindexed_postings (number, was)
        SELECT number, old.text FROM posting_numbers WHERE posting_id = old.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
    DELETE FROM posting_numbers_seen
        WHERE number >= (SELECT number FROM posting_numbers WHERE posting_id = old.posting_id);
    DELETE FROM posting_numbers WHERE posting_id = old.posting_id;
END""",
    f"""CREATE TRIGGER unindexed_postings_many AFTER INSERT ON unindexed_postings WHEN new.place >= 250 BEGIN
    INSERT INTO posting_words (posting_words, rowid, text)
        SELECT 'delete', number, was FROM unindexed_postings WHERE was IS NOT NULL ORDER BY number;
    INSERT INTO posting_words (rowid, text)
        SELECT number, text FROM (SELECT number FROM unindexed_postings ORDER BY number)
        CROSS JOIN posting_numbers USING (number) CROSS JOIN folded_postings USING (posting_id);
    DELETE FROM unindexed_postings;
    {_SEEN};
END""",  # noqa: S608
)
for _dialect, _statement in (("postgresql", POSTGRESQL), *(("sqlite", one) for one in SQLITE)):
    _made = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
    event.listen(folded_postings, "after_create", _made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The postings that a query can mean, or those of them that were found last."""

    #: a condition on `postings` that is quickly asked, holds for few of them, and for all that the query finds and
    #: that were first seen after `since`
    condition: ColumnElement[bool]
    #: None = for all that the query finds
    since: datetime | None


def newest(connection: Connection, query: Query, at_most: int) -> Newest | None:
    """What the words of a query name; where that is more than `at_most` postings, about so many that were found last.

    None where words do not tell, where so many have them that they are found as soon without, and where the index does
    not know which were found last.
    """
    asked = of_words(query.formula)
    if asked is None or connection.dialect.name != "sqlite":
        return None
    held = select(_index.c.rowid).where(_MATCH.op("MATCH")(_in_fts5(asked)))
    # FTS5 goes no further back than is asked for
    behind = held.add_columns(select(func.max(_numbers.c.number)).scalar_subquery().label("highest"))
    last = connection.execute(behind.order_by(_index.c.rowid.desc()).limit(1).offset(at_most)).one_or_none()
    if last is None:
        return Newest(condition=postings.c.id.in_(_of_numbers(held)), since=None)
    if last.highest - last.rowid < _COMMON * at_most:
        return None
    upto = select(_seen.c.newest).where(_seen.c.number >= last.rowid).order_by(_seen.c.number).limit(1)
    of_all = select(_seen.c.newest).order_by(_seen.c.number.desc()).limit(1)
    seen = connection.execute(select(upto.scalar_subquery().label("upto"), of_all.scalar_subquery().label("all"))).one()
    if seen.upto is None or seen.upto == seen.all:
        # numbers that follow are of postings that were found no later
        return None
    held = held.where(_index.c.rowid > last.rowid)
    return Newest(condition=postings.c.id.in_(_of_numbers(held)), since=seen.upto)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some of the postings that a query can mean."""

    #: a condition on `postings` that is quickly asked
    condition: ColumnElement[bool]
    #: it holds for one of so many; 1 = for all
    one_of: int


def sample(connection: Connection, query: Query, since: datetime, at_most: int) -> Sample | None:
    """All that have the words of a query and were first seen since then, and some that were before; where that is more
    than `at_most`, about a third of so many. Which ones follows from their numbers. None as `newest` says."""
    asked = of_words(query.formula)
    if asked is None or newest(connection, query, at_most) is None:
        return None
    older = select(_seen.c.number).where(_seen.c.newest < since - _SLOW).order_by(_seen.c.number.desc()).limit(1)
    held = select(_index.c.rowid).where(
        _MATCH.op("MATCH")(_in_fts5(asked)), _index.c.rowid > (connection.scalars(older).one_or_none() or 0)
    )
    there = connection.execute(select(func.count()).select_from(held.subquery())).scalar_one()
    one_of = 1 if there <= at_most else -(-3 * there // at_most)
    some = _of_numbers(held).where(_numbers.c.number % one_of == 0)
    return Sample(condition=postings.c.id.in_(some), one_of=one_of)


def few(connection: Connection, query: Query, at_most: int) -> ColumnElement[bool] | None:
    """A condition on `postings` that is quickly asked, holds for few of them, and for all that the query finds.

    None where words do not tell, or leave more than `at_most` postings.
    """
    asked = of_words(query.formula)
    if asked is None:
        return None
    return (_among_sqlite if connection.dialect.name == "sqlite" else _among_postgresql)(connection, asked, at_most)


def only_of(some: ColumnElement[bool], *rest: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    """A condition that `few` gave, and what else must hold, said so that no other index answers it: SQLite would follow
    that one, past all the others.
    """
    return and_(some, case((and_(*rest), 1)) == 1)


def lacking(connection: Connection, texts: Sequence[tuple[str, str]]) -> list[str]:
    """Which of these postings, given as (id, text), the index of SQLite does not know by words of their texts."""
    ids = [one for one, _text in texts]
    numbers = dict(
        connection.execute(select(_numbers.c.posting_id, _numbers.c.number).where(_numbers.c.posting_id.in_(ids))).all()
    )
    noted = set(connection.scalars(select(_noted.c.number).where(_noted.c.number.in_(numbers.values()))))
    return [
        one
        for one, words in ((one, text.split()) for one, text in texts)
        if (number := numbers.get(one)) is None
        or (number not in noted and words and not _knows(connection, number, words))
    ]


def passed_over(connection: Connection) -> int:
    """How many postings SQLite's index would leave out of a search, since it holds them for older than they are."""
    upto = select(_seen.c.newest).where(_seen.c.number >= _numbers.c.number).order_by(_seen.c.number).limit(1)
    wrong = postings.c.first_seen > upto.correlate(_numbers).scalar_subquery()
    query = select(func.count()).select_from(_numbers).join(postings, postings.c.id == _numbers.c.posting_id)
    return connection.execute(query.where(wrong)).scalar_one()


def _knows(connection: Connection, number: int, words: Sequence[str]) -> bool:
    # a text is indexed whole or not at all: three of its words tell
    some = {words[0], words[-1], max(words, key=len)} - {BETWEEN}
    asked = " AND ".join(f'"{word}"' for word in some)
    query = select(_index.c.rowid).where(_MATCH.op("MATCH")(asked), _index.c.rowid == number)
    return connection.execute(query).first() is not None


def rebuild(engine: Engine) -> None:
    """Makes the index anew from all texts; nothing is written meanwhile. Raises DatabaseError."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("REINDEX INDEX ix_folded_postings_words")
            return
        for statement in (
            "DELETE FROM posting_numbers WHERE posting_id NOT IN (SELECT posting_id FROM folded_postings)",
            "INSERT INTO posting_numbers (posting_id) SELECT posting_id FROM folded_postings"
            " WHERE posting_id NOT IN (SELECT posting_id FROM posting_numbers)",
            "INSERT INTO posting_words (posting_words) VALUES ('rebuild')",
            "DELETE FROM unindexed_postings",
            "DELETE FROM posting_numbers_seen",
            _SEEN,
        ):
            connection.exec_driver_sql(statement)


# -- SQLite

_MATCH: Final[ColumnElement[Any]] = literal_column("posting_words")
_index = table("posting_words", column("rowid"))
_numbers = table("posting_numbers", column("number"), column("posting_id"))
_noted = table("unindexed_postings", column("number"))
_seen = table("posting_numbers_seen", column("number"), column("newest", UtcDateTime()))


def _among_sqlite(connection: Connection, asked: Formula, at_most: int) -> ColumnElement[bool] | None:
    held = select(_index.c.rowid).where(_MATCH.op("MATCH")(_in_fts5(asked)))
    # FTS5 goes no further than is counted
    count = select(func.count()).select_from(held.limit(at_most + 1).subquery())
    return None if connection.execute(count).scalar_one() > at_most else postings.c.id.in_(_of_numbers(held))


def _of_numbers(held: Select[Any]) -> Select[Any]:
    """The postings of numbers that the index gave, and those that it does not know yet."""
    return select(_numbers.c.posting_id).where(_numbers.c.number.in_(held.union_all(select(_noted.c.number))))


def _in_fts5(asked: Formula) -> str:
    """The words in the language of FTS5."""
    match asked:
        case Contains():
            # a folded word holds no quote
            return f'"{asked.part.strip()}"'
        case AllOf() | AnyOf():
            return f"({(' AND ' if isinstance(asked, AllOf) else ' OR ').join(map(_in_fts5, asked.parts))})"
    raise TypeError(asked)


# -- PostgreSQL


def _among_postgresql(connection: Connection, asked: Formula, at_most: int) -> ColumnElement[bool] | None:
    among = select(folded_postings.c.posting_id).where(_in_gin(asked)).limit(at_most + 1)
    compiled = among.compile(connection, compile_kwargs={"render_postcompile": True})
    # a word that the server would rather look for in every text is one that most have
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params).scalar_one()
    if "Seq Scan" in json.dumps(plan):
        return None
    # by name: the server would guess how many they are, and look at all events sooner than at those of so many postings
    ids = connection.scalars(among).all()
    return None if len(ids) > at_most else postings.c.id == any_(literal(ids, ARRAY(Text)))


def _in_gin(asked: Formula) -> ColumnElement[bool]:
    match asked:
        case Contains() if len(asked.part.strip()) > LONGEST:
            return true()
        case Contains():
            return literal_column(_WORDS).op("@>")(func.string_to_array(asked.part.strip(), literal_column("' '")))
        case AllOf():
            # the server would split each text that has the words anew, to see if it has one of some others as well
            words = [part for part in asked.parts if isinstance(part, Contains)]
            return and_(*map(_in_gin, words or asked.parts[:1]))
        case AnyOf():
            return or_(*map(_in_gin, asked.parts))
    raise TypeError(asked)
