"""Functions of the database look rows up by index, whatever the statistics said when a connection planned them.

Connections keep the plan of a function's statement. One that was made while a table was small read the whole table
later: all spans, articles and decisions for each decision. A scalar subquery, and one with OFFSET 0, is executed for
each row. Rows are looked up by id alone: with the corpus, too, the index of the corpus may seem as good.
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
CHECK_CHANGES = """
    CREATE OR REPLACE FUNCTION review_check_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong text;
    BEGIN
        SELECT format('change %s of article %s', c.id, c.article_id) INTO wrong
        FROM (SELECT min(id) AS id, decision_id, article_id, corpus_id FROM added GROUP BY 2, 3, 4) c
        WHERE (SELECT d.corpus_id FROM review_decision d WHERE d.id = c.decision_id) IS DISTINCT FROM c.corpus_id
           OR (SELECT a.corpus_id FROM articles_article a WHERE a.id = c.article_id) IS DISTINCT FROM c.corpus_id
        LIMIT 1;
        IF wrong IS NULL THEN
            SELECT format('change %s of article %s', c.id, c.article_id) INTO wrong
            FROM (SELECT min(id) AS id, min(article_id) AS article_id, corpus_id, before_label_id, after_label_id,
                         before_pipeline_id, after_pipeline_id
                  FROM added GROUP BY 3, 4, 5, 6, 7) c
            WHERE c.before_label_id IS NOT NULL AND c.corpus_id IS DISTINCT FROM
                      (SELECT l.corpus_id FROM review_label l WHERE l.id = c.before_label_id)
               OR c.after_label_id IS NOT NULL AND c.corpus_id IS DISTINCT FROM
                      (SELECT l.corpus_id FROM review_label l WHERE l.id = c.after_label_id)
               OR c.before_pipeline_id IS NOT NULL
                  AND NOT EXISTS (SELECT FROM suggestions_pipeline p WHERE p.id = c.before_pipeline_id)
               OR c.after_pipeline_id IS NOT NULL
                  AND NOT EXISTS (SELECT FROM suggestions_pipeline p WHERE p.id = c.after_pipeline_id)
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
