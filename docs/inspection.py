"""Writes the list of rules in docs/inspect.md from the rules themselves: `python docs/inspection.py`.

A test holds the page and the rules equal.
"""

from __future__ import annotations

from pathlib import Path

from postings.rules import RULES

PAGE = Path(__file__).with_name("inspect.md")
MARK = "<!-- From here on written by docs/inspection.py. -->"


def rules() -> str:
    """The list of rules as a table."""
    rows = [f"| `{rule.id}` | {rule.level} | {rule.asks} | <{rule.source}> |" for rule in RULES.values()]
    return "\n".join(["", "| rule | level | what it asks | source |", "| --- | --- | --- | --- |", *rows, ""])


def main() -> None:
    """Writes the page anew below the mark."""
    by_hand = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{by_hand}{MARK}\n{rules()}")


if __name__ == "__main__":
    main()
