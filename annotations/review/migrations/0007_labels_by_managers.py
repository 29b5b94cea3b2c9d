"""Labels have a key and examples, can be hidden, and merged; suggesters may know them by other names."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# As before, but says of each label whether it is hidden.
OPEN = """
    CREATE OR REPLACE FUNCTION review_open(
        wanted bigint[], in_corpus bigint, in_layer text, places jsonb, label_names text[], lock_reviews boolean
    )
    RETURNS TABLE (
        review_id bigint, article_id bigint, length integer, stage text, editor_id bigint, started_at timestamptz,
        labels jsonb, id bigint, start integer, "end" integer, label_id bigint, label text, state text,
        score double precision, pipeline_id bigint, pipeline text, pipeline_version text, revision integer
    ) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
        opened bigint[];
        asked jsonb;
    BEGIN
        IF lock_reviews THEN
            opened := ARRAY(
                SELECT r.id FROM review_review r
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND (SELECT a.withdrawn_at IS NULL FROM articles_article a WHERE a.id = r.article_id)
                ORDER BY r.article_id FOR UPDATE OF r
            );
        ELSE
            opened := ARRAY(
                SELECT r.id FROM review_review r
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND (SELECT a.withdrawn_at IS NULL FROM articles_article a WHERE a.id = r.article_id)
            );
        END IF;
        IF label_names <> '{}' THEN
            asked := (SELECT jsonb_object_agg(
                          l.name, jsonb_build_object('id', l.id, 'hidden', l.hidden_at IS NOT NULL)) FROM review_label l
                      WHERE l.corpus_id = in_corpus AND l.name = ANY(label_names));
        END IF;
        RETURN QUERY
        WITH place AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(places) AS (article bigint, span bigint, start integer, "end" integer)
        ), named AS MATERIALIZED (
            SELECT s.* FROM (SELECT DISTINCT span FROM place WHERE span IS NOT NULL) p
            CROSS JOIN LATERAL (SELECT * FROM review_span s WHERE s.id = p.span OFFSET 0) s
            WHERE s.article_id = ANY(wanted) AND s.layer = in_layer
        ), around AS (
            SELECT DISTINCT p.article, coalesce(p.start, n.start) AS start, coalesce(p."end", n."end") AS "end"
            FROM place p LEFT JOIN named n ON n.id = p.span AND n.article_id = p.article
            WHERE coalesce(p.start, n.start) IS NOT NULL AND coalesce(p."end", n."end") IS NOT NULL
        ), found AS (
            SELECT n.* FROM named n
            UNION
            SELECT s.* FROM around o CROSS JOIN LATERAL (
                SELECT * FROM review_span s
                WHERE s.article_id = o.article AND s.layer = in_layer AND s.start = o.start AND s."end" = o."end"
                OFFSET 0
            ) s
        )
        SELECT r.id, r.article_id, (SELECT a.length FROM articles_article a WHERE a.id = r.article_id), r.stage::text,
               r.editor_id, r.started_at, asked, s.id, s.start, s."end", s.label_id,
               (SELECT l.name::text FROM review_label l WHERE l.id = s.label_id), s.state::text, s.score,
               s.pipeline_id, p.name::text, p.version::text, s.revision
        FROM review_review r LEFT JOIN found s ON s.article_id = r.article_id
        LEFT JOIN LATERAL (SELECT * FROM suggestions_pipeline p WHERE p.id = s.pipeline_id OFFSET 0) p ON true
        WHERE r.id = ANY(opened) ORDER BY r.article_id, s.id;
    END $$;
