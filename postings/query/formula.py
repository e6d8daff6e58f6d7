"""What a query asks, taken down to a few plain tests of a subject's values; and how Python answers it.

A formula is true or it is not. A test of what a posting does not state is not true, and neither is its opposite
(`negate`): so unknown is never a match. Storage answers the same formulas in SQL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

from postings.query.subject import Subject

Operator = Literal["=", "!=", "<", "<=", ">", ">="]

#: a subject and now, and whether it holds
Test = Callable[[Subject, datetime], bool]

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)

#: texts whose words are all words of the whole text
_IN_TEXT: Final = frozenset({"text", "title", "employer"})

_OPPOSITE: Final[dict[Operator, Operator]] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class FromNow:
    """A time that is reckoned from now: an instant, or a day in UTC."""

    after: timedelta
    day: bool = False
    #: the instant is the midnight with which that day begins
    midnight: bool = False

    def at(self, now: datetime) -> datetime | date:
        """The time itself. `now` is aware."""
        try:
            found = now.astimezone(UTC) + self.after
        except OverflowError:
            found = _FIRST if self.after < timedelta() else _LAST
        if self.day:
            return found.date()
        return datetime.combine(found.date(), time(), UTC) if self.midnight else found


@dataclass(frozen=True, slots=True)
class Contains:
    """A folded text holds `part` (or does not)."""

    column: str
    part: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Compare:
    """A value compared with another one."""

    column: str
    operator: Operator
    value: str | bool | float | date | datetime | FromNow


@dataclass(frozen=True, slots=True)
class Known:
    """A posting states something (or does not)."""

    column: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts holds."""

    parts: tuple[Formula, ...]


Formula = Contains | Compare | Known | AllOf | AnyOf


def negate(formula: Formula) -> Formula:
    """The opposite: true where each value that it needs is known and the formula is not true."""
    match formula:
        case Contains():
            return replace(formula, holds=not formula.holds)
        case Compare():
            return replace(formula, operator=_OPPOSITE[formula.operator])
        case Known():
            return replace(formula, known=not formula.known)
        case AllOf():
            return AnyOf(tuple(map(negate, formula.parts)))
        case AnyOf():
            return AllOf(tuple(map(negate, formula.parts)))


def columns(formula: Formula) -> frozenset[str]:
    """The values of a subject that a formula looks at."""
    if isinstance(formula, AllOf | AnyOf):
        return frozenset().union(*map(columns, formula.parts))
    return frozenset({formula.column})


def necessary(formula: Formula) -> frozenset[str] | None:
    """Words of which one at least stands in the text of every subject that the formula is true of; None = not known."""
    match formula:
        case Contains():
            word = max(_words_of_text(formula), key=len, default=None)
            return None if word is None else frozenset({word})
        case AllOf():
            found = [words for words in map(necessary, formula.parts) if words is not None]
            # few and long words are rarely there
            return min(found, key=lambda words: (len(words), -min(map(len, words))), default=None)
        case AnyOf():
            words = [necessary(part) for part in formula.parts]
            return frozenset().union(*(one for one in words if one is not None)) if None not in words else None
        case _:
            return None


def of_words(formula: Formula) -> Formula | None:
    """What a formula asks of the whole words of the text: true of every subject that the formula is true of, and more.

    Made of `Contains` with one word each, `AllOf` and `AnyOf`, neither of which stands in one of its kind. None = words
    do not tell.
    """
    kind = AnyOf if isinstance(formula, AnyOf) else AllOf
    match formula:
        case Contains():
            parts: list[Formula | None] = [Contains("text", f" {word} ") for word in _words_of_text(formula)]
        case AllOf() | AnyOf():
            parts = [of_words(part) for part in formula.parts]
        case _:
            return None
    if kind is AnyOf and None in parts:
        return None
    # each once
    known: dict[Formula, None] = {}
    for part in parts:
        known |= dict.fromkeys(part.parts if isinstance(part, kind) else [part] if part is not None else [])
    return kind(tuple(known)) if len(known) > 1 else next(iter(known), None)


