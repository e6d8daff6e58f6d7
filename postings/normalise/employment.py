"""Employment types: Google's eight values from whatever the markup says, in a dozen languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postings.normalise import text as texts
from postings.normalise.countries import fold

#: Google's JobPosting rules, property `employmentType`
TYPES = ("FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER")

_WORDS = {
    "FULL_TIME": (
        "full time|fulltime|full|ft|vollzeit|voll|vz|temps plein|temps complet|plein temps|tiempo completo|jornada completa|"
        "completa|tempo integral|tempo inteiro|tempo pieno|full time employee|fulltime employee|voltijd|voltijds|"
        "fulltijd|heltid|heltids|kokoaikainen|kokopaivainen|kokoaikatyo|pelny etat|pełny etat|pelen etat|pelny wymiar|pełny wymiar|plny uvazek|"
        "plny uvazok|plny pracovny uvazok|hlavni pracovni pomer|norma intreaga|full time regular|regular full time|teljes munkaido|"
        "polnaia zaniatost|полная занятость|полный день|повна зайнятість|повний день|tam zamanli|tam zamanlı|πληρης απασχοληση|"
        "plna radno vrijeme|puno radno vrijeme|taistooaeg|pilna laika|visa darbo diena|正社員|全职|全職|정규직|full day|"
        "periodo integral|toan thoi gian|penuh waktu"
    ),
    "PART_TIME": (
        "part time|parttime|part|pt|teilzeit|tz|temps partiel|mi temps|tiempo parcial|media jornada|jornada parcial|"
        "meio periodo|tempo parcial|meia jornada|part time employee|tempo parziale|deeltijd|deeltijds|deltid|deltids|"
        "osa aikainen|osaaikainen|osa aikatyo|niepelny etat|niepełny etat|czesc etatu|część etatu|niepelny wymiar|castecny uvazek|"
        "zkraceny uvazek|skrateny uvazok|mini job|minijob|450 euro job|520 euro job|geringfugige beschaftigung|"
        "reszmunkaido|частичная занятость|неполный рабочий день|неповна зайнятість|yari zamanli|yarı zamanlı|μερικη απασχοληση|"
        "nepuno radno vrijeme|osaline tooaeg|アルバイト|パート|兼职|兼職|아르바이트|part time regular|mid time|medio tiempo|"
        "ban thoi gian|paruh waktu"
    ),
    "CONTRACTOR": (
        "contractor|contract|contracts|freelance|freelancer|freie mitarbeit|freiberuflich|independent|"
        "independent contractor|self employed|selbststandig|subcontract|prestataire|autonomo|zzp|konsult|b2b|"
        "contractor freelance|contract to hire|franchise|開発委託|業務委託|freiberufler|freier mitarbeiter|contractual|"
        "契約社員|계약직|kontrakt b2b"
    ),
    "TEMPORARY": (
        "temporary|temp|temporarily|seasonal|fixed term|fixed term contract|limited|befristet|befristete anstellung|"
        "zeitarbeit|aushilfe|saisonarbeit|interim|interimaire|cdd|contrat a duree determinee|temporal|temporario|"
        "temporaneo|tempo determinato|a tempo determinato|tijdelijk|uitzend|vikariat|tidsbegransad|visstid|maaraaikainen|"
        "umowa na czas okreslony|docasny|docasny uvazek|временная|временная работа|проектная работа|project work|"
        "season|saison|temporar|vertretung|casual temporary|limited term|temporary employee|term|派遣社員"
    ),
    "INTERN": (
        "intern|internship|internships|praktikum|praktikant|praktikantin|pflichtpraktikum|werkstudent|werkstudentin|werkstudententatigkeit|"
        "working student|student|trainee|traineeship|stage|stagiaire|alternance|apprentissage|apprentice|"
        "apprenticeship|apprenticeship dual study|ausbildung|ausbildungsplatz|auszubildende|azubi|lehre|lehrstelle|"
        "duales studium|beca|becario|practicas|pasantia|estagio|estagiario|tirocinio|apprendistato|praktik|larling|"
        "harjoittelu|harjoittelija|staz|praktyka|praktyki|praxe|staj|stazhirovka|стажировка|стажування|"
        "bundesfreiwilligendienst praktikum|graduate programme|graduate program|student job|co op|インターン|实习|인턴"
    ),
    "VOLUNTEER": (
        "volunteer|volunteering|voluntary|unpaid|ehrenamt|ehrenamtlich|freiwillig|fsj|bfd|benevole|benevolat|"
        "voluntario|voluntariado|volontariato|vrijwilliger|vrijwilligerswerk|frivillig|volontar|wolontariat|"
        "dobrovolnik|волонтерство"
    ),
    "PER_DIEM": "per diem|perdiem|per day|daily|day labour|day labor|prn|as needed|tageweise|daglohn",
    "OTHER": "other|others|sonstige|sonstiges|andere|autre|autres|otro|otros|outro|outros|altro|anders|annat|muu|inne|jine",
}
_TYPE_OF = {
    **{name.replace("_", " ").casefold(): name for name in TYPES},
    **{fold(word): name for name, words in _WORDS.items() for word in words.split("|")},
}
_SEPARATOR = re.compile(
    r"[,;/|+&\n•·()・、，；／]|\s(?:and|or|und|oder|et|ou|y|o|e|en|of|och|og|a|lub|i|и|или|bzw\.?|sowie)\s"
)


# two texts that a page shows in two lines: "PermanentFull time"
_CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\w+")


# phrases that say the same inside a longer one ("CDD à temps plein"); a bare "contract" would not
_TELLING = frozenset(
    phrase
    for phrase in _TYPE_OF
    if " " in phrase
    or phrase
    in {
        "vollzeit",
        "teilzeit",
        "fulltime",
        "parttime",
        "cdd",
        "internship",
        "praktikum",
        "heltid",
        "deltid",
        "befristet",
        "minijob",
        "freelance",
        "werkstudent",
    }
)
_LONGEST_PHRASE, _LONGEST_PART = 4, 8


def read_employment_types(value: object) -> tuple[str, ...]:
    """The employment types that a value names, each once, in their order; words that name none are left out.

    A comma list may mix two axes ("Full-time, Permanent"): what the eight types cannot say is dropped.
    """
    found: dict[str, None] = {}
    for one in texts.each(value):
        text = texts.name(one) if isinstance(one, dict) else texts.line(one)
        if text:
            found.update(dict.fromkeys(_types(text)))
    return tuple(found)


def _types(text: str) -> Iterator[str]:
    text = text.rsplit("schema.org/", 1)[-1].replace("_", " ")
    if (kind := _TYPE_OF.get(fold(text))) is not None:
        yield kind
        return
    for part in _SEPARATOR.split(_WORD.sub(_parted, text)):
        words = fold(part).split()
        if (kind := _TYPE_OF.get(" ".join(words))) is not None:
            yield kind
        elif len(words) <= _LONGEST_PART:
            yield from _phrases(words)


def _parted(match: re.Match[str]) -> str:
    """A word with a hump in two, unless it is one that is known, as `TeilZeit` and `FreeLance` are."""
    word = match[0]
    return word if fold(word) in _TYPE_OF else _CAMEL_HUMP.sub(" ", word)


def _phrases(words: list[str]) -> Iterator[str]:
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            if phrase in _TELLING:
                yield _TYPE_OF[phrase]
                start += length - 1
                break
        start += 1
