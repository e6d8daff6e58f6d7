"""A query as it was understood: terms joined by AND, OR and NOT; and what they ask, as one formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postings.query.formula import AllOf, AnyOf, Formula, negate
from postings.query.meaning import Meaning


@dataclass(frozen=True, slots=True)
class Term:
    """One word, phrase or field."""

    meaning: Meaning
    #: where it stands in the query
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not be so."""

    part: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    """Each part must be so."""

    parts: tuple[Node, ...]
    start: int
    end: int
    #: it is typed as one: the values of a field
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts must be so."""

    parts: tuple[Node, ...]
    start: int
    end: int


Node = Term | Not | And | Or


def formula(node: Node, *, negated: bool = False) -> Formula:
    """What a node asks, or its opposite. Negation goes down to the terms, so that unknown stays unknown."""
    match node:
        case Term():
            test = negate(node.meaning.test) if negated else node.meaning.test
            guard = node.meaning.guard
            return AllOf((guard, test)) if guard is not None else test
        case Not():
            return formula(node.part, negated=not negated)
        case And() | Or():
            parts = tuple(formula(part, negated=negated) for part in node.parts)
            return AllOf(parts) if isinstance(node, And) is not negated else AnyOf(parts)


def conditions(node: Node) -> Iterator[Node]:
    """The parts that must all be so, the smallest that stand alone as they are typed."""
    if isinstance(node, And) and not node.whole:
        for part in node.parts:
            yield from conditions(part)
    else:
        yield node


def in_words(node: Node, *, negated: bool = False, inside: bool = False) -> str:
    """The node in words; in brackets where it stands `inside` another one and would be read wrongly."""
    match node:
        case Term():
            return node.meaning.denied if negated else node.meaning.said
        case Not():
            return in_words(node.part, negated=not negated, inside=inside)
        case And() | Or():
            both = isinstance(node, And) is not negated
            parts = [in_words(part, negated=negated, inside=True) for part in node.parts]
            joined = (", " if both and not inside else " and " if both else " or ").join(parts)
            return f"({joined})" if inside else joined
