"""Job XML in the shape that job boards and aggregators read: a `source` with one `job` a posting.

The shape is Indeed's. The list is a whole one: a job that it lacks is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from email.utils import format_datetime
from io import BytesIO
from typing import Any

from lxml import etree

from delivery.feeds.feed import Feed, fit_for_xml
from delivery.posting_words import pay
from delivery.safe_text import link, one_line
from postings.record import parse_moment

JOB_XML_TYPE = "application/xml; charset=utf-8"

#: schema.org's employment types in the words of the shape; what it has no word for is left out
_JOB_TYPES = {
    "FULL_TIME": "fulltime",
    "PART_TIME": "parttime",
    "CONTRACTOR": "contract",
    "TEMPORARY": "temporary",
    "INTERN": "internship",
}
#: bytes that are handed on at a time
_PIECE = 64 * 1024
_LINE = 500


def job_xml(feed: Feed, records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The document in pieces; memory does not grow with the number of postings."""
    out = BytesIO()
    with etree.xmlfile(out, encoding="utf-8") as document:
        document.write_declaration()
        with document.element("source"):
            for name, text in (
                ("publisher", feed.title),
                ("publisherurl", feed.home),
                ("lastBuildDate", format_datetime(feed.updated)),
            ):
                with document.element(name):
                    document.write(fit_for_xml(text))
            for record in records:
                document.write(_job(record))
                if out.tell() > _PIECE:
                    document.flush()
                    yield _taken(out)
    yield _taken(out)


def _taken(out: BytesIO) -> bytes:
    piece = out.getvalue()
    out.seek(0)
    out.truncate()
    return piece


def _job(record: Mapping[str, Any]) -> etree._Element:
    job = etree.Element("job")
    place = record["locations"][0] if record["locations"] else {}
    organization = record["organization"] or {}
    identifier = record["identifier"] or {}
    last_day = parse_moment(record["valid_through"])
    fields = {
        "title": record["title"],
        "date": format_datetime(datetime.fromisoformat(record["first_seen"])),
        "referencenumber": record["id"],
        "requisitionid": identifier.get("value"),
        "url": link(record["url"]),
        "company": organization.get("name"),
        "sourcename": organization.get("name"),
        "city": place.get("locality"),
        "state": place.get("region"),
        "country": place.get("country"),
        "postalcode": place.get("postal_code"),
        "streetaddress": place.get("street"),
        "salary": pay(record),
        "jobtype": ", ".join(_JOB_TYPES[kind] for kind in record["employment_types"] if kind in _JOB_TYPES),
        "expirationdate": _day(last_day) if last_day else None,
        "remotetype": "Fully remote" if record["remote"] else None,
        "category": record["industry"],
        "experience": record["experience"],
        "education": record["education"],
    }
    for name, text in fields.items():
        _add(job, name, one_line(text or "", _LINE if name != "url" else 2083))
    _add(job, "description", record["description_html"] or record["description_text"] or "")
    return job


def _add(job: etree._Element, name: str, text: str) -> None:
    if text:
        element = etree.SubElement(job, name)
        # what ends a section stands in two of them
        fit = fit_for_xml(text)
        element.text = fit if "]]>" in fit else etree.CDATA(fit)


def _day(moment: date | datetime) -> str:
    return moment.isoformat()[: len("2026-11-25")]
