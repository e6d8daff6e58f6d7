"""What inspect is told of a page beyond its postings: where they stand, what is wrong, how each script was read."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import explanation
from crawler.extraction import file_page, read_page
from crawler.pages import Page, Place, Reading
from tests.postings.test_problems import CLEAN

PAGES = Path(__file__).parents[2].parent / "shared" / "corpus"


def script(value: object, kind: str = ' type="application/ld+json"') -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"<script{kind}>{text}</script>\n"


def look(*parts: str, head: str = "") -> Reading:
    body = f"<!doctype html>\n<html><head>{head}</head><body>\n{''.join(parts)}</body></html>"
    return read_page(Page(url="https://acme.example/jobs/1", body=body.encode()), links=True, problems=True)


def rules(reading: Reading) -> list[str]:
    return [one.rule for one in reading.problems] + [one.rule for read in reading.postings for one in read.problems]


def outcomes(reading: Reading) -> list[tuple[str | None, str]]:
    return [(step.rung, step.outcome) for step in reading.explanation]


RUNGS = [
    (json.dumps(CLEAN), explanation.STRICT, []),
    ("\ufeff" + json.dumps(CLEAN), explanation.MARKED, []),
    (json.dumps(CLEAN).replace("</p>", "\n</p>"), explanation.LENIENT, ["json-control-character"]),
    (json.dumps(CLEAN).replace("3200", "9" * 5000), explanation.LARGE, None),
    (f"<!--\n{json.dumps(CLEAN)}\n//-->", explanation.UNWRAPPED, ["json-framed"]),
    (f"//<![CDATA[\n{json.dumps(CLEAN)};\n//]]>", explanation.UNWRAPPED, ["json-framed"]),
    (json.dumps(CLEAN).replace("<", "").replace(">", "").replace('"', "&quot;"), explanation.UNESCAPED, ["json-escaped"]),
    (json.dumps(CLEAN).replace('"', "“"), explanation.UNESCAPED, ["json-escaped"]),
    (json.dumps(json.dumps(CLEAN)), explanation.INNER, ["json-escaped"]),
    (json.dumps(CLEAN).replace('"title"', "title"), explanation.REPAIRED, ["json-repaired"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rung", "found"), RUNGS, ids=[rung for _, rung, _ in RUNGS])
def test_the_rung_that_read_a_script_is_told(text: str, rung: str, found: list[str] | None) -> None:
    reading = look(script(text))
    assert [one.posting.title for one in reading.postings] == ["Welder"]
    assert reading.explanation[0].rung == rung
    assert found is None or rules(reading) == found


PAGE_RULES: list[tuple[str, str]] = [
    ("json-invalid", script('{"@type": "JobPosting", oops')),
    ("script-type", script(CLEAN, ' type="text/javascript"')),
    ("script-type", script(CLEAN, "")),
    ("markup-in-comment", f"<!-- {script(CLEAN)} -->"),
    ("context-missing", script({key: value for key, value in CLEAN.items() if key != "@context"})),
    ("context-missing", script({**CLEAN, "@context": "https://acme.example/"})),
    ("posting-unreadable", script({"@context": "https://schema.org", "@type": "JobPosting", "title": ""})),
    ("several-postings", script([CLEAN, {**CLEAN, "title": "Nurse"}])),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "markup"), PAGE_RULES)
def test_each_rule_of_the_page_is_tripped_alone(rule: str, markup: str) -> None:
    assert rules(look(markup)) == [rule]


@pytest.mark.parametrize("markup", [
    script(CLEAN),
    script({"@context": "https://schema.org", "@graph": [CLEAN]}),
    script({**CLEAN, "@context": {"@vocab": "http://schema.org/"}}),
    script({**CLEAN, "@context": None, "@type": "https://schema.org/JobPosting"}),
    script(CLEAN) + script('{"@type": "WebSite", broken'),
    script(CLEAN) + script('var job = {"@type": "JobPosting"}', ""),
    script(CLEAN) + "<!-- JobPosting ends here -->",
])  # fmt: skip
def test_a_clean_page_trips_no_rule(markup: str) -> None:
    assert rules(look(markup)) == []


def place_of(reading: Reading, name: str, posting: int = 0) -> tuple[Any, Place]:
    source = next(source for source in reading.postings[posting].sources if source.name == name)
    return source.raw, source.at


def test_a_value_is_found_by_its_pointer_in_its_script() -> None:
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, {**CLEAN, "a/b~c": 1}]}
    reading = look(script({"@type": "Thing"}), script(graph))
    assert reading.postings[0].at == Place(script=2, pointer="/@graph/1", line=4)
    raw, at = place_of(reading, "baseSalary")
    assert (at.script, at.pointer, raw) == (2, "/@graph/1/baseSalary", CLEAN["baseSalary"])
    assert place_of(reading, "a/b~c")[1].pointer == "/@graph/1/a~1b~0c"


def test_a_value_is_told_as_the_page_spells_it() -> None:
    markup = {"@context": {"s": "https://schema.org/"}, "@type": "s:JobPosting", "s:title": "Welder &amp; Fitter"}
    raw, at = place_of(look(script(markup)), "title")
    assert (raw, at.pointer) == ("Welder &amp; Fitter", "/s:title")


def test_a_long_value_is_cut() -> None:
    deep: Any = "end"
    for _ in range(30):
        deep = {"inner": deep}
    reading = look(script({**CLEAN, "description": "<p>Weld.</p>" * 5_000, "skills": deep, "industry": ["x"] * 500}))
    assert len(json.dumps([source.raw for source in reading.postings[0].sources])) < 5_000


def test_texts_one_after_the_other_are_told_apart() -> None:
    reading = look(script(json.dumps({"@type": "WebSite"}) + json.dumps(CLEAN)))
    assert reading.postings[0].at == Place(script=1, document=2, pointer="", line=3)


ITEM = (
    '<div itemscope itemtype="https://schema.org/JobPosting"><h1 itemprop="title">Welder</h1>\n'
    '<p itemprop="hiringOrganization" itemscope itemtype="https://schema.org/Organization"><b itemprop="name">Acme</b></p></div>'
)
RDFA = (
    '<div vocab="https://schema.org/" typeof="JobPosting"><h1 property="title">Welder</h1>'
    '<p property="hiringOrganization" typeof="Organization"><b property="name">Acme</b></p></div>'
)


@pytest.mark.parametrize("markup", [ITEM, RDFA])
def test_a_value_of_an_item_is_found_at_its_element(markup: str) -> None:
    reading = look(markup)
    assert reading.postings[0].at == Place(element="/html/body/div", line=3)
    assert place_of(reading, "title")[1].element == "/html/body/div/h1"
    assert place_of(reading, "hiringOrganization")[1].element == "/html/body/div/p"


def test_each_candidate_is_told_with_what_became_of_it() -> None:
    candidates: list[dict[str, Any]] = [
        {"@type": "JobPosting", "title": ""},
        {"@type": "Product", "datePosted": "2026-11-01", "hiringOrganization": "Acme"},
        CLEAN,
        {**CLEAN, "title": "Nurse"},
    ]
    reading = look(
        script({"@context": "https://schema.org", "@graph": candidates}),
        script({"@type": "WebSite"}),
        ITEM,
        script("{"),
    )
    assert outcomes(reading) == [
        (explanation.STRICT, "4 candidates for a posting"),
        (None, "refused: no title, and not two of organisation, description and place"),
        (None, "refused: its type is Product, not JobPosting, though it has datePosted and hiringOrganization"),
        (None, "read: 'Welder'"),
        (None, "read: 'Nurse'"),
        (explanation.STRICT, "no JobPosting in it: WebSite"),
        (explanation.NONE, "the JSON is broken"),
        (None, "microdata, passed over: JSON-LD gave the posting"),
    ]


def test_a_posting_said_twice_is_told_once() -> None:
    reading = look(script([CLEAN, {**CLEAN, "totalJobOpenings": 2}]), script(CLEAN))
    assert len(reading.postings) == 1
    assert [outcome for _, outcome in outcomes(reading)].count("read: 'Welder'") == 1
    assert "passed over: it says what an earlier one says" in [outcome for _, outcome in outcomes(reading)]


def test_an_item_without_itemscope_is_refused() -> None:
    reading = look('<div itemtype="https://schema.org/JobPosting"><h1 itemprop="title">Welder</h1></div>')
    assert outcomes(reading) == [(None, "microdata, refused: itemtype without itemscope")]


@pytest.mark.parametrize(
    "markup",
    ["<!-- JobPosting ld+json " * 40_000, script(CLEAN) + ITEM * 3_000, script([CLEAN] * 2_000), "<!---->" * 50_000],
    ids=["open comments", "items", "copies", "comments"],
)
def test_a_second_look_at_a_large_page_is_quick(markup: str) -> None:
    began = time.process_time()
    reading = look(markup)
    assert len(reading.explanation) <= explanation.STEP_LIMIT
    assert time.process_time() - began < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["JobPosting", "Welder"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["@type", "@graph", "@id", "@context", "title", "description", "hiringOrganization", "x/y"]),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(JSON, max_size=4))
def test_a_second_look_changes_nothing_and_every_posting_has_its_place(values: list[Any]) -> None:
    parts = [script(value) for value in values]
    body = "".join(parts).encode()
    page = Page(url="https://acme.example/jobs/1", body=b"<html>" + body + b"</html>")
    plain, looked = (read_page(page, links=False, problems=asked) for asked in (False, True))
    assert [one.posting for one in plain.postings] == [one.posting for one in looked.postings]
    for one in looked.postings:
        assert one.at is not None
        assert one.at.script is not None
        value = values[one.at.script - 1]
        for step in (one.at.pointer or "").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        assert value.keys() >= {"@type"}


@pytest.mark.real_pages
@pytest.mark.skipif(not PAGES.exists(), reason=f"there is no collection of pages at {PAGES}")
def test_every_posting_of_real_pages_has_its_place() -> None:
    lost = []
    for file in sorted([*PAGES.glob("pages/*"), *PAGES.glob("jsonld/*"), *PAGES.glob("mutated/*")]):
        reading = read_page(file_page(file, file.read_bytes()), links=False, problems=True)
        lost += [file.name for one in reading.postings if one.at is None or not one.sources]
    assert lost == []
