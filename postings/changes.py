"""What changed between two readings of a posting, and whether a person wants to hear of it (C.6).

The ledger compares, marks what a site rewrote everywhere, and records one `changed` event. Compared is the
normalised record; what moves although nothing changed (logos, order, white space, tracking) is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from postings import record, urls
from postings.comparison import alike, day, fold, same_places
from postings.events import Significance
from postings.life import valid_until
from postings.posting import Posting, Salary

#: two texts at least this much alike say the same
SAME_TEXT = 0.97
#: a text shorter than this differs as soon as a character does
SHORT_TEXT = 200
#: a value that returns to one it had within this time is no news
RETURN_WITHIN = timedelta(hours=48)
#: after a site has rewritten its descriptions, theirs are no news for this long
REWRITE_LASTS = timedelta(days=30)
DESCRIPTION = "description_text"

#: fields whose mass change is a rewrite at 3 % of the postings re-read; true edits never passed 1.3 %
_REWRITE_COUNT, _REWRITE_SHARE = 10, 0.03
#: these change together for good reasons (a rebranding, a pay round): only a third of a site is a rewrite
_WEIGHTY = frozenset({"title", "organization", "salary", "employment_types"})
_WEIGHTY_COUNT, _WEIGHTY_SHARE = 20, 0.30
#: on a small site: of at least so many, nearly all
_SMALL_COUNT, _SMALL_SHARE = 5, 0.90

#: whom a title addresses, as it is written in many languages: "(m/f/d)", "[w|m|x]", "H/F", "(all genders)"
_GENDERS = re.compile(
    r"[(\[]\s*(?:[mwfdxhvniukz*]|divers\w*|inter\w*)(?:\s*[/|,*:.·•-]\s*(?:[mwfdxhvniukz*]|divers\w*|inter\w*)){1,3}\s*[)\]]"
    r"|[(\[]\s*(?:[mwfdx]{3}|gn|all genders?|alle geschlechter)\s*[)\]]"
    r"|(?<!\S)[mwfdhvx](?:[/|][mwfdhvxn]){1,3}(?!\S)",
    re.IGNORECASE,
)
#: what a template writes into a description and what counts by itself: its age, the days that are left, its readers,
#: those who applied
_COUNTING = re.compile(
    r"\b(?:\d{1,4}\+?|an?|one|yesterday|today|just)\s(?:(?:second|minute|hour|day|week|month)s?\s)?(?:ago|now)\b"
    r"|\bvor\s(?:\d{1,4}|eine[rmn])\s(?:sekunde|minute|stunde|tag|woche|monat)e?n?\b"
    r"|\bil\sy\sa\s\d{1,4}\s(?:minutes?|heures?|jours?|semaines?|mois)\b|\bhace\s\d{1,4}\s(?:minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?)\b"
    r"|\bh[aá]\s\d{1,4}\s(?:minutos?|horas?|dias?|semanas?|m[eê]s(?:es)?)\b"
    r"|\b\d{1,4}\s(?:giorn[oi]|settiman[ae]|mes[ei]|or[ae])\sfa\b|\b\d{1,4}\s(?:dagen?|dag|weken|week|uur|maanden?)\sgeleden\b"
    r"|\bf[oö]r\s\d{1,4}\s(?:dagar|dag|timmar|veckor)\ssedan\b|\b\d{1,4}\s(?:dni|dzie[nń]|godzin|tygodni)\stemu\b"
    r"|\d{1,4}\s?(?:天|日|小时|時間|周|週間|일|시간)\s?(?:前|전)"
    r"|\b(?:clos(?:es|ing)|ends|expires)\sin\s\d{1,3}\sdays?\b|\b\d{1,3}\sdays?\s(?:left|remaining|to\s(?:go|apply))\b|\bnoch\s\d{1,3}\stage?\b"
    r"|\b(?:plus\sque|encore)\s\d{1,3}\sjours?\b|\bquedan?\s\d{1,3}\sd[ií]as?\b|\bnog\s\d{1,3}\sdag(?:en)?\b"
    r"|\b(?:viewed|seen)\s[\d.,]+\stimes\b|\b[\d.,]+\+?\s(?:views?|applicants?|applications?|aufrufe|bewerbungen|bewerber|vues|candidatures|candidats"
    r"|visitas|candidatos|inscritos|visualizzazioni|candidature|weergaven|просмотр\w*|откликов)\b",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of the record that differs."""

    #: its name in the record
    name: str
    #: JSON values as in the record
    before: Any
    after: Any
    significance: Significance


