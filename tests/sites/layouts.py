"""Invented career sites, each laid out in its own way, with the titles of the postings that are on it."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.sites.scripted import own_address

#: stands for the site's origin in bodies and headers
BASE = "https://base.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer of a site."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A site: what it answers by path and query, where it is entered, and what is there to find."""

    pages: Mapping[str, Told]
    start: str
    titles: frozenset[str]
    #: how the first visit ends
    outcome: str = "complete"
    #: without this cookie each address sends back to itself, and sets it
    cookie: str = ""
    #: shows what is below the start page only to who comes from one of its pages
    guarded: bool = False


LAYOUTS: dict[str, Callable[[], Layout]] = {}


def layout(build: Callable[[], Layout]) -> Callable[[], Layout]:
    """Registers a layout under the name of its function."""
    LAYOUTS[build.__name__] = build
    return build


class StaticSite:
    """Serves a layout on an address of its own, and counts what is asked."""

    def __init__(self, built: Layout, *, at: StaticSite | None = None) -> None:
        """`at` is a site that has ended: this one takes its address."""
        asked: list[str] = []
        self.asked = asked
        self.address: tuple[str, int]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked.append(self.path)
                origin = f"http://{self.headers['Host']}"
                told = built.pages.get(self.path) or Told(status=404, body=html("Not found"))
                if built.cookie not in self.headers.get("Cookie", ""):
                    told = Told(status=302, headers={"Location": self.path, "Set-Cookie": f"{built.cookie}; Path=/"})
                from_here = self.headers.get("Referer", "").startswith(origin)
                if built.guarded and not from_here and self.path not in (built.start, "/robots.txt"):
                    told = Told(status=403, body=html("Forbidden"))
                body = told.body if isinstance(told.body, bytes) else told.body.replace(BASE, origin).encode()
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value.replace(BASE, origin))
                self.send_header("Content-Type", told.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(at.address if at else (own_address(), 0), Handler)
        host, port = self._server.server_address[:2]
        self.address = (str(host), port)
        self.url = f"http://{host!s}:{port}{built.start}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


# pages


def html(body: str = "", head: str = "", language: str = "en") -> str:
    return f'<!doctype html><html lang="{language}"><head><title>Acme</title>{head}</head><body>{body}</body></html>'


def markup(title: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": title,
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
        "description": f"<p>What a {title} does at Acme, day by day and in some detail.</p>" * 9,
        "datePosted": "2026-11-01",
        "jobLocation": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": "Berlin", "addressCountry": "DE"},
        },
        **more,
    }


def script(*objects: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in objects)


def job(title: str, head: str = "", language: str = "en", **more: Any) -> Told:
    return Told(body=html(f"{NAV}<h1>{title}</h1>", head + script(markup(title, **more)), language))


def links(addresses: Iterable[str], text: str = "More") -> str:
    return "".join(f'<li><a href="{address}">{text}</a></li>' for address in addresses)


def page(body: str = "", head: str = "") -> Told:
    return Told(body=html(NAV + body, head))


NAV = "<nav>" + links(("/about", "/contact", "/blog/our-new-office", "/team/anna"), "Acme") + "</nav>"
OTHERS = {path: page() for path in ("/about", "/contact", "/blog/our-new-office", "/team/anna")}


def xml(body: str) -> Told:
    return Told(body=f'<?xml version="1.0" encoding="UTF-8"?>{body}', content_type="application/xml")


def sitemap(addresses: Iterable[str]) -> Told:
    return xml(_urlset(f"<url><loc>{BASE}{address}</loc></url>" for address in addresses))


def index(addresses: Iterable[str]) -> Told:
    children = "".join(f"<sitemap><loc>{BASE}{address}</loc></sitemap>" for address in addresses)
    return xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>')


def _urlset(entries: Iterable[str]) -> str:
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f"<urlset {spaces}>{''.join(entries)}</urlset>"


def robots(*sitemaps: str) -> Told:
    lines = "".join(f"Sitemap: {BASE}{address}\n" for address in sitemaps)
    return Told(body=f"User-agent: *\nAllow: /\n{lines}", content_type="text/plain")


def redirect(to: str, status: int = 301) -> Told:
    return Told(status=status, headers={"Location": to})


def jobs(paths: Iterable[str], title: str = "Job") -> dict[str, Told]:
    """A page with a posting for each address."""
    return {path: job(f"{title} at {path}") for path in paths}


def titles(paths: Iterable[str], title: str = "Job") -> frozenset[str]:
    return frozenset(f"{title} at {path}" for path in paths)


# what sites are like


@layout
def slugs_without_sitemap() -> Layout:
    paths = [f"/careers/great-job-{chr(97 + n)}{chr(97 + n)}" for n in range(14)]
    return Layout(
        pages={**OTHERS, "/careers": page(links(paths)), **jobs(paths)}, start="/careers", titles=titles(paths)
    )


@layout
def ids_in_the_query() -> Layout:
    paths = [f"/job.php?id={100 + n}" for n in range(9)]
    tracked = {f"{path}&utm_source=list": told for path, told in jobs(paths).items()}
    listed = links(f"{path}&amp;utm_source=list" for path in paths)
    return Layout(pages={"/jobs.php": page(listed), **tracked, **jobs(paths)}, start="/jobs.php", titles=titles(paths))


