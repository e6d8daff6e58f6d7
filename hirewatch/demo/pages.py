"""The pages of an invented career site: HTML, JSON-LD, robots.txt and sitemaps as real sites write them.

Plain functions from jobs to text. Called by `hirewatch.demo.site`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from hirewatch.demo.jobs import Employer, Job, Place, Salary

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2433}"
    "nav a{margin-right:1rem}li{margin:.3rem 0}dt{font-weight:600}footer{margin-top:3rem;color:#667}"
)


def job_page(
    job: Job,
    *,
    employer: Employer,
    origin: str,
    address: str,
    style: int | None = None,
    markup: bool = True,
    robots: str = "",
) -> str:
    """A posting's own page.

    Args:
        address: its canonical address.
        style: decides how its JSON-LD is written (`job_markup`); the job's number if not given.
        markup: False leaves its JSON-LD out.
        robots: content of a robots meta tag; none if empty.
    """
    where = " · ".join(place.city for place in job.places)
    facts = [("Department", job.department), ("Location", where), ("Reference", job.requisition)]
    if job.salary:
        facts.append(("Salary", f"{job.salary.currency} {job.salary.low:,} to {job.salary.high:,}"))
    if job.remote:
        facts.append(("Remote", "You may work from home"))
    listing = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    script = ""
    if markup:
        value = job_markup(job, employer, origin, address, style=job.number if style is None else style)
        script = f'<script type="application/ld+json">{_script_text(value)}</script>'
    return page(
        title=f"{job.title} ({where}) | {employer.name}",
        employer=employer,
        language=job.language,
        head=(f'<meta name="robots" content="{escape(robots)}">' if robots else "")
        + f'<link rel="canonical" href="{escape(address)}">'
        + f'<meta property="og:title" content="{escape(job.title)}">'
        + script,
        body=f"<article><h1>{escape(job.title)}</h1><dl>{listing}</dl>{job.description}"
        f'<p><a href="/careers/apply?job={job.number}" rel="nofollow">Apply now</a></p></article>',
    )


def job_markup(job: Job, employer: Employer, origin: str, address: str, *, style: int) -> dict[str, Any]:
    """The posting as schema.org JSON-LD.

    How it is written (in a `@graph`, its description escaped once more, one place as an object or in a list)
    follows from `style`, as it differs between real sites. Whether a date has a time belongs to what is said, so it
    follows from the job.
    """
    posting: dict[str, Any] = {
        "@type": "JobPosting",
        "title": job.title,
        "description": escape(job.description) if style % 3 == 0 else job.description,
        "identifier": {"@type": "PropertyValue", "name": employer.name, "value": job.requisition},
        "datePosted": f"{job.posted}T08:00:00+00:00" if job.number % 5 == 0 else str(job.posted),
        "employmentType": list(job.employment) if len(job.employment) > 1 or style % 4 == 0 else job.employment[0],
        "hiringOrganization": {
            "@type": "Organization",
            "name": employer.name,
            "sameAs": f"https://www.{employer.domain}/",
            "logo": f"{origin}/static/logo.svg",
        },
        "url": address,
    }
    if job.until:
        posting["validThrough"] = f"{job.until}T23:59:59+00:00" if job.number % 2 else str(job.until)
    places = [_place_markup(place) for place in job.places]
    posting["jobLocation"] = places[0] if len(places) == 1 and style % 2 else places
    if job.remote:
        posting["jobLocationType"] = "TELECOMMUTE"
        posting["applicantLocationRequirements"] = [
            {"@type": "Country", "name": country} for country in dict.fromkeys(place.country for place in job.places)
        ]
    if job.salary:
        posting["baseSalary"] = _salary_markup(job.salary)
    if job.direct_apply is not None:
        posting["directApply"] = job.direct_apply
    if style % 4 != 1:
        return {"@context": "https://schema.org/", **posting}
    crumbs = [
        {"@type": "ListItem", "position": 1, "name": "Careers", "item": f"{origin}/careers"},
        {"@type": "ListItem", "position": 2, "name": job.title, "item": address},
    ]
    return {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebPage", "@id": address, "url": address, "name": f"{job.title} | {employer.name}"},
            {"@type": "BreadcrumbList", "itemListElement": crumbs},
            posting,
        ],
    }


def _place_markup(place: Place) -> dict[str, Any]:
    return {
        "@type": "Place",
        "address": {
            "@type": "PostalAddress",
            "addressLocality": place.city,
            "addressRegion": place.region,
            "postalCode": place.postal_code,
            "addressCountry": place.country,
        },
    }


def _salary_markup(salary: Salary) -> dict[str, Any]:
    value = {
        "@type": "QuantitativeValue",
        "minValue": salary.low,
        "maxValue": salary.high,
        "unitText": salary.unit,
    }
    return {"@type": "MonetaryAmount", "currency": salary.currency, "value": value}


def list_page(
    jobs: Sequence[tuple[Job, str]], *, employer: Employer, total: int, number: int, address: str, following: str | None
) -> str:
    """One page of the list of open jobs; `jobs` are those on it with their addresses, `following` the next page."""
    rows = "".join(
        f'<li><a href="{escape(where)}">{escape(job.title)}</a> <span>{escape(", ".join(p.city for p in job.places))}'
        f"</span></li>"
        for job, where in jobs
    )
    more = f'<p><a rel="next" href="{escape(following)}">More jobs</a></p>' if following else ""
    return page(
        title=f"Open jobs, page {number} | {employer.name}",
        employer=employer,
        head=f'<link rel="canonical" href="{escape(address)}">'
        + (f'<link rel="next" href="{escape(following)}">' if following else ""),
        body=f"<h1>Open jobs</h1><p>{total} jobs</p><ul>{rows}</ul>{more}",
    )


def start_page(*, employer: Employer, newest: Sequence[tuple[Job, str]], listed: bool) -> str:
    """The front of the career site, with its newest jobs; `listed=False` leaves all links to jobs out."""
    jobs = "".join(f'<li><a href="{escape(where)}">{escape(job.title)}</a></li>' for job, where in newest)
    links = f'<h2>Newest jobs</h2><ul>{jobs}</ul><p><a href="/careers/jobs">All open jobs</a></p>'
    search = '<div id="job-search" data-endpoint="/careers/search"></div>'
    return page(
        title=f"Careers at {employer.name}",
        employer=employer,
        head="",
        body=f"<h1>Work with us</h1><p>We {escape(employer.business)}.</p>{links if listed else search}",
    )


#: path and text of the pages that have nothing to do with single jobs
OTHER_PAGES = {
    "/about": ("About us", "We started in a garage that leaked. The garage is dry now and there are more of us."),
    "/careers/benefits": ("Benefits", "Leave, learning, lunch. What each of them means is written in your contract."),
    "/blog": ("Blog", "News from the workshop."),
    "/blog/jobs-of-the-future": (
        "Jobs of the future",
        "What a welder will do in twenty years: still weld, but sitting.",
    ),
    "/blog/how-we-hire": ("How we hire", "Two talks, one day of work on trial, an answer within a week."),
}


def other_page(path: str, *, employer: Employer) -> str:
    """One of `OTHER_PAGES`."""
    title, text = OTHER_PAGES[path]
    return page(
        title=f"{title} | {employer.name}", employer=employer, body=f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    )


def closed_page(*, employer: Employer) -> str:
    """What stands where a job was."""
    text = "<h1>This job is no longer available</h1><p>Have a look at our <a href='/careers'>other jobs</a>.</p>"
    return page(title=f"Job not found | {employer.name}", employer=employer, body=text)


def page(*, title: str, employer: Employer, body: str, head: str = "", language: str = "en") -> str:
    """A whole HTML page in the site's frame."""
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>{head}</head>'
        f'<body><header><nav><a href="/">{escape(employer.name)}</a><a href="/about">About us</a>'
        '<a href="/careers">Careers</a><a href="/careers/benefits">Benefits</a><a href="/blog">Blog</a></nav></header>'
        f"<main>{body}</main><footer>© {escape(employer.name)}</footer></body></html>\n"
    )


