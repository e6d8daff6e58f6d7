from __future__ import annotations

from typing import Any

import pytest

from crawler.absences import (
    fingerprint,
    is_challenge,
    is_wall,
    judge_answer,
    judge_reading,
    judge_redirect,
    loss_is_its_own,
    says_gone,
)
from crawler.answers import Trouble
from crawler.pages import Reading
from postings.visits import Absence
from tests.crawler.answering import SITE, answer, failed

JOB = f"{SITE}/jobs/1-welder"


def reading(**fields: Any) -> Reading:
    return Reading(url=JOB, **fields)


@pytest.mark.parametrize(
    "text",
    [
        "404", "Error 404 - Page not found", "Page Not Found", "This job is no longer available",
        "The position you are looking for has been filled", "This vacancy has expired", "Job not found",
        "Sorry, we couldn't find that page", "Seite nicht gefunden", "Diese Stelle ist nicht mehr verfügbar",
        "Die Stelle ist leider bereits besetzt", "Page introuvable", "Cette offre n'est plus disponible",
        "L’offre n’est plus disponible".replace("’", "'"), "Offre pourvue", "Página no encontrada",
        "Esta oferta ya no está disponible", "Pagina non trovata", "L'annuncio non è più disponibile",
        "Pagina niet gevonden", "Deze vacature is vervuld", "Página não encontrada", "Vaga encerrada",
        "Sidan hittades inte", "Siden ble ikke funnet", "Jobbet findes ikke", "Sivua ei löydy",
        "Hakuaika on päättynyt", "Nie znaleziono strony", "Oferta wygasła", "Stránka nenalezena",
        "この求人は募集を終了しました", "该职位已下线", "職缺不存在", "채용이 마감되었습니다", "Вакансия закрыта", "Вакансія не знайдена",
        "Bu ilan yayından kaldırılmıştır", "Η θέση δεν είναι πλέον διαθέσιμη", "Az állás már nem elérhető",
        "Acest post nu mai este disponibil", "Обявата е изтекла", "Oglas je istekao", "هذه الوظيفة لم تعد متاحة",
        "המשרה אינה זמינה עוד", "Darbo skelbimas nebegalioja", "Ponuka už nie je aktuálna", "Tin tuyển dụng đã hết hạn",
        "Lowongan ini sudah ditutup", "ประกาศงานนี้ปิดรับสมัครแล้ว", "Delovno mesto ni več na voljo", "Vakance vairs nav aktuāla",
    ],
)  # fmt: skip
def test_a_heading_that_says_gone_is_understood(text: str) -> None:
    assert says_gone(reading(heading=text)) == text
    assert says_gone(reading(title=text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Welder (m/f/d) in Berlin", "Lost and Found Officer", "Vacancies", "Filling Machine Operator",
        "Closing Manager", "Stellenangebote", "Nos offres d'emploi", "Ofertas de empleo", "Senior Engineer, Error Budgets",
        "Head of Page Experience", "Job 4042 Electrician", "Room 1404 Attendant", "Site Reliability Engineer",
        "溶接工募集", "求人広告ライター", "招聘经理", "채용 담당자", "Сварщик", "Lowongan Kerja Perawat", "Tuyển dụng nhân viên", "Έχει θέση",
    ],
)  # fmt: skip
def test_a_heading_that_names_a_job_is_not_taken_for_gone(text: str) -> None:
    assert says_gone(reading(heading=text, title=text)) is None


@pytest.mark.parametrize(("status", "absence"), [(404, Absence.NOT_FOUND), (410, Absence.GONE)])
def test_the_status_alone_says_that_a_page_is_gone(status: int, absence: Absence) -> None:
    verdict = judge_answer(answer(JOB, status=status))
    assert verdict is not None
    assert verdict[0] is absence


@pytest.mark.parametrize("status", [201, 204, 301, 304, 400, 401, 403, 408, 429, 500, 502, 503, 504, 999])
def test_any_other_status_says_nothing(status: int) -> None:
    verdict = judge_answer(answer(JOB, status=status))
    assert verdict is not None
    assert verdict[0] is Absence.UNKNOWN


@pytest.mark.parametrize("trouble", list(Trouble))
def test_no_answer_says_nothing(trouble: Trouble) -> None:
    verdict = judge_answer(failed(JOB, trouble))
    assert verdict is not None
    assert verdict[0] is Absence.UNKNOWN


def test_with_200_the_page_decides() -> None:
    assert judge_answer(answer(JOB)) is None


