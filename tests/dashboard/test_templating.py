"""How a view becomes an answer: a page, a block of it, or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from jinja2 import UndefinedError
from lxml import html

from dashboard import charts, words
from dashboard.charts import Spark
from dashboard.templating import _environment, to_json
from postings.visits import Outcome
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.web import browsing

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    at: datetime
    spark: Spark


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    inner: tuple[Inner, ...]
    on: date
    wait: timedelta
    outcome: Outcome
    amount: Decimal
    named: dict[str, int]
    nothing: None = None


def test_a_view_as_json_has_plain_values_and_no_charts() -> None:
    view = View(
        inner=(Inner(at=NOW, spark=charts.spark([1, 2])),),
        on=NOW.date(),
        wait=timedelta(minutes=2),
        outcome=Outcome.PARTIAL,
        amount=Decimal("1.5"),
        named={"Zürich": 1},
    )
    assert json.loads(to_json(view)) == {
        "inner": [{"at": "2026-11-25T12:00:00Z"}],
        "on": "2026-11-25",
        "wait": 120.0,
        "outcome": "partial",
        "amount": 1.5,
        "named": {"Zürich": 1},
        "nothing": None,
    }


def rendered(source: str, **values: object) -> str:
    return _environment().from_string(source).render(now=NOW, **values)


def test_what_a_page_says_is_escaped() -> None:
    assert rendered("{{ title }}", title="<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert rendered("{{ title|clean(20) }}", title="a\u202eb<b>\nc") == "a b&lt;b&gt; c"
    assert rendered("{{ url|link }}", url="javascript:alert(1)") == "None"


def test_a_name_that_is_not_there_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(UndefinedError):
        rendered("{{ nobody }}")


def test_times_are_told_in_words_and_in_full() -> None:
    (time,) = html.fragments_fromstring(rendered("{{ at|ago }}", at=NOW - timedelta(minutes=5)))
    assert (time.text, time.get("datetime"), time.get("title")) == (
        "5 min ago",
        "2026-11-25T11:55:00+00:00",
        "2026-11-25 11:55:00Z",
    )
    assert "not yet" in rendered("{{ none|ago('not yet') }}", none=None)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 KB"), (12_400_000, "12.4 MB"), (10**16, "10000.0 TB")]
)
def test_sizes_read_in_units(count: int, said: str) -> None:
    assert words.size(count) == said


def test_one_is_told_from_many() -> None:
    assert [words.plural(count, "visit") for count in (0, 1, 2_000)] == ["0 visits", "1 visit", "2,000 visits"]


def test_htmx_gets_the_block_that_it_asks_for_and_nobody_else_does(board: Board) -> None:
    asks = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#steps"}
    with browsing(board.app()) as web:
        whole = web.get("/welcome")
        block = web.get("/welcome", headers=asks)
        assert "<html" in whole.text
        assert "HX-Target" in whole.headers["vary"]
        assert "<html" not in block.text
        assert "From nothing" not in block.text
        assert block.text.strip() in whole.text
        for other in ({}, {"HX-Request-Type": "full"}, {"HX-Target": "div#nowhere"}, {"HX-Target": "main"}):
            headers = asks | other if other else {"HX-Target": "div#steps"}
            assert "<html" in web.get("/welcome", headers=headers).text


def test_an_error_within_a_page_is_a_fragment(board: Board) -> None:
    with browsing(board.app()) as web:
        answer = web.get("/nowhere", headers={"HX-Request": "true", "Accept": "text/html"})
    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_a_page_that_breaks_is_told_of_as_a_page(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    shrunken(board)
    monkeypatch.setattr("dashboard.charts.area", lambda values: 1 / 0)
    with browsing(board.app()) as web:
        page = web.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, "Something broke" in page.text) == (500, True)
        assert page.headers["content-security-policy"]
        assert web.get("/").json()["title"] == "Internal Server Error"


def test_a_database_that_cannot_be_used_is_told_of_without_a_word_of_where_it_is(board: Board) -> None:
    with browsing(board.app()) as web:
        board.engine.dispose()
        path = board.engine.url.database
        assert path is not None
        with open(path, "wb") as file:
            file.write(b"no database" * 100)
        page = web.get("/", headers={"Accept": "text/html"})
    assert (page.status_code, "The database cannot be used" in page.text) == (503, True)
    assert path not in page.text
