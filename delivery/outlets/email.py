"""Tells people by mail: what one visit found is one mail, and what stood on a site at its first visit is one too."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from delivery import messages
from delivery.outlets import options as read
from delivery.outlets.alerting import LIMITS, selection
from delivery.outlets.outlet import Batch, Context, Delivered, OutletUnavailable, SmtpSettings, tag
from delivery.safe_text import one_line
from postings.errors import ConfigurationError, UsageError
from storage import outlets

__all__ = ["EmailOutlet", "prepare", "selection", "shown"]

_CRLF = "\r\n"

#: attempts for which a mail waits for a mailbox that may have it later: six minutes, as long as greylisting takes. Then
#: it goes to the others without it
_PATIENT = 2

_EXAMPLE = "set mail.url, like smtp://user:password@mail.example.org:587, and mail.sender"


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError.

    The address is `mailto:` and one or more addresses with commas between (RFC 6068 §2). Option: `events`.
    """
    read.require_known(options, ("events",), "email")
    stored = read.of_events(options)
    return f"mailto:{','.join(_recipients(address))}", stored


def shown(address: str) -> str:
    """The address as it is: a mailbox is no secret."""
    return address


class EmailOutlet:
    """One or more mailboxes."""

    limits = LIMITS

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Opens nothing yet. Raises ConfigurationError if no mail server is set, UsageError for a bad address."""
        self._name = row.name
        self._id = row.id
        self._search = row.search
        self._to = _recipients(row.address)
        self._tag = tag(row, context.instance)
        self._server = _read_server(context.smtp)
        self._context = context
        self._unsubscribe = f"{context.public_url}/u/{row.token}" if context.public_url else None

    def check(self) -> None:
        """Logs in and hangs up. Raises OutletUnavailable if the mail server does not let it."""
        try:
            with _session(self._server, self._context.timeout):
                pass
        except (smtplib.SMTPException, OSError) as error:
            raise OutletUnavailable(f"{self._server.host} {_explain(error)}", subject=self._name) from None

    def deliver(self, batch: Batch) -> Delivered:
        """One mail for the whole batch."""
        first, last = batch.numbers[0], batch.numbers[-1]
        try:
            message = messages.alert(batch, self._name, unsubscribe=self._unsubscribe)
            mail = self._mail(message, f"{first}-{last}", self._threads(batch))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # it would fail at each attempt, and hold up everything behind it
            return Delivered(refused=_each(batch, f"cannot be written as a mail ({type(error).__name__})"))
        try:
            left_out = self._send(mail, patient=batch.attempt <= _PATIENT)
        except _Refused as refusal:
            return Delivered(refused=_each(batch, str(refusal)))
        return Delivered(sent=batch.numbers, left_out=tuple(left_out.items()))

    def test(self) -> None:
        """Sends a mail about a posting that does not exist."""
        at = self._context.clock().strftime("%Y%m%d%H%M%S%f")
        mail = self._mail(messages.sample(self._name, self._unsubscribe), f"test-{at}")
        try:
            left_out = self._send(mail, patient=False)
        except _Refused as refusal:
            raise OutletUnavailable(str(refusal), subject=self._name) from None
        if left_out:
            raise OutletUnavailable(f"{self._server.host} refused {_named(left_out)}", subject=self._name)

    def close(self) -> None:
        """Each mail has a session of its own: nothing is open between them."""

    def _threads(self, batch: Batch) -> list[str]:
        """What the mail belongs to: the search, and the posting if it is about only one."""
        threads = ["search"] if self._search else []
        return threads + ([batch.events[0].posting_id] if len(batch.numbers) == 1 else [])

    def _mail(self, message: messages.Message, reference: str, threads: Sequence[str] = ()) -> bytes:
        domain = self._server.sender.domain
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._server.sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = format_datetime(self._context.clock())
        # the same at each attempt: a mailbox that took the mail twice shows it once
        mail["Message-ID"] = f"<{reference}.{self._tag}@{domain}>"
        if threads:
            # no mail has this id; mail programs put together what names the same one
            mail["References"] = " ".join(f"<{thread}.{self._tag}@{domain}>" for thread in threads)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        # written apart: EmailMessage adds and loses spaces between words that it encodes and words that it does not
        subject = _encoded("Subject", message.subject)
        # RFC 2919 §2: a name for people, then an id that stays
        label = _encoded("List-Id", re.sub(r'["\\\\]', "'", one_line(self._search or self._name, 60)))
        list_id = f'"{label}"' if label.isprintable() and not label.startswith("=?") else label
        written = [
            f"Subject: {subject}",
            f"List-Id: {list_id}{_CRLF} <outlet-{self._id}.{self._tag}.{domain}>",
        ]
        if self._unsubscribe and self._unsubscribe.startswith("https://"):
            # RFC 8058; whoever follows the link without the POST gets a page with a button
            written += [
                f"List-Unsubscribe: <{self._unsubscribe}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        return f"{_CRLF.join(written)}{_CRLF}".encode("ascii") + mail.as_bytes()

    def _send(self, mail: bytes, *, patient: bool) -> dict[str, str]:
        """Sends the mail to all that the server lets have it; the others, with what it said.

        If it lets nobody, or is `patient` and somebody may have it later, nobody gets it now: whoever has it would get
        it again with the next attempt. Raises OutletUnavailable then, and _Refused if the server will never take it.
        """
        try:
            with _session(self._server, self._context.timeout) as session:
                refused = _transact(session, self._server.sender.addr_spec, self._to, mail, patient=patient)
        except smtplib.SMTPDataError as error:
            said = f"the mail server refused the mail ({_words(error.smtp_code, error.smtp_error)})"
            if error.smtp_code >= 500:
                raise _Refused(said) from None
            raise OutletUnavailable(said, subject=self._name) from None
        except (smtplib.SMTPException, OSError) as error:
            raise OutletUnavailable(f"{self._server.host} {_explain(error)}", subject=self._name) from None
        return {mailbox: _words(*answer) for mailbox, answer in refused.items()}


class _Refused(Exception):
    """The server will never take this mail; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    host: str
    port: int
    #: TLS from the first byte, instead of STARTTLS
    tls: bool
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    sender: Address


