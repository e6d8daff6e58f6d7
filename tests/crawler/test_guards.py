"""Each guard of the crawler against the attack that it keeps out, and the same attack with the guard taken away.

Guards of the address policy are in `test_policy.py`.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.crawler.hostile.behaviours import ENCODERS, OK, bomb, chunked, coded, document, once
from tests.crawler.hostile.careers import html
from tests.crawler.hostile.certificates import Authority
from tests.crawler.hostile.probing import Probed, Probing
from tests.crawler.hostile.server import Behaviour, Hostile, answer

NAME = "careers.acme.example"
OURS = "crawler.middlewares"
THEIRS = "scrapy.downloadermiddlewares"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What a site does, and how to see that it worked."""

    site: Behaviour
    worked: Callable[[Probed, Hostile], bool]
    #: the settings without the guard
    without: Mapping[str, Any]
    #: settings of both runs
    always: Mapping[str, Any] = field(default_factory=dict)
    clicking: bool = False
    #: what is done to each connection first, on a site with a name and TLS
    greet: Callable[[Authority, socket.socket], socket.socket] | None = None


def middlewares(without: str, instead: str | None = None, **settings: Any) -> dict[str, Any]:
    """Settings in which a downloader middleware of Scrapy takes the place of ours."""
    from crawler.settings import DOWNLOADER_MIDDLEWARES as ALL

    changed = dict(ALL)
    place = changed.pop(without, 600)
    if instead:
        changed[instead] = place
    return {"DOWNLOADER_MIDDLEWARES": changed, **settings}


def read(probed: Probed, _: Hostile) -> bool:
    """The page was taken as an answer, and nothing seemed wrong."""
    return bool(probed.bodies)


def heads(text: bytes) -> Callable[[Probed, Hostile], bool]:
    """Some request had this in its head."""
    return lambda _, server: any(text in head.lower() for head in server.heads)


def in_steps(connection: socket.socket, path: str) -> None:
    """A chain of fifteen redirects."""
    step = int(path.strip("/") or 0)
    further = answer(b"", f"Location: /{step + 1}", "Connection: close", status="302 Found")
    connection.sendall(answer(html("here")) if step == 15 else further)


def slowly(connection: socket.socket, path: str) -> None:
    """An answer that takes two seconds, drop by drop."""
    connection.sendall(OK + b"Content-Length: 40\r\n\r\n")
    for _ in range(40):
        connection.sendall(b"x")
        time.sleep(0.05)


def turning_plain(connection: socket.socket, path: str) -> None:
    secure = isinstance(connection, ssl.SSLSocket)
    if secure and path == "/":
        connection.sendall(answer(b"", f"Location: http://{NAME}/plain", status="302 Found"))
    else:
        connection.sendall(answer(html("plain")))


def as_they_come(authority: Authority, connection: socket.socket) -> socket.socket:
    """TLS where the client begins with it."""
    if connection.recv(1, socket.MSG_PEEK) == b"\x16":
        return authority.context(NAME).wrap_socket(connection, server_side=True)
    return connection


def unproven(authority: Authority, connection: socket.socket) -> socket.socket:
    return authority.context(NAME, signed_by_itself=True).wrap_socket(connection, server_side=True)


CUT = ENCODERS["gzip"](html("x" * 50_000))[:-30]
TWICE = ENCODERS["gzip"](ENCODERS["gzip"](ENCODERS["gzip"](html("here"))))
#: no scope, robots.txt or redirects of ours: what is left stands alone
BARE: dict[str, Any] = {"DOWNLOADER_MIDDLEWARES": {}}

