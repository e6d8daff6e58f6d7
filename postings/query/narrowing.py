"""A query made narrower by a term, or wider by leaving one out: what a click on a facet does. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from postings.query import tree
from postings.query.errors import QueryError
from postings.query.query import Query, parse
from postings.query.tree import Or

# a value that is one word as it stands; the joining words are typed in quotes
_PLAIN: Final = re.compile(r"(?!(?:OR|AND)\Z)[^\W_][\w.]*")


# pages offer the same places and sites again and again
@lru_cache(maxsize=1_000)
def term(field: str, value: str) -> str | None:
    """`FIELD:VALUE` as a person would type it; None where the language cannot ask for that value.

    Whatever the value holds, it stays one value: it is quoted, and what would end the quotes cannot be asked for.
    """
    text = f"{field}:{value}" if _PLAIN.fullmatch(value) else f'{field}:"{value}"'
    if '"' in value or "*" in value:
        return None
    try:
        query = parse(text)
    except QueryError:
        return None
    return text if isinstance(query.tree, tree.Term) else None


def narrowed(query: Query, wanted: str) -> str:
    """The text of `query` with the term `wanted` as well."""
    if query.tree is None:
        return wanted
    text = query.text.strip()
    return f"({text}) {wanted}" if _falls_apart(text) else f"{text} {wanted}"


@lru_cache(maxsize=10)
def _falls_apart(text: str) -> bool:
    """Whether another term behind a query would not belong to all of it: OR binds less than standing side by side."""
    return isinstance(parse(f"{text} also").tree, Or)


def without(query: Query, unwanted: str) -> str:
    """The text of `query` without the conditions that are typed like `unwanted`."""
    return " ".join(text for text in terms(query) if text.casefold() != unwanted.casefold())


def terms(query: Query) -> tuple[str, ...]:
    """The conditions that must all be so, each as it is typed; joined by blanks they are the query again."""
    if query.tree is None:
        return ()
    parts = list(tree.conditions(query.tree))
    texts = [query.text[part.start : part.end] for part in parts]
    if len(parts) > 1:
        # one that stands alone may be an OR without brackets; beside others it has them
        return tuple(texts)
    return (query.text.strip(),)
