"""A release is also emptied alone, once, by somebody whom its row names; still it is never deleted or changed."""

from importlib import import_module

from django.db import migrations

before = import_module("annotations.releases.migrations.0004_erased_guards")
ASKED = ["corpus_id", "number", "user_id", "created_at", "seed", "train", "dev", "test", "client_key", "request_sha256"]
FORWARDS = f"""
    CREATE OR REPLACE FUNCTION releases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.state <> 'erased' AND NEW.state = 'erased'
                AND ({", ".join(f"OLD.{name}" for name in ASKED)})
                IS NOT DISTINCT FROM ({", ".join(f"NEW.{name}" for name in ASKED)})
                AND (
                    (OLD.state IN ('made', 'failed') AND NEW.erased_by_id IS NOT NULL)
                    OR EXISTS (SELECT FROM articles_corpus WHERE id = OLD.corpus_id AND erased_at IS NOT NULL)
                )
            THEN
                RETURN NEW;
            END IF;
        END IF;
        {before.REFUSED}
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0005_erased_singly")]
    operations = [migrations.RunSQL(FORWARDS, before.FORWARDS)]
