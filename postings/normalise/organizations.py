"""Who hires, and by which number: schema.org `hiringOrganization` and `identifier`."""

from __future__ import annotations

import re
from typing import Any

from postings import urls
from postings.normalise import text as texts
from postings.posting import Identifier, Organization

#: a longer identifier is no identifier
IDENTIFIER_LIMIT = 500

_HOME_PAGE = re.compile(r"https?://[^/?#]+/?", re.IGNORECASE)
_FRAGMENT_IRI = re.compile(r"(?:https?://[^/?#]+/?)?#.*", re.IGNORECASE)


def read_organization(value: object) -> Organization | None:
    """The first organisation of a value that has a name or an address of its own."""
    for one in texts.each(value):
        if not isinstance(one, dict):
            if name := texts.line(one):
                return Organization(name=name)
            continue
        name = texts.line(one.get("name")) or texts.line(one.get("legalName"))
        url = read_url(one.get("sameAs")) or read_url(one.get("url"))
        if name or url:
            return Organization(name=name, url=url, logo=read_url(one.get("logo")))
    return None


def read_identifier(value: object) -> Identifier | None:
    """The first identifier of a value that tells postings apart.

    A home page or an address that is only a fragment (`https://acme.example/#organization`) names the employer.
    """
    for one in texts.each(value):
        if isinstance(one, dict):
            said, name = texts.line(one.get("value")) or texts.line(one.get("@id")), texts.line(one.get("name"))
        else:
            said, name = texts.line(one), None
        if (
            said
            and len(said) <= IDENTIFIER_LIMIT
            and not _HOME_PAGE.fullmatch(said)
            and (not _FRAGMENT_IRI.fullmatch(said))
            and not said.startswith("_:")
        ):
            return Identifier(value=said, name=name)
    return None


def read_url(value: object, base: str | None = None) -> str | None:
    """The first usable web address of a value: text, or an object with `url`, `contentUrl` or `@id`."""
    for one in texts.each(value):
        said: Any = one
        if isinstance(one, dict):
            said = texts.first(one.get("url")) or texts.first(one.get("contentUrl")) or one.get("@id")
        text = texts.line(said, limit=urls.LONGEST + 1)
        if text and (url := urls.parse(text, base)):
            return url
    return None
