"""Makes text from pages and files fit to be shown: nothing in it can steer a terminal, break a line or turn its
direction.

What a page says is hostile. A title may hold escape sequences that retitle a window or rewrite the screen,
marks that turn the reading direction of everything after them, or line breaks that forge a second row.
"""

from __future__ import annotations

import re
from typing import Final

#: C0 and C1 controls, DEL, line and paragraph separators, bidirectional overrides and isolates, lone surrogates
UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")
#: the same in a text of several lines
UNSAFE_IN_LINES: Final = re.compile(UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_BLANKS = re.compile(r"[ \t\r\n]+")


def clean(text: object, *, keep_lines: bool = False) -> str:
    """The text without anything that a terminal would act on; in one line unless `keep_lines`."""
    if keep_lines:
        return UNSAFE_IN_LINES.sub("", str(text).replace("\r\n", "\n").replace("\t", "    "))
    return UNSAFE.sub("", _BLANKS.sub(" ", str(text))).strip()
