"""A database as large as an installation becomes in a year: 1,000 sites, a million postings, three million events.

`make` is asked by `benchmarks.pages`; `python -m benchmarks.big_database PATH [--postings N]` makes one alone.
Everything follows from the number of postings: sites of all sizes (ten of them hold a fifth of all postings), a first
visit of each that found much at once, one visit a day since then, texts of invented words that are as common as those
of a language, postings that closed, changed and came back, duplicates across sites, one posting that changes at every
visit, one job that is posted over and over. Rows are those that the ledger writes; statements of SQL put them together
from parts that Python has made, since a million calls of the ledger take hours.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from postings.query.folding import fold
from postings.query.subject import looked_at
from postings.sites import Health
from postings.trust import Standing, Trust
from storage.engine import connect
from storage.raws import pack
from storage.schema import upgrade
from storage.site_rows import health_json
from storage.space import refresh_statistics

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITES = 1_000
#: one site of the same size however large the database is: its postings are there since the first visit, and open
STEADY, STEADY_POSTINGS = 1, 1_000
#: ten sites of the largest kind, the first of them
LARGEST = 2
#: events of the posting that changes at every visit
RESTLESS = 2_000
#: days that were watched, and those whose visits are kept
_DAYS, _VISITS_KEPT = 365, 90
_DAY = 86_400
_BEGIN = int(NOW.timestamp()) - _DAYS * _DAY
#: words of the language, in the order of how common they are; a query can name them
WORDS_COMMON, WORDS_RARE = "the", "zymurgy"
#: a word of so many postings, however many there are, and of about half as many that are open
WORD_STEADY, _WORD_STEADY_POSTINGS = "quetzal", 140
_SIZE = 20_000
_ROLES = (
    "welder nurse baker cook engineer developer teacher driver clerk manager cleaner plumber electrician mechanic "
    "carpenter accountant analyst architect consultant designer editor florist gardener hairdresser interpreter janitor "
    "lawyer midwife optician painter pharmacist physician pilot planner receptionist roofer sailor surveyor tailor vet"
).split()
_LEVELS = ("", "Senior ", "Junior ", "Lead ", "Assistant ", "Chief ", "Trainee ", "Deputy ")
_COUNTRIES = ("DE", "FR", "GB", "ES", "IT", "AT", "CH", "NL", "PL", "SE")
_PARAGRAPHS = 4_000
_PARAGRAPH_WORDS = 75


def main() -> None:
    """Makes the database."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("path", type=Path)
    arguments.add_argument("--postings", type=int, default=1_000_000)
    asked = arguments.parse_args()
    begin = time.perf_counter()
    make(asked.path, asked.postings)
    print(
        f"{asked.postings:,} postings in {time.perf_counter() - begin:.0f} s, {asked.path.stat().st_size / 1e9:.1f} GB"
    )


def make(path: Path, postings: int) -> None:
    """An SQLite database with so many postings, at least 4,000, and three times as many events."""
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
            " ('postings', 'events', 'posting_keys', 'site_days', 'visits')"
        ).fetchall()
        connection.execute("BEGIN")
        # an index is made faster at once than row by row
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        _parts(connection)
        _lives(connection, postings)
        for statement in _STATEMENTS:
            connection.execute(statement)
        for _, sql in indexes:
            connection.execute(sql)
        _outlets(connection)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
    refresh_statistics(engine, much_has_gone=False)
    engine.dispose()


# -- parts


