"""A query: read once, asked of many postings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from postings.query import grammar, tree
from postings.query.formula import AllOf, Formula, Test, columns, compiled, necessary
from postings.query.subject import Subject
from postings.query.tree import Node


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is asked of a posting. Made by `parse`."""

    #: as typed
    text: str
    #: None asks nothing: every posting matches
    tree: Node | None
    #: the same as plain tests, for storage
    formula: Formula
    _test: Test = field(repr=False)
    #: words of which a posting must hold one to match: most queries are answered by that alone, without a call
    _words: frozenset[str] | None = field(repr=False)

    def matches(self, subject: Subject, now: datetime) -> bool:
        """Whether the posting is what is asked for; what it does not state is no match. `now` is aware."""
        words = self._words
        if words is not None and words.isdisjoint(subject.words):
            return False
        return self._test(subject, now)

    def misses(self, subject: Subject, now: datetime) -> tuple[str, ...]:
        """The conditions, as typed, that the posting does not meet; none if it matches."""
        if self.tree is None:
            return ()
        return tuple(
            self.text[part.start : part.end]
            for part in tree.conditions(self.tree)
            if not compiled(tree.formula(part))(subject, now)
        )

    @property
    def asks_state(self) -> bool:
        """Whether it says itself if postings are open or closed."""
        return "state" in columns(self.formula)

    def in_words(self) -> str:
        """The query as a person would say it."""
        return tree.in_words(self.tree) if self.tree is not None else "everything"


def parse(text: str) -> Query:
    """The query of a text; a blank text asks nothing. Raises QueryError with the column and what to write instead."""
    root = grammar.read(text)
    asked = tree.formula(root) if root is not None else AllOf(())
    return Query(text=text, tree=root, formula=asked, _test=compiled(asked), _words=necessary(asked))
