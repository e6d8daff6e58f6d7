"""How clauses and amounts read on a page, beside `postings.wording`. Pure; templates use those of amounts as
filters."""

from __future__ import annotations

from typing import Final

_SIZES: Final = ("B", "KB", "MB", "GB", "TB")


def sentence(text: str) -> str:
    """A clause as a sentence: "is paused; resume it" becomes "Is paused; resume it."."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def number(value: float) -> str:
    """ "1,234,567"."""
    return f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """ "1 posting", "2,000 postings"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """ "831 B", "12.4 KB", "3.1 MB": an amount of bytes, a thousand to the next unit."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count} B" if unit == 0 else f"{amount:.1f} {_SIZES[unit]}"
