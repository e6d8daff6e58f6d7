"""The form in which texts are compared: no case, no accents, only words with single blanks between them.

The words of a query and the texts of a posting are folded alike, and one is looked for in the other as it stands. So
`java` is " java " in the text, `java*` is " java", and neither Python nor a database needs to know what a word is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: stands between two texts that are searched as one; no word holds it, so no phrase reaches across
BETWEEN = "|"

# U+0300-036F: what makes é of e
_ACCENTS = dict.fromkeys(range(0x300, 0x370))

# scripts without blanks between words, or (Hangul) with endings that stick to them: each sign is a word
_EACH_SIGN = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # iteration mark, closing mark, zero
    (0x3040, 0x30FF),  # Kana
    (0x3130, 0x318F),  # Hangul compatibility Jamo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),  # Hangul Jamo extensions
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),  # Han
    (0x1B000, 0x1B16F),  # Kana supplements
    (0x20000, 0x3FFFF),  # Han
)
# what a sign can be beside a word: part of it in `.net`, `c++` and `c#`, nothing elsewhere
_BESIDE = frozenset(".+#")

#: one dot, or plus and hash in a row. Begins with a set of signs: only so does `re` look for it fast
_MARKS = re.compile(r"[.+#](?:(?<=\.)|[+#]*)")

# Most of most texts is ASCII, and neither composes with what is not nor is changed by it: what stands between is
# folded by itself, and comes again and again.
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f][^\x00-\x7f]*")
_SHORT = 20


# a hostile text may hold every sign there is; living scripts have fewer
_MOST_SIGNS = 50_000


class _Signs(dict[int, str]):
    """What each sign becomes: itself in a word, else a blank. Worked out when a sign is first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if sign in _BESIDE:
            found = sign
        elif not (sign.isalnum() or unicodedata.category(sign).startswith("M")):
            found = " "
        elif any(first <= code <= last for first, last in _EACH_SIGN):
            found = f" {sign} "
        else:
            found = sign
        if len(self) < _MOST_SIGNS:
            self[code] = found
        return found


_SIGNS = _Signs()


def fold(text: str) -> str:
    """The words of a text, folded, single blanks between them and at both ends; empty if there is none.

    NFKD without U+0300-036F, NFKC, casefold. A word keeps a leading `.` (`.net`) and trailing `+` and `#`; each sign
    of Han, Kana, Hangul, Thai, Lao, Khmer and Myanmar is a word of its own. Takes time in proportion to the text,
    whatever it holds; a NUL or a lone surrogate is no part of a word.
    """
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_beyond_ascii, text)
    # a dot before a blank is part of no word, and most texts hold few others of the three signs
    text = text.casefold().translate(_SIGNS).replace(". ", " ")
    words = _MARKS.sub(_mark, text).split()
    return f" {' '.join(words)} " if words else ""


def _beyond_ascii(found: re.Match[str]) -> str:
    return _often(found[0]) if len(found[0]) <= _SHORT else _without_accents(found[0])


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).translate(_ACCENTS))
    return text.casefold().translate(_SIGNS)


_often = lru_cache(maxsize=4_096)(_without_accents)


def _mark(found: re.Match[str]) -> str:
    """A dot begins a word where nothing stands before it; plus and hash end one where no letter comes behind."""
    text, start, end = found.string, found.start(), found.end()
    before = text[start - 1] if start else " "
    behind = text[end] if end < len(text) else " "
    if found[0] == ".":
        return " ." if before in " +#" and behind not in " .+#" else " "
    return found[0] if before not in " ." and behind in " ." else " "


def together(*texts: str | None) -> str:
    """Several texts as one to search in; no phrase reaches from one into the next. Empty if they hold no word."""
    return BETWEEN.join(folded for text in texts if text and (folded := fold(text)))
