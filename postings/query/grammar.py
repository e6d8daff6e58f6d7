"""The grammar of the language, and the way from a text to a tree.

    either: every (OR every)*
    every:  term+
    term:   "-" term | "(" either ")" | FIELD value | FIELD "(" either ")" | value

Blanks mean AND. A field before a group holds for each value in it. `refusals` sees the tokens before the parser does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, cast

from postings.query.errors import QueryError
from postings.query.fields import parted, read_term
from postings.query.formula import Operator
from postings.query.meaning import Typed
from postings.query.refusals import check, check_text
from postings.query.tree import And, Node, Not, Or, Term

_GRAMMAR: Final = r"""
start: either
either: every (_OR every)*
every: term (_AND? term)*
term: value -> bare
    | NOT term -> no
    | LEFT either RIGHT -> group
    | FIELD value -> one
    | FIELD LEFT values RIGHT -> several
values: both (_OR both)*
both: word (_AND? word)*
word: value
    | NOT word -> no
    | LEFT values RIGHT -> group
value: WORD | PHRASE

_OR.3: /OR(?![^\s()"])/
_AND.3: /AND(?![^\s()"])/
NOT: "-"
LEFT: "("
RIGHT: ")"
FIELD.2: /[^\W\d_][^\W_]*(?:_[^\W_]+)*(?::(?:[<>]=?|=)?|[<>]=?|=)/
PHRASE: /"[^"]*"/
WORD: /[^\s()"-][^\s()"]*/
%ignore /\s+/
"""


def read(text: str) -> Node | None:
    """The tree of a query; None if it is blank. Raises QueryError."""
    check_text(text)
    text = text.translate(_QUOTES)
    if not text.strip():
        return None
    from lark.exceptions import UnexpectedCharacters

    try:
        return cast(Node, _parser().parse(text))
    except UnexpectedCharacters as error:
        # every other sign begins something
        raise QueryError(
            "the quote that opens here is never closed",
            column=cast(int, error.pos_in_stream) + 1,
            remedy='close it with "',
        ) from None


#: quotes as telephones write them
_QUOTES: Final = str.maketrans("“”„‟«»", '""""""')


class _Checked:
    """Stands between lexer and parser."""

    always_accept = ()

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        tokens = list(stream)
        check(tokens)
        return iter(tokens)


# -- the tree


@dataclass(frozen=True, slots=True)
class _Value:
    """A value whose field is not known yet."""

    typed: Typed
    start: int
    end: int


class _Builder:
    """Called by the parser when it has read a whole rule."""

    def start(self, children: list[Any]) -> Any:
        return children[0]

    def value(self, children: list[Any]) -> Any:
        token = children[0]
        text = str(token)[1:-1] if token.type == "PHRASE" else str(token)
        return _Value(Typed(text=text, column=token.start_pos + 1), token.start_pos, token.end_pos)

    def word(self, children: list[Any]) -> Any:
        return children[0]

    def bare(self, children: list[Any]) -> Any:
        return _bound(children[0], "", None, None)

    def no(self, children: list[Any]) -> Any:
        return Not(children[1], children[0].start_pos, children[1].end)

    def group(self, children: list[Any]) -> Any:
        return _spanning(children[1], children[0].start_pos, children[2].end_pos)

    def one(self, children: list[Any]) -> Any:
        return _bound(children[1], *parted(str(children[0])), children[0].start_pos)

    def several(self, children: list[Any]) -> Any:
        found = _bound(children[2], *parted(str(children[0])), None)
        found = _spanning(found, children[0].start_pos, children[3].end_pos)
        return replace(found, whole=True) if isinstance(found, And) else found

    def either(self, children: list[Any]) -> Any:
        return Or(tuple(children), children[0].start, children[-1].end) if len(children) > 1 else children[0]

    def every(self, children: list[Any]) -> Any:
        return And(tuple(children), children[0].start, children[-1].end) if len(children) > 1 else children[0]

    values = either
    both = every


def _bound(part: Any, name: str, sign: Operator | None, start: int | None) -> Any:
    """The values of a group as terms of its field."""
    if isinstance(part, _Value):
        begins = part.start if start is None else start
        return Term(read_term(name, sign, part.typed, begins + 1), begins, part.end)
    if isinstance(part, Not):
        return Not(_bound(part.part, name, sign, start), part.start, part.end)
    return replace(part, parts=tuple(_bound(one, name, sign, start) for one in part.parts))


def _spanning(part: Any, start: int, end: int) -> Any:
    return replace(part, start=start, end=end)


@cache
def _parser() -> Any:
    from lark import Lark

    return Lark(
        _GRAMMAR, parser="lalr", lexer="basic", postlex=_Checked(), transformer=_Builder(), maybe_placeholders=False
    )
