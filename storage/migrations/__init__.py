"""How the schema of each version became the next; `storage.schema.upgrade` runs what is missing.

Revisions are four digits in order. A released one is never edited.
"""

from __future__ import annotations

#: the newest revision in `versions`: what this hirewatch reads and writes
SCHEMA = "0003"
