"""Keeps an index of a search engine like the postings: one document a posting, as it stood after its last event.

`opensearch+https://host:9200/index`, and the same with elasticsearch, meilisearch and typesense. No client library:
each engine is a few requests, which `delivery.outlets.search_engines` knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from delivery.outlets import options as read
from delivery.outlets.copying import selection, shown
from delivery.outlets.envelope import envelope, to_json
from delivery.outlets.outlet import Batch, Context, Delivered, Limits
from delivery.outlets.search_engines import ENGINES
from delivery.outlets.search_index import Document, Index, Line
from network import client as http
from postings.errors import UsageError
from postings.events import Event
from storage import outlets

__all__ = ["SearchOutlet", "prepare", "selection", "shown"]

_CLOSED = ("keep", "delete")
#: what can be sent in a header
_KEY = re.compile(r"[!-~]+")


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError.

    Options: `api_key`, `closed` (keep or delete), `description` (none, text or html), `events`, `with_baseline`; for
    Typesense `create`.
    """
    address = address.strip()
    index = Index.read(address)
    own = ("create",) if index.engine == "typesense" else ()
    read.require_known(options, (*read.OF_EVENTS, "api_key", "closed", *own), f"search ({index.engine})")
    stored = read.of_events(options)
    if options.get("api_key"):
        if not isinstance(options["api_key"], str) or not _KEY.fullmatch(options["api_key"]):
            raise UsageError("cannot be sent", subject="api_key", remedy="use plain ASCII without spaces")
        if index.engine == "opensearch":
            raise UsageError("OpenSearch takes none", subject="api_key", remedy="write user:password@ before the host")
        stored["api_key"] = options["api_key"]
    if "closed" in options:
        stored["closed"] = read.choice("closed", options["closed"], _CLOSED)
    if "create" in options:
        stored["create"] = read.flag("create", options["create"])
    return address, stored


class SearchOutlet:
    """An index."""

    limits = Limits(most=500, each_alone=True)

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Opens nothing yet. Raises UsageError for a bad address."""
        self._index = Index.read(row.address)
        self._description = row.options.get("description", "text")
        self._deletes = row.options.get("closed") == "delete"
        self._context = context
        self._client = http.client(context.policy, timeout=context.timeout, user_agent=context.user_agent)
        line = Line(client=self._client, index=self._index, outlet=row.name, context=context)
        self._engine = ENGINES[self._index.engine](line, row.options)

    def check(self) -> None:
        """Asks the engine for the index, with the outlet's own rights. Raises AddressRefused or OutletUnavailable."""
        http.judge(self._context.policy, self._index.host, self._index.port)
        self._engine.look()

    def deliver(self, batch: Batch) -> Delivered:
        """Brings the documents of these postings to where the last of these events leaves them."""
        refused: dict[int, str] = {}
        latest: dict[str, Document] = {}
        for event in batch.events:
            removed = self._deletes and event.record.get("state") == "closed"
            try:
                body = b"" if removed else to_json(self._document(event))
            except (ValueError, TypeError) as error:
                refused[event.number] = f"cannot be written as JSON ({type(error).__name__})"
                continue
            latest[event.posting_id] = Document(id=event.posting_id, event=event.number, body=body, removed=removed)
        unfit = self._engine.bring(tuple(latest.values())) if latest else {}
        for event in batch.events:
            if event.posting_id in unfit and event.number not in refused:
                refused[event.number] = unfit[event.posting_id]
        return Delivered(
            sent=tuple(number for number in batch.numbers if number not in refused),
            refused=tuple(sorted(refused.items())),
        )

    def test(self) -> None:
        """Only looks: what it wrote would be found."""
        self._engine.look()

    def close(self) -> None:
        self._client.close()

    def _document(self, event: Event) -> dict[str, Any]:
        record = envelope(event, self._context.instance, self._description)["data"]["posting"]
        return self._engine.fit({**record, "event": event.number})