"""
FORMER_OPEN = """
    CREATE OR REPLACE FUNCTION review_open(
        wanted bigint[], in_corpus bigint, in_layer text, places jsonb, label_names text[], lock_reviews boolean
    )
    RETURNS TABLE (
        review_id bigint, article_id bigint, length integer, stage text, editor_id bigint, started_at timestamptz,
        labels jsonb, id bigint, start integer, "end" integer, label_id bigint, label text, state text,
        score double precision, pipeline_id bigint, pipeline text, pipeline_version text, revision integer
    ) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
        opened bigint[];
        asked jsonb;
    BEGIN
        IF lock_reviews THEN
            opened := ARRAY(
                SELECT r.id FROM review_review r
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND (SELECT a.withdrawn_at IS NULL FROM articles_article a WHERE a.id = r.article_id)
                ORDER BY r.article_id FOR UPDATE OF r
            );
        ELSE
            opened := ARRAY(
                SELECT r.id FROM review_review r
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND (SELECT a.withdrawn_at IS NULL FROM articles_article a WHERE a.id = r.article_id)
            );
        END IF;
        IF label_names <> '{}' THEN
            asked := (SELECT jsonb_object_agg(l.name, l.id) FROM review_label l
                      WHERE l.corpus_id = in_corpus AND l.name = ANY(label_names));
        END IF;
        RETURN QUERY
        WITH place AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(places) AS (article bigint, span bigint, start integer, "end" integer)
        ), named AS MATERIALIZED (
            SELECT s.* FROM (SELECT DISTINCT span FROM place WHERE span IS NOT NULL) p
            CROSS JOIN LATERAL (SELECT * FROM review_span s WHERE s.id = p.span OFFSET 0) s
            WHERE s.article_id = ANY(wanted) AND s.layer = in_layer
        ), around AS (
            SELECT DISTINCT p.article, coalesce(p.start, n.start) AS start, coalesce(p."end", n."end") AS "end"
            FROM place p LEFT JOIN named n ON n.id = p.span AND n.article_id = p.article
            WHERE coalesce(p.start, n.start) IS NOT NULL AND coalesce(p."end", n."end") IS NOT NULL
        ), found AS (
            SELECT n.* FROM named n
            UNION
            SELECT s.* FROM around o CROSS JOIN LATERAL (
                SELECT * FROM review_span s
                WHERE s.article_id = o.article AND s.layer = in_layer AND s.start = o.start AND s."end" = o."end"
                OFFSET 0
            ) s
        )
        SELECT r.id, r.article_id, (SELECT a.length FROM articles_article a WHERE a.id = r.article_id), r.stage::text,
               r.editor_id, r.started_at, asked, s.id, s.start, s."end", s.label_id,
               (SELECT l.name::text FROM review_label l WHERE l.id = s.label_id), s.state::text, s.score,
               s.pipeline_id, p.name::text, p.version::text, s.revision
        FROM review_review r LEFT JOIN found s ON s.article_id = r.article_id
        LEFT JOIN LATERAL (SELECT * FROM suggestions_pipeline p WHERE p.id = s.pipeline_id OFFSET 0) p ON true
        WHERE r.id = ANY(opened) ORDER BY r.article_id, s.id;
    END $$;
"""


def _label() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        db_index=False,
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="review.label",
    )


class Migration(migrations.Migration):
    dependencies = [("review", "0006_possible_spans_taken")]
    operations = [
        migrations.AddField("decision", "merged_label", _label()),
        migrations.AddField("decision", "merged_into", _label()),
        migrations.AddField(
            "label",
            "examples",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="One a line: what to label begins with +, what not to label with -.",
            ),
        ),
        migrations.AddField("label", "hidden_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "label",
            "key",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Key in the workbench; empty for any free one.",
                max_length=1,
            ),
        ),
        migrations.AddField(
            "label",
            "merged_into",
            models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="review.label",
            ),
        ),
        migrations.AddField(
            "label",
            "suggester_names",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                db_default=[],
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.RunSQL(OPEN, FORMER_OPEN),
        migrations.AddConstraint(
            "label",
            models.UniqueConstraint(
                condition=Q(hidden_at=None) & ~Q(key=""), fields=["corpus", "key"], name="label_key_once_per_corpus"
            ),
        ),
        migrations.AddConstraint(
            "label",
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(hidden_at__isnull=False), name="label_merged_is_hidden"
            ),
        ),
    ]
