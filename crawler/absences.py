"""What the page of a known posting says when it does not show the posting (C.5).

Pure. `UNKNOWN` is the answer of everything that is no positive sign: a wall, an error, a page that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from crawler.answers import Answer
from crawler.pages import Reading
from postings import urls
from postings.visits import Absence

#: titles and headings of pages that answer 200 and say that the posting is gone
_GONE = re.compile(
    r"""
      \b(?:error\s*)?40[4]\b | \b410\b
    | \b(?:page|job|position|vacancy|posting|listing|opening|role)\b.{0,40}\b
      (?:not\ found|no\ longer|not\ available|doesn.?t\ exist|does\ not\ exist|(?:has\ been|was|is)\ (?:filled|closed|removed)
        |(?:has\ )?expired|unavailable|can.?t\ be\ found|cannot\ be\ found)
    | \bno\ longer\ (?:available|accepting|active|open|online)\b | \bnot\ found\b | \balready\ been\ filled\b
    | \bcould\ ?n.?t\ find\b | \bno\ such\ (?:page|job|position)\b
    | \bnicht\ (?:mehr\ )?(?:gefunden|verf[üu]e?gbar|vorhanden|online|aktuell|aktiv|existiert)
    | \bexistiert\ nicht\b | \b(?:stelle|anzeige|position)\b.{0,40}\b(?:besetzt|abgelaufen|deaktiviert|vergeben)\b
    | \b(?:introuvable|n.est\ plus\ (?:disponible|en\ ligne|active?)|n.existe\ (?:pas|plus)|non\ trouv[ée]e?
        |pourvue?|expir[ée]e?)\b
    | \b(?:no\ (?:encontrad[oa]|disponible|existe)|ya\ no\ (?:est[áa]|existe|se)|no\ se\ (?:ha\ )?enc(?:uentra|ontr)\w*
        |p[áa]gina\ no|caducad[oa]|expirad[oa])\b
    | \b(?:non\ (?:trovat[oa]|[èe]\ pi[ùu]|pi[ùu]\ disponibile|disponibile|esiste)|scadut[oa])\b
    | \b(?:niet\ (?:gevonden|meer|beschikbaar)|bestaat\ niet|vervuld|verlopen|gesloten)\b
    | \b(?:n[ãa]o\ (?:encontrad[oa]|est[áa]\ mais|existe|dispon[íi]vel)|encerrad[oa])\b
    | \b(?:hittades\ inte|hittas\ inte|finns\ inte|inte\ l[äa]ngre|ikke\ (?:funnet|fundet|l[æa]ngere|lenger|tilg)\w*
        |findes\ ikke|finnes\ ikke|utg[åa]tt|udl[øo]bet)\b
    | \b(?:ei\ l[öo]ydy|ei\ l[öo]ytynyt|ei\ ole\ (?:en[äa][äa]|voimassa|saatavilla)|p[äa][äa]ttynyt|vanhentunut)\b
    | nie\ (?:znaleziono|istnieje|jest\ ju[żz])|wygas[łl]\w*|nieaktualn\w*
    | (?:opportunity|vacancy|position|role|job)\ (?:has|is)\ now\ (?:closed|filled) | \bnicht\ l[äa]nger\ (?:verf[üu]e?gbar|online|aktuell)
    | n.est\ plus\ d.actualit[ée] | \bha\ finalizado\b | \b[èe]\ chius[ao]\b
    | (?:ваканси|вакансі|обява|оглас|конкурс|позици)\w*.{0,40}(?:закрыт|в\ архиве|не\ найден|неактуальн|не\ знайден|закрит|неактивн|изтекл|завршен|истекао)
    | снят[ао]?\ с\ публикации | страница\ не\ найдена | сторінк[уа]\ не\ знайдено
    | (?:yay[ıi]ndan\ kald[ıi]r[ıi]l|bulunamad[ıi]|s[üu]resi\ (?:dolmu[şs]|doldu)|art[ıi]k\ (?:mevcut|yay[ıi]nda)\ de[ğg]il)
    | δεν\ (?:είναι\ πλέον|υπάρχει|βρέθηκε) | έχει\ (?:λήξει|κλείσει) | m[áa]r\ nem\ (?:el[ée]rhet[őo]|akt[íi]v) | nem\ tal[áa]lhat[óo] | lej[áa]rt
    | nu\ mai\ este\ (?:disponibil|activ|valabil) | a\ expirat\b | nu\ a\ fost\ g[ăa]sit | (?:oglas|natje[čc]aj)\w*.{0,40}(?:istekao|zatvoren)
    | (?:u[žz]|ji[žz])\ nie\ je\ (?:aktu[áa]ln|dostupn) | ni\ ve[čc]\ (?:na\ voljo|aktualn|aktiv) | nebegalioja | nerast[aoų] | vairs\ nav | on\ aegunud | ei\ leitud
    | (?:求人|募集|ページ|ポジション|職種).{0,20}(?:終了|見つかりません|存在しません|削除) | 応募(?:受付)?は?.{0,6}終了 | 掲載(?:は|が)?.{0,6}終了
    | (?:职位|職位|岗位|职缺|職缺|招聘|页面).{0,12}(?:已下线|已关闭|已關閉|已过期|已過期|已结束|已結束|不存在|已失效|已停止|已暂停|找不到)
    | (?:채용|공고|페이지|포지션).{0,12}(?:마감|종료|만료|찾을\ 수\ 없|존재하지\ 않) | h[ếe]t\ h[ạa]n | kh[ôo]ng\ (?:t[ồo]n\ t[ạa]i|t[ìi]m\ th[ấa]y)
    | (?:lowongan|posisi|halaman).{0,30}(?:ditutup|berakhir|tidak\ (?:tersedia|ditemukan)) | ปิดรับสมัคร | หมดอายุ | ไม่พบ
    | لم\ تعد\ متاحة | غير\ متاحة | انتهت\ صلاحية | (?:אינה|לא)\ זמינה | המשרה\ נסגרה
    | \b(?:nenalezen[ao]?|neexistuje|nen[íi]\ (?:k\ dispozici|aktu[áa]ln[íi])|obsazen[ao])\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: what the addresses of walls are called, each by one of these words…
