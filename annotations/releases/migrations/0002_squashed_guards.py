"""A release is never deleted, nor changed once it has ended.

It is emptied once: with its corpus, or by somebody whom its row names.
"""

from django.db import migrations

# What was requested, and stays for good.
REQUESTED = [
    "corpus_id", "number", "user_id", "name", "notes", "selection", "seed", "train", "dev", "test", "client_key",
    "request_sha256", "created_at",
]  # fmt: skip
# Of an erased release the rest is emptied.
KEPT = [
    "corpus_id", "number", "user_id", "created_at", "seed", "train", "dev", "test", "client_key", "request_sha256"
]  # fmt: skip


def _of(row: str, names: list[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in names)


GUARDS = f"""
    CREATE FUNCTION releases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.state <> 'erased' AND NEW.state = 'erased'
                AND ({_of("OLD", KEPT)}) IS NOT DISTINCT FROM ({_of("NEW", KEPT)})
                AND (
                    (OLD.state IN ('made', 'failed', 'cancelled') AND NEW.erased_by_id IS NOT NULL)
                    OR EXISTS (SELECT FROM articles_corpus WHERE id = OLD.corpus_id AND erased_at IS NOT NULL)
                )
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'release % of corpus % is immutable: % refused', OLD.number, OLD.corpus_id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER release_never_deleted BEFORE DELETE ON releases_release
        FOR EACH ROW EXECUTE FUNCTION releases_refuse_change();
    CREATE TRIGGER release_made_once BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (OLD.state IN ('made', 'failed', 'erased', 'cancelled'))
        EXECUTE FUNCTION releases_refuse_change();
    CREATE TRIGGER release_made_as_asked BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (({_of("OLD", REQUESTED)}) IS DISTINCT FROM ({_of("NEW", REQUESTED)}))
        EXECUTE FUNCTION releases_refuse_change();
"""
NO_GUARDS = """
    DROP TRIGGER release_made_as_asked ON releases_release;
    DROP TRIGGER release_made_once ON releases_release;
    DROP TRIGGER release_never_deleted ON releases_release;
    DROP FUNCTION releases_refuse_change();
"""


class Migration(migrations.Migration):
    replaces = [
        ("releases", "0002_guards"),
        ("releases", "0004_erased_guards"),
        ("releases", "0006_erased_singly_guards"),
        ("releases", "0007_cancelled"),
    ]
    dependencies = [("releases", "0001_squashed_tables"), ("articles", "0002_squashed_guards")]
    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
