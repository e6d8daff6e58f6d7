"""Makes sightings of a reading: which address (K1) each posting on a page has (C.2).

Pure. Called by the visit for each page that shows a posting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.answers import Answer
from crawler.pages import Reading, ReadPosting
from postings import urls
from postings.comparison import fold
from postings.posting import Posting
from postings.sightings import PageRead, Sighting


def page_read(
    answer: Answer, *, lastmod: str | None = None, language: str | None = None, via: str | None = None
) -> PageRead:
    """The page as evidence behind what was read on it; `via` is the address key of the page that led to it."""
    own = answer.key
    hops = dict.fromkeys(urls.key(hop) for hop in answer.hops)
    return PageRead(
        address=own,
        url=answer.url,
        status=answer.status or 0,
        at=answer.at,
        body_hash=answer.body_hash,
        etag=answer.etag,
        last_modified=answer.last_modified,
        lastmod=lastmod,
        redirected_from=tuple(hop for hop in hops if hop != own),
        language=language,
        via=via,
    )


def canonical_of(reading: Reading, page_url: str, start_url: str, is_list: Callable[[str], bool]) -> str | None:
    """The page's canonical link where it can stand for the posting: on this site, no list, no home page.

    A canonical link that lacks an id which the page's own address has is the same for many pages (a template's
    mistake), so it cannot stand for one of them.
    """
    canonical = reading.canonical
    if canonical is None or not urls.same_site(canonical, start_url):
        return None
    if urls.key(canonical) == urls.key(page_url):
        return canonical
    if is_list(urls.key(canonical)) or urlsplit(canonical).path in ("", "/"):
        return None
    kept = set(urls.tokens(canonical).values())
    return canonical if set(urls.tokens(page_url).values()) <= kept else None


def disagree(one: Iterable[ReadPosting], other: Iterable[ReadPosting]) -> bool:
    """Whether two pages show different postings, as far as title, organisation and places tell."""
    return face(one) != face(other)


def face(reads: Iterable[ReadPosting]) -> frozenset[tuple[str, str, tuple[str, ...]]]:
    """What a page shows, as far as title, organisation and places tell."""
    return frozenset(_face(read.posting) for read in reads)


def names_others(reading: Reading, key: str, start_url: str) -> bool:
    """Whether some of the postings on a page (by its address key) say that they stand on other pages of the site."""
    own = (read.own_url for read in reading.postings if read.own_url)
    return any(urls.same_site(url, start_url) and urls.key(url) != key for url in own)


def sight(
    reading: Reading,
    page: PageRead,
    *,
    start_url: str,
    canonical: str | None,
    is_listed: Callable[[str], bool],
    is_list: bool = False,
) -> list[Sighting]:
    """The sightings on a page, equal ones once.

    `canonical` is what `canonical_of` gave, or None where pages that disagree share it. `is_listed` tells by key
    whether an address has a page of its own in this visit: a posting of several that points there is left to it.
    `is_list` says that the page is a list: it is nobody's own.
    """
    reads = _distinct(reading.postings)
    if len(reads) == 1:
        address = canonical or page.url
        return [_sighting(reads[0], page, urls.key(address), address)]
    owned = [read.own_url if read.own_url and urls.same_site(read.own_url, start_url) else None for read in reads]
    counts = Counter(urls.key(own) for own in owned if own)
    # A page that shows its posting beside those of other pages is that posting's own; else its address may be anyone's.
    # The one that names no address among others that each name another page is the page's own.
    nameless = [place for place, own in enumerate(owned) if own is None]
    alone = not is_list and len(nameless) == 1 and reads[nameless[0]].own_url is None
    if alone and len(counts) == len(reads) - 1 and page.address not in counts:
        owned[nameless[0]] = page.url
        counts[page.address] = 1
    # Where none names an address, the one that the heading names is the page's own, and the others are similar jobs.
    headed = None if is_list or len(nameless) < len(reads) else headed_by(reads, reading.heading)
    if headed is not None:
        owned[headed] = page.url
    is_own_page = len(counts) == len(reads) or headed is not None
    sightings = []
    for read, own in zip(reads, owned, strict=True):
        key = urls.key(own) if own else None
        if own is None or key is None or counts[key] > 1 or (key == page.address and not is_own_page):
            sightings.append(_sighting(read, page, None, page.url))
        elif key == page.address or not is_listed(key):
            sightings.append(_sighting(read, page, key, own))
    return sightings


def _sighting(read: ReadPosting, page: PageRead, address: str | None, url: str) -> Sighting:
    return Sighting(page=page, address=address, posting=replace(read.posting, url=url), raw=read.raw)


def headed_by(reads: Sequence[ReadPosting], heading: str | None) -> int | None:
    """Which of several postings has the heading of the page as its title; None unless it is one."""
    named = [
        place for place, read in enumerate(reads) if read.posting.title and fold(read.posting.title) == fold(heading)
    ]
    return named[0] if len(named) == 1 else None


def _distinct(reads: Iterable[ReadPosting]) -> list[ReadPosting]:
    """Markup that stands on a page twice, or in two syntaxes, is one posting."""
    distinct: dict[Posting, ReadPosting] = {}
    for read in reads:
        distinct.setdefault(replace(read.posting, syntax="json-ld", url=None), read)
    return list(distinct.values())


def _face(posting: Posting) -> tuple[str, str, tuple[str, ...]]:
    organization = posting.organization.name if posting.organization else None
    places = sorted((place.locality or place.text or "").casefold() for place in posting.locations)
    return (posting.title or "").casefold(), (organization or "").casefold(), tuple(places)
