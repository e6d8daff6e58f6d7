"""How far back the newest numbers of the index of words reach (`storage.word_index`), so that a search can end with
them."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    # a row for each fifty numbers: when the last found of the postings up to that one was first seen
    """CREATE TABLE posting_numbers_seen (
    number INTEGER NOT NULL PRIMARY KEY,
    newest TEXT NOT NULL
)""",
    """INSERT INTO posting_numbers_seen (number, newest)
    SELECT number, max(newest, coalesce((SELECT newest FROM posting_numbers_seen ORDER BY number DESC LIMIT 1), ''))
    FROM (
        SELECT number, max(first_seen) OVER (ORDER BY number) AS newest
        FROM posting_numbers CROSS JOIN postings ON postings.id = posting_id
        WHERE number > coalesce((SELECT max(number) FROM posting_numbers_seen), 0)
    ) WHERE number / 50 * 50 = number""",
    "DROP TRIGGER folded_postings_removed",
    "DROP TRIGGER unindexed_postings_many",
    # the number may be given again, to a posting that was first seen later
    """CREATE TRIGGER folded_postings_removed AFTER DELETE ON folded_postings BEGIN
    INSERT INTO unindexed_postings (number, was)
        SELECT number, old.text FROM posting_numbers WHERE posting_id = old.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
    DELETE FROM posting_numbers_seen
        WHERE number >= (SELECT number FROM posting_numbers WHERE posting_id = old.posting_id);
    DELETE FROM posting_numbers WHERE posting_id = old.posting_id;
END""",
    """CREATE TRIGGER unindexed_postings_many AFTER INSERT ON unindexed_postings WHEN new.place >= 250 BEGIN
    INSERT INTO posting_words (posting_words, rowid, text)
        SELECT 'delete', number, was FROM unindexed_postings WHERE was IS NOT NULL ORDER BY number;
    INSERT INTO posting_words (rowid, text)
        SELECT number, text FROM (SELECT number FROM unindexed_postings ORDER BY number)
        CROSS JOIN posting_numbers USING (number) CROSS JOIN folded_postings USING (posting_id);
    DELETE FROM unindexed_postings;
    INSERT INTO posting_numbers_seen (number, newest)
        SELECT number, max(newest, coalesce((SELECT newest FROM posting_numbers_seen ORDER BY number DESC LIMIT 1), ''))
        FROM (
            SELECT number, max(first_seen) OVER (ORDER BY number) AS newest
            FROM posting_numbers CROSS JOIN postings ON postings.id = posting_id
            WHERE number > coalesce((SELECT max(number) FROM posting_numbers_seen), 0)
        ) WHERE number / 50 * 50 = number;
END""",
)


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for statement in SQLITE:
            op.get_bind().exec_driver_sql(statement)
