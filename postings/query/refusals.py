"""What no query may hold, found between two of its tokens before the parser runs.

So a message says what to write, and not what a parser expected. What passes here is in the grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from postings.query.errors import QueryError
from postings.query.fields import field_named, parted

#: limits of one query: characters, words and values, brackets and minus signs in each other
MOST_CHARACTERS: Final = 4_000
MOST_TERMS: Final = 200
MOST_NESTING: Final = 20

_JOINING: Final = frozenset({"_OR", "_AND"})
_VALUES: Final = frozenset({"WORD", "PHRASE"})


@dataclass(frozen=True, slots=True)
class _Bracket:
    """One that is open."""

    column: int
    #: minus signs right before it
    minus: int
    #: it holds the values of a field
    values: bool


def check_text(text: str) -> None:
    """Raises QueryError for a text that is too long or holds what cannot be seen."""
    if len(text) > MOST_CHARACTERS:
        raise QueryError(
            f"the query has {len(text):,} characters, and may have {MOST_CHARACTERS:,}",
            column=MOST_CHARACTERS + 1,
            remedy="make two of it",
        )
    for column, sign in enumerate(text, 1):
        if not sign.isspace() and (sign < " " or "\x7f" <= sign < "\xa0" or "\ud800" <= sign < "\ue000"):
            raise QueryError("a control character stands here", column=column, remedy="leave it out")


def check(tokens: Sequence[Any]) -> None:
    """Raises QueryError for the first thing that is wrong with the tokens of a query."""
    brackets: list[_Bracket] = []
    minus = terms = 0
    before: Any = None
    for token in tokens:
        kind, column = token.type, token.start_pos + 1
        _check_pair(before, token, tokens)
        in_values = bool(brackets) and brackets[-1].values
        if kind == "RIGHT":
            if not brackets:
                raise QueryError("this bracket closes none", column=column, remedy="leave it out, or open one with (")
            brackets.pop()
        elif kind == "LEFT":
            of_field = before is not None and before.type == "FIELD"
            brackets.append(_Bracket(column, minus, in_values or of_field))
        elif kind == "FIELD" and in_values:
            raise QueryError(
                "a field stands inside the values of another one", column=column, remedy="close the bracket before it"
            )
        minus = minus + 1 if kind == "NOT" else 0
        if sum(1 + bracket.minus for bracket in brackets) + minus > MOST_NESTING:
            raise QueryError(
                f"more than {MOST_NESTING} brackets or minus signs stand in each other",
                column=column,
                remedy="use fewer",
            )
        terms += kind in _VALUES
        if terms > MOST_TERMS:
            raise QueryError(f"the query has more than {MOST_TERMS} words", column=column, remedy="make two of it")
        before = token
    _check_pair(before, None, tokens)
    if brackets:
        raise QueryError(
            "the bracket that opens here is never closed", column=brackets[-1].column, remedy="close it with )"
        )


def _check_pair(before: Any, token: Any, tokens: Sequence[Any]) -> None:
    """What may stand behind what; None is the beginning and the end."""
    first = before.type if before is not None else None
    second = token.type if token is not None else None
    adjacent = before is not None and token is not None and before.end_pos == token.start_pos
    if first == "FIELD":
        _check_value(before, token if adjacent else None, tokens)
    elif first == "NOT":
        if not adjacent or second in _JOINING or second == "RIGHT":
            raise QueryError(
                "`-` needs a word right behind it, as in -senior",
                column=before.start_pos + 1,
                remedy="leave it out, or write the word behind it",
            )
    elif first in _JOINING and second in {"RIGHT", None}:
        _miss(before, "behind")
    elif first in {*_JOINING, "LEFT", None} and second in _JOINING:
        _miss(token, "before")
    elif first == "LEFT" and second == "RIGHT":
        raise QueryError("the brackets are empty", column=before.start_pos + 1, remedy="write something between them")


def _check_value(field: Any, value: Any, tokens: Sequence[Any]) -> None:
    """What stands right behind a field."""
    name, _ = parted(str(field))
    example = field_named(name, field.start_pos + 1, quoted=_run(tokens, field).replace('"', "")[:80]).example
    if value is not None and value.type == "NOT":
        raise QueryError(
            "`-` stands before the field, not behind it", column=value.start_pos + 1, remedy=f"write -{field}…"
        )
    if value is None or value.type not in {*_VALUES, "LEFT"}:
        raise QueryError(f"`{field}` needs a value right behind it, as in {example}", column=field.start_pos + 1)


def _miss(token: Any, where: str) -> NoReturn:
    word = token.type.removeprefix("_")
    raise QueryError(
        f"nothing stands {where} `{word}`",
        column=token.start_pos + 1,
        remedy=f'write a {word} b, or "{word.lower()}" for the word',
    )


def _run(tokens: Sequence[Any], first: Any) -> str:
    """What stands there up to the next blank."""
    run, end = "", first.start_pos
    for token in tokens:
        if token.start_pos == end:
            run, end = run + str(token), token.end_pos
    return run
