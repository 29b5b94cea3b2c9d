"""The search vectors of all articles are made anew: of words without accents, invisible characters and punctuation.

Batch by batch, each committed by itself: a corpus of any size is never rewritten at one stroke, and a migration that was
interrupted simply begins again. Erased articles have no vector and get none.
"""

from django.db import migrations

from corpusapp.articles.search import INDEXED_CHARACTERS, SEARCHED_COLUMNS, VECTOR_SQL, configuration_of, searched
from corpusapp.core.migrating import in_batches

BATCH = 500
_READ = f"""
    SELECT id, title, left(text, {INDEXED_CHARACTERS}), language FROM articles_article
    WHERE id > %s AND erased_at IS NULL ORDER BY id LIMIT {BATCH}
"""
_TABLE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS reindexed (id bigint, configuration text, {SEARCHED_COLUMNS}) ON COMMIT DROP;
    TRUNCATE reindexed
"""
_WRITE = f"""
    UPDATE articles_article AS article SET search_vector = made.vector
    FROM (SELECT id, {VECTOR_SQL} AS vector FROM reindexed) AS made WHERE article.id = made.id
"""


def reindex(apps, schema_editor) -> None:
    in_batches(schema_editor, _reindex_batch)


def _reindex_batch(cursor, last: int) -> tuple[int, int]:
    """Make the vectors of the batch behind this id; returns its last id, and how many articles it holds."""
    cursor.execute(_READ, [last])
    rows = cursor.fetchall()
    cursor.execute(_TABLE)
    with cursor.copy("COPY reindexed FROM STDIN") as copy:
        for pk, title, text, language in rows:
            configuration = configuration_of(language)
            copy.write_row((pk, configuration, *searched(title, text, configuration)))
    cursor.execute(_WRITE)
    return rows[-1][0] if rows else last, len(rows)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0008_long_articles")]
    operations = [migrations.RunPython(reindex, migrations.RunPython.noop, elidable=True)]