_WALLS = frozenset(
    "login logon signin signon sso auth oauth captcha recaptcha challenge consent maintenance wartung anmelden"
    " anmeldung connexion sorry blocked denied unavailable error errors".split()
)
#: … and further words that may stand beside them; a job that has such a word in its title has others too
_BESIDE_WALLS = frozenset(
    "log sign in on up page user users account accounts candidate site service server temporarily under access cookie"
    " cookies wall required check bot html php aspx jsp".split()
)
#: what pages are made of that ask whether a person is there; their scripts alone stand on other pages, too
_CHALLENGE = re.compile(
    rb"""[\s"'=](?:g-recaptcha|h-captcha|cf-turnstile|px-captcha|challenge-form)[\s"'>]"""
    rb"""|_cf_chl_opt|captcha-delivery\.com|_Incapsula_Resource\?SWUDNSAI|AwsWafCaptcha""",
    re.IGNORECASE,
)
#: one of these is on each, and found in a twentieth of the time
_CHALLENGE_WORDS = (b"captcha", b"Captcha", b"turnstile", b"_cf_chl_opt", b"_Incapsula_", b"challenge-form")
#: bytes of such a page, at most: it has nothing else to show
_LONGEST_CHALLENGE = 64 * 1024
_WORD = re.compile(r"[^\W\d_]+|\d{4,}")
_LONGEST_HEADING = 300


def says_gone(reading: Reading) -> str | None:
    """The title or heading by which a page says that what was there is gone; None if it says no such thing."""
    for text in (reading.heading, reading.title):
        if text and _GONE.search(text[:_LONGEST_HEADING]):
            return text[:_LONGEST_HEADING]
    return None


def is_withdrawn(reading: Reading) -> bool:
    """Whether a page that shows a posting says, without a look at the site's others, that it is withdrawn."""
    return reading.withdrawn is not None and reading.withdrawn.alone


def is_wall(url: str) -> bool:
    """Whether an address is that of a login, a captcha, a consent page or an error page."""
    parts = urlsplit(url)
    names = [*parts.path.split("/"), *(pair.partition("=")[0] for pair in parts.query.split("&"))]
    return any(map(_names_wall, names))


