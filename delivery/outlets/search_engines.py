"""The requests of four search engines, and what their answers mean. Each answer is judged document by document.

OpenSearch and Elasticsearch: the `_bulk` API, with the number of the event as an external version. Meilisearch and
Typesense know no versions: there the last event wins because events come in order.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from delivery.outlets.outlet import OutletUnavailable
from delivery.outlets.search_index import REASON_LIMIT, Document, Engine, Line, in_parts, read_object, said_in
from delivery.safe_text import one_line
from network import client as http

_NDJSON = "application/x-ndjson"
_JSON = "application/json"


class Bulk:
    """OpenSearch and Elasticsearch."""

    def __init__(self, line: Line, options: Mapping[str, Any]) -> None:
        self._line = line
        index, key = line.index, options.get("api_key")
        self._headers = {"Content-Type": _NDJSON}
        if key:
            self._headers["Authorization"] = f"ApiKey {key}"
        elif index.user is not None:
            pair = f"{index.user}:{index.password or ''}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        return document

    def bring(self, documents: Sequence[Document]) -> dict[str, str]:
        return in_parts(documents, self._write)

    def look(self) -> None:
        path = f"{self._line.index.name}/_count?filter_path=count"
        reply = self._line.ask("GET", path, headers=self._headers)
        # it is made by the first document
        if reply.status != 404:
            self._line.read(reply)

    def _write(self, documents: Sequence[Document]) -> dict[str, str] | str:
        lines: list[bytes] = []
        for document in documents:
            action = "delete" if document.removed else "index"
            guard = {"_id": document.id, "version": document.event, "version_type": "external_gte"}
            lines.append(json.dumps({action: guard}).encode())
            if not document.removed:
                lines.append(document.body)
        path = f"{self._line.index.name}/_bulk?filter_path=items.*.status,items.*.error.type,items.*.error.reason"
        reply = self._line.ask("POST", path, headers=self._headers, content=b"\n".join(lines) + b"\n")
        if reply.status == 413:
            return "is larger than this engine takes"
        items = _listed(self._line.read(reply), "items")
        if len(items) != len(documents):
            raise self._line.unavailable("did not answer for every document")
        refused: dict[str, str] = {}
        for document, item in zip(documents, items, strict=True):
            reason = self._judge(document, item)
            if reason is not None:
                refused[document.id] = reason
        return refused

    def _judge(self, document: Document, item: Any) -> str | None:
        """None if the document is where it has to be, else why it never will be."""
        result = next(iter(item.values()), None) if isinstance(item, dict) else None
        status = result.get("status") if isinstance(result, dict) else None
        error = result.get("error") if isinstance(result, dict) else None
        said = one_line(f"{error.get('type')}: {error.get('reason')}", REASON_LIMIT) if isinstance(error, dict) else ""
        if not isinstance(status, int):
            raise self._line.unavailable("did not answer for every document")
        # a newer version stands there already; what has to go is not there
        if 200 <= status < 300 or status == 409 or (status == 404 and document.removed):
            return None
        if status == 400:
            return f"refused: {said}"
        raise self._line.unavailable(f"answered {status} for a document{f' ({said})' if said else ''}")


class Meilisearch:
    """Meilisearch, which does everything later: a document counts once its task has succeeded."""

    #: seconds between two looks at a task
    _LOOKS = (0.02, 0.05, 0.1, 0.2, 0.5)

    def __init__(self, line: Line, options: Mapping[str, Any]) -> None:
        self._line = line
        key = options.get("api_key") or line.index.password
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._path = f"indexes/{line.index.name}"

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        return document

    def bring(self, documents: Sequence[Document]) -> dict[str, str]:
        kept = [document for document in documents if not document.removed]
        removed = [document for document in documents if document.removed]
        refused = in_parts(kept, self._write) if kept else {}
        if removed:
            ids = json.dumps([document.id for document in removed]).encode()
            error = self._done("POST", f"{self._path}/documents/delete-batch", _JSON, ids)
            if error is not None and error.get("code") != "index_not_found":
                raise self._failed(error)
        return refused

    def look(self) -> None:
        reply = self._line.ask("GET", self._path, headers=self._headers)
        # it is made by the first document
        if reply.status != 404:
            self._line.read(reply)

    def _write(self, documents: Sequence[Document]) -> dict[str, str] | str:
        body = b"\n".join(document.body for document in documents)
        error = self._done("POST", f"{self._path}/documents?primaryKey=id", _NDJSON, body)
        if error is None:
            return {}
        code = str(error.get("code"))
        if "document" in code or code == "payload_too_large":
            return f"refused: {one_line(error.get('message') or code, REASON_LIMIT)}"
        raise self._failed(error)

    def _done(self, method: str, path: str, kind: str, content: bytes) -> Mapping[str, Any] | None:
        """Queues a task and waits for its end: None if it succeeded, else its error."""
        headers = {**self._headers, "Content-Type": kind}
        reply = self._line.ask(method, path, headers=headers, content=content)
        if reply.status == 413:
            return {"code": "payload_too_large"}
        if reply.status == 400:
            return read_object(reply.body) or {}
        task = self._line.read(reply)
        number = task.get("taskUid") if isinstance(task, dict) else None
        if not isinstance(number, int):
            raise self._line.unavailable("did not say which task it made of it")
        return self._wait(number)

    def _wait(self, number: int) -> Mapping[str, Any] | None:
        waited, looks = 0.0, list(self._LOOKS)
        while True:
            task = self._line.read(self._line.ask("GET", f"tasks/{number}", headers=self._headers))
            status = task.get("status") if isinstance(task, dict) else None
            if status == "succeeded":
                return None
            if status in ("failed", "canceled"):
                error = task.get("error")
                return error if isinstance(error, dict) else {"code": status}
            if waited >= self._line.context.timeout:
                raise self._line.unavailable("has not finished its task in time")
            pause = looks.pop(0) if len(looks) > 1 else looks[0]
            time.sleep(pause)
            waited += pause

    def _failed(self, error: Mapping[str, Any]) -> OutletUnavailable:
        said = one_line(error.get("message") or error.get("code") or "no reason", REASON_LIMIT)
        return self._line.unavailable(f"failed its task ({said})")


class Typesense:
    """Typesense, which answers with a line for each document."""

    def __init__(self, line: Line, options: Mapping[str, Any]) -> None:
        self._line = line
        self._create = bool(options.get("create"))
        key = options.get("api_key") or line.index.password
        self._headers = {"X-TYPESENSE-API-KEY": key} if key else {}
        self._path = f"collections/{line.index.name}"

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        """Without what is null or empty: the first value of a field decides its type for good."""
        fitted = _filled(document)
        return fitted if isinstance(fitted, dict) else {}

    def bring(self, documents: Sequence[Document]) -> dict[str, str]:
        kept = [document for document in documents if not document.removed]
        removed = [document for document in documents if document.removed]
        refused = in_parts(kept, self._write) if kept else {}
        if removed:
            ids = quote(f"id:=[{','.join(f'`{document.id}`' for document in removed)}]", safe="")
            reply = self._line.ask("DELETE", f"{self._path}/documents?filter_by={ids}", headers=self._headers)
            if reply.status != 404:
                self._line.read(reply)
        return refused

    def look(self) -> None:
        reply = self._line.ask("GET", self._path, headers=self._headers)
        if reply.status == 404 and self._create:
            return
        if reply.status == 404:
            raise self._missing()
        self._line.read(reply)

    def _write(self, documents: Sequence[Document]) -> dict[str, str] | str:
        reply = self._import(documents)
        if reply.status == 404 and self._create:
            self._make()
            reply = self._import(documents)
        if reply.status == 404:
            raise self._missing()
        if reply.status == 413:
            return "is larger than this engine takes"
        if reply.status != 200:
            raise self._line.unavailable(f"answered {reply.status}{said_in(reply.body)}", reply)
        lines = reply.body.splitlines()
        if len(lines) != len(documents):
            raise self._line.unavailable("did not answer for every document")
        refused: dict[str, str] = {}
        for document, line in zip(documents, lines, strict=True):
            reason = self._judge(line)
            if reason is not None:
                refused[document.id] = reason
        return refused

    def _import(self, documents: Sequence[Document]) -> http.Reply:
        return self._line.ask(
            "POST",
            f"{self._path}/documents/import?action=upsert",
            headers={**self._headers, "Content-Type": "text/plain"},
            content=b"\n".join(document.body for document in documents),
        )

    def _judge(self, line: bytes) -> str | None:
        said = read_object(line)
        if said is None:
            raise self._line.unavailable("answered something that is no JSON")
        if said.get("success") is True:
            return None
        reason = one_line(said.get("error") or "no reason", REASON_LIMIT)
        if said.get("code") == 400:
            return f"refused: {reason}"
        raise self._line.unavailable(f"did not take a document ({reason})")

    def _make(self) -> None:
        schema = {
            "name": self._line.index.name,
            "enable_nested_fields": True,
            "fields": [{"name": ".*", "type": "auto"}],
        }
        headers = {**self._headers, "Content-Type": _JSON}
        reply = self._line.ask("POST", "collections", headers=headers, content=json.dumps(schema).encode())
        # 409: somebody was faster
        if reply.status != 409:
            self._line.read(reply)

    def _missing(self) -> OutletUnavailable:
        return self._line.unavailable(
            f"has no collection {self._line.index.name}",
            remedy="make it, or let hirewatch do it: --set create=true",
        )


#: engine -> what speaks with it
ENGINES: Mapping[str, Callable[[Line, Mapping[str, Any]], Engine]] = {
    "opensearch": Bulk,
    "elasticsearch": Bulk,
    "meilisearch": Meilisearch,
    "typesense": Typesense,
}


def _listed(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(part) for name, part in value.items() if part not in (None, [], {})}
    if isinstance(value, list):
        return [_filled(part) for part in value]
    return value