def compare(
    before: Posting, after: Posting, earlier: Mapping[str, Collection[Any]] | None = None
) -> tuple[Change, ...]:
    """The fields of the record that differ, in the record's order; () if nothing but volatile things does (C.6).

    `earlier`: JSON values that fields had within the last 48 hours, by field; a value that returns to one is minor.
    """
    old, new = record.body(before), record.body(after)
    changes = []
    for name, differs in _FIELDS.items():
        if old[name] == new[name]:
            continue
        significance = differs(before, after)
        if significance is None:
            continue
        if earlier and new[name] in list(earlier.get(name, ())):
            significance = Significance.MINOR
        changes.append(Change(name=name, before=old[name], after=new[name], significance=significance))
    if any(change.name == DESCRIPTION for change in changes):
        # the markup goes along with the text
        changes = [change for change in changes if change.name != "description_html"]
    return tuple(changes)


def significance(changes: Sequence[Change]) -> Significance:
    """Of the event: material if any field is, else site-wide if any field is, else minor."""
    found = {change.significance for change in changes}
    for one in (Significance.MATERIAL, Significance.SITE_WIDE):
        if one in found:
            return one
    return Significance.MINOR


def site_wide(counts: Mapping[str, int], reread: int) -> frozenset[str]:
    """The fields that a site has rewritten everywhere (C.6).

    `counts`: how many postings of a visit differ in each field, whatever the significance; `reread`: how many of its
    postings were read again.
    """
    rewritten = set()
    for name, count in counts.items():
        weighty = name in _WEIGHTY
        fewest, share = (_WEIGHTY_COUNT, _WEIGHTY_SHARE) if weighty else (_REWRITE_COUNT, _REWRITE_SHARE)
        if (count >= fewest and count >= share * reread) or (count >= _SMALL_COUNT and count >= _SMALL_SHARE * reread):
            rewritten.add(name)
    return frozenset(rewritten)


def marked(changes: Sequence[Change], rewritten: Collection[str]) -> tuple[Change, ...]:
    """The changes with those of site-wide rewritten fields marked as such; what was minor stays minor."""
    return tuple(
        replace(change, significance=Significance.SITE_WIDE)
        if change.name in rewritten and change.significance is Significance.MATERIAL
        else change
        for change in changes
    )


def still_site_wide(rewritten_at: datetime | None, *, now: datetime) -> frozenset[str]:
    """The fields whose changes count as site-wide although few of them change in this visit: the description, for 30
    days after a site has rewritten its descriptions (C.6). A rewrite comes in several goes."""
    recent = rewritten_at is not None and now - rewritten_at <= REWRITE_LASTS
    return frozenset({DESCRIPTION}) if recent else frozenset()


def muted(changes: Sequence[Change], names: Collection[str]) -> tuple[Change, ...]:
    """The changes with those of these fields as minor."""
    return tuple(replace(one, significance=Significance.MINOR) if one.name in names else one for one in changes)


def earlier_values(
    history: Sequence[tuple[datetime, Mapping[str, Mapping[str, Any]]]], *, now: datetime
) -> dict[str, list[Any]]:
    """What `compare` takes as `earlier`, from the `changed` events of a posting: (time, changes by field)."""
    found: dict[str, list[Any]] = {}
    for at, changes in history:
        if now - at <= RETURN_WITHIN:
            for name, change in changes.items():
                found.setdefault(name, []).append(change["before"])
    return found


# ---- field by field: None where the difference is volatile

_Rule = Callable[[Posting, Posting], Significance | None]


def _material_if(material: bool) -> Significance:
    return Significance.MATERIAL if material else Significance.MINOR


def _minor(before: Posting, after: Posting) -> Significance | None:
    return Significance.MINOR


def _url(before: Posting, after: Posting) -> Significance | None:
    one, two = (urls.key(posting.url) if posting.url else None for posting in (before, after))
    return None if one == two else Significance.MINOR


def _title(before: Posting, after: Posting) -> Significance | None:
    """Whom it addresses is not what the job is."""
    significance = _text_form(before.title, after.title)
    if significance is Significance.MATERIAL:
        plain = [fold(_GENDERS.sub(" ", posting.title or "")) for posting in (before, after)]
        return _material_if(plain[0] != plain[1] or not plain[0])
    return significance


def _organization(before: Posting, after: Posting) -> Significance | None:
    one, two = before.organization, after.organization
    significance = _text_form(one.name if one else None, two.name if two else None)
    if significance is None and (one.url if one else None) != (two.url if two else None):
        return Significance.MINOR
    return significance


def _text_form(before: str | None, after: str | None) -> Significance | None:
    """Other words are material; other case, punctuation or entities minor; other white space nothing."""
    if fold(before) != fold(after):
        return Significance.MATERIAL
    return None if _spaced(before) == _spaced(after) else Significance.MINOR


