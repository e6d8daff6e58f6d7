"""What an invented employer is and which jobs it has: the content of the demonstration's career site.

Everything follows from a seed, so two sites with the same seed have the same jobs. Called by `hirewatch.demo.site`.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """A company that does not exist."""

    name: str
    #: under `.example`, which belongs to nobody (RFC 2606 §2)
    domain: str
    #: what it does, as the second half of a sentence: "We …"
    business: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city as an employer writes it on a career site."""

    city: str
    region: str
    postal_code: str
    #: ISO 3166-1 alpha-2
    country: str
    #: ISO 4217, in which salaries are paid there
    currency: str


@dataclass(frozen=True, slots=True)
class Salary:
    """A range of pay, in whole units of `currency` for one `unit` (schema.org: HOUR, MONTH or YEAR)."""

    low: int
    high: int
    currency: str
    unit: str = "YEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the employer keeps it, from which its page is written."""

    number: int
    slug: str
    title: str
    department: str
    places: tuple[Place, ...]
    #: schema.org employmentType values
    employment: tuple[str, ...]
    salary: Salary | None
    remote: bool
    posted: date
    #: the last day to apply; None = until it is filled
    until: date | None
    #: HTML
    description: str
    direct_apply: bool | None
    #: when the page was changed last; aware, UTC
    modified: datetime
    language: str = "en"

    @property
    def handle(self) -> str:
        """The last segment of the page's address, by which the verbs of a site name a job."""
        return f"{self.slug}-{self.number}"

    @property
    def requisition(self) -> str:
        """The number under which the employer's staff know the job."""
        return f"R-{self.number}"


EMPLOYERS = (
    Employer(name="Brightwater Robotics", domain="brightwater.example", business="build robots that clean rivers"),
    Employer(name="Halden & Voss", domain="haldenvoss.example", business="make pumps, valves and compressors"),
    Employer(name="Tavira Foods", domain="tavira.example", business="bring dried fruit to every corner shop in Europe"),
    Employer(name="Kestrel Rail", domain="kestrelrail.example", business="keep trains on time with better signals"),
    Employer(name="Ostara Health", domain="ostara.example", business="run clinics where nobody waits"),
    Employer(name="Lindqvist Textil", domain="lindqvist.example", business="weave cloth for workwear and tents"),
)

PLACES = {
    place.city: place
    for place in (
        Place(city="Berlin", region="Berlin", postal_code="10115", country="DE", currency="EUR"),
        Place(city="Hamburg", region="Hamburg", postal_code="20095", country="DE", currency="EUR"),
        Place(city="Leipzig", region="Sachsen", postal_code="04109", country="DE", currency="EUR"),
        Place(city="Vienna", region="Wien", postal_code="1010", country="AT", currency="EUR"),
        Place(city="Zürich", region="ZH", postal_code="8001", country="CH", currency="CHF"),
        Place(city="Amsterdam", region="Noord-Holland", postal_code="1012 AB", country="NL", currency="EUR"),
        Place(city="Ghent", region="Oost-Vlaanderen", postal_code="9000", country="BE", currency="EUR"),
        Place(city="Lyon", region="Auvergne-Rhône-Alpes", postal_code="69001", country="FR", currency="EUR"),
        Place(city="Porto", region="Porto", postal_code="4000-001", country="PT", currency="EUR"),
        Place(city="Valencia", region="Comunitat Valenciana", postal_code="46001", country="ES", currency="EUR"),
        Place(city="Kraków", region="małopolskie", postal_code="30-001", country="PL", currency="PLN"),
        Place(city="Göteborg", region="Västra Götaland", postal_code="411 03", country="SE", currency="SEK"),
        Place(city="Tampere", region="Pirkanmaa", postal_code="33100", country="FI", currency="EUR"),
        Place(city="Leeds", region="England", postal_code="LS1 1UR", country="GB", currency="GBP"),
        Place(city="Glasgow", region="Scotland", postal_code="G1 1XQ", country="GB", currency="GBP"),
        Place(city="Cork", region="Munster", postal_code="T12 W8KP", country="IE", currency="EUR"),
        Place(city="Austin", region="TX", postal_code="78701", country="US", currency="USD"),
        Place(city="Portland", region="OR", postal_code="97201", country="US", currency="USD"),
        Place(city="Montréal", region="QC", postal_code="H2Y 1C6", country="CA", currency="CAD"),
    )
}

