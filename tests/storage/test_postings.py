"""The postings as they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, update
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from postings.query import parse
from storage import postings, tables
from storage.engine import writing
from storage.searching import condition
from tests.storage.rows import HOUR, NOW, WELDER, add_posting, add_site, insert_postings, posting_row


def found(engine: Engine, query: str = "", state: str = "all", **options: int) -> list[str]:
    asked = condition(parse(query), NOW)
    return [one.id for one in postings.search(engine, state=state, condition=asked, **options)]  # type: ignore[arg-type]


class TestOne:
    def test_the_record_is_the_public_one(self, engine: Engine) -> None:
        add_posting(
            engine,
            add_site(engine),
            "p_1",
            state="closed",
            closed_at=NOW + HOUR,
            closed_reason="gone",
            links=[{"id": "p_2", "link": "repost", "evidence": "the same text"}],
        )
        record = postings.find(engine, "p_1").record
        assert (record["id"], record["site"], record["state"], record["title"]) == ("p_1", "acme", "closed", "Welder")
        assert (record["first_seen"], record["closed_at"]) == ("2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z")
        assert record["closed_reason"] == "gone"
        assert record["duplicates"] == [{"id": "p_2", "link": "repost", "evidence": "the same text"}]

    def test_what_the_record_does_not_show_stands_beside_it(self, engine: Engine) -> None:
        add_posting(
            engine, add_site(engine), "p_1", missing_since=NOW, missing_how="unlisted", missing_looks=2, raw_hash="ff"
        )
        one = postings.find(engine, "p_1")
        assert (one.missing_since, one.missing_how, one.missing_looks) == (NOW, "unlisted", 2)
        assert (one.site, one.page, one.raw_hash) == ("acme", "acme.example/jobs/1", "ff")

    @pytest.mark.parametrize("start", ["p_abc1", "abc1", "p_abc", "p_ab", "ab"])
    def test_the_beginning_of_an_id_is_enough_where_it_is_the_only_one(self, engine: Engine, start: str) -> None:
        site = add_site(engine)
        add_posting(engine, site, "p_abc1")
        add_posting(engine, site, "p_xyz1")
        assert postings.find(engine, start).id == "p_abc1"

    def test_an_id_that_begins_another_is_still_an_id(self, engine: Engine) -> None:
        site = add_site(engine)
        add_posting(engine, site, "p_abc")
        add_posting(engine, site, "p_abcd")
        assert postings.find(engine, "p_abc").id == "p_abc"

    def test_a_beginning_of_several_ids_is_answered_with_them(self, engine: Engine) -> None:
        site = add_site(engine)
        for number in range(7):
            add_posting(engine, site, f"p_abc{number}")
        with pytest.raises(UsageError, match=r"\(p_abc0, p_abc1, p_abc2, p_abc3, p_abc4, …\); give more of the id"):
            postings.find(engine, "abc")

    @pytest.mark.parametrize("posting_id", ["p_zzz", "P_ABC1", "p%", "p_a_c1", "p_abc12", "\0", "\ud800"])
    def test_an_unknown_id_is_not_found(self, engine: Engine, posting_id: str) -> None:
        add_posting(engine, add_site(engine), "p_abc1")
        with pytest.raises(NotFoundError):
            postings.find(engine, posting_id)


class TestSearch:
    def test_the_last_found_come_first(self, engine: Engine) -> None:
        site = add_site(engine)
        for name, age in (("p_a", 2), ("p_b", 1), ("p_c", 1), ("p_d", 3)):
            add_posting(engine, site, name, first_seen=NOW - age * HOUR)
        assert found(engine) == ["p_b", "p_c", "p_a", "p_d"]
        assert found(engine, limit=2) == ["p_b", "p_c"]
        assert found(engine, limit=0) == []

    def test_the_state_and_the_site_choose(self, engine: Engine) -> None:
        acme, other = add_site(engine, "acme"), add_site(engine, "other")
        add_posting(engine, acme, "p_a")
        add_posting(engine, acme, "p_b", state="closed")
        add_posting(engine, other, "p_c")
        assert found(engine, state="open") == ["p_a", "p_c"]
        assert found(engine, state="closed") == ["p_b"]
        assert found(engine, site_id=acme.id) == ["p_a", "p_b"]

    def test_the_query_chooses(self, engine: Engine) -> None:
        site = add_site(engine)
        add_posting(engine, site, "p_a")
        add_posting(engine, site, "p_b", replace(WELDER, title="Baker"))
        assert found(engine, "title:bak*") == ["p_b"]
        assert found(engine, "-baker location:düsseldorf") == ["p_a"]

    def test_postings_are_counted_without_being_read(self, engine: Engine) -> None:
        acme, other = add_site(engine, "acme"), add_site(engine, "other")
        add_posting(engine, acme, "p_a")
        add_posting(engine, acme, "p_b", state="closed")
        add_posting(engine, other, "p_c", replace(WELDER, title="Baker"))
        assert postings.count(engine, state="all") == 3
        assert postings.count(engine, state="open", site_id=acme.id) == 1
        assert postings.count(engine, state="all", condition=condition(parse("title:welder"), NOW)) == 2

    def test_a_slow_reader_sees_each_posting_once_and_none_that_has_changed_its_state(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postings, "BATCH", 2)
        site = add_site(engine)
        for number in range(6):
            add_posting(engine, site, f"p_{number}", first_seen=NOW - number * HOUR)
        reader = postings.search(engine, state="open")
        assert [next(reader).id, next(reader).id] == ["p_0", "p_1"]
        add_posting(engine, site, "p_new", first_seen=NOW + HOUR)
        with writing(engine) as connection:
            connection.execute(
                update(tables.postings).where(tables.postings.c.id == "p_3").values(state="closed", closed_at=NOW)
            )
        assert [one.id for one in reader] == ["p_2", "p_4", "p_5"]

    def test_thousands_are_read_in_batches(self, engine: Engine) -> None:
        site = add_site(engine)
        with writing(engine) as connection:
            insert_postings(
                connection, [posting_row(site, f"p_{number:05}") for number in range(2 * postings.BATCH + 1)]
            )
        assert found(engine) == [f"p_{number:05}" for number in range(2 * postings.BATCH + 1)]
        assert found(engine, limit=postings.BATCH + 1)[-1] == f"p_{postings.BATCH:05}"


def test_postings_are_counted_by_site_and_state(engine: Engine) -> None:
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    add_site(engine, "none")
    add_posting(engine, acme, "p_a")
    add_posting(engine, acme, "p_b")
    add_posting(engine, acme, "p_c", state="closed")
    add_posting(engine, other, "p_d", state="closed")
    assert postings.counts(engine) == {acme.id: {"open": 2, "closed": 1}, other.id: {"open": 0, "closed": 1}}


def test_the_keys_of_a_posting_come_in_order(engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    add_posting(engine, site, "p_2")
    rows = [("p_1", "print", "ff"), ("p_1", "address", "b"), ("p_1", "address", "a"), ("p_2", "address", "c")]
    with writing(engine) as connection:
        connection.execute(
            insert(tables.posting_keys),
            [
                {"site_id": site.id, "kind": kind, "value": value, "posting_id": posting_id, "since": 1}
                for posting_id, kind, value in rows
            ],
        )
    assert postings.keys(engine, "p_1") == [("address", "a"), ("address", "b"), ("print", "ff")]
    assert postings.keys(engine, "p_3") == []
