"""Search engines on loopback, as strict as their documentation: what they would refuse is refused here.

OpenSearch and Elasticsearch: `_bulk`, `_count`, external versions. Meilisearch 1.x: documents, delete-batch, tasks.
Typesense: collections, import, delete by filter. Each holds documents and can be told to be out of order.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "CANARY-key"
LOGIN = "Basic bWU6Q0FOQVJZ"  # me:CANARY

Answer = tuple[int, Any]


@dataclass
class Engine:
    """The documents of an engine by id, and what it was asked for."""

    port: int = 0
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    #: collections that exist (Typesense)
    collections: set[str] = field(default_factory=set)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    #: looks at a task before it is done (Meilisearch)
    patience: int = 2
    #: whole requests that are answered so, before the engine does anything
    script: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    #: status of the items of these ids, instead of their own
    items: dict[str, int] = field(default_factory=dict)
    #: bytes of the largest request
    largest: int = 10_000_000
    requests: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def engine(kind: str) -> Iterator[Engine]:
    """An engine of that kind for as long as the block runs."""
    state = Engine()
    answer = {"opensearch": _bulk, "elasticsearch": _bulk, "meilisearch": _meilisearch, "typesense": _typesense}[kind]
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                state.requests.append(f"{self.command} {self.path}")
                headers: dict[str, str] = {}
                if state.script:
                    status, headers = state.script.pop(0)
                    said: Any = {}
                elif len(body) > state.largest:
                    status, said = 413, {}
                else:
                    status, said = answer(state, self.command, self.path, dict(self.headers), body)
            self.reply(status, said, headers)

        def reply(self, status: int, said: Any, headers: dict[str, str]) -> None:
            text = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def _bulk(state: Engine, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    if headers.get("Authorization") not in (LOGIN, f"ApiKey {KEY}"):
        return 401, {"error": {"type": "security_exception", "reason": "missing authentication credentials"}}
    parts = urlsplit(path)
    if (method, parts.path) == ("GET", "/jobs/_count"):
        return (200, {"count": len(state.documents)}) if state.versions else (404, {"error": {"reason": "no index"}})
    if (method, parts.path) != ("POST", "/jobs/_bulk"):
        return 400, {"error": {"type": "illegal_argument_exception", "reason": f"no handler for {path}"}}
    if headers.get("Content-Type") != "application/x-ndjson" or not body.endswith(b"\n"):
        return 400, {"error": {"reason": "The bulk request must be terminated by a newline [\\n]"}}
    lines = iter(body.splitlines())
    items = []
    for line in lines:
        [(action, meta)] = json.loads(line).items()
        assert set(meta) == {"_id", "version", "version_type"}
        assert meta["version_type"] == "external_gte"
        source = json.loads(next(lines)) if action == "index" else None
        items.append({action: _bulk_item(state, meta["_id"], meta["version"], source)})
    return 200, {"items": items}


def _bulk_item(state: Engine, key: str, version: int, source: dict[str, Any] | None) -> dict[str, Any]:
    def error(status: int, kind: str, reason: str) -> dict[str, Any]:
        return {"status": status, "error": {"type": kind, "reason": reason}}

    if key in state.items:
        return error(state.items[key], "scripted_exception", "told to")
    if version < state.versions.get(key, 0):
        return error(409, "version_conflict_engine_exception", "current version is higher")
    if source is None:
        state.versions[key] = version
        return {"status": 200 if state.documents.pop(key, None) else 404}
    if not isinstance(source["title"], str):
        return error(400, "mapper_parsing_exception", "failed to parse field [title]")
    created = key not in state.documents
    state.documents[key], state.versions[key] = source, version
    return {"status": 201 if created else 200}


def _meilisearch(state: Engine, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    def error(status: int, code: str, message: str, kind: str = "invalid_request") -> Answer:
        return status, {"message": message, "code": code, "type": kind}

    if headers.get("Authorization") != f"Bearer {KEY}":
        return error(403, "invalid_api_key", "The provided API key is invalid.", "auth")
    parts = urlsplit(path)
    if method == "GET" and parts.path == "/indexes/jobs":
        return (200, {"uid": "jobs"}) if state.documents else error(404, "index_not_found", "Index not found.")
    if method == "GET" and (found := re.fullmatch(r"/tasks/(\d+)", parts.path)):
        task = state.tasks[int(found[1])]
        task["looks"] += 1
        if task["looks"] <= state.patience:
            return 200, {"uid": int(found[1]), "status": "processing", "error": None}
        return 200, {"uid": int(found[1]), "status": "failed" if task["error"] else "succeeded", "error": task["error"]}
    if method != "POST" or parts.path not in ("/indexes/jobs/documents", "/indexes/jobs/documents/delete-batch"):
        return error(404, "not_found", path)
    problem: dict[str, Any] | None = None
    if parts.path.endswith("delete-batch"):
        if headers.get("Content-Type") != "application/json":
            return error(415, "invalid_content_type", "wrong content type")
        if not state.documents:
            problem = {"message": "Index `jobs` not found.", "code": "index_not_found", "type": "invalid_request"}
        for key in json.loads(body):
            state.documents.pop(key, None)
    else:
        if headers.get("Content-Type") != "application/x-ndjson" or parse_qs(parts.query) != {"primaryKey": ["id"]}:
            return error(415, "invalid_content_type", "wrong content type")
        documents = [json.loads(line) for line in body.splitlines()]
        wrong = [one["id"] for one in documents if one["id"] in state.items]
        if wrong:
            code = "invalid_document_id" if state.items[wrong[0]] == 400 else "no_space_left_on_device"
            problem = {"message": f"Document identifier `{wrong[0]}` is invalid.", "code": code}
        else:
            # one that is wrong spoils all that came with it
            state.documents |= {one["id"]: one for one in documents}
    state.tasks.append({"looks": 0, "error": problem})
    return 202, {"taskUid": len(state.tasks) - 1, "status": "enqueued"}


def _typesense(state: Engine, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    if headers.get("X-TYPESENSE-API-KEY") != KEY:
        return 401, {"message": "Forbidden - a valid `x-typesense-api-key` header must be sent."}
    parts = urlsplit(path)
    if (method, parts.path) == ("POST", "/collections"):
        schema = json.loads(body)
        assert schema["fields"] == [{"name": ".*", "type": "auto"}]
        assert schema["enable_nested_fields"] is True
        state.collections.add(schema["name"])
        return 201, schema
    if "jobs" not in state.collections:
        return 404, {"message": "Not Found"}
    if (method, parts.path) == ("GET", "/collections/jobs"):
        return 200, {"name": "jobs"}
    if (method, parts.path) == ("DELETE", "/collections/jobs/documents"):
        found = re.fullmatch(r"filter_by=id:=\[(`[^`]+`(?:,`[^`]+`)*)\]", unquote(parts.query))
        assert found, parts.query
        ids = [one.strip("`") for one in found[1].split(",")]
        return 200, {"num_deleted": sum(state.documents.pop(one, None) is not None for one in ids)}
    assert (method, path) == ("POST", "/collections/jobs/documents/import?action=upsert")
    lines = []
    for line in body.splitlines():
        document = json.loads(line)
        assert None not in document.values()
        status = state.items.get(document["id"])
        if status:
            lines.append({"success": False, "error": "Field `title` must be a string.", "code": status})
        else:
            state.documents[document["id"]] = document
            lines.append({"success": True})
    return 200, "\n".join(json.dumps(line) for line in lines)


ENGINES: dict[str, Callable[..., Answer]] = {
    "opensearch": _bulk, "elasticsearch": _bulk, "meilisearch": _meilisearch, "typesense": _typesense,
}  # fmt: skip
