"""An index of the words of postings (`storage.word_index`), and the words of those that are there."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    # the number by which the index knows a posting: those that SQLite gives rows itself may change in a copy
    """CREATE TABLE posting_numbers (
    number INTEGER NOT NULL PRIMARY KEY,
    posting_id TEXT NOT NULL UNIQUE
)""",
    # postings whose text the index does not know yet, and the text that it knows of them; null = none
    """CREATE TABLE unindexed_postings (
    place INTEGER NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    was TEXT
)""",
    """CREATE VIEW posting_texts AS
SELECT number, text FROM posting_numbers CROSS JOIN folded_postings USING (posting_id)""",
    # a word is what stands between blanks: letters and digits of any script, and three signs that a folded word may
    # have
    """CREATE VIRTUAL TABLE posting_words USING fts5(
    text, content=posting_texts, content_rowid=number, detail=none, columnsize=0, tokenize="ascii tokenchars '.+#'"
)""",
    """CREATE TRIGGER folded_postings_added AFTER INSERT ON folded_postings BEGIN
    INSERT INTO posting_numbers (posting_id) VALUES (new.posting_id);
    INSERT INTO unindexed_postings (number)
        SELECT number FROM posting_numbers WHERE posting_id = new.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
END""",
    """CREATE TRIGGER folded_postings_changed AFTER UPDATE OF text ON folded_postings WHEN old.text <> new.text BEGIN
    INSERT INTO unindexed_postings (number, was)
        SELECT number, old.text FROM posting_numbers WHERE posting_id = new.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
END""",
    """CREATE TRIGGER folded_postings_removed AFTER DELETE ON folded_postings BEGIN
    INSERT INTO unindexed_postings (number, was)
        SELECT number, old.text FROM posting_numbers WHERE posting_id = old.posting_id
        AND number NOT IN (SELECT number FROM unindexed_postings);
    DELETE FROM posting_numbers WHERE posting_id = old.posting_id;
END""",
    """CREATE TRIGGER unindexed_postings_many AFTER INSERT ON unindexed_postings WHEN new.place >= 250 BEGIN
    INSERT INTO posting_words (posting_words, rowid, text)
        SELECT 'delete', number, was FROM unindexed_postings WHERE was IS NOT NULL ORDER BY number;
    INSERT INTO posting_words (rowid, text)
        SELECT number, text FROM (SELECT number FROM unindexed_postings ORDER BY number)
        CROSS JOIN posting_numbers USING (number) CROSS JOIN folded_postings USING (posting_id);
    DELETE FROM unindexed_postings;
END""",
)

#: SQLite: what is there already, before the triggers are, which would note it down
FILL = (
    "INSERT INTO posting_numbers (posting_id) SELECT posting_id FROM folded_postings ORDER BY rowid",
    "INSERT INTO posting_words (posting_words) VALUES ('rebuild')",
)

POSTGRESQL = """CREATE INDEX ix_folded_postings_words ON folded_postings
    USING gin (string_to_array(regexp_replace(text COLLATE "C", '[^ ]{200,}', '', 'g'), ' '))"""


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
        # which words are common
        op.execute("ANALYZE folded_postings")
        return
    tables = [one for one in SQLITE if not one.startswith("CREATE TRIGGER")]
    for statement in (*tables, *FILL, *SQLITE[len(tables) :]):
        op.get_bind().exec_driver_sql(statement)