def robots_txt(*, sitemap: str | None) -> str:
    """The rules for crawlers (RFC 9309)."""
    return "User-agent: *\nDisallow: /internal/\nDisallow: /careers/apply\n" + (
        f"Sitemap: {sitemap}\n" if sitemap else ""
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a sitemap."""

    address: str
    #: `lastmod`; aware
    modified: datetime | None = None


def sitemap(entries: Iterable[Entry]) -> str:
    """A sitemap file (sitemaps.org protocol 0.9) of pages."""
    return _sitemap_file("urlset", "url", entries)


def sitemap_index(entries: Iterable[Entry]) -> str:
    """A sitemap index file of other sitemap files."""
    return _sitemap_file("sitemapindex", "sitemap", entries)


def _sitemap_file(root: str, item: str, entries: Iterable[Entry]) -> str:
    rows = "".join(
        f"<{item}><loc>{escape(one.address)}</loc>"
        + (f"<lastmod>{one.modified.isoformat()}</lastmod>" if one.modified else "")
        + f"</{item}>\n"
        for one in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</{root}>\n'
    )


LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#25628f"/>'
    '<path d="M16 40q16-30 32 0" stroke="#fff" stroke-width="6" fill="none"/></svg>\n'
)


def _script_text(value: Any) -> str:
    # neither an end tag nor a comment may begin inside a script (HTML §4.12.1.3)
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "\\u003c!--")