def _parts(connection: sqlite3.Connection) -> None:
    """Sites, and tables of titles, employers, places and paragraphs, as JSON has them and as queries see them."""
    random = Random(1)
    words, weights = _words(random)
    sites, told = [], ("2026-11-24 06:00:00.000000", "2025-11-24 00:00:00.000000")
    trust = json.dumps(Trust(identifier=Standing.TRUSTED).to_json())
    for number in range(1, SITES + 1):
        attention = "its last three visits found no postings at all" if number % 150 == 7 else None
        health = json.dumps(health_json(Health(last_complete_at=NOW - timedelta(hours=6), attention=attention)))
        source = json.dumps({
            "kind": "sitemap", "urls": [f"https://s{number}.example/sitemap.xml"], "feeds": [], "shapes": [],
            "rejected": [], "checks": [], "carries": False, "reason": "its sitemap lists postings",
        })  # fmt: skip
        sites.append((
            number, f"site-{number}", f"https://s{number}.example/jobs", f"s{number}.example", source, told[1],
            "2026-11-25 06:00:00.000000", trust, health,
        ))  # fmt: skip
    connection.executemany(
        "INSERT INTO sites (id, name, start_url, host_key, source, added_at, next_visit_at, trust, health, render,"
        " baseline_done, open, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1, 0, 365)",
        sites,
    )
    connection.execute("CREATE TEMP TABLE titles (i INTEGER PRIMARY KEY, json, folded)")
    titles = [f"{level}{role.title()}" for level in _LEVELS for role in _ROLES]
    titles = ["Zeppelin Rigger", *titles, *(f"{title} Shifts" for title in titles), f"{WORD_STEADY.title()} Keeper"]
    connection.executemany(
        "INSERT INTO titles VALUES (?, ?, ?)", [(i, json.dumps(one), fold(one)) for i, one in enumerate(titles)]
    )
    connection.execute("CREATE TEMP TABLE employers (i INTEGER PRIMARY KEY, json, folded)")
    employers = [
        f"{random.choice(words[1000:9000]).title()} {kind} {i}" for i, kind in enumerate(["Works"] * (SITES + 1))
    ]
    connection.executemany(
        "INSERT INTO employers VALUES (?, ?, ?)", [(i, json.dumps(one), fold(one)) for i, one in enumerate(employers)]
    )
    connection.execute("CREATE TEMP TABLE places (i INTEGER PRIMARY KEY, json, folded, text)")
    for i in range(300):
        place = dict.fromkeys(
            ("locality", "region", "country", "postal_code", "street", "latitude", "longitude", "text")
        ) | {"locality": random.choice(words[2000:]).title(), "country": _COUNTRIES[i % 10]}
        seen = looked_at({"locations": [place], "language": "en"})
        connection.execute(
            "INSERT INTO places VALUES (?, ?, ?, ?)", (i, json.dumps(place), seen["location"], seen["text"])
        )
    connection.execute("CREATE TEMP TABLE paragraphs (i INTEGER PRIMARY KEY, text)")
    for i in range(_PARAGRAPHS):
        text = " ".join(random.choices(words, cum_weights=weights, k=_PARAGRAPH_WORDS))
        # one in 2,000 postings has the rare word
        connection.execute("INSERT INTO paragraphs VALUES (?, ?)", (i, f"{text} {WORDS_RARE}" if i == 7 else text))
    raws = [json.dumps({"@type": "JobPosting", "title": "A job", "description": text}) for (text,) in
            connection.execute("SELECT text FROM paragraphs LIMIT 100").fetchall()]  # fmt: skip
    connection.execute("CREATE TEMP TABLE raws (i INTEGER PRIMARY KEY, content)")
    connection.executemany("INSERT INTO raws VALUES (?, ?)", [(i, pack(raw, None)) for i, raw in enumerate(raws)])


