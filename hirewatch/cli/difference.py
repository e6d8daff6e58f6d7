"""How a field that differs between two versions of a posting is shown. Every text that comes out is clean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from postings import versions, wording
from postings.cleaning import clean

if TYPE_CHECKING:
    from rich.text import Text

_MARKED = re.compile(r"\[-.*?-\]|\{\+.*?\+\}")


class Difference:
    """One field, for people and programs."""

    def __init__(self, difference: versions.Difference) -> None:
        self.name = difference.name
        self._before = difference.before
        self._after = difference.after
        self._pieces: tuple[versions.Piece, ...] = ()
        texts = (self._before, self._after)
        if self.name in versions.TEXTS and all(isinstance(text, str) for text in texts):
            self._pieces = versions.pieces(self._before, self._after)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Lines with their style. In texts `[-…-]` was taken out and `{+…+}` put in."""
        if self._pieces:
            yield from ((line, "") for line in self._changed_lines())
            return
        before, after = wording.change(self.name, self._before, self._after)
        yield f"- {clean(before) or '(none)'}", "red"
        yield f"+ {clean(after) or '(none)'}", "green"

    def to_json(self) -> dict[str, Any]:
        """Both values; of a text also the pieces."""
        found = {"before": self._before, "after": self._after}
        if self._pieces:
            found["pieces"] = [{"kind": piece.kind, "text": piece.text} for piece in self._pieces]
        return found

    @staticmethod
    def styled(line: str, style: str) -> Text:
        """A line for a terminal: what was taken out in red, what was put in in green."""
        from rich.text import Text

        text = Text(clean(line, keep_lines=True), style=style)
        for mark in _MARKED.finditer(text.plain):
            text.stylize("red" if mark[0].startswith("[-") else "green", *mark.span())
        return text

    def _changed_lines(self) -> Iterator[str]:
        """The lines that changed, with their neighbours; `…` where some are left out."""
        for line in versions.changed_lines(self._pieces):
            yield "  …" if line is None else f"  {clean(''.join(_marked(piece) for piece in line))}"


def _marked(piece: versions.Piece) -> str:
    return {"gone": f"[-{piece.text}-]", "new": f"{{+{piece.text}+}}"}.get(piece.kind, piece.text)
