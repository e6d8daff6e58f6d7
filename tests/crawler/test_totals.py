from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.totals import stated_total


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("<p>128 open positions</p>", 128),
        ("<h2>Showing <b>1</b>&ndash;<b>20</b> of <b>1,128</b> jobs</h2>", 1128),
        ("<p>1 - 20 von 45</p>", 45),
        ("<li>1.234 Stellenangebote</li>", 1234),
        ("<li><span><strong>17</strong> offene Stellen</span></li>", 17),
        ("<p>35 offres d'emploi</p>", 35),
        ("<ul data-total='44'></ul>", 44),
        ('<div data-job-count="7"></div>', 7),
        ("<p>3 jobs</p><p>8 jobs</p>", 8),
    ],
)
def test_the_number_of_postings_is_read_where_a_page_states_it(text: str, total: int) -> None:
    assert stated_total(text.encode()) == total


@pytest.mark.parametrize(
    "text",
    [
        "<p>We created 5,000 jobs in the region</p>",
        "<p>Welder</p>",
        "<p>500 employees</p>",
        "<p>Call 030 1234567</p>",
        "<p>Founded in 1998, 20 of our people</p>",
        "<div data-page='3'></div>",
        "",
    ],
)
def test_other_numbers_are_no_totals(text: str) -> None:
    assert stated_total(text.encode()) == 0


@given(st.binary(max_size=300))
def test_any_bytes_have_a_total(body: bytes) -> None:
    assert stated_total(body) >= 0


@pytest.mark.parametrize(
    "part", [b"<script", b"<b ", b">1 ", b"> ", b">1 - 2 of ", b">we have ", b"data-total='", b">1,111", b">1\xc2"]
)
def test_a_page_made_to_be_slow_is_not(part: bytes) -> None:
    began = process_time()
    stated_total(part * (600_000 // len(part)))
    assert process_time() - began < 3