GUARDS: dict[str, Attack] = {
    "header limit": Attack(
        site=once(
            OK + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(2000)) + b"Content-Length: 1\r\n\r\nx"
        ),
        worked=read,
        without={"HIREWATCH_HEADER_LIMIT": 10**9},
    ),
    "header line limit": Attack(
        site=once(answer(html("here"), "X: " + "y" * 1_000_000)),
        worked=read,
        without={"HIREWATCH_HEADER_LIMIT": 10**9},
    ),
    "body limit": Attack(site=once(answer(b"x" * 11_000_000)), worked=read, without={"DOWNLOAD_MAXSIZE": 0}),
    "body limit where no length is told": Attack(
        site=once(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked([b"x" * 1_000_000] * 11) + b"0\r\n\r\n"),
        worked=read,
        without={"DOWNLOAD_MAXSIZE": 0},
    ),
    "time of a request": Attack(
        site=slowly,
        worked=read,
        always={"DOWNLOAD_TIMEOUT": 1.0, "RETRY_TIMES": 0},
        without={"DOWNLOAD_TIMEOUT": 30.0},
    ),
    "limit of a decoded body": Attack(
        site=coded(bomb("br", 30_000_000), "br"), worked=read, without={"DOWNLOAD_MAXSIZE": 10**9}
    ),
    "proof of a decoder's end": Attack(
        site=coded(CUT, "gzip"),
        worked=read,
        without=middlewares(
            f"{OURS}.compression.CompressionMiddleware",
            f"{THEIRS}.httpcompression.HttpCompressionMiddleware",
            COMPRESSION_ENABLED=True,
        ),
    ),
    "number of codings": Attack(
        site=coded(TWICE, "gzip, gzip, gzip"),
        worked=read,
        without=middlewares(
            f"{OURS}.compression.CompressionMiddleware",
            f"{THEIRS}.httpcompression.HttpCompressionMiddleware",
            COMPRESSION_ENABLED=True,
        ),
    ),
    "proof of a declared length": Attack(
        site=once(OK + b"Content-Length: 9000\r\n\r\n" + html("here")),
        worked=read,
        always={"RETRY_TIMES": 0},
        without={"DOWNLOAD_FAIL_ON_DATALOSS": False},
    ),
    "number of redirects": Attack(site=in_steps, worked=read, without={"HIREWATCH_MAX_REDIRECTS": 50}),
    "no step down from https": Attack(
        site=turning_plain,
        greet=as_they_come,
        worked=read,
        without=middlewares(
            f"{OURS}.redirects.RedirectMiddleware", f"{THEIRS}.redirect.RedirectMiddleware", REDIRECT_ENABLED=True
        ),
    ),
    "certificates": Attack(
        site=once(answer(html("here"))),
        greet=unproven,
        worked=read,
        always={"RETRY_TIMES": 0},
        without={"DOWNLOAD_VERIFY_CERTIFICATES": False},
    ),
    "no files": Attack(
        site=document(html('<a href="file:///etc/passwd">x</a>')),
        worked=lambda probed, _: any(url.startswith("file:") for url in probed.bodies),
        clicking=True,
        always=BARE,
        without={"DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler"}},
    ),
    "no data addresses": Attack(
        site=document(html('<a href="data:text/html,hello">x</a>')),
        worked=lambda probed, _: any(url.startswith("data:") for url in probed.bodies),
        clicking=True,
        always=BARE,
        without={"DOWNLOAD_HANDLERS": {"data": "scrapy.core.downloader.handlers.datauri.DataURIDownloadHandler"}},
    ),
    "scope of file addresses": Attack(
        site=document(html('<a href="file:///etc/passwd">x</a>')),
        worked=lambda probed, _: any(url.startswith("file:") for url in probed.bodies),
        clicking=True,
        always={"DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler"}},
        without=BARE,
    ),
    "no cookies": Attack(
        site=once(answer(html('<a href="/next">x</a>'), "Set-Cookie: a=b")),
        worked=heads(b"cookie: a=b"),
        clicking=True,
        without=middlewares("", f"{THEIRS}.cookies.CookiesMiddleware", COOKIES_ENABLED=True),
    ),
    "no referer as the site wants it": Attack(
        site=document(html('<a href="/next">x</a>')),
        worked=heads(b"referer:"),
        clicking=True,
        # ours names the start page, whatever the site says
        always=BARE,
        without={
            "REFERER_ENABLED": True,
            "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.referer.RefererMiddleware": 700},
        },
    ),
    "no meta refresh": Attack(
        site=document(html("", '<meta http-equiv="refresh" content="0; url=/elsewhere">')),
        worked=heads(b"get /elsewhere"),
        without=middlewares(
            "", f"{THEIRS}.redirect.MetaRefreshMiddleware", METAREFRESH_ENABLED=True, REDIRECT_MAX_TIMES=2
        ),
    ),
    "no telnet console": Attack(
        site=document(html("here")),
        worked=lambda probed, _: bool(probed.ports),
        clicking=True,
        always={"EXTENSIONS_BASE": {"scrapy.extensions.telnet.TelnetConsole": 0}},
        without={"TELNETCONSOLE_ENABLED": True},
    ),
    "no remote control": Attack(
        site=document(html("here")),
        worked=lambda probed, _: bool(probed.ports),
        clicking=True,
        always={"EXTENSIONS_BASE": {"scrapy.extensions.remote_control.RemoteControl": 0}},
        without={"REMOTE_CONTROL_ENABLED": True},
    ),
    "no extensions but our own": Attack(
        site=document(html("here")),
        worked=lambda probed, _: bool(probed.ports),
        clicking=True,
        always={"TELNETCONSOLE_ENABLED": True},
        without={"EXTENSIONS_BASE": {"scrapy.extensions.telnet.TelnetConsole": 0}},
    ),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def probing(authority: Authority) -> Iterator[Probing]:
    process = Probing(authority.path)
    yield process
    process.close()


def attack(name: str, probing: Probing, authority: Authority, *, guarded: bool) -> bool:
    """Whether the attack works."""
    one = GUARDS[name]
    settings = {**one.always, **({} if guarded else one.without)}
    with Hostile(one.site) as server:
        greet = one.greet
        url = server.url
        if greet is not None:
            server.greet = lambda connection: greet(authority, connection)
            url = f"https://{NAME}/"
        names = {NAME: (server.host, server.port)}
        probed = probing.probe(url, settings=settings, names=names, clicking=one.clicking)
        return one.worked(probed, server)


@pytest.mark.parametrize("name", GUARDS)
def test_the_guard_keeps_the_attack_out(name: str, probing: Probing, authority: Authority) -> None:
    assert not attack(name, probing, authority, guarded=True)


@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_the_attack_works(name: str, probing: Probing, authority: Authority) -> None:
    assert attack(name, probing, authority, guarded=False)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_proxy_of_the_environment_is_asked_only_without_the_guard(probing: Probing, guarded: bool) -> None:
    # our handler knows of no proxy, whatever a middleware says
    theirs = {"http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"}
    without = middlewares(
        "", f"{THEIRS}.httpproxy.HttpProxyMiddleware", HTTPPROXY_ENABLED=True, DOWNLOAD_HANDLERS=theirs
    )
    with Hostile(document(html("here"))) as server, Hostile(document(html("proxied"))) as proxy:
        probing.probe(
            server.url,
            settings={} if guarded else without,
            environment={"http_proxy": proxy.url, "no_proxy": ""},
        )
        assert (proxy.connections == 0) is guarded


def test_no_other_scheme_has_a_handler() -> None:
    from crawler.visit import crawl_settings

    handlers = crawl_settings().getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}
