"""What Django's constraints cannot say: a release is never deleted, and never changed once it is made or failed."""

from django.db import migrations

FORWARDS = """
    CREATE FUNCTION releases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'release % of corpus % is immutable: % refused', OLD.number, OLD.corpus_id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER release_never_deleted BEFORE DELETE ON releases_release
        FOR EACH ROW EXECUTE FUNCTION releases_refuse_change();
    CREATE TRIGGER release_made_once BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (OLD.state IN ('made', 'failed')) EXECUTE FUNCTION releases_refuse_change();
    CREATE TRIGGER release_made_as_asked BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (
            (OLD.corpus_id, OLD.number, OLD.user_id, OLD.name, OLD.notes, OLD.selection, OLD.seed, OLD.train, OLD.dev,
             OLD.test, OLD.client_key, OLD.request_sha256, OLD.created_at)
            IS DISTINCT FROM
            (NEW.corpus_id, NEW.number, NEW.user_id, NEW.name, NEW.notes, NEW.selection, NEW.seed, NEW.train, NEW.dev,
             NEW.test, NEW.client_key, NEW.request_sha256, NEW.created_at)
        ) EXECUTE FUNCTION releases_refuse_change();
"""
BACKWARDS = """
    DROP TRIGGER release_made_as_asked ON releases_release;
    DROP TRIGGER release_made_once ON releases_release;
    DROP TRIGGER release_never_deleted ON releases_release;
    DROP FUNCTION releases_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0001_releases")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
