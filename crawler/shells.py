"""Whether a page is an empty shell: it shows nothing before its scripts have run. Asked where no posting was found."""

from __future__ import annotations

import re

#: bytes of a page that are looked at: the head of a shell may hold long scripts
_LOOKED_AT = 1024 * 1024
#: a page with more words than this shows something: a menu, a footer and a "please wait" have fewer
_FEW_WORDS = 60
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_TAG = re.compile(r"(/?)([a-zA-Z]+)")
_WORD = re.compile(r"\w{2,}")


def is_shell(body: bytes) -> bool:
    """Whether an HTML page has scripts and next to no words outside of them. Takes time by its length, whatever it
    holds."""
    words = scripts = 0
    silent: str | None = None
    for number, part in enumerate(body[:_LOOKED_AT].decode("utf-8", "replace").split("<")):
        tag = _TAG.match(part) if number else None
        closing, name = (tag[1], tag[2].lower()) if tag else ("", "")
        if silent is not None:
            if not closing or name != silent:
                scripts += silent == "head" and name == "script" and not closing
                continue
            silent = None
        elif name in _SILENT and not closing:
            scripts += name == "script"
            silent = name
            continue
        text = part.partition(">")[2] if tag else part
        words += len(_WORD.findall(text))
        if words > _FEW_WORDS:
            return False
    return scripts > 0
