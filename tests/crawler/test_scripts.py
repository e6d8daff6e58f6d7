from __future__ import annotations

import html
import json
import time

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler import scripts
from crawler.scripts import Script, read_script
from postings import markup

WELDER = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder"}
TEXT = json.dumps(WELDER)


@pytest.mark.parametrize(
    "script",
    [
        TEXT,
        "\ufeff\xa0" + TEXT,
        TEXT + ";",
        f"<!--\n{TEXT}\n-->",
        f"<!--\n{TEXT}\n//-->",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"<![CDATA[{TEXT}]]>",
        f"/*<![CDATA[*/{TEXT}/*]]>*/",
        f"/* a job */\n{TEXT}\n// the end",
        TEXT.replace('"', "&quot;"),
        TEXT.replace('"', "&#34;"),
        TEXT.replace('"', "&amp;quot;"),
        TEXT.replace('"', '\\"'),
        TEXT.replace('"', "&#8220;"),
        json.dumps(TEXT),
        TEXT.replace("}", ",}"),
        TEXT.replace('"', "'"),
        TEXT[:-1],
    ],
    ids=[
        "strict",
        "bom",
        "semicolon",
        "comment",
        "comment, script style",
        "cdata, line comments",
        "cdata",
        "cdata, block comments",
        "js comments",
        "entities",
        "entities by number",
        "entities twice",
        "escaped as a string",
        "quotes of typesetters",
        "encoded twice",
        "trailing comma",
        "single quotes",
        "cut",
    ],
)
def test_a_posting_is_read_out_of_its_frame(script: str) -> None:
    assert list(read_script(script).documents) == [WELDER]


def test_raw_control_characters_inside_strings_are_let_through() -> None:
    (document,) = read_script('{"@type": "JobPosting", "title": "Wel\tder\nand\x01 more"}').documents
    assert document["title"] == "Wel\tder\nand\x01 more"


def test_two_documents_in_one_script_are_both_read() -> None:
    assert list(read_script(f'{TEXT}\n{{"@type": "Organization"}}').documents) == [WELDER, {"@type": "Organization"}]


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "JobPosting", ,,, "description": }',
        "JobPosting",
        '{"@type": "JobPosting", "title": "", "a": [}',
        '{"@type": "JobPosting", "title": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_what_repair_makes_up_does_not_count_without_a_title(script: str) -> None:
    found = read_script(script)
    assert found.documents == ()
    assert found.broken


def test_a_broken_script_about_something_else_is_not_repaired() -> None:
    assert read_script('{"@type": "WebSite", "name": }').documents == ()


def test_numbers_that_python_cannot_hold_do_not_break_the_script() -> None:
    (document,) = read_script(
        '{"title": "x", "a": ' + "9" * 5_000 + ', "b": NaN, "c": -Infinity, "d": 1e999}'
    ).documents
    assert document["title"] == "x"
    assert document["b"] is None


@pytest.mark.parametrize("unit", ["[{", '"a": [1,,],', "/*", "//\n", "<!--", '"a "b" ', "\\", "{'a':"])
def test_a_hostile_script_of_a_quarter_megabyte_is_read_in_bounded_time(unit: str) -> None:
    script = '{"@type": "JobPosting", "title": "x", ' + unit * (250_000 // len(unit))
    started = time.process_time()
    read_script(script)
    assert time.process_time() - started < 8


SAID = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                " ",
                '"',
                "“",
                "”",
                "„",
                "″",
                "'",
                "\\",
                "/",
                "&",
                "<",
                ">",
                ";",
                "quot;",
                "é",
                "\n",
                "{",
                "}",
                "\\/",
            ),
            *("&quot;", "&amp;", "&amp;quot;", "&#34;", "&#8220;", "&lt;p&gt;", "http://"),
        ]
    ),
    max_size=8,
).map("".join)
OBJECTS = st.dictionaries(
    SAID, SAID | st.lists(SAID, max_size=3) | st.dictionaries(SAID, SAID, max_size=2), min_size=1, max_size=4
)


