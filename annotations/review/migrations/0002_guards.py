"""What Django's constraints cannot say: keys over several columns, and a log that is only added to."""

from django.db import migrations

GUARDS = [
    (
        """
        ALTER TABLE review_span ADD CONSTRAINT span_of_article
            FOREIGN KEY (article_id, corpus_id, article_length)
            REFERENCES articles_article (id, corpus_id, length) DEFERRABLE;
        ALTER TABLE review_span ADD CONSTRAINT span_label_of_same_corpus
            FOREIGN KEY (label_id, corpus_id) REFERENCES review_label (id, corpus_id) DEFERRABLE;
        ALTER TABLE review_review ADD CONSTRAINT review_of_article
            FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
        ALTER TABLE review_decision ADD CONSTRAINT decision_article_of_same_corpus
            FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
        """,
        """
        ALTER TABLE review_decision DROP CONSTRAINT decision_article_of_same_corpus;
        ALTER TABLE review_review DROP CONSTRAINT review_of_article;
        ALTER TABLE review_span DROP CONSTRAINT span_label_of_same_corpus;
        ALTER TABLE review_span DROP CONSTRAINT span_of_article;
        """,
    ),
    (
        """
        CREATE FUNCTION review_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the log of decisions is only added to: % refused', TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON review_decision
            FOR EACH STATEMENT EXECUTE FUNCTION review_refuse_rewriting();
        CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON review_change
            FOR EACH STATEMENT EXECUTE FUNCTION review_refuse_rewriting();
        """,
        """
        DROP TRIGGER change_append_only ON review_change;
        DROP TRIGGER decision_append_only ON review_decision;
        DROP FUNCTION review_refuse_rewriting();
        """,
    ),
]


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial"), ("articles", "0002_guards")]
    operations = [migrations.RunSQL(forwards, backwards) for forwards, backwards in GUARDS]