def _words(random: Random) -> tuple[list[str], list[float]]:
    """Invented words, and sums of how common they are (Zipf's law)."""
    made = dict.fromkeys([WORDS_COMMON])
    while len(made) < _SIZE:
        syllables = random.choices(["ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "dan", "fel", "gor"], k=4)
        made["".join(syllables[: random.randint(2, 4)]) + random.choice(["", "n", "s", "t", "r", "x", "ly", "ing"])] = (
            None
        )
    sums, total = [], 0.0
    for rank in range(1, _SIZE + 1):
        total += 1 / rank
        sums.append(total)
    return list(made), sums


# -- lives


def _lives(connection: sqlite3.Connection, count: int) -> None:
    """What each posting is made of, when it was seen, and what happened to it."""
    random = Random(2)
    made: list[tuple[int, int]] = []
    for i in range(count):
        site = STEADY if i < STEADY_POSTINGS else _site(random)
        first = 0 if site == STEADY or i == STEADY_POSTINGS or random.random() < 0.3 else random.randrange(1, _DAYS)
        made.append((_visited(site, first), site))
    made.sort()
    connection.execute(
        "CREATE TEMP TABLE made (i INTEGER PRIMARY KEY, id, site, seen, closed, title, employer, place, kind, one, other,"
        " pay, remote, posted, closes, link)"
    )
    connection.execute("CREATE TEMP TABLE told (number INTEGER PRIMARY KEY, type, i, at, day)")
    events: list[tuple[int, int, int, int]] = []
    rows: list[tuple[object, ...]] = []
    restless = next(i for i, (_, site) in enumerate(made) if site == LARGEST)
    for i, (seen, site) in enumerate(made):
        row, happened = _life(random, i, seen, site, rows, restless=i == restless)
        rows.append(row)
        events += happened
    connection.executemany(f"INSERT INTO made VALUES ({', '.join('?' * 16)})", rows)
    # few of two jobs that nobody knows, however many there are; and one that is posted over and over
    for title, number in ((641, _WORD_STEADY_POSTINGS), (0, 7)):
        step = max(count // number, 1)
        connection.execute(f"UPDATE made SET title = {title} WHERE i % {step} = {step // 2} AND site <> {STEADY}")
    connection.execute(f"UPDATE made SET title = 9, employer = 0, place = 9 WHERE i % 500 = 3 AND site <> {STEADY}")
    events.sort()
    kinds = ("opened", "changed", "closed", "reopened")
    connection.executemany(
        "INSERT INTO told VALUES (?, ?, ?, ?, ?)",
        ((n, kinds[kind], i, at, (at - _BEGIN) // _DAY) for n, (at, i, kind, _) in enumerate(events, 1)),
    )


def _site(random: Random) -> int:
    draw = random.random()
    if draw < 0.2:
        return random.randrange(LARGEST, LARGEST + 10)
    if draw < 0.47:
        return random.randrange(LARGEST + 10, LARGEST + 100)
    return random.randrange(LARGEST + 100, SITES + 1)


def _visited(site: int, day: int) -> int:
    """When the site was visited on a day."""
    return _BEGIN + day * _DAY + site * 86_413 % _DAY


def _life(
    random: Random, i: int, seen: int, site: int, before: Sequence[tuple[object, ...]], *, restless: bool
) -> tuple[tuple[object, ...], list[tuple[int, int, int, int]]]:
    """A row of `made`, and events as (at, posting, kind, order)."""
    first = (seen - _BEGIN) // _DAY
    last = min(first + random.randrange(30, 430), _DAYS)
    stays = site == STEADY or restless
    closed = _visited(site, last) if not stays and last < _DAYS else None
    events = [(seen, i, 0, 0)]
    end = last if closed else _DAYS
    changes = RESTLESS if restless else 0 if stays else random.choice((0, 0, 1, 1, 2, 2, 3, 4))
    changes = changes if end - first > 1 else 0
    events += [(_visited(site, random.randrange(first + 1, end)), i, 1, 0) for _ in range(changes)]
    if closed:
        events.append((closed, i, 2, 0))
    elif not stays and end - first > 20 and random.random() < 0.1:
        gone = random.randrange(first + 1, end - 10)
        events += [(_visited(site, gone), i, 2, 0), (_visited(site, gone + 5), i, 3, 0)]
    title, employer, place, link = int(random.random() ** 2 * 640) + 1, site, random.randrange(300), None
    if i > 1000 and site != STEADY and random.random() < 0.02:
        other = before[random.randrange(i)]
        title, employer, place, link = int(str(other[5])), int(str(other[6])), int(str(other[7])), other[1]
    closes = None
    if not stays and random.random() < 0.4:
        day = NOW.date() + timedelta(days=random.randrange(1, 60))
        closes = day if closed is None else _day(closed)
    pay = random.randrange(20, 120) * 1000 if random.random() < 0.35 else None
    row = (
        i, _id(i), site, seen, closed, title, employer, place, random.choice((0, 0, 0, 1, 1, 2)),
        random.randrange(_PARAGRAPHS), random.randrange(_PARAGRAPHS), pay, int(random.random() < 0.11),
        _day(seen).isoformat(), closes and closes.isoformat(), link,
    )  # fmt: skip
    return row, events


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _id(i: int) -> str:
    return "p_" + base64.b32encode(hashlib.blake2b(b"%d" % i, digest_size=10).digest()).decode().lower()


# -- rows


def _stamp(seconds: str) -> str:
    """Seconds as the column of a time holds them."""
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"


def _instant(seconds: str) -> str:
    """Seconds as records hold them."""
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {seconds}, 'unixepoch')"


def _quoted(text: str) -> str:
    return f"coalesce('\"' || {text} || '\"', 'null')"


_JOINED = """JOIN titles ON titles.i = made.title JOIN employers ON employers.i = made.employer
    JOIN places ON places.i = made.place JOIN paragraphs one ON one.i = made.one JOIN paragraphs other ON other.i = made.other"""
_KIND = "CASE kind WHEN 0 THEN 'FULL_TIME' WHEN 1 THEN 'PART_TIME' ELSE 'INTERN' END"
_ADDRESS = "'s' || made.site || '.example/jobs/' || made.i"
#: what the page says, without the braces
_BODY = f"""'"url":"https://' || {_ADDRESS} || '","title":' || titles.json || ',"organization":{{"name":' || employers.json
    || ',"url":null,"logo":null}},"identifier":{{"name":null,"value":"J' || made.i || '"}},"locations":[' || places.json
    || '],"remote":' || CASE made.remote WHEN 1 THEN 'true' ELSE 'false' END || ',"remote_regions":[],"employment_types":["'
    || {_KIND} || '"],"salary":' || CASE WHEN pay IS NULL THEN 'null' ELSE '{{"currency":"EUR","min":' || pay || ',"max":'
    || (pay + 10000) || ',"unit":"YEAR","text":null}}' END || ',"date_posted":"' || posted || '","valid_through":'
    || {_quoted("closes")} || ',"description_text":"' || one.text || '\\n\\n' || other.text
    || '","description_html":"<p>' || one.text || '</p><p>' || other.text || '</p>","language":"en","direct_apply":null,'
    || '"industry":null,"skills":null,"education":null,"experience":null,"syntax":"json-ld"'"""
_LINKS = """CASE WHEN link IS NULL THEN '[]' ELSE '[{"id":"' || link || '","link":"likely","evidence":"title and text"}]' END"""
_LAST = f"coalesce(closed - {_DAY}, {_BEGIN} + {_DAYS - 1} * {_DAY} + made.site * 86413 % {_DAY})"

_STATEMENTS = (
    f"""INSERT INTO visits (id, site_id, fence, started_at, ended_at, outcome, baseline, listed, read, unreadable, opened,
        changed, closed, reopened, requests, answers, not_modified, bytes, notes)
        WITH RECURSIVE days(day) AS (SELECT {_DAYS - _VISITS_KEPT} UNION ALL SELECT day + 1 FROM days WHERE day < {_DAYS - 1})
        SELECT 'v_' || sites.id || '_' || day, sites.id, day, {_stamp(f"{_BEGIN} + day * {_DAY} + sites.id * 86413 % {_DAY} - 60")},
        {_stamp(f"{_BEGIN} + day * {_DAY} + sites.id * 86413 % {_DAY}")},
        CASE WHEN (sites.id * 31 + day) % 97 = 0 THEN 'partial' ELSE 'complete' END, 0, 100, 10, 0, 1, 1, 1, 0, 60,
        '{{"2xx":58,"4xx":2}}', 20, 300000, '[]' FROM days CROSS JOIN sites""",
    f"""INSERT INTO contents (number, body) SELECT made.i, '{{' || {_BODY} || '}}' FROM made {_JOINED} ORDER BY made.i""",
    f"""INSERT INTO postings (id, site_id, content, raw_hash, page, state, first_seen, last_seen, last_visit, last_read,
        missing_looks, closed_at, closed_reason, closed_recorded_at, valid_until, links)
        SELECT id, site, made.i, printf('%032x', made.i), {_ADDRESS},
        CASE WHEN closed IS NULL THEN 'open' ELSE 'closed' END, {_stamp("seen")}, {_stamp(_LAST)},
        'v_' || site || '_' || (({_LAST} - {_BEGIN}) / {_DAY}), {_stamp(_LAST)}, 0, {_stamp("closed")},
        CASE WHEN closed IS NOT NULL THEN 'gone' END, {_stamp("closed")}, datetime(closes, '+2 days', '-12 hours') || '.000000',
        {_LINKS} FROM made {_JOINED} ORDER BY made.i""",
    f"""INSERT INTO folded_postings (posting_id, title, employer, location, types, language, remote, currency, salary_low,
        salary_high, posted, closes, described, text)
        SELECT id, titles.folded, employers.folded, places.folded, ' ' || {_KIND} || ' ', ' en ', remote,
        CASE WHEN pay IS NOT NULL THEN 'EUR' END, pay, pay + 10000, posted, closes, 1,
        titles.folded || '|' || employers.folded || '|' || places.text || '| j' || made.i || ' | ' || one.text || ' '
        || other.text || ' ' FROM made {_JOINED} ORDER BY made.i""",
    *(
        f"INSERT INTO posting_keys (site_id, kind, value, posting_id, since) SELECT site, '{kind}', {value}, id, i FROM made"
        f" {where} ORDER BY site, {value}, id"
        for kind, value, where in (
            ("address", _ADDRESS, ""),
            ("identifier", "'works ' || employer || ' | j' || i", ""),
            ("print", "printf('%08x%08x%08x', title, employer, place)", ""),
            ("token", "'path:-1=' || i", ""),
        )
    ),
    f"""INSERT INTO pages (site_id, address, url, etag, body_hash, lastmod, last_read_at)
        SELECT site, {_ADDRESS}, 'https://' || {_ADDRESS}, '"' || made.i || '"', printf('%032x', made.i), '2026-01-01',
        {_stamp(_LAST)} FROM made ORDER BY site, {_ADDRESS}""",
    "INSERT INTO raw_postings (hash, content) SELECT printf('%032x', made.i), raws.content FROM made"
    " JOIN raws ON raws.i = made.i % 100 ORDER BY made.i",
    f"""INSERT INTO events (number, type, site_id, visit_id, posting_id, at, unseen_at, content, standing, baseline, reason,
        changes, significance, evidence, raw_hash)
        SELECT number, type, site, CASE WHEN day >= {_DAYS - _VISITS_KEPT} THEN 'v_' || site || '_' || day END, id,
        {_stamp("at")}, CASE WHEN type = 'opened' AND day > 0 THEN {_stamp(f"at - {_DAY}")} END,
        made.i, '{{"site":"site-' || site || '","state":"' || CASE type WHEN 'closed' THEN 'closed' ELSE 'open' END
        || '","first_seen":"' || {_instant("seen")} || '","last_seen":"' || {_instant("at")}
        || '"' || CASE type WHEN 'closed' THEN ',"closed_at":"' || {_instant("at")} || '","closed_reason":"gone"' ELSE '' END
        || ',"duplicates":' || {_LINKS} || '}}',
        day = 0 AND type = 'opened', CASE type WHEN 'closed' THEN 'gone' WHEN 'reopened' THEN 'seen again' END,
        CASE WHEN type <> 'changed' THEN '{{}}' WHEN number % 3 = 0 THEN '{{"description_text":{{"before":"' || other.text
        || '","after":"' || one.text || '"}}}}' ELSE '{{"skills":{{"before":null,"after":"patience"}}}}' END,
        CASE WHEN type = 'changed' AND number % 3 = 1 THEN 'minor' ELSE 'material' END,
        '{{"url":"https://' || {_ADDRESS} || '","status":200,"at":"' || {_instant("at")} || '","rule":"the page shows it"}}',
        CASE WHEN type = 'opened' THEN printf('%032x', made.i) END
        FROM told CROSS JOIN made ON made.i = told.i {_JOINED} ORDER BY number""",
    f"""INSERT INTO site_days (day, site_id, complete, partial, suspect, failed, opened, changed, closed, reopened, growth)
        SELECT date({_BEGIN} + day * {_DAY} + site * 86413 % {_DAY}, 'unixepoch') AS that, site, 1, 0, 0, 0,
        sum(type = 'opened' AND day > 0), sum(type = 'changed'), sum(type = 'closed'), sum(type = 'reopened'),
        sum(CASE type WHEN 'changed' THEN 0 WHEN 'closed' THEN -1 ELSE 1 END)
        FROM told JOIN made ON made.i = told.i GROUP BY that, site""",
    # each site is visited every day, and most of these visits find nothing new where it has few postings
    f"""INSERT OR IGNORE INTO site_days (day, site_id, complete, partial, suspect, failed, opened, changed, closed, reopened,
        growth)
        WITH RECURSIVE days(day) AS (SELECT 0 UNION ALL SELECT day + 1 FROM days WHERE day < {_DAYS - 1})
        SELECT date({_BEGIN} + day * {_DAY} + sites.id * 86413 % {_DAY}, 'unixepoch'), sites.id, 1, 0, 0, 0, 0, 0, 0, 0, 0
        FROM days CROSS JOIN sites""",
    "UPDATE sites SET open = (SELECT count(*) FROM made WHERE site = sites.id AND closed IS NULL)",
    "UPDATE installation SET last_event = (SELECT max(number) FROM told)",
)  # fmt: skip


def _outlets(connection: sqlite3.Connection) -> None:
    """Searches, outlets that hear of them, and what became of what they were sent."""
    at = "2026-05-01 00:00:00.000000"
    queries = ("welder", WORDS_COMMON, WORDS_RARE, "title:nurse remote:yes", "salary>=70k", "closes:<7d")
    connection.executemany(
        "INSERT INTO searches (id, name, query, grammar, created_at) VALUES (?, ?, ?, 1, ?)",
        [(i, f"search-{i}", query, at) for i, query in enumerate(queries, 1)],
    )
    last = connection.execute("SELECT last_event FROM installation").fetchone()[0]
    connection.executemany(
        "INSERT INTO outlets (id, name, kind, address, options, search_id, cursor, since, released, token, created_at)"
        " VALUES (?, ?, 'webhook', ?, '{\"secret\":[\"s\"]}', ?, ?, 0, 0, ?, ?)",
        [
            (i, f"outlet-{i}", f"https://o{i}.example/hook", i if i <= 3 else None, last - i * 10, f"token-{i}", at)
            for i in range(1, 6)
        ],
    )
    connection.execute(
        f"""INSERT INTO deliveries (outlet_id, event, status, attempts, first_attempt_at, last_attempt_at, next_attempt_at, error)
        SELECT 5, number, CASE WHEN number % 50 = 0 THEN 'parked' ELSE 'sent' END, 1, {_stamp("at")}, {_stamp("at")}, NULL,
        CASE WHEN number % 50 = 0 THEN '500 server error' END FROM told WHERE number <= {last - 50} AND number > {last // 10 * 9}"""
    )


if __name__ == "__main__":
    main()