def _read_server(smtp: SmtpSettings) -> _Server:
    if not smtp.url:
        raise ConfigurationError("no mail server is set", subject="mail.url", remedy=_EXAMPLE)
    try:
        parts = urlsplit(smtp.url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ConfigurationError("is no address of a mail server", subject="mail.url", remedy=_EXAMPLE)
    tls = parts.scheme == "smtps"
    user = unquote(parts.username) if parts.username else None
    return _Server(
        host=parts.hostname,
        port=port or (465 if tls else 587 if user else 25),
        tls=tls,
        user=user,
        password=unquote(parts.password) if parts.password else None,
        sender=_read_sender(smtp.sender or (user if user and "@" in user else None)),
    )


def _read_sender(text: str | None) -> Address:
    if text is None:
        raise ConfigurationError("no sender is set", subject="mail.sender", remedy=_EXAMPLE)
    name, spec = parseaddr(text)
    try:
        if not text.isprintable():
            raise ValueError("not an address")
        return Address(display_name=one_line(name or "hirewatch", 100), addr_spec=_mailbox(spec))
    except ValueError:
        raise ConfigurationError(
            "is no mail address", subject="mail.sender", remedy="write it like hirewatch <jobs@example.org>"
        ) from None


def _recipients(address: str) -> list[str]:
    if not address.lower().startswith("mailto:"):
        raise UsageError("is no mail address", subject="the address", remedy="write it like mailto:me@example.org")
    try:
        mailboxes = [_mailbox(unquote(part.strip())) for part in address[len("mailto:") :].split(",")]
        return list(dict.fromkeys(mailboxes))
    except ValueError:
        # not repeated: a mistyped webhook with a secret could end up here
        raise UsageError(
            "is no mail address", subject="the address", remedy="write it like mailto:me@example.org"
        ) from None


def _mailbox(spec: str) -> str:
    """The address as a header can hold it. Raises ValueError for anything else."""
    local, _, domain = spec.rpartition("@")
    # few servers take an address beyond ASCII, and a name of a domain can always be written in it
    if not re.fullmatch(r"[!-~]+", local) or "," in local or not domain.isprintable() or not domain:
        raise ValueError("not an address")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}").addr_spec
    except (HeaderParseError, IndexError) as error:
        raise ValueError("not an address") from error