@layout
def pages_in_a_window() -> Layout:
    """Each list page links to its neighbours only."""
    paths = [f"/vacancies/v{1000 + n}" for n in range(24)]
    pages = {**OTHERS, **jobs(paths)}
    for number in range(1, 7):
        near = (f"/vacancies?p={other}" for other in (number - 1, number, number + 1) if 1 <= other <= 6)
        pages[f"/vacancies?p={number}"] = page(links(paths[number * 4 - 4 : number * 4]) + links(near, "page"))
    pages["/vacancies"] = pages["/vacancies?p=1"]
    return Layout(pages=pages, start="/vacancies", titles=titles(paths))


@layout
def all_on_the_start_page() -> Layout:
    graph = {"@context": "https://schema.org", "@graph": [markup(f"Job {n}") for n in range(7)]}
    pages = {**OTHERS, "/careers": page(head=script(graph))}
    return Layout(pages=pages, start="/careers", titles=frozenset(f"Job {n}" for n in range(7)))


@layout
def jobs_and_articles_of_one_shape() -> Layout:
    paths = [f"/p/{7000 + n}" for n in range(40)]
    mine = paths[::4]
    pages = {**OTHERS, **{path: page() for path in paths}, **jobs(mine), "/": page(), "/sm.xml": sitemap(paths)}
    return Layout(pages={**pages, "/robots.txt": robots("/sm.xml")}, start="/", titles=titles(mine))


@layout
def three_jobs_among_two_hundred_pages() -> Layout:
    paths = [f"/word-{n}" for n in range(200)]
    mine = [paths[57], paths[123], paths[180]]
    pages = {**OTHERS, **{path: page() for path in paths}, **jobs(mine), "/": page(), "/sitemap.xml": sitemap(paths)}
    return Layout(pages=pages, start="/", titles=titles(mine))


@layout
def categories() -> Layout:
    paths = [f"/jobs/{area}/{n}-x" for area in ("it", "sales", "ops") for n in range(5)]
    pages = {**OTHERS, **jobs(paths), "/jobs": page(links(f"/jobs/category/{area}" for area in ("it", "sales", "ops")))}
    for area in ("it", "sales", "ops"):
        pages[f"/jobs/category/{area}"] = page(links(path for path in paths if f"/{area}/" in path))
    return Layout(pages=pages, start="/jobs", titles=titles(paths))


@layout
def departments_two_levels_down() -> Layout:
    """Front page, career page, departments, jobs."""
    paths = [f"/karriere/bereiche/{area}/stelle-{n}" for area in ("it", "lager", "pflege") for n in range(4)]
    pages = {
        **OTHERS,
        **jobs(paths),
        "/": page(links(["/karriere"], "Karriere")),
        "/karriere": page(links((f"/karriere/bereiche/{area}" for area in ("it", "lager", "pflege")), "Bereich")),
    }
    for area in ("it", "lager", "pflege"):
        pages[f"/karriere/bereiche/{area}"] = page(links(path for path in paths if f"/{area}/" in path))
    return Layout(pages=pages, start="/", titles=titles(paths))


@layout
def a_sitemap_that_lags() -> Layout:
    paths = [f"/job/{n}" for n in range(100, 114)]
    pages = {**jobs(paths), "/jobs": page(links(paths)), "/sitemap.xml": sitemap(paths[:10])}
    return Layout(pages={**OTHERS, **pages}, start="/jobs", titles=titles(paths))


def _rss(addresses: Iterable[str]) -> Told:
    items = "".join(f"<item><title>x</title><link>{BASE}{address}</link></item>" for address in addresses)
    return Told(body=f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="application/rss+xml")


def _declares(address: str, kind: str) -> str:
    return f'<link rel="alternate" type="{kind}" href="{address}">'


@layout
def a_feed_alone() -> Layout:
    paths = [f"/offers/{n}-smith" for n in range(200, 208)]
    start = page("<div id=app></div>", _declares("/jobs.rss", "application/rss+xml"))
    return Layout(
        pages={**OTHERS, **jobs(paths), "/careers": start, "/jobs.rss": _rss(paths)},
        start="/careers",
        titles=titles(paths),
    )


@layout
def a_json_feed_alone() -> Layout:
    paths = [f"/o/{n}" for n in range(300, 306)]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": p, "url": p} for p in paths]})
    start = page("<div id=app></div>", _declares("/feed.json", "application/feed+json"))
    told = Told(body=feed, content_type="application/feed+json")
    return Layout(pages={**OTHERS, **jobs(paths), "/": start, "/feed.json": told}, start="/", titles=titles(paths))


