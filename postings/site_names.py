"""What a person types to have a site watched: its address, and what to call it. Asked by the command line and the pages."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from postings import urls
from postings.errors import UsageError

#: labels of a host name that say nothing about who it is
_COMMON_LABELS: Final = frozenset(
    (
        "www",
        "www2",
        "jobs",
        "job",
        "careers",
        "career",
        "karriere",
        "stellen",
        "work",
        "apply",
        "boards",
        "board",
        "recruiting",
        "hire",
        "hiring",
        "join",
    )
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def start_url(typed: str) -> str:
    """The address as it is kept; `acme.example/careers` means https. Raises UsageError."""
    text = typed.strip()
    if "://" not in text and not text.startswith(("/", ".")):
        text = f"https://{text}"
    address = urls.parse(text)
    if address is None:
        raise UsageError(
            "is no web address that can be watched",
            subject=typed,
            remedy="give an http:// or https:// address without a user name, e.g. https://acme.example/careers",
        )
    return address


def require_name(name: str) -> None:
    """Raises UsageError if a new site cannot be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "a name is small letters, digits, dots, dashes and underscores, at most 64",
            subject=name,
            remedy="choose another one with --name",
        )


def free_name(address: str, taken: Collection[str]) -> str:
    """A short name for the site at this address that no other has: `acme` for https://careers.acme.example/jobs."""
    parts = urlsplit(address)
    host = parts.hostname or "site"
    labels = host.split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        name = re.sub(r"[^a-z0-9.]+", "-", host).strip("-")
    elif labels[0] in _COMMON_LABELS and len(labels) > 2:
        name = labels[1]
    else:
        name = labels[0]
    if parts.port:
        name = f"{name}-{parts.port}"
    name = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") or "site"
    number = 1
    chosen = name
    while chosen in taken:
        number += 1
        chosen = f"{name}-{number}"
    return chosen