#: what a unit of the currency is worth, so that a salary looks like one of that country
_PAY = {"EUR": 1.0, "CHF": 1.7, "PLN": 2.6, "SEK": 10.0, "GBP": 0.9, "USD": 1.5, "CAD": 1.5}


@dataclass(frozen=True, slots=True)
class _Department:
    name: str
    #: title and what it pays in a year, in euros
    titles: tuple[tuple[str, int], ...]
    tasks: tuple[str, ...]


_DEPARTMENTS = (
    _Department(
        "Engineering",
        (
            ("Software Engineer", 62_000),
            ("Firmware Engineer", 61_000),
            ("Site Reliability Engineer", 68_000),
            ("Data Engineer", 64_000),
            ("Test Engineer", 55_000),
            ("Mechanical Engineer", 57_000),
            ("Controls Engineer", 60_000),
            ("Engineering Manager", 88_000),
        ),
        (
            "Design, build and run the services that our field teams lean on every day.",
            "Read the measurements of machines in the field and find out why one of them behaves oddly.",
            "Write tests first where a mistake would cost somebody a trip to the plant.",
            "Review the changes of your colleagues and let them review yours.",
            "Take part in the on-call rota, about one week in six, with time off afterwards.",
            "Replace home-grown tooling with something boring that we do not have to maintain.",
            "Talk to the people who use what you build, at least once a month and in person.",
            "Keep the drawings, the parts list and the real machine in agreement.",
            "Measure before optimising, and write down what you measured.",
        ),
    ),
    _Department(
        "Production",
        (
            ("Welder", 38_000),
            ("Shift Supervisor", 47_000),
            ("Maintenance Technician", 42_000),
            ("Quality Inspector", 40_000),
            ("CNC Operator", 39_000),
            ("Production Planner", 48_000),
            ("Assembly Technician", 36_000),
        ),
        (
            "Set up your machine from the drawing and check the first piece yourself.",
            "Hand over the shift in writing, so that nobody starts with a guess.",
            "Find the cause of a stop and mend it together with maintenance.",
            "Look after tools and gauges and have them calibrated in time.",
            "Train apprentices, two of them each year, from their first day on.",
            "Improve the work place where it hurts: your proposals are paid for.",
            "Keep to the safety rules and remind others of them, whoever they are.",
            "Record deviations in the system on the day they happen.",
            "Plan the week with the warehouse, so that parts are there before you are.",
        ),
    ),
    _Department(
        "Commercial",
        (
            ("Account Manager", 56_000),
            ("Sales Representative", 48_000),
            ("Customer Success Manager", 52_000),
            ("Product Marketing Manager", 60_000),
            ("Key Account Manager", 70_000),
            ("Tender Specialist", 51_000),
        ),
        (
            "Look after forty customers who expect that you know their plants.",
            "Write offers that purchasing understands without a phone call.",
            "Visit fairs in spring and autumn and come home with names, not only with cards.",
            "Bring what customers say back to the people who design the product.",
            "Keep the forecast honest, in good months as in bad ones.",
            "Negotiate framework contracts together with our lawyers.",
            "Answer tenders within their deadline and learn from those we lose.",
            "Explain to new customers in their first ninety days how to get the most out of the product.",
        ),
    ),
    _Department(
        "Operations",
        (
            ("Logistics Coordinator", 41_000),
            ("Buyer", 50_000),
            ("Warehouse Lead", 43_000),
            ("Accountant", 49_000),
            ("Payroll Specialist", 47_000),
            ("People Partner", 58_000),
            ("IT Support Specialist", 44_000),
            ("Office Coordinator", 37_000),
        ),
        (
            "Close the month by the fourth working day and explain the differences.",
            "Book freight for three plants and find another way when a border is shut.",
            "Compare suppliers by what a part costs until it is thrown away.",
            "Keep the stock figures so true that nobody counts twice.",
            "Welcome new colleagues and see to it that their first week is a good one.",
            "Answer questions about pay on the day they are asked.",
            "Prepare audits, and change what they find.",
            "Write instructions that fit on one page.",
            "Look after the contracts of vehicles, telephones and buildings.",
        ),
    ),
)

_LEVELS = (("", 1.0), ("", 1.0), ("Senior ", 1.22), ("Junior ", 0.82), ("Lead ", 1.35))

