"""Terms that name something: words of a text, an employment type, a language, a site, one of a few answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from postings.query.errors import QueryError, nearest
from postings.query.folding import fold
from postings.query.formula import Compare, Contains, Operator
from postings.query.meaning import Meaning, Reader, Typed

#: of one word or phrase, folded: the longer it is, the longer a database may look for it
MOST_SIGNS: Final = 500


def read_words(value: Typed) -> Meaning:
    """A bare word or phrase: looked for in all that a posting says."""
    part, said = _pattern(value, "engineer*")
    return Meaning(test=Contains("text", part), said=f"contains *{said}*", denied=f"not {said}")


def text_reader(column: str, example: str, said: str, denied: str) -> Reader:
    """A field that is a text. `said` and `denied` have a place (`{}`) for the word."""

    def read(_sign: Operator | None, value: Typed) -> Meaning:
        part, shown = _pattern(value, example)
        return Meaning(test=Contains(column, part), said=said.format(shown), denied=denied.format(shown))

    return read


def _pattern(value: Typed, example: str) -> tuple[str, str]:
    """What to look for in a folded text, and how it is said."""
    text = value.text
    begin, end = text.startswith("*"), text.endswith("*") and len(text) > 1
    inner = text[begin : len(text) - end]
    if "*" in inner.strip("*"):
        raise QueryError(
            f"`*` stands at the beginning or the end of a word, not inside it, as in `{text[:40]}`",
            column=value.column,
            remedy=f"write it like {example}",
        )
    folded = fold(inner)
    if not folded:
        raise QueryError(
            f"`{text[:40]}` holds no letter or digit to look for",
            column=value.column,
            remedy=f"write it like {example}",
        )
    if len(folded) > MOST_SIGNS:
        raise QueryError(
            f"a word or phrase may have {MOST_SIGNS} letters, and this one has {len(folded):,}",
            column=value.column,
            remedy="make several of it",
        )
    said = f"{'…' if begin else ''}{inner.strip('*').strip()}{'…' if end else ''}"
    return folded[1 if begin else 0 : len(folded) - (1 if end else 0)], said


def read_type(_sign: Operator | None, value: Typed) -> Meaning:
    """An employment type: one of Google's eight, or a word for it in any language that pages are read in."""
    from postings.normalise.employment import TYPES, read_employment_types

    known = {name.replace("_", ""): name for name in TYPES}
    plain = value.text.replace("-", "").replace("_", "").replace(" ", "").upper()
    found = known.get(plain) or next(iter(read_employment_types(value.text)), None)
    if found is None:
        names = [name.replace("_", "").lower() for name in TYPES]
        raise QueryError(
            f"`{value.text[:40]}` is no employment type{nearest(value.text, names)}",
            column=value.column,
            remedy=f"types are {', '.join(names)}",
        )
    name = found.replace("_", " ").lower()
    return Meaning(test=Contains("types", f" {found} "), said=name, denied=f"not {name}")


def read_language_term(_sign: Operator | None, value: Typed) -> Meaning:
    """A language by tag or English name; `de` is also `de-AT`."""
    from postings.normalise.languages import read_language
    from postings.normalise.names import english

    tag = read_language(value.text)
    if tag is None:
        raise QueryError(
            f"`{value.text[:40]}` is no language", column=value.column, remedy="write it like lang:de or lang:german"
        )
    primary, *rest = tag.split("-")
    name = english("languages").get(primary, primary) + (f" ({'-'.join(rest)})" if rest else "")
    return Meaning(
        test=Contains("language", f" {tag.lower()} "), said=f"written in {name}", denied=f"not written in {name}"
    )


def read_site(_sign: Operator | None, value: Typed) -> Meaning:
    """A site by its whole name."""
    if not value.text.strip():
        raise QueryError("a site has a name", column=value.column, remedy="write it like site:acme")
    return Meaning(
        test=Compare("site", "=", value.text), said=f"from site {value.text}", denied=f"not from site {value.text}"
    )


def read_remote(_sign: Operator | None, value: Typed) -> Meaning:
    """Yes or no; a posting that does not say that it is remote is not."""
    answer = {"yes": True, "no": False, "true": True, "false": False}.get(value.text.casefold())
    if answer is None:
        raise QueryError(
            f"`remote` is yes or no, not `{value.text[:40]}`",
            column=value.column,
            remedy="write remote:yes or remote:no",
        )
    said, denied = "remote", "not remote"
    return Meaning(
        test=Compare("remote", "=", answer), said=said if answer else denied, denied=denied if answer else said
    )


def choice_reader(name: str, choices: Mapping[str, Meaning]) -> Reader:
    """A field that takes one of a few answers."""

    def read(_sign: Operator | None, value: Typed) -> Meaning:
        found = choices.get(value.text.casefold())
        if found is None:
            raise QueryError(
                f"`{name}:` does not know `{value.text[:40]}`{nearest(value.text, choices)}",
                column=value.column,
                remedy=f"it takes {', '.join(choices)}",
            )
        return found

    return read
