"""Real pages, lists, sitemaps, feeds and board answers, put back at the addresses where they once stood.

The collection lies beside some checkouts; `README.md` in it says what its files hold. What a site is expected to give
is worked out here by other means than the crawler's: patterns of job addresses that were written down by hand from each
list, regular expressions over the bytes of sitemaps and feeds, and the postings that the collection says are on a page.
Where a list names a posting whose page is not in the collection, an invented page stands there.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from postings import urls
from tests.crawler.boards.answering import Invented

COLLECTION = Path(__file__).parents[2].parent / "shared" / "corpus"

_OFFER = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE | re.DOTALL)
_CANONICAL = re.compile(r"""<link\b(?=[^>]*rel=["']?canonical\b)[^>]*?href=["']([^"']+)""", re.IGNORECASE)
_LD_JSON = re.compile(rb"<script[^>]*ld\+json[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
_POSTING = re.compile(rb'"@type"\s*:\s*"JobPosting"')
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_LOC = re.compile(rb"<loc>\s*([^<]+?)\s*</loc>")

_ASHBY = "https://api.ashbyhq.com/posting-api/job-board/{}?includeCompensation=true"
_LEVER = "https://api.lever.co/v0/postings/{}?mode=json&skip=0&limit=100"
_WORKABLE = "https://apply.workable.com/api/v1/widget/accounts/{}?details=true"
#: saved answers of whole boards: file, start address, address of its list, postings
BOARDS = [
    ("api/greenhouse-board-large.json", "https://job-boards.greenhouse.io/phonepe",
     "https://boards-api.greenhouse.io/v1/boards/phonepe/jobs?content=true", 69),
    *((f"api/ashby-{name}.json", f"https://jobs.ashbyhq.com/{board}", _ASHBY.format(board), rows) for name, board, rows in (
        ("board-2", "ramp", 6), ("board-large", "sarvam", 63), ("voodoo", "voodoo", 150), ("yazio", "yazio", 7),
        ("yutori", "yutori", 6), ("zefr", "zefr", 4), ("zencastr", "zencastr", 6))),
    *((f"api/lever-{name}.json", f"https://jobs.lever.co/{board}", _LEVER.format(board), rows) for name, board, rows in (
        ("board-2", "leverdemo", 6), ("board-large", "meesho", 49), ("md", "jumpcloud", 2))),
    *((f"api/workable-{name}.json", f"https://apply.workable.com/{board}/", _WORKABLE.format(board), rows)
      for name, board, rows in (("account", "workable", 1), ("account-cz", "crewai", 4), ("board-2", "huggingface", 3),
                                ("md", "vasion", 2))),
    ("api/recruitee-board-2.json", "https://demo.recruitee.com/", "https://demo.recruitee.com/api/offers/", 2),
    ("api/recruitee-md.json", "https://aikidosecurity.recruitee.com/", "https://aikidosecurity.recruitee.com/api/offers/", 3),
    ("feeds/personio-bsdevda.xml", "https://secureco.jobs.personio.de/", "https://secureco.jobs.personio.de/xml?language=en", 1),
]  # fmt: skip

#: real list pages: where each stood, and what the addresses of its postings look like. Where a page does not say where
#: it stood, the host is that of its own links
LISTS = {
    "cvmarket-listing": ("https://www.cvmarket.lt/darbo-skelbimai?start=50", r"/(?!.*-imones-darbo-skelbimai-)[a-z0-9-]+-\d{7}"),
    "glassdoor-listing": ("https://www.glassdoor.com/Job/jobs.htm", r"/partner/jobListing\.htm"),
    "hh-search-trimmed": ("https://hh.ru/search/vacancy", r"/vacancy/\d+"),
    "icims-wrigley-search": ("http://jobs-wrigley.icims.com/jobs/search", r"/jobs/\d+/job.*"),
    "indeed-listing": ("https://www.indeed.com/jobs", r"/rc/clk|/pagead/clk|/company/[^/]+/jobs/.*"),
    "itviec-listing": ("https://itviec.com/it-jobs", r"/it-jobs/.*-\d{4}"),
    "jobscz-listing": ("https://beta.www.jobs.cz/prace/programator/", r"/rpd/\d+/"),
    "jobscz-listing-last": ("https://www.jobs.cz/prace/kuchar/?page=2", r"/rpd/\d+/"),
    "linkedin-guest-listing-fragment": ("https://cz.linkedin.com/jobs/search", r"/jobs/view/.*"),
    "stackoverflow-listing": ("http://stackoverflow.com/jobs?d=350&l=Se%C4%8D%2c+Czechia&mxs=Junior&sort=p&u=Km", r"/jobs/\d+/.*"),
    "nb-0018-quartr-com-careers": ("", r"/careers/job/.*"),
    "nb-0020-shopify-com-careers": ("", r"/careers/.*_[0-9a-f-]{36}"),
    "nb-0022-unternehmertum-de-jobs": ("", r"/jobs/\d+"),
    "nb-0048-datarobot-com-careers-open-positions": ("", r"/careers/open-positions/job/\d+"),
    "nb-0060-playlist-com-careers-opportunities": ("", r"/careers/opportunities/\d+"),
}  # fmt: skip

#: further pages of the lists: where they stood
FURTHER = {"icims-wrigley-search": {"http://jobs-wrigley.icims.com/jobs/search?pr=2": "icims-wrigley-search-p3"}}

#: pages whose markup says open and whose text says that the job is not to be had any more
OVER = frozenset({"hh-50000000"})

#: real start pages that lead to one board: the vendor, and its name for the board, as a reader of the page finds them
LEADING = {
    "nb-0000-job-boards-greenhouse-io-tide": ("greenhouse", "tide"),
    "nb-0002-helicon-jobs-personio-com": ("personio", "helicon"),
    "nb-0003-graswald-gmbh-jobs-personio-com": ("personio", "graswald-gmbh"),
    "nb-0004-speedinvest-jobs-personio-com": ("personio", "speedinvest"),
    "nb-0005-jobs-ashbyhq-com-alephalpha": ("ashby", "alephalpha"),
    "nb-0008-jobs-ashbyhq-com-alan": ("ashby", "alan"),
    "nb-0009-constellr-recruitee-com": ("recruitee", "constellr"),
    "nb-0010-eqs-group-jobs-personio-de": ("personio", "eqs-group"),
    "nb-0012-job-boards-greenhouse-io-degreed": ("greenhouse", "degreed"),
    "nb-0014-jobs-ashbyhq-com-fyxer": ("ashby", "fyxer"),
    "nb-0023-nexcess-com-careers": ("rippling", "nexcess"),
    "nb-0025-accurx-com-careers": ("ashby", "accurx"),
    "nb-0030-dexory-com-career": ("greenhouse", "dexory"),
    "nb-0040-degreed-com-experience-careers": ("greenhouse", "degreed"),
    "nb-0042-eqs-com-about-eqs-careers": ("personio", "eqs-group"),
    "nb-0049-careers-moove-io-jobs-8041975-director-head-of-fleet-vehicle": ("teamtailor", "careers.moove.io"),
    "nb-0052-gtlaw-com-de-general-careers-berlin-karriere": ("workday", "gtlaw:gtlaw"),
    "nb-0053-job-boards-eu-greenhouse-io-arxroboticsgmbh": ("greenhouse", "arxroboticsgmbh"),
    "nb-0057-hometogo-com-careers-how-we-hire": ("personio", "hometogo"),
    "nb-0059-nationalgeographic-org-society-internships": ("workday", "ngs:ngs_external_career_site_intern"),
    "workday-autodesk-list-shell": ("workday", "autodesk:ext"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A page of the collection and where it stood."""

    name: str
    body: bytes
    url: str
    #: how many postings the collection says are on it
    postings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RealSite:
    """A site put together from the collection."""

    name: str
    kind: str
    start: str
    #: address > body
    answers: Mapping[str, bytes]
    #: what there is to be found: address keys of the pages that carry postings
    pages: frozenset[str] = frozenset()
    #: the same where postings have no page of their own, or several stand on one
    postings: int = 0
    #: how the postings should be found (`postings.sites.SourceKind`), where only one way is right
    source: str | None = None
    #: a request for the rest of a list that is no GET: address > JSON that is sent > body
    posted: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        return self.postings or len(self.pages)