@layout
def a_feed_as_the_start_address() -> Layout:
    paths = [f"/o/{n}" for n in range(300, 306)]
    entries = "".join(f'<entry><link href="{path}"/></entry>' for path in paths)
    feed = Told(body=f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>', content_type="application/atom+xml")
    return Layout(pages={**jobs(paths), "/jobs.atom": feed}, start="/jobs.atom", titles=titles(paths))


@layout
def translations_in_the_sitemap() -> Layout:
    numbers = range(8)
    entries = (
        f"<url><loc>{BASE}/en/jobs/{n}</loc>"
        f'<xhtml:link rel="alternate" hreflang="en" href="{BASE}/en/jobs/{n}"/>'
        f'<xhtml:link rel="alternate" hreflang="de" href="{BASE}/de/stellen/{n}"/></url>'
        for n in numbers
    )
    pages = {f"/en/jobs/{n}": job(f"Welder {n}") for n in numbers}
    pages |= {f"/de/stellen/{n}": job(f"Schweißer {n}", language="de") for n in numbers}
    found = {f"{title} {n}" for n in numbers for title in ("Welder", "Schweißer")}
    return Layout(
        pages={**pages, "/": page(), "/sitemap.xml": xml(_urlset(entries))}, start="/", titles=frozenset(found)
    )


def _alternate(language: str, address: str) -> str:
    return f'<link rel="alternate" hreflang="{language}" href="{address}">'


@layout
def translations_in_the_head() -> Layout:
    numbers = range(6)
    pages = {"/en/jobs": page(links(f"/en/jobs/{n}-welder" for n in numbers))}
    for n in numbers:
        head = _alternate("en", f"/en/jobs/{n}-welder") + _alternate("fr", f"/fr/emplois/{n}-soudeur")
        pages[f"/en/jobs/{n}-welder"] = job(f"Welder {n}", head)
        pages[f"/fr/emplois/{n}-soudeur"] = job(f"Soudeur {n}", head, "fr")
    found = {f"{title} {n}" for n in numbers for title in ("Welder", "Soudeur")}
    return Layout(pages={**OTHERS, **pages}, start="/en/jobs", titles=frozenset(found))


@layout
def translations_without_postings() -> Layout:
    paths = [f"/en/jobs/{n}" for n in range(20)]
    pages = {path: job(f"Job at {path}", _alternate("de", f"/de{path[3:]}")) for path in paths}
    pages |= {f"/de{path[3:]}": page("Auf Anfrage") for path in paths}
    return Layout(pages={**pages, "/en/jobs": page(links(paths))}, start="/en/jobs", titles=titles(paths))


@layout
def mixed_languages_in_one_list() -> Layout:
    paths = [f"/{place}/{n}" for n in range(4) for place in ("en/job", "de/stelle", "fr/poste")]
    return Layout(
        pages={**OTHERS, **jobs(paths), "/careers": page(links(paths))}, start="/careers", titles=titles(paths)
    )


@layout
def slashes_at_the_end() -> Layout:
    """The list names addresses without the slash, and the server adds it."""
    paths = [f"/jobs/welder-{n}/" for n in range(8)]
    pages = {**jobs(paths), **{path.rstrip("/"): redirect(path) for path in paths}}
    return Layout(
        pages={
            **OTHERS,
            **pages,
            "/jobs/": page(links(path.rstrip("/") for path in paths)),
            "/jobs": redirect("/jobs/"),
        },
        start="/jobs",
        titles=titles(paths),
    )


@layout
def hash_bangs() -> Layout:
    """A shell that routes by fragments; the addresses stand in the state that it starts from."""
    paths = [f"/job/{n}/view" for n in range(60, 66)]
    state = json.dumps({"jobs": [{"id": n, "seo": path} for n, path in enumerate(paths)]})
    start = page(links(f"#!/job/{n}" for n in range(60, 66)) + f'<script id="__NEXT_DATA__">{state}</script>')
    return Layout(pages={**OTHERS, **jobs(paths), "/jobs": start}, start="/jobs", titles=titles(paths))


@layout
def an_index_with_a_broken_child() -> Layout:
    paths = [f"/vacature/{n}-kok" for n in range(6)]
    pages = {
        "/": page(),
        "/sitemap.xml": index(["/sitemaps/a.xml", "/sitemaps/b.xml"]),
        "/sitemaps/a.xml": index(["/sitemaps/vacatures.xml", "/sitemaps/pages.xml"]),
        "/sitemaps/b.xml": Told(status=500, body="Oops"),
        "/sitemaps/vacatures.xml": sitemap(paths),
        "/sitemaps/pages.xml": sitemap(OTHERS),
    }
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/", titles=titles(paths), outcome="partial")


@layout
def more_as_json() -> Layout:
    """The first rows are on the page, the others come as JSON behind a link for more."""
    paths = [f"/jobs/{n}-cook" for n in range(12)]
    more = {
        f"/jobs/more.json?page={n}": Told(
            body=json.dumps(
                {
                    "rows": [{"title": "Cook", "url": path} for path in paths[n * 4 - 4 : n * 4]],
                    "next": f"/jobs/more.json?page={n + 1}" if n < 3 else None,
                }
            ),
            content_type="application/json",
        )
        for n in (2, 3)
    }
    start = page(links(paths[:4]) + '<a href="/jobs/more.json?page=2">Load more</a>')
    return Layout(pages={**OTHERS, **jobs(paths), **more, "/jobs": start}, start="/jobs", titles=titles(paths))


@layout
def inline_and_pages() -> Layout:
    """Three of the jobs stand on the career page as well."""
    paths = [f"/careers/{n}-nurse" for n in range(8)]
    inline = (markup(f"Job at {path}", url=f"{BASE}{path}") for path in paths[:3])
    return Layout(
        pages={**OTHERS, **jobs(paths), "/careers": page(links(paths), script(*inline))},
        start="/careers",
        titles=titles(paths),
    )


@layout
def some_inline_and_others_on_pages() -> Layout:
    """Two jobs stand on the career page only, the others on their own pages."""
    paths = [f"/careers/{n}-nurse" for n in range(5)]
    start = page(links(paths), script(markup("Inline cook"), markup("Inline smith")))
    return Layout(
        pages={**OTHERS, **jobs(paths), "/careers": start},
        start="/careers",
        titles=titles(paths) | {"Inline cook", "Inline smith"},
    )


@layout
def a_list_of_full_items() -> Layout:
    items = [{"@type": "ListItem", "position": n, "item": markup(f"Item {n}")} for n in range(5)]
    whole = {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items}
    return Layout(
        pages={**OTHERS, "/careers": page(head=script(whole))},
        start="/careers",
        titles=frozenset(f"Item {n}" for n in range(5)),
    )


@layout
def a_list_of_addresses() -> Layout:
    paths = [f"/stelle-{n}-koch.html" for n in range(5)]
    items = [{"@type": "ListItem", "position": n, "url": path} for n, path in enumerate(paths)]
    whole = {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items}
    return Layout(
        pages={**OTHERS, **jobs(paths), "/karriere.html": page(head=script(whole))},
        start="/karriere.html",
        titles=titles(paths),
    )


@layout
def relative_canonical_links() -> Layout:
    paths = [f"/jobs/{n}-smith" for n in range(6)]
    pages = {path: job(f"Job at {path}", f'<link rel="canonical" href="{path.rpartition("/")[2]}">') for path in paths}
    listed = links(f"{path}?from=list" for path in paths)
    tracked = {f"{path}?from=list": told for path, told in pages.items()}
    return Layout(pages={**OTHERS, **pages, **tracked, "/jobs/": page(listed)}, start="/jobs/", titles=titles(paths))


@layout
def canonical_links_to_the_list() -> Layout:
    """A template's mistake: every job says that it is the list."""
    paths = [f"/jobs/{n}-smith" for n in range(6)]
    pages = {path: job(f"Job at {path}", '<link rel="canonical" href="/jobs">') for path in paths}
    return Layout(pages={**OTHERS, **pages, "/jobs": page(links(paths))}, start="/jobs", titles=titles(paths))


@layout
def three_postings_a_page() -> Layout:
    places = ("berlin-1", "paris-2", "oslo-3", "rome-4")
    pages = {
        f"/jobs/{place}": page(head=script(*(markup(f"{work} in {place}") for work in ("Cook", "Smith", "Nurse"))))
        for place in places
    }
    found = frozenset(f"{work} in {place}" for place in places for work in ("Cook", "Smith", "Nurse"))
    return Layout(pages={**OTHERS, **pages, "/jobs": page(links(pages))}, start="/jobs", titles=found)


@layout
def a_bare_domain_that_redirects() -> Layout:
    paths = [f"/en/careers/{n}-cook" for n in range(5)]
    pages = {
        "/": redirect("/en", 302),
        "/en": page(links(["/en/careers"], "Careers")),
        "/en/careers": page(links(paths)),
    }
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/", titles=titles(paths))


@layout
def a_site_below_a_path() -> Layout:
    paths = [f"/tenants/acme/opening/{n}" for n in range(20, 26)]
    other = [f"/tenants/zorg/opening/{n}" for n in range(5)]
    pages = {**jobs(paths), **jobs(other), "/tenants/acme/": page(links(f"opening/{n}" for n in range(20, 26)))}
    return Layout(pages=pages, start="/tenants/acme/", titles=titles(paths))


@layout
def a_wordpress_job_manager() -> Layout:
    paths = [f"/job/acme-berlin-{n}-full-time-cook/" for n in range(12)]
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed/">'
    first = page(links(paths[:6]) + links(["/jobs/page/2/"], "2"), feed)
    second = page(links(paths[6:]) + links(["/jobs/", "/jobs/page/2/"], "page"), feed)
    pages = {"/jobs/": first, "/jobs/page/2/": second, "/feed/": _rss(["/blog/our-new-office"])}
    pages |= {"/wp-sitemap.xml": index(["/wp-sitemap-posts-page-1.xml"]), "/robots.txt": robots("/wp-sitemap.xml")}
    pages["/wp-sitemap-posts-page-1.xml"] = sitemap(["/about", "/contact"])
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/jobs/", titles=titles(paths))


@layout
def capitals_in_paths() -> Layout:
    paths = [f"/Careers/JobDetail.aspx?JobID={n}" for n in range(900, 907)]
    pages = {**jobs(paths), "/Careers/Default.aspx": page(links(paths))}
    return Layout(pages=pages, start="/Careers/Default.aspx", titles=titles(paths))


@layout
def a_base_address() -> Layout:
    paths = [f"/careers/open/{n}-cook" for n in range(5)]
    start = page(links(f"open/{n}-cook" for n in range(5)), '<base href="/careers/">')
    return Layout(pages={**OTHERS, **jobs(paths), "/": start}, start="/", titles=titles(paths))


@layout
def listed_addresses_that_redirect() -> Layout:
    paths = [f"/job/{n}-full-title" for n in range(9)]
    short = {f"/r/{n}": redirect(path, 302) for n, path in enumerate(paths)}
    return Layout(
        pages={**OTHERS, **jobs(paths), **short, "/jobs": page(links(short))}, start="/jobs", titles=titles(paths)
    )


@layout
def a_sitemap_with_an_odd_name() -> Layout:
    paths = [f"/o/{n}" for n in range(6)]
    pages = {"/": page(), "/robots.txt": robots("/feeds/everything"), "/feeds/everything": sitemap(paths)}
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/", titles=titles(paths))


@layout
def a_sitemap_as_the_start_address() -> Layout:
    paths = [f"/o/{n}" for n in range(6)]
    return Layout(pages={**jobs(paths), "/jobs.xml": sitemap(paths)}, start="/jobs.xml", titles=titles(paths))


@layout
def a_packed_sitemap() -> Layout:
    paths = [f"/o/{n}" for n in range(6)]
    text = "\n".join(f"{BASE}{path}" for path in paths)
    packed = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(f"<url><loc>{path}</loc></url>" for path in paths)}</urlset>'
    pages = {
        "/": page(),
        "/robots.txt": robots("/a.xml.gz", "/b.txt"),
        "/b.txt": Told(body=text, content_type="text/plain"),
    }
    pages["/a.xml.gz"] = Told(body=gzip.compress(packed.encode()), content_type="application/gzip")
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/", titles=titles(paths))


