"""Articles and corpora can be erased: the row stays, and holds nothing."""

from django.db import migrations, models

# The text of an article still never changes, but it may go for good; what its constraints ask of an erased row is that
# it holds nothing, so there is no way back from there.
ERASING = """
    DROP TRIGGER article_text_never_changes ON articles_article;
    CREATE TRIGGER article_text_never_changes BEFORE UPDATE OF text, corpus_id ON articles_article
        FOR EACH ROW WHEN (
            OLD.corpus_id <> NEW.corpus_id
            OR OLD.text IS DISTINCT FROM NEW.text AND NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
        )
        EXECUTE FUNCTION articles_refuse_new_text();
"""
NOT_ERASING = """
    DROP TRIGGER article_text_never_changes ON articles_article;
    CREATE TRIGGER article_text_never_changes BEFORE UPDATE OF text, corpus_id ON articles_article
        FOR EACH ROW WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.corpus_id <> NEW.corpus_id)
        EXECUTE FUNCTION articles_refuse_new_text();
"""
# The bytes of what came in when it was tried again: its article has them as its original.
FORGET_RETRIED = "UPDATE articles_importproblem SET data = NULL WHERE retried_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0005_zones_by_persons"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="article",
            name="article_text_not_empty",
        ),
        migrations.AddField(
            model_name="article",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, help_text="Nothing of it is left.", null=True),
        ),
        migrations.AddField(
            model_name="corpus",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, help_text="Nothing of it is left.", null=True),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("length__gte", 1), ("erased_at__isnull", False), _connector="OR"),
                name="article_text_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("author", ""),
                        ("content_sha256__isnull", True),
                        ("dateline", {}),
                        ("external_id", ""),
                        ("metadata", {}),
                        ("published_evidence", {}),
                        ("published_on__isnull", True),
                        ("published_precision", ""),
                        ("search_vector__isnull", True),
                        ("source__isnull", True),
                        ("text", ""),
                        ("title", ""),
                        ("url", ""),
                        ("url_sha256__isnull", True),
                        ("withdrawn_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="article_erased_holds_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="corpus",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(("guidelines", ""), ("name", models.F("slug")), ("withdrawn_at__isnull", False)),
                    _connector="OR",
                ),
                name="corpus_erased_holds_nothing",
            ),
        ),
        migrations.RunSQL(ERASING, NOT_ERASING),
        migrations.RunSQL(FORGET_RETRIED, migrations.RunSQL.noop),
    ]
