"""The hosts of all vendors on loopback, with TLS under their own names, and a process that visits boards there.

The same server can stand for any other hosts (`hosts`); what is asked of them without TLS it answers at a second port.

Everything is real but the addresses: Scrapy, our middlewares, certificates of a test authority, robots.txt.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crawler.visits import LOOPBACK, Crawling, _visit

#: the vendors' hosts, and those of employers
HOSTS = (
    "boards-api.greenhouse.io", "job-boards.greenhouse.io", "boards.greenhouse.io", "api.lever.co", "jobs.lever.co",
    "api.ashbyhq.com", "jobs.ashbyhq.com", "api.smartrecruiters.com", "careers.smartrecruiters.com",
    "jobs.smartrecruiters.com", "apply.workable.com", "*.recruitee.com", "*.jobs.personio.de", "*.jobs.personio.com",
    "*.teamtailor.com", "*.wd1.myworkdayjobs.com", "*.wd3.myworkdayjobs.com", "*.wd5.myworkdayjobs.com",
    "*.bamboohr.com", "ats.rippling.com", "*.pinpointhq.com", "*.eightfold.ai", "*.fa.us2.oraclecloud.com",
    "acme.example", "other.example", "careers.acme.example",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to one address."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Answered:
        return cls(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


class Vendors:
    """One server for every host. `answers` are looked up by address, and by the JSON that was sent."""

    def __init__(self, folder: Path, hosts: Iterable[str] = HOSTS) -> None:
        self.answers: dict[tuple[str, str | None], Answered] = {}
        #: method, address, status
        self.log: list[tuple[str, str, int]] = []
        self.authority = folder / "authority.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(folder, self.authority, hosts))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler("https"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._plain = ThreadingHTTPServer(("127.0.0.1", 0), self._handler("http"))
        for server in (self._server, self._plain):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def ports(self) -> dict[int, int]:
        """Where on loopback it answers for each port of the hosts."""
        return {443: int(self._server.server_address[1]), 80: int(self._plain.server_address[1])}

    def close(self) -> None:
        for server in (self._server, self._plain):
            server.shutdown()
            server.server_close()

    def reset(self) -> None:
        self.answers.clear()
        self.log.clear()

    def put(self, url: str, answer: Answered | bytes | str, post: str | None = None) -> None:
        body = answer.encode() if isinstance(answer, str) else answer
        self.answers[url, post] = body if isinstance(body, Answered) else Answered(body)

    @property
    def asked(self) -> list[str]:
        """What was asked for but robots.txt."""
        return [url for _, url, _ in self.log if not url.endswith("/robots.txt")]

    def _handler(self, scheme: str) -> type[BaseHTTPRequestHandler]:
        vendors = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _answer(self, post: str | None) -> None:
                url = f"{scheme}://{self.headers['Host']}{self.path}"
                answer = vendors.answers.get((url, post), Answered(b"no such thing", 404))
                etag = answer.headers.get("ETag")
                if etag and self.headers.get("If-None-Match") == etag:
                    answer = Answered(b"", 304, answer.headers)
                vendors.log.append((self.command, url, answer.status))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class BoardCrawling(Crawling):
    """A process that finds every host of `Vendors` on loopback and trusts its authority."""

    def __init__(self, vendors: Vendors) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, vendors.ports), daemon=False)
        start_trusting(self._process, vendors.authority)
        theirs.close()
        self._allow = LOOPBACK


def start_trusting(process: Any, authority: Path) -> None:
    """Starts a process that takes the certificates of a test authority for good ones."""
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(authority)
    try:
        process.start()
    finally:
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before


def find_everywhere(ports: Mapping[int, int]) -> None:
    """Lets the reactor of this process find every name on loopback, beneath the address policy."""
    from twisted.internet import reactor

    resolver: Any = reactor
    resolver.nameResolver._inner = _Everywhere(ports)


class _Everywhere:
    """Every name lies on loopback, at the ports of the test's server."""

    def __init__(self, ports: Mapping[int, int]) -> None:
        self._ports = ports

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *rest: Any, **options: Any) -> Any:
        from twisted.internet._resolver import HostResolution
        from twisted.internet.address import IPv4Address

        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        receiver.addressResolved(IPv4Address("TCP", "127.0.0.1", self._ports.get(port, 1)))
        receiver.resolutionComplete()
        return resolution


def _serve(pipe: Any, ports: Mapping[int, int]) -> None:
    from crawler.process import run_crawling
    from crawler.readers import Readers

    async def main(runner: Any) -> None:
        find_everywhere(ports)
        readers = Readers(processes=1)
        loop = asyncio.get_running_loop()
        try:
            while (order := await loop.run_in_executor(None, pipe.recv)) is not None:
                pipe.send(await _visit(order, runner, readers))
        finally:
            readers.close()

    run_crawling(main, allow_addresses=LOOPBACK)


def _certificate(folder: Path, authority: Path, hosts: Iterable[str]) -> Path:
    """A key and a certificate for the hosts, signed by an authority of its own."""
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hirewatch tests")])

    def signed(name: x509.Name, public: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(root_key, hashes.SHA256())

    root = signed(root_name, root_key.public_key(), (x509.BasicConstraints(ca=True, path_length=0), True))
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vendors")]), key.public_key(), (names, False))
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain = folder / "vendors.pem"
    chain.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    return chain