@layout
def a_list_in_a_frame() -> Layout:
    paths = [f"/board/job/{n}" for n in range(6)]
    pages = {"/careers": page('<iframe src="/board/list?embed=1"></iframe>'), "/board/list?embed=1": page(links(paths))}
    return Layout(pages={**OTHERS, **jobs(paths), **pages}, start="/careers", titles=titles(paths))


@layout
def single_words_at_the_root() -> Layout:
    paths = ["/welder", "/cook", "/nurse", "/smith", "/driver"]
    return Layout(pages={**OTHERS, **jobs(paths), "/": page(links(paths))}, start="/", titles=titles(paths))


@layout
def two_shapes_of_jobs() -> Layout:
    """An old and a new part of the site, with a few jobs each."""
    paths = [*(f"/jobs/{n}" for n in range(100, 106)), *(f"/vacancy/detail.html?vid={n}" for n in range(2))]
    return Layout(
        pages={**OTHERS, **jobs(paths), "/careers": page(links(paths))}, start="/careers", titles=titles(paths)
    )


@layout
def rows_in_microdata_on_the_list() -> Layout:
    """The list carries a posting for each row, and each row has a page."""
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    rows = "".join(
        f'<div itemscope itemtype="https://schema.org/JobPosting"><a itemprop="url" href="{path}">'
        f'<span itemprop="title">Job at {path}</span></a></div>'
        for path in paths
    )
    return Layout(pages={**OTHERS, **jobs(paths), "/jobs": page(rows)}, start="/jobs", titles=titles(paths))


