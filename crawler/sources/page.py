"""A page itself as the list, most often the start page: the postings stand on it and have no list beside it."""

from __future__ import annotations

import re

from crawler.absences import is_wall
from crawler.answers import Answer
from crawler.listing import Entry, Listed
from crawler.pages import Reading
from crawler.shells import is_shell
from crawler.sources.ending import ends_well
from postings import urls

#: nobody has to say who he is to see what is open
_ASKS_WHO = re.compile(rb"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)


def list_of(answer: Answer, reading: Reading | None, *, start_url: str) -> Listed:
    """What the page lists: itself, and the addresses that its postings give themselves; nothing if it has none.

    Without a reading the answer alone speaks: it failed, or the page is as it was when it was last read.
    """
    listed = Listed()
    listed.read[answer.asked] = answer
    if not answer.ok:
        listed.doubts.append(f"{answer.asked}: {answer.summary}")
        return listed
    if reading is None or reading.postings:
        listed.add(Entry.of(answer.url))
        listed.rows = 1
    if reading is None:
        return listed
    listed.doubts += [f"{answer.url}: {doubt}" for doubt in _doubts(answer, reading)]
    for posting in reading.postings:
        if posting.own_url and urls.same_site(posting.own_url, start_url):
            listed.add(Entry.of(posting.own_url))
    return listed


def _doubts(answer: Answer, reading: Reading) -> list[str]:
    doubts = [reading.unreadable] if reading.unreadable else []
    if reading.script_broken:
        doubts.append("a script that names JobPosting cannot be parsed")
    if reading.unreadable_postings:
        doubts.append(f"{len(reading.unreadable_postings)} postings cannot be read")
    if not answer.whole or not ends_well(answer):
        doubts.append(answer.detail or "the answer was cut off")
    if not reading.postings and (is_wall(answer.url) or is_shell(answer.body) or _ASKS_WHO.search(answer.body)):
        doubts.append("a login, a consent or error page, or one whose scripts show what it holds")
    return doubts
