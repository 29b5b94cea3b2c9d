"""What Django's constraints cannot say: keys over several columns, a log that is only added to, and expected work.

The expected work of an article and the uncertainty of its suggestions are kept in step with its spans. Spans are written
by COPY, by arrays and row by row, so the database itself computes both, once for the articles of each statement, and
lists of any size are ordered by an index.
"""

from django.db import migrations

# Both measured on reviewed wire news. Confirming all that is right takes one decision, however much it is.
DECISIONS_OF_A_WRONG_SUGGESTION = 1.25  # Reject and relabel take one, a move takes two.
DECISIONS_OF_MISSING_SPANS = 0.14  # For each suggestion: 0.07 spans are missing, of two decisions each.
# Stands for the score of a suggester that gives none.
ASSUMED_SCORE = 0.75

KEYS = """
    ALTER TABLE review_span ADD CONSTRAINT span_of_article
        FOREIGN KEY (article_id, corpus_id, article_length)
        REFERENCES articles_article (id, corpus_id, length) DEFERRABLE;
    ALTER TABLE review_span ADD CONSTRAINT span_label_of_same_corpus
        FOREIGN KEY (label_id, corpus_id) REFERENCES review_label (id, corpus_id) DEFERRABLE;
    ALTER TABLE review_review ADD CONSTRAINT review_of_article
        FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
    ALTER TABLE review_decision ADD CONSTRAINT decision_article_of_same_corpus
        FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
    ALTER TABLE review_comment ADD CONSTRAINT comment_of_article
        FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
"""
NO_KEYS = """
    ALTER TABLE review_comment DROP CONSTRAINT comment_of_article;
    ALTER TABLE review_decision DROP CONSTRAINT decision_article_of_same_corpus;
    ALTER TABLE review_review DROP CONSTRAINT review_of_article;
    ALTER TABLE review_span DROP CONSTRAINT span_label_of_same_corpus;
    ALTER TABLE review_span DROP CONSTRAINT span_of_article;
"""
LOG = """
    CREATE FUNCTION review_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the log of decisions is only added to: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON review_decision
        FOR EACH STATEMENT EXECUTE FUNCTION review_refuse_rewriting();
    CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON review_change
        FOR EACH STATEMENT EXECUTE FUNCTION review_refuse_rewriting();
"""
NO_LOG = """
    DROP TRIGGER change_append_only ON review_change;
    DROP TRIGGER decision_append_only ON review_decision;
    DROP FUNCTION review_refuse_rewriting();
"""
_SCORE = f"coalesce(s.score, {ASSUMED_SCORE})"
_DECISIONS = f"{DECISIONS_OF_A_WRONG_SUGGESTION} * (1 - {_SCORE}) + {DECISIONS_OF_MISSING_SPANS}"
EXPECTED_WORK = f"""
    CREATE FUNCTION review_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE review_review r SET expected_actions = weighed.actions, uncertainty = weighed.uncertainty
        FROM (
            SELECT touched.article_id, touched.layer,
                   1 + sum({_DECISIONS}) FILTER (WHERE s.id IS NOT NULL) AS actions,
                   avg(1 - 2 * abs({_SCORE} - 0.5)) FILTER (WHERE s.id IS NOT NULL) AS uncertainty
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
NO_EXPECTED_WORK = """
    DROP TRIGGER span_weighed_deleted ON review_span;
    DROP TRIGGER span_weighed_updated ON review_span;
    DROP TRIGGER span_weighed_inserted ON review_span;
    DROP FUNCTION review_weigh();
"""


class Migration(migrations.Migration):
    replaces = [("review", "0002_guards"), ("review", "0004_comments"), ("review", "0005_expected_work")]
    dependencies = [("review", "0001_squashed_tables"), ("articles", "0002_squashed_guards")]
    operations = [
        migrations.RunSQL(KEYS, NO_KEYS),
        migrations.RunSQL(LOG, NO_LOG),
        migrations.RunSQL(EXPECTED_WORK, NO_EXPECTED_WORK),
    ]
