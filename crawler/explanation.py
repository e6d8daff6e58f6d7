"""How a page was read: which rung of the ladder read each script, and what became of each candidate for a posting.

`examine` looks at a page that has been read once more, for `inspect`; a visit does not ask. What it finds goes to the
postings (where each stands, what is wrong with it), to the page's problems, and into steps that tell the way.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from crawler import rdfa
from crawler.documents import Document
from crawler.pages import Place, Problem, ReadPosting, Source, Step
from crawler.provenance import Found, at_element, in_elements, in_script, objects
from crawler.scripts import Script, is_escaped, names_job_posting, read_script
from crawler.structured_data import StructuredData, job_postings
from postings import markup
from postings.normalise import text as texts
from postings.problems import find_problems, problem
from postings.reading import Unreadable, read_object

#: steps of one page, and comments with markup, that are told
STEP_LIMIT, COMMENT_LIMIT = 500, 20

_SPACE = " \t\r\n\x0b\x0c\xa0\u200b"
_CONTROL = re.compile(r"[\x00-\x1f]")
#: an object with two of these is a posting that forgot to say so
_TELLING = frozenset(
    {"datePosted", "validThrough", "hiringOrganization", "jobLocation", "employmentType", "baseSalary"}
)

#: rungs of the reading ladder (C.1), best first
STRICT = "strict JSON"
MARKED = "strict JSON behind a byte order mark"
LENIENT = "JSON with raw control characters"
LARGE = "JSON with numbers too large for JSON"
UNWRAPPED = "JSON once comments, CDATA marks, semicolons or further texts beside it were left out"
UNESCAPED = "JSON once its escapes were undone, or its quotes made straight"
INNER = "JSON within a JSON string"
REPAIRED = "repair of broken JSON"
NONE = "none: not even repair could read it"

_OF_RUNG = {
    LENIENT: ("json-control-character", "holds raw line breaks or tabs within strings; escape them as \\n and \\t"),
    UNWRAPPED: ("json-framed", "holds more than JSON; leave out comments, CDATA marks and semicolons"),
    UNESCAPED: (
        "json-escaped",
        'has other quotes than JSON (&quot;, \\", “); write its JSON as it is, with straight quotes',
    ),
    INNER: ("json-escaped", "holds its JSON within a JSON string; write it as it is"),
    REPAIRED: ("json-repaired", "is broken JSON and was read after repair; mend it, other readers will not see it"),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What a second look at a page tells."""

    postings: tuple[ReadPosting, ...]
    problems: tuple[Problem, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A JSON-LD script."""

    place: Place
    text: str
    script: Script
    rung: str


def examine(document: Document, scripts: list[Any], found: StructuredData, read: list[ReadPosting]) -> Examined:
    """Looks once more at a page whose `found` objects were `read`; `scripts` are all the page's."""
    ld, others = _json_ld(scripts)
    fates = _fates(found, read)
    if found.syntax == "json-ld":
        places, context = _in_scripts(ld, found)
    else:
        places, context = _in_items(document, found), ()
    comments = _comments(document)
    postings = []
    for number, one in enumerate(read):
        thing = fates.things.get(number, {})
        at, sources = places.get(fates.places.get(number, -1), (None, ()))
        written = [_last(source.at.pointer) for source in sources if source.at.pointer is not None]
        postings.append(replace(one, problems=find_problems(thing, one.posting, written), at=at, sources=sources))
    problems = [*_script_problems(ld), *context, *others.problems, *comments.problems]
    problems += [problem("posting-unreadable", "", f"{reason}; give it a title") for reason in found.unreadable]
    if len(read) > 1:
        problems.append(
            problem(
                "several-postings",
                "",
                f"{len(read)} postings stand on one page; give each a page of its own with its markup",
            )
        )
    steps = chain(
        _script_steps(ld, found, places, fates),
        others.steps,
        comments.steps,
        _item_steps(document, found, places, fates),
    )
    return Examined(tuple(postings), tuple(dict.fromkeys(problems)), tuple(islice(steps, STEP_LIMIT)))


def rung_of(text: str, script: Script) -> str:
    """The rung that read a script's text."""
    if script.broken:
        return NONE
    if script.repaired:
        return REPAIRED
    stripped = text.strip(_SPACE)
    strict = _decodes(json.JSONDecoder(), stripped.lstrip("\ufeff" + _SPACE))
    if isinstance(strict, str):
        return INNER
    if strict is not None:
        return MARKED if stripped.startswith("\ufeff") else STRICT
    if _decodes(json.JSONDecoder(strict=False), stripped) is not None and _CONTROL.search(stripped):
        return LENIENT
    if _decodes(json.JSONDecoder(strict=False, parse_int=float), stripped) is not None:
        return LARGE
    return UNESCAPED if is_escaped(stripped) else UNWRAPPED


def _decodes(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Told:
    """Problems and steps of what lies beside the JSON-LD."""

    problems: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()


def _json_ld(scripts: list[Any]) -> tuple[list[_Text], _Told]:
    """The page's JSON-LD scripts, and what is to be said of others that name JobPosting."""
    found: list[_Text] = []
    problems, steps = [], []
    for element in scripts:
        kind = (element.get("type") or "").strip()
        text = "".join(element.itertext())
        if kind.lower().startswith("application/ld+json"):
            script = read_script(text)
            place = Place(script=len(found) + 1, line=element.sourceline)
            found.append(_Text(place, text, script, rung_of(text, script) if text.strip() else "none: it is empty"))
        elif _looks_like_json_ld(text):
            said = f"its type is {kind}" if kind else "it has no type"
            steps.append(Step(at=at_element(element), outcome=f"refused: {said}, not application/ld+json"))
            problems.append(
                problem(
                    "script-type",
                    "",
                    f"the script in line {element.sourceline} is not read though it holds a JobPosting: {said}; "
                    "write application/ld+json",
                )
            )
    return found, _Told(tuple(problems), tuple(steps))


def _looks_like_json_ld(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and "@type" in text and names_job_posting(text)


def _script_problems(texts_: list[_Text]) -> Iterator[Problem]:
    for one in texts_:
        if not names_job_posting(one.text):
            continue
        named = f"script {one.place.script} (line {one.place.line})"
        if one.script.broken:
            yield problem(
                "json-invalid", "", f"{named} names JobPosting and could not be read: {one.script.broken}; mend it"
            )
        elif one.rung in _OF_RUNG:
            rule, message = _OF_RUNG[one.rung]
            yield problem(rule, "", f"{named} {message}")


@dataclass(frozen=True, slots=True)
class _Fates:
    """What became of the objects that were found: by the number of the posting read, and by their own number."""

    things: dict[int, Mapping[str, Any]]
    places: dict[int, int]
    outcomes: dict[int, str]


def _fates(found: StructuredData, read: list[ReadPosting]) -> _Fates:
    waiting = [json.loads(one.raw) for one in read]
    things: dict[int, Mapping[str, Any]] = {}
    places: dict[int, int] = {}
    outcomes: dict[int, str] = {}
    next_one = 0
    for number, thing in enumerate(found.things):
        if next_one < len(waiting) and waiting[next_one] == json.loads(json.dumps(thing)):
            things[next_one], places[next_one] = thing, number
            title = read[next_one].posting.title
            outcomes[number] = f"read: {title!r}" if title else "read, without a title"
            next_one += 1
            continue
        one = read_object(
            thing, syntax=found.syntax, page_url=None, own_url=None, language=None, canonical=None, several=True
        )
        outcomes[number] = (
            f"refused: {one.reason}" if isinstance(one, Unreadable) else "passed over: it says what an earlier one says"
        )
    return _Fates(things, places, outcomes)


_Places = dict[int, tuple[Place | None, tuple[Source, ...]]]


def _in_scripts(ld: list[_Text], found: StructuredData) -> tuple[_Places, tuple[Problem, ...]]:
    """Where each object of `found` stands, by its number; and those that no context makes schema.org's."""
    origins: list[dict[str, Any]] = []
    things = job_postings([one for text in ld for one in text.script.documents], named=True, origins=origins)
    if len(things) != len(found.things):
        return {}, ()
    numbers = {id(origin): number for number, origin in enumerate(origins)}
    places: _Places = {}
    problems: list[Problem] = []
    for place, one in _objects(ld):
        number = numbers.get(id(one.value))
        if number is None:
            continue
        places[number] = (place, in_script(one.value, place, one.prefixes))
        kind = one.value.get("@type", one.value.get("type"))
        if not one.in_context and not any("schema.org" in str(name) for name in texts.each(kind)):
            problems.append(
                problem(
                    "context-missing",
                    "",
                    f'a JobPosting in script {place.script} has no context; add "@context": "https://schema.org" for other readers',
                )
            )
    return places, tuple(problems)


def _objects(ld: list[_Text]) -> Iterator[tuple[Place, Found]]:
    for text in ld:
        several = len(text.script.documents) > 1
        for number, document in enumerate(text.script.documents, 1):
            for one in objects(document):
                yield replace(text.place, pointer=one.pointer, document=number if several else None), one


def _in_items(document: Document, found: StructuredData) -> _Places:
    """The same for microdata and RDFa, where items and objects correspond one to one."""
    items = _items(document, found.syntax)
    if len(items) != len(found.things):
        return {}
    attribute, scope = ("itemprop", "itemscope") if found.syntax == "microdata" else ("property", "typeof")
    return {
        number: (at_element(item), in_elements(item, found.things[number], attribute=attribute, scope=scope))
        for number, item in enumerate(items)
    }


def _items(document: Document, syntax: str) -> list[Any]:
    if syntax == "rdfa":
        return rdfa.job_postings(document.tree)
    return [
        element for element in document.tree.iter()
        if "JobPosting" in (element.get("itemtype") or "") and element.get("itemscope") is not None
    ]  # fmt: skip


def _script_steps(ld: list[_Text], found: StructuredData, places: _Places, fates: _Fates) -> Iterator[Step]:
    at = {place: number for number, (place, _) in places.items() if place is not None}
    said: dict[int | None, list[Step]] = {}
    kinds: dict[int | None, Counter[str]] = {}
    for place, one in _objects(ld):
        number = at.get(place) if found.syntax == "json-ld" else None
        names = markup.types_of(one.value)
        kinds.setdefault(place.script, Counter()).update(name[:40] for name in names)
        outcome = fates.outcomes[number] if number is not None else _refusal(one, names)
        if outcome is not None:
            said.setdefault(place.script, []).append(Step(at=place, outcome=outcome))
    for text in ld:
        steps = said.get(text.place.script, [])
        most = [name for name, _ in kinds.get(text.place.script, Counter()).most_common(5)]
        summary = (
            f"{len(steps)} candidate{'' if len(steps) == 1 else 's'} for a posting"
            if steps
            else (f"no JobPosting in it: {', '.join(most)}" if most else text.script.broken or "nothing in it")
        )
        yield Step(at=text.place, rung=text.rung, outcome=summary)
        yield from steps


def _refusal(one: Found, names: frozenset[str]) -> str | None:
    """Why an object that may be meant as a posting was not taken for one; None if nothing speaks for it."""
    if any(name.casefold() == "jobposting" for name in names):
        if "@id" in one.value and one.value.keys() <= {"@id", "@type"}:
            return "passed over: it refers to an object that is read where it stands"
        return "passed over: it says what an earlier one says, or stands within one"
    telling = _TELLING.intersection(markup.name_of(key, one.prefixes) for key in list(one.value)[:200])
    if len(telling) < 2:
        return None
    said = f"its type is {', '.join(sorted(names))[:80]}" if names else "it has no @type"
    return f"refused: {said}, not JobPosting, though it has {' and '.join(sorted(telling)[:2])}"


def _comments(document: Document) -> _Told:
    """Markup that stands in an HTML comment: nobody reads it."""
    source = document.source
    steps: list[Step] = []
    problems: list[Problem] = []
    start = source.find(b"<!--")
    while start >= 0 and len(steps) < COMMENT_LIMIT:
        end = source.find(b"-->", start)
        if end < 0:
            break
        if source.find(b"JobPosting", start, end) >= 0 and any(
            source.find(mark, start, end) >= 0 for mark in (b"ld+json", b"itemtype", b"typeof")
        ):
            script = source.rfind(b"<script", 0, start)
            if script < 0 or source.find(b"</script", script, start) >= 0:
                line = source.count(b"\n", 0, start) + 1
                steps.append(Step(at=Place(line=line), outcome="refused: it is hidden in a comment"))
                message = f"a JobPosting in line {line} is hidden in a comment; take it out of it, or delete it"
                problems.append(problem("markup-in-comment", "", message))
        start = source.find(b"<!--", end)
    return _Told(tuple(problems), tuple(steps))


def _item_steps(document: Document, found: StructuredData, places: _Places, fates: _Fates) -> Iterator[Step]:
    for syntax, name in (("microdata", "microdata"), ("rdfa", "RDFa")):
        items = _items(document, syntax)
        if found.syntax == syntax and len(items) == len(places):
            for number, item in enumerate(items):
                yield Step(at=at_element(item), outcome=f"{name}, {fates.outcomes[number]}")
            continue
        for item in items:
            if found.syntax == syntax:
                outcome = (
                    f"{name}: read, but two items say the same, or one is empty"
                    if found.things
                    else f"{name}, refused: nothing in it"
                )
            elif found.things:
                outcome = (
                    f"{name}, passed over: {'JSON-LD' if found.syntax == 'json-ld' else found.syntax} gave the posting"
                )
            else:
                outcome = f"{name}, refused: no property in it"
            yield Step(at=at_element(item), outcome=outcome)
    for element in document.tree.iter():
        if "JobPosting" in (element.get("itemtype") or "") and element.get("itemscope") is None:
            yield Step(at=at_element(element), outcome="microdata, refused: itemtype without itemscope")


def _last(pointer: str) -> str:
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