def of(employer: str, paths: Iterable[str]) -> dict[str, Told]:
    """A page with a posting of this employer for each address."""
    organization = {"@type": "Organization", "name": employer}
    return {path: job(f"Job at {path}", hiringOrganization=organization) for path in paths}


@layout
def one_of_many_employers_below_paths() -> Layout:
    own, others = [f"/acme/job/{n}" for n in range(8)], [f"/globex/job/{n}" for n in range(20)]
    pages = {**OTHERS, **of("Acme", own), **of("Globex", others), "/sitemap.xml": sitemap([*others, *own, *OTHERS])}
    pages["/acme/"] = page(links(own) + links(others[:2]) + links(["/jobs"], "View all jobs"))
    pages["/jobs"] = page(links([*own, *others]))
    return Layout(pages=pages, start="/acme/", titles=titles(own))


@layout
def one_of_many_employers_by_its_list() -> Layout:
    own, others = [f"/job/{n}" for n in range(100, 108)], [f"/job/{n}" for n in range(200, 220)]
    pages = {**OTHERS, **of("Acme", own), **of("Globex", others), "/sitemap.xml": sitemap(sorted([*others, *own]))}
    pages["/jobs?company=acme"] = page(links(own))
    return Layout(pages=pages, start="/jobs?company=acme", titles=titles(own))


@layout
def one_employer_at_two_paths() -> Layout:
    paths = [*(f"/careers/{n}-cook" for n in range(4)), *(f"/jobs/{n}-nurse" for n in range(9))]
    pages = {**OTHERS, **jobs(paths), "/careers": page(links(paths[:4])), "/sitemap.xml": sitemap([*paths, *OTHERS])}
    return Layout(pages=pages, start="/careers", titles=titles(paths))


