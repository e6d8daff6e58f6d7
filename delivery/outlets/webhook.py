"""Tells a URL about events: one CloudEvent a request, signed as Standard Webhooks 1.0.0 asks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from delivery.outlets import options as read
from delivery.outlets.envelope import CONTENT_TYPE, envelope, sample, to_json
from delivery.outlets.outlet import Batch, Context, Delivered, Limits, OutletGone, OutletUnavailable, tag
from delivery.selection import EVERY_TYPE, Selection
from network import client as http
from postings.errors import ConfigurationError, NetworkError, UsageError
from storage import outlets

#: headers that an outlet's own may not replace
_RESERVED = frozenset(
    {
        "webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length", "content-encoding",
        "transfer-encoding", "connection", "host", "expect", "upgrade", "te", "trailer",
    }
)  # fmt: skip

#: bytes of a secret: the specification's bounds
_SECRET_BYTES = (24, 64)


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored; a secret is made where none is given. Raises UsageError.

    Options: `secret` (one, or two during a rotation, the new one first), `headers`, `description` (none, text or
    html), `events`, `with_baseline`.
    """
    read.require_known(options, ("secret", "headers", *read.OF_EVENTS), "webhook")
    given = read.words("secret", options.get("secret") or ())
    stored: dict[str, Any] = {"secret": [_valid_secret(secret) for secret in given] or [_new_secret()]}
    if options.get("headers"):
        stored["headers"] = read.headers("headers", options["headers"], _RESERVED)
    stored |= read.of_events(options)
    return _valid_url(address), stored


def selection(options: Mapping[str, Any]) -> Selection:
    """Everything material, unless the options say less; what was there before anyone watched only if they say so."""
    types = read.event_types("events", options["events"]) if "events" in options else EVERY_TYPE
    return Selection(types=types, baseline_types=types if options.get("with_baseline") else frozenset())


class WebhookOutlet:
    """A URL that is told about one event at a time."""

    limits = Limits()

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Opens nothing yet. Raises ConfigurationError or UsageError if what is stored cannot be used."""
        if not row.options.get("secret"):
            # signing with a secret that nobody knows would look like a forgery to the receiver
            raise ConfigurationError(
                "has no secret to sign with", subject=row.name, remedy="remove the outlet and add it again"
            )
        self._url, options = prepare(row.address, row.options)
        self._name = row.name
        self._tag = tag(row, context.instance)
        self._signers = [Webhook(secret) for secret in options["secret"]]
        self._headers: dict[str, str] = options.get("headers", {})
        self._description = options.get("description", "text")
        self._context = context
        parts = urlsplit(self._url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._client = http.client(context.policy, timeout=context.timeout, user_agent=context.user_agent)

    def check(self) -> None:
        """Connects and asks for nothing. Raises AddressRefused, or NetworkError if nobody answers."""
        http.reach(self._context.policy, self._host, self._port, timeout=self._context.timeout)

    def deliver(self, batch: Batch) -> Delivered:
        """One request an event; stops at the first that is not accepted."""
        sent: list[int] = []
        refused: list[tuple[int, str]] = []
        for event in batch.events:
            try:
                body = to_json(envelope(event, self._context.instance, self._description))
            except (ValueError, TypeError) as error:
                refused.append((event.number, f"cannot be written as JSON ({type(error).__name__})"))
                continue
            self._send(f"evt_{event.number}-{self._tag}", body)
            sent.append(event.number)
        return Delivered(sent=tuple(sent), refused=tuple(refused))

    def test(self) -> None:
        """Sends an event of the type `hirewatch.test`."""
        message_id = f"test_{secrets.token_hex(8)}"
        told = sample(message_id, self._name, self._context.instance, self._context.clock())
        self._send(message_id, to_json(told))

    def close(self) -> None:
        self._client.close()

    def _send(self, message_id: str, body: bytes) -> None:
        # the SDK reads the clock digits of any zone as UTC
        now = self._context.clock().astimezone(UTC)
        text = body.decode()
        headers = self._headers | {
            "Content-Type": CONTENT_TYPE,
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signer.sign(message_id, now, text) for signer in self._signers),
        }
        try:
            answer = http.post(self._client, self._url, content=body, headers=headers)
        except NetworkError as error:
            problem = f"{error.subject} {error.problem}" if error.subject else error.problem
            raise OutletUnavailable(problem, subject=self._name, remedy=error.remedy) from None
        self._judge(answer, now)

    def _judge(self, answer: http.Answer, now: datetime) -> None:
        said = f"{self._host} answered {answer.status}"
        if 200 <= answer.status < 300:
            return
        if answer.status == 410:
            raise OutletGone(
                f"{said}: it wants no more",
                subject=self._name,
                remedy="the outlet is told nothing until a person enables it again",
            )
        remedy = None
        if 300 <= answer.status < 400:
            remedy = "hirewatch follows no redirect: give the outlet the final address"
        raise OutletUnavailable(
            said, subject=self._name, remedy=remedy, retry_after=read_retry_after(answer.retry_after, now)
        )


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone (RFC 9110 §10.2.3: seconds or a date); None if it does not say."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        # no wait of use has more digits
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return wait if wait > timedelta(0) else None


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _valid_secret(secret: str) -> str:
    encoded = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    least, most = _SECRET_BYTES
    if not least <= len(key) <= most:
        raise UsageError(
            "cannot be used",
            subject="secret",
            remedy=f"leave it out and one is made, or give whsec_ and {least} to {most} bytes in Base64",
        )
    return f"whsec_{encoded}"


def _valid_url(address: str) -> str:
    remedy = "write it like https://example.org/hooks/jobs"
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in address):
        raise UsageError("the address of a webhook cannot be used", remedy=remedy)
    return address
