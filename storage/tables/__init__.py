"""Every table, with what its columns mean. Migrations create them; only modules of `storage` name them.

One module writes a table: the ledger writes `postings`, `posting_keys`, `raw_postings`, `pages`, `events` and
`site_days`; `sites` (with `leases` and `acceptance`), `outlets` and `deliveries`, `hosts`, `responses` and `access`
write theirs.
"""

from __future__ import annotations

from storage.tables.columns import UtcDateTime, metadata
from storage.tables.keeping import kept_bodies, kept_responses, kept_visits
from storage.tables.ledger import contents, events, folded_postings, posting_keys, postings, raw_postings
from storage.tables.service import installation, logins, maintenance, password, tokens
from storage.tables.telling import deliveries, outlets, searches
from storage.tables.watching import hosts, pages, robots, site_days, sites, visits

__all__ = [
    "UtcDateTime",
    "contents",
    "deliveries",
    "events",
    "folded_postings",
    "hosts",
    "installation",
    "kept_bodies",
    "kept_responses",
    "kept_visits",
    "logins",
    "maintenance",
    "metadata",
    "outlets",
    "pages",
    "password",
    "posting_keys",
    "postings",
    "raw_postings",
    "robots",
    "searches",
    "site_days",
    "sites",
    "tokens",
    "visits",
]