def redirected(to: str, *, is_posting: bool = False, lists: tuple[str, ...] = (), **fields: Any) -> Absence:
    final = answer(JOB, url=SITE + to, hops=(JOB,))
    found = judge_redirect(JOB, final, reading(**fields), is_list=lists.__contains__, is_posting=is_posting)
    return found[0]


def test_a_redirect_to_a_list_the_start_page_or_another_posting_counts() -> None:
    assert redirected("/careers", lists=("acme.example/careers",)) is Absence.REDIRECTED
    assert redirected("/jobs/2-nurse", is_posting=True) is Absence.REDIRECTED
    assert redirected("/jobs/") is Absence.REDIRECTED
    assert redirected("/") is Absence.REDIRECTED


def test_a_redirect_to_a_page_that_says_gone_counts() -> None:
    assert redirected("/sorry", heading="This job is no longer available") is Absence.UNKNOWN
    assert redirected("/expired", heading="This job is no longer available") is Absence.SOFT_404


@pytest.mark.parametrize(
    "to", ["/login?next=/jobs/1", "/sso/start", "/captcha", "/consent", "/maintenance.html", "/elsewhere"]
)
def test_a_redirect_to_a_wall_or_to_anything_else_says_nothing(to: str) -> None:
    assert redirected(to) is Absence.UNKNOWN


def page(**fields: Any) -> Absence:
    return judge_reading(answer(JOB), reading(**fields), ends_well=True)[0]


def test_a_page_that_cannot_be_read_says_nothing() -> None:
    assert page(unreadable="nested too deep") is Absence.UNKNOWN
    assert page(script_broken=True) is Absence.UNKNOWN
    assert page(unreadable_postings=("no title",)) is Absence.UNKNOWN
    assert judge_reading(answer(JOB, whole=False), reading(heading="Not found"), ends_well=True)[0] is Absence.UNKNOWN
    assert judge_reading(answer(JOB), reading(heading="Not found"), ends_well=False)[0] is Absence.UNKNOWN


def test_a_page_without_its_posting_says_so() -> None:
    assert page(heading="Welder") is Absence.NO_MARKUP
    assert page(heading="Page not found") is Absence.SOFT_404


@pytest.mark.parametrize(
    ("lost", "others", "own"), [(1, 1, True), (1, 20, True), (2, 8, True), (2, 3, False), (14, 0, False), (1, 0, False)]
)
def test_lost_markup_counts_while_four_fifths_of_the_others_have_theirs(lost: int, others: int, own: bool) -> None:
    assert loss_is_its_own(lost, others) is own


def test_a_page_that_any_address_gets_has_one_fingerprint() -> None:
    one = fingerprint(b"<h1>Hello 1</h1> /jobs/1-welder at 12:30", JOB)
    other = fingerprint(b"<h1>Hello 2</h1> /jobs/x9f at 12:31", f"{SITE}/jobs/x9f")
    assert one == other


@pytest.mark.parametrize(
    "path",
    [
        "/users/sign-in",
        "/users/sign_in",
        "/login.php?next=/jobs/1",
        "/en/user-login",
        "/oauth2/authorize",
        "/auth/realms/acme",
        "/access-denied",
        "/error404.html",
        "/errors/503",
        "/under-maintenance",
        "/jobs?captcha=1",
        "/cookie-consent",
    ],
)
def test_the_address_of_a_wall_is_known_by_its_name(path: str) -> None:
    assert is_wall(f"{SITE}{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/12",
        "/jobs/18000/junior-maintenance-technician-ghent",
        "/jobs/maintenance-technician",
        "/jobs/informed-consent-manager",
        "/jobs/oauth-engineer-berlin",
        "/jobs/logistics-on-site",
        "/jobs/sign-maker-in-lyon",
        "/jobs/challenger-sales",
    ],
)
def test_a_job_that_has_the_word_of_a_wall_in_its_title_is_none(path: str) -> None:
    assert not is_wall(f"{SITE}{path}")


@pytest.mark.parametrize(
    ("body", "asks"),
    [
        (b'<form><div class="g-recaptcha" data-sitekey="x"></div></form>', True),
        (b"<div class='box h-captcha'></div>", True),
        (b"<div class=cf-turnstile></div>", True),
        (b"<script>window._cf_chl_opt={cvId:'3'}</script>", True),
        (b'<div id="px-captcha"></div>', True),
        (b'<script src="https://www.google.com/recaptcha/api.js?render=k"></script><p>No jobs</p>', False),
        (b'<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>', False),
        (b'<div class="no-g-recaptcha-here">', False),
    ],
)
def test_a_page_asks_whether_a_person_is_there_by_what_a_person_would_see(body: bytes, asks: bool) -> None:
    assert is_challenge(body) is asks
