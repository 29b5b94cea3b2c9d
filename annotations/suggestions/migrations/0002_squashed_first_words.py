"""Look up names such as A股 by the letters before their first character of a script without spaces."""

from typing import Any

from django.db import migrations

from corpusapp.core.migrating import in_batches
from corpusapp.text.scripts import UNSPACED_CHARACTER

_BATCH = 20_000
_READ = "SELECT id, first_word FROM suggestions_namecount WHERE id > %s ORDER BY id LIMIT %s"
_WRITE = """
    UPDATE suggestions_namecount SET first_word = changed.first_word
    FROM unnest(%s::bigint[], %s::text[]) AS changed (id, first_word) WHERE suggestions_namecount.id = changed.id
"""


def shorten(apps: Any, schema_editor: Any) -> None:
    in_batches(schema_editor, _shorten_some)


def _shorten_some(cursor: Any, last: int) -> tuple[int, int]:
    cursor.execute(_READ, [last, _BATCH])
    rows = cursor.fetchall()
    found = {pk: UNSPACED_CHARACTER.split(word, maxsplit=1)[0] for pk, word in rows}
    changed = {pk: found[pk] for pk, word in rows if found[pk] not in ("", word)}
    if changed:
        cursor.execute(_WRITE, [list(changed), list(changed.values())])
    return (rows[-1][0] if rows else last), len(rows)


class Migration(migrations.Migration):
    atomic = False
    replaces = [("suggestions", "0008_first_words")]
    dependencies = [("suggestions", "0001_squashed_tables")]

    operations = [migrations.RunPython(shorten, migrations.RunPython.noop, elidable=True)]
