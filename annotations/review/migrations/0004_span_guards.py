"""Check the articles and labels of new spans once a statement: an import adds forty spans an article."""

from django.db import migrations

# As foreign keys do, these lock what a span names, so that none of it is deleted meanwhile. Each subquery with a lock
# is an index scan for each row, whatever the statistics say.
GUARDS = """
    CREATE FUNCTION review_check_new_spans() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        stray record;
    BEGIN
        SELECT written.* INTO stray FROM (SELECT DISTINCT article_id, corpus_id, article_length FROM added) written
        LEFT JOIN LATERAL (
            SELECT a.id FROM articles_article a
            WHERE a.id = written.article_id AND a.corpus_id = written.corpus_id AND a.length = written.article_length
            FOR KEY SHARE
        ) found ON true
        WHERE found.id IS NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'span_of_article: article % of corpus %, with % code points, is not there',
                stray.article_id, stray.corpus_id, stray.article_length
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_of_article';
        END IF;
        SELECT written.* INTO stray FROM (SELECT DISTINCT label_id, corpus_id FROM added) written
        LEFT JOIN LATERAL (
            SELECT l.id FROM review_label l WHERE l.id = written.label_id AND l.corpus_id = written.corpus_id
            FOR KEY SHARE
        ) found ON true
        WHERE found.id IS NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'span_label_of_same_corpus: label % of corpus % is not there', stray.label_id,
                stray.corpus_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_label_of_same_corpus';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER span_names_what_exists AFTER INSERT ON review_span REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION review_check_new_spans();

    CREATE FUNCTION review_check_changed_span() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM articles_article a
            WHERE a.id = NEW.article_id AND a.corpus_id = NEW.corpus_id AND a.length = NEW.article_length
            FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'span_of_article: article % of corpus %, with % code points, is not there',
                NEW.article_id, NEW.corpus_id, NEW.article_length
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_of_article';
        END IF;
        PERFORM FROM review_label l WHERE l.id = NEW.label_id AND l.corpus_id = NEW.corpus_id FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'span_label_of_same_corpus: label % of corpus % is not there', NEW.label_id, NEW.corpus_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_label_of_same_corpus';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER span_names_what_exists_still AFTER UPDATE ON review_span FOR EACH ROW
        WHEN ((OLD.article_id, OLD.corpus_id, OLD.article_length, OLD.label_id)
              IS DISTINCT FROM (NEW.article_id, NEW.corpus_id, NEW.article_length, NEW.label_id))
        EXECUTE FUNCTION review_check_changed_span();

    CREATE FUNCTION review_keep_article_of_spans() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM review_span s WHERE s.article_id = OLD.id AND s.corpus_id = OLD.corpus_id
                   AND s.article_length = OLD.length) THEN
            RAISE EXCEPTION 'span_of_article: article % has spans', OLD.id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_of_article';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER article_of_spans_stays AFTER DELETE ON articles_article
        FOR EACH ROW EXECUTE FUNCTION review_keep_article_of_spans();
    CREATE TRIGGER article_of_spans_stays_the_same AFTER UPDATE OF id, corpus_id, text ON articles_article
        FOR EACH ROW WHEN ((OLD.id, OLD.corpus_id, OLD.length) IS DISTINCT FROM (NEW.id, NEW.corpus_id, NEW.length))
        EXECUTE FUNCTION review_keep_article_of_spans();

    CREATE FUNCTION review_keep_label_of_spans() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM review_span s WHERE s.corpus_id = OLD.corpus_id AND s.label_id = OLD.id) THEN
            RAISE EXCEPTION 'span_label_of_same_corpus: label % has spans', OLD.id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'span_label_of_same_corpus';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER label_of_spans_stays AFTER DELETE ON review_label
        FOR EACH ROW EXECUTE FUNCTION review_keep_label_of_spans();
    CREATE TRIGGER label_of_spans_stays_the_same AFTER UPDATE OF id, corpus_id ON review_label
        FOR EACH ROW WHEN ((OLD.id, OLD.corpus_id) IS DISTINCT FROM (NEW.id, NEW.corpus_id))
        EXECUTE FUNCTION review_keep_label_of_spans();

    ALTER TABLE review_span DROP CONSTRAINT span_label_of_same_corpus;
    ALTER TABLE review_span DROP CONSTRAINT span_of_article;
"""
KEYS = """
    ALTER TABLE review_span ADD CONSTRAINT span_of_article
        FOREIGN KEY (article_id, corpus_id, article_length)
        REFERENCES articles_article (id, corpus_id, length) DEFERRABLE;
    ALTER TABLE review_span ADD CONSTRAINT span_label_of_same_corpus
        FOREIGN KEY (label_id, corpus_id) REFERENCES review_label (id, corpus_id) DEFERRABLE;
    DROP TRIGGER label_of_spans_stays_the_same ON review_label;
    DROP TRIGGER label_of_spans_stays ON review_label;
    DROP FUNCTION review_keep_label_of_spans();
    DROP TRIGGER article_of_spans_stays_the_same ON articles_article;
    DROP TRIGGER article_of_spans_stays ON articles_article;
    DROP FUNCTION review_keep_article_of_spans();
    DROP TRIGGER span_names_what_exists_still ON review_span;
    DROP FUNCTION review_check_changed_span();
    DROP TRIGGER span_names_what_exists ON review_span;
    DROP FUNCTION review_check_new_spans();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0003_change_corpus_and_layer")]
    operations = [migrations.RunSQL(GUARDS, KEYS)]