@layout
def print_versions_and_capitals() -> Layout:
    paths = [f"/jobs/cook-in-{chr(97 + n)}" for n in range(9)]
    versions = (
        [f"{path}?print=1" for path in paths] + [f"/Jobs{path[5:]}" for path in paths] + [f"{p}/amp" for p in paths]
    )
    shown = {version: job(f"Job at {paths[place % 9]}") for place, version in enumerate(versions)}
    pages = {
        **OTHERS,
        **jobs(paths),
        **shown,
        "/jobs": page(links(paths)),
        "/sitemap.xml": sitemap([*versions, *paths]),
    }
    return Layout(pages=pages, start="/jobs", titles=titles(paths))


@layout
def similar_jobs_in_microdata() -> Layout:
    paths = [f"/jobs/{n}" for n in range(10, 22)]
    thing = 'itemscope itemtype="https://schema.org/JobPosting"'

    def shown(path: str) -> Told:
        rows = "".join(
            f'<li {thing}><a itemprop="url" href="{other}"><b itemprop="title">Job at {other}</b></a></li>'
            for other in paths[:3]
            if other != path
        )
        own = f'<h1 itemprop="title">Job at {path}</h1><div itemprop="description">{"Work and pay. " * 40}</div>'
        return page(f"<article {thing}>{own}</article><ul>{rows}</ul>")

    return Layout(
        pages={**OTHERS, "/jobs": page(links(paths)), **{path: shown(path) for path in paths}},
        start="/jobs",
        titles=titles(paths),
    )


@layout
def a_feed_for_job_search_engines() -> Layout:
    paths = [f"/jobs/{n}" for n in range(10, 19)]
    items = "".join(f"<job><title>x</title><url><![CDATA[{BASE}{path}]]></url></job>" for path in paths)
    return Layout(
        pages={**OTHERS, **jobs(paths), "/feeds/engine.xml": xml(f"<source>{items}</source>")},
        start="/feeds/engine.xml",
        titles=titles(paths),
    )


@layout
def a_last_page_that_leads_to_one_that_is_not_there() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(12)]
    lists = {
        f"/jobs/page/{n + 1}" if n else "/jobs": page(
            links(paths[n * 4 : n * 4 + 4]), f'<link rel="next" href="/jobs/page/{n + 2}">'
        )
        for n in range(3)
    }
    return Layout(pages={**OTHERS, **jobs(paths), **lists}, start="/jobs", titles=titles(paths))


@layout
def a_start_page_that_leads_on_by_itself() -> Layout:
    paths = [f"/en/careers/{n}-cook" for n in range(6)]
    start = Told(body='<html><head><meta http-equiv="refresh" content="0; url=/en/careers"></head><body></body></html>')
    return Layout(pages={**jobs(paths), "/": start, "/en/careers": page(links(paths))}, start="/", titles=titles(paths))


@layout
def next_pages_by_a_token() -> Layout:
    """Nothing but the text of a link says that the list goes on."""
    paths = [f"/jobs/{n}-cook" for n in range(12)]
    tokens = ["", "?cursor=eyJ4", "?cursor=fz9a"]
    lists = {}
    for n, token in enumerate(tokens):
        further = f'<a href="/jobs{tokens[n + 1]}">Next page &raquo;</a>' if n < 2 else ""
        lists[f"/jobs{token}"] = page(links(paths[n * 4 : n * 4 + 4]) + further)
    return Layout(pages={**OTHERS, **jobs(paths), **lists}, start="/jobs", titles=titles(paths))


@layout
def postings_on_three_list_pages() -> Layout:
    """The postings stand on the pages of the list, and have none of their own."""
    pages = {}
    for n in range(3):
        near = links((f"/careers?page={other}" for other in range(1, 4)), "page")
        told = page(near, script(*(markup(f"Job {n} {chr(97 + k)}") for k in range(4))))
        pages[f"/careers?page={n + 1}"] = told
    pages["/careers"] = pages["/careers?page=1"]
    found = frozenset(f"Job {n} {chr(97 + k)}" for n in range(3) for k in range(4))
    return Layout(pages={**OTHERS, **pages}, start="/careers", titles=found)


@layout
def pages_for_applying_with_the_same_markup() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(7)]
    applying = {f"{path}/apply": job(f"Job at {path}") for path in paths}
    return Layout(
        pages={**OTHERS, **jobs(paths), **applying, "/sitemap.xml": sitemap([*paths, *applying]), "/": page()},
        start="/",
        titles=titles(paths),
    )


@layout
def a_sitemap_and_a_list_with_addresses_of_their_own() -> Layout:
    paths = [f"/jobs/{place}-cook" for place in ("lyon", "oslo", "rome", "graz", "porto", "brno")]
    listed = {f"/careers?job={path[6:]}": job(f"Job at {path}") for path in paths}
    pages = {**jobs(paths), **listed, "/careers": page(links(listed)), "/sitemap.xml": sitemap(paths)}
    return Layout(pages={**OTHERS, **pages}, start="/careers", titles=titles(paths))


