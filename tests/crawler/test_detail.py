"""Posting pages against a table of answers: what is held back until the visit has seen the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

import pytest

from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.detail import Details
from crawler.extraction import read_page
from crawler.pages import Reading
from postings import urls
from postings.recheck import UNREAD_FOR
from postings.sightings import Seen, Sighting, Unchanged
from postings.sites import KnownPage
from postings.visits import Absence
from tests.crawler.answering import NOW, SITE, Site, answer, failed


def job(title: str, *, canonical: str = "", more: str = "") -> str:
    markup = {"@context": "https://schema.org", "@type": "JobPosting", "title": title, "hiringOrganization": "Acme"}
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return f'<html><head>{link}{more}<script type="application/ld+json">{json.dumps(markup)}</script></head></html>'


class Looked:
    """What came of asking for pages."""

    def __init__(
        self,
        pages: Mapping[str, str | int | Answer],
        *,
        known: Sequence[str] | Mapping[str, KnownPage] = (),
        lists: Sequence[str] = (),
        twice: int = 1,
        named: Sequence[str] = (),
        listed: Sequence[str] = (),
        list_is_empty: bool = False,
    ) -> None:
        self.site = Site(pages)
        self.seen: list[Seen] = []
        pages_known = known if isinstance(known, Mapping) else {path: KnownPage(url=SITE + path) for path in known}
        self._known = {urls.key(SITE + path): page for path, page in pages_known.items()}
        self._named = {urls.key(SITE + path): SITE + path for path in named}
        self._lists = {urls.key(SITE + path) for path in lists}
        self._listed = {urls.key(SITE + path) for path in listed}
        self._list_is_empty = list_is_empty
        self.details = asyncio.run(self._run(list(pages)))

    async def _run(self, paths: list[str]) -> Details:
        async def record(batch: Sequence[Seen]) -> None:
            self.seen += batch

        async def ask(url: str, _: KnownPage | None) -> Answer:
            return await self.site.ask(url)

        async def read(page: Answer, links: bool) -> Reading:
            return read_page(page.page, links=links)

        batches = Batches(record)
        details = Details(
            start_url=SITE,
            known=self._known,
            ask=ask,
            read=read,
            batches=batches,
            list_keys=self._lists,
            named=self._named.get,
        )
        details.listed.update(self._listed)
        details.off_list.update(self._known.keys() - self._listed if self._listed else ())
        details.list_is_empty = self._list_is_empty
        for path in paths:
            await details.ask(SITE + path)
        await details.settle(may_ask=True)
        await batches.flush()
        return details

    @property
    def addresses(self) -> dict[str | None, str | None]:
        return {one.posting.title: one.address for one in self.seen if isinstance(one, Sighting)}

    @property
    def absences(self) -> dict[str, Absence]:
        return {look.url.removeprefix(SITE): look.absence for look in self.details.looks.values()}


def test_a_canonical_link_to_the_same_posting_is_its_address() -> None:
    looked = Looked({"/de/jobs/welder": job("Welder", canonical="/jobs/welder")})
    assert looked.addresses == {"Welder": "acme.example/jobs/welder"}


def test_two_pages_of_one_posting_share_its_canonical_address() -> None:
    page = job("Welder", canonical="/jobs/welder")
    looked = Looked({"/de/jobs/welder": page, "/en/jobs/welder": page})
    assert {one.address for one in looked.seen if isinstance(one, Sighting)} == {"acme.example/jobs/welder"}


def test_pages_that_disagree_and_share_a_canonical_link_keep_their_own_addresses() -> None:
    looked = Looked(
        {
            "/jobs/welder": job("Welder", canonical="/jobs/template"),
            "/jobs/nurse": job("Nurse", canonical="/jobs/template"),
        }
    )
    assert looked.addresses == {"Welder": "acme.example/jobs/welder", "Nurse": "acme.example/jobs/nurse"}


@pytest.mark.parametrize("version", ["/jobs/welder?print=1", "/amp/jobs/welder", "/Jobs/Welder"])
@pytest.mark.parametrize("first", [True, False])
def test_a_print_or_amp_version_counts_as_the_page_that_a_list_names(version: str, first: bool) -> None:
    paths = [version, "/jobs/welder"] if first else ["/jobs/welder", version]
    looked = Looked(dict.fromkeys(paths, job("Welder")), named=["/jobs/welder"])
    assert {one.address for one in looked.seen if isinstance(one, Sighting)} == {"acme.example/jobs/welder"}


@pytest.mark.parametrize(("named", "other"), [([], "Welder"), (["/jobs/welder"], "Nurse"), (["/jobs/welder"], None)])
def test_a_version_is_a_page_of_its_own_where_the_plain_one_is_not_named_or_shows_something_else(
    named: list[str], other: str | None
) -> None:
    plain = job(other) if other else 404
    looked = Looked({"/jobs/welder?print=1": job("Welder"), "/jobs/welder": plain}, named=named)
    assert looked.addresses["Welder"] in ("acme.example/jobs/welder?print=1", "acme.example/jobs/welder")
    assert "acme.example/jobs/welder?print=1" in {one.address for one in looked.seen if isinstance(one, Sighting)}


def test_rows_of_other_jobs_on_a_posting_page_wait_for_the_pages_of_their_own() -> None:
    def page(title: str, *others: str) -> str:
        rows = "".join(
            f'<li itemscope itemtype="https://schema.org/JobPosting"><a itemprop="url" href="/jobs/{other.lower()}">'
            f'<span itemprop="title">{other}</span></a></li>'
            for other in others
        )
        own = f'<h1 itemprop="title">{title}</h1><div itemprop="description">{"Work. " * 90}</div>'
        return f'<html><body><div itemscope itemtype="https://schema.org/JobPosting">{own}</div>{rows}</body></html>'

    looked = Looked({"/jobs/welder": page("Welder", "Nurse", "Cook"), "/jobs/nurse": page("Nurse", "Welder", "Cook")})
    seen = [(one.posting.title, one.address) for one in looked.seen if isinstance(one, Sighting)]
    assert sorted(seen) == [
        ("Cook", "acme.example/jobs/cook"),
        ("Cook", "acme.example/jobs/cook"),
        ("Nurse", "acme.example/jobs/nurse"),
        ("Welder", "acme.example/jobs/welder"),
    ]


def test_noindex_on_new_pages_is_weighed_against_all_pages_that_are_as_they_were() -> None:
    same = {f"/jobs/{number}": answer(f"{SITE}/jobs/{number}", job(f"Welder {number}")) for number in range(30)}
    known = {path: KnownPage(url=one.url, body_hash=one.body_hash) for path, one in same.items()}
    ended = {f"/jobs/{n}": job(f"Nurse {n}", more='<meta name="robots" content="noindex">') for n in range(90, 93)}
    assert Looked({**same, **ended}, known=known).addresses == {}


@pytest.mark.parametrize(("marked", "ended"), [(5, True), (6, False)])
def test_noindex_on_many_pages_that_left_the_list_ends_their_postings_while_as_many_others_are_plain(
    marked: int, ended: bool
) -> None:
    noindex = '<meta name="robots" content="noindex">'
    left = {f"/jobs/{number}": job(f"Nurse {number}", more=noindex) for number in range(marked)}
    listed = {f"/jobs/{number}": job(f"Welder {number}") for number in range(90, 95)}
    looked = Looked({**left, **listed}, known=list(left), named=list(listed))
    assert looked.absences == (dict.fromkeys(left, Absence.NOINDEX) if ended else {})


def test_noindex_on_many_pages_that_the_list_names_is_a_template() -> None:
    noindex = '<meta name="robots" content="noindex">'
    marked = {f"/jobs/{number}": job(f"Nurse {number}", more=noindex) for number in range(5)}
    plain = {f"/jobs/{number}": job(f"Welder {number}") for number in range(90, 95)}
    assert Looked({**marked, **plain}, known=list(marked), named=["/jobs/0", *plain]).absences == {}


@pytest.mark.parametrize(("lost", "template"), [(5, False), (6, True)])
def test_markup_that_many_pages_off_the_list_lost_is_no_template_while_as_many_listed_ones_have_theirs(
    lost: int, template: bool
) -> None:
    bare = {
        f"/jobs/{number}": f"<html><body><h1>Acme</h1><p>{number} {'x' * number}</p></body></html>"
        for number in range(lost)
    }
    listed = {f"/jobs/{number}": job(f"Welder {number}") for number in range(90, 95)}
    looked = Looked({**bare, **listed}, known=list(bare), listed=list(listed))
    assert set(looked.absences.values()) == {Absence.UNKNOWN if template else Absence.NO_MARKUP}


def test_a_page_is_asked_once_however_often_it_is_named() -> None:
    looked = Looked({"/jobs/1": job("Welder"), "/jobs/1/?utm_source=x": job("Welder")})
    assert looked.site.asked == [f"{SITE}/jobs/1"]


def test_noindex_on_one_of_many_pages_ends_its_posting() -> None:
    pages = {f"/jobs/{number}": job(f"Welder {number}") for number in range(9)}
    pages["/jobs/9"] = job("Nurse", more='<meta name="robots" content="noindex">')
    looked = Looked(pages, known=["/jobs/9"])
    assert looked.absences == {"/jobs/9": Absence.NOINDEX}
    assert "Nurse" not in looked.addresses


@pytest.mark.parametrize(("header", "ended"), [("noindex", True), ("index, follow", False), (None, False)])
def test_noindex_in_the_header_ends_a_posting_although_its_page_is_as_it_was(header: str | None, ended: bool) -> None:
    pages: dict[str, str | Answer] = {f"/jobs/{number}": job(f"Welder {number}") for number in range(9)}
    same = answer(f"{SITE}/jobs/9", job("Nurse"), robots_tag=header)
    known = KnownPage(url=same.url, body_hash=same.body_hash)
    looked = Looked({**pages, "/jobs/9": same}, known={"/jobs/9": known})
    assert looked.absences == ({"/jobs/9": Absence.NOINDEX} if ended else {})
    assert any(isinstance(one, Unchanged) for one in looked.seen) is not ended


GONE = "<p>This position has been filled.</p>"
TEXT = " ".join(f"We weld part {number} of bridges and ships." for number in range(30))


def full(title: str, *, body: str) -> str:
    markup = {"@context": "https://schema.org", "@type": "JobPosting", "title": title, "description": f"<p>{TEXT}</p>"}
    return f'<html><script type="application/ld+json">{json.dumps(markup)}</script><h1>{title}</h1>{body}</html>'


LIVE = f'<p>{TEXT}</p><a href="/apply">Apply</a>'


def test_a_page_that_says_that_its_posting_is_filled_ends_it_though_the_markup_stays() -> None:
    pages = {"/jobs/1": full("Welder", body=LIVE), "/jobs/2": full("Nurse", body=GONE)}
    looked = Looked(pages, known=["/jobs/1", "/jobs/2"])
    assert looked.absences == {"/jobs/2": Absence.SOFT_404}
    assert set(looked.addresses) == {"Welder"}
    assert "This position has been filled" in looked.details.looks["acme.example/jobs/2"].detail
    assert (looked.details.asked, looked.details.answered) == (2, 2)


def test_a_withdrawn_page_that_was_never_seen_opens_nothing() -> None:
    looked = Looked({"/jobs/1": full("Welder", body=GONE)})
    assert (looked.seen, looked.absences) == ([], {})


def test_half_a_page_is_not_taken_for_a_withdrawn_one() -> None:
    cut = full("Welder", body=GONE).removesuffix("</html>") + "<p>A"
    looked = Looked({"/jobs/1": cut}, known=["/jobs/1"])
    assert looked.absences == {}
    assert set(looked.addresses) == {"Welder"}


def test_a_page_without_text_and_a_way_to_apply_ends_its_posting_where_the_others_have_both() -> None:
    pages = {f"/jobs/{number}": full(f"Welder {number}", body=LIVE) for number in range(9)}
    pages |= {"/jobs/9": full("Nurse", body="<p>Thank you.</p>"), "/jobs/10": full("Smith", body="<p>Thank you.</p>")}
    looked = Looked(pages, known=["/jobs/9"])
    assert looked.absences == {"/jobs/9": Absence.SOFT_404}
    assert not {"Nurse", "Smith"} & set(looked.addresses)


def test_pages_that_scripts_fill_are_live_however_many_they_are() -> None:
    pages = {f"/jobs/{number}": full(f"Welder {number}", body="<div id=app></div>") for number in range(120)}
    looked = Looked(pages, known=["/jobs/3"])
    assert looked.absences == {}
    assert len(looked.addresses) == 120


def test_markup_that_one_page_of_many_lost_counts() -> None:
    pages = {f"/jobs/{number}": job(f"Welder {number}") for number in range(9)}
    looked = Looked({**pages, "/jobs/9": "<html><h1>Welder 9</h1></html>"}, known=["/jobs/9"])
    assert looked.absences == {"/jobs/9": Absence.NO_MARKUP}


def test_markup_that_the_only_page_lost_does_not_count() -> None:
    looked = Looked({"/jobs/9": "<html><h1>Welder 9</h1></html>"}, known=["/jobs/9"])
    assert looked.absences == {"/jobs/9": Absence.UNKNOWN}
    assert looked.details.unreadable == 1


def test_pages_that_became_what_any_address_gets_are_gone_though_they_are_many() -> None:
    class Blank(Site):
        async def ask(self, url: str, *, large: bool = False) -> Answer:
            self.pages.setdefault(url, "<html><h1>Welcome</h1></html>")
            return await super().ask(url)

    pages: dict[str, str | int] = {f"/jobs/{number}": job(f"Welder {number}") for number in range(6)}
    pages |= {f"/jobs/{number}": "<html><h1>Welcome</h1></html>" for number in range(6, 10)}

    class LookedBlank(Looked):
        async def _run(self, paths: list[str]) -> Details:
            self.site = Blank(self.site.pages)
            return await super()._run(paths)

    looked = LookedBlank(pages, known=[f"/jobs/{number}" for number in range(6, 10)])
    assert set(looked.absences.values()) == {Absence.SOFT_404}


def test_a_page_that_was_never_known_leaves_no_look() -> None:
    looked = Looked({"/jobs/1": 404, "/jobs/2": "<html>nothing</html>", "/jobs/3": 503})
    assert looked.absences == {}
    assert (looked.details.asked, looked.details.answered) == (3, 2)


@pytest.mark.parametrize("first", [True, False])
def test_a_page_keeps_its_address_where_its_canonical_link_names_one_that_shows_another_posting(first: bool) -> None:
    pages = {"/de/jobs/schweisser": job("Schweißer", canonical="/jobs/welder"), "/jobs/welder": job("Welder")}
    looked = Looked(pages if first else dict(reversed(pages.items())))
    assert looked.addresses == {"Schweißer": "acme.example/de/jobs/schweisser", "Welder": "acme.example/jobs/welder"}


@pytest.mark.parametrize(
    ("listed", "control", "absence"),
    [
        (True, '<a href="/apply">Apply now</a>', Absence.UNKNOWN),
        (True, "", Absence.NO_MARKUP),
        (False, '<a href="/apply">Apply now</a>', Absence.NO_MARKUP),
    ],
)
def test_a_page_without_its_markup_is_broken_only_where_it_is_listed_and_lets_people_apply(
    listed: bool, control: str, absence: Absence
) -> None:
    paths = [f"/jobs/{number}" for number in range(9)]
    pages = {path: job(f"Job {path}") for path in paths}
    pages[paths[0]] = f"<html><body><h1>Job</h1>{control}</body></html>"
    looked = Looked(pages, known=paths, listed=paths if listed else paths[1:])
    assert looked.absences == {paths[0]: absence}
    assert (looked.details.asked, looked.details.answered) == (9, 9)


def headed(heading: str, more: str = "") -> str:
    return f"<html><title>{heading} | Acme</title><body><h1>{heading}</h1>{more}</body></html>"


@pytest.mark.parametrize("list_is_empty", [True, False])
def test_markup_that_all_pages_lost_counts_where_a_whole_list_names_nothing_and_each_page_has_its_own_face(
    list_is_empty: bool,
) -> None:
    pages = {"/jobs/1": headed("Welder"), "/jobs/2": headed("Nurse")}
    looked = Looked({**pages, "": headed("Careers")}, known=list(pages), list_is_empty=list_is_empty)
    expected = Absence.NO_MARKUP if list_is_empty else Absence.UNKNOWN
    assert looked.absences == {"/jobs/1": expected, "/jobs/2": expected}


def test_a_wall_that_shows_the_face_of_the_start_page_at_each_address_says_nothing() -> None:
    pages = {"/jobs/1": headed("We will be back"), "/jobs/2": headed("We will be back")}
    looked = Looked({**pages, "": headed("We will be back")}, known=list(pages), list_is_empty=True)
    assert set(looked.absences.values()) == {Absence.UNKNOWN}
    alone = Looked({"/jobs/1": pages["/jobs/1"], "": pages["/jobs/1"]}, known=["/jobs/1"], list_is_empty=True)
    assert alone.absences == {"/jobs/1": Absence.UNKNOWN}


@pytest.mark.parametrize(
    ("more", "absence"),
    [('<div class="g-recaptcha"></div>', Absence.UNKNOWN), ("<div class='map'></div>", Absence.NO_MARKUP)],
)
def test_a_page_that_asks_whether_a_person_is_there_says_nothing(more: str, absence: Absence) -> None:
    paths = [f"/jobs/{number}" for number in range(9)]
    pages = {path: job(f"Job {path}") for path in paths} | {paths[0]: headed("One moment", more)}
    assert Looked(pages, known=paths).absences == {paths[0]: absence}


@pytest.mark.parametrize(("listed", "absence"), [(True, Absence.UNKNOWN), (False, Absence.NO_MARKUP)])
def test_a_page_that_a_script_has_yet_to_fill_says_nothing_while_the_list_names_it(
    listed: bool, absence: Absence
) -> None:
    shell = '<html><head><script src="/app.js"></script></head><body><div id="root"></div></body></html>'
    paths = [f"/jobs/{number}" for number in range(9)]
    pages = {path: job(f"Job {path}") for path in paths} | {paths[0]: shell}
    looked = Looked(pages, known=paths, listed=paths if listed else paths[1:])
    assert looked.absences == {paths[0]: absence}


@pytest.mark.parametrize(
    ("page", "known", "soon"),
    [(404, False, True), (404, True, True), (headed("Welder"), True, True), (headed("Welder"), False, False)],
)
def test_a_page_that_may_not_be_finished_is_asked_again_soon(page: str | int, known: bool, soon: bool) -> None:
    looked = Looked({"/jobs/1": job("Nurse"), "/jobs/2": page}, known=["/jobs/1"] if known else [])
    (barren,) = looked.details.barren.values()
    assert barren.last_read_at == (NOW - UNREAD_FOR if soon else NOW)


def test_a_page_that_robots_txt_forbids_was_not_asked() -> None:
    refused = failed(f"{SITE}/jobs/1", Trouble.ROBOTS)
    looked = Looked({"/jobs/0": job("Welder"), "/jobs/1": refused}, known=["/jobs/1"])
    assert (looked.details.asked, looked.details.answered, looked.details.refused) == (1, 1, 1)
    assert looked.absences == {"/jobs/1": Absence.UNKNOWN}


@pytest.mark.parametrize(
    ("page", "known", "told"),
    [
        # the list speaks for a page that never held a posting
        ("<html><body><h1>Cook</h1></body></html>", False, {"Cook", "Nurse"}),
        (404, False, {"Cook", "Nurse"}),
        # and not for one that shows its own, or did so before
        (job("Cook"), False, {"Cook", "Nurse"}),
        (500, True, {"Nurse"}),
    ],
)
def test_a_list_that_carries_postings_speaks_for_pages_that_hold_none(
    page: str | int, known: bool, told: set[str]
) -> None:
    rows = "".join(
        '<script type="application/ld+json">'
        + json.dumps(
            {"@type": "JobPosting", "title": title, "hiringOrganization": "Acme", "url": f"/jobs/{title.lower()}"}
        )
        + "</script>"
        for title in ("Cook", "Nurse")
    )
    pages = {"/jobs/cook": page, "/jobs": f"<html><body>{rows}</body></html>"}
    looked = Looked(pages, known=["/jobs/cook"] if known else [], lists=["/jobs"])
    assert set(looked.addresses) == told
    assert looked.addresses["Nurse"] == "acme.example/jobs/nurse"


def with_similar(*titles: str, head: str = "<h1>Similar jobs</h1>", tail: str = "</html>") -> str:
    """A page of similar jobs: each of them names its own page."""
    markup = [
        {
            "@context": "https://schema.org", "@type": "JobPosting", "title": title, "hiringOrganization": "Acme",
            "url": f"{SITE}/jobs/{title.lower()}",
        }
        for title in titles
    ]  # fmt: skip
    return f'<html>{head}<script type="application/ld+json">{json.dumps(markup)}</script>{tail}'


def test_a_page_that_shows_nothing_but_what_stands_on_others_has_lost_its_posting() -> None:
    pages = {"/jobs/cook": job("Cook"), "/jobs/nurse": job("Nurse"), "/jobs/welder": with_similar("Cook", "Nurse")}
    looked = Looked(pages, known=list(pages))
    assert looked.absences == {"/jobs/welder": Absence.NO_MARKUP}
    assert set(looked.addresses) == {"Cook", "Nurse"}


@pytest.mark.parametrize(
    ("listed", "control", "absence"),
    [
        (True, '<a href="/apply">Apply now</a>', Absence.UNKNOWN),
        (True, "", Absence.NO_MARKUP),
        (False, '<a href="/apply">Apply now</a>', Absence.NO_MARKUP),
    ],
)
def test_a_page_of_similar_jobs_that_is_listed_and_lets_people_apply_has_only_lost_its_markup(
    listed: bool, control: str, absence: Absence
) -> None:
    pages = {"/jobs/cook": job("Cook"), "/jobs/nurse": job("Nurse")}
    pages["/jobs/welder"] = with_similar("Cook", "Nurse", tail=f"<body>{control}</body></html>")
    looked = Looked(pages, known=list(pages), listed=[path for path in pages if listed or path != "/jobs/welder"])
    assert looked.absences == {"/jobs/welder": absence}
    assert set(looked.addresses) == {"Cook", "Nurse"}
    assert (looked.details.asked, looked.details.answered, looked.details.read) == (3, 3, 2)


def test_markup_that_many_pages_lost_but_for_similar_jobs_is_a_template() -> None:
    pages = {path: job(path[6:].title()) for path in ("/jobs/cook", "/jobs/nurse")}
    pages |= {
        f"/jobs/{number}": with_similar("Cook", "Nurse", head=f"<h1>Job {'x' * number}</h1>") for number in range(5)
    }
    looked = Looked(pages, known=list(pages))
    assert looked.absences == {f"/jobs/{number}": Absence.UNKNOWN for number in range(5)}
    assert looked.details.unreadable == 5


@pytest.mark.parametrize(
    ("head", "tail", "absence"),
    [
        ("<h1>Job not found</h1>", "</html>", Absence.SOFT_404),
        ("<h1>Welder</h1>", "<p>Apply", Absence.UNKNOWN),
    ],
)
def test_what_else_a_page_of_similar_jobs_says_counts_as_without_their_markup(
    head: str, tail: str, absence: Absence
) -> None:
    pages = {"/jobs/cook": job("Cook"), "/jobs/nurse": job("Nurse")}
    pages["/jobs/welder"] = with_similar("Cook", "Nurse", head=head, tail=tail)
    assert Looked(pages, known=list(pages)).absences == {"/jobs/welder": absence}
    bare = f"<html>{head}{tail}"
    assert Looked({**pages, "/jobs/welder": bare}, known=list(pages)).absences == {"/jobs/welder": absence}


def test_a_page_of_similar_jobs_that_never_held_a_posting_has_lost_none() -> None:
    pages = {"/jobs/cook": job("Cook"), "/jobs/nurse": job("Nurse"), "/jobs/more": with_similar("Cook", "Nurse")}
    assert Looked(pages, known=["/jobs/cook", "/jobs/nurse"]).absences == {}