@contextmanager
def _session(server: _Server, timeout: float) -> Iterator[smtplib.SMTP]:
    # without a name of our own smtplib asks DNS for one, which can take long
    name = server.sender.domain
    session: smtplib.SMTP
    if server.tls:
        trust = ssl.create_default_context()
        session = smtplib.SMTP_SSL(server.host, server.port, local_hostname=name, timeout=timeout, context=trust)
    else:
        session = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=timeout)
    try:
        session.ehlo_or_helo_if_needed()
        if not server.tls and not _is_this_machine(server.host):
            _secure(session, server)
        if server.user is not None:
            session.login(server.user, server.password or "")
        yield session
    finally:
        # what was accepted stays accepted, however the goodbye goes
        with suppress(smtplib.SMTPException, OSError):
            session.quit()
        session.close()


def _transact(
    session: smtplib.SMTP, sender: str, mailboxes: Sequence[str], mail: bytes, *, patient: bool
) -> dict[str, tuple[int, bytes]]:
    """One transaction of RFC 5321 §3.3; the mailboxes that were refused, with the answers.

    `SMTP.sendmail` of the standard library sends whatever was refused, and cannot be stopped between. Raises
    SMTPException, and nobody has got the mail.
    """
    code, said = session.mail(sender, [f"size={len(mail)}"] if session.has_extn("size") else [])
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    refused: dict[str, tuple[int, bytes]] = {}
    for mailbox in mailboxes:
        code, said = session.rcpt(mailbox)
        if code == 421:
            # the server hangs up
            raise smtplib.SMTPRecipientsRefused({mailbox: (code, said)})
        if code not in {250, 251}:
            refused[mailbox] = code, said
    later = {mailbox: answer for mailbox, answer in refused.items() if answer[0] < 500}
    if len(refused) == len(mailboxes) or (patient and later):
        raise smtplib.SMTPRecipientsRefused(later or refused)
    code, said = session.data(mail)
    if code != 250:
        raise smtplib.SMTPDataError(code, said)
    return refused


def _secure(session: smtplib.SMTP, server: _Server) -> None:
    if session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
        session.ehlo()
    elif server.user is not None:
        raise smtplib.SMTPNotSupportedError("no TLS")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _explain(error: Exception) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            # the server's own words may repeat what it was given
            return f"refused the user name or the password ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            return f"refused {_named({mailbox: _words(*answer) for mailbox, answer in error.recipients.items()})}"
        case smtplib.SMTPSenderRefused():
            return f"refused the sender ({_words(error.smtp_code, error.smtp_error)})"
        case smtplib.SMTPNotSupportedError() if "TLS" in str(error):
            return "offers no TLS, and a password is not sent without it"
        case smtplib.SMTPNotSupportedError():
            return "cannot do what this mail needs"
        case smtplib.SMTPResponseException():
            return f"answered {_words(error.smtp_code, error.smtp_error)}"
        case TimeoutError():
            return "did not answer in time"
        case ssl.SSLCertVerificationError():
            return "has a certificate that cannot be trusted"
        case OSError() if error.strerror:
            return f"cannot be reached ({error.strerror})"
        case _:
            return "hung up"


def _named(refused: Mapping[str, str]) -> str:
    return ", ".join(f"{mailbox} ({said})" for mailbox, said in refused.items())


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return one_line(f"{code} {text}", 160)


def _encoded(header: str, text: str) -> str:
    """Cleaned text as a header holds it."""
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=header).encode(linesep=_CRLF)


def _each(batch: Batch, reason: str) -> tuple[tuple[int, str], ...]:
    return tuple((number, reason) for number in batch.numbers)