class Collection:
    """The sites of a folder."""

    def __init__(self, folder: Path = COLLECTION) -> None:
        self.folder = folder

    @cached_property
    def _said(self) -> dict[str, tuple[str, str]]:
        """File > its site, and its address where the list of files gives one."""
        rows = [line.split("\t") for line in (self.folder / "MANIFEST.tsv").read_text().splitlines()[1:]]
        addresses = {row[0]: re.search(r"\burl=(https?://[^\s;]+)", row[7] if len(row) > 7 else "") for row in rows}
        return {row[0]: (row[5], match[1] if (match := addresses[row[0]]) else "") for row in rows}

    @cached_property
    def _marked(self) -> dict[str, dict[str, Any]]:
        """File > what the collection expects to be read from it."""
        return {one["file"]: one for one in map(json.loads, (self.folder / "expected.jsonl").read_text().splitlines())}

    def page(self, stem: str) -> File:
        """A page by its name."""
        name = f"pages/{stem}.html"
        body = (self.folder / name).read_bytes()
        said = self._marked.get(name)
        expected = said["n_postings"] if said else len(_POSTING.findall(b"".join(_LD_JSON.findall(body))))
        return File(name, body, self._address(name, stem, body), expected)

    def _address(self, name: str, stem: str, body: bytes) -> str:
        site, said = self._said[name]
        canonical = _CANONICAL.search(body.decode("utf-8", "replace"))
        listed = LISTS.get(stem, ("",))[0]
        own = html.unescape(canonical[1]) if canonical else ""
        host = site.split(" ")[0].split("/")[0].lower()
        made = f"https://{host if '.' in host else 'collected.example'}/collected/{stem}"
        return urldefrag(listed or said or (own if own.startswith("http") else made)).url

    def pages(self) -> list[File]:
        """All pages."""
        return [self.page(path.stem) for path in sorted((self.folder / "pages").glob("*.html"))]

    # sites

    def boards(self) -> Iterator[RealSite]:
        """Boards under the addresses of their own pages, with the answers that were saved from them."""
        for name, start, url, there in BOARDS:
            yield RealSite(
                name=Path(name).stem, kind="board", start=start, answers={url: (self.folder / name).read_bytes()},
                postings=there, source="board",
            )  # fmt: skip
        for files in (("smartrecruiters-board-2",), ("smartrecruiters-postings-cz",),
                      ("smartrecruiters-page0-md", "smartrecruiters-page1-md")):  # fmt: skip
            yield self._smartrecruiters(files)
        yield self._workday("https://workday.wd5.myworkdayjobs.com/Workday", ("workday-jobs-cz",))
        yield self._workday(
            "https://analogdevices.wd1.myworkdayjobs.com/External", ("workday-list-page0-cl", "workday-list-stale-cl")
        )

    def _api(self, name: str) -> Any:
        return json.loads((self.folder / "api" / f"{name}.json").read_bytes())

    def _smartrecruiters(self, files: Sequence[str]) -> RealSite:
        """The details are those that were saved, under the ids and titles of the list."""
        detail, offset, answers = self._api("smartrecruiters-detail-cz"), 0, {}
        rows: dict[str, Any] = {}
        for file in files:
            said = self._api(file)
            company = said["content"][0]["company"]["identifier"]
            api = f"https://api.smartrecruiters.com/v1/companies/{company}/postings"
            answers[f"{api}?limit=100&offset={offset}"] = json.dumps(said).encode()
            offset += len(said["content"])
            rows |= {row["id"]: row for row in said["content"]}
            answers |= {
                f"{api}/{number}": json.dumps({**detail, "id": number, "name": row["name"]}).encode()
                for number, row in rows.items()
            }
        start = f"https://careers.smartrecruiters.com/{company}"
        return RealSite(name=files[0], kind="board", start=start, answers=answers, postings=len(rows), source="board")

    def _workday(self, start: str, files: Sequence[str]) -> RealSite:
        tenant, site = (urlsplit(start).hostname or "").partition(".")[0], urlsplit(start).path.strip("/")
        api = f"https://{urlsplit(start).hostname}/wday/cxs/{tenant}/{site}"
        detail = self._api("workday-detail-cz")
        posted, answers, offset, rows = {}, {}, 0, 0
        for file in files:
            said = self._api(file)
            asked = {"appliedFacets": {}, "limit": 20, "offset": offset, "searchText": ""}
            posted[json.dumps(asked)] = json.dumps(said).encode()
            offset += len(said["jobPostings"])
            for row in said["jobPostings"]:
                about = {**detail["jobPostingInfo"], "title": row["title"], "externalUrl": start + row["externalPath"]}
                answers[api + row["externalPath"]] = json.dumps({**detail, "jobPostingInfo": about}).encode()
                rows += 1
        return RealSite(
            name=files[0], kind="board", start=start, answers=answers, posted={f"{api}/jobs": posted},
            postings=rows, source="board",
        )  # fmt: skip

    def leading(self) -> Iterator[RealSite]:
        """Real start pages that point at one board, which answers with what was saved from another one of its vendor,
        or where there is no such answer, with an invented one."""
        for stem, (vendor, name) in LEADING.items():
            page = self.page(stem)
            there, answers, posted = self._answers(vendor, name, page)
            yield RealSite(
                name=stem, kind="start page of a board", start=page.url, answers={page.url: page.body, **answers},
                posted=posted, postings=there, source="board",
            )  # fmt: skip

    def _answers(self, vendor: str, name: str, page: File) -> tuple[int, dict[str, bytes], dict[str, dict[str, bytes]]]:
        match vendor:
            case "greenhouse":
                url = f"https://boards-api.greenhouse.io/v1/boards/{name}/jobs?content=true"
                return 69, {url: (self.folder / "api/greenhouse-board-large.json").read_bytes()}, {}
            case "ashby":
                said = next(
                    iter(
                        re.findall(
                            rb"(?i)job-board/(" + name.encode() + rb")|ashbyhq\.com/(" + name.encode() + rb")",
                            page.body,
                        )
                    ),
                    None,
                )
                spelt = (said[0] or said[1]).decode() if said else name
                own = page.url.rsplit("/", 1)[-1] if "jobs.ashbyhq.com" in page.url else spelt
                url = f"https://api.ashbyhq.com/posting-api/job-board/{own}?includeCompensation=true"
                return 4, {url: (self.folder / "api/ashby-zefr.json").read_bytes()}, {}
            case "recruitee":
                url = f"https://{name}.recruitee.com/api/offers/"
                return 3, {url: (self.folder / "api/recruitee-md.json").read_bytes()}, {}
            case "personio":
                end = "de" if f"{name}.jobs.personio.de".encode() in page.body + page.url.encode() else "com"
                url = f"https://{name}.jobs.personio.{end}/xml?language=en"
                return 1, {url: (self.folder / "feeds/personio-bsdevda.xml").read_bytes()}, {}
            case "rippling":
                new = f"https://ats.rippling.com/api/v2/board/{name}"
            case "teamtailor":
                new = f"https://{name}/jobs.json"
            case _:
                tenant, _, site = name.partition(":")
                spelt_as = re.search(
                    rf"https://{tenant}\.(wd\d+)\.myworkdayjobs\.com/({site})".encode(),
                    page.body + page.url.encode(),
                    re.I,
                )
                assert spelt_as is not None
                new = f"https://{tenant}.{spelt_as[1].decode()}.myworkdayjobs.com/wday/cxs/{tenant}/{spelt_as[2].decode()}"
        other = Invented.of(vendor)
        old = other.board.api
        gets = {
            one.url.replace(old, new): one.body.replace(old.encode(), new.encode())
            for one in other.exchanges
            if one.post is None
        }
        gets |= {url.replace(old, new): body for url, body in other.details.items()}
        posts: dict[str, dict[str, bytes]] = {}
        for one in other.exchanges:
            if one.post is not None:
                posts.setdefault(one.url.replace(old, new), {})[one.post] = one.body
        return len(other.said["postings"]), gets, posts

    def lists(self) -> Iterator[RealSite]:
        """One site for each real list page, with a page for each posting that it links to."""
        for stem, (_, pattern) in LISTS.items():
            page = self.page(stem)
            parts = [page, *(replace(self.page(file), url=url) for url, file in FURTHER.get(stem, {}).items())]
            linked = {url for part in parts for url in anchors(part)}
            wanted = {url for url in linked if re.fullmatch(pattern, urlsplit(url).path)}
            yield RealSite(
                name=stem,
                kind="list",
                start=page.url,
                answers={
                    **invented(wanted, but=self._by_address),
                    **{part.url: part.body for part in parts},
                    **self._aside(stem),
                },
                pages=frozenset(map(urls.key, wanted)),
                source="list",
            )

    def _aside(self, stem: str) -> dict[str, bytes]:
        """The board of another employer that a list page mentions."""
        if "playlist" not in stem:
            return {}
        return {
            "https://egym.jobs.personio.de/xml?language=en": (self.folder / "feeds/personio-bsdevda.xml").read_bytes()
        }

    @cached_property
    def _by_address(self) -> dict[str, File]:
        return {urls.key(page.url): page for page in self.pages() if page.postings and Path(page.name).stem not in OVER}

    def whole_sites(self) -> Iterator[RealSite]:
        """The hosts of which there are pages with postings, each with a list of its own or with an invented one."""
        by_host: dict[str, list[File]] = {}
        for file in (*self._by_address.values(), *self._snippets()):
            if "lootwork" not in file.url and "mysarkariresult" not in file.url:
                by_host.setdefault(urls.host_key(file.url), []).append(file)
        for host, files in by_host.items():
            start = f"https://{host}/invented/jobs"
            links = "".join(f'<p><a href="{html.escape(file.url)}">A posting</a>' for file in files)
            yield RealSite(
                name=host,
                kind="posting pages",
                start=start,
                answers={start: _page(links), **{file.url: file.body for file in files}},
                pages=frozenset(urls.key(file.url) for file in files),
                postings=sum(file.postings for file in files),
            )

    def _snippets(self) -> Iterator[File]:
        """Single JSON-LD texts, each in a page."""
        for path in sorted((self.folder / "jsonld").glob("*.jsonld")):
            expected = self._marked.get(f"jsonld/{path.name}")
            if expected is None or not expected["n_postings"]:
                continue
            url = f"https://{path.stem.rpartition('-')[0]}/jobs/{path.stem}"
            yield File(path.name, in_script(path.read_text()), url, expected["n_postings"])

    def sitemaps(self) -> Iterator[RealSite]:
        """The sites with real sitemaps."""
        yield self._lootwork()
        yield self._with_sitemaps(
            "no-commute", "https://no-commute-jobs.com/", r"/jobs/\d+/.*",
            {"robots.txt": "nocommute-robots.txt", "sitemap.xml": "nocommute-sitemap.xml",
             "sitemap-static.xml": "nocommute-sitemap-static.xml", "sitemap-jobs.xml": "nocommute-sitemap-jobs.xml"},
        )  # fmt: skip
        yield self._with_sitemaps(
            "sarkari", "https://mysarkariresult.in/", r"/Jobs/.*\.html",
            {"robots.txt": "sarkari-robots.txt", "sitemap.xml": "sarkari-sitemap.xml",
             "sitemap-jobs.xml": "sarkari-sitemap-jobs.xml"},
        )  # fmt: skip

    def _with_sitemaps(self, name: str, start: str, pattern: str, files: Mapping[str, str]) -> RealSite:
        answers = {urljoin(start, at): (self.folder / "sitemaps" / file).read_bytes() for at, file in files.items()}
        # one of them wants to be asked once a second: thousands of pages would take an hour
        robots = urljoin(start, "robots.txt")
        answers[robots] = re.sub(rb"(?im)^crawl-delay:.*$", b"", answers[robots])
        wanted = {
            url for body in answers.values() for url in locations(body) if re.fullmatch(pattern, urlsplit(url).path)
        }
        answers |= invented(wanted, but=self._by_address)
        return RealSite(
            name=name,
            kind="sitemap",
            start=start,
            answers={start: _page("<h1>Jobs</h1>"), **answers},
            pages=frozenset(map(urls.key, wanted)),
            source="sitemap",
        )

    def _lootwork(self) -> RealSite:
        """A whole real site: robots.txt, sitemap, home page, and the markup of more than a thousand pages."""
        home = "https://lootwork.github.io/"
        answers = {
            f"{home}robots.txt": (self.folder / "sitemaps" / "lootwork-robots.txt").read_bytes(),
            f"{home}sitemap.xml": (self.folder / "sitemaps" / "lootwork-sitemap.xml").read_bytes(),
        }
        for path in sorted((self.folder / "dumps").glob("*.jsonl")):
            for line in path.read_text().splitlines():
                one = json.loads(line)
                answers[home + one["page"].removesuffix("index.html")] = in_script(one["script"])
        answers |= {page.url: page.body for page in self.pages() if page.url.startswith(home)}
        listed = {urls.key(url) for url in locations(answers[f"{home}sitemap.xml"])}
        there = {urls.key(url) for url in answers if "/job/" in url}
        return RealSite(
            name="lootwork",
            kind="sitemap",
            start=home,
            answers=answers,
            pages=frozenset(there & listed),
            source="sitemap",
        )

    def feeds(self) -> Iterator[RealSite]:
        """A page that links to one posting of a real feed and declares the feed, which names the others."""
        feed = (self.folder / "feeds" / "michaeldinhmai-feed.rss").read_bytes()
        home = "https://weworkremotely.com/"
        items = re.findall(r"<item>.*?<link>\s*([^<\s]+)", feed.decode(), re.DOTALL)
        head = f'<link rel="alternate" type="application/rss+xml" href="{home}remote-jobs.rss">'
        start = _page(f'{head}<a href="{items[0]}">Newest</a>')
        yield RealSite(
            name="weworkremotely",
            kind="feed",
            start=home,
            answers={home: start, f"{home}remote-jobs.rss": feed, **invented(items, but={})},
            pages=frozenset(map(urls.key, items)),
        )

    def start_pages(self) -> Iterator[RealSite]:
        """Pages whose own markup holds their postings."""
        for stem in ("nb-0028-cedar-com-careers", "nb-0081-novaharbor-example-company-open-roles",
                     "nb-0082-clarafields-example-o-studio-assistant"):  # fmt: skip
            page = self.page(stem)
            yield RealSite(
                name=stem,
                kind="start page",
                start=page.url,
                answers={page.url: page.body},
                postings=page.postings,
                source="page",
            )


