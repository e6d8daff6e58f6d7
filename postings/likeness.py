"""What speaks for and against a sighting being a known posting (C.2 and C.3).

`postings.identity` asks, and decides by the answers; each of them is about one sighting and one known posting.
"""

from __future__ import annotations

from postings import urls
from postings.comparison import (
    ALIKE,
    agree,
    alike,
    all_places_differ,
    contained,
    day,
    fingerprint,
    fold,
    is_long,
    language,
    organization,
    path_language,
    same_day,
    same_title,
)
from postings.decisions import KnownPosting
from postings.keys import KeyRow, Keys, bounded, identifier
from postings.sightings import Sighting
from postings.trust import Standing, Trust

#: keys of this standing are asked, those on probation only where the title agrees (C.3)
USED = frozenset({Standing.TRUSTED, Standing.PROBATION})
#: texts less alike than this belong to different jobs when title and places differ too (C.4, recycled)
UNLIKE = 0.3


def unscoped(identifier: str) -> str:
    """An identifier without the organisation that it is valid within."""
    return identifier.partition(" | ")[2]


def token_rows(keys: Keys, place: str) -> dict[KeyRow, str]:
    """The rows that an old posting with one of these tokens has, each with its token: the learned place on either
    side."""
    rows = {}
    at_place = keys.tokens.get(place)
    if at_place is not None:
        rows[("token", bounded(f"{place}={at_place}"))] = at_place
        if urls.is_strong(at_place):
            rows[("token", bounded(f"*={at_place}"))] = at_place
    for value in keys.tokens.values():
        if urls.is_strong(value):
            rows[("token", bounded(f"{place}={value}"))] = value
    return rows


def _tokens_of(known: KnownPosting) -> frozenset[str]:
    return frozenset(value.partition("=")[2] for kind, value in known.keys if kind == "token")


