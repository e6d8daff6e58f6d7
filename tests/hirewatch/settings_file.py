"""The file of settings in the current folder."""

from __future__ import annotations

from pathlib import Path


def write(text: str) -> Path:
    """Writes it anew."""
    path = Path("hirewatch.toml")
    path.write_text(text)
    return path
