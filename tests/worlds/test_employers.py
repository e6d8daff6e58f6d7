"""What employers do, seen over simulated days: each thing is told once, for what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postings.visits import Outcome
from tests.sites.shelf import ShelfSite, identifier, markup
from tests.worlds.world import World

pytestmark = pytest.mark.slow

Worlds = Callable[..., World]

CITIES = (("Lyon", "FR"), ("Porto", "PT"), ("Graz", "AT"), ("Turku", "FI"), ("Brno", "CZ"))


def shelf_of(world: World) -> ShelfSite:
    assert isinstance(world.site, ShelfSite)
    return world.site


def place(number: int) -> dict[str, object]:
    city, country = CITIES[number % len(CITIES)]
    address = {"@type": "PostalAddress", "addressLocality": city, "addressCountry": country}
    return {"@type": "Place", "address": address}


def filled(world: World, count: int = 20, *, path: str = "/jobs/{}-role", ids: str | None = "REQ-{}") -> ShelfSite:
    """Puts jobs on the shelf, makes the first visit and forgets its news."""
    shelf = shelf_of(world)
    for number in range(10_000, 10_000 + count):
        named = {} if ids is None else {"identifier": identifier(ids.format(number))}
        shelf.put(path.format(number), markup(f"Role of number {number}", jobLocation=place(number), **named))
    assert world.visit() is Outcome.COMPLETE
    assert world.news() == []
    return shelf


def test_a_new_job_opens_at_the_next_visit_and_a_closed_one_closes_at_it(world: Worlds) -> None:
    acme = world()
    acme.visit()
    first, *_ = acme.site.open_jobs()
    acme.site.close(first)
    new = acme.site.open()
    assert acme.later(days=1).visit() is Outcome.COMPLETE
    assert acme.news() == [f"closed gone {first}", f"opened {new}"]
    assert acme.daily(3) == [Outcome.COMPLETE] * 3
    assert acme.news() == []


def test_a_job_that_comes_back_is_reopened(world: Worlds) -> None:
    acme = world()
    acme.visit()
    first, *_ = acme.site.open_jobs()
    acme.site.close(first)
    acme.later(days=1).visit()
    acme.news()
    acme.site.reopen(first)
    acme.later(days=10).visit()
    assert acme.news() == [f"reopened seen {first}"]


@pytest.mark.parametrize("redirect", [None, 301])
def test_a_move_of_every_address_is_no_news_but_the_address(world: Worlds, redirect: int | None) -> None:
    acme = world()
    acme.visit()
    jobs = acme.site.open_jobs()
    acme.site.move_all(redirect=redirect)
    acme.later(days=1).visit()
    assert acme.news() == sorted(f"changed minor url {job}" for job in jobs)
    acme.daily(3)
    assert acme.news() == []
    assert len(acme.open()) == 12


def test_a_change_of_every_identifier_is_no_news_but_the_identifier(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    for number, path in enumerate(shelf.paths()):
        shelf.put(path, {**shelf.posting(path), "identifier": identifier(f"NEW-{number * 7 + 700}")})
    acme.daily(3)
    assert acme.news() == sorted(f"changed minor identifier {path[6:]}" for path in shelf.paths())


def test_a_new_system_with_new_addresses_and_identifiers_opens_and_closes_nothing(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme, ids="REQ-{}")
    before = acme.open()
    for number, path in enumerate(shelf.paths()):
        shelf.move(path, f"/en/position/{chr(97 + number)}-job")
        new = f"/en/position/{chr(97 + number)}-job"
        shelf.put(new, {**shelf.posting(new), "identifier": identifier(f"X{number * 13 + 5000}")})
    acme.later(days=1).visit()
    acme.daily(3)
    assert [line for line in acme.news() if not line.startswith("changed minor")] == []
    assert acme.open() == before


def test_a_job_taken_down_and_posted_anew_is_a_new_posting_linked_as_a_repost(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    old = shelf.paths()[0]
    posting = shelf.posting(old)
    shelf.take(old)
    acme.later(days=1).visit()
    assert acme.news() == [f"closed gone {old[6:]}"]
    shelf.put("/jobs/20001-role", {**posting, "datePosted": "2026-11-07", "identifier": identifier("REQ-20001")})
    acme.later(days=5).visit()
    assert acme.news() == ["opened 20001-role"]
    assert acme.links("20001-role") == [("repost", old[6:])]


def test_five_languages_of_a_job_are_five_postings_linked_as_translations(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    titles = {
        "en": "Night nurse",
        "de": "Nachtpflegekraft",
        "fr": "Infirmier de nuit",
        "es": "Enfermero",
        "fi": "Yöhoitaja",
    }
    paths = {lang: f"/{lang}/jobs/30001-role" for lang in titles}
    for lang, title in titles.items():
        posting = markup(title, identifier=identifier("REQ-30001"), description=f"<p>{title} ({lang}).</p>" * 30)
        shelf.put(paths[lang], posting, lang=lang, alternates=paths)
    acme.later(days=1).visit()
    assert acme.news() == ["opened 30001-role"] * 5
    assert {kind for kind, _ in acme.links("30001-role")} == {"translation"}
    acme.daily(5)
    assert acme.news() == []


@pytest.mark.parametrize("path", ["/jobs/{}-role", "/jobs/role-{}x"])
def test_one_identifier_for_all_jobs_loses_none_of_them(world: Worlds, path: str) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme, ids="StPrakt", path=path)
    assert len(acme.open()) == 20
    shelf.put("/jobs/99999-role", markup("Another role", identifier=identifier("StPrakt")))
    acme.daily(3)
    assert acme.news() == ["opened 99999-role"]
    assert len(acme.open()) == 21


def test_identifiers_that_change_at_each_visit_open_and_close_nothing(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)

    def rotate(day: int) -> None:
        for number, path in enumerate(shelf.paths()):
            shelf.put(path, {**shelf.posting(path), "identifier": identifier(f"S{day}-{number * 31 + 400}")})

    acme.daily(6, rotate)
    told = acme.news()
    assert {line.rpartition(" ")[0] for line in told} == {"changed minor identifier"}
    assert len(told) == 6 * 20
    assert len(acme.open()) == 20


def test_an_identifier_that_another_job_takes_while_the_first_is_open_makes_a_second_posting(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    other = markup("Quite another thing", identifier=identifier("REQ-10003"), jobLocation=place(1))
    shelf.put("/jobs/40001-role", other)
    acme.daily(3)
    assert acme.news() == ["opened 40001-role"]
    assert len(acme.open()) == 21


def test_an_address_that_another_job_takes_over_closes_the_first_as_replaced(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    path = shelf.paths()[0]
    shelf.put(path, markup("Quite another thing", identifier=identifier("REQ-55555"), jobLocation=place(3)))
    acme.daily(2)
    assert acme.news() == [f"closed replaced {path[6:]}", f"opened {path[6:]}"]


def test_a_template_that_rewrites_every_page_is_no_news(world: Worlds) -> None:
    acme = world(40)
    acme.visit()
    acme.site.change_template()
    acme.daily(3)
    assert acme.news() == []


def test_a_suffix_behind_every_title_is_told_as_site_wide(world: Worlds) -> None:
    acme = world(40)
    acme.visit()
    jobs = acme.site.open_jobs()
    acme.site.retitle("- apply now")
    acme.later(days=1).visit(asked=True)
    assert acme.news() == sorted(f"changed site-wide title {job}" for job in jobs)


def test_an_edited_title_is_told_once(world: Worlds) -> None:
    acme = world()
    acme.visit()
    first, *_ = acme.site.open_jobs()
    acme.site.edit(first, title="Head of Something Else")
    acme.daily(3)
    assert acme.news() == [f"changed material title {first}"]


@pytest.mark.parametrize("count", [250, pytest.param(2_500, marks=pytest.mark.chaos)])
def test_many_jobs_that_are_really_gone_close_once_two_visits_half_a_day_apart_agree(world: Worlds, count: int) -> None:
    acme = world(count + 30, layout="sitemap")
    acme.visit()
    gone = acme.site.open_jobs()[:count]
    for handle in gone:
        acme.site.close(handle)
    assert acme.later(days=1).visit() is Outcome.SUSPECT
    assert acme.later(minutes=30).visit() is Outcome.SUSPECT
    assert acme.later(hours=2).visit() is Outcome.SUSPECT
    assert acme.news() == []
    assert acme.later(hours=12).visit() is Outcome.COMPLETE
    assert acme.news() == sorted(f"closed gone {handle}" for handle in gone)
    assert len(acme.open()) == 30


def test_a_job_past_its_last_day_closes_as_expired_once_its_page_was_asked(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    path = "/jobs/60001-role"
    shelf.put(path, markup("Short role", validThrough="2026-11-05", identifier=identifier("REQ-60001")))
    acme.later(hours=1).visit()
    assert acme.news() == ["opened 60001-role"]
    # a date holds to the end of that day in every zone: noon of the next one in UTC
    acme.later(days=4, hours=2).visit()
    assert acme.news() == []
    acme.later(hours=2).visit()
    assert acme.news() == ["closed expired 60001-role"]


def test_a_job_whose_last_day_moves_on_stays_open(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = filled(acme)
    path = "/jobs/60001-role"
    posting = markup("Short role", validThrough="2026-11-05", identifier=identifier("REQ-60001"))
    shelf.put(path, posting)
    acme.later(hours=1).visit()
    acme.news()
    shelf.put(path, {**posting, "validThrough": "2026-12-05"})
    acme.later(days=4)
    acme.expire()
    acme.visit()
    assert acme.news() == ["changed material valid_through 60001-role"]


def test_jobs_off_the_list_whose_pages_answer_close_after_a_week(world: Worlds) -> None:
    acme = world()
    acme.visit()
    first, *_ = acme.site.open_jobs()
    acme.site.unlist(first)
    acme.daily(6)
    assert acme.news() == []
    acme.daily(3)
    assert acme.news() == [f"closed unlisted {first}"]
