"""Writes entries to a Kafka topic by an idempotent producer, keyed by posting, and waits for all replicas.

librdkafka makes its own connections: it begins at an address that was judged, and what the cluster says of its
brokers is judged before anything is sent. Where a name leads later, only the cluster's TLS certificates can tell.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from delivery.outlets.envelope import CONTENT_TYPE
from delivery.outlets.outlet import Context
from delivery.outlets.stream_server import Entry, Server, Unwritable
from delivery.safe_text import one_line
from network import client as http
from postings.errors import NetworkError

#: what is the message's own fault, so that it would fail for ever
_TOO_LARGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE)

_silent = logging.getLogger("hirewatch.librdkafka")
_silent.setLevel(logging.CRITICAL + 1)


class KafkaWriter:
    """One producer for one topic."""

    def __init__(self, server: Server, options: Mapping[str, Any], context: Context) -> None:
        """Finds the cluster. Raises Unwritable, AddressRefused or NetworkError."""
        self._server = server
        self._timeout = context.timeout
        self._context = context
        self._error: KafkaError | None = None
        self._host = server.hosts[0][0]
        settings = self._settings(options)
        self._judge_brokers(settings)
        milliseconds = int(self._timeout * 1000)
        self._producer = Producer(
            settings
            | {
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 5,
                "compression.type": "gzip",
                # less than what we wait: a message is given up before we stop listening
                "message.timeout.ms": max(1000, milliseconds - 1000),
                "message.max.bytes": 10_000_000,
            }
        )

    def write(self, entries: Sequence[Entry]) -> dict[int, str]:
        refused: dict[int, str] = {}
        failures: list[KafkaError] = []

        def settled(entry: Entry) -> Any:
            def note(error: KafkaError | None, _: Any) -> None:
                if error is None:
                    return
                if error.code() in _TOO_LARGE and entry.number is not None:
                    refused[entry.number] = _large(entry)
                else:
                    failures.append(error)

            return note

        for entry in entries:
            try:
                self._producer.produce(
                    self._server.stream,
                    value=entry.body,
                    key=entry.key.encode(),
                    headers=_headers(entry),
                    on_delivery=settled(entry),
                )
            except KafkaException as error:
                if error.args[0].code() not in _TOO_LARGE or entry.number is None:
                    failures.append(error.args[0])
                    break
                refused[entry.number] = _large(entry)
            self._producer.poll(0)
        if self._producer.flush(self._timeout + 1):
            self._producer.purge()
            self._producer.flush(1)
            raise Unwritable(f"{self._host} did not acknowledge in time")
        if failures:
            raise self._unwritable(failures[0])
        return refused

    def close(self) -> None:
        # everything has been acknowledged or given up already
        self._producer.purge()
        self._producer.flush(1)

    def _settings(self, options: Mapping[str, Any]) -> dict[str, Any]:
        server = self._server
        servers: list[str] = []
        failure: NetworkError | None = None
        for host, port in server.hosts:
            try:
                address = http.judge(self._context.policy, host, port)[0]
            except NetworkError as error:
                failure = error
                continue
            # a certificate is for the name
            shown = host if server.tls else address
            servers.append(f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}")
        if not servers and failure is not None:
            raise failure
        settings: dict[str, Any] = {
            "bootstrap.servers": ",".join(servers),
            "client.id": "hirewatch",
            "security.protocol": ("SASL_" if server.user else "") + ("SSL" if server.tls else "PLAINTEXT"),
            "socket.timeout.ms": max(1000, int(self._timeout * 1000)),
            "error_cb": self._hear,
            "logger": _silent,
        }
        if server.user:
            settings |= {
                "sasl.mechanism": options.get("mechanism", "PLAIN"),
                "sasl.username": server.user,
                "sasl.password": server.password or "",
            }
        return settings

    def _judge_brokers(self, settings: Mapping[str, Any]) -> None:
        """Raises AddressRefused if the cluster names a broker that may not be contacted."""
        topic = self._server.stream
        try:
            told = AdminClient(dict(settings)).list_topics(topic, timeout=self._timeout)
        except KafkaException as error:
            raise self._unwritable(error.args[0]) from None
        for broker in told.brokers.values():
            http.judge(self._context.policy, str(broker.host), int(broker.port or 0))
        unknown = told.topics[topic].error if topic in told.topics else None
        if unknown is not None and unknown.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise self._unwritable(unknown)

    def _hear(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._error = error

    def _unwritable(self, error: KafkaError) -> Unwritable:
        cause = self._error if self._error is not None and error.code() == KafkaError._TRANSPORT else error
        match cause.code():
            case KafkaError.UNKNOWN_TOPIC_OR_PART | KafkaError._UNKNOWN_TOPIC:
                return Unwritable(
                    f"{self._host} has no topic {self._server.stream}",
                    remedy=f"make it: kafka-topics.sh --create --topic {self._server.stream} --bootstrap-server HOST:PORT",
                )
            case KafkaError._AUTHENTICATION | KafkaError.SASL_AUTHENTICATION_FAILED:
                return Unwritable(f"{self._host} refused the user or the password")
            case KafkaError._SSL:
                return Unwritable(f"{self._host} has a certificate that cannot be trusted, or speaks no TLS")
            case KafkaError._TRANSPORT | KafkaError._TIMED_OUT | KafkaError._MSG_TIMED_OUT | KafkaError._RESOLVE:
                return Unwritable(f"{self._host} cannot be reached, or did not answer in time")
            case _:
                return Unwritable(f"{self._host} answered {one_line(cause.str(), 120)}")


def _headers(entry: Entry) -> list[tuple[str, str | bytes | None]]:
    """As the Kafka binding of CloudEvents 1.0 §3.3 has it for a whole event, with its attributes beside it."""
    said: list[tuple[str, str | bytes | None]] = [("content-type", CONTENT_TYPE.encode())]
    names = (name for name in entry.attributes if name != "datacontenttype")
    return said + [(f"ce_{name}", str(entry.attributes[name]).encode()) for name in names]


def _large(entry: Entry) -> str:
    return f"is larger than this topic takes ({len(entry.body):,} bytes)"
