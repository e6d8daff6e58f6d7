"""What an inspection says of a posting, in words: what `hirewatch inspect` and the page of it tell. Pure and clean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from postings import wording
from postings.cleaning import clean

#: fields of the record in reading order, as people call them
NAMES: Final = {
    "title": "title", "organization": "employer", "locations": "places", "remote": "remote", "remote_regions": "regions",
    "employment_types": "employment", "salary": "pay", "date_posted": "posted", "valid_through": "valid through",
    "identifier": "identifier", "description_text": "description", "url": "url", "language": "language",
    "direct_apply": "direct apply", "industry": "industry", "skills": "skills", "education": "education",
    "experience": "experience",
}  # fmt: skip
#: field of the record > properties of the markup that it is read from, first choice first
PROPERTIES_OF: Final = {
    "title": ("title", "name"),
    "organization": ("hiringOrganization",),
    "locations": ("jobLocation",),
    "remote": ("jobLocationType",),
    "remote_regions": ("applicantLocationRequirements",),
    "employment_types": ("employmentType",),
    "salary": ("baseSalary",),
    "date_posted": ("datePosted",),
    "valid_through": ("validThrough",),
    "identifier": ("identifier",),
    "description_text": ("description", "responsibilities", "qualifications", "jobBenefits"),
    "url": ("url", "mainEntityOfPage"),
    "language": ("inLanguage",),
    "direct_apply": ("directApply",),
    "industry": ("industry",),
    "skills": ("skills",),
    "education": ("educationRequirements",),
    "experience": ("experienceRequirements",),
}
#: characters of a value that are shown
LONGEST: Final = 100


def field_of(path: str) -> str | None:
    """The field of the record that a problem at this JSON Pointer concerns; None if none does."""
    first = path.split("/")[1] if path else None
    return next((name for name, properties in PROPERTIES_OF.items() if first in properties), None)


def place(at: Mapping[str, Any] | None) -> str:
    """Where something stands in a page: "script 1 line 12 /@graph/1", "line 30 /html/body/h1"; empty if unknown."""
    if at is None:
        return ""
    script, pointer = at.get("script"), at.get("pointer")
    parts = (
        f"script {script}" if script else "",
        f"text {at['document']}" if at.get("document") else "",
        f"line {at['line']}" if at.get("line") and not (script and pointer) else "",
        pointer or "",
        at.get("element") or "",
    )
    return clean(" ".join(part for part in parts if part))


def stands(at: Mapping[str, Any] | None, syntax: str) -> str:
    """In what a posting is written, and where: "JSON-LD, script 1 line 12 /@graph/1"."""
    called = {"json-ld": "JSON-LD", "rdfa": "RDFa"}.get(syntax, syntax)
    return ", ".join(part for part in (called, place(at)) if part)


def shown(name: str, record: Mapping[str, Any]) -> str:
    """A field of the record; empty if it says nothing."""
    value = record[name]
    match name:
        case "title":
            return clean(value or "")
        case "organization":
            return wording.employer(record)
        case "locations":
            return wording.places({**record, "remote": False})
        case "employment_types":
            return wording.kinds(record)
        case "salary":
            return wording.pay(record)
        case "identifier":
            return clean(f"{value['value']} ({value['name']})" if value["name"] else value["value"]) if value else ""
        case "description_text":
            return f"{len(value):,} characters: {cut(clean(value), 60)}" if value else ""
        case "remote" | "direct_apply":
            return {True: "yes", False: "no"}.get(value, "")
    return cut(clean(", ".join(value) if isinstance(value, list) else value or ""), LONGEST)


def cut(text: str, length: int) -> str:
    """The text, or its beginning with a mark."""
    return text if len(text) <= length else f"{text[:length]}…"
