"""Search engines: an index as the postings stand, whatever comes twice, late, too large or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from delivery.outlets import Batch, Context, Delivered, OutletUnavailable, kind_of, search, shown_address
from delivery.outlets.search import SearchOutlet
from delivery.outlets.search_index import Index
from network.addresses import AddressPolicy
from postings.errors import AddressRefused, UsageError
from postings.events import Event, EventType
from tests.delivery.engines import ENGINES, KEY, Engine, engine
from tests.delivery.eventlog import event, posting_record
from tests.delivery.loopback import loopback_context
from tests.delivery.outlet_rows import outlet_row


@pytest.fixture(params=list(ENGINES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str) -> Iterator[Engine]:
    with engine(kind) as server:
        server.collections.add("jobs")
        yield server


def opened(kind: str, server: Engine, context: Context | None = None, **options: Any) -> SearchOutlet:
    login = "me:CANARY@" if kind == "opensearch" else ""
    own = {} if kind == "opensearch" else {"api_key": KEY}
    address, stored = search.prepare(f"{kind}+http://{login}{server.address}/jobs", own | options)
    return SearchOutlet(outlet_row("search", address, stored), context or loopback_context())


def batch(*events: Event) -> Batch:
    numbers = tuple(one.number for one in events)
    return Batch(events=events, numbers=numbers, counts={EventType.OPENED: len(events)})


def happened(number: int, posting: int | None = None, **fields: Any) -> Event:
    posting = posting or number
    record = posting_record(posting, **fields)
    what = EventType.CLOSED if record["state"] == "closed" else EventType.CHANGED
    return event(number, what, posting_id=f"p_{posting}", record=record)


def send(kind: str, server: Engine, *events: Event, **options: Any) -> Delivered:
    outlet = opened(kind, server, **options)
    try:
        return outlet.deliver(batch(*events))
    finally:
        outlet.close()


def test_an_index_holds_the_postings(kind: str, server: Engine) -> None:
    assert send(kind, server, happened(7), happened(9)) == Delivered(sent=(7, 9))
    document = server.documents["p_7"]
    expected = posting_record(7) | {"event": 7, "description_html": None}
    if kind == "typesense":
        assert document["locations"] == [{"locality": "Berlin", "country": "DE"}]
        assert {name: value for name, value in expected.items() if name in document}.keys() == document.keys()
    else:
        assert document == expected


def test_an_index_holds_the_last_of_several_events(kind: str, server: Engine) -> None:
    delivered = send(kind, server, happened(1, title="old"), happened(2, 1, title="newer"), happened(3, 1, title="new"))
    assert delivered.sent == (1, 2, 3)
    assert (server.documents["p_1"]["title"], server.documents["p_1"]["event"]) == ("new", 3)


def test_the_same_again_changes_nothing(kind: str, server: Engine) -> None:
    send(kind, server, happened(1), happened(2))
    before = dict(server.documents)
    assert send(kind, server, happened(1), happened(2)).sent == (1, 2)
    assert server.documents == before


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
def test_an_older_event_does_not_overwrite_a_newer_one(kind: str, server: Engine) -> None:
    send(kind, server, happened(5, 1, title="new"))
    assert send(kind, server, happened(2, 1, title="old")).sent == (2,)
    assert server.documents["p_1"]["title"] == "new"


def test_a_closed_posting_stays_as_closed(kind: str, server: Engine) -> None:
    send(kind, server, happened(1), happened(2, 1, state="closed"))
    assert server.documents["p_1"]["state"] == "closed"


def test_a_closed_posting_goes_if_that_is_asked_for(kind: str, server: Engine) -> None:
    send(kind, server, happened(1), happened(2), closed="delete")
    assert send(kind, server, happened(3, 1, state="closed"), closed="delete").sent == (3,)
    assert list(server.documents) == ["p_2"]


def test_what_is_to_go_and_is_not_there_is_done(kind: str, server: Engine) -> None:
    assert send(kind, server, happened(3, 1, state="closed"), closed="delete").sent == (3,)
    assert server.documents == {}


def test_a_document_that_is_refused_says_why_and_the_others_arrive(kind: str, server: Engine) -> None:
    server.items["p_3"] = 400
    delivered = send(kind, server, *(happened(number) for number in range(1, 8)))
    assert delivered.sent == (1, 2, 4, 5, 6, 7)
    [(number, reason)] = delivered.refused
    assert number == 3
    assert reason.startswith("refused: ")
    assert set(server.documents) == {f"p_{number}" for number in (1, 2, 4, 5, 6, 7)}


def test_a_document_that_cannot_be_taken_now_is_no_refusal(kind: str, server: Engine) -> None:
    server.items["p_2"] = 503
    with pytest.raises(OutletUnavailable):
        send(kind, server, happened(1), happened(2))
    server.items.clear()
    assert send(kind, server, happened(1), happened(2)).sent == (1, 2)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_engine_that_is_busy_is_asked_again_later(kind: str, server: Engine, status: int) -> None:
    server.script.append((status, {"Retry-After": "60"}))
    with pytest.raises(OutletUnavailable, match=f"answered {status}") as caught:
        send(kind, server, happened(1))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 60


def test_a_key_that_is_not_good_is_said_without_repeating_it(kind: str, server: Engine) -> None:
    server.script.append((403, {}))
    with pytest.raises(OutletUnavailable, match="answered 403") as caught:
        send(kind, server, happened(1))
    assert "CANARY" not in str(caught.value)
    assert "that may write" in str(caught.value)


def test_what_is_too_large_together_goes_in_parts(kind: str, server: Engine) -> None:
    server.largest = 4_000
    events = [happened(number) for number in range(1, 11)]
    events[4] = happened(5, description_text="x" * 5_000)
    delivered = send(kind, server, *events)
    assert [number for number, _ in delivered.refused] == [5]
    assert len(server.documents) == 9


def test_an_event_that_is_no_json_is_refused_and_the_others_arrive(kind: str, server: Engine) -> None:
    delivered = send(kind, server, happened(1), happened(2, salary=float("nan")))
    assert delivered == Delivered(sent=(1,), refused=((2, "cannot be written as JSON (ValueError)"),))


def test_a_test_looks_and_writes_nothing(kind: str, server: Engine) -> None:
    outlet = opened(kind, server)
    outlet.test()
    assert server.documents == {}
    server.script.append((403, {}))
    with pytest.raises(OutletUnavailable):
        outlet.test()
    outlet.close()


def test_a_check_finds_out_that_the_key_is_wrong(kind: str, server: Engine) -> None:
    outlet = opened(kind, server)
    server.script.append((403, {}))
    with pytest.raises(OutletUnavailable, match="403"):
        outlet.check()
    outlet.check()
    outlet.close()


def test_the_address_policy_holds(kind: str, server: Engine) -> None:
    outlet = opened(kind, server, loopback_context(policy=AddressPolicy()))
    with pytest.raises(AddressRefused):
        outlet.check()
    with pytest.raises(OutletUnavailable, match="not public"):
        outlet.deliver(batch(happened(1)))
    outlet.close()
    assert server.requests == []


@pytest.mark.parametrize("kind", ["meilisearch"])
def test_a_document_of_meilisearch_counts_once_its_task_is_done(kind: str, server: Engine) -> None:
    server.patience = 3
    send(kind, server, happened(1))
    assert server.requests.count("GET /tasks/0") == 4


@pytest.mark.parametrize("kind", ["meilisearch"])
def test_a_task_of_meilisearch_that_does_not_end_is_no_delivery(kind: str, server: Engine) -> None:
    server.patience = 1000
    outlet = opened(kind, server, loopback_context(timeout=0.1))
    with pytest.raises(OutletUnavailable, match="has not finished"):
        outlet.deliver(batch(happened(1)))
    outlet.close()


@pytest.mark.parametrize("kind", ["typesense"])
def test_a_collection_that_is_missing_is_said_or_made(kind: str, server: Engine) -> None:
    server.collections.clear()
    with pytest.raises(OutletUnavailable, match="has no collection jobs") as caught:
        send(kind, server, happened(1))
    assert "--set create=true" in str(caught.value)
    assert send(kind, server, happened(1), create="true").sent == (1,)
    assert list(server.documents) == ["p_1"]


@pytest.mark.parametrize(
    ("address", "base", "name"),
    [
        ("opensearch+https://search.example/jobs", "https://search.example:443", "jobs"),
        ("opensearch://search.example:9200/jobs", "https://search.example:9200", "jobs"),
        ("elasticsearch+http://search.example/a/b/jobs-1", "http://search.example:9200/a/b", "jobs-1"),
        ("meilisearch+http://[::1]/Jobs", "http://[::1]:7700", "Jobs"),
        ("typesense+https://u:p@search.example/jobs/", "https://search.example:443", "jobs"),
    ],
)
def test_an_address_names_a_server_and_an_index(address: str, base: str, name: str) -> None:
    index = Index.read(address)
    assert (index.base, index.name) == (base, name)
    assert kind_of(address) == "search"


@pytest.mark.parametrize(
    "address",
    [
        "opensearch+https://search.example", "opensearch+https:///jobs", "opensearch+ftp://h/jobs",
        "opensearch+https://h/_bulk", "elasticsearch+https://h/Jobs", "elasticsearch+https://h/a,b",
        "meilisearch+https://h/a.b", "typesense+https://h/a b", "opensearch+https://h/jobs?canary", "search://h/jobs",
        "opensearch+https://h:99999/jobs", "opensearch+https://h/a%2Fb",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(UsageError, match=r"write it like \w+\+https://host/index") as caught:
        Index.read(address)
    assert "canary" not in str(caught.value)


def test_no_secret_of_an_address_is_shown() -> None:
    row = outlet_row("search", "opensearch+https://me:canary@search.example/jobs")
    assert shown_address(row) == "opensearch+https://search.example/jobs"
    assert "canary" not in repr(Index.read(row.address))


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        ("opensearch", {"api_key": "x"}),
        ("elasticsearch", {"api_key": "a b"}),
        ("elasticsearch", {"create": "true"}),
        ("meilisearch", {"closed": "hide"}),
        ("typesense", {"events": "vanished"}),
    ],
)
def test_options_that_mean_nothing_are_refused(engine: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        search.prepare(f"{engine}+https://search.example/jobs", options)


def test_an_index_hears_everything_unless_told_otherwise() -> None:
    assert search.selection({}).baseline_types == frozenset(EventType)
    assert search.selection({"with_baseline": False}).baseline_types == frozenset()