@layout
def similar_jobs_without_addresses() -> Layout:
    """Each page carries the markup of two other jobs, which names no address."""
    paths = [f"/jobs/{n}" for n in range(10, 18)]

    def shown(place: int) -> Told:
        near = [paths[place], paths[place - 1], paths[place - 2]]
        title = f"Job at {paths[place]}"
        return page(f"<h1>{title}</h1>", script(*(markup(f"Job at {path}") for path in near)))

    return Layout(
        pages={**OTHERS, "/jobs": page(links(paths)), **{path: shown(place) for place, path in enumerate(paths)}},
        start="/jobs",
        titles=titles(paths),
    )


@layout
def a_page_that_fails_for_good() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(9)]
    broken = {"/jobs/99-cook": Told(status=500, body="Oops")}
    return Layout(
        pages={**OTHERS, **jobs(paths), **broken, "/jobs": page(links([*paths, *broken]))},
        start="/jobs",
        titles=titles(paths),
    )


@layout
def pages_that_robots_txt_forbids() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(9)]
    forbidden = [f"/jobs/internal/{n}-cook" for n in range(4)]
    told = Told(body="User-agent: *\nDisallow: /jobs/internal/\n", content_type="text/plain")
    pages = {**jobs(paths), **jobs(forbidden), "/jobs": page(links([*paths, *forbidden])), "/robots.txt": told}
    return Layout(pages={**OTHERS, **pages}, start="/jobs", titles=titles(paths))


@layout
def a_start_page_that_is_not_there() -> Layout:
    paths = [f"/o/{n}" for n in range(6)]
    return Layout(pages={**jobs(paths), "/sitemap.xml": sitemap(paths)}, start="/careers", titles=titles(paths))


@layout
def a_list_of_postings_whose_pages_carry_none() -> Layout:
    """The list says all of them, with the addresses of pages that have no markup, or are not there."""
    paths = [f"/jobs/{n}-cook" for n in range(9)]
    whole = script(*(markup(f"Job at {path}", url=f"{BASE}{path}") for path in paths))
    plain = {path: page(f"<h1>Job at {path}</h1>") for path in paths[:6]}
    return Layout(pages={**OTHERS, **plain, "/jobs": page(links(paths), whole)}, start="/jobs", titles=titles(paths))


@layout
def a_page_of_postings_behind_the_front_page() -> Layout:
    inline = script(*(markup(f"Job {n}") for n in range(5)))
    pages = {"/": page(links(["/careers"], "Careers")), "/careers": page(head=inline)}
    return Layout(pages={**OTHERS, **pages}, start="/", titles=frozenset(f"Job {n}" for n in range(5)))


@layout
def rows_that_a_script_makes_links() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(8)]
    data = "".join(f'<tr data-href="{path}"><td>Cook</td></tr>' for path in paths[:4])
    click = "".join(f"<tr onclick=\"window.location.href='{path}'\"><td>Cook</td></tr>" for path in paths[4:])
    return Layout(
        pages={**OTHERS, **jobs(paths), "/jobs": page(f"<table>{data}{click}</table>")},
        start="/jobs",
        titles=titles(paths),
    )


@layout
def departments_and_places_that_cross() -> Layout:
    """Each job has a department and a place, and no page lists all."""
    paths = [f"/jobs/view/{200 + n}" for n in range(24)]
    departments = {
        f"/jobs/department/{name}": n for n, name in enumerate(("it", "sales", "ops", "hr", "finance", "law"))
    }
    places = {f"/jobs/location/{name}": n for n, name in enumerate(("berlin", "lyon", "porto", "graz"))}
    return Layout(
        pages={
            **OTHERS,
            **jobs(paths),
            **{path: page(links(paths[n::6])) for path, n in departments.items()},
            **{path: page(links(one for one in paths[n::4] if int(one[-3:]) % 3)) for path, n in places.items()},
            "/jobs": page(links((*departments, *places))),
        },
        start="/jobs",
        titles=titles(paths),
    )


def _windows(addresses: Iterable[str], rows: Iterable[Iterable[str]], shown: int = 2) -> dict[str, Told]:
    """The pages of a list, each with links to those around it that show their numbers."""
    pages = list(addresses)
    around = {
        at: [number for number in range(max(0, at - shown), min(len(pages), at + shown + 1)) if number != at]
        for at in range(len(pages))
    }
    return {
        pages[at]: page(links(row) + "".join(f'<a href="{pages[other]}">{other + 1}</a>' for other in around[at]))
        for at, row in enumerate(rows)
    }


@layout
def numbered_pages_in_a_window() -> Layout:
    """Nothing but what the links show says that they are pages."""
    paths = [f"/stelle/{100 + n}" for n in range(32)]
    pages = ["/jobs/", *(f"/jobs/list_1_{n}.html" for n in range(2, 9))]
    return Layout(
        pages={**OTHERS, **jobs(paths), **_windows(pages, (paths[4 * n : 4 * n + 4] for n in range(8)))},
        start="/jobs/",
        titles=titles(paths),
    )


@layout
def days_beside_the_jobs() -> Layout:
    """The numbers of a calendar look like those of pages, and each of its days is the list once more."""
    paths = [f"/stelle/{100 + n}" for n in range(6)]
    days = [f"/karriere/?d={day}" for day in range(1, 31)]
    body = links(paths) + "".join(f'<a href="{day}">{number}</a>' for number, day in enumerate(days, 1))
    return Layout(
        pages={**OTHERS, **jobs(paths), **dict.fromkeys(("/karriere/", *days), page(body))},
        start="/karriere/",
        titles=titles(paths),
    )