@given(OBJECTS, st.booleans(), st.booleans(), st.integers(1, 2))
@settings(max_examples=200)
@example({"@type": "JobPosting", "title": "Koch &quot;Haus am See&quot;"}, False, False, 1)
@example(
    {"@type": "JobPosting", "title": "Koch", "description": "Sag „ja“, dann “title”: “Chef”, fertig"}, False, False, 1
)
@example(
    {"@type": "JobPosting", "title": 'Sag "ja", dann "title": "Chef"', "url": "http://acme.example/"}, False, True, 2
)
def test_an_object_that_is_escaped_as_a_whole_reads_back_as_itself(
    value: object, ascii_only: bool, slashes: bool, times: int
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    if slashes:
        text = text.replace("/", "\\/")
    as_html = text
    for _ in range(times):
        as_html = html.escape(as_html)
    assert read_script(as_html) == Script(documents=(value,))
    assert read_script(json.dumps(text)[1:-1]) == Script(documents=(value,))


@pytest.mark.parametrize(
    ("quote", "title"), [("“", "Koch &amp;quot;A&amp;quot;"), ("&#8220;", "Koch &quot;A&quot;")], ids=["raw", "escaped"]
)
def test_what_is_escaped_within_strings_in_typographic_quotes_does_not_end_them(quote: str, title: str) -> None:
    text = '{"@type": "JobPosting", "title": "Koch &amp;quot;A&amp;quot;"}'.replace('"', quote)
    assert read_script(text) == Script(documents=({"@type": "JobPosting", "title": title},))


def test_a_script_that_must_be_repaired_keeps_the_escapes_of_its_strings() -> None:
    (document,) = read_script("{'@type': 'JobPosting', 'title': 'Driver&#39;s mate'}").documents
    assert document["title"] == "Driver&#39;s mate"


@given(st.text(max_size=300) | st.text("{}[]\"',:/*<!->;&quot t\\", max_size=120) | st.sampled_from(["&nbsp;", "&#1;"]))
def test_no_text_makes_reading_fail(text: str) -> None:
    read_script(text)


def test_a_script_that_the_page_breaks_off_in_is_not_repaired() -> None:
    text = '{"@type": "JobPosting", "title": "Welder", "description": "You wel'
    assert read_script(text).repaired
    assert read_script(text, is_cut=lambda: True) == Script(broken="the page breaks off within it")


def test_a_script_that_is_whole_is_read_although_the_page_breaks_off_behind_it() -> None:
    text = '{"@type": "JobPosting", "title": "Welder"}'
    assert read_script(text, is_cut=lambda: True) == read_script(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
NOISE = st.sampled_from(
    [
        "",
        '"',
        "\\",
        "\\u",
        "\\ud800",
        "-",
        "0",
        "-0",
        "1e999",
        "1.",
        "NaN",
        "{",
        "]",
        ",",
        "\x01",
        "\n",
        "\xa0",
        '"a":1,',
    ]
)


@given(VALUES, st.booleans(), st.floats(0, 1), st.integers(0, 2), NOISE)
@settings(max_examples=500)
@example({"a": 2**64, "b": -(2**63) - 1, "c": -0.0, "d": 5e-324, "e": 10**400}, True, 0.0, 0, "")
def test_what_the_reader_of_valid_json_takes_it_reads_as_the_tolerant_one_does(
    value: object, ascii_only: bool, where: float, gone: int, noise: str
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    at = int(where * len(text))
    text = text[:at] + noise + text[at + gone :]
    try:
        read = scripts._VALID.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return
    # repr: -0.0 is not 0, and one property comes before another
    assert repr(read) == repr(scripts._DECODER.decode(text))
    if isinstance(read, (dict, list)):
        assert read_script(text).documents == (read,)


def test_the_last_of_two_equal_properties_counts() -> None:
    assert read_script('{"title": "Cutter", "a": 1, "title": "Welder"}').documents == ({"title": "Welder", "a": 1},)


def test_numbers_beyond_64_bits_are_no_value_however_many_digits_they_have() -> None:
    for digits in (20, 21, 40, 400, 2_000, 6_000):
        for script in (f'{{"value": {"9" * digits}}}', f'{{"value": {"9" * digits}}};'):
            [document] = read_script(script).documents
            assert markup.plain(document) == {"value": None}


@pytest.mark.parametrize(
    ("text", "breaks_off"),
    [
        ('{"@type": "JobPosting", "title": "Welder", "description": "We look for', True),
        ('{"@type": "JobPosting", "title": "Welder", "description": "We look for //-->', True),
        ('{"@type": "JobPosting", "title": "Welder", "places": [1, 2', True),
        ('{"@type": "JobPosting", "title": "Welder" "description": "We look"}', False),
        ('<!-- {"@type": "JobPosting", "title": "Welder",, "description": "We look"}; //-->', False),
    ],
)
def test_a_text_that_ends_before_its_json_does_is_told_from_one_with_a_mistake(text: str, breaks_off: bool) -> None:
    script = read_script(text)
    assert script.repaired
    assert script.breaks_off is breaks_off