def is_challenge(body: bytes) -> bool:
    """Whether a page without a posting asks whether a person is there. A form on it may do so as well: this says only
    that the page says nothing."""
    return (
        len(body) <= _LONGEST_CHALLENGE
        and any(word in body for word in _CHALLENGE_WORDS)
        and _CHALLENGE.search(body) is not None
    )


def _names_wall(name: str) -> bool:
    words = _WORD.findall(name.casefold())
    walls = _WALLS.intersection(words) or ({"log", "sign"} & set(words) and {"in", "on"} & set(words))
    return bool(walls) and all(word in _WALLS or word in _BESIDE_WALLS for word in words)


def judge_answer(answer: Answer) -> tuple[Absence, str] | None:
    """What the answer says before its body is read; None if the body decides."""
    if answer.trouble is not None:
        target = answer.refused_target
        return Absence.UNKNOWN, f"{answer.detail} ({target})" if target else answer.detail
    match answer.status:
        case 200 | 203:
            return None
        case 404:
            return Absence.NOT_FOUND, "answered 404"
        case 410:
            return Absence.GONE, "answered 410"
        case _:
            return Absence.UNKNOWN, f"answered {answer.status}"


def judge_redirect(
    asked: str, answer: Answer, reading: Reading | None, *, is_list: Callable[[str], bool], is_posting: bool
) -> tuple[Absence, str]:
    """What it says that `asked` led to another page, which answered 200.

    `is_list` tells by address key whether a page is the start page or a list; `is_posting` says that the page
    shows a posting. Without a reading only the address of the page is judged.
    """
    where = f"redirected to {answer.url}"
    if is_posting:
        return Absence.REDIRECTED, where
    if is_wall(answer.url):
        return Absence.UNKNOWN, where
    if is_list(answer.key) or _is_above(answer.url, asked):
        return Absence.REDIRECTED, where
    if reading and reading.withdrawn and is_withdrawn(reading):
        return Absence.SOFT_404, f"{where}: {reading.withdrawn.reason}"
    gone = says_gone(reading) if reading else None
    return (Absence.SOFT_404, f"{where}: {gone!r}") if gone else (Absence.UNKNOWN, where)


def judge_reading(answer: Answer, reading: Reading, *, ends_well: bool) -> tuple[Absence, str]:
    """What a page that answers 200 says whose posting is not there or withdrawn; NO_MARKUP is preliminary (C.5)."""
    if reading.unreadable:
        return Absence.UNKNOWN, f"cannot be read: {reading.unreadable}"
    if not answer.whole or not ends_well:
        return Absence.UNKNOWN, "the answer was cut off"
    if reading.withdrawn:
        return Absence.SOFT_404, reading.withdrawn.reason
    if reading.script_broken:
        return Absence.UNKNOWN, "a script that names JobPosting cannot be parsed"
    if reading.unreadable_postings:
        return Absence.UNKNOWN, f"its JobPosting cannot be read: {reading.unreadable_postings[0]}"
    if gone := says_gone(reading):
        return Absence.SOFT_404, f"the page says {gone!r}"
    if is_wall(answer.url):
        return Absence.UNKNOWN, "a login, consent or error page"
    return Absence.NO_MARKUP, "answered 200 without a JobPosting"


def loss_is_its_own(without: int, others: int) -> bool:
    """Whether the missing markup of one page counts: at least 80 % of the visit's other pages still have theirs.

    `without` pages lost it in this visit, `others` show theirs.
    """
    rest = without - 1 + others
    return rest > 0 and others / rest >= 0.8


def fingerprint(body: bytes, url: str) -> bytes:
    """The body without its own address and without digits: equal for a page that any address gets."""
    last = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].encode("utf-8", "replace")
    return (body.replace(last, b"") if last else body).translate(None, b"0123456789 \t\r\n")


def _is_above(target: str, asked: str) -> bool:
    """Whether `target` is the start of the path of `asked`: a job's address that leads to the list above it."""
    if urls.host_key(target) != urls.host_key(asked):
        return False
    above = urlsplit(target).path.rstrip("/") + "/"
    return urlsplit(asked).path.startswith(above)
