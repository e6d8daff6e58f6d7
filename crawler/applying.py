"""Whether a page lets people apply: a link, a button or a form that says so, and that can be used.

The bytes of the page are searched: most live pages say it in the first place that is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from crawler.banners import APPLY, Words
from postings.posting import Posting

# stands in addresses and class names whatever language a page is in
_APPLY = b"pply"
#: places where an apply word occurs that are looked at, for each word
_OCCURRENCES = 60
#: so many links for applying that lead to other jobs are a list of similar ones
LEAST_OTHERS = 3
#: bytes before an apply word within which the link or button that holds it begins
_REACH = 800
#: parts of what `_CLOSED_CONTROL` finds
_DOUBTS = (b"disabled", b"expired", b"filter", b"how", b"other", b"similar", b"coupon")
_CLOSED_CONTROL = re.compile(
    rb"[\s\"'](?:is-|btn-|button-)?disabled[\s\"'>=/]|aria-disabled\s*=\s*[\"']?true|expired|how[-_ +]?to[-_ +]?apply"
    rb"|apply[-_ ]?(?:all[-_ ]?)?filter|filter[-_ ]?apply|apply[-_ ]?(?:for[-_ ]?|to[-_ ]?)?(?:other|similar|coupon)"
)
# its first character first: patterns that begin with a look behind are tried at every byte
_ID = re.compile(
    rb"[0-9a-f](?<![0-9a-z%].)(?:[0-9a-f]{7}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=[0-9])[0-9]{3,})"
    rb"(?![0-9a-z])"
)
_OPENS = (b"<a ", b"<a\n", b"<button", b"<form", b"<input")


def is_open_at_sight(source: bytes, start: int, own: frozenset[bytes]) -> bool:
    """Whether the page lets people apply in a word that stands in addresses and class names whatever its language is.

    `start` is where its body begins in `source`, `own` the ids of the posting (`ids_of`); none where there is none.
    """
    return _can_apply(source, _APPLY, start, own)


def is_open_in_words(
    words: Words, source: bytes, start: int, own: frozenset[bytes], languages: tuple[str, ...]
) -> bool:
    """The same in the words that these languages have for it; `words` are those of the page's short texts."""
    return any(
        _can_apply(source, word, start, own)
        for text, word in _apply_words(languages)
        if text in (words.whole if b" " in text else words.every if text.isascii() else words.foreign)
    )


@cache
def _apply_words(languages: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Words for applying in lower case, each with the part of it by which a page is searched for it.

    A first letter may be a capital: the rest of the word will do. `apply` is not among them.
    """
    known = [language for language in languages if language in APPLY] or list(APPLY)
    words = dict.fromkeys(word for language in ("en", *known) for word in APPLY[language])
    return tuple(
        (word.encode(), word[1:].encode() if word[0].lower() != word[0].upper() else word.encode()) for word in words
    )


def ids_of(posting: Posting) -> frozenset[bytes]:
    """The ids by which links of a page that lead to this posting are known."""
    identifier = posting.identifier.value if posting.identifier else ""
    return frozenset(_ID.findall(f"{posting.url or ''} {identifier}".lower().encode()))


def _can_apply(source: bytes, word: bytes, start: int, own: frozenset[bytes]) -> bool:
    """Whether a link, a button or a form of the page, in its text or its attributes, holds the word.

    Not those of a list of similar jobs: several, each with an id in its address that is not the posting's own.
    """
    others: set[frozenset[bytes]] = set()
    for control in _controls(source, word, start):
        ids = frozenset(_ID.findall(control)) if own else frozenset()
        if not ids or ids & own:
            return True
        others.add(ids)
    return 0 < len(others) < LEAST_OTHERS


def _controls(source: bytes, word: bytes, start: int) -> Iterator[bytes]:
    at = source.find(word, start)
    for _ in range(_OCCURRENCES):
        if at < 0:
            return
        before = source[max(0, at - _REACH) : at].lower()
        opened = before.rfind(b"<")
        while opened >= 0 and not before.startswith(_OPENS, opened):
            opened = before.rfind(b"<", 0, opened)
        if opened >= 0 and _is_open(before, opened) and not _in_script(source, at):
            end = source.find(b"</", at)
            control = before[opened:] + source[at : min(end if end >= 0 else at + 80, at + 300)].lower()
            if not any(doubt in control for doubt in _DOUBTS) or not _CLOSED_CONTROL.search(control):
                yield control
        at = source.find(word, at + len(word))


def _is_open(before: bytes, opened: int) -> bool:
    """Whether the element that begins at `opened` goes on to the end: a form or an input only within its tag."""
    if before[opened + 1 : opened + 2] in (b"a", b"b"):
        return before.find(b"</a", opened) < 0 and before.find(b"</button", opened) < 0
    return before.find(b">", opened) < 0


def _in_script(source: bytes, at: int) -> bool:
    opened, ended = source.rfind(b"<script", 0, at), b"</script"
    if opened < 0 or source.find(ended, opened, at) >= 0:
        opened, ended = source.rfind(b"<!--", max(0, at - 4 * _REACH), at), b"-->"
    return opened >= 0 and source.find(ended, opened, at) < 0
