"""Check the articles of bands once for each statement: an article has twenty bands, and imports write many at once."""

import django.db.models.deletion
from django.db import migrations, models

# The articles are locked as a foreign key locks them, so that none is deleted meanwhile. The subquery with the lock is
# an index scan for each article, whatever the statistics say.
GUARD = """
    CREATE FUNCTION articles_refuse_stray_bands() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE stray record;
    BEGIN
        SELECT written.* INTO stray FROM (SELECT DISTINCT corpus_id, article_id FROM changed) written
        LEFT JOIN LATERAL (
            SELECT a.id FROM articles_article a
            WHERE a.id = written.article_id AND a.corpus_id = written.corpus_id FOR KEY SHARE
        ) found ON true
        WHERE found.id IS NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'a band names article % of corpus %, which is not there', stray.article_id, stray.corpus_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'band_of_article';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER band_of_article_inserted AFTER INSERT ON articles_sketchband REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION articles_refuse_stray_bands();
    CREATE TRIGGER band_of_article_updated AFTER UPDATE ON articles_sketchband REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION articles_refuse_stray_bands();

    CREATE FUNCTION articles_refuse_leaving_bands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM articles_sketchband WHERE article_id = OLD.id)
            AND NOT EXISTS (SELECT FROM articles_article WHERE id = OLD.id) THEN
            RAISE EXCEPTION 'article % has bands: delete these first', OLD.id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'band_of_article';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER article_with_bands_deleted AFTER DELETE ON articles_article
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION articles_refuse_leaving_bands();
    CREATE CONSTRAINT TRIGGER article_with_bands_renamed AFTER UPDATE OF id ON articles_article
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION articles_refuse_leaving_bands();
"""
NO_GUARD = """
    DROP TRIGGER article_with_bands_renamed ON articles_article;
    DROP TRIGGER article_with_bands_deleted ON articles_article;
    DROP FUNCTION articles_refuse_leaving_bands();
    DROP TRIGGER band_of_article_updated ON articles_sketchband;
    DROP TRIGGER band_of_article_inserted ON articles_sketchband;
    DROP FUNCTION articles_refuse_stray_bands();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0002_squashed_guards")]
    operations = [
        migrations.AlterField(
            "sketchband",
            "article",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="articles.article",
            ),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