def anchors(page: File) -> set[str]:
    """The addresses that the anchors of a page lead to, told by a regular expression."""
    text = page.body.decode("utf-8", "replace")
    said = (html.unescape(next(filter(None, match), "")).strip() for match in _OFFER.findall(text))
    absolute = (
        urldefrag(urljoin(page.url, one)).url for one in said if one and not one.startswith(("#", "javascript:"))
    )
    return {url for url in absolute if urlsplit(url).hostname == urlsplit(page.url).hostname}


def locations(body: bytes) -> list[str]:
    """The addresses that a sitemap names outside of comments, told by regular expressions."""
    return [html.unescape(one.decode()) for one in _LOC.findall(_COMMENT.sub(b"", body))]


def invented(addresses: Iterable[str], *, but: Mapping[str, File]) -> dict[str, bytes]:
    """A page for each address: the real one of `but` (by address key), or one with an invented posting."""
    pages = {}
    for number, url in enumerate(sorted(addresses)):
        real = but.get(urls.key(url))
        pages[url] = real.body if real else in_script(
            json.dumps({
                "@context": "https://schema.org",
                "@type": "JobPosting",
                "title": f"Welder of kind {number}",
                "identifier": {"@type": "PropertyValue", "name": "Acme", "value": f"W-{number:05}"},
                "hiringOrganization": {"@type": "Organization", "name": "Acme"},
                "jobLocation": {"@type": "Place", "address": {"addressLocality": "Kiel", "addressCountry": "DE"}},
                "description": f"<p>You weld what nobody else welds, and it is number {number}.</p>",
                "datePosted": "2026-11-01",
            })
        )  # fmt: skip
    return pages


def in_script(markup: str) -> bytes:
    """A page that holds a JSON-LD text."""
    return _page(f'<script type="application/ld+json">{markup}</script>')


def _page(inside: str) -> bytes:
    return f"<!doctype html><html><head><title>Collected</title></head><body>{inside}</body></html>".encode()
