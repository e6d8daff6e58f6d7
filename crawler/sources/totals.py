"""How many postings a list page says that there are: "128 open positions", "1-20 of 128", `data-total="128"`.

Conservative: a number counts only where nothing else stands beside it. Whoever uses it may conclude that a list is not
whole, never that it is: so a wrong reading closes nothing.
"""

from __future__ import annotations

import re

#: bytes of a page in which a number is looked for
_MOST = 512 * 1024
_MOST_DIGITS = 7
_NUMBER = rb"(\d{1,3}(?:[.,\xc2\xa0' ]\d{3})+|\d{1,7})"
#: elements inside a line of text; what stands in them belongs to the line
_INLINE = re.compile(rb"</?(?:b|strong|span|em|i|mark|small|var)\b[^<>]{0,200}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"\bdata-(?:total(?:-?(?:jobs|results|count|items|hits))?|(?:jobs?|results?|hits|vacanc(?:y|ies)|positions?)-?(?:count|total))"
    rb"\s*=\s*[\"']\s*(\d{1,7})\s*[\"']",
    re.IGNORECASE,
)
_JOBS = (
    rb"(?:(?:open|current|available|vacant|active|offene|freie|aktuelle|gefundene|openstaande|lediga|ledige|avointa|otwartych) )?"
    rb"(?:job ?(?:s|openings?|offers?|results?|vacancies|postings?|angebote|opportunities)|positions?|vacanc(?:y|ies)|openings|roles|opportunities"
    rb"|stellen(?:angebote|anzeigen)?|jobangebote|treffer|offres?(?: d['\xe2\x80\x99]emploi)?|postes|ofertas(?: de (?:empleo|trabajo))?"
    rb"|vacantes|vagas|empleos|offerte(?: di lavoro)?|posizioni(?: aperte)?|vacatures|jobb|tj\xc3\xa4nster|stillinger|ty\xc3\xb6paikkaa?"
    rb"|ofert(?: pracy)?|results|ergebnisse|r\xc3\xa9sultats|resultados|risultati|resultaten)(?: found| gefunden| trouv\xc3\xa9e?s| available)?"
)
_COUNTED = re.compile(
    rb">\s*(?:(?:we have|showing|found|total|all|alle|insgesamt|aktuell|currently|es gibt|nous avons)[: ]\s*)?\(?"
    + _NUMBER
    + rb"\)?\s+"
    + _JOBS
    + rb"\s*[.:!]?\s*<",
    re.IGNORECASE,
)
#: "Showing 1 - 20 of 128 jobs"
_RANGE = re.compile(
    rb">[^<>]{0,40}?\b\d{1,7}\s*(?:-|\xe2\x80\x93|\xe2\x80\x94|to|bis|\xc3\xa0|a|t/m|&ndash;)\s*\d{1,7}\s+"
    rb"(?:of|von|de|sur|di|van|av|af|z|/|out of)\s+" + _NUMBER + rb"\b[^<>]{0,40}<",
    re.IGNORECASE,
)


def stated_total(body: bytes) -> int:
    """The largest number of postings that a page of HTML says there are; 0 if it says none."""
    text = body[:_MOST]
    found = [int(number) for number in _ATTRIBUTE.findall(text)]
    text = b" ".join(_INLINE.sub(b"", text).replace(b"&nbsp;", b" ").split())
    for pattern in (_COUNTED, _RANGE):
        for number in pattern.findall(text):
            digits = bytes(digit for digit in number if 48 <= digit <= 57)
            if len(digits) <= _MOST_DIGITS:
                found.append(int(digits))
    return max(found, default=0)
