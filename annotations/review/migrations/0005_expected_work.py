"""What an article will cost its editor, and how unsure its suggestions are, kept in step with its spans.

Spans are written by COPY, by arrays and row by row: the database itself weighs the articles of each statement once, so
that lists of any size are ordered by an index. A suggestion of probability p that is left as it stands costs nothing of
its own, for all that is right is confirmed by one action. One that is wrong costs 1.25 actions (reject and relabel cost
one, move two), and for every suggestion 0.07 spans are missing, of two actions each: both as measured on reviewed wire
news. Where a suggester gives no score, 0.75 stands for it.
"""

from django.db import migrations, models
from django.db.models import Q

WEIGH = """
    CREATE FUNCTION review_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE review_review r SET expected_actions = weighed.actions, uncertainty = weighed.uncertainty
        FROM (
            SELECT touched.article_id, touched.layer,
                   1 + sum(1.25 * (1 - coalesce(s.score, 0.75)) + 0.14) FILTER (WHERE s.id IS NOT NULL) AS actions,
                   avg(1 - 2 * abs(coalesce(s.score, 0.75) - 0.5)) FILTER (WHERE s.id IS NOT NULL) AS uncertainty
            FROM (SELECT DISTINCT article_id, layer FROM changed) touched
            LEFT JOIN review_span s
                ON s.article_id = touched.article_id AND s.layer = touched.layer AND s.state = 'suggested'
            GROUP BY touched.article_id, touched.layer
        ) weighed
        WHERE r.article_id = weighed.article_id AND r.layer = weighed.layer
          AND (r.expected_actions, r.uncertainty) IS DISTINCT FROM (weighed.actions, weighed.uncertainty);
        RETURN NULL;
    END $$;
    CREATE TRIGGER span_weighed_inserted AFTER INSERT ON review_span REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION review_weigh();
    CREATE TRIGGER span_weighed_updated AFTER UPDATE ON review_span REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION review_weigh();
    CREATE TRIGGER span_weighed_deleted AFTER DELETE ON review_span REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION review_weigh();
"""
NO_LONGER = """
    DROP TRIGGER span_weighed_deleted ON review_span;
    DROP TRIGGER span_weighed_updated ON review_span;
    DROP TRIGGER span_weighed_inserted ON review_span;
    DROP FUNCTION review_weigh();
"""
WEIGH_WHAT_STANDS = """
    UPDATE review_review r SET expected_actions = weighed.actions, uncertainty = weighed.uncertainty
    FROM (
        SELECT article_id, layer, 1 + sum(1.25 * (1 - coalesce(score, 0.75)) + 0.14) AS actions,
               avg(1 - 2 * abs(coalesce(score, 0.75) - 0.5)) AS uncertainty
        FROM review_span WHERE state = 'suggested' GROUP BY article_id, layer
    ) weighed
    WHERE r.article_id = weighed.article_id AND r.layer = weighed.layer
"""
_TO_DECIDE = Q(stage__in=["suggested", "in_review"])


class Migration(migrations.Migration):
    dependencies = [("review", "0004_comments")]
    operations = [
        migrations.AddField("review", "expected_actions", models.FloatField(editable=False, null=True)),
        migrations.AddField("review", "uncertainty", models.FloatField(editable=False, null=True)),
        migrations.RunSQL(WEIGH, NO_LONGER),
        migrations.RunSQL(WEIGH_WHAT_STANDS, migrations.RunSQL.noop),
        migrations.AddIndex(
            "review",
            models.Index(
                fields=["corpus", "expected_actions", "-article"], condition=_TO_DECIDE, name="review_by_work"
            ),
        ),
        migrations.AddIndex(
            "review",
            models.Index(
                fields=["corpus", "-uncertainty", "-article"], condition=_TO_DECIDE, name="review_by_uncertainty"
            ),
        ),
    ]
