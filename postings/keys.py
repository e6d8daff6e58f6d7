"""What a sighting is known by: address, identifier, tokens of the address, board id, print (C.2).

`identity` resolves by these keys, `trust` learns which of them may be believed, the ledger keeps them as rows.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from postings import urls
from postings.comparison import fingerprint, fold, organization
from postings.posting import Posting
from postings.sightings import Sighting

#: kind ("address", "identifier", "token", "board", "print") and value
KeyRow = tuple[str, str]

#: longest value kept as it is, in bytes of UTF-8; longer ones are replaced by their digest
LONGEST_VALUE = 200

_NULLS = frozenset({
    "", "null", "none", "nil", "nan", "n a", "na", "undefined", "unknown", "not specified", "not available",
    "none available", "not applicable", "tbd", "0", "id", "identifier", "job id",
})  # fmt: skip
_URL = re.compile(r"https?://", re.IGNORECASE)


# without slots, for `rows` is asked several times of each sighting
@dataclass(frozen=True, kw_only=True)
class Keys:
    """What a sighting is known by (C.2). All of it is kept; `resolve` uses only what the site's trust allows."""

    #: K1; for one of several postings on a page, the page's address and the print after `#`
    address: str | None
    #: what `address` would be if its page showed others beside it, of the only posting of a page; it is not kept
    among_others: str | None = field(default=None, compare=False)
    #: K2: organisation in comparison form, ` | `, the value
    identifier: str | None
    #: K3: place in the address -> id-like token
    tokens: Mapping[str, str] = field(default_factory=dict)
    #: K4: vendor/board/id
    board: str | None = None
    #: K5: digest of title, organisation and places in comparison form
    print: str

    @cached_property
    def rows(self) -> tuple[KeyRow, ...]:
        """Every key as (kind, value), as it is kept and looked up.

        A token of five or more characters has a second row, `*=value`: it can be found whatever its place was.
        """
        rows = [
            ("address", self.address),
            ("identifier", self.identifier),
            ("board", self.board),
            ("print", self.print),
            *(("token", f"{place}={value}") for place, value in sorted(self.tokens.items())),
            *(("token", f"*={value}") for value in sorted(set(self.tokens.values())) if urls.is_strong(value)),
        ]
        return tuple((kind, bounded(value)) for kind, value in rows if value is not None)


def keys(sighting: Sighting) -> Keys:
    """What a sighting is known by (C.2)."""
    posting = sighting.posting
    seal = fingerprint(posting)
    return Keys(
        address=sighting.address or f"{sighting.page.address}#{seal}",
        among_others=f"{sighting.page.address}#{seal}" if sighting.address == sighting.page.address else None,
        identifier=identifier(posting),
        tokens=urls.tokens(f"https://{sighting.address}") if sighting.address else {},
        board=sighting.board_id,
        print=seal,
    )


def keys_of_known(posting: Posting, rows: Collection[KeyRow]) -> Keys:
    """The keys of a posting that is kept, from its last reading and its rows (for `trust.learn`).

    Of several addresses it is the one that the posting names itself, else the first in order.
    """
    addresses = sorted(value for kind, value in rows if kind == "address")
    own = urls.parse(posting.url) if posting.url else None
    address = urls.key(own) if own and urls.key(own) in addresses else next(iter(addresses), None)
    return Keys(
        address=address,
        identifier=identifier(posting),
        tokens=urls.tokens(f"https://{address}") if address and _is_plain(address) else {},
        board=next((value for kind, value in rows if kind == "board"), None),
        print=fingerprint(posting),
    )


def _is_plain(address: str) -> bool:
    """Whether it is the address of a page: neither one of several postings on it nor a digest of what was too long."""
    return "#" not in address and bool(urls.below_host(address))


def identifier(posting: Posting) -> str | None:
    """K2: the identifier in the scope of its organisation; None where the value identifies nothing."""
    if posting.identifier is None:
        return None
    value = " ".join(_unescaped(posting.identifier.value).split())
    name = posting.identifier.name
    if _URL.match(value):
        found = _identifier_url(value)
        if found is None:
            return None
        value = found
    form = fold(value)
    organisation = organization(posting)
    if form in _NULLS or form in {fold(posting.title), organisation}:
        return None
    if name and form == fold(name) and not any(character.isdigit() for character in form):
        return None
    return f"{organisation} | {value.casefold()}"


def _unescaped(text: str) -> str:
    for _ in range(5):
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text


def _identifier_url(value: str) -> str | None:
    """An address as identifier is its address key; a home page or the fragment of a page names no posting."""
    before, mark, fragment = value.partition("#")
    if fragment.startswith(("/", "!")):
        return value
    parsed = urls.parse(before)
    if parsed is None:
        return value
    key = urls.key(parsed)
    home_page = "/" not in key and "?" not in key
    return None if mark or home_page else key


def bounded(value: str) -> str:
    """A value as its row holds it: itself, or its digest where it is longer than an index can take."""
    data = value.encode("utf-8", "replace")
    return value if len(data) <= LONGEST_VALUE else hashlib.blake2b(data, digest_size=32).hexdigest()
