"""The misbehaviours: what a career site with six known jobs does, each under a name.

A case is a function that makes a good site misbehave; the table of what a visit says of each is `verdicts.txt`.
"""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.crawler.hostile import careers
from tests.crawler.hostile.behaviours import (
    CHUNKED,
    ENCODERS,
    OK,
    bomb,
    chunked,
    coded,
    document,
    drip,
    forever,
    raw,
    redirect,
    redirect_further,
    reset_after,
    silence,
)
from tests.crawler.hostile.careers import Careers, Layout, Part, html, job_page, urlset
from tests.crawler.hostile.server import Behaviour, answer, hang_up_hard, once

FORBIDDEN = {
    "127.0.0.1": "127.0.0.1",
    "127.1": "127.1",
    "hexadecimal": "0x7f.1",
    "octal": "0177.0.0.1",
    "one number": "2130706433",
    "zero": "0",
    "mapped": "[::ffff:127.0.0.1]",
    "circled digits": "①②⑦.⓪.⓪.①",
    "link-local": "169.254.169.254",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One misbehaviour."""

    misbehave: Callable[[Careers], None]
    layout: Layout = "sitemap"
    #: watched by a host name; over TLS
    name: str | None = None
    tls: bool = False


def at(part: Part, behaviour: Behaviour, layout: Layout = "sitemap") -> Case:
    """This behaviour in place of the answers for one part of the site."""
    return Case(misbehave=lambda site: site.misbehave(part, behaviour), layout=layout)


def site_wide(make: Callable[[Careers], Mapping[Part, Behaviour]], layout: Layout = "sitemap") -> Case:
    """Behaviours that depend on the site."""

    def misbehave(site: Careers) -> None:
        for part, behaviour in make(site).items():
            site.misbehave(part, behaviour)

    return Case(misbehave=misbehave, layout=layout)


def greeted(greet: Callable[[socket.socket], socket.socket | None]) -> Case:
    """Something done to each connection before it can ask."""

    def misbehave(site: Careers) -> None:
        site.greet = greet

    return Case(misbehave=misbehave)


def _reset(connection: socket.socket) -> None:
    hang_up_hard(connection)


def _farewell(connection: socket.socket) -> None:
    connection.close()


def _stall(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _on_the_wire(behaviour: bytes) -> Callable[[socket.socket], None]:
    def greet(connection: socket.socket) -> None:
        connection.sendall(behaviour)
        connection.recv(65536)
        connection.close()

    return greet


PAGE = job_page(1)


def pages(change: Callable[[bytes], Behaviour], part: Part = "page") -> Case:
    """Each job's own page, sent in another way."""

    def send(connection: socket.socket, path: str) -> None:
        number = int(path.rsplit("/", 1)[1])
        change(job_page(number))(connection, path)

    return at(part, send)


# -- how an answer is put on the wire

FRAMING: dict[str, Case] = {
    "silence": at("start", silence),
    "silence everywhere": at("everything", silence),
    "headers drip": at("start", drip(OK, b"X")),
    "body drips": at("start", drip(OK + b"Content-Length: 100000\r\n\r\n")),
    "chunks drip": at("start", drip(CHUNKED, b"1\r\nx\r\n")),
    "job pages drip": at("page", drip(OK + b"Content-Length: 100000\r\n\r\n")),
    "headers without end": at("start", forever(OK, b"X-A: " + b"y" * 8000 + b"\r\n")),
    "one header line without end": at("start", forever(OK + b"X: ", b"y" * 65536)),
    "ten thousand headers": at("start", once(OK + b"".join(b"X-%d: y\r\n" % n for n in range(50_000)) + b"\r\n")),
    "one header of a megabyte": at("start", once(OK + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n")),
    "one header of 15 kilobytes": at("start", once(answer(PAGE, "X: " + "y" * 15_000))),
    "cookies without number": at("everything", once(answer(PAGE, *["Set-Cookie: a=" + "b" * 4000] * 100))),
    "body without end": at("start", forever(OK + b"\r\n", b"y" * 65536)),
    "chunks without end": at("start", forever(CHUNKED, b"1000\r\n" + b"y" * 4096 + b"\r\n")),
    "one chunk head without end": at("start", forever(CHUNKED, b"0" * 65536)),
    "chunk extensions without end": at("start", forever(CHUNKED + b"5;", b"x=y;" * 10_000)),
    "trailers without end": at("start", forever(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000)),
    "interim answers without end": at("start", forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    "early hints, then an answer": at(
        "start", once(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + answer(html("hello")))
    ),
    "switching protocols": at("start", raw("HTTP/1.1 101 Switching Protocols", "Upgrade: h2c", "Connection: Upgrade")),
    "tells a length of 100 GB": at("start", once(OK + b"Content-Length: 99999999999\r\n\r\n")),
    "length too long": pages(lambda page: once(OK + b"Content-Length: 90000\r\n\r\n" + page)),
    "length too short": pages(lambda page: once(OK + b"Content-Length: 400\r\n\r\n" + page)),
    "negative length": at("page", once(OK + b"Content-Length: -5\r\n\r\n" + PAGE)),
    "length that is no number": at("page", once(OK + b"Content-Length: many\r\n\r\n" + PAGE)),
    "two lengths": at("page", once(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\nhello")),
    "the same length twice": pages(lambda page: once(answer(page, f"Content-Length: {len(page)}"))),
    "length with a plus": at("page", once(OK + b"Content-Length: +%d\r\n\r\n" % len(PAGE) + PAGE)),
    "chunked and a length": pages(
        lambda page: once(
            OK + b"Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n" + chunked([page]) + b"0\r\n\r\n"
        )
    ),
    "chunked twice": at(
        "page", once(OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunked([PAGE]) + b"0\r\n\r\n")
    ),
    "an unknown transfer coding": at("page", once(OK + b"Transfer-Encoding: gopher\r\n\r\n" + PAGE)),
    "chunk size that is no number": at("page", once(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n")),
    "negative chunk size": at("page", once(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n")),
    "enormous chunk size": at("page", once(CHUNKED + b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n")),
    "chunk longer than its size": at("page", once(CHUNKED + b"2\r\nhello\r\n0\r\n\r\n")),
    "no last chunk": pages(lambda page: once(CHUNKED + chunked([page]))),
    "bad status line": at("page", once(b"HTTP/1.1 OK 200\r\n\r\n" + PAGE)),
    "status of four digits": at("page", raw("HTTP/1.1 2000 OK", f"Content-Length: {len(PAGE)}", body=PAGE)),
    "status 999": at("page", raw("HTTP/1.1 999 Request denied", "Content-Length: 2", body=b"no")),
    "HTTP/0.9": at("page", once(PAGE)),
    "HTTP/2 preface": at("page", once(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")),
    "no HTTP": at("page", once(b"\x00\xff\x15SSH-2.0\r\n\r\n" * 10)),
    "header without a colon": pages(
        lambda page: raw("HTTP/1.1 200 OK", "nonsense", f"Content-Length: {len(page)}", body=page)
    ),
    "NUL in a header": pages(lambda page: raw("HTTP/1.1 200 OK", "X: a\0b", f"Content-Length: {len(page)}", body=page)),
    "bare line feeds": pages(lambda page: once(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(page) + page)),
    "204 with a body": at("page", raw("HTTP/1.1 204 No Content", f"Content-Length: {len(PAGE)}", body=PAGE)),
    "205 with a body": at("page", raw("HTTP/1.1 205 Reset Content", f"Content-Length: {len(PAGE)}", body=PAGE)),
    "206 unasked": at(
        "page",
        raw("HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-9/999", "Content-Length: 10", body=PAGE[:10]),
    ),
    "206 of the sitemap": site_wide(
        lambda site: {
            "sitemap": raw(
                "HTTP/1.1 206 Partial Content",
                f"Content-Length: {len(urlset([site.origin]))}",
                body=urlset([site.origin]),
            )
        }
    ),
    "416 unasked": at("page", raw("HTTP/1.1 416 Range Not Satisfiable", "Content-Length: 0")),
    "304 unasked": at("everything", raw("HTTP/1.1 304 Not Modified", "ETag: x")),
    "304 with a body": pages(lambda page: raw("HTTP/1.1 304 Not Modified", f"Content-Length: {len(page)}", body=page)),
    "402 payment required": at("page", raw("HTTP/1.1 402 Payment Required", "Content-Length: 0")),
    "hangs up after each answer": at("robots", once(answer(b"User-agent: *\nAllow: /\n"))),
    "connections closed between requests": site_wide(lambda site: {"everything": _good_then_close(site)}),
    "answers twice": site_wide(lambda site: {"page": _twice(site)}),
}


def _good_then_close(site: Careers) -> Behaviour:
    def send(connection: socket.socket, path: str) -> None:
        connection.sendall(site.good(path))

    return send


def _twice(site: Careers) -> Behaviour:
    def send(connection: socket.socket, path: str) -> None:
        connection.sendall(site.good(path) + answer(job_page(99)))

    return send


RESETS: dict[str, Case] = {
    "reset at once": greeted(_reset),
    "farewell at once": greeted(_farewell),
    "never reads": greeted(_stall),
    "answers before it is asked": greeted(_on_the_wire(answer(PAGE))),
    "reset after the request": at("start", reset_after(b"")),
    "reset within the status line": at("start", reset_after(b"HTTP/1.")),
    "reset within the headers": at("start", reset_after(OK + b"X-A")),
    "reset within the body": at("page", reset_after(OK + b"Content-Length: 9000\r\n\r\n" + PAGE[:400])),
    "reset within a body without a length": pages(lambda page: reset_after(OK + b"\r\n" + page[:400])),
    "cut within a body without a length": pages(lambda page: once(OK + b"\r\n" + page[:400])),
    "reset within a chunk": at("page", reset_after(CHUNKED + b"ffff\r\n" + PAGE[:400])),
    "reset after the last chunk": at("page", reset_after(CHUNKED + chunked([PAGE]) + b"0\r\n")),
    "reset after a whole answer": pages(lambda page: reset_after(answer(page, "Content-Type: text/html"))),
    "sitemap reset half-way": site_wide(
        lambda site: {"sitemap": reset_after(OK + b"\r\n" + site.sitemap()[: len(site.sitemap()) // 2])}
    ),
}

REDIRECTS: dict[str, Case] = {
    "redirects without end": at("start", redirect_further),
    "redirect to itself": at("start", redirect("/")),
    "redirect in a circle": at("page", redirect("/jobs/1")),
    "every job redirects to the list": at("page", redirect("/jobs")),
    "every job redirects to one job": at("page", redirect("/jobs/9999")),
    "redirect to a file": at("page", redirect("file:///etc/passwd")),
    "redirect to data": at("page", redirect("data:text/html,<h1>gone</h1>")),
    "redirect to FTP": at("page", redirect("ftp://127.0.0.1/")),
    "redirect to JavaScript": at("page", redirect("javascript:alert(1)")),
    "redirect without a target": at("page", redirect("")),
    "redirect to binary": at("page", raw("HTTP/1.1 302 Found", "Location: \xff\xfe\xfd", "Content-Length: 0")),
    "redirect of 100 kilobytes": at("page", redirect("/" + "x" * 100_000)),
    "redirect with two targets": at(
        "page", raw("HTTP/1.1 302 Found", "Location: /jobs/1", "Location: http://10.0.0.1/", "Content-Length: 0")
    ),
    "redirect without a location": at("page", raw("HTTP/1.1 302 Found", "Content-Length: 0")),
    "meta refresh in a circle": at("start", document(html("hello", '<meta http-equiv="refresh" content="0; url=/">'))),
    "meta refresh away": at(
        "page", document(html("", '<meta http-equiv="refresh" content="0; url=http://169.254.169.254/latest/">'))
    ),
    **{f"redirect to {name}": at("page", redirect(f"http://{host}:9/")) for name, host in FORBIDDEN.items()},
}


def _cut(coding: str, *, framing: str) -> Case:
    """The sitemap, coded and cut."""

    def make(site: Careers) -> Mapping[Part, Behaviour]:
        body = ENCODERS[coding](site.sitemap())
        body = body[: len(body) * 3 // 5]
        headers = ["HTTP/1.1 200 OK", f"Content-Encoding: {coding}", "Content-Type: application/xml"]
        if framing == "declared":
            headers.append(f"Content-Length: {len(body)}")
        return {"sitemap": raw(*headers, body=body)}

    return site_wide(make)


def _bombs(part: Part, coding: str) -> Case:
    return Case(misbehave=lambda site: site.misbehave(part, coded(bomb(coding), coding)))


CODINGS: dict[str, Case] = {
    **{f"a bomb in {coding}": _bombs("start", coding) for coding in ENCODERS},
    "bombs as job pages": _bombs("page", "br"),
    "a bomb in a bomb": Case(
        misbehave=lambda site: site.misbehave("start", coded(ENCODERS["gzip"](bomb("gzip")), "gzip, gzip"))
    ),
    "a coding that is unknown": at("page", coded(PAGE, "compress")),
    "a coding that is not the one told": at("page", coded(ENCODERS["br"](PAGE), "gzip")),
    "a coding told and not used": at("page", coded(PAGE, "gzip")),
    "three codings": at("page", coded(b"x", "gzip, gzip, gzip")),
    "junk after the gzip stream": pages(lambda page: coded(ENCODERS["gzip"](page) + b"junk" * 100, "gzip")),
    "junk after the brotli stream": at("page", coded(ENCODERS["br"](PAGE) + b"junk", "br")),
    "nothing but a gzip head": at("page", coded(ENCODERS["gzip"](b"")[:10], "gzip")),
    "90,000 empty gzip members": at("page", coded(gzip.compress(b"", mtime=0) * 90_000, "gzip")),
    "200,000 empty zstd frames": at("page", coded(ENCODERS["zstd"](b"") * 200_000, "zstd")),
    **{
        f"a sitemap cut within {coding}, {framing} length": _cut(coding, framing=framing)
        for coding in ENCODERS
        for framing in ("declared", "no")
    },
}


TEXTS: dict[str, Case] = {
    "a wrong charset": pages(lambda page: document(page, "text/html; charset=utf-16le")),
    "a charset that is none": pages(lambda page: document(page, "text/html; charset=klingon")),
    "UTF-16": pages(lambda page: document(page.decode().encode("utf-16"), "text/html")),
    "UTF-7": pages(lambda page: document(page.decode().encode("utf-7"), "text/html; charset=utf-7")),
    "NUL bytes": pages(lambda page: document(page.replace(b"Welder", b"Wel\0der"), "text/html")),
    "only NUL bytes": at("page", document(b"\0" * 1_000_000, "text/html")),
    "bytes at random": at("page", document(bytes((n * n * 7 + n // 13) % 256 for n in range(100_000)), "text/html")),
    "an image": at("page", document(b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "image/png")),
    "a PDF": at("page", document(b"%PDF-1.7\n" + b"x" * 500, "application/pdf")),
    "an octet stream": pages(lambda page: document(page, "application/octet-stream")),
    "JSON as plain text": at("page", document(json.dumps(careers.markup(1)).encode(), "text/plain")),
    "an empty page": at("page", document(b"", "text/html")),
    "a script of ten megabytes": at("page", document(job_page(1, script=json.dumps("x" * 10_000_000)), "text/html")),
    "a script of a megabyte": at("page", document(job_page(1, script=json.dumps("x" * 1_000_000)), "text/html")),
    "JSON nested too deep": at("page", document(job_page(1, script="[" * 100_000 + "]" * 100_000), "text/html")),
    "a number of 100,000 digits": at("page", document(job_page(1, script='{"a": ' + "9" * 100_000 + "}"), "text/html")),
    "60,000 attributes": at(
        "first page", document(html("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">"), "text/html")
    ),
    "60,000 attributes on the start page": at(
        "start", document(html("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">"), "text/html")
    ),
    "elements nested too deep": at("page", document(html("<div>" * 100_000), "text/html")),
    "entities": at(
        "page",
        document(
            b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + html("&b;" * 50_000),
            "text/html",
        ),
    ),
}


def sitemap_of(body: bytes, content_type: str = "application/xml") -> Case:
    return at("sitemap", document(body, content_type))


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

SITEMAPS: dict[str, Case] = {
    "a sitemap of 5,000 addresses": site_wide(
        lambda site: {"sitemap": document(urlset([f"{site.origin}/other/x{n}" for n in range(5_000)]))}
    ),
    "a gzip bomb as sitemap": sitemap_of(bomb("gzip"), "application/gzip"),
    "a cut gzip file as sitemap": site_wide(
        lambda site: {"sitemap": document(ENCODERS["gzip"](site.sitemap())[:-20], "application/gzip")}
    ),
    "a sitemap with an external entity": site_wide(
        lambda site: {
            "sitemap": document(
                b'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset>'
                + f"<url><loc>{site.origin}/&x;</loc></url></urlset>".encode(),
                "application/xml",
            )
        }
    ),
    "billion laughs as sitemap": sitemap_of(
        f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{_LAUGHS}]><urlset><url><loc>http://x/&l9;</loc></url></urlset>'.encode()
    ),
    "a sitemap nested too deep": sitemap_of(b"<urlset>" + b"<url>" * 100_000),
    "an empty sitemap": sitemap_of(urlset([])),
    "HTML as sitemap": sitemap_of(html("<h1>Welcome</h1>"), "text/html"),
    "a sitemap without its end": site_wide(lambda site: {"sitemap": document(site.sitemap()[:-150])}),
    "a sitemap of other schemes": sitemap_of(
        urlset(["file:///etc/passwd", "ftp://x/1", "javascript:1", "data:,x", "http://169.254.169.254/"])
    ),
    "a sitemap of another host": sitemap_of(urlset([f"http://other.example/jobs/{n}" for n in range(50)])),
    "an index of itself": site_wide(
        lambda site: {"sitemap": document(careers.index([f"{site.origin}/sitemap.xml"] * 3))}
    ),
    "an index of ever further indexes": site_wide(lambda site: {"sitemap": _further_indexes(site)}),
    "an index of 3,000 files": site_wide(lambda site: {"sitemap": _many_files(site)}),
    "an endless sitemap": at("sitemap", forever(OK + b"\r\n<urlset>", b"<url><loc>http://x/</loc></url>" * 1000)),
}


def _further_indexes(site: Careers) -> Behaviour:
    def send(connection: socket.socket, path: str) -> None:
        further = [f"{site.origin}{path.removesuffix('.xml')}-{n}.xml" for n in range(2)]
        connection.sendall(answer(careers.index(further), "Content-Type: application/xml"))

    return send


def _many_files(site: Careers) -> Behaviour:
    def send(connection: socket.socket, path: str) -> None:
        if path == "/sitemap.xml":
            body = careers.index([f"{site.origin}/sitemap-jobs-{n}.xml" for n in range(3_000)])
        else:
            body = urlset([f"{site.origin}/x{path}"])
        connection.sendall(answer(body, "Content-Type: application/xml"))

    return send


ROBOTS: dict[str, Case] = {
    "robots.txt without end": at("robots", forever(OK + b"\r\n", b"Allow: /\n" * 7000)),
    "robots.txt drips": at("robots", drip(OK + b"Content-Length: 10000\r\n\r\n")),
    "robots.txt is silent": at("robots", silence),
    "robots.txt answers 500": at("robots", raw("HTTP/1.1 500 Oops", "Content-Length: 0")),
    "robots.txt answers 429": at("robots", raw("HTTP/1.1 429 Slow down", "Content-Length: 0")),
    "robots.txt is binary": at("robots", document(bytes(range(256)) * 100, "image/png")),
    "robots.txt of a megabyte": at("robots", document(b"Disallow: /x\n" * 100_000, "text/plain")),
    "robots.txt redirects in a circle": at("robots", redirect("/robots.txt")),
    "robots.txt redirects to a file": at("robots", redirect("file:///etc/passwd")),
    "robots.txt redirects to the metadata service": at("robots", redirect("http://169.254.169.254/robots.txt")),
    "robots.txt is cut": at("robots", once(OK + b"Content-Length: 500\r\n\r\nUser-agent: *\n")),
    "robots.txt is HTML": at("robots", document(html("<h1>Welcome</h1>"), "text/html")),
    "robots.txt is a bomb": at("robots", coded(bomb("gzip"), "gzip")),
    "robots.txt with a million groups": at("robots", document(b"User-agent: x\nDisallow: /\n" * 30_000, "text/plain")),
    "robots.txt forbids all": at("robots", document(b"User-agent: *\nDisallow: /\n", "text/plain")),
}


def _calendar(connection: socket.socket, path: str) -> None:
    day = int(path.rsplit("=", 1)[1]) if "=" in path else 0
    body = html(f'<a href="/jobs?day={day + 1}">tomorrow</a><a rel="next" href="/jobs?page={day + 1}">next</a>')
    connection.sendall(answer(body, "Content-Type: text/html"))


def _session_ids(site: Careers) -> Behaviour:
    numbers = itertools.count()

    def send(connection: socket.socket, path: str) -> None:
        number = next(numbers)
        body = html("".join(f'<a href="/jobs/{n}?sid={number:08x}">Welder</a>' for n in careers.JOBS))
        connection.sendall(answer(body, "Content-Type: text/html"))

    return send


def _endless_list(connection: socket.socket, path: str) -> None:
    page = int(path.rsplit("=", 1)[1]) if "=" in path else 1
    body = html(
        "".join(f'<a href="/jobs/{page}0{n}">Welder</a>' for n in range(3))
        + f'<a rel="next" href="/jobs?page={page + 1}">Next</a>'
    )
    connection.sendall(answer(body, "Content-Type: text/html"))


def _same_page(site: Careers) -> Behaviour:
    def send(connection: socket.socket, path: str) -> None:
        page = int(path.rsplit("=", 1)[1]) if "=" in path else 1
        body = site.list_page("/jobs").replace(b"page=2", b"page=%d" % (page + 1))
        connection.sendall(answer(body, "Content-Type: text/html"))

    return send


LISTS: dict[str, Case] = {
    "the second list page is silent": at("second list", silence, "list"),
    "the second list page answers 500": at("second list", raw("HTTP/1.1 500 Oops", "Content-Length: 0"), "list"),
    "the list drips": at("list", drip(OK + b"Content-Length: 100000\r\n\r\n"), "list"),
    "the list is without end": at("list", forever(OK + b"\r\n", b"<a href=/jobs/1>x</a>" * 2000), "list"),
    "list pages without number": at("list", _endless_list, "list"),
    "an endless calendar": at("list", _calendar, "list"),
    "a list page that repeats itself": site_wide(lambda site: {"list": _same_page(site)}, "list"),
    "links with session ids": site_wide(lambda site: {"list": _session_ids(site)}, "list"),
    "links that grow": at(
        "list", document(html("".join(f'<a href="/jobs{"/more" * n}/1">x</a>' for n in range(1, 40)))), "list"
    ),
    "links to other schemes": at(
        "list",
        document(html("".join(f'<a href="{to}">x</a>' for to in ("file:///etc/passwd", "ftp://x", "data:,x")))),
        "list",
    ),
    "an empty list": at("list", document(html("<p>Nothing here.</p>")), "list"),
    "the list cut within its rows": site_wide(
        lambda site: {"list": once(OK + b"\r\n" + site.list_page("/jobs")[:180])}, "list"
    ),
    "the list redirects to the start page": at("list", redirect("/"), "list"),
    "a login in place of every page": at(
        "everything", document(html("<form action=/login><input type=password></form>")), "list"
    ),
    "a captcha in place of every page": at(
        "everything", once(answer(html("<h1>Are you human?</h1>"), status="403 Forbidden")), "list"
    ),
}


def board(make: Callable[[str], bytes]) -> Case:
    """A board whose list is answered by a function of the request's path."""

    def send(connection: socket.socket, path: str) -> None:
        connection.sendall(make(path))

    return at("list", send, "board")


def _rows(**fields: object) -> bytes:
    rows = [careers.posting(n) for n in careers.JOBS]
    return careers.as_json({"offset": 0, "limit": 100, "totalFound": len(rows), "content": rows, **fields})


def _endless_board(path: str) -> bytes:
    offset = int(path.rsplit("=", 1)[1])
    rows = [{**careers.posting(1), "id": f"8{offset + n:014}"} for n in range(100)]
    return careers.as_json({"offset": offset, "limit": 100, "totalFound": 10**9, "content": rows})


BOARDS: dict[str, Case] = {
    "a board that is no JSON": board(lambda _: answer(b"<<<", "Content-Type: application/json")),
    "a board that is HTML": board(lambda _: answer(html("<h1>Sorry</h1>"), "Content-Type: text/html")),
    "a board that counts NaN": board(lambda _: _rows(totalFound=float("nan"))),
    "a board that counts a thousand million": board(lambda _: _rows(totalFound=10**9)),
    "a board that counts less than nothing": board(lambda _: _rows(totalFound=-6)),
    "a board that counts in words": board(lambda _: _rows(totalFound="six")),
    "a board that is nested too deep": board(lambda _: answer(b"[" * 200_000, "Content-Type: application/json")),
    "a board whose rows are no rows": board(lambda _: _rows(content=[None, 1, "x", [], {}])),
    "a board without its rows": board(lambda _: careers.as_json({"totalFound": 6})),
    "a board that is empty": board(lambda _: _rows(totalFound=0, content=[])),
    "a board that repeats its page": board(lambda _: _rows(totalFound=600)),
    "a board without end": board(_endless_board),
    "a board cut within a row": board(
        lambda _: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + _rows().partition(b"\r\n\r\n")[2][:700]
    ),
    "a board with one row twice": board(lambda _: _rows(content=[careers.posting(1)] * 6)),
    "a board whose details are HTML": at("page", document(html("<h1>Sorry</h1>")), "board"),
    "a board whose details are deep": at("page", document(b"[" * 200_000, "application/json"), "board"),
    "a board that redirects to the metadata service": at("list", redirect("http://169.254.169.254/"), "board"),
}


NAME = "careers.acme.example"


def secured(greet: Callable[[Careers, socket.socket], socket.socket | None]) -> Case:
    """Something done to each connection to a site with TLS before it can ask."""

    def misbehave(site: Careers) -> None:
        site.greet = lambda connection: greet(site, connection)

    return Case(misbehave=misbehave, name=NAME, tls=True)


def certified(*names: str, ends_in: timedelta = timedelta(days=2), signed_by_itself: bool = False) -> Case:
    """A certificate that should not be trusted."""

    def misbehave(site: Careers) -> None:
        assert site.authority is not None
        context = site.authority.context(*names, ends_in=ends_in, signed_by_itself=signed_by_itself)
        site.greet = lambda connection: context.wrap_socket(connection, server_side=True)

    return Case(misbehave=misbehave, name=NAME, tls=True)


def _plain(_: Careers, connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(answer(PAGE))
    connection.close()


def _half_a_handshake(_: Careers, connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")
    connection.recv(65536)


def _plain_after_tls(site: Careers, connection: socket.socket) -> None:
    secure = site.secured(connection)
    secure.recv(65536)
    raw_socket = socket.socket(fileno=secure.detach())
    raw_socket.sendall(answer(PAGE))
    raw_socket.close()


def _drip_of_tls(_: Careers, connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        connection.sendall(b"\x02")
        time.sleep(0.05)


def _unnamed(site: Careers) -> None:
    site.place = None


WAYS: dict[str, Case] = {
    "connections are refused": Case(misbehave=Careers.shut),
    "the name leads nowhere": Case(misbehave=_unnamed, name=NAME),
    "a certificate that has expired": certified(NAME, ends_in=timedelta(days=-1)),
    "a certificate signed by itself": certified(NAME, signed_by_itself=True),
    "a certificate of another host": certified("other.example"),
    "plain text in place of TLS": secured(_plain),
    "TLS, then plain text": secured(_plain_after_tls),
    "half a TLS handshake": secured(_half_a_handshake),
    "TLS drips": secured(_drip_of_tls),
    "from https to http": Case(
        misbehave=lambda site: site.misbehave("page", redirect(f"http://{NAME}/jobs/1")), name=NAME, tls=True
    ),
}

CASES: dict[str, Case] = {
    **FRAMING, **RESETS, **WAYS, **REDIRECTS, **CODINGS, **TEXTS, **SITEMAPS, **ROBOTS, **LISTS, **BOARDS,
}  # fmt: skip

#: cases that end by a time-out
HANGING = frozenset({
    "silence", "silence everywhere", "headers drip", "body drips", "chunks drip", "job pages drip", "never reads",
    "half a TLS handshake", "TLS drips", "robots.txt drips", "robots.txt is silent", "the list drips",
    "the second list page is silent",
})  # fmt: skip
