"""Streams, told by their real servers: what stands there, once, in order, and what happens when they do not take it."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from delivery.outlets import Batch, Context, Delivered, OutletUnavailable, kind_of, shown_address, stream
from delivery.outlets.stream import StreamOutlet
from delivery.outlets.stream_server import read_server
from network import client as http
from network.addresses import AddressPolicy
from postings.errors import AddressRefused, ConfigurationError, UsageError
from postings.events import EventType, cloudevent
from tests.certificates import self_signed
from tests.daemons import daemon, free_port
from tests.delivery.eventlog import event, posting_record
from tests.delivery.loopback import loopback_context
from tests.delivery.outlet_rows import outlet_row

_names = count(1)


@pytest.fixture
def name() -> str:
    """A topic, subject or key that nothing was written to."""
    return f"jobs{next(_names)}"


def opened(address: str, context: Context | None = None, **options: Any) -> StreamOutlet:
    usable, stored = stream.prepare(address, options)
    return StreamOutlet(outlet_row("stream", usable, stored), context or loopback_context())


def batch(*numbers: int, **fields: Any) -> Batch:
    events = tuple(event(number, record=posting_record(number, **fields)) for number in numbers)
    return Batch(events=events, numbers=numbers, counts={EventType.OPENED: len(numbers)})


def send(address: str, what: Batch, context: Context | None = None, **options: Any) -> Delivered:
    outlet = opened(address, context, **options)
    try:
        return outlet.deliver(what)
    finally:
        outlet.close()


def whole(number: int) -> dict[str, Any]:
    said = cloudevent(event(number), loopback_context().instance)
    said["data"]["posting"]["description_html"] = None
    return said


# Redis


def redis_client(server: str) -> Any:
    import redis

    host, _, port = server.partition(":")
    return redis.Redis(host=host, port=int(port))


def redis_entries(server: str, key: str) -> list[tuple[str, dict[str, str]]]:
    client = redis_client(server)
    try:
        return [
            (one.decode(), {name.decode(): value.decode() for name, value in fields.items()})
            for one, fields in client.xrange(key)
        ]
    finally:
        client.close()


def test_redis_gets_an_entry_an_event_under_its_number(redis_server: str, name: str) -> None:
    assert send(f"redis://{redis_server}/0/{name}", batch(7, 9)) == Delivered(sent=(7, 9))
    first, second = redis_entries(redis_server, name)
    assert (first[0], second[0]) == ("7-0", "9-0")
    assert json.loads(first[1]["event"]) == whole(7)
    assert (first[1]["id"], first[1]["type"], first[1]["subject"]) == ("evt_7", "posting.opened", "p_7")


def test_what_redis_has_already_is_delivered_and_stands_there_once(redis_server: str, name: str) -> None:
    send(f"redis://{redis_server}/{name}", batch(1, 2))
    assert send(f"redis://{redis_server}/{name}", batch(1, 2, 3)) == Delivered(sent=(1, 2, 3))
    assert [one for one, _ in redis_entries(redis_server, name)] == ["1-0", "2-0", "3-0"]


def test_what_comes_too_late_for_redis_is_refused_with_the_reason(redis_server: str, name: str) -> None:
    send(f"redis://{redis_server}/{name}", batch(1, 5))
    delivered = send(f"redis://{redis_server}/{name}", batch(4, 5, 6))
    assert delivered.sent == (5, 6)
    assert delivered.refused == ((4, "the stream has newer entries already, and takes none before them"),)


def test_entries_of_somebody_else_stop_the_outlet_and_lose_nothing(redis_server: str, name: str) -> None:
    client = redis_client(redis_server)
    client.xadd(name, {"theirs": "1"})
    client.close()
    with pytest.raises(OutletUnavailable, match="somebody else") as caught:
        send(f"redis://{redis_server}/{name}", batch(1))
    assert "another key" in str(caught.value)


def test_a_key_of_redis_that_is_no_stream_is_said(redis_server: str, name: str) -> None:
    client = redis_client(redis_server)
    client.set(name, "text")
    client.close()
    with pytest.raises(OutletUnavailable, match="holds no stream at this key"):
        send(f"redis://{redis_server}/{name}", batch(1))


def test_redis_keeps_no_more_than_asked_for(redis_server: str, name: str) -> None:
    outlet = opened(f"redis://{redis_server}/{name}", maxlen="100")
    for first in range(1, 2001, 500):
        outlet.deliver(batch(*range(first, first + 500)))
    outlet.close()
    assert 100 <= len(redis_entries(redis_server, name)) < 1000


def test_a_redis_database_is_chosen_by_its_number(redis_server: str, name: str) -> None:
    send(f"redis://{redis_server}/3/{name}", batch(1))
    assert redis_entries(redis_server, name) == []
    server = read_server(f"redis://{redis_server}/3/{name}")
    assert (server.database, server.stream) == (3, name)


def test_a_test_of_redis_writes_nothing_that_would_stand_in_the_way(redis_server: str, name: str) -> None:
    outlet = opened(f"redis://{redis_server}/{name}")
    outlet.test()
    assert redis_entries(redis_server, name) == []
    assert outlet.deliver(batch(1)).sent == (1,)
    outlet.close()


def test_a_wrong_password_of_redis_is_said_without_repeating_it(redis_server: str, name: str) -> None:
    with pytest.raises(OutletUnavailable, match="refused the user") as caught:
        send(f"redis://someone:canary@{redis_server}/{name}", batch(1))
    assert "canary" not in str(caught.value)


# NATS


def nats_messages(server: str, subject: str) -> list[tuple[dict[str, str], bytes]]:
    import nats

    async def read() -> list[tuple[dict[str, str], bytes]]:
        client = await nats.connect(f"nats://{server}")
        try:
            jetstream = client.jetstream()
            name = await jetstream.find_stream_name_by_subject(subject)
            last = (await jetstream.stream_info(name)).state.last_seq
            found = [await jetstream.get_msg(name, seq=number) for number in range(1, last + 1)]
            return [(dict(one.headers or {}), one.data or b"") for one in found]
        finally:
            await client.close()

    return asyncio.run(read())


def test_nats_gets_a_message_an_event_with_its_id(nats_server: str, name: str) -> None:
    delivered = send(f"nats://{nats_server}/{name}.acme", batch(7, 9), stream=name, create="true")
    assert delivered == Delivered(sent=(7, 9))
    (headers, body), (later, _) = nats_messages(nats_server, f"{name}.acme")
    assert json.loads(body) == whole(7)
    assert headers["Nats-Msg-Id"].startswith("evt_7-")
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert later["Nats-Msg-Id"].startswith("evt_9-")


def test_what_nats_has_already_is_delivered_and_stands_there_once(nats_server: str, name: str) -> None:
    address = f"nats://{nats_server}/{name}"
    send(address, batch(1, 2), stream=name, create=True)
    assert send(address, batch(1, 2, 3)).sent == (1, 2, 3)
    ids = [headers["Nats-Msg-Id"].partition("-")[0] for headers, _ in nats_messages(nats_server, name)]
    assert ids == ["evt_1", "evt_2", "evt_3"]


def test_five_hundred_messages_arrive_in_order(nats_server: str, name: str) -> None:
    send(f"nats://{nats_server}/{name}", batch(*range(1, 501)), stream=name, create=True)
    numbers = [int(json.loads(body)["sequence"]) for _, body in nats_messages(nats_server, name)]
    assert numbers == list(range(1, 501))


def test_a_subject_without_a_stream_says_how_to_make_one(nats_server: str, name: str) -> None:
    with pytest.raises(OutletUnavailable, match=f"no stream for the subject {name}") as caught:
        send(f"nats://{nats_server}/{name}", batch(1))
    assert f'nats stream add JOBS --subjects "{name}"' in str(caught.value)
    assert "--set create=true" in str(caught.value)


def test_an_event_that_is_too_large_for_nats_is_refused_and_the_others_arrive(nats_server: str, name: str) -> None:
    events = (event(1), event(2, record=posting_record(2, description_text="x" * 2_000_000)), event(3))
    delivered = send(
        f"nats://{nats_server}/{name}",
        Batch(events=events, numbers=(1, 2, 3), counts={EventType.OPENED: 3}),
        stream=name,
        create=True,
    )
    assert delivered.sent == (1, 3)
    assert delivered.refused[0][0] == 2
    assert "is larger than this server takes" in delivered.refused[0][1]


def test_a_test_of_nats_arrives_as_one(nats_server: str, name: str) -> None:
    outlet = opened(f"nats://{nats_server}/{name}", stream=name, create=True)
    outlet.test()
    outlet.close()
    [(_, body)] = nats_messages(nats_server, name)
    assert json.loads(body)["type"] == "hirewatch.test"


# Kafka: the cluster that librdkafka brings for tests


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    from confluent_kafka import Producer

    cluster = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
    broker = next(iter(cluster.list_topics(timeout=10).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    cluster.flush(1)


def kafka_messages(server: str, topic: str, most: int) -> list[Any]:
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": server, "group.id": "test"})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        found: list[Any] = []
        while len(found) < most:
            message = consumer.poll(10)
            assert message is not None, "fewer messages than were sent"
            assert message.error() is None
            found.append(message)
        return found
    finally:
        consumer.close()


def test_kafka_gets_a_message_an_event_keyed_by_its_posting(kafka: str, name: str) -> None:
    assert send(f"kafka://{kafka}/{name}", batch(7, 9)) == Delivered(sent=(7, 9))
    by_key = {one.key(): one for one in kafka_messages(kafka, name, 2)}
    assert set(by_key) == {b"p_7", b"p_9"}
    first = by_key[b"p_7"]
    assert json.loads(first.value()) == whole(7)
    headers = dict(first.headers())
    assert headers["ce_id"] == b"evt_7"
    assert headers["ce_type"] == b"posting.opened"
    assert headers["ce_sequence"] == b"00000000000000000007"
    assert headers["content-type"] == b"application/cloudevents+json"


def test_several_messages_go_through_one_producer(kafka: str, name: str) -> None:
    outlet = opened(f"kafka://{kafka}/{name}")
    assert outlet.deliver(batch(*range(1, 301))).sent == tuple(range(1, 301))
    assert outlet.deliver(batch(301)).sent == (301,)
    outlet.test()
    outlet.close()
    types = [dict(one.headers())["ce_type"] for one in kafka_messages(kafka, name, 302)]
    assert types.count(b"hirewatch.test") == 1


def test_an_event_that_is_too_large_for_kafka_is_refused_and_the_others_arrive(kafka: str, name: str) -> None:
    events = (event(1), event(2, record=posting_record(2, description_text="x" * 11_000_000)), event(3))
    delivered = send(f"kafka://{kafka}/{name}", Batch(events=events, numbers=(1, 2, 3), counts={EventType.OPENED: 3}))
    assert delivered.sent == (1, 3)
    assert "is larger than this topic takes" in delivered.refused[0][1]


def test_a_cluster_whose_brokers_may_not_be_contacted_gets_nothing(
    kafka: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # it is reached by an address that is allowed, and names a broker that is not
    port = int(kafka.rpartition(":")[2])
    asked: list[str] = []

    def addresses_of(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "kafka.example" else ["10.0.0.1"]

    monkeypatch.setattr(http, "addresses_of", addresses_of)
    with pytest.raises(OutletUnavailable, match="not public"):
        send(f"kafka://kafka.example:{port}/{name}", batch(1))
    assert asked == ["kafka.example", "127.0.0.1"]


# any of them


def test_letters_of_all_scripts_arrive_as_they_are(redis_server: str, name: str) -> None:
    title = 'Schweißer*in – 溶接工 👩🏽‍🏭 "\\\u2028'
    send(f"redis://{redis_server}/{name}", batch(1, title=title))
    [(_, fields)] = redis_entries(redis_server, name)
    assert json.loads(fields["event"])["data"]["posting"]["title"] == title


def test_an_event_that_is_no_json_is_refused_and_the_others_arrive(redis_server: str, name: str) -> None:
    events = (event(1), event(2, record=posting_record(2, salary=float("nan"))))
    delivered = send(
        f"redis://{redis_server}/{name}", Batch(events=events, numbers=(1, 2), counts={EventType.OPENED: 2})
    )
    assert delivered == Delivered(sent=(1,), refused=((2, "cannot be written as JSON (ValueError)"),))


@pytest.mark.parametrize("kind", ["kafka", "nats", "redis"])
def test_a_server_that_is_not_there_is_said(kind: str) -> None:
    with pytest.raises(OutletUnavailable, match="cannot be reached"):
        send(f"{kind}://127.0.0.1:{free_port()}/jobs", batch(1), loopback_context(timeout=1.0))


@pytest.mark.parametrize("kind", ["kafka", "nats", "redis"])
@pytest.mark.parametrize("tls", ["", "+tls"])
def test_the_address_policy_holds(kind: str, tls: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = loopback_context(policy=AddressPolicy())
    monkeypatch.setattr(http, "addresses_of", lambda host, port: ["169.254.169.254"])
    outlet = opened(f"{kind}{tls}://metadata.example/jobs", context)
    with pytest.raises(AddressRefused):
        outlet.check()
    with pytest.raises(OutletUnavailable, match="not public"):
        outlet.deliver(batch(1))
    outlet.close()


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_a_name_is_looked_up_once_for_judging_and_connecting(
    kind: str, nats_server: str, redis_server: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a name that answers with another address each time
    port = {"nats": nats_server, "redis": redis_server}[kind].rpartition(":")[2]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    monkeypatch.setattr(http, "addresses_of", rebinding)
    options = {"stream": name, "create": True} if kind == "nats" else {}
    assert send(f"{kind}://rebinding.example:{port}/{name}", batch(1), **options).sent == (1,)
    assert asked == ["rebinding.example"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "streams.pem", "streams.example")


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_with_tls_the_judged_address_has_to_prove_the_name_that_was_asked_for(
    kind: str, certificate: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, pem = str(free_port()), str(certificate)
    command = {
        "nats": ["nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd", str(tmp_path), "--tls",
                 "--tlscert", pem, "--tlskey", pem],
        "redis": ["redis-server", "--bind", "127.0.0.1", "--port", "0", "--tls-port", port, "--save", "",
                  "--tls-cert-file", pem, "--tls-key-file", pem, "--tls-ca-cert-file", pem, "--tls-auth-clients", "no"],
    }[kind]  # fmt: skip
    options = {"stream": name, "create": True} if kind == "nats" else {}
    monkeypatch.setattr(http, "addresses_of", lambda host, port: ["127.0.0.1"])
    with daemon(command, int(port), tmp_path / "log", f"{kind}-server"):
        with pytest.raises(OutletUnavailable, match="certificate that cannot be trusted"):
            send(f"{kind}+tls://streams.example:{port}/{name}", batch(1), **options)
        monkeypatch.setenv("SSL_CERT_FILE", pem)
        with pytest.raises(OutletUnavailable, match="certificate that cannot be trusted"):
            send(f"{kind}+tls://other.example:{port}/{name}", batch(1), **options)
        assert send(f"{kind}+tls://streams.example:{port}/{name}", batch(1), **options).sent == (1,)


def test_a_password_does_not_go_to_a_server_of_nats_that_speaks_no_tls(name: str) -> None:
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b'INFO {"server_id":"x","max_payload":1000000,"auth_required":true}\r\n')
                connection.settimeout(2)
                with suppress(OSError):
                    while piece := connection.recv(4096):
                        heard.extend(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(OutletUnavailable, match="speaks no TLS"):
            send(f"nats+tls://me:canary@127.0.0.1:{server.getsockname()[1]}/{name}", batch(1))
        thread.join()
    assert b"canary" not in heard


@pytest.mark.parametrize("package", ["confluent_kafka", "nats", "redis"])
def test_a_library_that_is_missing_names_the_command(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = {"confluent_kafka": "kafka"}.get(package, package)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=f"uv tool install '.\\[{kind}\\]'"):
        stream.prepare(f"{kind}://example.org/jobs", {})


@pytest.mark.parametrize(
    ("address", "hosts", "where"),
    [
        ("kafka://example.org/jobs", (("example.org", 9092),), "jobs"),
        ("kafka+tls://u:p%40@a:1,b:2/jobs.all", (("a", 1), ("b", 2)), "jobs.all"),
        ("nats://[::1]:4333/jobs.acme", (("::1", 4333),), "jobs.acme"),
        ("rediss://example.org/2/my:jobs", (("example.org", 6379),), "my:jobs"),
        ("redis://example.org/jobs", (("example.org", 6379),), "jobs"),
    ],
)
def test_an_address_names_servers_and_stream(address: str, hosts: Any, where: str) -> None:
    server = read_server(address)
    assert (server.hosts, server.stream) == (hosts, where)
    assert server.tls is ("tls" in address or "rediss" in address)
    assert kind_of(address) == "stream"


@pytest.mark.parametrize(
    "address",
    [
        "kafka://example.org", "kafka://example.org/", "kafka:///jobs", "kafka://example.org:0/jobs",
        "kafka://example.org/a/b", "kafka://example.org:99999/jobs", "nats://example.org/jobs.*", "nats://h/a..b",
        "nats://h/a b", "redis://h/", "redis://a,b/jobs", "redis+foo://h/jobs", "rediss://h:6379/0/",
        "kafka://h/jobs?x=canary",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(UsageError, match=r"write it like \w+://host") as caught:
        read_server(address)
    assert "canary" not in str(caught.value)


def test_no_secret_of_an_address_is_shown() -> None:
    row = outlet_row("stream", "nats+tls://me:canary@nats.example/jobs")
    assert shown_address(row) == "nats+tls://nats.example/jobs"
    assert "canary" not in repr(read_server(row.address))


def test_a_password_of_kafka_does_not_travel_in_the_clear() -> None:
    with pytest.raises(UsageError, match="in the clear"):
        stream.prepare("kafka://me:secret@example.org/jobs", {})
    assert stream.prepare("kafka://me:secret@example.org/jobs", {"mechanism": "scram-sha-512"})[1]
    assert stream.prepare("kafka+tls://me:secret@example.org/jobs", {})


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("kafka://h/jobs", {"maxlen": "3"}),
        ("redis://h/jobs", {"maxlen": "none"}),
        ("nats://h/jobs", {"create": "true"}),
        ("nats://h/jobs", {"stream": "a.b"}),
        ("kafka://h/jobs", {"mechanism": "GSSAPI"}),
        ("redis://h/jobs", {"events": "vanished"}),
    ],
)
def test_options_that_mean_nothing_are_refused(address: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        stream.prepare(address, options)


def test_a_stream_hears_everything_unless_told_otherwise() -> None:
    assert stream.selection({}).baseline_types == frozenset(EventType)
    some = stream.selection({"events": ["opened"], "with_baseline": False})
    assert (some.types, some.baseline_types) == (frozenset({EventType.OPENED}), frozenset())
