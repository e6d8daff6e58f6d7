"""A career site that shows nothing without script: every address answers the same shell, and its script does the
rest."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.sites.scripted import own_address

_SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Acme careers</title>
<link rel="stylesheet" href="/app.css"></head><body>
<noscript>You need to enable JavaScript to run this app.</noscript><div id="app"></div>
<script src="/app.js"></script></body></html>"""

_APP = """
const app = document.getElementById("app");
const get = address => fetch(address).then(answer => answer.ok ? answer.json() : Promise.reject(answer.status));
function add(job) {
  const link = document.createElement("a");
  link.href = "/jobs/" + job.id; link.textContent = job.title;
  link.onclick = event => { event.preventDefault(); history.pushState({}, "", link.href); show(); };
  app.insertBefore(link, document.getElementById("more"));
}
async function list(offset) {
  const answer = await get("/api/jobs?offset=" + offset);
  answer.jobs.forEach(add);
  const next = offset + answer.jobs.length;
  const more = document.getElementById("more");
  if (next >= answer.total) { if (more) more.remove(); return; }
  if (STYLE === "scroll") {
    more.style.height = "3000px";
    new IntersectionObserver((seen, watch) => {
      if (seen.some(one => one.isIntersecting)) { watch.disconnect(); list(next); }
    }).observe(document.getElementById("end"));
  } else {
    more.onclick = () => list(next);
  }
}
async function posting(id) {
  try {
    const job = await get("/api/jobs/" + id);
    const script = document.createElement("script");
    script.type = "application/ld+json"; script.textContent = JSON.stringify(job.markup);
    document.head.append(script);
    document.title = job.title; app.innerHTML = "<h1></h1><p>" + job.text + "</p><button>Apply now</button>";
    app.querySelector("h1").textContent = job.title;
  } catch (status) {
    document.title = "Job not found"; app.innerHTML = "<h1>This job is no longer available</h1>";
  }
}
function show() {
  const id = location.pathname.match(/^\\/jobs\\/(\\d+)/);
  if (id) return posting(id[1]);
  app.innerHTML = STYLE === "scroll" ? "<div id=more></div><div id=end>.</div>" : "<button id=more>Load more jobs</button>";
  return list(0);
}
show();
"""


class JavascriptSite:
    """The site, on an address of its own; `jobs` may be changed while it is served."""

    def __init__(self, postings: int = 3, *, batch: int = 20, style: str = "button", host: str | None = None) -> None:
        """`batch` jobs come at a time, the next ones by a `button` or by a `scroll`."""
        self.jobs = {1000 + number: f"Welder {number}" for number in range(postings)}
        self.batch = batch
        self.style = style
        #: what an address answers instead: status, type, body
        self.pages: dict[str, tuple[int, str, str]] = {}
        self.robots = "User-agent: *\nAllow: /\n"
        #: path and query of every request, with its headers
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer((host or own_address(), 0), self._handler())
        self._server.daemon_threads = True

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        return str(self._server.server_address[0])

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def asked(self, prefix: str) -> list[str]:
        """The requests whose path begins with `prefix`."""
        return [path for path, _ in self.requests if path.startswith(prefix)]

    def _answer(self, target: str) -> tuple[int, str, str]:
        path = urlsplit(target).path
        if path in self.pages:
            return self.pages[path]
        if path == "/robots.txt":
            return 200, "text/plain", self.robots
        if path == "/app.js":
            return 200, "text/javascript", f"const STYLE = {json.dumps(self.style)};{_APP}"
        if path == "/app.css":
            return 200, "text/css", "body { font-family: sans-serif }"
        if path == "/api/jobs":
            offset = int(parse_qs(urlsplit(target).query)["offset"][0])
            rows = [{"id": number, "title": title} for number, title in self.jobs.items()]
            page = {"total": len(rows), "jobs": rows[offset : offset + self.batch]}
            return 200, "application/json", json.dumps(page)
        if path.startswith("/api/jobs/"):
            number = int(path.rsplit("/", 1)[1])
            if number not in self.jobs:
                return 404, "application/json", "{}"
            return 200, "application/json", json.dumps(_job(number, self.jobs[number], self.url))
        if path in ("/sitemap.xml", "/favicon.ico"):
            return 404, "text/plain", "not found"
        return 200, "text/html; charset=utf-8", _SHELL

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, dict(self.headers)))
                status, kind, text = site._answer(self.path)
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status in (301, 302):
                    self.send_header("Location", text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _job(number: int, title: str, url: str) -> dict[str, Any]:
    text = f"{title} wanted: you weld, every day, and we pay you for it. " * 5
    return {
        "title": title,
        "text": text,
        "markup": {
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "title": title,
            "description": f"<p>{text}</p>",
            "datePosted": "2026-11-01",
            "identifier": {"@type": "PropertyValue", "name": "Acme", "value": f"R-{number}"},
            "hiringOrganization": {"@type": "Organization", "name": "Acme"},
            "jobLocation": {"@type": "Place", "address": {"addressLocality": "Berlin", "addressCountry": "DE"}},
            "url": f"{url}jobs/{number}",
        },
    }


class Canary:
    """A listener that must not be reached; counts the connections that reach it."""

    def __init__(self, host: str, port: int = 0) -> None:
        canary = self
        self.connections = 0

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                canary.connections += 1
                self.request.recv(4096)
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: *\r\n\r\n")

        ThreadingTCPServer.allow_reuse_address = True
        self._server = ThreadingTCPServer((host, port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
