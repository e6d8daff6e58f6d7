"""What of a page's text may stand in a message, a feed or a page of ours.

Every text of a page is hostile. Here, and nowhere else, it is made fit for a header or a line (`one_line`), for
Markdown (`markdown`) and for the target of a link (`link`); what becomes HTML is escaped by its template besides.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_URL_LIMIT = 2083

#: what changes how the rest of a line is read or shown, or breaks it: controls, surrogates, format characters
#: (bidirectional overrides among them), line and paragraph separators, private and unassigned code points
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: format characters without which words of some scripts and emoji fall apart (ZWNJ, ZWJ)
_KEPT = frozenset({"\u200c", "\u200d"})
#: what some kinds of Markdown cannot escape, and what looks like it
_TWINS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})


def one_line(text: object, limit: int) -> str:
    """`text` on one line, without anything that could break or disguise it, at most `limit` characters long.

    Also takes apart what a mail program would read as an encoded word (RFC 2047): its contents would come back
    as they were before the cleaning.
    """
    # a page's text can be long, and what is far behind the limit is not shown anyway
    normal = unicodedata.normalize("NFC", str(text)[: limit * 8])
    # most texts hold nothing of the kind, which Python knows at once
    fit = normal if normal.isprintable() else "".join(map(_fit, normal))
    line = " ".join(fit.split()).replace("=?", "= ?")
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    # not between a letter and its accents, nor within a joined emoji
    while cut and (unicodedata.combining(line[len(cut)]) or line[len(cut)] in _KEPT or cut[-1] in _KEPT):
        cut = cut[:-1]
    return cut.rstrip() + "…"


def _fit(character: str) -> str:
    return character if character in _KEPT or unicodedata.category(character) not in _UNFIT else " "


def link(url: object) -> str | None:
    """`url` if it is an http(s) address that may stand in a message, else None."""
    if not isinstance(url, str) or len(url) > _URL_LIMIT or not re.fullmatch(r"[!-~]+", url):
        return None
    if any(character in url for character in "<>\"'\\`"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def markdown(text: str) -> str:
    """Cleaned text as any kind of Markdown shows it literally: no markup, no link, no mention.

    What some kinds cannot escape is replaced by its twin: `*`, `~` and the backtick. Behind an @ stands a space of no
    width, so that nobody is called.
    """
    literal = re.sub(r"[\\_\[\]<>|]", r"\\\g<0>", text.translate(_TWINS))
    literal = re.sub(r"@(?=\S)", "@\u200b", literal)
    # at the beginning of a line: a heading, a list, a rule
    return re.sub(r"^(?:[#+=-]|\d{1,9}(?=[.)]))", _escape_first, literal)


def markdown_address(url: str) -> str:
    """A link's address as it may stand in the brackets of a Markdown link."""
    return url.replace("(", "%28").replace(")", "%29").replace("*", "%2A")


def _escape_first(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"