def _spaced(text: str | None) -> str:
    return " ".join((text or "").split())


def _identifier(before: Posting, after: Posting) -> Significance | None:
    one, two = (posting.identifier.value if posting.identifier else None for posting in (before, after))
    return None if one == two else Significance.MINOR


def _locations(before: Posting, after: Posting) -> Significance | None:
    if set(before.locations) == set(after.locations):
        return None
    return _material_if(not same_places(before.locations, after.locations))


def _remote(before: Posting, after: Posting) -> Significance | None:
    return Significance.MATERIAL


def _remote_regions(before: Posting, after: Posting) -> Significance | None:
    if set(before.remote_regions) == set(after.remote_regions):
        return None
    one, two = ({fold(region) for region in posting.remote_regions} for posting in (before, after))
    return _material_if(one != two)


def _employment_types(before: Posting, after: Posting) -> Significance | None:
    return None if set(before.employment_types) == set(after.employment_types) else Significance.MATERIAL


def _salary(before: Posting, after: Posting) -> Significance | None:
    one, two = _amounts(before.salary), _amounts(after.salary)
    if one != two:
        return Significance.MATERIAL
    words = [posting.salary.text if posting.salary else None for posting in (before, after)]
    if not any(one):
        return _text_form(*words)
    return None if _spaced(words[0]) == _spaced(words[1]) else Significance.MINOR


def _amounts(salary: Salary | None) -> tuple[str | None, float | None, float | None, str | None]:
    """Currency, amounts and unit; a currency or a unit without an amount is no pay."""
    if salary is None or (salary.min is None and salary.max is None):
        return None, None, None, None
    return salary.currency, salary.min, salary.max, salary.unit


def _valid_through(before: Posting, after: Posting) -> Significance | None:
    old, new = before.valid_through, after.valid_through
    if old is None or new is None:
        return Significance.MATERIAL
    if _minute(valid_until(old)) == _minute(valid_until(new)):
        return Significance.MINOR if type(old) is not type(new) else None
    return _material_if(not _renewed(before, after))


def _minute(instant: datetime | None) -> datetime | None:
    """The nearest minute: some sites give the seconds of the page's making."""
    if instant is None:
        return None
    return (instant + timedelta(seconds=30)).replace(second=0, microsecond=0)


def _renewed(before: Posting, after: Posting) -> bool:
    """Whether validThrough moved by exactly as much as datePosted: the posting was renewed, nothing was decided."""
    old, new = before.valid_through, after.valid_through
    posted_old, posted_new = before.date_posted, after.date_posted
    if old is None or new is None or posted_old is None or posted_new is None:
        return False
    days = day(new) - day(old)
    if days and days == day(posted_new) - day(posted_old):
        return True
    shift, posted_shift = _shift(old, new), _shift(posted_old, posted_new)
    return shift is not None and shift == posted_shift


def _shift(old: date | datetime, new: date | datetime) -> timedelta | None:
    if isinstance(old, datetime) and isinstance(new, datetime) and (old.tzinfo is None) == (new.tzinfo is None):
        return new - old
    return None


def _description_text(before: Posting, after: Posting) -> Significance | None:
    old, new = _spaced(before.description_text), _spaced(after.description_text)
    if old == new:
        return None
    old, new = _COUNTING.sub(" ", old), _COUNTING.sub(" ", new)
    if old == new:
        return Significance.MINOR
    if len(old) < SHORT_TEXT or len(new) < SHORT_TEXT:
        return Significance.MATERIAL
    return _material_if(alike(old, new) < SAME_TEXT)


def _description_html(before: Posting, after: Posting) -> Significance | None:
    """Attributes are left out: links carry tokens that change with every answer."""
    one, two = (_spaced(_ATTRIBUTES.sub(r"<\1\2>", posting.description_html or "")) for posting in (before, after))
    return None if one == two else Significance.MINOR


_FIELDS: dict[str, _Rule] = {
    "url": _url,
    "title": _title,
    "organization": _organization,
    "identifier": _identifier,
    "locations": _locations,
    "remote": _remote,
    "remote_regions": _remote_regions,
    "employment_types": _employment_types,
    "salary": _salary,
    "date_posted": _minor,
    "valid_through": _valid_through,
    DESCRIPTION: _description_text,
    "description_html": _description_html,
    "language": _minor,
    "direct_apply": _minor,
    "industry": _minor,
    "skills": _minor,
    "education": _minor,
    "experience": _minor,
    "syntax": _minor,
}
