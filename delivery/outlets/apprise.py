"""Tells people on the channels that they use, by Apprise: what one visit found is one message.

Apprise knows the services; when to try again, what fits and what may be contacted is decided here. It is loaded
only when an outlet of this kind is prepared or opened, since that takes most of a second.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

from delivery import messages
from delivery.outlets import options as read
from delivery.outlets.alerting import LIMITS, selection
from delivery.outlets.outlet import Batch, Context, Delivered, OutletUnavailable
from delivery.outlets.services import SERVICES, Form, Service
from delivery.outlets.webhook import read_retry_after
from delivery.safe_text import one_line
from network import client as http
from network import requests
from postings.errors import UsageError
from storage import outlets

__all__ = ["AppriseOutlet", "prepare", "selection", "shown"]

if TYPE_CHECKING:
    from apprise import NotifyBase

#: what an Apprise address may ask for and hirewatch does not do, with the reason
_REFUSED = {
    "verify": "a secret is sent only to a server whose certificate can be trusted",
    "template": "it would read a file of this machine",
    "attach": "nothing is attached to a message",
}

#: what Apprise leaves as it is when it quotes the address of a tap once more
_UNQUOTED_BY_NTFY = ":/?@&=#"


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError.

    The address is one of Apprise's, for one receiver. Option: `events`.
    """
    read.require_known(options, ("events",), "apprise")
    stored = read.of_events(options)
    usable = _encrypted(address.strip())
    plugin = _plugin(usable)
    if not _receiver_named(plugin, usable):
        raise UsageError(
            f"the address names nobody on {SERVICES[_scheme(usable)].name}",
            remedy="docs/channels.md shows how it is written",
        )
    if len(plugin) > 1:
        # a failure of one would tell the others again
        raise UsageError(
            f"the address names {len(plugin)} receivers", remedy="add an outlet for each: each is told by itself"
        )
    return usable, stored


def _receiver_named(plugin: NotifyBase, address: str) -> bool:
    """Whether more than a server stands in the address, where Apprise would take that for enough.

    The name of a server would be a topic of ntfy.sh, which everybody may read.
    """
    scheme = _scheme(address)
    if scheme in ("bark", "barks"):
        return bool(getattr(plugin, "targets", None))
    if scheme not in ("ntfy", "ntfys"):
        return True
    host, _, path = address.partition("://")[2].partition("?")[0].partition("/")
    is_server = "." in host or ":" in host or host in ("", "localhost")
    return bool(path.strip("/")) if is_server else bool(getattr(plugin, "topics", None))


def shown(address: str) -> str:
    """The scheme, and the server where the address names one: all the rest may be a secret."""
    scheme = address.partition(":")[0].lower()
    service = SERVICES.get(scheme)
    host = address.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    # `ntfy://topic` has its secret where others have their server
    named = service is not None and service.own_server and ("." in host or ":" in host or host == "localhost")
    return f"{scheme}://{host}/…" if named else f"{scheme}://…"


