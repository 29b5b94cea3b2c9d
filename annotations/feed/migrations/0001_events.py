"""The change feed. What a desk holds already comes first in it, as if it had happened now, in the order of its ids."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# Articles, their labels before them, their changes behind them; then how far each has come, and what is withdrawn.
HELD_ALREADY = """
    INSERT INTO feed_waiting (kind, corpus_id, at, data)
    SELECT 'label', corpus_id, now(), jsonb_build_object(
        'id', id, 'name', name, 'definition', definition, 'family', family, 'position', position)
    FROM review_label ORDER BY corpus_id, id;
    INSERT INTO feed_waiting (kind, corpus_id, article_id, at, data)
    SELECT CASE WHEN a.version > 1 OR a.previous_id IS NOT NULL THEN 'article.version' ELSE 'article.added' END,
           a.corpus_id, a.id, a.created_at, jsonb_build_object('zones', (
               SELECT coalesce(jsonb_agg(jsonb_build_object('id', z.id, 'start', z.start, 'end', z."end",
                                                            'kind', z.kind)
                                         ORDER BY z.start, z."end" DESC, z.kind), '[]')
               FROM articles_zone z WHERE z.article_id = a.id))
    FROM articles_article a ORDER BY a.id;
    INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, user_id, at)
    SELECT 'span', d.corpus_id, c.article_id, c.id, d.user_id, d.created_at
    FROM review_change c JOIN review_decision d ON d.id = c.decision_id
    WHERE c.before_state <> 'suggested' OR c.after_state <> 'suggested' ORDER BY c.id;
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, at, data)
    SELECT 'article.stage', corpus_id, article_id, editor_id, now(), jsonb_build_object('stage', stage)
    FROM review_review WHERE stage <> 'new' ORDER BY article_id;
    INSERT INTO feed_waiting (kind, corpus_id, article_id, at)
    SELECT 'article.withdrawn', corpus_id, id, withdrawn_at
    FROM articles_article WHERE withdrawn_at IS NOT NULL ORDER BY id;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("articles", "0005_zones_by_persons"),
        ("review", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article.added", "Added"),
                            ("article.version", "Version"),
                            ("article.withdrawn", "Withdrawn"),
                            ("article.restored", "Restored"),
                            ("article.stage", "Stage"),
                            ("article.zones", "Zones"),
                            ("label", "Label"),
                            ("span", "Span"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(null=True)),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="review.change",
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article.added", "Added"),
                            ("article.version", "Version"),
                            ("article.withdrawn", "Withdrawn"),
                            ("article.restored", "Restored"),
                            ("article.stage", "Stage"),
                            ("article.zones", "Zones"),
                            ("label", "Label"),
                            ("span", "Span"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(null=True)),
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("key", models.UUIDField(unique=True)),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="review.change",
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [models.Index(fields=["corpus", "position"], name="event_of_corpus")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "article.added",
                                    "article.version",
                                    "article.withdrawn",
                                    "article.restored",
                                    "article.stage",
                                    "article.zones",
                                    "label",
                                    "span",
                                ],
                            )
                        ),
                        name="event_kind_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(HELD_ALREADY, migrations.RunSQL.noop),
    ]
