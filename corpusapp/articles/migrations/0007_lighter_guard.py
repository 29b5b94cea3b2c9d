"""The guard of texts looks behind a change, not before it.

Where a trigger stands before the changes of a row, PostgreSQL takes every change for one of the generated `length` too,
which keys refer to: whoever brought a span in waited for whoever hid, showed or grouped its article, and both could wait
for one another.
"""

from django.db import migrations

GUARD = """
    DROP TRIGGER article_text_never_changes ON articles_article;
    CREATE TRIGGER article_text_never_changes {} UPDATE OF text, corpus_id ON articles_article
        FOR EACH ROW WHEN (
            OLD.corpus_id <> NEW.corpus_id
            OR OLD.text IS DISTINCT FROM NEW.text AND NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
        )
        EXECUTE FUNCTION articles_refuse_new_text();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_erasing")]
    operations = [migrations.RunSQL(GUARD.format("AFTER"), GUARD.format("BEFORE"))]
