"""What is believed of a site and why, in words: what `hirewatch sites show` and the page of a site tell. Pure.

Texts of pages stand in these lines as they are: whoever shows them cleans them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from postings import wording
from postings.lastmod import CLEAN_VISITS
from postings.sites import Site, SourceKind
from postings.trust import (
    ENOUGH_VALUES,
    LEAST_COVER,
    LEAST_DISTINCT,
    MOST_CONFLICT,
    Choice,
    Figures,
    Measured,
    Standing,
)

#: places of tokens that are told
_PLACES: Final = 3

_STANDINGS: Final = {
    Standing.UNKNOWN: "not used: no complete visit has shown any",
    Standing.PROBATION: "on probation: counts only together with an equal title",
    Standing.TRUSTED: "trusted",
    Standing.DISTRUSTED: "not trusted",
}
_HOW: Final = {
    SourceKind.BOARD: "the public interface of its applicant tracking system",
    SourceKind.SITEMAP: "its sitemap",
    SourceKind.FEED: "a feed",
    SourceKind.LIST: "its list pages",
    SourceKind.PAGE: "the page that carries the postings",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is believed of a site, or is not."""

    #: what it is about: "source", "scope", "identifiers", "address ids", "lastmod", "dates" or "patience"
    about: str
    #: the first says it, the others why
    lines: tuple[str, ...]


def facts(site: Site, measured: Measured | None) -> tuple[Fact, ...]:
    """Everything that is believed of a site; `measured` is what its open postings show of its keys, if that was
    asked."""
    return (
        Fact(about="source", lines=tuple(_source(site))),
        Fact(about="scope", lines=tuple(_scope(site))),
        Fact(about="identifiers", lines=tuple(_identifiers(site, measured))),
        Fact(about="address ids", lines=tuple(_tokens(site, measured))),
        Fact(about="lastmod", lines=tuple(_lastmod(site))),
        Fact(about="dates", lines=(_dates(site),)),
        Fact(about="patience", lines=(_patience(site),)),
    )


def _source(site: Site) -> Iterator[str]:
    source = site.source
    if source is None:
        yield "not worked out yet: the next visit does that"
        return
    yield f"{_HOW[source.kind]}: {', '.join(source.urls)}"
    if source.reason:
        yield f"because {source.reason}"
    if site.render:
        yield "its pages are shown by a browser, which runs their scripts"
    if source.shapes:
        yield f"postings stand at {', '.join(source.shapes)}"
    if source.rejected:
        yield f"nothing stands at {', '.join(source.rejected)}"
    if source.checks:
        yield f"checked against {', '.join(source.checks)}: what they name counts, what they lack proves nothing"
    if source.feeds:
        yield f"new postings early from {', '.join(source.feeds)}; what these lack proves nothing"


def _scope(site: Site) -> Iterator[str]:
    source, host = site.source, site.host_key
    path = site.scope if site.scope is not None else source.scope if source is not None else None
    said = ", because a person said so" if site.scope is not None else ""
    if source is not None and source.kind is SourceKind.BOARD:
        yield "what the board lists"
    elif path is None:
        yield f"all of {host} so far: nothing has shown postings of other employers there"
    elif not path:
        yield f"all of {host}{said}"
    elif source is not None and source.led:
        yield f"what the list pages at {host}{path} name, wherever on {host} that lies{said}"
    else:
        yield f"what lies below {host}{path}{said}"
    if path and site.scope is None:
        yield f"because the postings elsewhere on {host} are other employers'"


def _identifiers(site: Site, measured: Measured | None) -> Iterator[str]:
    yield _decided(site.overrides.identifier, site.trust.identifier)
    if measured is not None:
        yield from _figures(measured.identifier, "postings")


def _tokens(site: Site, measured: Measured | None) -> Iterator[str]:
    place = site.believed.token_place
    chosen = f", read from {place}" if place else ""
    yield f"{_decided(site.overrides.token, site.trust.token)}{chosen}"
    if site.overrides.token is Choice.ON and place is None:
        yield "no place is known, so it is not used: name one, such as path:-1"
    if measured is None:
        return
    for one in measured.tokens[:_PLACES]:
        for line in _figures(one, "addresses"):
            yield f"{one.place}: {line}"
    if not measured.tokens:
        yield "no address of an open posting holds one"


def _lastmod(site: Site) -> Iterator[str]:
    lastmod = site.health.lastmod
    if site.source is None or site.source.kind is not SourceKind.SITEMAP:
        yield "not asked: the source is no sitemap"
        return
    tested = f"{lastmod.clean_visits} of {CLEAN_VISITS} visits in a row found it true"
    yield f"{'trusted' if lastmod.trusted else 'not trusted yet'}: {tested}"
    if lastmod.lies:
        yield f"{lastmod.lies} {'page' if lastmod.lies == 1 else 'pages'} had changed, ever, that it called unchanged"


def _dates(site: Site) -> str:
    health = site.health
    if health.sliding.recognised:
        return f"validThrough is ignored: whenever the site is read it says in {health.sliding.days} days"
    if health.ignores_valid_through:
        return "validThrough is ignored: more than half of what the site lists is past it"
    return "validThrough is believed: a posting closes when it has passed"


def _patience(site: Site) -> str:
    patience = site.health.patience
    if patience <= 1:
        return "as usual: no closing has proven premature of late"
    raised = site.health.patience_raised_at
    since = f" at {wording.moment(raised)}" if raised else ""
    return f"a closing proved premature{since}: waits before a closing are {patience} times as long, at most 48 h more"


def _decided(choice: Choice, learnt: Standing) -> str:
    if choice is Choice.AUTO:
        return _STANDINGS[learnt]
    word = "trusted" if choice is Choice.ON else "not trusted"
    return f"{word}, because a person said so (the visits show: {_STANDINGS[learnt]})"


def _figures(figures: Figures, of: str) -> Iterator[str]:
    if not figures.values:
        yield f"none of {figures.postings} open {of} has one" if figures.postings else f"there are no open {of}"
        return
    examples = ", ".join(sample.rpartition(" | ")[2] for sample in figures.samples)
    yield (
        f"{figures.carriers} of {figures.postings} {of} have one, {figures.values} different, "
        f"{figures.conflict:.1%} in conflict ({examples})"
    )
    if figures.conflict > MOST_CONFLICT:
        yield f"different jobs share one in {figures.conflicts} of {figures.values}; {MOST_CONFLICT:.0%} is the most"
    if figures.place is not None and figures.cover < LEAST_COVER:
        yield f"{figures.cover:.0%} is too few to go by; {LEAST_COVER:.0%} is the least"
    if figures.place is not None and figures.distinct < LEAST_DISTINCT:
        yield f"too many share one: {figures.distinct:.0%} are distinct, {LEAST_DISTINCT:.0%} is the least"
    if figures.values < ENOUGH_VALUES:
        yield f"fewer than {ENOUGH_VALUES} prove nothing"
