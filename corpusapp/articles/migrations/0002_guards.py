"""What Django's constraints cannot say: keys over several columns, and a text that never changes."""

from django.db import migrations

GUARDS = [
    (
        """
        ALTER TABLE articles_article ADD CONSTRAINT article_source_of_same_corpus
            FOREIGN KEY (source_id, corpus_id) REFERENCES articles_source (id, corpus_id) DEFERRABLE;
        ALTER TABLE articles_article ADD CONSTRAINT article_previous_of_same_corpus
            FOREIGN KEY (previous_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
        ALTER TABLE articles_zone ADD CONSTRAINT zone_of_article
            FOREIGN KEY (article_id, corpus_id, article_length)
            REFERENCES articles_article (id, corpus_id, length) DEFERRABLE;
        """,
        """
        ALTER TABLE articles_zone DROP CONSTRAINT zone_of_article;
        ALTER TABLE articles_article DROP CONSTRAINT article_previous_of_same_corpus;
        ALTER TABLE articles_article DROP CONSTRAINT article_source_of_same_corpus;
        """,
    ),
    (
        """
        CREATE FUNCTION articles_refuse_new_text() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the text of article % cannot change: import another version', OLD.id
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER article_text_never_changes BEFORE UPDATE OF text, corpus_id ON articles_article
            FOR EACH ROW WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.corpus_id <> NEW.corpus_id)
            EXECUTE FUNCTION articles_refuse_new_text();
        """,
        """
        DROP TRIGGER article_text_never_changes ON articles_article;
        DROP FUNCTION articles_refuse_new_text();
        """,
    ),
]


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunSQL(forwards, backwards) for forwards, backwards in GUARDS]