class AppriseOutlet:
    """One receiver on one service."""

    limits = LIMITS

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Opens nothing yet. Raises UsageError for an address that cannot be used."""
        self._name = row.name
        self._service = SERVICES[_scheme(row.address)]
        self._plugin: NotifyBase | None = _plugin(row.address)
        self._context = context
        self._form, self._declared = _form(self._plugin, self._service.form, self._service.translated)
        self._client = http.client(context.policy, timeout=context.timeout, user_agent=context.user_agent)

    def check(self) -> None:
        """Connects to a server of your own. Raises AddressRefused, or NetworkError if nobody answers."""
        plugin = self._opened()
        host = getattr(plugin, "host", None)
        if self._service.own_server and isinstance(host, str) and host:
            port = getattr(plugin, "port", None) or (443 if plugin.secure else 80)
            http.reach(self._context.policy, host, port, timeout=self._context.timeout)

    def deliver(self, batch: Batch) -> Delivered:
        """One message for the whole batch."""
        try:
            note = messages.note(batch, self._name, self._form, titled=self._service.titled, fits=self._fits)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # it would fail at each attempt, and hold up everything behind it
            reason = f"cannot be written as a message ({type(error).__name__})"
            return Delivered(refused=tuple((number, reason) for number in batch.numbers))
        self._send(note)
        return Delivered(sent=batch.numbers)

    def test(self) -> None:
        """Sends a message about a posting that does not exist."""
        self._send(messages.sample_note(self._name, self._form, titled=self._service.titled, fits=self._fits))

    def close(self) -> None:
        with requests.through(self._client):
            # some end their session when they are forgotten
            self._plugin = None
        self._client.close()

    def _opened(self) -> NotifyBase:
        if self._plugin is None:
            raise RuntimeError("the outlet is closed")
        return self._plugin

    def _fits(self, body: str) -> bool:
        plugin = self._opened()
        most = self._service.most_bytes
        if most is not None and len(body.encode("utf-8", "replace")) > most:
            return False
        said = plugin.dialect_convert(body, self._declared) if self._declared else body
        return len(said) <= plugin.body_maxlen

    def _send(self, note: messages.Note) -> None:
        from apprise import OverflowMode

        plugin = self._opened()
        title = one_line(note.title, plugin.title_maxlen) if self._service.titled else ""
        tap = self._service.tap
        own = getattr(plugin, tap, None) if tap else None
        if tap and not own:
            setattr(plugin, tap, _tappable(note.url, self._service))
        format_ = {"body_format": self._declared} if self._declared else {}
        with requests.through(self._client) as exchanges:
            try:
                accepted = plugin.notify(body=note.body, title=title, overflow=OverflowMode.UPSTREAM, **format_)
            except Exception as error:
                raise OutletUnavailable(
                    f"{self._service.name} cannot be told ({type(error).__name__})", subject=self._name
                ) from None
            finally:
                if tap and not own:
                    setattr(plugin, tap, own)
        if not accepted:
            raise _unavailable(exchanges, self._service.name, self._name, self._context)


def _unavailable(exchanges: requests.Exchanges, service: str, name: str, context: Context) -> OutletUnavailable:
    """Why a message was not taken, without anything of the address but its host."""
    failure = exchanges.failure
    if failure is not None:
        problem = f"{failure.subject} {failure.problem}" if failure.subject else failure.problem
        return OutletUnavailable(problem, subject=name, remedy=failure.remedy)
    if not exchanges.answers:
        return OutletUnavailable(f"{service} takes no message at this address", subject=name)
    host, reply = exchanges.answers[-1]
    remedy = None
    if 300 <= reply.status < 400:
        remedy = "hirewatch follows no redirect: give the outlet the final address"
    elif reply.status in (401, 403, 404):
        remedy = "look at the keys and names in its address"
    return OutletUnavailable(
        f"{host} answered {reply.status}",
        subject=name,
        remedy=remedy,
        retry_after=read_retry_after(reply.headers.get("retry-after"), context.clock()),
    )


def _scheme(address: str) -> str:
    scheme = address.partition(":")[0].strip().lower()
    if scheme not in SERVICES:
        raise UsageError("is no service that hirewatch knows", subject=f"{scheme[:20]}://")
    return scheme


def _encrypted(address: str) -> str:
    # the name of a topic is its password, and this server has a certificate
    if _scheme(address) == "ntfy" and address[len("ntfy://") :].partition("/")[0].lower() == "ntfy.sh":
        return f"ntfys://{address[len('ntfy://') :]}"
    return address


def _plugin(address: str) -> NotifyBase:
    """Apprise's plugin for an address, whose requests go through our client. Raises UsageError."""
    service = SERVICES[_scheme(address)]
    for option, _ in parse_qsl(address.partition("?")[2], keep_blank_values=True):
        if option.lower() in _REFUSED:
            raise UsageError(f"is not taken: {_REFUSED[option.lower()]}", subject=f"?{option[:20]}=")
    # it logs what it sends, and where: both hold secrets
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    from apprise import Apprise, AppriseAsset, PersistentStoreMode

    asset = AppriseAsset(
        app_id="hirewatch",
        app_desc="hirewatch",
        app_url="",
        # pictures would be fetched from elsewhere by whoever reads the message
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode=PersistentStoreMode.MEMORY,
        allow_templates=False,
    )
    plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    requests.divert("apprise")
    if plugin is None or isinstance(plugin, dict):
        raise UsageError(f"the address is none of {service.name}", remedy="docs/channels.md shows how it is written")
    return plugin


def _form(plugin: NotifyBase, form: Form | None, translated: bool) -> tuple[Form, Any]:
    """How to write, and as what to hand it over: None if the service gets it as it is."""
    from apprise import NotifyFormat

    if form is not None and not translated:
        return form, None
    chosen = plugin.resolve_format(NotifyFormat(form) if form else None)
    return Form(chosen.value), chosen


def _tappable(url: str | None, service: Service) -> str | None:
    """The address as the plugin has to be given it, so that the service gets it as it is; None if that cannot be."""
    if url is None or service.name != "ntfy":
        return url
    return next((form for form in (url, unquote(url)) if quote(form, safe=_UNQUOTED_BY_NTFY) == url), None)
