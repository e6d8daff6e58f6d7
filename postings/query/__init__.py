"""The query language: one text, asked of a posting in Python or of all of them in the database, with equal answers.

`parse` reads a query, `Subject.of` prepares a posting's record for it, and `Query.matches` answers.
`storage.searching.condition` is the same question in SQL.
"""

from __future__ import annotations

from postings.query.errors import QueryError
from postings.query.query import Query, parse
from postings.query.subject import Subject

#: version of the language: kept with what people have typed in it
GRAMMAR = 1

__all__ = ["GRAMMAR", "Query", "QueryError", "Subject", "parse"]
