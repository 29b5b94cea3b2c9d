"""Functions of the database look rows up by index, whatever the statistics said when a connection planned them.

Connections keep the plan of a function's statement. One that was made while a table was small read the whole table
later: all spans of all articles for each decision. A subquery with OFFSET 0 is planned by itself, once for each row.
"""

from django.db import migrations

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
                SELECT r.id FROM review_review r JOIN articles_article a ON a.id = r.article_id
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND a.withdrawn_at IS NULL
                ORDER BY r.article_id FOR UPDATE OF r
            );
        ELSE
            opened := ARRAY(
                SELECT r.id FROM review_review r JOIN articles_article a ON a.id = r.article_id
                WHERE r.article_id = ANY(wanted) AND r.corpus_id = in_corpus AND r.layer = in_layer
                  AND a.withdrawn_at IS NULL
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
        SELECT r.id, r.article_id, a.length, r.stage::text, r.editor_id, r.started_at, asked, s.id, s.start, s."end",
               s.label_id, l.name::text, s.state::text, s.score, s.pipeline_id, p.name::text, p.version::text,
               s.revision
        FROM review_review r JOIN articles_article a ON a.id = r.article_id
        LEFT JOIN found s ON s.article_id = r.article_id
        LEFT JOIN review_label l ON l.id = s.label_id
        LEFT JOIN suggestions_pipeline p ON p.id = s.pipeline_id
        WHERE r.id = ANY(opened) ORDER BY r.article_id, s.id;
    END $$;
"""
CHECK_CHANGES = """
    CREATE OR REPLACE FUNCTION review_check_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong text;
    BEGIN
        SELECT format('change %s of article %s', c.id, c.article_id) INTO wrong
        FROM (SELECT min(id) AS id, decision_id, article_id, corpus_id FROM added GROUP BY 2, 3, 4) c
        LEFT JOIN LATERAL (
            SELECT d.id FROM review_decision d WHERE d.id = c.decision_id AND d.corpus_id = c.corpus_id OFFSET 0
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT a.id FROM articles_article a WHERE a.id = c.article_id AND a.corpus_id = c.corpus_id OFFSET 0
        ) a ON true
        WHERE d.id IS NULL OR a.id IS NULL LIMIT 1;
        IF wrong IS NULL THEN
            SELECT format('change %s of article %s', c.id, c.article_id) INTO wrong
            FROM (SELECT min(id) AS id, min(article_id) AS article_id, corpus_id, before_label_id, after_label_id,
                         before_pipeline_id, after_pipeline_id
                  FROM added GROUP BY 3, 4, 5, 6, 7) c
            LEFT JOIN review_label bl ON bl.id = c.before_label_id AND bl.corpus_id = c.corpus_id
            LEFT JOIN review_label al ON al.id = c.after_label_id AND al.corpus_id = c.corpus_id
            LEFT JOIN suggestions_pipeline bp ON bp.id = c.before_pipeline_id
            LEFT JOIN suggestions_pipeline ap ON ap.id = c.after_pipeline_id
            WHERE bl.id IS NULL AND c.before_label_id IS NOT NULL OR al.id IS NULL AND c.after_label_id IS NOT NULL
               OR bp.id IS NULL AND c.before_pipeline_id IS NOT NULL OR ap.id IS NULL AND c.after_pipeline_id IS NOT NULL
            LIMIT 1;
        END IF;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION '% names a decision, an article, a label or a pipeline that its corpus does not have', wrong
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
"""
WEIGH = """
    CREATE OR REPLACE FUNCTION review_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NOT EXISTS (SELECT FROM changed WHERE state = 'suggested'
                           UNION ALL SELECT FROM former WHERE state = 'suggested') THEN
                RETURN NULL;
            END IF;
        ELSIF NOT EXISTS (SELECT FROM changed WHERE state = 'suggested') THEN
            RETURN NULL;
        END IF;
        UPDATE review_review r SET expected_actions = weighed.actions, uncertainty = weighed.uncertainty
        FROM (SELECT DISTINCT article_id, layer FROM changed) touched
        CROSS JOIN LATERAL (
            SELECT 1 + sum(1.25 * (1 - coalesce(s.score, 0.75)) + 0.14) AS actions,
                   avg(1 - 2 * abs(coalesce(s.score, 0.75) - 0.5)) AS uncertainty
            FROM review_span s
            WHERE s.article_id = touched.article_id AND s.layer = touched.layer AND s.state = 'suggested'
        ) weighed
        WHERE r.article_id = touched.article_id AND r.layer = touched.layer
          AND (r.expected_actions, r.uncertainty) IS DISTINCT FROM (weighed.actions, weighed.uncertainty);
        RETURN NULL;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0004_span_guards")]

    # The former functions did the same.
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (OPEN, CHECK_CHANGES, WEIGH)]
