"""Look up full names by a surname with an initial, and acronyms apart from the initials of other names."""

from typing import Any

from django.db import migrations

from annotations.linkers.names import lookup_keys
from corpusapp.core.migrating import in_batches

_BATCH = 5000
_READ = """
    SELECT a.id, a.corpus_id, a.name, coalesce(label.suggester_names[1], label.name)
    FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id JOIN review_label label ON label.id = e.label_id
    WHERE a.id > %s ORDER BY a.id LIMIT %s
"""
# The kinds of keys that changed.
_REMOVE = "DELETE FROM entities_aliaskey WHERE alias_id = ANY (%s::bigint[]) AND left(key, 1) IN ('&', '^')"
_STORE = """
    INSERT INTO entities_aliaskey (corpus_id, alias_id, key)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) ON CONFLICT DO NOTHING
"""


def renew(apps: Any, schema_editor: Any) -> None:
    in_batches(schema_editor, _renew_some)


def _renew_some(cursor: Any, last: int) -> tuple[int, int]:
    cursor.execute(_READ, [last, _BATCH])
    rows = cursor.fetchall()
    keys = [
        (corpus, alias, key)
        for alias, corpus, name, label in rows
        for key in lookup_keys(name, label)
        if key[:1] in "&%^!"
    ]
    if rows:
        cursor.execute(_REMOVE, [[row[0] for row in rows]])
    if keys:
        cursor.execute(_STORE, [list(column) for column in zip(*keys, strict=True)])
    return (rows[-1][0] if rows else last), len(rows)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("entities", "0002_guards")]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop, elidable=True)]