class Likeness:
    """One sighting, held against known postings; `trust` says which keys count."""

    def __init__(self, sighting: Sighting, keys: Keys, trust: Trust) -> None:
        self._sighting = sighting
        self._posting = sighting.posting
        self._keys = keys
        self._trust = trust

    def same_print(self, known: KnownPosting) -> bool:
        """Whether both have one title, organisation and places (K5)."""
        return ("print", self._keys.print) in known.keys and fingerprint(known.posting) == self._keys.print

    def agrees(self, known: KnownPosting) -> bool:
        """Whether the two may be one job by their content (C.3)."""
        return agree(known.posting, self._posting)

    def led_here(self, known: KnownPosting) -> bool:
        """Whether the old address redirects to where the sighting was read."""
        origins = self._sighting.page.redirected_from
        return known.page in origins or any(("address", bounded(origin)) in known.keys for origin in origins)

    def gone(self, known: KnownPosting) -> bool:
        """Whether the posting has left its own address: it vanished, or that address leads here."""
        return not known.seen and (known.vanished or self.led_here(known))

    def fits(self, known: KnownPosting) -> bool:
        """K5 as evidence: the print, and the text where both have one that says enough (measured: print or text alone
        put different jobs together)."""
        both_long = is_long(self._posting) and is_long(known.posting)
        return both_long and alike(self._posting.description_text, known.posting.description_text) >= ALIKE

    def is_framed(self, known: KnownPosting) -> bool:
        """Whether both texts say enough and one is nearly all in the other: a template has put words around it."""
        both_long = is_long(self._posting) and is_long(known.posting)
        return both_long and contained(self._posting.description_text, known.posting.description_text) >= ALIKE

    def is_edited(self, known: KnownPosting) -> bool:
        """Whether both texts say enough, and are not those of different jobs."""
        both_long = is_long(self._posting) and is_long(known.posting)
        return both_long and alike(self._posting.description_text, known.posting.description_text) >= UNLIKE

    def is_rewritten(self, known: KnownPosting) -> bool:
        """Whether what stands where the old address leads may be that posting: in its language, they agree (C.3), or
        have one text and one employer or title."""
        if self.other_language(known):
            return False
        old, new = known.posting, self._posting
        one = organization(old) == organization(new) or same_title(old, new)
        return self.agrees(known) or (one and (self.fits(known) or self.is_framed(known)))

    def is_same_advert(self, known: KnownPosting) -> bool:
        """Whether employer, text and day of publication are the same, and the title, or a place."""
        old, new = known.posting, self._posting
        if organization(old) != organization(new) or not self.same_date(known) or self.other_language(known):
            return False
        if not same_title(old, new) and all_places_differ(old, new):
            return False
        return self.fits(known) or self.is_framed(known)

    def same_date(self, known: KnownPosting) -> bool:
        """Whether both were published on one day, or neither says when."""
        ours, theirs = self._posting.date_posted, known.posting.date_posted
        return same_day(ours, theirs) or (ours is None and theirs is None)

    def published_same_day(self, known: KnownPosting) -> bool:
        """Whether both say that they were published, and on one day."""
        return same_day(self._posting.date_posted, known.posting.date_posted)

    def percent(self, known: KnownPosting) -> int:
        """How much of their texts is the same, 0 to 100."""
        return int(alike(self._posting.description_text, known.posting.description_text) * 100)

    def is_other_address(self, known: KnownPosting) -> bool:
        """Whether the posting is read at an address of its own, and this is another one that it is known by."""
        parsed = urls.parse(known.posting.url) if known.posting.url else None
        own = urls.key(parsed) if parsed else None
        return own is not None and own != self._keys.address and ("address", bounded(own)) in known.keys

    def is_read_at_home(self, known: KnownPosting) -> bool:
        """Whether the posting was read last on the page of the sighting's address, and this is another page that names
        that address, as the translation of a page may do."""
        return known.page == self._keys.address != self._sighting.page.address

    def other_board_id(self, known: KnownPosting) -> bool:
        """Whether the same board gives both an id, and not the same one."""
        if self._keys.board is None:
            return False
        board, ours = self._keys.board.rpartition("/")[0] + "/", bounded(self._keys.board)
        theirs = {value for kind, value in known.keys if kind == "board" and value.startswith(board)}
        return bool(theirs) and ours not in theirs

    def shares_identifier(self, known: KnownPosting) -> bool:
        """Whether it has the sighting's identifier, where identifiers are asked."""
        if self._keys.identifier is None or self._trust.identifier not in USED:
            return False
        return ("identifier", bounded(self._keys.identifier)) in known.keys

    def other_trusted_identifier(self, known: KnownPosting) -> bool:
        """Whether both carry an identifier that is trusted, and not the same. A renamed organisation is no other."""
        if self._keys.identifier is None or self._trust.identifier is not Standing.TRUSTED:
            return False
        theirs = {value for kind, value in known.keys if kind == "identifier"}
        return bool(theirs) and unscoped(bounded(self._keys.identifier)) not in {unscoped(one) for one in theirs}

    def contradicts(self, known: KnownPosting) -> bool:
        """Whether a board's id or a trusted identifier says that these are two postings."""
        return self.other_board_id(known) or self.other_trusted_identifier(known)

    def other_language(self, known: KnownPosting) -> bool:
        """Whether both say their language, in the posting or in the path, and it is not the same."""
        ours = language(self._posting.language or self._sighting.page.language)
        theirs = language(known.posting.language)
        if ours and theirs:
            return ours != theirs
        here, there = path_language(self._keys.address or ""), path_language(known.page)
        return here is not None and there is not None and here != there

    def belongs_to(self, known: KnownPosting) -> bool:
        """Whether what stands at another address of a posting is that posting still, which the visit saw elsewhere."""
        theirs = identifier(known.posting)
        if self._trust.identifier is Standing.TRUSTED and theirs is not None and self._keys.identifier is not None:
            return unscoped(theirs) == unscoped(self._keys.identifier)
        return self.shares_identifier(known) or self.shares_token(known) or self.agrees(known)

    def is_recycled(self, known: KnownPosting) -> bool:
        """Another identifier that is trusted, and another title or other places; or title, places and text all differ,
        and either nothing speaks for the old posting or it was published later: an id is given out again."""
        old, new = known.posting, self._posting
        other_title = fold(old.title) != fold(new.title)
        if self.other_trusted_identifier(known):
            return other_title or all_places_differ(old, new)
        if self.is_given_again(known):
            return True
        if not other_title or not all_places_differ(old, new):
            return False
        if (self.shares_identifier(known) or self.has_token_at_learned_place()) and not self._is_another_one(known):
            return False
        both = bool(old.description_text and new.description_text)
        return both and alike(old.description_text, new.description_text) < UNLIKE

    def is_given_again(self, known: KnownPosting) -> bool:
        """Whether an id of the posting now names another job: title and text differ, it was published later, and either
        the places differ too, or the titles have no word in common, or the posting had closed by then."""
        old, new = known.posting, self._posting
        if fold(old.title) == fold(new.title) or not self._is_another_one(known):
            return False
        if alike(old.description_text, new.description_text) >= UNLIKE:
            return False
        ended = (
            known.closed_at is not None and new.date_posted is not None and day(new.date_posted) >= day(known.closed_at)
        )
        return ended or all_places_differ(old, new) or not set(fold(old.title).split()) & set(fold(new.title).split())

    def may_be_displaced(self, known: KnownPosting) -> bool:
        """Whether nothing but the address says that this is the posting: another title and text, and no id."""
        if fold(known.posting.title) == fold(self._posting.title) or self.shares_identifier(known):
            return False
        return not self.has_token_at_learned_place() and not self._reads_like(known)

    def _reads_like(self, known: KnownPosting) -> bool:
        return alike(known.posting.description_text, self._posting.description_text) >= ALIKE

    def _is_another_one(self, known: KnownPosting) -> bool:
        """Whether texts that say enough, in one language, were published on different days, the known one's first."""
        old, new = known.posting, self._posting
        if old.date_posted is None or new.date_posted is None or not is_long(old) or not is_long(new):
            return False
        return day(new.date_posted) > day(old.date_posted) and not self.other_language(known)

    def is_told_twice(self, known: KnownPosting) -> bool:
        """Whether the visit saw the posting before, at an address of another kind, and all that the two say is the
        same: then a second one is no likelier than the same one. No ids tell them apart."""
        if not (known.open and known.seen and self.same_date(known)) or self._other_identifier(known):
            return False
        if self.other_board_id(known) or not self._other_kind_of_address(known):
            return False
        vouched = self._same_identifier(known) or bool(self.common_tokens(known))
        theirs, ours = known.posting.description_text, self._posting.description_text
        return self.fits(known) or (vouched and alike(theirs, ours) >= ALIKE)

    def has_better_address(self, known: KnownPosting) -> bool:
        """Whether this is a page of its own, and the known posting was only told on the page of another one."""
        return self._sighting.address is not None and all(
            "#" in value for kind, value in known.keys if kind == "address"
        )

    def common_tokens(self, known: KnownPosting) -> frozenset[str]:
        """The id-like tokens that both addresses hold."""
        return frozenset(self._keys.tokens.values()) & _tokens_of(known)

    def _other_kind_of_address(self, known: KnownPosting) -> bool:
        """Whether the addresses are not two of one kind, which name two postings, and hold no different ids."""
        if self._sighting.address is None or self.has_better_address(known):
            return known.page != self._sighting.page.address
        ours, theirs = frozenset(self._keys.tokens.values()), _tokens_of(known)
        if ours and theirs and not ours & theirs:
            return False
        here, there = self._sighting.address, known.page
        if urls.shape(f"https://{here}") != urls.shape(f"https://{there}"):
            return True
        (path, _, query), (other_path, _, other_query) = here.partition("?"), there.partition("?")
        # what tells no jobs apart: where the link stood
        plain = not any(character.isdigit() for character in query + other_query)
        return path == other_path and (plain or bool(ours & theirs))

    def _other_identifier(self, known: KnownPosting) -> bool:
        theirs = identifier(known.posting)
        if theirs is None or self._keys.identifier is None:
            return theirs is not self._keys.identifier
        return unscoped(theirs) != unscoped(self._keys.identifier)

    def _same_identifier(self, known: KnownPosting) -> bool:
        return self._keys.identifier is not None and not self._other_identifier(known)

    def shares_token(self, known: KnownPosting) -> bool:
        """Whether it has a token of the sighting's address that tells the site's postings apart."""
        place = self._trust.token_place
        if self._trust.token not in USED or place is None:
            return False
        return bool(known.keys & token_rows(self._keys, place).keys())

    def has_token_at_learned_place(self) -> bool:
        """Whether the sighting's address has a token where the site has been seen to keep its own."""
        place = self._trust.token_place
        return self._trust.token in USED and place is not None and place in self._keys.tokens
