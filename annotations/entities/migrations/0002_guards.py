"""What Django's constraints cannot say: keys over several columns, a log that is only added to, counts and spans."""

from django.db import migrations

_KEYS = [
    ("entities_entity", "entity_label_of_same_corpus", "label_id", "review_label"),
    ("entities_entity", "entity_merged_in_same_corpus", "merged_into_id", "entities_entity"),
    ("entities_identifier", "identifier_of_same_corpus", "entity_id", "entities_entity"),
    ("entities_alias", "alias_of_same_corpus", "entity_id", "entities_entity"),
    ("entities_link", "link_entity_of_same_corpus", "entity_id", "entities_entity"),
    ("entities_distinct", "distinct_first_of_same_corpus", "first_id", "entities_entity"),
    ("entities_distinct", "distinct_second_of_same_corpus", "second_id", "entities_entity"),
    ("entities_possibleduplicate", "duplicate_first_of_same_corpus", "first_id", "entities_entity"),
    ("entities_possibleduplicate", "duplicate_second_of_same_corpus", "second_id", "entities_entity"),
]
KEYS = ";".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, corpus_id) REFERENCES {target} (id, corpus_id) "
    "DEFERRABLE"
    for table, name, column, target in _KEYS
)
NO_KEYS = ";".join(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, *_ in reversed(_KEYS))
# Links are written by arrays and in bulk, so each statement checks and counts its rows once.
_DELTA = """
    WITH delta AS MATERIALIZED (
        SELECT entity_id, alias_id, week, sum(n) AS n, sum(n * (state = 'confirmed')::int) AS confirmed
        FROM ({rows}) changed WHERE state <> 'rejected' AND live GROUP BY entity_id, alias_id, week
    ),
    of_entities AS (
        UPDATE entities_entity e SET mentions = e.mentions + d.n, confirmed = e.confirmed + d.confirmed
        FROM (
            SELECT entity_id, sum(n) AS n, sum(confirmed) AS confirmed FROM delta GROUP BY entity_id
        ) d
        WHERE e.id = d.entity_id AND (d.n <> 0 OR d.confirmed <> 0)
    ),
    of_aliases AS (
        UPDATE entities_alias a SET mentions = a.mentions + d.n
        FROM (SELECT alias_id, sum(n) AS n FROM delta GROUP BY alias_id) d WHERE a.id = d.alias_id AND d.n <> 0
    )
    INSERT INTO entities_entityweek (entity_id, week, mentions)
    SELECT entity_id, week, sum(n) FROM delta GROUP BY entity_id, week HAVING sum(n) <> 0
    ON CONFLICT (entity_id, week) DO UPDATE SET mentions = entities_entityweek.mentions + excluded.mentions;
"""
_NEW = "SELECT entity_id, alias_id, week, state, live, 1 AS n FROM new_links"
_OLD = "SELECT entity_id, alias_id, week, state, live, -1 AS n FROM old_links"
_LINKED = """
    DELETE FROM entities_unlinked u USING new_links l WHERE u.span_id = l.span_id AND l.state <> 'rejected';
"""
_SPANS_OF_ARTICLES = """
    IF EXISTS (
        SELECT FROM new_links l LEFT JOIN review_span s
            ON s.id = l.span_id AND s.article_id = l.article_id AND s.corpus_id = l.corpus_id
        WHERE l.span_id IS NOT NULL AND s.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a link names a span that is not in its article and corpus'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'link_span_of_same_article';
    END IF;
"""


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;"


LINKS = f"""
    {_function("entities_links_added", _SPANS_OF_ARTICLES + _LINKED + _DELTA.format(rows=_NEW))}
    {_function("entities_links_changed", _SPANS_OF_ARTICLES + _LINKED + _DELTA.format(rows=f"{_NEW} UNION ALL {_OLD}"))}
    {_function("entities_links_removed", _DELTA.format(rows=_OLD))}
    CREATE TRIGGER links_added AFTER INSERT ON entities_link REFERENCING NEW TABLE AS new_links
        FOR EACH STATEMENT EXECUTE FUNCTION entities_links_added();
    CREATE TRIGGER links_changed AFTER UPDATE ON entities_link
        REFERENCING NEW TABLE AS new_links OLD TABLE AS old_links
        FOR EACH STATEMENT EXECUTE FUNCTION entities_links_changed();
    CREATE TRIGGER links_removed AFTER DELETE ON entities_link REFERENCING OLD TABLE AS old_links
        FOR EACH STATEMENT EXECUTE FUNCTION entities_links_removed();
"""
NO_LINKS = """
    DROP TRIGGER links_removed ON entities_link;
    DROP TRIGGER links_changed ON entities_link;
    DROP TRIGGER links_added ON entities_link;
    DROP FUNCTION entities_links_removed();
    DROP FUNCTION entities_links_changed();
    DROP FUNCTION entities_links_added();
"""
# A rejected link is a decision: where a suggestion went, it says what a later one at the same place is not.
SPANS = f"""
    {
    _function(
        "entities_spans_removed",
        '''
        IF NOT EXISTS (SELECT FROM entities_link WHERE span_id IN (SELECT id FROM gone)) THEN
            DELETE FROM entities_unlinked WHERE span_id IN (SELECT id FROM gone);
            RETURN NULL;
        END IF;
        -- As `Lock.REGISTRY`: entities are counted in any order under it.
        PERFORM pg_advisory_xact_lock(hashtext('registry'), (corpus_id % 2147483648)::int)
        FROM (SELECT DISTINCT corpus_id FROM gone ORDER BY corpus_id) corpora;
        UPDATE entities_link l SET span_id = NULL, start = g.start, "end" = g."end" FROM gone g
        WHERE l.span_id = g.id AND l.state = 'rejected';
        DELETE FROM entities_link WHERE span_id IN (SELECT id FROM gone);
        DELETE FROM entities_unlinked WHERE span_id IN (SELECT id FROM gone);
        ''',
    )
}
    CREATE TRIGGER span_links_removed AFTER DELETE ON review_span REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION entities_spans_removed();
"""
NO_SPANS = """
    DROP TRIGGER span_links_removed ON review_span;
    DROP FUNCTION entities_spans_removed();
"""
# What was said of the entities of a corpus that is erased goes too.
LOG = """
    CREATE FUNCTION entities_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND EXISTS (
            SELECT FROM articles_corpus WHERE id = OLD.corpus_id AND erased_at IS NOT NULL
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the log of decisions is only added to: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER entity_change_append_only BEFORE UPDATE OR DELETE ON entities_entitychange
        FOR EACH ROW EXECUTE FUNCTION entities_refuse_rewriting();
    CREATE TRIGGER link_change_append_only BEFORE UPDATE OR DELETE ON entities_linkchange
        FOR EACH STATEMENT EXECUTE FUNCTION review_refuse_rewriting();
"""
NO_LOG = """
    DROP TRIGGER link_change_append_only ON entities_linkchange;
    DROP TRIGGER entity_change_append_only ON entities_entitychange;
    DROP FUNCTION entities_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("entities", "0001_tables")]
    operations = [
        migrations.RunSQL(KEYS, NO_KEYS),
        migrations.RunSQL(LINKS, NO_LINKS),
        migrations.RunSQL(SPANS, NO_SPANS),
        migrations.RunSQL(LOG, NO_LOG),
    ]
