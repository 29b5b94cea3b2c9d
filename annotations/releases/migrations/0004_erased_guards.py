"""A release is never deleted, and never changed once it is made or failed, but emptied when its corpus is erased."""

from django.db import migrations

MADE_ONCE = """
    DROP TRIGGER release_made_once ON releases_release;
    CREATE TRIGGER release_made_once BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (OLD.state IN (%s)) EXECUTE FUNCTION releases_refuse_change();
"""
REFUSED = """
        RAISE EXCEPTION 'release % of corpus % is immutable: % refused', OLD.number, OLD.corpus_id, TG_OP
            USING ERRCODE = 'restrict_violation';
"""
FORWARDS = f"""
    CREATE OR REPLACE FUNCTION releases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND EXISTS (
            SELECT FROM articles_corpus WHERE id = OLD.corpus_id AND erased_at IS NOT NULL
        ) THEN
            IF OLD.state <> 'erased' AND NEW.state = 'erased'
                AND (OLD.corpus_id, OLD.number, OLD.user_id, OLD.created_at)
                IS NOT DISTINCT FROM (NEW.corpus_id, NEW.number, NEW.user_id, NEW.created_at)
            THEN
                RETURN NEW;
            END IF;
        END IF;
        {REFUSED}
    END $$;
"""
BACKWARDS = f"""
    CREATE OR REPLACE FUNCTION releases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {REFUSED}
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0003_erased"), ("articles", "0006_erasing")]
    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL(MADE_ONCE % "'made', 'failed', 'erased'", MADE_ONCE % "'made', 'failed'"),
    ]