def _words_of_text(formula: Contains) -> list[str]:
    """Whole words of the text of every subject that the formula is true of."""
    if not formula.holds:
        return []
    words = _whole_words(formula.part)
    if formula.column in _IN_TEXT:
        return words
    # the code of a country is a word of the place only
    return [word for word in words if len(word) > len("DE")] if formula.column == "location" else []


def compiled(formula: Formula) -> Test:
    """The formula as a function, for many subjects."""
    match formula:
        case Contains():
            return _contains(formula)
        case Compare():
            return _compares(formula)
        case Known():
            return _knows(formula)
        case AllOf():
            return _all([compiled(part) for part in sorted(formula.parts, key=_cost)])
        case AnyOf():
            return _any([compiled(part) for part in sorted(formula.parts, key=_cost)])


def _contains(formula: Contains) -> Test:
    if formula.column == "text":
        return _mentions(formula.part, holds=formula.holds)
    value, part = operator.attrgetter(formula.column), formula.part
    if formula.holds:
        return lambda subject, _now: (text := value(subject)) is not None and part in text
    return lambda subject, _now: (text := value(subject)) is not None and part not in text


def _mentions(part: str, *, holds: bool) -> Test:
    """Looks for a whole word among the words, and for a phrase only where its longest whole word is there.

    That is the same as to look through the text, and takes no longer for a long one.
    """
    word = _longest_word(part)
    if part == f" {word} ":
        if holds:
            return lambda subject, _now: word in subject.words
        return lambda subject, _now: word not in subject.words
    if not word:
        if holds:
            return lambda subject, _now: part in subject.text
        return lambda subject, _now: part not in subject.text
    if holds:
        return lambda subject, _now: word in subject.words and part in subject.text
    return lambda subject, _now: word not in subject.words or part not in subject.text


def _longest_word(part: str) -> str:
    """The longest word that is whole; empty if none is."""
    return max(_whole_words(part), key=len, default="")


def _whole_words(part: str) -> list[str]:
    """The words that are whole, whatever stands around the part."""
    *whole, _ = part.split(" ")
    return whole[1:]


def _compares(formula: Compare) -> Test:
    value, compare, other = operator.attrgetter(formula.column), _COMPARE[formula.operator], formula.value
    if isinstance(other, FromNow):
        return lambda subject, now: (own := value(subject)) is not None and compare(own, other.at(now))
    return lambda subject, _now: (own := value(subject)) is not None and compare(own, other)


def _knows(formula: Known) -> Test:
    value, known = operator.attrgetter(formula.column), formula.known
    return lambda subject, _now: (value(subject) is not None) is known


def _all(tests: list[Test]) -> Test:
    if not tests:
        return lambda _subject, _now: True
    # most queries are of few terms, and a loop takes longer than what it runs
    match tests:
        case [first]:
            return first
        case [first, second]:
            return lambda subject, now: first(subject, now) and second(subject, now)
        case [first, second, third]:
            return lambda subject, now: first(subject, now) and second(subject, now) and third(subject, now)

    def every(subject: Subject, now: datetime) -> bool:
        # half of the time of `all`
        for test in tests:  # noqa: SIM110
            if not test(subject, now):
                return False
        return True

    return every


def _any(tests: list[Test]) -> Test:
    if not tests:
        return lambda _subject, _now: False
    if len(tests) == 1:
        return tests[0]

    def some(subject: Subject, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110
            if test(subject, now):
                return True
        return False

    return some


def _cost(formula: Formula) -> int:
    """What is quick to test, and rarely true, comes first."""
    match formula:
        case Contains():
            return 1 if formula.holds else 3
        case AllOf() | AnyOf():
            return sum(map(_cost, formula.parts))
        case _:
            return 2
