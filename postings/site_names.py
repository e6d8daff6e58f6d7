"""What a person types to have a site watched: its address, and what to call it. Asked by the command line and the
pages."""

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
#: endings of the addresses of pages that ask for another form of the page: a name with one would have no page
FORM_ENDINGS: Final = (".json", ".csv")
#: the host of an address as `urls.parse` writes it, if it can be one: what DNS names hold (RFC 1035 §2.3.1, and the
#: underscore that some have), or an address of IPv6. WHATWG lets commas and quotes stand
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|[0-9a-f:.]+")


def start_url(typed: str) -> str:
    """The address as it is kept; `acme.example/careers` means https. Raises UsageError."""
    text = typed.strip()
    if "://" not in text and not text.startswith(("/", ".")):
        text = f"https://{text}"
    address = urls.parse(text)
    if address is None or not _HOST.fullmatch(urlsplit(address).hostname or ""):
        raise UsageError(
            "is no web address that can be watched",
            subject=typed,
            remedy="give an http:// or https:// address without a user name, e.g. https://acme.example/careers",
        )
    return address


def scope_path(typed: str) -> str | None:
    """The part of a host that a site is, as it is kept: a path without a slash at its end, "" for `host`, all of it,
    and None for `auto`. Raises UsageError."""
    text = typed.strip()
    if text.lower() in ("host", "/"):
        return ""
    if text.lower() == "auto":
        return None
    address = urls.parse(text) if "://" in text else urls.parse(f"https://host.invalid{text}")
    path = urls.below_host(urls.key(address)) if address is not None and ("://" in text or text[:1] in "/?") else ""
    if not path:
        raise UsageError(
            "is no part of a host",
            subject=typed,
            remedy="write a path, such as /acme/, `host` for all of it, or `auto` to let the visits find out",
        )
    return path


def require_name(name: str) -> None:
    """Raises UsageError if a new site cannot be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "a name is small letters, digits, dots, dashes and underscores, at most 64",
            subject=name,
            remedy="choose another one with --name",
        )
    if name.endswith(FORM_ENDINGS):
        raise UsageError(
            f"a name does not end in {' or '.join(FORM_ENDINGS)}: so does the address of its page in another form",
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