@layout
def addresses_that_only_scripts_and_choices_hold() -> Layout:
    paths = [f"/offen/{n}-cook" for n in range(9)]
    state = json.dumps({"jobs": [{"url": path} for path in paths[:3]]}).replace('"', "&quot;")
    data = json.dumps([{"link": path} for path in paths[3:6]]).replace("/", "\\/")
    choices = "".join(f'<option value="{path}">Cook</option>' for path in paths[6:])
    body = f'<div data-page="{state}"></div><script>window.list = {data}</script><select>{choices}</select>'
    return Layout(pages={**OTHERS, **jobs(paths), "/jobs": page(body)}, start="/jobs", titles=titles(paths))


@layout
def further_pages_that_a_script_loads() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(12)]
    return Layout(
        pages={
            **OTHERS,
            **jobs(paths),
            "/jobs": page(links(paths[:4]) + '<button data-next-url="/jobs?page=2">More</button>'),
            "/jobs?page=2": page(links(paths[4:8]) + '<div hx-get="/jobs?page=3" hx-trigger="revealed"></div>'),
            "/jobs?page=3": page(links(paths[8:])),
        },
        start="/jobs",
        titles=titles(paths),
    )


@layout
def answers_that_a_proxy_has_changed() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    pages = {**OTHERS, **jobs(paths), "/jobs": page(links(paths))}
    changed = {path: Told(body=told.body, status=203) for path, told in pages.items()}
    return Layout(pages=changed, start="/jobs", titles=titles(paths))


@layout
def pages_behind_a_cookie() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    pages = {**OTHERS, **jobs(paths), "/jobs": page(links(paths))}
    return Layout(pages=pages, start="/jobs", titles=titles(paths), cookie="session=4711")


@layout
def rows_that_say_read_on() -> Layout:
    """The list and its one job have one path, and the link has a word that also stands for the next page."""
    row = '<a href="/index.php?id=1001">Weiter</a>'
    pages = {**OTHERS, **jobs(["/index.php?id=1001"]), "/index.php?id=3": page(row)}
    return Layout(pages=pages, start="/index.php?id=3", titles=titles(["/index.php?id=1001"]))


@layout
def numbers_of_jobs_like_those_of_pages() -> Layout:
    paths = [f"/jobs/{n}" for n in range(1, 10)]
    rows = "".join(f'<tr><td><a href="{path}">{n}</a></td><td>Cook</td></tr>' for n, path in enumerate(paths, 1))
    return Layout(
        pages={**OTHERS, **jobs(paths), "/jobs": page(f"<table>{rows}</table>")}, start="/jobs", titles=titles(paths)
    )


@layout
def pages_for_who_comes_from_the_site() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    pages = {**OTHERS, **jobs(paths), "/jobs": page(links(paths))}
    return Layout(pages=pages, start="/jobs", titles=titles(paths), guarded=True)


@layout
def pages_chosen_by_a_form() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(100, 112)]
    choice = "<select name=page>" + "".join(f"<option value={n}>{n}</option>" for n in (1, 2, 3)) + "</select>"
    form = f"<form action=/jobs><input type=hidden name=lang value=en>{choice}<button>Go</button></form>"
    pages = {f"/jobs?lang=en&page={n}": page(links(paths[n * 4 - 4 : n * 4]) + form) for n in (1, 2, 3)}
    first = {"/jobs": pages["/jobs?lang=en&page=1"], "/jobs?lang=en": pages["/jobs?lang=en&page=1"]}
    return Layout(pages={**OTHERS, **jobs(paths), **pages, **first}, start="/jobs", titles=titles(paths))


@layout
def rows_that_are_forms() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    rows = "".join(f"<form action={path}><button>View</button></form>" for path in paths)
    return Layout(pages={**OTHERS, **jobs(paths), "/jobs": page(rows)}, start="/jobs", titles=titles(paths))


@layout
def pages_without_end_tags() -> Layout:
    """What minifiers leave of pages: each that HTML lets a page leave out."""
    paths = [f"/jobs/{n}-cook" for n in range(5)]
    listed = page(f"<main><ul>{links(paths)}</ul></main><footer>Acme</footer>")
    short = {
        path: replace(told, body=re.sub("</(?:li|p|body|html)>", "", str(told.body)))
        for path, told in {**OTHERS, **jobs(paths), "/jobs": listed}.items()
    }
    return Layout(pages=short, start="/jobs", titles=titles(paths))


@layout
def how_many_rows_a_page_has() -> Layout:
    paths = [f"/jobs/{n}-cook" for n in range(100, 107)]
    rows = page(links(paths) + "".join(f'<a href="/jobs?per_page={n}">{n}</a>' for n in (10, 25, 50)))
    lists = dict.fromkeys(["/jobs", *(f"/jobs?per_page={n}" for n in (10, 25, 50))], rows)
    return Layout(pages={**OTHERS, **jobs(paths), **lists}, start="/jobs", titles=titles(paths))
