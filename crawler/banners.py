"""What pages write over a posting that is gone, and what they call applying, in the languages of job sites.

A banner speaks of *this* job and begins with it: "this position has been filled". Words that follow an "if" or
an "until" do not begin so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

#: what links and buttons for applying say, by language, in lower case
APPLY: dict[str, tuple[str, ...]] = {
    "en": ("submit application", "send your cv", "send cv", "submit resume", "i'm interested"),
    "de": ("bewerb",),
    "fr": ("postul", "candidat"),
    "es": ("solicit", "aplica", "inscríb", "postul", "inscrib"),
    "it": ("candida", "invia il"),
    "pt": ("candidat", "candidate-se", "inscrev", "aplicar"),
    "nl": ("sollicit", "reageer"),
    "sv": ("ansök", "sök jobb", "sök tjänst"),
    "da": ("ansøg", "søg job", "søg still"),
    "nb": ("søk på", "søk stilling", "søk her"),
    "no": ("søk på", "søk stilling", "søk her"),
    "nn": ("søk på", "søk stilling", "søk her"),
    "fi": ("hae ", "hakem", "hakulomake"),
    "pl": ("aplikuj", "aplikow", "wyślij cv"),
    "cs": ("odpověd", "reagovat", "přihlásit se na", "mám zájem"),
    "sk": ("reagovať", "odpoveda", "mám záujem"),
    "hu": ("jelentkez",),
    "ro": ("aplic", "candid"),
    "tr": ("başvur",),
    "ru": ("откликн", "отправить резюме", "подать заяв"),
    "uk": ("відгукн", "надіслати резюме", "подати заяв"),
    "el": ("αίτησ", "υποβολ"),
    "ja": ("応募", "エントリー"),
    "zh": ("申请", "申請", "投递", "应聘", "應徵"),
    "ko": ("지원",),
}

# words before the sentence that matters: "We're sorry, but …"
_LEAD = (
    r"(?:(?:(?:we\W?(?:a?re)\ |i\W?m\ )?(?:very\ )?sorry|unfortunately|oops|attention|notice|note|please\ note(?:\ that)?|important|alert"
    r"|leider|schade|hinweis|achtung|désolée?s?|malheureusement|oups|lo\ sentimos|lamentablemente|atención|aviso"
    r"|spiacenti|siamo\ spiacenti|purtroppo|ci\ dispiace|attenzione|infelizmente|lamentamos|desculpe|atenção|helaas|sorry"
    r"|let\ op|tyvärr|desværre|beklager|dessverre|valitettavasti|niestety|przepraszamy|bohužel|bohužiaľ|omlouváme\ se"
    r"|sajnos|sajnáljuk|ne\ pare\ rău|din\ păcate|üzgünüz|maalesef|к\ сожалению|на\ жаль|извините|вибачте"
    r"|申し訳(?:ありません|ございません)(?:が)?|抱歉|很抱歉|对不起|죄송합니다)(?:\W+(?:but|aber|mais|pero|ma|mas|maar|men|mutta|ale|но|але|that|que|que|dass))?\W*){0,2}"
)

_PHRASES: dict[str, str] = {
    "en": r"""
      (?:this|the)\ (?:job|position|role|vacancy|posting|opening|opportunity|listing|advert(?:isement)?|ad|requisition
        |career\ opportunity|job\ (?:posting|listing|ad|advert|advertisement|opening|offer|opportunity|position|vacancy|requisition))
        (?:\ (?:you\W?(?:a?re|\ were|ve)?\ (?:are\ |were\ |have\ )?(?:looking\ for|trying\ to\ (?:view|reach|access)|selected|requested|viewing)))?
        \ (?:(?:has|is|was|had)\b\W?(?:\ (?:now|already|unfortunately|since|currently|recently))*
          \ (?:no\ longer\ (?:available|open|active|accepting|online|advertised|listed|vacant|posted|being\ advertised|valid|live|exists?)
            |(?:been\ |now\ |already\ ){0,2}(?:filled|closed|withdrawn|removed|taken\ down|taken\ offline|expired|cancell?ed|archived|unpublished|deactivated|inactive|unavailable)
            |not\ (?:available|active|open|accepting\ applications)\ (?:any\ ?more|any\ longer|at\ this\ time))
          |(?:expired|closed)\b|(?:does\ not|doesn\W?t|no\ longer)\ exists?\b)
    | (?:we\ are|we\W?re)\ no\ longer\ (?:accepting|taking)\ applications
    | no\ longer\ accepting\ applications | applications\ (?:for\ this\ (?:job|position|role|vacancy|posting)\ )?(?:are|have)\ (?:now\ )?(?:been\ )?closed
    | (?:the\ )?(?:application\ (?:deadline|period|window)|closing\ date|deadline)\ (?:for\ this\ (?:job|position|role|vacancy|posting)\ )?
        (?:has\ (?:now\ |already\ )?(?:passed|expired|ended|closed)|is\ (?:now\ )?(?:over|closed))
    | (?:job|position|role|vacancy|posting|job\ (?:posting|ad|listing|offer))\ (?:has\ |is\ )?(?:been\ )?(?:expired|filled|closed|no\ longer\ available|withdrawn|unavailable)[\W_]*$
    """,
    "de": r"""
      (?:dies(?:e[srn]?)?|d(?:ie|as|er)|die\ von\ ihnen\ gesuchte)\ (?:ausgeschriebene\ |gewünschte\ |gesuchte\ |offene\ )?
        (?:stelle|position|job|ausschreibung|(?:stellen|job)(?:anzeige|angebot|ausschreibung|inserat)|anzeige|vakanz|inserat|angebot|stelle[^\W]*)
        \ (?:ist|wurde|wird|steht|hat|existiert)(?:\ (?:leider|bereits|inzwischen|mittlerweile|schon|zurzeit|derzeit|aktuell))*
        \ (?:nicht\ (?:mehr|länger)(?:\ \w+)?|(?:anderweitig\ )?(?:besetzt|vergeben|abgelaufen|geschlossen|deaktiviert|archiviert|entfernt|beendet|gelöscht|zurückgezogen|offline|inaktiv))
    | (?:die\ )?bewerbungsfrist\ (?:für\ diese\ stelle\ )?ist\ (?:leider\ |bereits\ )*(?:abgelaufen|vorbei|beendet|verstrichen)
    | (?:stelle|position|job|anzeige|stellenanzeige)\ (?:bereits\ |leider\ |ist\ )*(?:besetzt|vergeben|abgelaufen|deaktiviert|nicht\ mehr\ (?:verfügbar|aktiv|online))[\W_]*$
    | bewerbungen\ (?:für\ diese\ stelle\ )?(?:sind|werden)\ (?:leider\ )?nicht\ mehr\ (?:möglich|angenommen|entgegengenommen)
    """,
    "fr": r"""
      (?:cette|ce|l['’]|la|le|votre)\ ?(?:offre(?:\ d['’]emploi|\ de\ (?:stage|poste))?|annonce|poste|emploi|mission|opportunité|recrutement)
        \ (?:que\ vous\ (?:recherchez|cherchez)\ )?(?:n['’](?:est|existe)\ (?:malheureusement\ )?(?:plus|pas\ disponible)(?:\ \w+)?|(?:a\ (?:déjà\ )?été|est(?:\ désormais|\ maintenant|\ déjà|\ malheureusement)*)
        \ (?:pourvue?|expirée?|clôturée?|fermée?|retirée?|supprimée?|archivée?|close?|désactivée?|terminée?)|a\ expiré)
    | (?:l['’])?(?:offre|annonce)\ (?:d['’]emploi\ )?(?:expirée|pourvue|clôturée|fermée|archivée)[\W_]*$ | poste\ (?:déjà\ )?pourvu[\W_]*$
    | les\ candidatures\ (?:pour\ (?:cette\ offre|ce\ poste)\ )?(?:sont|ne\ sont\ plus)\ (?:closes|clôturées|fermées|acceptées|possibles)
    | (?:la\ )?date\ limite\ de\ candidature\ est\ (?:dépassée|passée)
    """,
    "es": r"""
      (?:esta|este|la|el)\ (?:oferta(?:\ de\ (?:empleo|trabajo))?|vacante|puesto(?:\ de\ trabajo)?|empleo|anuncio|posición|plaza|convocatoria|trabajo)
        \ (?:que\ (?:buscas|busca)\ )?(?:ya\ no\ (?:está|se\ encuentra|existe|es|acepta|admite)(?:\ \w+)?|no\ está\ disponible|(?:ya\ )?(?:ha\ (?:sido\ )?|fue\ |está\ |se\ ha\ |se\ encuentra\ )(?:ya\ )?
        (?:cubiert[ao]|cerrad[ao]|caducad[ao]|expirad[ao]|finalizad[ao]|cancelad[ao]|retirad[ao]|eliminad[ao]|ocupad[ao]|archivad[ao]))
    | (?:oferta|vacante)\ (?:caducada|cerrada|expirada|cubierta|finalizada|no\ disponible)[\W_]*$
    | (?:el\ )?plazo\ de\ (?:inscripción|solicitud|presentación)\ (?:ha\ (?:finalizado|terminado|expirado)|está\ cerrado)
    | ya\ no\ se\ aceptan\ (?:solicitudes|candidaturas|postulaciones)
    """,
    "it": r"""
      (?:quest[ao]|questa|l['’]|la|il)\ ?(?:offerta(?:\ di\ lavoro)?|annuncio|posizione(?:\ lavorativa)?|posto|ricerca|selezione|opportunità|lavoro)
        \ (?:che\ (?:cerchi|stai\ cercando)\ )?(?:non\ (?:è|risulta)\ (?:più|attualmente)?\ ?(?:disponibile|attiv[ao]|apert[ao]|online|valid[ao])|non\ (?:esiste|accetta)\ più
        |(?:è|è\ stat[ao]|risulta)\ (?:già\ |ormai\ )?(?:copert[ao]|chius[ao]|scadut[ao]|rimoss[ao]|ritirat[ao]|archiviat[ao]|assegnat[ao]|stat[ao]\ \w+))
    | (?:offerta|annuncio|posizione)\ (?:scadut[ao]|chius[ao]|copert[ao]|non\ più\ disponibile)[\W_]*$
    | le\ candidature\ (?:per\ questa\ posizione\ )?sono\ (?:chiuse|terminate)
    """,
    "pt": r"""
      (?:est[ae]|ess[ae]|a|o)\ (?:vaga(?:\ de\ emprego)?|oferta(?:\ de\ (?:emprego|trabalho))?|posição|oportunidade|anúncio|emprego|processo\ seletivo)
        \ (?:que\ (?:procura|você\ procura)\ )?(?:já\ )?(?:não\ (?:está|se\ encontra|aceita|existe)(?:\ mais)?(?:\ \w+)?|(?:foi|está|encontra-se)\ (?:já\ )?(?:preenchid[ao]|encerrad[ao]|fechad[ao]|expirad[ao]|removid[ao]|cancelad[ao]|arquivad[ao]|inativ[ao]|indisponível)|expirou|encerrou)
    | (?:vaga|oferta|anúncio)\ (?:encerrad[ao]|expirad[ao]|preenchid[ao]|fechad[ao]|indisponível)[\W_]*$
    | (?:as\ )?(?:inscrições|candidaturas)\ (?:para\ esta\ vaga\ )?(?:estão|foram)\ (?:encerradas|fechadas)
    """,
    "nl": r"""
      (?:deze|dit|de|het)\ (?:vacature|functie|baan|positie|job|advertentie|opdracht|vacature\ die\ je\ zoekt)
        \ (?:is|werd|bestaat|staat)(?:\ (?:helaas|inmiddels|al|reeds|momenteel))*\ (?:niet\ (?:meer|langer)(?:\ \w+)?|vervuld|ingevuld|gesloten|verlopen|verwijderd|ingetrokken|gearchiveerd|offline)
    | vacature\ (?:is\ )?(?:al\ )?(?:vervuld|gesloten|verlopen|ingevuld|niet\ meer\ beschikbaar)[\W_]*$
    | (?:je\ kunt|u\ kunt)\ (?:helaas\ )?niet\ meer\ (?:op\ deze\ vacature\ )?(?:solliciteren|reageren)
    """,
    "sv": r"""
      (?:den\ här|denna|det\ här|detta)\ (?:tjänsten?|jobbet?|annonsen?|platsannonsen?|jobbannonsen?|platsen?|rollen?|rekryteringen?|uppdraget)
        \ (?:är|har|finns)(?:\ (?:tyvärr|redan|nu))*\ (?:inte\ (?:längre|kvar)(?:\ \w+)?|tillsatt|stängd|avslutad|avslutats|utgått|utgången|borttagen|tagits\ bort|blivit\ tillsatt|besatt|arkiverad)
    | (?:tjänsten|jobbet|annonsen)\ (?:är|har|finns)\ (?:redan\ |nu\ |tyvärr\ )*(?:inte\ längre(?:\ \w+)?|tillsatt|avslutad|utgått|stängd|borttagen)[\W_]*
    | (?:ansökningstiden|sista\ ansökningsdag)\ (?:för\ (?:tjänsten|jobbet|annonsen)\ )?har\ (?:gått\ ut|passerat|löpt\ ut)
    """,
    "da": r"""
      (?:denne|dette|den)\ (?:stilling|job|jobannonce|annonce|stillingsopslag|opslag|jobopslag)(?:en|et)?
        \ (?:er|findes|blev)(?:\ (?:desværre|allerede|nu))*\ (?:ikke\ (?:længere|mere)(?:\ \w+)?|besat|lukket|udløbet|slettet|fjernet|afsluttet)
    | (?:stillingen|jobbet|annoncen)\ er\ (?:desværre\ |allerede\ |nu\ )*(?:besat|lukket|udløbet|ikke\ længere\ \w+)[\W_]*$
    | ansøgningsfristen\ (?:for\ (?:stillingen|jobbet)\ )?er\ (?:udløbet|overskredet)
    """,
    "nb": r"""
      (?:denne|dette)\ (?:stillingen?|jobben|annonsen?|utlysningen?|stillingsannonsen)
        \ (?:er|finnes|ble|har)(?:\ (?:dessverre|allerede|nå))*\ (?:ikke\ (?:lenger|lengre)(?:\ \w+)?|besatt|fylt|lukket|utløpt|slettet|fjernet|avsluttet|utgått|inaktiv)
    | (?:stillingen|jobben|annonsen)\ er\ (?:dessverre\ |allerede\ |nå\ )*(?:besatt|utløpt|utgått|inaktiv|ikke\ lenger\ \w+)[\W_]*$
    | søknadsfristen\ (?:for\ (?:stillingen|denne\ stillingen)\ )?(?:er|har)\ (?:utløpt|gått\ ut|passert)
    """,
    "fi": r"""
      (?:tämä|kyseinen)\ (?:työpaikka|paikka|ilmoitus|työpaikkailmoitus|tehtävä|haku|avoin\ työpaikka|työ)
        \ (?:ei\ ole\ (?:enää|valitettavasti\ enää)(?:\ \w+)?|on\ (?:jo\ |valitettavasti\ |valitettavasti\ jo\ )?(?:täytetty|sulkeutunut|suljettu|päättynyt|vanhentunut|poistettu|umpeutunut|poistunut))
    | (?:hakuaika|haku|työpaikka|ilmoitus)\ (?:tähän\ (?:tehtävään|työpaikkaan)\ )?on\ (?:jo\ )?(?:päättynyt|umpeutunut|sulkeutunut|täytetty|vanhentunut)[\W_]*$
    """,
    "pl": r"""
      (?:ta|to|niniejsza|ta\ sama)\ (?:oferta(?:\ pracy)?|ogłoszenie|stanowisko|rekrutacja|praca)
        \ (?:(?:jest|nie\ jest)\ (?:już\ )?(?:nieaktualn\w+|nieaktywn\w+|zamknięt\w+|zakończon\w+|niedostępn\w+|aktualn\w+|dostępn\w+|aktywn\w+)|(?:już\ )?(?:wygasł\w+|nie\ istnieje|została?o?\ (?:już\ )?\w+)|jest\ już\ obsadzon\w+)
    | (?:oferta(?:\ pracy)?|ogłoszenie|rekrutacja)\ (?:jest\ (?:już\ )?)?(?:nieaktualn\w+|wygasł\w+|zakończon\w+|archiwaln\w+|nieaktywn\w+)[\W_]*$
    """,
    "cs": r"""
      (?:tato|toto|tahle|tento)\ (?:pozice|nabídka(?:\ práce)?|inzerát|pracovní\ (?:pozice|nabídka|místo)|místo|volné\ místo)
        \ (?:(?:již|už)\ (?:není|neexistuje|byla?o?|je|není\ aktuální)(?:\ \w+)?|není\ (?:již|už)?\ ?(?:k\ dispozici|aktuální|aktivní|dostupn\w+)|(?:byla?o?|je)\ (?:již\ |už\ |bohužel\ )*(?:obsazen\w*|uzavřen\w*|ukončen\w*|neaktivn\w*|neaktuáln\w*|smazán\w*|stažen\w*|zrušen\w*)|vypršel\w*)
    | (?:pozice|nabídka|inzerát)\ (?:je\ |byla?\ |již\ |už\ )*(?:obsazen\w*|neaktuáln\w*|neaktivn\w*|ukončen\w*|není\ aktuální)[\W_]*$
    """,
    "sk": r"""
      (?:táto|toto|tento)\ (?:pozícia|ponuka(?:\ práce)?|inzerát|pracovn[áé]\ (?:pozícia|ponuka|miesto)|miesto)
        \ (?:(?:už|bohužiaľ)\ nie\ je(?:\ \w+)?|nie\ je\ (?:už\ )?(?:aktuáln\w+|aktívn\w+|dostupn\w+|k\ dispozícii)|(?:bol[ao]?|je)\ (?:už\ )?(?:obsaden\w+|uzavret\w+|ukončen\w+|neaktuáln\w+)|vypršal\w*)
    """,
    "hu": r"""
      (?:ez|a|ezt)\ (?:az?\ )?(?:állás(?:hirdetés|ajánlat)?|hirdetés|pozíció|munka)(?:\ (?:már|sajnos))*
        \ (?:már\ )?(?:nem\ (?:elérhető|aktuális|aktív|érhető\ el)|lejárt|betöltött|betöltésre\ került|megszűnt|lezárult)
    """,
    "ro": r"""
      (?:acest|această|aceasta)\ (?:post|job|anunț|poziție|ofertă|oferta|loc\ de\ muncă)
        \ (?:nu\ mai\ (?:este|e|acceptă)(?:\ \w+)?|a\ (?:fost\ (?:ocupat|închis|șters|retras)\w?|expirat)|este\ (?:închis|ocupat|expirat)\w?)
    """,
    "tr": r"""
      (?:bu|söz\ konusu)\ (?:iş\ ?)?(?:ilanı?|pozisyon|ilan)\ (?:artık\ )?(?:yayında\ değil\w*|yayından\ (?:kaldırıl\w+|kalkmış\w*)|kapan\w+|kapalı\w*|süresi\ dol\w+|mevcut\ değil\w*|doldurul\w+|aktif\ değil\w*|geçerli\ değil\w*|sona\ er\w+)
    """,
    "ru": r"""
      (?:эта|данная|вакансия\ которую)\ вакансия\ (?:уже\ |больше\ )*(?:не\ (?:актуальна|активна|доступна|существует)|закрыта|в\ архиве|снята(?:\ с\ публикации)?|удалена|заполнена|неактуальна|истекла)
    | вакансия\ (?:уже\ |больше\ |была\ )*(?:закрыта|в\ архиве|не\ актуальна|снята\ с\ публикации|перенесена\ в\ архив|неактивна)[\W_]*$
    """,
    "uk": r"""
      ця\ вакансія\ (?:вже\ |більше\ )*(?:не\ (?:актуальна|активна|доступна|існує)|закрита|в\ архіві|знята(?:\ з\ публікації)?|видалена|неактуальна)
    | вакансія\ (?:вже\ )?(?:закрита|неактуальна|в\ архіві)[\W_]*$
    """,
    "el": r"""
      (?:αυτή|η)\ (?:η\ )?(?:θέση(?:\ εργασίας)?|αγγελία)\ (?:δεν\ είναι\ (?:πλέον|πια)\ \w+|έχει\ (?:καλυφθεί|λήξει|κλείσει)|έληξε)
    """,
    "ja": r"""
      (?:この|こちらの|当該)(?:求人|募集|仕事|お仕事|案件|ポジション|求人情報)(?:情報)?(?:は|の(?:募集|掲載|応募受付)は)?[、\s]*(?:現在)?(?:既に|すでに)?(?:募集を?終了|掲載を?終了|終了|締め切|締切|受付を?終了|公開されていません|募集していません|応募を受け付けて(?:い|お)りません|募集(?:を)?停止)
    | (?:募集|掲載|応募受付)(?:は|を)?(?:終了しました|終了いたしました|終了しています|締め切りました)[\W_]*$
    """,
    "zh": r"""
      (?:该|此|本|這個|该个|這份|该份)(?:职位|職位|岗位|招聘|职缺|職缺|工作|职务)(?:信息)?(?:目前|現在|现)?(?:已经|已經|已)?(?:关闭|關閉|下线|下線|过期|過期|停止招聘|招满|結束|结束|失效|截止|不存在|不再(?:招聘|开放|可用|有效)|被?(?:删除|刪除|撤下))
    """,
    "ko": r"""
      (?:이|해당|본)\ ?(?:채용(?:\ ?공고)?|공고|포지션|직무|일자리)(?:은|는|이|가)?\ ?(?:이미\ ?|더\ ?이상\ ?)*(?:마감|종료|만료|삭제|닫혔|유효하지|채용이\ ?완료|지원할\ ?수\ ?없)
    """,
}  # fmt: skip


#: of each language, parts of words one of which is in each of its phrases: a page without them is not looked at
_HINTS: dict[str, tuple[str, ...]] = {
    "en": ("no longer", "filled", "closed", "expired", "withdrawn", "removed", "taken down", "taken offline", "cancel",
           "archived", "unpublished", "deactivated", "inactive", "unavailable", "not available", "not active", "not open",
           "not accepting", "not exist", "n't exist", "has passed", "now passed", "already passed",
           "has ended", "now ended", "already ended", "is over", "now over"),
    "de": ("nicht mehr", "nicht länger", "besetzt", "vergeben", "abgelaufen", "geschlossen", "deaktiviert", "archiviert", "entfernt", "beendet",
           "gelöscht", "zurückgezogen", "offline", "inaktiv", "vorbei", "verstrichen"),
    "fr": ("est plus", "existe plus", "sont plus", "pas disponible", "pourvu", "expir", "clôtur", "ferm", "retir", "supprim", "archiv", "clos",
           "désactiv", "termin", "dépass", "passée"),
    "es": ("ya no", "no est", "cubiert", "cerrad", "caducad", "expirad", "finaliz", "cancelad", "retirad", "eliminad",
           "ocupad", "archivad", "terminado", "no disponible"),
    "it": ("non è", "non risulta", "non esiste", "non accetta", "non più", "copert", "chius", "scadut", "rimoss", "ritirat", "archiviat", "assegnat", "terminate"),
    "pt": ("não est", "não se", "não aceita", "não existe", "preenchid", "encerr", "fechad", "expir", "removid", "cancelad", "arquivad", "inativ", "indisponível"),
    "nl": ("niet meer", "niet langer", "vervuld", "ingevuld", "gesloten", "verlopen", "verwijderd", "ingetrokken", "gearchiveerd", "offline"),
    "sv": ("inte längre", "inte kvar", "tillsatt", "stängd", "avslut", "utgått", "utgången", "bort", "besatt", "arkiverad", "gått ut",
           "passerat", "löpt ut"),
    "da": ("ikke længere", "ikke mere", "besat", "lukket", "udløbet", "slettet", "fjernet", "afsluttet", "overskredet"),
    "nb": ("ikke lenger", "ikke lengre", "besatt", "fylt", "lukket", "utløpt", "slettet", "fjernet", "avsluttet", "utgått", "inaktiv", "gått ut",
           "passert"),
    "fi": ("ei ole", "täytetty", "sulkeutunut", "suljettu", "päättynyt", "vanhentunut", "poistettu", "umpeutunut",
           "poistunut"),
    "pl": ("nie jest", "nieakt", "niedost", "nie istnieje", "zamknięt", "zakończon", "wygasł", "zosta", "obsadzon", "archiwaln"),
    "cs": ("již byl", "už byl", "již je", "už je", "není", "obsazen", "uzavřen", "ukončen", "neexist", "neaktivn", "neaktuáln", "smazán", "stažen", "zrušen", "vypršel"),
    "sk": ("nie je", "obsaden", "uzavret", "ukončen", "neaktuáln", "vypršal"),
    "hu": ("nem elérhető", "nem aktuális", "nem aktív", "nem érhető", "lejárt", "betölt", "megszűnt", "lezárult"),
    "ro": ("nu mai", "a fost", "expirat", "închis", "ocupat"),
    "tr": ("değil", "yayından", "kapan", "kapalı", "süresi dol", "doldurul", "mevcut", "sona er"),
    "ru": ("не актуальн", "не активн", "не доступн", "не существ", "закрыта", "архив", "снята", "удалена", "заполнена", "неак", "истекла"),
    "uk": ("не актуальн", "не активн", "не доступн", "не існу", "закрита", "архіві", "знята", "видалена", "неактуальна"),
    "el": ("δεν είναι", "καλυφθεί", "λήξει", "κλείσει", "έληξε"),
    "ja": ("終了", "締", "公開されて", "募集して", "受け付けて", "停止"),
    "zh": ("关闭", "關閉", "下线", "下線", "过期", "過期", "停止", "招满", "結束", "结束", "失效", "截止", "不存在", "不再", "删除", "刪除", "撤下"),
    "ko": ("마감", "종료", "만료", "삭제", "닫혔", "유효하지", "완료", "수 없"),
}  # fmt: skip
#: each as bytes, with its longest word, which is looked for first: those in ASCII and the others
_PROBES = {
    language: tuple(
        tuple(
            (hint, hint.encode(), probe.encode())
            for hint in hints
            if (probe := max(hint.split(), key=len)).isascii() is in_ascii
        )
        for in_ascii in (True, False)
    )
    for language, hints in _HINTS.items()
}
#: texts that a banner is taken apart into, characters that it may have, and texts of a page that may be one
_APART, _LONGEST, _MOST = 3, 300, 300
_PARTS = re.compile(r"\s[|–—·-]\s")
#: words that no longer text of a language does without; those of other scripts are told by their letters
_MARKS: dict[str, tuple[str, ...]] = {
    "de": (" und ", " die "),
    "fr": (" les ", " et ", " des "),
    "es": (" los ", " una ", " en "),
    "it": (" di ", " della ", " per "),
    "pt": (" uma ", " para ", " com "),
    "nl": (" het ", " een ", " van "),
    "sv": (" och ", " att "),
    "da": (" og ", " til "),
    "nb": (" og ", " til "),
    "fi": (" ja ", " on "),
    "pl": (" na ", " w ", " do "),
    "cs": (" na ", " se ", " v "),
    "sk": (" na ", " sa ", " v "),
    "hu": (" az ", " és "),
    "ro": (" și ", " de ", " cu "),
    "tr": (" ve ", " bir "),
    "ru": (" и ", " в ", " на "),
    "uk": (" і ", " в ", " на "),
    "el": (" και ", " για "),
    "ja": ("の", "を"),
    "zh": ("的", "和"),
    "ko": ("는", "이"),
}
_SHORT = 1_500
_SAME_AS = {"no": "nb", "nn": "nb"}


@dataclass(frozen=True, slots=True)
class Hints:
    """What of a page's text makes it worth a look, and in which languages; true if anything does."""

    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)


class Words:
    """A text in lower case as bytes, to look for parts of words in it: bytes are searched faster than characters.

    `many` says that hundreds will be looked for. Then each word stands there once, as most pages hold half of theirs
    again, and those that are not in ASCII for themselves.
    """

    __slots__ = ("every", "foreign", "text", "whole")

    def __init__(self, text: str, *, many: bool) -> None:
        self.text = text
        self.whole = self.every = self.foreign = text.encode("utf-8", "replace")
        if many:
            words = set(text.split())
            self.every = " ".join(words).encode("utf-8", "replace")
            self.foreign = " ".join([word for word in words if not word.isascii()]).encode("utf-8", "replace")


def known(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the languages whose words for jobs that are gone are known, as they are named here."""
    return tuple(one for language in languages if (one := _SAME_AS.get(language, language)) in _HINTS)


def hints_in(words: Words, languages: tuple[str, ...] = ()) -> Hints:
    """What a text holds of the words that say, in English or one of the languages, that a job is gone.

    The languages are `known`; where there are none, it is all that the text may be in.
    """
    said: dict[str, None] = {}
    found: dict[str, None] = {}
    for language in dict.fromkeys(("en", *(languages or _languages_of(words.text)))):
        for probes, among in zip(_PROBES[language], (words.every, words.foreign), strict=True):
            for hint, encoded, probe in probes if among else ():
                if probe in among and encoded in words.whole:
                    said[hint] = found[language] = None
    return Hints(tuple(said), tuple(found))


def _languages_of(text: str) -> Iterator[str]:
    if len(text) <= _SHORT:
        yield from _HINTS
        return
    # what stands between two blanks
    between = set(text.split(" ")[1:-1])
    for one, marks in _MARKS.items():
        if any(mark[1:-1] in between if mark[0] == " " else mark in text for mark in marks):
            yield one


@cache
def _pattern(languages: tuple[str, ...]) -> re.Pattern[str]:
    said = "|".join(f"(?:{_PHRASES[one]})" for one in languages)
    return re.compile(rf"[\W_]*{_LEAD}(?:{said})", re.VERBOSE)


def mentions(texts: Iterable[str], hints: Hints) -> bool:
    """Whether a page whose texts these are, in lower case and document order, may say so: in prose, too.

    A banner that markup takes apart ("this job is <b>no longer</b> available") is a few texts.
    """
    if not hints:
        return False
    match, words = _pattern(hints.languages).match, hints.words
    near = [" ".join(text.split()) for text in texts]
    left = _MOST
    for at, text in enumerate(near):
        if left and any(word in text for word in words):
            left -= 1
            for start in range(max(0, at - _APART), at + 1):
                for end in range(at + 1, at + 1 + _APART):
                    if match(" ".join(near[start:end])[:_LONGEST].replace("’", "'")):
                        return True
    return False


def says_gone(text: str, hints: Hints) -> bool:
    """Whether a text begins by saying that the job of its page is gone; `hints` are those of all that it stands in."""
    text = " ".join(text.lower().replace("’", "'").split())
    return any(word in text for word in hints.words) and _pattern(hints.languages).match(text) is not None


def is_banner(text: str, hints: Hints) -> bool:
    """Whether a heading or title says so, in any part that a dash or a bar sets off ("… | Acme")."""
    return bool(hints) and any(says_gone(part, hints) for part in _PARTS.split(text[:_LONGEST]))
