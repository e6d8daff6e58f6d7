"""Draws docs/demo.svg from what `hirewatch demo` really says: `hirewatch demo | python docs/picture.py`.

The picture shows some scenes of the demonstration, each as it was told, long lines cut.
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

PICTURE = Path(__file__).with_name("demo.svg")

#: scenes are shown whose heading speaks of one of these
SCENES = ("opens a job", "renames", "breaks down", "is filled")
COLUMNS = 112
WIDTH, LINE, MARGIN = 960, 19, 24

#: what a line begins with, and how it is drawn
STYLES = (
    (r"\d+:\d\d ", "fill:#e8edf4;font-weight:700"),
    (r"\$ ", "fill:#7cc4f5"),
    (r"  event .* opened ", "fill:#8bd49c"),
    (r"  event .* changed ", "fill:#e9c46a"),
    (r"  event .* closed ", "fill:#f09a8b"),
    (r"  alert ", "fill:#d3a4ea"),
    (r"  visit   failed", "fill:#f09a8b"),
    (r"  [A-Z]", "fill:#98a4b5;font-style:italic"),
)


def scenes(told: str) -> list[str]:
    """The lines of the chosen scenes, without blank lines at either end."""
    parts = re.split(r"\n(?=\d+:\d\d  )", told)
    chosen = [part.split("\n\nIn ")[0].rstrip() for part in parts[1:]]
    chosen = [part for part in chosen if any(word in part.splitlines()[0] for word in SCENES)]
    if len(chosen) != len(SCENES):
        sys.exit(f"{len(SCENES)} scenes wanted, {len(chosen)} found; does this come from `hirewatch demo`?")
    return "\n\n".join(chosen).splitlines()


def draw(lines: list[str]) -> str:
    """The lines as a terminal, in SVG."""
    height = MARGIN * 2 + 22 + LINE * len(lines)
    texts = []
    for number, line in enumerate(lines):
        shown = line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…"
        style = next((style for start, style in STYLES if re.match(start, shown)), "")
        if shown:
            y = MARGIN + 34 + LINE * number
            texts.append(f'<text x="{MARGIN}" y="{y}"{f" style={style!r}" if style else ""}>{escape(shown)}</text>')
    body = "\n".join(texts)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" \
role="img" xml:space="preserve">
<title>hirewatch at work: a job opens, is renamed, outlives a failure of its site, and another one closes</title>
<rect width="{WIDTH}" height="{height}" rx="10" fill="#161b24"/>
<g fill="#3d4656"><circle cx="26" cy="22" r="6"/><circle cx="46" cy="22" r="6"/><circle cx="66" cy="22" r="6"/></g>
<g fill="#c3ccd8" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13.2">
{body}
</g>
</svg>
"""


if __name__ == "__main__":
    PICTURE.write_text(draw(scenes(sys.stdin.read())), encoding="utf-8")
