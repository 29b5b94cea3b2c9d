"""What Django's constraints cannot say: keys over several columns, and a text that never changes."""

from django.db import migrations

KEYS = """
    ALTER TABLE articles_article ADD CONSTRAINT article_source_of_same_corpus
        FOREIGN KEY (source_id, corpus_id) REFERENCES articles_source (id, corpus_id) DEFERRABLE;
    ALTER TABLE articles_article ADD CONSTRAINT article_previous_of_same_corpus
        FOREIGN KEY (previous_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
    ALTER TABLE articles_zone ADD CONSTRAINT zone_of_article
        FOREIGN KEY (article_id, corpus_id, article_length)
        REFERENCES articles_article (id, corpus_id, length) DEFERRABLE;
"""
NO_KEYS = """
    ALTER TABLE articles_zone DROP CONSTRAINT zone_of_article;
    ALTER TABLE articles_article DROP CONSTRAINT article_previous_of_same_corpus;
    ALTER TABLE articles_article DROP CONSTRAINT article_source_of_same_corpus;
"""
# Only an erasure removes the text. The trigger runs after the change: where one runs before the changes of a row,
# PostgreSQL assumes that each of them also changes the generated `length`, which foreign keys refer to, and whoever
# adds a span waits for whoever withdraws or groups its article.
TEXT = """
    CREATE FUNCTION articles_refuse_new_text() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the text of article % cannot change: import another version', OLD.id
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER article_text_never_changes AFTER UPDATE OF text, corpus_id ON articles_article
        FOR EACH ROW WHEN (
            OLD.corpus_id <> NEW.corpus_id
            OR OLD.text IS DISTINCT FROM NEW.text AND NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
        )
        EXECUTE FUNCTION articles_refuse_new_text();
"""
NO_TEXT = """
    DROP TRIGGER article_text_never_changes ON articles_article;
    DROP FUNCTION articles_refuse_new_text();
"""


class Migration(migrations.Migration):
    replaces = [("articles", "0002_guards"), ("articles", "0006_erasing"), ("articles", "0007_lighter_guard")]
    dependencies = [("articles", "0001_squashed_tables")]
    operations = [migrations.RunSQL(KEYS, NO_KEYS), migrations.RunSQL(TEXT, NO_TEXT)]
