"""Pages that still carry a JobPosting and say that the job is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crawler import withdrawn
from crawler.extraction import file_page, read_page
from crawler.pages import Page, Reading, Withdrawn

URL = "https://acme.example/jobs/4711-welder"
PAGES = Path(__file__).parents[2].parent / "shared" / "corpus" / "pages"

TEXT = " ".join(
    f"We weld part {number} of bridges and ships by hand and by machine, in the hall and on the water."
    for number in range(12)
)
DESCRIPTION = f"<p>{TEXT}</p>"

BANNERS = {
    "en": [
        "This position has been filled.", "This job is no longer available", "Sorry, this job has expired.",
        "The position you are looking for is no longer open.", "We are no longer accepting applications for this role.",
        "No longer accepting applications", "This job posting was closed", "Applications for this position are now closed.",
        "We're sorry, but this role has already been filled.", "The application deadline has passed.",
        "Unfortunately this vacancy is not available anymore", "Job expired",
    ],
    "de": [
        "Diese Stelle ist leider bereits besetzt.", "Die Stellenanzeige ist nicht mehr verfügbar.",
        "Leider: Diese Position wurde vergeben", "Diese Stellenanzeige ist abgelaufen.",
        "Die Bewerbungsfrist ist abgelaufen.",
    ],
    "fr": [
        "Cette offre n'est plus disponible.", "Cette offre d’emploi a été pourvue", "Ce poste est désormais pourvu.",
        "L'offre a expiré", "Désolé, cette annonce est expirée.",
    ],
    "es": [
        "Esta oferta ya no está disponible", "Esta vacante ha sido cubierta.", "Lo sentimos, este puesto ya no existe.",
        "Oferta caducada",
    ],
    "it": ["Questa posizione non è più disponibile.", "L'annuncio è scaduto", "Questa offerta è chiusa", "Offerta scaduta"],
    "pt": ["Esta vaga já não está disponível.", "Esta vaga foi preenchida", "Vaga encerrada", "Infelizmente, esta vaga expirou."],
    "nl": ["Deze vacature is vervuld.", "Deze vacature is helaas niet meer beschikbaar", "Vacature gesloten"],
    "sv": ["Den här tjänsten är tillsatt.", "Tyvärr, annonsen är inte längre tillgänglig", "Ansökningstiden har gått ut"],
    "da": ["Denne stilling er besat.", "Stillingen er desværre ikke længere ledig", "Ansøgningsfristen er udløbet."],
    "nb": ["Denne stillingen er ikke lenger tilgjengelig.", "Stillingen er besatt", "Søknadsfristen har gått ut."],
    "fi": ["Tämä työpaikka ei ole enää avoinna.", "Hakuaika on päättynyt."],
    "pl": ["Ta oferta pracy jest nieaktualna.", "Oferta wygasła", "Niestety, to ogłoszenie jest już nieaktywne."],
    "cs": ["Tato pozice je již obsazena.", "Tato nabídka již není aktuální.", "Inzerát je neaktivní"],
    "sk": ["Táto pozícia bola obsadená."],
    "hu": ["Ez az álláshirdetés már nem elérhető."],
    "ro": ["Acest post nu mai este disponibil."],
    "tr": ["Bu ilan artık yayında değil."],
    "ru": ["Эта вакансия больше не доступна.", "Вакансия в архиве"],
    "uk": ["Ця вакансія вже закрита."],
    "el": ["Αυτή η θέση εργασίας δεν είναι πλέον διαθέσιμη"],
    "ja": ["この求人は募集を終了しました。", "募集は終了しました"],
    "zh": ["该职位已关闭", "此职位已停止招聘"],
    "ko": ["이 채용공고는 마감되었습니다."],
}  # fmt: skip
EVERY_BANNER = [(language, banner) for language, banners in BANNERS.items() for banner in banners]

APPLY = '<a class="button" href="/jobs/4711-welder/apply">Apply now</a>'
CONTROLS = [
    APPLY,
    "<button type=submit class='btn disabled:opacity-50'><span><i></i>Apply for this job</span></button>",
    '<form action="/apply/4711" method="post"><input name="cv"></form>',
    '<a href="https://ats.example/x/99887766">Jetzt bewerben</a>',
    '<button class="c-cta"><span>Postuler</span></button>',
    '<a href="#formular">Ansök nu</a>',
]


def page(
    *body: str,
    description: str = DESCRIPTION,
    shown: str | None = None,
    title: str = "Welder",
    lang: str = "",
    head: str = "",
) -> bytes:
    markup = {
        "@context": "https://schema.org", "@type": "JobPosting", "title": title, "description": description,
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    }  # fmt: skip
    said = f' lang="{lang}"' if lang else ""
    shows = description if shown is None else shown
    return (
        f"<!doctype html><html{said}><head><title>{title} | Acme</title>{head}"
        f'<script type="application/ld+json">{json.dumps(markup)}</script></head><body>'
        f'<nav><a href="/how-to-apply">How to apply</a></nav><h1>{title}</h1>{"".join(body)}'
        f"<section>{shows}</section><footer>Acme</footer></body></html>"
    ).encode()


def read(body: bytes) -> Reading:
    reading = read_page(Page(url=URL, body=body), links=False)
    assert len(reading.postings) == 1
    return reading


def sign(body: bytes) -> Withdrawn | None:
    return read(body).withdrawn


@pytest.mark.parametrize(("language", "banner"), EVERY_BANNER)
def test_a_banner_over_a_page_without_a_way_to_apply_withdraws_its_posting(language: str, banner: str) -> None:
    for said in (language, ""):
        found = sign(page(f'<div class="alert"><p>{banner}</p></div>', lang=said))
        assert found is not None, said
        assert found.alone
        assert banner.strip(" .") in found.reason


@pytest.mark.parametrize(("control", "gone"), [("", True), ('<a href="/apply">Apply</a>', False)])
@pytest.mark.parametrize(("language", "banner"), [(code, banner) for code in BANNERS for banner in BANNERS[code][:1]])
def test_a_banner_counts_on_a_page_that_has_lost_its_markup_too(
    language: str, banner: str, control: str, gone: bool
) -> None:
    body = f"<html lang={language}><body><h1>Welder</h1><p>{banner}</p>{control}{DESCRIPTION}</body></html>"
    reading = read_page(Page(url=URL, body=body.encode()), links=True)
    assert (reading.withdrawn is not None) is gone


def test_banners_are_known_in_at_least_ten_languages() -> None:
    assert len(BANNERS) >= 10


@pytest.mark.parametrize(("language", "banner"), EVERY_BANNER)
def test_a_phrase_in_the_description_never_counts(language: str, banner: str) -> None:
    inside = f"<p>{banner}</p>{DESCRIPTION}"
    assert sign(page(description=inside, lang=language)) is None
    assert sign(page(description=inside, shown=f"<p><b>{banner}</b></p>{DESCRIPTION}", lang=language)) is None
    # shown, though the markup declares a teaser only
    shown = f'<div class="job-description"><p>{banner}</p>{DESCRIPTION}</div>'
    assert sign(page(description=DESCRIPTION, shown=shown, lang=language)) is None


@pytest.mark.parametrize("control", CONTROLS)
def test_a_page_that_lets_people_apply_is_live_whatever_stands_on_it(control: str) -> None:
    assert sign(page("<p>This position has been filled.</p>", control)) is None


@pytest.mark.parametrize(
    "control",
    [
        "<button disabled>Apply now</button>",
        '<a class="btn disabled" href="/jobs/4711/apply">Apply now</a>',
        '<button aria-disabled="true">Apply</button>',
        '<a href="/how-to-apply">How to apply</a>',
        '<button class="apply-filters">Apply filters</button>',
        "<!-- <a href='/apply'>Apply</a> -->",
        "<script>var link = '<a href=\"/apply\">Apply</a>'</script>",
        "<p>To apply one had to write to us.</p>",
        "".join(f'<a href="/jobs/{number}/apply">Apply</a>' for number in (80001, 80002, 80003)),
    ],
)
def test_a_dead_control_or_those_of_other_jobs_are_no_way_to_apply(control: str) -> None:
    assert sign(page("<p>This position has been filled.</p>", control)) is not None


@pytest.mark.parametrize(
    "hidden",
    [
        "<div hidden><p>{}</p></div>",
        '<div style="display: none"><p>{}</p></div>',
        '<div class="alert d-none">{}</div>',
        '<p aria-hidden="true">{}</p>',
        "<template><p>{}</p></template>",
        "<noscript><p>{}</p></noscript>",
        '<script type="text/template"><p>{}</p></script>',
        "<dialog><p>{}</p></dialog>",
        '<p v-if="expired">{}</p>',
        "<!-- <p>{}</p> -->",
        '<div data-expired-text="{}"></div>',
    ],
)
def test_a_banner_that_nobody_sees_does_not_count(hidden: str) -> None:
    assert sign(page(hidden.format("This position has been filled."))) is None


@pytest.mark.parametrize(
    "prose",
    [
        "If this position has been filled, we keep your papers.",
        "Until this position is filled, applications are welcome.",
        "This position will be closed when we have found somebody.",
        "Wenn diese Stelle besetzt ist, melden wir uns.",
        "Si cette offre n'est plus disponible, écrivez-nous.",
        "We fill this position soon.",
        "Welder wanted: closed shoes and filled forms",
        "Applications close on 1 December.",
        "This role is not only available to engineers",
        "Is this job no longer available? Tell us.",
        "Expired",
        "Closed",
        "Position: Filler",
    ],
)
def test_prose_with_such_words_does_not_count(prose: str) -> None:
    assert sign(page(f"<p>{prose}</p>")) is None


def test_of_several_texts_that_hint_at_it_the_one_that_is_seen_and_says_so_counts() -> None:
    banner = "This position has been filled."
    around = "<p>Closed shoes are worn.</p>"
    found = sign(page(f"<div hidden><p>{banner}</p></div>{around}<div>{around}{banner}<br>Closed.</div>"))
    assert found is not None
    assert repr(banner) in found.reason


def test_of_a_page_full_of_hints_only_so_many_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[Any] = []
    texts = withdrawn._texts

    def counted(tree: Any) -> tuple[list[str], list[str]]:
        walked.append(tree)
        return texts(tree)

    monkeypatch.setattr(withdrawn, "_texts", counted)
    hints = "<p>Closed shoes are worn.</p>" * 2_000
    assert sign(page("<div hidden>This position has been filled.</div>", hints)) is None
    assert 0 < len(walked) <= withdrawn.MOST_HINTING


def test_what_stands_beside_the_job_does_not_count() -> None:
    assert sign(page("<aside><ul><li>This job has expired</li></ul></aside>")) is None


@pytest.mark.parametrize("heading", ["This job is no longer available", "Diese Stelle ist nicht mehr verfügbar"])
def test_a_heading_counts_even_where_other_jobs_may_be_applied_for(heading: str) -> None:
    body = page(f"<p>See others</p>{APPLY}").replace(b"<h1>Welder</h1>", f"<h1>{heading}</h1>".encode())
    found = sign(body)
    assert found is not None
    assert found.alone
    assert "heading" in found.reason


def test_a_title_counts_too() -> None:
    found = sign(page().replace(b"<title>Welder | Acme</title>", b"<title>This job has expired | Acme</title>"))
    assert found is not None
    assert "title" in found.reason


def test_a_job_with_an_odd_name_is_live() -> None:
    assert sign(page(title="This position has been filled (art project)")) is None


def test_a_page_without_its_description_and_a_way_to_apply_is_a_sign_that_others_must_lack() -> None:
    found = sign(page("<p>Thank you for your visit.</p>", shown=""))
    assert found is not None
    assert not found.alone


@pytest.mark.parametrize("shown", [DESCRIPTION, f"<div>{TEXT[:600]}</div>", f'<div class="description">{TEXT}</div>'])
def test_a_page_that_shows_its_description_is_live(shown: str) -> None:
    assert sign(page(shown=shown)) is None


def test_a_page_of_several_postings_is_no_page_of_one() -> None:
    one = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", "hiringOrganization": "Acme"}
    both = json.dumps([one, {**one, "title": "Nurse"}])
    body = f'<script type="application/ld+json">{both}</script><p>This job has expired</p>'
    assert read_page(Page(url=URL, body=body.encode()), links=False).withdrawn is None


@pytest.mark.real_pages
@pytest.mark.skipif(not PAGES.exists(), reason=f"there is no collection of pages at {PAGES}")
def test_no_live_page_is_called_withdrawn() -> None:
    found = {}
    for file in sorted(PAGES.iterdir()):
        reading = read_page(file_page(file, file.read_bytes()), links=False)
        if reading.withdrawn and reading.withdrawn.alone:
            found[file.name] = reading.withdrawn.reason
    # "Вакансия в архиве": the page says that the vacancy is in the archive
    assert list(found) == ["hh-50000000.html"]
