"""Whether nothing can be missing at the end of a page. Pure."""

from __future__ import annotations

import re

from crawler.answers import Answer

#: elements whose end tags HTML lets nobody leave out: those that hold others, and those inside of a line
_HOLDING = b"article|aside|div|footer|form|header|main|nav|ol|section|table|ul"
_TAGS = re.compile(rb"<(/?)(?:(%s)|(a|button|h[1-6]|select|span))(?=[\s/>])[^<>]*>" % _HOLDING)
#: what holds no elements, until its own end
_RAW = re.compile(rb"<!--|<(script|style|svg|template|textarea|title)(?=[\s/>])")


def ends_well(answer: Answer) -> bool:
    """Nothing can be missing at the end of the page: its end tag stands there, or its length is proven.

    A declared length alone proves nothing for a page that opens `<html>` and does not close it: a proxy that cut the
    page declares what is left of it. But what HTML lets a page leave out, some leave out everywhere: there all that has
    to be closed is closed.
    """
    if b"</html" in answer.body[-2000:].lower():
        return True
    return answer.measured and (b"<html" not in answer.body[:4000].lower() or _is_closed(answer.body))


def _is_closed(body: bytes) -> bool:
    """Whether the page ends outside of every element that has to be closed, and holds its links inside of some: between
    rows that stand side by side at the top it could be cut."""
    left = _without_raw(body.lower())
    if left is None or not left.rstrip().endswith(b">"):
        return False
    depth = inside = 0
    for match in _TAGS.finditer(left):
        if match[2]:
            depth += -1 if match[1] else 1
        else:
            inside += -1 if match[1] else 1
            if depth <= 0 and match[3] == b"a":
                return False
    return depth == inside == 0


def _without_raw(body: bytes) -> bytes | None:
    """The body, in small letters, without scripts and comments; None where one of them does not end."""
    parts: list[bytes] = []
    place = 0
    while (match := _RAW.search(body, place)) is not None:
        end = b"</" + match[1] if match[1] else b"-->"
        ends = body.find(end, match.end())
        if ends < 0:
            return None
        parts.append(body[place : match.start()])
        place = ends + len(end)
    return b"".join((*parts, body[place:]))
