"""Whether nothing can be missing at the end of a page. Pure."""

from __future__ import annotations

import re

from crawler.answers import Answer

#: elements whose end tags HTML lets nobody leave out: those that hold others, and those inside of a line
_HOLDING = b"article|aside|div|footer|form|header|main|nav|ol|section|table|ul"
#: and the end tags of those that stand last on a page
_TAGS = re.compile(
    rb"<(?:(?P<last>/(?=(?:body|footer|noscript|script)[\s/>]))|(?P<closes>/))?"
    rb"(?:(?P<holds>%s)|(?P<inside>a|button|h[1-6]|select|span)|noscript|script|body)(?=[\s/>])[^<>]*>" % _HOLDING
)
#: what holds no elements, until its own end
_RAW = re.compile(rb"<!--|<(?P<name>script|style|svg|template|textarea|title)(?=[\s/>])(?P<data>[^<>]*ld\+json)?")
#: what shows nothing: end tags of what is around, empty elements, and those that never hold anything
_NOTHING = re.compile(
    rb"(?:\s|</[a-z][^<>]*>|<([a-z][a-z0-9-]*+)(?:\s[^<>]*+)?>\s*+</\1\s*+>|<(?:br|hr|img|input|link|meta)(?=[\s/>])[^<>]*+>)*+"
)


def ends_well(answer: Answer) -> bool:
    """Nothing can be missing at the end of the page: its end tag stands there, or its length is proven.

    A declared length alone proves nothing for a page that opens `<html>` and does not close it: a proxy that cut the
    page declares what is left of it. But what HTML lets a page leave out, some leave out everywhere: there all that has
    to be closed is closed, and what stands last is what stands at the end of pages.
    """
    if b"</html" in answer.body[-2000:].lower():
        return True
    return answer.measured and (b"<html" not in answer.body[:4000].lower() or _is_closed(answer.body))


def _is_closed(body: bytes) -> bool:
    """Whether the page ends outside of every element that has to be closed, behind a footer, a script or the end of its
    body, and holds its links inside of some: between blocks, or between rows that stand side by side at the top, it
    could be cut."""
    left = _without_raw(body.lower())
    if left is None:
        return False
    depth = inside = last = 0
    #: how far out something stood since the first link: a footer further in is one of a row
    outermost: int | None = None
    held = False
    for match in _TAGS.finditer(left):
        step = -1 if match["last"] or match["closes"] else 1
        if match["holds"]:
            held = True
            depth += step
        elif match["inside"]:
            inside += step
            if match["inside"] == b"a":
                if depth <= 0:
                    return False
                outermost = depth if outermost is None else outermost
        if outermost is not None:
            outermost = min(outermost, depth)
        if match["last"] and held and (outermost is None or depth <= outermost):
            last = match.end()
    return depth == inside == 0 and last > 0 and _NOTHING.fullmatch(left, last) is not None


def _without_raw(body: bytes) -> bytes | None:
    """The body, in small letters, without comments, scripts and the like, but for the end tags of scripts that hold no
    data; None where one of them does not end."""
    parts: list[bytes] = []
    place = 0
    while (match := _RAW.search(body, place)) is not None:
        name = match["name"]
        end = b"</" + name if name else b"-->"
        ends = body.find(end, match.end())
        behind = body.find(b">", ends)
        if ends < 0 or behind < 0:
            return None
        parts.append(body[place : match.start()])
        if name == b"script" and not match["data"]:
            parts.append(b"</script>")
        place = behind + 1
    return b"".join((*parts, body[place:]))