_PROFILE = (
    "You have done this work for two years or more, or you learn fast enough to convince us otherwise.",
    "You finished an apprenticeship or a degree that fits, or you have shown the same in your work.",
    "You write clearly in English; a second language of one of our sites is welcome.",
    "You ask when something is unclear, and say so when something is wrong.",
    "You travel up to ten days a year.",
    "You hold a driving licence for cars.",
    "You are at ease with spreadsheets and do not fear a database.",
    "You like to finish things.",
    "You have worked in a regulated industry before.",
    "You know how to read a technical drawing.",
)

_BENEFITS = (
    "Thirty days of leave, and the birthdays of your children on top.",
    "A pension plan to which we pay twice what you pay.",
    "A canteen that cooks, with two dishes a day.",
    "A job bicycle or the regional train ticket.",
    "Working hours that you set with your team.",
    "A budget for learning that you spend without asking.",
    "Parental leave at full pay for the first eight weeks.",
    "A sabbatical after five years.",
)


def employer(seed: int) -> Employer:
    """The employer of the site with this seed."""
    return EMPLOYERS[seed % len(EMPLOYERS)]


def invent(rng: random.Random, *, employer: Employer, first_number: int, today: date) -> Iterator[Job]:
    """Jobs without end, no two of them with the same title in the same places.

    Args:
        rng: decides everything about them.
        first_number: the number of the first job; they are counted up from there.
        today: they were posted within the 60 days before it, and can be applied for at least 20 days after it.
    """
    number = first_number
    taken: set[tuple[str, tuple[Place, ...]]] = set()
    while True:
        job = _job(rng, employer=employer, number=number, today=today)
        if (job.title, job.places) in taken:
            continue
        taken.add((job.title, job.places))
        yield job
        number += 1


def _job(rng: random.Random, *, employer: Employer, number: int, today: date) -> Job:
    department = rng.choice(_DEPARTMENTS)
    base_title, pay = rng.choice(department.titles)
    level, factor = rng.choice(_LEVELS) if not base_title.startswith(("Engineering", "Shift")) else ("", 1.0)
    title = level + base_title
    places = tuple(rng.sample(tuple(PLACES.values()), rng.choice((1, 1, 1, 1, 1, 2, 3))))
    posted = today - timedelta(days=rng.randrange(1, 60))
    return Job(
        number=number,
        slug=slug(f"{title} {places[0].city}"),
        title=title,
        department=department.name,
        places=places,
        employment=rng.choice((("FULL_TIME",),) * 6 + (("PART_TIME",), ("FULL_TIME", "PART_TIME"), ("TEMPORARY",))),
        salary=salary(round(pay * factor), places[0]) if rng.random() < 0.7 else None,
        remote=department.name in ("Engineering", "Commercial") and rng.random() < 0.2,
        posted=posted,
        until=None if rng.random() < 0.35 else today + timedelta(days=rng.randrange(20, 120)),
        description=description(rng, title=title, place=places[0], department=department.name, employer=employer),
        direct_apply=rng.choice((True, None)),
        modified=datetime.combine(posted, time(rng.randrange(7, 18), rng.randrange(60), rng.randrange(60)), tzinfo=UTC),
    )


def salary(euros: int, place: Place) -> Salary:
    """A range around what this many euros a year are worth in the place."""
    middle = euros * _PAY[place.currency]
    return Salary(round(middle * 0.92, -2).__trunc__(), round(middle * 1.12, -2).__trunc__(), place.currency)


def description(rng: random.Random, *, title: str, place: Place, department: str, employer: Employer) -> str:
    """The text of a job advertisement, as HTML."""
    tasks = next((one.tasks for one in _DEPARTMENTS if one.name == department), _DEPARTMENTS[0].tasks)
    return (
        f"<p>We are {_escaped(employer.name)}. We {employer.business}, and we are looking for a "
        f"<strong>{_escaped(title)}</strong> in {_escaped(place.city)}.</p>"
        f"<h3>Your work</h3>{_bullets(rng.sample(tasks, 4))}"
        f"<h3>Your profile</h3>{_bullets(rng.sample(_PROFILE, 4))}"
        f"<h3>What we offer</h3>{_bullets(rng.sample(_BENEFITS, 3))}"
    )


def slug(text: str) -> str:
    """The text as a path segment: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _bullets(lines: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{_escaped(line)}</li>" for line in lines) + "</ul>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
