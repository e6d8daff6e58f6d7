"""The words by which addresses, link texts and file names say that they are about jobs, in some twenty languages.

Hints only: they decide what is looked at first, never what is a posting.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

#: pages about jobs; without accents and in lower case, as `_plain` makes them. `.` stands for what may separate words
_ABOUT_JOBS = re.compile(
    r"""
      job | career | karriere | carriere | kariera | karrier | kariyer | carreira | carrera | cariere | karriar
    | vacan[ct] | vacature | vacante | vaga[s]?(?![a-z]) | recruit | recrut | hiring | join.?us | work.?(?:with|for|at).?us
    | open.?(?:position|role) | position | posting | opening | opportunit
    | stellen | ausbildung | praktik | bewerb | arbeiten.?bei | wir.?suchen
    | emploi | offre | offer | rejoi(?:ndre|gnez) | postuler
    | empleo | trabaj[ao] | oferta | lavor[aoi] | trabalh[aeo] | candidat
    | werken.?bij | werkenbij | ledig | lediga | stilling | jobb | bli.en.av.oss
    | tyopaik | avoimet | avoin.tyo | rekry | toihin | ura(?:lle|mahdollisuu) | too.?pakkumi
    | praca | oferty | pracuj | volna.mista | kariery | volne.pozic | allas(?:ok|aink|hirdet|$|[^a-z]) | posao | zaposl
    | locuri.de.munca | angajar | is.ilan | is.firsat | darba | vakans | isdarbin
    | вакан | работа | карьер | кар.єр | робота | кариер | θεσεις | καριερα | εργασια
    | 採用 | 求人 | 招聘 | 职位 | 職位 | 채용 | משרות | וظائف
    """,
    re.VERBOSE,
)
#: what the slug of one posting has: a mark of gender, or a word for an occupation
_OCCUPATION = re.compile(
    r"""
      (?:^|[^a-z])(?:[mwfdxhi][-_/.|]){1,3}[mwfdxhi](?:[^a-z]|$) | (?:^|[^a-z])(?:mwd|wmd|mfd|fmd|gn|mfx)(?:[^a-z]|$)
    | engineer | developer | manager | analyst | consultant | specialist | assistant | technician | designer | architect
    | director | officer | coordinator | administrator | representative | supervisor | scientist | nurse | driver | intern(?:ship)?(?![a-z])
    | entwickler | ingenieur | leiter | mitarbeiter | sachbearbeit | berater | techniker | fachkraft | referent | werkstudent
    | azubi | kaufmann | kauffrau | pfleger | monteur | mechaniker | elektriker | verkaufer | fahrer | koch
    | developpeur | charge[es]?.d | responsable | technicien | conseiller | infirmi | vendeu[rs] | chef.de | alternan
    | desarrollador | ingenier[oa] | encargad[oa] | tecnic[oa] | dependient[ea] | comercial | operari[oa]
    | sviluppatore | addett[oa] | ingegner | impiegat[oa] | operatore
    | medewerker | adviseur | ontwikkelaar | monteur | verpleegkund
    | utvecklare | ingenjor | saljare | ansvarig | skoterska | medarbetare | radgiver | udvikler | konsulent
    | kehittaja | asiantuntija | hoitaja | myyja | paallikko | tyontekija
    | specjalista | kierownik | inzynier | programista | pracownik | vyvojar
    """,
    re.VERBOSE,
)
#: "all", and what stands for it
_ALL = re.compile(
    r"""
      (?<![a-z])(?:all|every|full.list|complete.list | alle[ns]?|samtliche[ns]?|gesamte[ns]? | tou(?:s|te|tes)|ensemble
    | tod[oa]s? | tutt[eio] | alla | kaikki | wszystkie | vsechn[ya]|vsetk[ya] | osszes | toate | tum|butun | koik | vis[iu]?|visos|visas
    | sve | ολες | всі|усі|все | вички|всички)(?![a-z])
    | すべて | 全て | 一覧 | 全部 | 所有 | 전체 | 모든 | כל.ה | جميع | كل.ال
    """,
    re.VERBOSE,
)


def speaks_of_jobs(text: str) -> bool:
    """Whether an address, a file name or a text has a word for jobs in it."""
    return _ABOUT_JOBS.search(_plain(text)) is not None


def names_a_job(url: str) -> bool:
    """Whether the end of an address reads like the title of a posting."""
    path = url.split("://", 1)[-1].partition("?")[0].rstrip("/")
    return _OCCUPATION.search(_plain(path.rsplit("/", 1)[-1])) is not None


def says_all(text: str) -> bool:
    """Whether a text speaks of all there are: "View all jobs", "Alle Stellen"."""
    return _ALL.search(_plain(text)) is not None


def _plain(text: str) -> str:
    """In lower case, percent-encoding undone, without accents."""
    if "%" in text:
        text = unquote(text)
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare)
