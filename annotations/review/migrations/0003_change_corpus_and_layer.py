"""Changes name their corpus and layer; other layers than `main` are allowed; what a change refers to is checked once a
statement; and a decision reads its articles under their locks in one call.

An import adds forty changes an article. A foreign key would look up each row that each of them names.
"""

import django.db.models.deletion
from django.db import migrations, models

# Read under the locks of the articles, so that each statement of the function sees what was committed before them.
#
# `places` are JSON objects of `article`, `span`, `start` and `end`. The spans that they name come back, with those of
# any label at their ranges; what a place leaves out of its range is taken from its span.
OPEN = """
    CREATE FUNCTION review_open(
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
            SELECT s.* FROM review_span s
            WHERE s.id = ANY(ARRAY(SELECT DISTINCT span FROM place WHERE span IS NOT NULL))
              AND s.article_id = ANY(wanted) AND s.layer = in_layer
        ), around AS (
            SELECT DISTINCT p.article, coalesce(p.start, n.start) AS start, coalesce(p."end", n."end") AS "end"
            FROM place p LEFT JOIN named n ON n.id = p.span AND n.article_id = p.article
            WHERE coalesce(p.start, n.start) IS NOT NULL AND coalesce(p."end", n."end") IS NOT NULL
        ), found AS (
            SELECT n.* FROM named n
            UNION
            SELECT s.* FROM around o JOIN review_span s
                ON s.article_id = o.article AND s.layer = in_layer AND s.start = o.start AND s."end" = o."end"
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
NO_OPEN = "DROP FUNCTION review_open;"
FILL = """
    ALTER TABLE review_change DISABLE TRIGGER change_append_only;
    UPDATE review_change c SET corpus_id = d.corpus_id FROM review_decision d WHERE d.id = c.decision_id;
    ALTER TABLE review_change ENABLE TRIGGER change_append_only;
"""
# The triggers on the other tables make up for what a foreign key does there: whoever deletes a row waits for whoever
# adds changes, and then sees them.
GUARDS = """
    CREATE FUNCTION review_check_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong text;
    BEGIN
        SELECT format('change %s of article %s', c.id, c.article_id) INTO wrong
        FROM (SELECT min(id) AS id, decision_id, article_id, corpus_id FROM added GROUP BY 2, 3, 4) c
        LEFT JOIN review_decision d ON d.id = c.decision_id AND d.corpus_id = c.corpus_id
        LEFT JOIN articles_article a ON a.id = c.article_id AND a.corpus_id = c.corpus_id
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
    CREATE TRIGGER change_names_what_exists AFTER INSERT ON review_change REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION review_check_changes();

    CREATE FUNCTION review_keep_what_changes_name() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        named boolean;
    BEGIN
        LOCK TABLE review_change IN SHARE ROW EXCLUSIVE MODE;
        EXECUTE format('SELECT EXISTS (SELECT FROM review_change WHERE $1 IN (%s))', TG_ARGV[0]) INTO named USING OLD.id;
        IF named THEN
            RAISE EXCEPTION '% % is named by the log of decisions, and stays', TG_TABLE_NAME, OLD.id
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER article_named_by_changes_stays AFTER DELETE OR UPDATE OF id ON articles_article
        FOR EACH ROW EXECUTE FUNCTION review_keep_what_changes_name('article_id');
    CREATE TRIGGER label_named_by_changes_stays AFTER DELETE OR UPDATE OF id, corpus_id ON review_label
        FOR EACH ROW EXECUTE FUNCTION review_keep_what_changes_name('before_label_id, after_label_id');
    CREATE TRIGGER pipeline_named_by_changes_stays AFTER DELETE OR UPDATE OF id ON suggestions_pipeline
        FOR EACH ROW EXECUTE FUNCTION review_keep_what_changes_name('before_pipeline_id, after_pipeline_id');
"""
NO_GUARDS = """
    DROP TRIGGER pipeline_named_by_changes_stays ON suggestions_pipeline;
    DROP TRIGGER label_named_by_changes_stays ON review_label;
    DROP TRIGGER article_named_by_changes_stays ON articles_article;
    DROP FUNCTION review_keep_what_changes_name();
    DROP TRIGGER change_names_what_exists ON review_change;
    DROP FUNCTION review_check_changes();
"""
_WEIGH = """
    CREATE OR REPLACE FUNCTION review_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN{skip}
        UPDATE review_review r SET expected_actions = weighed.actions, uncertainty = weighed.uncertainty
        FROM (
            SELECT touched.article_id, touched.layer,
                   1 + sum(1.25 * (1 - coalesce(s.score, 0.75)) + 0.14) FILTER (WHERE s.id IS NOT NULL) AS actions,
                   avg(1 - 2 * abs(coalesce(s.score, 0.75) - 0.5)) FILTER (WHERE s.id IS NOT NULL) AS uncertainty
            FROM (SELECT DISTINCT article_id, layer FROM changed{of_suggestions}) touched
            LEFT JOIN review_span s
                ON s.article_id = touched.article_id AND s.layer = touched.layer AND s.state = 'suggested'
            GROUP BY touched.article_id, touched.layer
        ) weighed
        WHERE r.article_id = weighed.article_id AND r.layer = weighed.layer
          AND (r.expected_actions, r.uncertainty) IS DISTINCT FROM (weighed.actions, weighed.uncertainty);
        RETURN NULL;
    END $$;
"""
# Most statements change no suggestion. An update changes one where the span was one before or is one now, and only the
# new rows are seen by the trigger of an update: it gets the former ones, too.
WEIGH = (
    _WEIGH.format(
        skip="""
        IF TG_OP = 'UPDATE' THEN
            IF NOT EXISTS (SELECT FROM changed WHERE state = 'suggested'
                           UNION ALL SELECT FROM former WHERE state = 'suggested') THEN
                RETURN NULL;
            END IF;
        ELSIF NOT EXISTS (SELECT FROM changed WHERE state = 'suggested') THEN
            RETURN NULL;
        END IF;""",
        of_suggestions="",
    )
    + """
    DROP TRIGGER span_weighed_updated ON review_span;
    CREATE TRIGGER span_weighed_updated AFTER UPDATE ON review_span
        REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION review_weigh();
"""
)
NO_WEIGH = (
    _WEIGH.format(skip="", of_suggestions="")
    + """
    DROP TRIGGER span_weighed_updated ON review_span;
    CREATE TRIGGER span_weighed_updated AFTER UPDATE ON review_span REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION review_weigh();
"""
)


def _unchecked(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, **options
    )


class Migration(migrations.Migration):
    dependencies = [("review", "0002_squashed_guards"), ("articles", "0002_squashed_guards")]

    operations = [
        migrations.AddField("change", "corpus", _unchecked("articles.corpus", db_index=False, null=True)),
        migrations.AddField(
            "change", "layer", models.CharField(db_default="main", default="main", editable=False, max_length=32)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("change", "corpus", _unchecked("articles.corpus", db_index=False)),
        migrations.AlterField(
            "change",
            "decision",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="review.decision",
            ),
        ),
        migrations.AlterField(
            "change",
            "article",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="articles.article",
            ),
        ),
        *(
            migrations.AlterField("change", f"{side}_{name}", _unchecked(to, db_index=False, null=True))
            for side in ("before", "after")
            for name, to in (("label", "review.label"), ("pipeline", "suggestions.pipeline"))
        ),
        migrations.RemoveConstraint("span", "span_layer_known"),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunSQL(WEIGH, NO_WEIGH),
        migrations.RunSQL(OPEN, NO_OPEN),
    ]
